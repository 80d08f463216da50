"""Sizes stay bounded, however many events arrive: EVENTS of the environment (6000), in the database that it names, as its owner.

People and organizations come and go for 400 days, while their number stays the same. Every ten days workos.prune() and VACUUM run, and
what ended more than 90 days ago is gone. The indexes are at their size after 280 days: what is deleted makes room in them, and does not
shrink them. prune() goes by the time of writing, so after each ten days these times are set back."""

import json
import os
import random
import time

import psycopg

EVENTS = int(os.environ.get("EVENTS", 6000))
ROUNDS, DAYS, STEADY = 40, 10, 28
USERS = max(100, min(2000, EVENTS // 100))
TABLES = ("users", "organizations", "memberships", "roles", "deleted_permissions", "revoked_sessions", "sync")
ENDED = {"users": "deleted_at", "organizations": "deleted_at", "memberships": "deleted_at", "roles": "deleted_at", "deleted_permissions": "deleted_at", "revoked_sessions": "revoked_at"}

choose = random.Random(1)
number = 0
users = [f"user_{n}" for n in range(USERS)]
organizations = [f"org_{n}" for n in range(USERS // 10)]
# User n has the memberships 2n and 2n + 1: an id and the number of an organization.
memberships = [(f"om_{n}", n % len(organizations)) for n in range(2 * USERS)]


def event(kind, **data):
    global number
    number += 1
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1577836800 + number)) + ".000Z"
    return {"object": "event", "id": f"event_{number:010}", "event": kind, "created_at": at, "data": {"created_at": at, "updated_at": at, **data}}


def user(what, id):
    return event(f"user.{what}", id=id, email=f"{id}@example.com", first_name="Ann", last_name="Lee", metadata={"a": "b"})


def membership(what, n):
    id, organization = memberships[n]
    return event(f"organization_membership.{what}", id=id, user_id=users[n // 2], organization_id=organizations[organization], status="active", role={"slug": "member"}, roles=[{"slug": "member"}])


def begins(n):
    memberships[n] = (f"om_{number}_{n}", choose.randrange(len(organizations)))
    return membership("created", n)


def happens():
    """What happens next: some events."""
    what = choose.random()
    n = choose.randrange(USERS)
    if what < 0.4:
        return [event("session.revoked", id=f"session_{number}", user_id=users[n])]
    if what < 0.6:
        return [user("updated", users[n])]
    if what < 0.75:
        return [membership("updated", 2 * n)]
    if what < 0.85:  # a user leaves, whose memberships have no events of their own, and another comes
        left, users[n] = users[n], f"user_{number}_{n}"
        return [user("deleted", left), user("created", users[n]), begins(2 * n), begins(2 * n + 1)]
    if what < 0.95:  # a membership ends, and another begins
        return [membership("deleted", 2 * n), begins(2 * n)]
    if what < 0.97:
        return [event("role.updated", slug=f"role_{n % 10}", permissions=["read", "write"])]
    if what < 0.98:  # an organization ends with its roles and memberships, and another begins
        n = n % len(organizations)
        left, organizations[n] = organizations[n], f"org_{number}_{n}"
        members = [m for m in range(2 * USERS) if memberships[m][1] == n]
        return [event("organization.deleted", id=left), event("organization.created", id=organizations[n], name="Acme"),
                event("organization_role.created", organization_id=organizations[n], slug="lead", permissions=["read"]), *map(begins, members)]
    return [event("permission.deleted", slug=f"permission_{number}")]


def sizes(connection):
    return {t: connection.execute("select pg_total_relation_size(%s::regclass)", [f"workos.{t}"]).fetchone()[0] for t in TABLES}


def main():
    connection = psycopg.connect(autocommit=True)
    for table in TABLES:
        connection.execute(f"truncate workos.{table}")
    pending = [user("created", id) for id in users] + [membership("created", n) for n in range(2 * USERS)] + [event("organization.created", id=id, name="Acme") for id in organizations]
    total, applied, measured, began = 0, {}, [], time.monotonic()
    cursor = None
    for turn in range(ROUNDS):
        until = (turn + 1) * EVENTS // ROUNDS
        while number < until or pending:
            while len(pending) < 100 and number < until:
                pending += happens()
            page, pending = pending[:100], pending[100:]
            cursor = connection.execute("select workos.apply_events(%s, %s)", [json.dumps({"data": page}), cursor]).fetchone()[0]
            total += len(page)
        for table, ended in ENDED.items():
            connection.execute(f"update workos.{table} set seen_at = seen_at - interval '{DAYS} days' where {ended} is not null")
        # Memberships and roles of what ended have no events of their own.
        of_organization = "exists (select from workos.organizations o where o.id = t.organization_id and o.deleted_at is not null)"
        of_user = "exists (select from workos.users u where u.id = t.user_id and u.deleted_at is not null)"
        connection.execute(f"update workos.roles t set seen_at = seen_at - interval '{DAYS} days' where deleted_at is null and {of_organization}")
        connection.execute(f"update workos.memberships t set seen_at = seen_at - interval '{DAYS} days' where deleted_at is null and ({of_organization} or {of_user})")
        pruned = connection.execute("select workos.prune()").fetchone()[0]
        for table in TABLES:
            connection.execute(f"vacuum workos.{table}")
        measured.append(sizes(connection))
        print(f"# {total} events, {pruned} rows pruned, {sum(measured[-1].values()) // 1024} kB, {(turn + 1) * DAYS} days", flush=True)
    seconds = time.monotonic() - began
    steady, last = measured[STEADY - 1], measured[-1]
    passed = 0
    for table in TABLES:
        passed += 1
        # A table of few pages grows by whole pages.
        bounded = last[table] <= 1.15 * steady[table] + 65536
        print(f"{'ok' if bounded else 'not ok'} {passed} - {table}: {steady[table] // 1024} kB after {STEADY * DAYS} days, {last[table] // 1024} kB after {ROUNDS * DAYS}")
    for table, ended in ENDED.items():
        passed += 1
        old = connection.execute(f"select count(*) from workos.{table} where {ended} is not null and seen_at < now() - interval '90 days'").fetchone()[0]
        print(f"{'ok' if old == 0 else 'not ok'} {passed} - {table}: {old} rows of what ended more than 90 days ago")
    rows = {t: connection.execute(f"select count(*) filter (where {e} is null), count(*) from workos.{t}").fetchone() for t, e in ENDED.items()}
    passed += 1
    print(f"{'ok' if rows['users'][0] == USERS and rows['organizations'][0] == len(organizations) else 'not ok'} {passed} - all living users and organizations are there: {rows}")
    for table in TABLES:
        connection.execute(f"truncate workos.{table}")
    print(f"# {total} events in {seconds:.0f} s")
    print(f"1..{passed}")


main()
