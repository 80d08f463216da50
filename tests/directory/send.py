"""Webhooks over HTTP, through tests/directory/gateway.py: signed, repeated, reordered, dropped; forged, late, replayed and hostile.
send.py ADDRESS, in the database that the environment names, as its owner. The secret of the endpoint is whsec_topsecret_0123."""

import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import time

import psycopg

ADDRESS = sys.argv[1]
SECRET = "whsec_topsecret_0123"
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
passed = 0


def ok(true, about, got=None):
    global passed
    passed += 1
    print(f"{'ok' if true else 'not ok'} {passed} - {about}" + ("" if true else f"\n# got {got!r:.500}"), flush=True)


def sign(body, seconds=0, secret=SECRET, at=None):
    at = at or str(int((time.time() + seconds) * 1000))
    return f"t={at}, v1={hmac.new(secret.encode(), at.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def post(body, signature=None, kind="application/json", query="", **headers):
    """Sends it as WorkOS does; returns the status and the answer."""
    connection = http.client.HTTPConnection(ADDRESS, timeout=60)
    given = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if signature is not None:
        given["WorkOS-Signature"] = signature
    connection.request("POST", "/rpc/workos_webhook" + query, body, given)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def refused(about, body, signature, status, *words, **more):
    got = post(body, signature, **more)
    ok(got[0] == status and all(word in got[1] for word in words) and "topsecret" not in got[1], f"{about}: {status} {' '.join(words)}", got)


def event(n, name, data, second):
    at = f"2026-01-01T00:{second // 60:02}:{second % 60:02}.000Z"
    return {"object": "event", "id": f"event_{n:04}", "event": name, "created_at": at, "data": {"created_at": "2026-01-01T00:00:00.000Z", "updated_at": at, **data}}


def history(random):
    """Events in their true order: everything is created, changed and partly deleted."""
    events = []

    def happens(name, data):
        events.append(event(len(events) + 1, name, data, len(events) + 1))

    for n in range(8):
        happens("user.created", {"id": f"user_{n}", "email": f"topsecret{n}@example.com", "first_name": "Zoë 😀"})
        happens("organization.created", {"id": f"org_{n}", "name": "topsecret"})
        happens("role.created", {"slug": f"role_{n}", "permissions": ["read", f"write{n}"]})
    memberships = {f"om_{n}": {"id": f"om_{n}", "user_id": f"user_{n % 8}", "organization_id": f"org_{n // 3}", "status": "active", "role": {"slug": f"role_{n % 8}"}} for n in range(20)}
    for membership in memberships.values():
        happens("organization_membership.created", membership)
    for _ in range(60):
        id, what = random.choice(list(memberships)), random.choice(["updated", "updated", "deleted"])
        memberships[id] = {**memberships[id], "status": random.choice(["active", "inactive"]), "role": {"slug": f"role_{random.randrange(8)}"}}
        happens(f"organization_membership.{what}", memberships.pop(id) if what == "deleted" else memberships[id])
        if len(memberships) < 8:
            break
    happens("user.deleted", {"id": "user_3"})
    happens("organization.deleted", {"id": "org_1"})
    happens("permission.deleted", {"slug": "write2"})
    happens("session.revoked", {"id": "session_1", "user_id": "user_1", "status": "active"})
    return events


database = psycopg.connect(autocommit=True)
TABLES = ("users", "organizations", "memberships", "roles", "deleted_permissions", "revoked_sessions")


def rows():
    # When a row was written here is no content.
    return {table: sorted(str({k: v for k, v in row[0].items() if k != "seen_at"}) for row in database.execute(f"select to_jsonb(t) from workos.{table} t")) for table in TABLES}


def forget():
    for table in (*TABLES, "sync"):
        database.execute(f"delete from workos.{table}")


def poll(events):
    database.execute("select workos.apply_events(%s, (select cursor from workos.sync))", [json.dumps({"object": "list", "data": events})])


def delivered():
    choose = random.Random(SEED)
    events = history(choose)
    bodies = {e["id"]: json.dumps(e, ensure_ascii=choose.random() < 0.5, indent=choose.choice([None, 1])).encode() for e in events}
    dropped = set(choose.sample(sorted(bodies), len(bodies) // 5))
    deliveries = [id for id in bodies if id not in dropped for _ in range(choose.choice([1, 1, 2, 3]))]
    choose.shuffle(deliveries)
    with concurrent.futures.ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda id: post(bodies[id], sign(bodies[id])), deliveries))
    # Senders at once may meet a deadlock. WorkOS sends it again.
    again = [id for id, (status, _) in zip(deliveries, answers) if status == 500]
    answers += [post(bodies[id], sign(bodies[id])) for id in again]
    accepted = [answer for answer in answers if answer[0] == 200]
    ok(len(accepted) == len(deliveries) and {text for _, text in accepted} <= {'"applied"', '"stale"'}, f"{len(deliveries)} webhooks, repeated and in any order, are accepted (SEED={SEED})", answers)
    without = rows()
    for id in sorted(dropped):
        post(bodies[id], sign(bodies[id]))
    late = rows()
    forget()
    poll(events)
    truth = rows()
    ok(late == truth, "with those that were dropped at first, the tables are what the true order of events makes")
    ok(without != truth, "... and were not without them")
    forget()
    for id in deliveries:
        post(bodies[id], sign(bodies[id]))
    poll(events)
    ok(rows() == truth, "a poller makes up for webhooks that never arrive")


