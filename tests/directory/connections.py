"""What several connections do at once, step by step, and nothing lost by kill -9 of pollers, backends and the server.

    connections.py                 steps of two connections, in the database that the environment names, as its owner
    connections.py crash COMMAND   pollers and backends are killed, and the server, which COMMAND then starts again
"""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import psycopg

USERS = 1500
PAGE = 7


def data(**more):
    return {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", **more}


def event(number, name="user.created", at=None, **more):
    at = at or f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    return {"id": f"event_{number:06}", "event": name, "created_at": at, "data": data(updated_at=at, **more)}


class Events:
    """The Events API."""

    def __init__(self):
        self.events = [event(n, id=f"user_{n}", email=f"{n}@example.com") for n in range(1, USERS + 1)]
        self.places = {None: 0, **{e["id"]: n for n, e in enumerate(self.events, 1)}}

    def get(self, after, limit=PAGE):
        return json.dumps({"object": "list", "data": self.events[self.places[after]:][:limit]})


def apply(connection, *events):
    return [connection.execute("select workos.apply_event(%s)", [json.dumps(e)]).fetchone()[0] for e in events]


passed = 0


def ok(true, about):
    global passed
    passed += 1
    print(f"{'ok' if true else 'not ok'} {passed} - {about}", flush=True)


def waits(watching, waiting):
    """Runs the work of another connection, which must wait for a lock; returns the process."""
    process = multiprocessing.Process(target=waiting)
    process.start()
    for _ in range(500):
        time.sleep(0.01)
        found = watching.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").fetchone()[0]
        if found:
            return process
    return None


def finish(process):
    process.join(20)
    return process.exitcode == 0


def steps():
    watching = psycopg.connect(autocommit=True)
    one = psycopg.connect()
    role = event(1, "role.created", slug="r", permissions=["p", "q"])
    gone = event(2, "permission.deleted", slug="p")
    permissions = "select permissions from workos.roles where slug = 'r'"

    def other(*events):
        with psycopg.connect() as connection:
            apply(connection, *events)

    for first, second, about in ((gone, role, "a deletion of a permission that is not committed yet"), (role, gone, "a role that is not committed yet")):
        watching.execute("delete from workos.roles; delete from workos.deleted_permissions")
        apply(one, first)
        process = waits(watching, lambda: other(second))
        ok(process is not None, f"another connection waits for {about}")
        one.commit()
        ok(finish(process) and watching.execute(permissions).fetchone()[0] == ["q"], "... and the permission is gone from the role")

    # Two pollers with the same answer
    watching.execute("delete from workos.sync; delete from workos.users")
    page = json.dumps({"data": [event(1, id="user_1"), event(2, id="user_2")]})
    once = "select workos.apply_events(%s, null)"
    one.execute(once, [page])

    def second():
        with psycopg.connect() as connection:
            # It would apply another page, had it not waited.
            other_page = json.dumps({"data": [event(3, id="user_3")]})
            assert connection.execute(once, [other_page]).fetchone()[0] == "event_000002"

    process = waits(watching, second)
    ok(process is not None, "a second poller waits for the first")
    one.commit()
    ok(finish(process), "... and is told the cursor, and applies nothing")
    ok(watching.execute("select count(*) from workos.users").fetchone()[0] == 2, "... of its page")
    one.execute("select workos.apply_events(%s, 'event_000002')", [json.dumps({"data": [event(3, id="user_3")]})])
    one.rollback()
    ok(watching.execute("select cursor from workos.sync").fetchone()[0] == "event_000002", "a poller that rolls back moves no cursor")

    # Webhooks wait for no poller, and for no other webhook
    one.execute("select workos.apply_events(%s, 'event_000002')", [json.dumps({"data": [event(3, id="user_3")]})])
    process = multiprocessing.Process(target=lambda: other(event(9, id="user_9")))
    process.start()
    ok(finish(process), "an event of another object waits for no poller")
    one.rollback()
    for table in ("users", "roles", "deleted_permissions", "sync"):
        watching.execute(f"delete from workos.{table}")


def poll(events):
    """Polls until the end, as a poller does that is started again and again: it asks the database for the cursor."""
    with psycopg.connect() as connection:
        cursor = connection.execute("select (select cursor from workos.sync)").fetchone()[0]
        connection.commit()
        while True:
            page = events.get(cursor)
            after = connection.execute("select workos.apply_events(%s, %s)", [page, cursor]).fetchone()[0]
            connection.commit()
            if after == cursor:
                return
            cursor = after


def repeat(events, work):
    """A process that does the work again when it fails, until it is killed."""
    while True:
        try:
            work(events)
            return
        except psycopg.Error:
            time.sleep(0.05)


def webhooks(events):
    """Events in any order, repeated, and each in a transaction of its own."""
    with psycopg.connect(autocommit=True) as connection:
        while True:
            apply(connection, random.choice(events.events[: USERS // 2]))


def crash(restart):
    events = Events()
    killed = {"poller": 0, "backend": 0, "server": 0}
    consistent = True
    hook = multiprocessing.Process(target=repeat, args=[events, webhooks], daemon=True)
    hook.start()
    pollers = []
    last = 0
    while last < USERS or not all(killed.values()):
        pollers = [p for p in pollers if p.is_alive()]
        while len(pollers) < 2:
            pollers.append(multiprocessing.Process(target=repeat, args=[events, poll], daemon=True))
            pollers[-1].start()
        # The first three at once, because all events are applied within a second.
        time.sleep(random.uniform(0.02, 0.25 if sum(killed.values()) >= 3 else 0.04))
        what = random.choice(["poller", "poller", "poller", "backend", "server"]) if sum(killed.values()) >= 3 else sorted(killed)[sum(killed.values())]
        try:
            if what == "poller":
                os.kill(pollers.pop(random.randrange(len(pollers))).pid, signal.SIGKILL)
            else:
                with psycopg.connect(autocommit=True) as connection:
                    found = [row[0] for row in connection.execute("select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")]
                    if what == "backend" and found:
                        os.kill(random.choice(found), signal.SIGKILL)
                if what == "server":
                    subprocess.run([*restart, "stop"], check=True)
                    subprocess.run([*restart, "start"], check=True)
            killed[what] += 1
        except (psycopg.Error, ProcessLookupError):
            pass
        # In one snapshot: all events up to the cursor are applied.
        for _ in range(200):
            try:
                with psycopg.connect() as connection:
                    cursor, missing = connection.execute("""
                        select s.cursor, (select count(*) from generate_series(1, substr(s.cursor, 7)::int) n where not exists (select from workos.users u where u.id = 'user_' || n))
                        from (select max(cursor) as cursor from workos.sync) s""").fetchone()
                now = int(cursor[6:]) if cursor else 0
                consistent = consistent and missing in (0, None) and now >= last
                last = now
                break
            except psycopg.Error:
                time.sleep(0.05)
    hook.kill()
    for poller in pollers:
        poller.kill()
    repeat(events, poll)
    with psycopg.connect() as connection:
        rows = connection.execute("select id, email, event_id from workos.users").fetchall()
    ok(all(killed.values()), f"killed with SIGKILL: {killed}")
    ok(consistent, "the cursor never went back, and never ran ahead of what was applied")
    ok(sorted(rows) == sorted((e["data"]["id"], e["data"]["email"], e["id"]) for e in events.events), f"in the end all {USERS} events are applied")


if len(sys.argv) > 1:
    crash(sys.argv[2:])
else:
    steps()
print(f"1..{passed}")
