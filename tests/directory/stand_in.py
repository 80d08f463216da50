"""A stand-in for the API of WorkOS, on a free port of the loopback, which it prints: events and lists. stand_in.py EVENTS [BAD
[BROKEN]]: so many events, each of a new user, of which number BAD is malformed, or holds a NUL if BAD is negative. The users are
members of two organizations in turn. A request whose address contains BROKEN is answered with the status 500."""

import http.server
import json
import re
import sys
import urllib.parse

COUNT, BAD = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
BROKEN = sys.argv[3] if len(sys.argv) > 3 else None
TIMES = {"created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z"}


def user(n):
    at = f"2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000Z"
    return {"object": "user", "id": f"user_{n}", "email": f"topsecret{n}@example.com", "first_name": "topsecret\0" if n == -BAD else 'Zoë "\\ \t\n\u2028', "created_at": at, "updated_at": "topsecret" if n == BAD else at}


def event(n):
    data = user(n)
    return {"object": "event", "id": f"event_{n:06}", "event": "user.created", "data": data, **({} if n == BAD else {"created_at": data["created_at"]})}


def organization(n):
    return {"object": "organization", "id": f"org_{n}", "name": "topsecret", "domains": [], **TIMES}


def membership(n):
    return {"object": "organization_membership", "id": f"om_{n}", "user_id": f"user_{n}", "organization_id": f"org_{n % 2}", "status": ("inactive", "active", "pending", "active")[n % 4],
            "role": {"slug": "member"}, "roles": [{"slug": "member"}], **TIMES}


def role(slug, kind):
    return {"object": "role", "id": f"role_{slug}", "slug": slug, "type": kind, "name": slug, "permissions": ["documents:read"], "resource_type_slug": "organization", **TIMES}


def listed(path, query):
    """All objects of a list, oldest first; None if there is no such list, or a parameter is missing that it needs."""
    numbers = range(1, COUNT + 1)
    if path == "/events":
        return [event(n) for n in numbers] if "user.created" in query.get("events[]", []) else None
    if path == "/user_management/users":
        return [user(n) for n in numbers]
    if path == "/organizations":
        return [organization(n) for n in (0, 1)] if COUNT else []
    if path == "/user_management/organization_memberships" and "organization_id" in query:
        shown = query.get("statuses", ["active"])[0].split(",")
        return [m for m in map(membership, numbers) if m["organization_id"] == query["organization_id"][0] and m["status"] in shown]
    if path == "/authorization/roles":
        return [role("member", "EnvironmentRole")]
    of = re.fullmatch("/authorization/organizations/(org_[01])/roles", path)
    return [role("member", "EnvironmentRole"), role("org-lead", "OrganizationRole")] if of else None


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query)
        if BROKEN and BROKEN in self.path:
            self.send_error(500)
            return
        objects = listed(path, query)
        if objects is None or self.headers["Authorization"] != "Bearer sk_topsecret":
            self.send_error(401)
            return
        if query.get("order", ["desc"]) == ["desc"]:
            objects.reverse()
        if "after" in query:
            objects = objects[[o["id"] for o in objects].index(query["after"][0]) + 1:]
        page = objects if path.startswith("/authorization/") else objects[: int(query.get("limit", [10])[0])]
        more = len(page) < len(objects) or path == "/events" and page
        body = json.dumps({"object": "list", "data": page, "list_metadata": {"before": None, "after": page[-1]["id"] if more else None}}, indent=1).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