def forged():
    body = json.dumps(event(9001, "user.created", {"id": "user_forged", "email": "topsecret@example.com"}, 1)).encode()
    other = body.replace(b"user_forged", b"user_foreign")
    good = sign(body)
    t, v1 = good[2:].split(", v1=")
    before = rows()
    refused("without a signature", body, None, 403, "28000", "has no signature")
    refused("an empty signature", body, "", 403, "28000", "has no signature")
    for malformed in (",", "t=", f"t={t}", f"v1={v1}", f"t={t} v1={v1}", f"t={t}, v1={v1[:-1]}", f"t={t}, v1={v1.upper()}", f"t={t}, v1={v1}, v1={v1}", f"t={t}, t={t}, v1={v1}", f"t=-{t}, v1={v1}", f"t={t}.0, v1={v1}", f"t=NaN, v1={v1}",
                      f"t={t}{t}, v1={v1}", f"t={t}, v1=" + "a" * 60000, "sha256=" + v1, f"t={t}, v1={v1}\"", "ÿ", '{"t":1}', f"t={t}, v1={v1[:62]}%s"):
        try:
            refused(f"malformed: {malformed[:40]!r}", body, malformed, 403, "28000", "malformed")
        except ValueError:  # the client sends no such header
            pass
    refused("malformed: NUL", body, f"t={t}\x00, v1={v1}", 400, "22P05")
    refused("a foreign body with a right signature", other, good, 403, "28000", "signature of the webhook is wrong")
    refused("another byte", body + b" ", good, 403, "28000", "signature of the webhook is wrong")
    refused("another secret", body, sign(body, secret="whsec_of_somebody_else"), 403, "28000", "signature of the webhook is wrong")
    refused("no secret", body, sign(body, secret=""), 403, "28000", "signature of the webhook is wrong")
    refused("without the time", body, f"t={t}, v1={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}", 403, "28000", "signature of the webhook is wrong")
    refused("late", body, sign(body, -181), 403, "28000", "more than 180 seconds ago")
    refused("late, with the time of now", body, f"t={int(time.time() * 1000)}, v1={sign(body, -181)[-64:]}", 403, "28000", "signature of the webhook is wrong")
    refused("early", body, sign(body, 200), 403, "28000", "in the future")
    ok(rows() == before, "nothing of that changed anything")
    ok(post(body, good) == (200, '"applied"'), "the webhook itself is applied")
    after = rows()
    ok(after != before, "... to the tables")
    ok([post(body, good) for _ in range(3)] == [(200, '"stale"')] * 3, "a replay of it is accepted as a repetition")
    ok(rows() == after, "... and changes nothing")
    gone = json.dumps(event(9002, "user.deleted", {"id": "user_forged"}, 2)).encode()
    ok(post(gone, sign(gone)) == (200, '"applied"') and post(body, good) == (200, '"stale"'), "after the deletion a replay brings nobody back")


