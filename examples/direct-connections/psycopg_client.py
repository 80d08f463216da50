"""One user's work in one transaction, with psycopg 3."""

import contextlib
import os

import psycopg


@contextlib.contextmanager
def signed_in(connection, access_token):
    """Policies see the user of this token until the block ends. A token that is not valid raises
    psycopg.errors.InvalidAuthorizationSpecification."""
    with connection.transaction():
        connection.execute("select workos_authenticate(%s)", [access_token])
        yield connection


if __name__ == "__main__":
    with psycopg.connect() as connection:
        with signed_in(connection, os.environ["ACCESS_TOKEN"]):
            print(connection.execute("select workos_user_id(), workos_org_id()").fetchone())
        print(connection.execute("select workos_user_id()").fetchone())
        try:
            with signed_in(connection, os.environ["ACCESS_TOKEN"] + "x"):
                print("never printed")
        except psycopg.errors.InvalidAuthorizationSpecification as error:
            print(error.diag.message_primary)
