"""A stand-in for the Events API of WorkOS, on a free port of the loopback, which it prints. stand_in.py EVENTS [BAD]: so many
events, of which number BAD is malformed."""

import http.server
import json
import sys
import urllib.parse

COUNT, BAD = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0


def event(n):
    at = f"2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000Z"
    data = {"object": "user", "id": f"user_{n}", "email": f"topsecret{n}@example.com", "first_name": 'Zoë "\\ \t\n\u2028', "created_at": at, "updated_at": "topsecret" if n == BAD else at}
    return {"object": "event", "id": f"event_{n:06}", "event": "user.created", "data": data, **({} if n == BAD else {"created_at": at})}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query)
        if path != "/events" or self.headers["Authorization"] != "Bearer sk_topsecret" or "user.created" not in query.get("events[]", []):
            self.send_error(401)
            return
        events = [event(n) for n in range(1, COUNT + 1)]
        if query.get("order", ["desc"]) == ["desc"]:
            events.reverse()
        if "after" in query:
            events = events[[e["id"] for e in events].index(query["after"][0]) + 1:]
        page = events[: int(query.get("limit", [10])[0])]
        body = json.dumps({"object": "list", "data": page, "list_metadata": {"after": page[-1]["id"] if page else None}}, indent=1).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
