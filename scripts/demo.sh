#!/usr/bin/env bash
# `make demo`: the multi-tenant example, with every kind of caller. `make psql`: the same, to try things in.
cd "$(dirname "$0")/.."
scripts/deps.sh demo
source scripts/postgres.sh

say "building pg_workos for Postgres $MAJOR (minutes the first time, then seconds)"
make --no-print-directory all
say "starting a throwaway Postgres $MAJOR"
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
		explain select * from documents where not is_public;
		commit;
		select n, who from demo.caller;    -- all callers
	HELP
	psql -X
	exit
fi

cat <<-'LEGEND'

	Each caller is one transaction, as a gateway sends it: the role and the claims are set, then everything is tried.
	  yes       the policies allow it          no row    they show no row to change
	  refused   they refuse the new row        no grant  the Postgres role may not touch the table at all
LEGEND
for n in $(psql -XAtc 'select n from demo.caller order by n'); do
	psql -XqAt -v ON_ERROR_STOP=1 -v n="$n" -f $app/caller.sql
done
echo
say "That was $app; schema.sql has the policies. To try more in it: make psql"
