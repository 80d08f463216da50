"""Sends signed tokens to a PostGraphile over HTTP, many requests at the same time over the few connections of its pool, and checks whose rows come back.

    postgraphile.py VERSION URL < TOKENS, one in a line: NAME TOKEN
"""

import concurrent.futures
import json
import random
import sys
import urllib.error
import urllib.request

version, url = sys.argv[1:]
tokens = dict(line.split() for line in sys.stdin)
passed = 0


def check(got, want, about):
    global passed
    passed += 1
    print(f"{'ok' if got == want else 'not ok'} {passed} - PostGraphile {version}: {about}", flush=True)
    if got != want:
        print(f"#  got: {got}\n# want: {want}", flush=True)


def ask(name, query):
    headers = {"Content-Type": "application/json"}
    if name:
        headers["Authorization"] = f"Bearer {tokens[name]}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps({"query": query}).encode(), headers), timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        try:
            return json.load(error)
        except ValueError:
            return {}


def read(name):
    answer = ask(name, "{ allDocuments { nodes { title } } whoami }")
    if not answer.get("data"):
        return "refused"
    who = answer["data"]["whoami"]
    who = json.loads(who) if isinstance(who, str) else who
    return frozenset(node["title"] for node in answer["data"]["allDocuments"]["nodes"]), who["user"], who["organization"]


PUBLIC = {"Anvil press kit", "Forecast"}
ACME = PUBLIC | {"Roadmap", "Launch checklist"}
WANT = {"eddy": (frozenset(ACME), "user_01EDDY", "org_01ACME"), "greta": (frozenset(PUBLIC | {"Storm plan"}), "user_01GRETA", "org_01GLOBEX"),
    "machine": (frozenset(PUBLIC), None, None), None: (frozenset(PUBLIC), None, None), "expired": "refused", "forged": "refused"}
for name, want in WANT.items():
    check(read(name), want, f"a request of {name or 'nobody'}")
names = list(WANT) * 60
random.Random(1).shuffle(names)
with concurrent.futures.ThreadPoolExecutor(16) as pool:
    answers = list(pool.map(read, names))
check([n for n, answer in zip(names, answers) if answer != WANT[n]], [], f"{len(names)} requests, 16 at the same time: each gets the own rows")


def create(name, org, project):
    answer = ask(name, f'mutation {{ createDocument(input: {{ document: {{ title: "made by PostGraphile", orgId: "{org}", projectId: {project}, authorId: "user_01{(name or "").upper()}" }} }}) {{ clientMutationId }} }}')
    return bool((answer.get("data") or {}).get("createDocument"))


check([create("eddy", "org_01ACME", 1), create("eddy", "org_01GLOBEX", 3), create("greta", "org_01ACME", 1), create(None, "org_01ACME", 1)], [True, False, False, False],
    "a mutation writes into the own organization, and into no other")
schema = ask(None, "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }")["data"]["__schema"]
fields = [field["name"] for kind in ("queryType", "mutationType") for field in schema[kind]["fields"]]
check([name for name in fields if "workos" in name.lower()], [], "no function of pg_workos is a field of the schema")
check("allDocuments" in fields, True, "the tables are")
print(f"1..{passed}")
