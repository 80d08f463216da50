#!/usr/bin/env bash
# `make installcheck`: runs the tests in SQL against a running server with pg_workos and pgTAP. PGHOST, PGPORT, PGUSER and
# the other variables of libpq select the server. PGUSER must be a superuser, and the role authenticator must be able to
# connect without a password. The script creates its own database, and roles that are missing, and removes them again.
set -euo pipefail
cd "$(dirname "$0")/.."

database=pg_workos_installcheck
roles() { psql -XAtqd postgres -c 'select quote_ident(rolname) from pg_roles order by 1'; }
before=$(roles)
clean_up() {
	PGDATABASE=postgres dropdb --if-exists "$database"
	local role
	for role in $(comm -13 <(sort <<<"$before") <(roles | sort)); do psql -Xqd postgres -c "drop role $role"; done
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# A database like that of scripts/test.sh
new() {
	PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning' dropdb --if-exists "$database"
	PGDATABASE=postgres createdb -T template0 -E UTF8 --locale=C "$database"
	psql -Xq -v edition="tests/native.sql" -f tests/setup.sql
}
export PGDATABASE=$database
new
pg_prove --failures --comments -U authenticator tests/conformance/*.sql
# In a database of their own: workos_doctor() looks at all tables.
new
for file in schema shapes run; do psql -Xq -f "tests/native/plans/$file.sql"; done
pg_prove --failures --comments -U authenticator tests/native/*.sql
