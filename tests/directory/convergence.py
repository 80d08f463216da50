"""Feeds random events of WorkOS in random orders, and compares the tables with what the events say in their true order.

    convergence.py     SCHEDULES of the environment (300) by one connection, and a hundredth of that by several connections at once

A stream is what really happened: it is made by a simulation of WorkOS, whose last state is what the tables must say. A
schedule feeds the events of a stream in any order, with duplicates, with a prefix once more, in one transaction or in
several. Several connections feed it at once, and one of them may be a poller that reads the Events API in order.
Hypothesis makes both, and shrinks a schedule that fails. The environment connects libpq to a database with a directory,
as its owner.
"""

import collections
import datetime
import json
import os
import random
import threading

import psycopg
from hypothesis import HealthCheck, Phase, given, note, seed, settings, strategies as st

SCHEDULES_OF_A_STREAM = 10
TABLES = ["users", "organizations", "memberships", "roles", "deleted_permissions", "revoked_sessions"]
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
PERMISSIONS = ["a", "b", "c"]
MEMBERSHIPS = {f"om_{n}": (f"user_{n % 2}", f"org_{n // 2 % 2}") for n in range(4)}
ROLES = [("", "admin"), ("", "member"), ("org_0", "admin")]


class WorkOS:
    """What happened: the events in order, and the state after them."""

    def __init__(self):
        self.now = 0
        self.events = []
        self.live = {}
        self.ended = set()
        self.owners = {}

    def time(self):
        return (START + datetime.timedelta(milliseconds=self.now)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def event(self, name, data):
        event = {"id": f"event_{len(self.events):04}", "event": name, "created_at": self.time(), "data": data}
        self.events.append(event)

    def put(self, kind, key, ids, content, name=None):
        """An object is created or updated."""
        if (kind, key) in self.ended:
            return
        verb, made = "updated", self.live.get((kind, key), (None, None))[0]
        if made is None:
            verb, made = "created", self.time()
        self.live[kind, key] = (made, content)
        self.event(f"{name or kind}.{verb}", {**ids, **content, "created_at": made, "updated_at": self.time()})

    def end(self, kind, key, ids, trimmed, name=None, returns=False):
        """An object is deleted. The payload is that from before, or only the ids."""
        if (kind, key) in self.ended:
            return
        made, content = self.live.pop((kind, key), (self.time(), {}))
        if not returns:
            self.ended.add((kind, key))
        self.event(f"{name or kind}.deleted", ids if trimmed else {**ids, **content, "created_at": made, "updated_at": self.time()})


@st.composite
def streams(draw):
    workos = WorkOS()
    flag, permissions = st.booleans(), st.lists(st.sampled_from(PERMISSIONS), unique=True)
    for what in draw(st.lists(st.sampled_from(["user", "organization", "membership", "membership", "role", "role", "permission", "session", "other"]), min_size=1, max_size=12)):
        workos.now += draw(st.integers(0, 2))
        if what == "user":
            key = f"user_{draw(st.integers(0, 1))}"
            if draw(st.integers(0, 3)):
                workos.put("user", key, {"id": key}, {"email": f"{draw(st.integers(0, 9))}@example.com"})
            else:
                workos.end("user", key, {"id": key}, draw(flag))
        elif what == "organization":
            key = f"org_{draw(st.integers(0, 1))}"
            if draw(st.integers(0, 3)):
                workos.put("organization", key, {"id": key}, {"name": str(draw(st.integers(0, 9)))})
            else:
                workos.end("organization", key, {"id": key}, draw(flag))
        elif what == "membership":
            key = draw(st.sampled_from(sorted(MEMBERSHIPS)))
            owners = dict(zip(("user_id", "organization_id"), MEMBERSHIPS[key]))
            if draw(st.integers(0, 3)):
                if ("membership", key) not in workos.ended:
                    workos.owners[key] = MEMBERSHIPS[key]
                content = {"status": draw(st.sampled_from(["active", "inactive", "pending"])), "role": {"slug": draw(st.sampled_from(["admin", "member"]))}}
                workos.put("membership", key, {"id": key, **owners}, content, "organization_membership")
            else:
                trimmed = draw(flag)
                if not trimmed and ("membership", key) not in workos.ended:
                    workos.owners[key] = MEMBERSHIPS[key]
                workos.end("membership", key, {"id": key} if trimmed else {"id": key, **owners}, trimmed, "organization_membership")
        elif what == "role":
            organization, slug = key = draw(st.sampled_from(ROLES))
            ids = {"slug": slug, **({"organization_id": organization} if organization else {})}
            name = "organization_role" if organization else "role"
            if draw(st.integers(0, 2)):
                workos.put("role", key, ids, {"permissions": draw(permissions)}, name)
            else:
                # A slug that comes back does so later than that.
                workos.end("role", key, ids, draw(flag), name, returns=True)
                workos.ended.discard(("role", key))
                workos.now += 1
        elif what == "permission":
            slug = draw(st.sampled_from(PERMISSIONS))
            workos.event("permission.deleted", {"slug": slug, "updated_at": workos.time()})
            for key, (made, content) in workos.live.items():
                if key[0] == "role":
                    workos.live[key] = (made, {"permissions": [p for p in content["permissions"] if p != slug]})
            workos.now += 1
        elif what == "session":
            key = f"session_{draw(st.integers(0, 1))}"
            workos.ended.add(("session", key))
            workos.event("session.revoked", {"id": key, "user_id": "user_0", "status": "active", "updated_at": workos.time()})
        else:
            workos.event(draw(st.sampled_from(["session.created", "dsync.activated", "invitation.created"])), {"id": "x"})
    return workos


@st.composite
def schedules(draw, events):
    """The numbers of the events in the order in which they arrive, in transactions."""
    order = list(draw(st.permutations(range(len(events)))))
    for number in draw(st.lists(st.sampled_from(order), max_size=4)):
        order.insert(draw(st.integers(0, len(order))), number)
    at = draw(st.integers(0, len(order)))
    order[at:at] = order[: draw(st.integers(0, at))]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=4)))
    return [part for part in (order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)])) if part]


