"""Stands in for PostgREST, whose program is in no package registry, on a free port of the loopback, which it prints: POST
/rpc/NAME calls the function public.NAME with a single unnamed parameter. It makes the statements of PostgREST 14, and answers with
its statuses. Every request is one of the role anon, but with the header `Authorization: Bearer service_role`, which stands for a
token of that role. The environment names the database and the role of the gateway."""

import http.server
import json
import re

import psycopg

SETTINGS = ("search_path", "role", "request.jwt.claims", "request.method", "request.path", "request.headers", "request.cookies")
STATUSES = (("42501", 401), ("28", 403), ("22", 400), ("53", 503), ("54", 500), ("55", 500), ("40", 500))


def call(function, parameter):
    return f"""WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT "public"."{function}"({parameter}) pgrst_scalar) pgrst_call)
        SELECT null::bigint AS total_result_set, 1 AS page_total, coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body,
            nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status, '' AS response_inserted
        FROM (SELECT "{function}".* FROM "pgrst_source" AS "{function}") _postgrest_t"""


def no_constant(name):
    raise ValueError(name)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        path, _, query = self.path.partition("?")
        function = re.fullmatch(r"/rpc/([a-z_]+)", path)
        if not function:
            return self.answer(404, {"code": "PGRST125", "message": "Invalid path specified in request URL"})
        kind = (self.headers["Content-Type"] or "application/json").partition(";")[0]
        if kind == "application/json":
            # It reads the body, unless the address names the columns, and hands on the same bytes.
            try:
                "columns=" in query or json.loads(body.decode(), parse_constant=no_constant)
            except RecursionError:
                pass
            except ValueError:
                return self.answer(400, {"code": "PGRST102", "message": "Empty or invalid json"})
            parameter, value = "%b::json", body
        elif kind == "application/octet-stream":
            parameter, value = "%b", body
        else:
            return self.answer(400, {"code": "PGRST102", "message": f"Content-Type not acceptable: {kind}"})
        role = "service_role" if self.headers["Authorization"] == "Bearer service_role" else "anon"
        headers = {name.lower(): value for name, value in self.headers.items()}
        settings = ('"public", "extensions"', role, json.dumps({"role": role}), "POST", path, json.dumps(headers), "{}")
        try:
            with psycopg.connect(autocommit=True) as connection:
                connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
                try:
                    connection.execute("select " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS), settings, prepare=True)
                    # Its parameters have the type unknown, which a text of this driver has, too.
                    value = value if parameter == "%b" else value.decode()
                    row = connection.execute(call(function[1], parameter.replace("%b", "%b" if parameter == "%b" else "%s")), [value], prepare=True).fetchone()
                    connection.execute("COMMIT")
                except psycopg.Error:
                    connection.execute("ROLLBACK")
                    raise
        except psycopg.Error as error:
            status = next((status for state, status in STATUSES if (error.sqlstate or "").startswith(state)), 400)
            diagnostics = error.diag
            return self.answer(status, {"code": error.sqlstate, "message": diagnostics.message_primary, "details": diagnostics.message_detail, "hint": diagnostics.message_hint})
        self.answer(200, row[2])

    def answer(self, status, body):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
