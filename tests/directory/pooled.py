"""Who is removed sees nothing from the next statement on, through PgBouncer: many clients share a few connections, and the
statements that are prepared on them.

    pooled.py FOLDER-OF-THE-SOCKET DATABASE PROTOCOL...

The environment connects libpq to the database itself, as the owner of the directory. Prints lines of "yes" or what was
seen instead, a tab, and what it is about.
"""

import json
import sys
import threading

import psycopg
from psycopg.sql import quote

folder, database, *protocols = sys.argv[1:]
ROUNDS, CLIENTS = 12, 10
# Even clients are of the user whose membership changes, odd ones of one whose does not.
CLAIMS = [json.dumps({"sub": f"user_{n % 2}", "sid": f"session_{n}", "org_id": f"org_{n % 2}", "permissions": ["read"], "iat": 1767225600}) for n in range(CLIENTS)]
COUNT = "select count(*) from app.document"
owner = psycopg.connect(autocommit=True)
events = 0


def apply(kind, data):
    global events
    events += 1
    at = f"2026-01-02T00:{events // 60:02}:{events % 60:02}Z"
    event = {"id": f"event_{events:06}", "event": kind, "created_at": at, "data": {"created_at": "2026-01-01T00:00:00Z", "updated_at": at, **data}}
    assert owner.execute("select workos.apply_event(%s)", [json.dumps(event)]).fetchone()[0] == "applied"


def membership(user, status):
    apply("organization_membership.updated", {"id": f"om_{user}", "user_id": f"user_{user}", "organization_id": f"org_{user}", "status": status, "role": {"slug": "reader"}})


def simple(client, claims):
    """One message of the client for each statement, with the values in it."""
    client.pgconn.exec_(b"begin")
    client.pgconn.exec_(f"select set_config('request.jwt.claims', {quote(claims)}, true)".encode())
    count = client.pgconn.exec_(COUNT.encode()).get_value(0, 0)
    client.pgconn.exec_(b"commit")
    return int(count)


def extended(client, claims, **more):
    with client.transaction():
        client.execute("select set_config('request.jwt.claims', %s, true)", [claims], **more)
        return client.execute(COUNT, **more).fetchone()[0]


def prepared(client, claims):
    """Statements that the client prepares, and PgBouncer on each connection."""
    return extended(client, claims, prepare=True)


def shared(client, claims):
    """A statement that was prepared when the connection was made."""
    with client.transaction():
        client.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        return client.execute("execute seen").fetchone()[0]


def one_message(client, claims):
    """All statements of the transaction in one message."""
    results = []
    client.pgconn.send_query(f"begin; select set_config('request.jwt.claims', {quote(claims)}, true); {COUNT}; commit".encode())
    while (result := client.pgconn.get_result()) is not None:
        results.append(result)
    return int(results[2].get_value(0, 0))


def through(way):
    """Rounds of: the membership changes and is committed, then all clients ask at once."""
    clients = [psycopg.connect(host=folder, port=6432, dbname=database, user="dir_user", autocommit=True, prepare_threshold=None) for _ in range(CLIENTS)]
    seen = [None] * CLIENTS
    wrong = []

    def ask(n):
        try:
            seen[n] = way(clients[n], CLAIMS[n])
        except Exception as error:
            seen[n] = f"{type(error).__name__} {error}"

    for turn in range(ROUNDS):
        active = turn % 2 == 0
        membership(0, "active" if active else "inactive")
        threads = [threading.Thread(target=ask, args=[n]) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wanted = [100 if n % 2 or active else 0 for n in range(CLIENTS)]
        if seen != wanted:
            wrong.append(f"round {turn}: {seen}")
    for client in clients:
        client.close()
    return "; ".join(wrong) or "yes"


apply("role.created", {"slug": "reader", "permissions": ["read"]})
membership(1, "active")
for way in [simple, extended, *([prepared] if "prepared" in protocols else []), shared, one_message]:
    print(f"{through(way)}\t{way.__name__.replace('_', ' ')}: {ROUNDS} changes of a membership, {CLIENTS} clients of two users after each")
owner.execute("select extensions.workos_configure('token')")
membership(0, "inactive")
client = psycopg.connect(host=folder, port=6432, dbname=database, user="dir_user", autocommit=True, prepare_threshold=None)
print(f"{'yes' if shared(client, CLAIMS[0]) == 100 else 'no'}\twhere the token decides, the removed user sees the rows: the test can fail")
