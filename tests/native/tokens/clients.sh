# Sourced by run.sh: runs the examples of docs/how-to/direct-connections.md, each with its client if it can be installed.

say "  clients"
as_owner "select jwks from key_set where name = 'ours'" >"$WORK/ours.json"
expect 'a Rust server verifies a token with the crate workos-claims' 'user: user_01|organization: org_01|roles: member|permissions: documents:read' "$(
	cargo run --quiet --locked --package workos-claims --example verify "$ISSUER" "$WORK/ours.json" <<<"$alice" | paste -sd '|')"
expect 'a Rust server refuses a forged token' 'Error: "refused: BadSignature"' "$(
	cargo run --quiet --locked --package workos-claims --example verify "$ISSUER" "$WORK/ours.json" <<<"$forged" 2>&1)"
mkdir "$WORK/clients"
cp examples/direct-connections/*.{py,mjs,prisma} "$WORK/clients"
# client NAME COMMAND...: a transaction with a valid token, one without a token, and one with an invalid token
client() {
	expect "$1" 'user_01 org_01|null|access token is malformed' "$(
		ACCESS_TOKEN=$alice PGUSER=authenticator PGDATABASE=tokens "${@:2}" 2>&1 | tr -d "(),'" | sed 's/None/null/' | paste -sd '|'
	)"
}
install() { (cd "$WORK/clients" && npm install --silent --no-audit --no-fund --ignore-scripts "$@") >/dev/null 2>&1; }
# `prisma generate` would download the migration engine, which it does not use.
generate() { (cd "$WORK/clients" && PRISMA_SCHEMA_ENGINE_BINARY=$(type -P true) CHECKPOINT_DISABLE=1 npx --no prisma generate --schema schema.prisma) >/dev/null 2>&1; }

echo '# installing psycopg and SQLAlchemy, by pip, into a temporary folder'
if python3 -m venv "$WORK/python" 2>/dev/null && "$WORK/python/bin/pip" install --quiet 'psycopg[binary]' sqlalchemy >/dev/null 2>&1; then
	for name in psycopg sqlalchemy; do client $name "$WORK/python/bin/python" "$WORK/clients/${name}_client.py"; done
else
	echo '# skipped: psycopg and SQLAlchemy cannot be installed here'
fi
echo '# installing pg, postgres, kysely and drizzle-orm, by npm, into a temporary folder'
if install pg postgres kysely drizzle-orm; then
	for name in node-postgres postgres-js kysely drizzle; do client $name node "$WORK/clients/$name.mjs"; done
else
	echo '# skipped: the clients for Node.js cannot be installed here'
fi
echo '# installing Prisma 7, by npm, into the same folder'
if install prisma@7 @prisma/client@7 @prisma/adapter-pg@7 && generate; then
	client prisma node "$WORK/clients/prisma.mjs"
else
	echo '# skipped: Prisma 7 cannot be installed here'
fi
crate=examples/direct-connections/rust/Cargo.toml
echo '# building sqlx and tokio-postgres, by cargo, into target/examples'
if cargo fetch --quiet --locked --manifest-path $crate 2>/dev/null; then
	cargo build --quiet --locked --manifest-path $crate --target-dir target/examples
	for name in sqlx tokio_postgres; do client $name "target/examples/debug/${name}_client"; done
else
	echo '# skipped: sqlx and tokio-postgres cannot be fetched here'
fi
