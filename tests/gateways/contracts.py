"""The statements of gateways, in their order and protocol, with psycopg: PostgREST, Supabase Realtime, Storage, and what pg_graphql asks the catalog. Each caller of
examples/multi-tenant is served by the same connections, and gets the own rows. The environment names a database of tests/setup.sql with setup.sql, as its superuser.
"""

import json
import random

import psycopg

passed = 0


def check(got, want, about):
    global passed
    passed += 1
    print(f"{'ok' if got == want else 'not ok'} {passed} - {about}", flush=True)
    if got != want:
        print(f"#  got: {got}\n# want: {want}", flush=True)


owner = psycopg.connect(autocommit=True)
callers = {n: (role, json.loads(claims)) for n, role, claims in owner.execute("select n, role, claims from demo.caller order by n").fetchall()}
owner.execute("delete from documents where title = 'made by a gateway'")
PUBLIC = {"Anvil press kit", "Forecast"}
ACME = PUBLIC | {"Roadmap", "Launch checklist"}
# Which documents each caller reads, and in which organization the caller writes
READS = {1: ACME, 2: ACME, 3: ACME, 4: ACME, 5: PUBLIC | {"Storm plan"}, 6: ACME, 7: PUBLIC, 8: PUBLIC, 9: ACME, 10: PUBLIC, 11: PUBLIC, 12: PUBLIC}
WRITES = {1: "org_01ACME", 2: "org_01ACME", 3: "org_01ACME", 5: "org_01GLOBEX"}
# Who is a user of WorkOS with an organization, for Storage and Realtime
MEMBER = {1: "org_01ACME", 2: "org_01ACME", 3: "org_01ACME", 4: "org_01ACME", 5: "org_01GLOBEX", 6: "org_01ACME"}
IMPERSONATES = {6}
order = list(callers) * 3
random.Random(1).shuffle(order)


def gateway(**more):
    return psycopg.connect(user="authenticator", autocommit=True, **more)


def nobody(connection):
    return connection.execute("select coalesce(current_setting('request.jwt.claims', true), ''), workos_user_id(), current_user::text").fetchone() == ("", None, "authenticator")


def set_config(connection, settings, prepare):
    """One statement, with all values as parameters."""
    row = connection.execute("select " + ", ".join(f"set_config('{name}', %s, true)" for name in settings), list(settings.values()), prepare=prepare)
    return row.fetchone()


# PostgREST: a transaction for each request. What is read is read in READ ONLY.


class PostgREST:
    def __init__(self, pre_request):
        self.connection = gateway()
        self.pre_request = pre_request

    def request(self, n, method, path, statement, parameters=(), read_only=True, claims=None):
        role, sent = callers[n]
        if claims is None:
            # The role of Postgres replaces the claim, and the order of the keys is its own.
            claims = {**dict(sorted(sent.items(), reverse=True)), "role": role} if role != "anon" else {"role": "anon"}
        execute = self.connection.execute
        execute(f"BEGIN ISOLATION LEVEL READ COMMITTED READ {'ONLY' if read_only else 'WRITE'}", prepare=True)
        try:
            set_config(self.connection, {"search_path": '"public", "extensions"', "role": role, "request.jwt.claims": json.dumps(claims, separators=(",", ":")), "request.method": method,
                "request.path": path, "request.headers": '{"host":"localhost"}', "request.cookies": "{}"}, True)
            if self.pre_request:
                execute('select "public"."before_request"()', prepare=True)
            row = execute(statement, parameters, prepare=True).fetchone()
            execute("COMMIT", prepare=True)
            return row
        except psycopg.Error as error:
            execute("ROLLBACK", prepare=True)
            return error.sqlstate


# Their names and parameters are those of a table that a client asks for. The answer is JSON, as PostgREST makes it in the database.
READ = """with source as (select "public"."documents"."title" from "public"."documents")
    select null::bigint, pg_catalog.count(r), coalesce(json_agg(r), '[]'), nullif(current_setting('response.headers', true), '') from (select * from source) r"""