def hostile():
    def signed(about, body, status, *words):
        refused(about, body, sign(body), status, *words)

    def user(**data):
        return json.dumps(event(9100, "user.created", data, 3)).encode()

    before = rows()
    signed("a body of 1 MiB and a byte", user(id="user_h", first_name="topsecret").ljust(2**20 + 1), 403, "28000", "longer than 1 MiB")
    signed("a body of 8 MiB", b'{"topsecret":"' + b"x" * 2**23 + b'"}', 403, "28000", "longer than 1 MiB")
    refused("a body of 8 MiB that is not signed", b'{"topsecret":"' + b"x" * 2**23 + b'"}', None, 403, "28000")
    for depth, body in ((10**6, b"[" * 10**6), (10**5, b'{"topsecret":' * 10**5 + b"1" + b"}" * 10**5)):
        for signature in (None, sign(body)):
            got = post(body, signature)
            ok(got[0] in (400, 403, 500) and "topsecret" not in got[1], f"{depth} levels, {'signed' if signature else 'not signed'}: {got[0]}", got)
    signed("an id of 10 kB", user(id="topsecret" * 1200), 400, "22023")
    signed("NUL as an escape", b'{"event":"user.created","id":"e","data":{"id":"user_h","email":"topsecret\\u0000","updated_at":"2026-01-01T00:00:00Z"}}', 400, "22023", "not JSON that this database can hold")
    signed("half of a surrogate pair", b'{"event":"user.created","id":"e","data":{"id":"user_h","email":"topsecret\\ud800","updated_at":"2026-01-01T00:00:00Z"}}', 400, "22023")
    signed("a number beyond all types", b'{"event":"user.created","id":"e","data":{"id":"user_h","metadata":{"topsecret":1e999999},"updated_at":"2026-01-01T00:00:00Z"}}', 400, "22023")
    for body in (b"\x00", b'{"topsecret":"\x00"}', b'{"topsecret"', b"\xff", b"\xef\xbb\xbf{}", b"", b"topsecret", b"NaN"):
        signed(f"no JSON: {body[:20]!r}", body, 400, "PGRST102")
    for body in (b"null", b"1", b'"topsecret"', b"[]", b'["topsecret"]', b"{}", b'{"event":1}', b'{"event":"user.created"}', b'{"event":"user.created","id":1,"data":{}}', b'{"event":"user.created","id":"e","data":"topsecret"}',
                 user(id=1), user(id={"topsecret": 1}), user(id=None), user(id=""), user(id="user_h", updated_at="topsecret", created_at=1).replace(b'"created_at": "2026-01-01T00:00:03.000Z", ', b""), json.dumps(event(1, "organization_membership.created", {"id": "om_h", "user_id": ["topsecret"]}, 1)).encode()):
        signed(f"of a wrong type: {body[:50]!r}", body, 400, "22023")
    ok(rows() == before, "nothing of that changed anything")
    twice = b'{"id":"e1","event":"user.deleted","event":"user.created","data":{"id":"user_1"},"data":{"id":"user_a","id":"user_b","updated_at":"2026-01-01T00:00:00Z"}}'
    ok(post(twice, sign(twice)) == (200, '"applied"') and database.execute("select count(*) from workos.users where id = 'user_b'").fetchone() == (1,), "of a repeated key the last counts")
    large = user(id="user_large", first_name="x" * (2**20 - 400))
    ok(post(large, sign(large)) == (200, '"applied"'), f"a body of {len(large)} bytes is applied")
    refused("no JSON, where the gateway does not look", b'{"by a stranger', "t=1, v1=2", 400, "22P02", query="?columns=a")
    refused("a foreign body, where the gateway does not look", b'{"by": "a stranger"}', sign(b"{}"), 403, "28000", query="?columns=a")
    refused("another content type", b"a=topsecret", sign(b"a=topsecret"), 400, "PGRST102", kind="application/x-www-form-urlencoded")


def for_a_server():
    """The function with a parameter of the type bytea, which an Edge Function calls with a secret key."""
    kind = "application/octet-stream"
    body = json.dumps(event(9200, "user.created", {"id": "user_edge"}, 4)).encode()
    refused("as anon, the function for servers", body, sign(body), 401, "42501", "function workos_webhook", kind=kind)
    server = {"kind": kind, "Authorization": "Bearer service_role"}
    ok(post(body, sign(body), **server) == (200, '"applied"'), "as service_role it applies the webhook", post(body, sign(body), **server))
    for raw in (b'{"topsecret', b"\x00", b"\xff", b"", b"\xef\xbb\xbf{}", b"[" * 10**6):
        refused(f"not JSON, signed: {raw[:20]!r}", raw, sign(raw), 400, "22023", "not JSON", **server)
        refused(f"not JSON, not signed: {raw[:20]!r}", raw, "t=1, v1=2", 403, "28000", **server)


def rotated():
    def deliver(n, secret):
        body = json.dumps(event(n, "user.created", {"id": f"user_r{n}"}, 5)).encode()
        return post(body, sign(body, secret=secret))

    new = "whsec_topsecret_4567"
    ok(deliver(9301, new)[0] == 403, "before the new secret is added, webhooks that are signed with it are refused")
    database.execute("select workos.add_webhook_secret(%s)", [new])
    ok((deliver(9302, SECRET)[0], deliver(9303, new)[0]) == (200, 200), "then both count, so that none is lost while the endpoint changes")
    database.execute("select workos.remove_webhook_secret(%s)", [SECRET])
    ok((deliver(9304, SECRET)[0], deliver(9305, new)[0]) == (403, 200), "and after the old one is removed, only the new one")
    database.execute("select workos.remove_webhook_secret(%s)", [new])
    refused("without any secret", b"{}", sign(b"{}"), 500, "55000", "there is no secret")


delivered()
forged()
hostile()
for_a_server()
rotated()
print(f"1..{passed}")