APPLY = "select count(workos.apply_event(e.value)) from (select value from jsonb_array_elements(%s::jsonb) with ordinality e(value, place) order by place) e"
STATE = "select jsonb_build_object(" + ", ".join(
    f"'{table}', (select jsonb_agg(to_jsonb(t) - 'seen_at' order by to_jsonb(t) - 'seen_at') from workos.{table} t)" for table in TABLES
) + ")"


def feed(connection, events, part):
    connection.execute(APPLY, [json.dumps([events[number] for number in part])])


def state(connection):
    found = connection.execute(STATE).fetchone()[0]
    return {table: rows or [] for table, rows in found.items()}


def check(workos, found):
    """Do the tables say what happened?"""
    def live(table, key, *columns):
        return {key(row): tuple(row[column] for column in columns) for row in found[table] if row["deleted_at"] is None}

    def ended(table, key):
        return {key(row) for row in found[table] if row["deleted_at"] is not None}

    def wanted(kind, *columns):
        return {key: tuple(content[column] for column in columns) for (k, key), (_, content) in workos.live.items() if k == kind}

    def gone(kind):
        return {key for k, key in workos.ended if k == kind}

    def own(row):
        return row["id"]

    assert live("users", own, "email") == wanted("user", "email")
    assert live("organizations", own, "name") == wanted("organization", "name")
    members = {key: (*MEMBERSHIPS[key], content["status"], content["role"]["slug"]) for (k, key), (_, content) in workos.live.items() if k == "membership"}
    assert live("memberships", own, "user_id", "organization_id", "status", "role") == members
    assert ended("users", own) == gone("user") and ended("organizations", own) == gone("organization") and ended("memberships", own) == gone("membership")
    for row in found["memberships"]:
        assert (row["user_id"], row["organization_id"]) == workos.owners.get(row["id"], (None, None))
    assert live("roles", lambda row: (row["organization_id"], row["slug"]), "permissions") == wanted("role", "permissions")
    assert {row["id"] for row in found["revoked_sessions"]} == gone("session")


