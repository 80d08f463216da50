#!/usr/bin/env bash
# `make demo`: runs the multi-tenant example with every kind of caller. `make psql`: opens psql in the same database.
cd "$(dirname "$0")/.."
scripts/deps.sh demo
source scripts/postgres.sh

say "building pg_workos for Postgres $MAJOR (up to ten minutes the first time, then seconds)"
make --no-print-directory all
say "starting a temporary Postgres $MAJOR"
start_server

app=examples/multi-tenant
psql -Xq -v ON_ERROR_STOP=1 <<-SQL
	create role anon;
	create role authenticated;
	create role authenticator noinherit login;
	grant anon, authenticated to authenticator;
	create schema extensions;
	grant usage on schema extensions to public;
	alter database postgres set search_path = public, extensions;
	\connect
	create extension pg_workos with schema extensions;
	\i $app/schema.sql
	\i $app/data.sql
	\i $app/callers.sql
	\i $app/attempts.sql
SQL
export PGUSER=authenticator

if [ "${1:-}" = psql ]; then
	say "psql in the example's database, as PostgREST connects. For example:"
	cat >&2 <<-'HELP'
		begin;
		select set_config('role', role, true), set_config('request.jwt.claims', claims, true) from demo.caller where n = 3;
		select workos_user_id(), workos_org_id(), workos_permissions();
		select * from documents;
		rollback;
		select n, who from demo.caller;    -- all callers; outside a transaction you are authenticator, who may read nothing else
		\connect - postgres                -- becomes the owner, who may change policies; \connect - authenticator leads back
		\q
	HELP
	psql -X
	exit
fi

for n in $(psql -XAtc 'select n from demo.caller order by n'); do
	psql -XqAt -v ON_ERROR_STOP=1 -v n="$n" -v outcomes="$WORK/outcome.$n" -f $app/caller.sql
done
cat <<-'LEGEND'

	What each of them tried, and the result:
	  yes  the policies allow it               no   a policy's check refuses the new row
	  -    the policies show no row to change  .    the Postgres role has no privilege on the table

LEGEND
cat "$WORK"/outcome.* >"$WORK/outcomes"
psql -XqAt -v ON_ERROR_STOP=1 -U postgres -v outcomes="$WORK/outcomes" -f $app/summary.sql
source examples/direct-connections/demo.sh
source examples/multi-tenant/removed.sh
echo
say "That was $app; schema.sql has the policies. To try more in it: make psql"
say "Direct connections: docs/how-to/direct-connections.md"
