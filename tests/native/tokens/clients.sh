# Sourced by run.sh: the examples of docs/direct-connections.md, each with its client, where that can be installed.

say "  clients"
mkdir "$WORK/clients"
cp examples/direct-connections/* "$WORK/clients"
# client FILE COMMAND...: one transaction with the token, one without, one with a bad token
client() {
	expect "$1" 'user_01 org_01|null|access token is malformed' "$(
		ACCESS_TOKEN=$alice PGUSER=authenticator PGDATABASE=tokens "${@:2}" "$WORK/clients/$1" 2>&1 | tr -d "(),'" | sed 's/None/null/' | paste -sd '|'
	)"
}
if python3 -m venv "$WORK/python" 2>/dev/null && "$WORK/python/bin/pip" install --quiet 'psycopg[binary]' sqlalchemy >/dev/null 2>&1; then
	client psycopg_client.py "$WORK/python/bin/python"
	client sqlalchemy_client.py "$WORK/python/bin/python"
else
	echo '# skipped: psycopg and SQLAlchemy cannot be installed here'
fi
if (cd "$WORK/clients" && npm install --silent --no-audit --no-fund pg postgres kysely drizzle-orm) >/dev/null 2>&1; then
	for file in node-postgres postgres-js kysely drizzle; do client $file.mjs node; done
else
	echo '# skipped: the clients for Node.js cannot be installed here'
fi
