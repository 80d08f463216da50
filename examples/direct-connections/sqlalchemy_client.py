"""One user's work in one transaction, with SQLAlchemy 2."""

import contextlib
import os

import sqlalchemy
from sqlalchemy import text


@contextlib.contextmanager
def signed_in(engine, access_token):
    """Policies see the user of this token until the block ends. A token that is not valid raises
    sqlalchemy.exc.DBAPIError, whose orig has the sqlstate 28000."""
    with engine.begin() as connection:
        connection.execute(text("select workos_authenticate(:token)"), {"token": access_token})
        yield connection


if __name__ == "__main__":
    # hide_parameters keeps the token out of SQLAlchemy's own errors and logs.
    engine = sqlalchemy.create_engine("postgresql+psycopg://", hide_parameters=True)
    with signed_in(engine, os.environ["ACCESS_TOKEN"]) as connection:
        print(tuple(connection.execute(text("select workos_user_id(), workos_org_id()")).one()))
    with engine.begin() as connection:
        print(tuple(connection.execute(text("select workos_user_id()")).one()))
    try:
        with signed_in(engine, os.environ["ACCESS_TOKEN"] + "x"):
            print("never printed")
    except sqlalchemy.exc.DBAPIError as error:
        print(error.orig.diag.message_primary)