INSERT = """with payload as (select %s::json as data), source as (insert into "public"."documents" ("title", "project_id", "org_id", "author_id")
        select b."title", b."project_id", b."org_id", b."author_id" from payload, lateral (
            select * from json_to_recordset(case json_typeof(data) when 'array' then data else json_build_array(data) end)
                as _ ("title" text, "project_id" int, "org_id" text, "author_id" text)) b returning "public"."documents".*)
    select pg_catalog.count(r), coalesce(json_agg(r), '[]') from (select * from source) r"""
CALL = 'with call as (select "public"."whoami"() as scalar) select coalesce(json_agg(scalar) -> 0, \'null\') from (select * from call) r'

for pre_request in (False, True):
    about = f"PostgREST, {'with a pre-request function' if pre_request else 'no pre-request function'}: "
    api = PostgREST(pre_request)
    reads, calls, writes, after = {}, {}, {}, []
    for n in order:
        row = api.request(n, "GET", "/documents", READ)
        reads.setdefault(n, set()).add(frozenset(d["title"] for d in row[2]))
        after.append(nobody(api.connection))
        calls.setdefault(n, set()).add(json.dumps(api.request(n, "GET", "/rpc/whoami", CALL)[0]))
    check(reads, {n: {frozenset(READS[n])} for n in callers}, about + "GET, in READ ONLY: each caller reads the own documents, by the same prepared statement")
    check({n: {json.loads(c)["organization"] for c in got} for n, got in calls.items()},
        {n: {MEMBER.get(n)} for n in callers}, about + "a stable function, in READ ONLY: each caller has the own organization")
    for n in order:
        for org, project in (("org_01ACME", 1), ("org_01GLOBEX", 3)):
            body = json.dumps([{"title": "made by a gateway", "project_id": project, "org_id": org, "author_id": callers[n][1].get("sub")}])
            row = api.request(n, "POST", "/documents", INSERT, [body], read_only=False)
            writes.setdefault(n, set()).add((org, row if isinstance(row, str) else row[0]))
        after.append(nobody(api.connection))
    refused = {n: "PT403" if pre_request and n in IMPERSONATES else "42501" for n in callers}
    check(writes, {n: {(org, 1 if WRITES.get(n) == org else refused[n]) for org in ("org_01ACME", "org_01GLOBEX")} for n in callers},
        about + "POST, in READ WRITE: who may write writes in the own organization, and all others are refused")
    owner.execute("delete from documents where title = 'made by a gateway'")
    check(set(after), {True}, about + "after each transaction the connection is nobody's, with an empty setting")
    check(api.request(1, "GET", "/documents", INSERT, ["[]"]), "25006", about + "a write is refused in READ ONLY, by Postgres")
    check(api.request(1, "GET", "/documents", READ, claims=["no object"]), "22023", about + "claims that are no object raise an error")
    check({d["title"] for d in api.request(5, "GET", "/documents", READ)[2]}, READS[5], about + "... and the next caller on that connection reads the own documents")
    prepared = api.connection.execute("select count(*) from pg_prepared_statements").fetchone()[0]
    check(prepared >= 4, True, about + "the statements were prepared")
    api.connection.close()

# Realtime, broadcast and presence: what a client may do is asked in a transaction that is rolled back, and chained to the next.

connection = gateway()
connection.execute("begin")
answers, after = {}, set()
for n in order:
    role, claims = callers[n]
    for org in ("org_01ACME", "org_01GLOBEX"):
        settings = {"role": role, "realtime.topic": f"org:{org}", "request.jwt.claims": json.dumps(claims), "request.jwt.claim.sub": claims.get("sub", ""), "request.jwt.claim.role": role,
            "request.headers": "{}"}
        set_config(connection, settings, True)
        listens = connection.execute("select 1 from realtime.messages where topic = %s and extension = 'broadcast' limit 1", [f"org:{org}"], prepare=True).fetchone() is not None
        connection.execute("savepoint sends")
        try:
            connection.execute("insert into realtime.messages (topic, extension) values (%s, 'broadcast')", [f"org:{org}"], prepare=True)
            sends = True
        except psycopg.errors.InsufficientPrivilege:
            sends = False
        answers.setdefault((n, org), set()).add((listens, sends))
        connection.execute("rollback and chain")
        after.add((nobody(connection), connection.info.transaction_status.name))