def clear(connection):
    connection.execute("; ".join(f"delete from workos.{table}" for table in [*TABLES, "sync"]))
    connection.commit()


counts = collections.Counter()


def in_true_order(connection, workos):
    feed(connection, workos.events, range(len(workos.events)))
    true = state(connection)
    connection.rollback()
    check(workos, true)
    return true


def one_connection(connection, examples, start):
    @seed(start)
    @settings(max_examples=examples, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink])
    @given(st.data(), streams())
    def converges(data, workos):
        connection.rollback()
        true = in_true_order(connection, workos)
        for _ in range(SCHEDULES_OF_A_STREAM):
            schedule = data.draw(schedules(workos.events))
            note(json.dumps([[workos.events[number] for number in part] for part in schedule], indent=1))
            counts["events"] += sum(map(len, schedule))
            counts["schedules"] += 1
            # What commits is read from the tables by the next transaction; it costs more, so not each schedule does.
            commits = counts["schedules"] % 20 == 0
            for part in schedule:
                feed(connection, workos.events, part)
                if commits:
                    connection.commit()
            found = state(connection)
            connection.rollback()
            if commits:
                clear(connection)
            assert found == true

    converges()


def several_connections(connections, examples, start):
    def retry(connection, work):
        while True:
            try:
                work()
                connection.commit()
                return
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                connection.rollback()
                counts["retries"] += 1

    def webhooks(connection, workos, schedule):
        for part in schedule:
            retry(connection, lambda: feed(connection, workos.events, part))

    def poller(connection, workos, size):
        """Reads the Events API, as it is asked for: what comes after the cursor."""
        after = None
        while True:
            numbers = {None: -1, **{event["id"]: n for n, event in enumerate(workos.events)}}
            page = workos.events[numbers[after] + 1:][:size]
            answer = []
            retry(connection, lambda: answer.append(connection.execute("select workos.apply_events(%s, %s)", [json.dumps({"data": page}), after]).fetchone()[0]))
            if not page and answer[-1] == after:
                return
            after = answer[-1]

    @seed(start)
    @settings(max_examples=examples, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink])
    @given(st.data(), streams())
    def converges(data, workos):
        for connection in connections:
            connection.rollback()
        clear(connections[0])
        true = in_true_order(connections[0], workos)
        plans = [data.draw(schedules(workos.events)) for _ in connections]
        pages = data.draw(st.integers(1, 5))
        polled = data.draw(st.booleans())
        levels = [data.draw(st.sampled_from([None, psycopg.IsolationLevel.SERIALIZABLE])) for _ in connections]
        errors = []
        together = threading.Barrier(len(connections))

        def work(number):
            try:
                connections[number].isolation_level = levels[number]
                together.wait()
                if polled and number < 2:
                    poller(connections[number], workos, pages)
                else:
                    webhooks(connections[number], workos, plans[number])
            except Exception as error:
                errors.append(error)
                connections[number].rollback()

        threads = [threading.Thread(target=work, args=[number]) for number in range(len(connections))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts["concurrent"] += 1
        for connection in connections:
            connection.isolation_level = None
        found = state(connections[0])
        connections[0].rollback()
        assert not errors, errors
        assert found == true
        if polled:
            cursor = connections[0].execute("select cursor from workos.sync").fetchone()[0]
            connections[0].rollback()
            assert cursor == workos.events[-1]["id"]

    converges()


def main(wanted):
    start = random.randrange(2**32)
    print(f"# seed {start}")
    connections = [psycopg.connect() for _ in range(4)]
    clear(connections[0])
    one_connection(connections[0], -(-wanted // SCHEDULES_OF_A_STREAM), start)
    print(f"ok 1 - {counts['schedules']} schedules with {counts['events']} events, by one connection: the tables say what happened")
    several_connections(connections, max(10, wanted // 100), start)
    print(f"ok 2 - {counts['concurrent']} by {len(connections)} connections at once, pollers among them; {counts['retries']} transactions were tried again")
    clear(connections[0])
    print("1..2")


main(int(os.environ.get("SCHEDULES", 300)))
