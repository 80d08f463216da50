"""Who is removed is out from the next statement on, in connections that are open: with workos_configure('newest').

The environment connects libpq to a database with a directory, as its owner.
"""

import json
import threading

import psycopg

passed = 0
TOKEN = {"sub": "user_a", "sid": "session_a", "org_id": "org_a", "roles": ["editor"], "permissions": ["read"], "iat": 1767225601}
COUNT = "select count(*) from feed.newest"


def ok(true, about):
    global passed
    passed += 1
    print(f"{'ok' if true else 'not ok'} {passed} - {about}", flush=True)


owner = psycopg.connect(autocommit=True)
events = 0


def membership(status):
    global events
    events += 1
    at = f"2026-01-02T00:{events // 60:02}:{events % 60:02}Z"
    data = {"id": "om_newest", "user_id": "user_a", "organization_id": "org_a", "status": status, "role": {"slug": "editor"}, "created_at": "2026-01-01T00:00:00Z", "updated_at": at}
    event = {"id": f"event_newest_{events:04}", "event": "organization_membership.updated", "created_at": at, "data": data}
    assert owner.execute("select workos.apply_event(%s)", [json.dumps(event)]).fetchone()[0] == "applied"


def reader(**more):
    connection = psycopg.connect(autocommit=True, **more)
    connection.execute("set role authenticated")
    connection.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(TOKEN)])
    return connection


def value(connection, query, **more):
    return connection.execute(query, **more).fetchone()[0]


owner.execute("""
    create table feed.newest (id int, org_id text);
    insert into feed.newest select n, 'org_a' from generate_series(1, 1000) n;
    alter table feed.newest enable row level security;
    create policy read on feed.newest to authenticated using (org_id = workos_org_with_permission('read'));
    create policy also on feed.newest to authenticated using (org_id = workos_org_id());
    grant select on feed.newest to authenticated;
    analyze feed.newest""")
native = value(owner, "select exists (select from pg_extension where extname = 'pg_workos')")
membership("active")

other = reader()
ok(value(other, COUNT) == 1000, "a member sees the rows of the organization")
membership("inactive")
ok(value(other, COUNT) == 1000, "as long as the token decides, a removed member sees them, too")
owner.execute("select extensions.workos_configure('newest')")
ok(value(other, COUNT) == 0, "an open connection notices workos_configure() at its next statement")

for mode in ["force_generic_plan", "force_custom_plan"]:
    membership("active")
    planned = reader()
    planned.execute(f"set plan_cache_mode = {mode}")
    planned.execute(f"prepare seen as {COUNT}")
    counts = [value(planned, "execute seen") for _ in range(7)]
    membership("inactive")
    counts.append(value(planned, "execute seen"))
    membership("active")
    counts.append(value(planned, "execute seen"))
    ok(counts == [1000] * 7 + [0, 1000], f"a prepared statement, {mode}: {counts}")
    automatic = [value(planned, COUNT, prepare=True) for _ in range(3)]
    membership("inactive")
    ok(automatic + [value(planned, COUNT, prepare=True)] == [1000] * 3 + [0], f"a statement that the driver has prepared, {mode}")
    planned.close()

parallel = reader()
for setting in ["min_parallel_table_scan_size = 0", "parallel_setup_cost = 0", "parallel_tuple_cost = 0", "max_parallel_workers_per_gather = 2"]:
    parallel.execute(f"set {setting}")
plan = "\n".join(line for line, in parallel.execute(f"explain {COUNT}"))
ok("Parallel Seq Scan" in plan, "a parallel plan")
membership("active")
before = value(parallel, COUNT)
membership("inactive")
ok((before, value(parallel, COUNT)) == (1000, 0), "parallel workers see it, too")

# A transaction that began before
for level in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]:
    membership("active")
    begun = reader()
    begun.execute(f"begin isolation level {level}")
    before = value(begun, COUNT)
    membership("inactive")
    after = value(begun, COUNT)
    membership("active")
    again = value(begun, COUNT)
    membership("inactive")
    begun.execute("commit")
    ended = value(begun, COUNT)
    latest = native or level == "READ COMMITTED"
    wanted = (1000, 0, 1000, 0) if latest else (1000, 1000, 1000, 0)
    ok((before, after, again, ended) == wanted, f"{level}: a transaction that began before sees {'the latest' if latest else 'what it saw first'}, and the next one the latest: {before, after, again, ended}")
    begun.close()