connection.execute("rollback")
check(answers, {(n, org): {(MEMBER.get(n) == org, MEMBER.get(n) == org and n in (1, 2, 3, 5, 6))} for n in callers for org in ("org_01ACME", "org_01GLOBEX")},
    "Realtime, broadcast: each caller listens and sends in the channel of the own organization, and in no other")
check(after, {(True, "INTRANS")}, "Realtime, broadcast: after ROLLBACK AND CHAIN the new transaction is nobody's")

# Realtime, changes of a table: many subscribers within one call.

ids = owner.execute("select id, title from documents order by id").fetchall()
subscribers = [callers[n][1] for n in order if callers[n][1].get("role")]
numbers = [n for n in order if callers[n][1].get("role")]
realtime = psycopg.connect(autocommit=True)
for mode in ("auto", "force_generic_plan", "force_custom_plan"):
    realtime.execute(f"set plan_cache_mode = {mode}")
    got = {title: realtime.execute("select realtime.visible_to(%s, %s::jsonb[])", [id, list(map(json.dumps, subscribers))], prepare=True).fetchone()[0] for id, title in ids}
    check(got, {title: [title in READS[n] for n in numbers] for _, title in ids}, f"Realtime, changes of a table, plan_cache_mode = {mode}: each of {len(numbers)} subscribers gets what it may read")
realtime.close()

# Storage: the raw token in another setting, empty texts for what is missing; unnamed statements with parameters.

connection = gateway(prepare_threshold=None)
seen, uploads = {}, {}
for n in order:
    role, claims = callers[n]
    settings = {"role": role, "request.jwt.claim.role": role, "request.jwt": "e30.e30.e30", "request.jwt.claim.sub": claims.get("sub", ""), "request.jwt.claims": json.dumps(claims),
        "request.headers": "{}", "request.method": "GET", "request.path": "/object", "storage.operation": "", "storage.allow_delete_query": ""}
    connection.execute("begin")
    set_config(connection, settings, False)
    seen.setdefault(n, set()).add(frozenset(name for name, in connection.execute("select name from storage.objects where bucket_id = any (%s)", [["documents", "avatars"]]).fetchall()))
    connection.execute("commit")
    for org in ("org_01ACME", "org_01GLOBEX"):
        connection.execute("begin")
        set_config(connection, {**settings, "request.method": "POST", "storage.operation": "storage.object.upload"}, False)
        try:
            connection.execute("insert into storage.objects (bucket_id, name) values (%s, %s) on conflict (bucket_id, name) do update set name = excluded.name", ["documents", f"{org}/{n}.pdf"])
            wrote = True
        except psycopg.errors.InsufficientPrivilege:
            wrote = False
        connection.execute("rollback")
        uploads.setdefault((n, org), set()).add(wrote)
check(seen, {n: {frozenset([f"{MEMBER[n]}/{'a' if MEMBER[n] == 'org_01ACME' else 'g'}.pdf"] if n in MEMBER else [])} for n in callers}, "Storage: each caller lists the folder of the own organization")
check(uploads, {(n, org): {MEMBER.get(n) == org and n in (1, 2, 3, 5, 6)} for n in callers for org in ("org_01ACME", "org_01GLOBEX")},
    "Storage: who may write uploads, also as ON CONFLICT DO UPDATE, into the own folder, and into no other")
check(nobody(connection), True, "Storage: afterwards the connection is nobody's")
connection.close()

# pg_graphql: the functions in the search_path that a role may execute become fields; so they do in /rpc of PostgREST. As on Supabase, `extensions` is not among the schemas.

connection = gateway()
FIELDS = """select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any (current_schemas(false)) and n.nspname not in ('extensions', 'tap') and has_function_privilege(p.oid, 'execute') and p.proname ~ 'workos'"""
for role in ("anon", "authenticated"):
    connection.execute("begin")
    set_config(connection, {"role": role, "request.jwt.claims": json.dumps({"role": role})}, True)
    check(connection.execute(FIELDS, prepare=True).fetchone()[0], 0, f"pg_graphql: of the functions in the schema extensions, {role} gets no field")
    connection.execute("rollback")
connection.close()
print(f"1..{passed}")