# A cursor is one statement.
membership("active")
cursor = reader()
cursor.execute("begin")
cursor.execute("declare c cursor for select workos_is_authenticated() from generate_series(1, 4)")
seen = [value(cursor, "fetch c")]
membership("inactive")
between = value(cursor, "select workos_is_authenticated()")
seen.append(value(cursor, "fetch c"))
cursor.execute("commit")
ok((seen, between) == ([True, True], False), f"a cursor is one statement: {seen}, and between {between}")

# Statements inside one statement of the client, as Supabase Realtime asks (walrus): one prepared statement without parameters, for one
# subscriber after the other. At the place `pause` it waits for a lock, so that an event can be committed meanwhile.
membership("active")
owner.execute("""
    create function feed.walk(callers jsonb, pause int default null) returns text language plpgsql as $$
    declare caller jsonb; place bigint; seen bigint; result text := '';
    begin
        execute 'prepare walrus as select count(*) from feed.newest';
        for caller, place in select c.value, c.place from jsonb_array_elements(callers) with ordinality c(value, place) loop
            if place = pause then
                perform pg_advisory_lock(13), pg_advisory_unlock(13);
            end if;
            perform set_config('role', 'authenticated', true), set_config('request.jwt.claims', caller::text, true);
            execute 'execute walrus' into seen;
            result := result || seen || ' ';
        end loop;
        deallocate walrus;
        return result;
    end $$""")
callers = json.dumps([{**TOKEN, "sub": f"user_{n % 2 and 'a' or 'b'}"} for n in range(6)])
before = value(other, "select feed.walk(%s)", params=[callers])
membership("inactive")
after = value(other, "select feed.walk(%s)", params=[callers])
ok(before == "1000 " * 6 and after == "1000 0 " * 3, f"a loop over subscribers refuses the removed one only: {after}")
membership("active")
owner.execute("select pg_advisory_lock(13)")
walked = []
walk = threading.Thread(target=lambda: walked.append(value(other, "select feed.walk(%s, 4)", params=[callers])))
walk.start()
while not value(owner, "select exists (select from pg_locks where locktype = 'advisory' and objid = 13 and not granted)"):
    pass
membership("inactive")
owner.execute("select pg_advisory_unlock(13)")
walk.join()
ok(walked == ["1000 1000 1000 0 1000 0 "], f"... also in the middle of the loop: {walked}")

# In one transaction of the feeder
owner.execute("begin")
owner.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(TOKEN)])
answers = [value(owner, "select extensions.workos_is_authenticated()")]
membership("active")
answers.append(value(owner, "select extensions.workos_is_authenticated()"))
elsewhere = value(other, COUNT)
owner.execute("rollback")
ok((answers, elsewhere) == ([False, True], 0), "what is not committed counts for its own transaction only")

# Whoever altered the directory
owner.execute("begin")
owner.execute("alter table workos.memberships rename column status to state")
owner.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(TOKEN)])
try:
    owner.execute("select extensions.workos_is_authenticated()")
    ok(False, "a directory that lacks a column is no directory")
except psycopg.Error as error:
    ok(error.sqlstate in ("55000", "42703"), f"a directory that lacks a column is refused: {error.sqlstate}")
owner.execute("rollback")
if native:
    for change in ["alter table workos.memberships alter column updated_at type int using 1", "alter table workos.memberships alter column status type bytea using 'active'",
                   "alter table workos.roles alter column permissions type text using ''", "alter table workos.memberships drop column deleted_at cascade"]:
        membership("active")
        owner.execute("begin")
        owner.execute("alter extension pg_workos_directory drop view workos.members")
        owner.execute("drop view workos.members")
        owner.execute(change)
        owner.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(TOKEN)])
        try:
            owner.execute("select extensions.workos_is_authenticated()")
            ok(False, change)
        except psycopg.Error as error:
            ok(error.sqlstate == "55000", f"{change}: {error.sqlstate}")
        owner.execute("rollback")
    # Without its indexes it answers the same.
    owner.execute("begin")
    owner.execute("drop index workos.memberships_of_user")
    owner.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(TOKEN)])
    ok(value(owner, "select extensions.workos_is_authenticated()") is True, "without an index the table is read")
    owner.execute("rollback")

owner.execute("select extensions.workos_configure('token')")
membership("inactive")
ok(value(other, COUNT) == 1000, "the token decides again")
owner.execute("drop function feed.walk; drop table feed.newest; delete from workos.memberships where id = 'om_newest'")
print(f"1..{passed}")
