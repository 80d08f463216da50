# What is in a backup: each way of pg_dump and of the Supabase CLI, logical replication, SET SCHEMA and DROP. In every case
# either all callers see what they saw, or nobody sees more, and the doctor says what is missing.
source "$(dirname "$0")/../shell.sh"
KEYS=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
chmod 755 "$KEYS"
trap 'rm -rf "$KEYS"' EXIT
source "$here/examples/direct-connections/mint.sh"
new_key ours

psql -q <<-'SQL'
	select format('create role %I', r) from unnest('{anon,authenticated,service_role}'::text[]) r where to_regrole(r) is null \gexec
	create role backup_owner login;
	create role backup_user login in role authenticated;
SQL
portable_files() { # DATABASE FILE...
	local file
	for file in "${@:2}"; do psql -Xq -v ON_ERROR_STOP=1 -d "$1" -U backup_owner -f "$here/sql/portable/$file"; done
}
empty_database() { # DATABASE: with what a Supabase project has before the first migration
	dropdb --if-exists --force "$1"
	createdb -T template0 -O backup_owner "$1"
	sql "$1" backup_owner 'create schema extensions' 'grant usage on schema extensions to public'
	sql "$1" postgres 'create extension pgcrypto schema extensions' 'grant all on schema public to backup_owner' 'grant usage on schema public to public'
}
install() { # DATABASE EDITION
	if [ "$2" = native ]; then
		sql "$1" backup_owner 'create extension pg_workos schema extensions' 'create extension pg_workos_directory'
	else
		portable_files "$1" pg_workos.sql pg_workos_directory.sql
	fi
}
membership() { # NUMBER USER EVENT
	echo "select workos.apply_event('{\"id\":\"event_$1$3\",\"event\":\"organization_membership.$3\",\"data\":{\"id\":\"om_$1\",\"user_id\":\"$2\",\"organization_id\":\"org_1\",\"status\":\"active\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-0$4T00:00:00Z\"}}')"
}
# The rows that four callers see: a member, who was removed, a member whose claims name another issuer, and a visitor.
sees() { # DATABASE
	local who issuer
	for who in user_1 user_2 user_3 ''; do
		issuer=$ISSUER
		[ "$who" != user_3 ] || issuer=https://other.example
		sql "$1" backup_user ${who:+"set request.jwt.claims = '{\"iss\":\"$issuer\",\"sub\":\"$who\",\"sid\":\"session_1\",\"org_id\":\"org_1\"}'"} 'select count(*) from public.documents' | grep -v '^HINT'
	done | paste -sd ' '
}
doctor() { sql "$1" backup_owner "select string_agg(check_name || ' ' || status, ', ' order by check_name) from extensions.workos_doctor() where check_name in ('issuers', 'configuration')"; }
all_of_it='2 0 0 0' nothing='0 0 0 0'

for edition in native portable; do
	empty_database backup
	install backup $edition
	sql backup backup_owner 'create table public.documents (id int, org_id text)' "select extensions.workos_protect('public.documents', apply => true)" \
		'grant select, insert on public.documents to authenticated' 'alter table public.documents no force row level security' "insert into public.documents values (1, 'org_1'), (2, 'org_1'), (3, 'org_2')" \
		"$(membership 1 user_1 created 1)" "$(membership 2 user_2 created 1)" "$(membership 2 user_2 deleted 2)" "select extensions.workos_accept_audience('https://db.example/mcp')" \
		"select workos.add_webhook_secret('whsec_0123456789abcdef')" "select extensions.workos_configure(membership => 'newest')" >/dev/null
	# In the portable edition the gateway alone decides which issuers count.
	if [ $edition = native ]; then
		sql backup backup_owner "select extensions.workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" >/dev/null
	else
		all_of_it='2 0 2 0'
	fi
	is "$(sees backup)" "$all_of_it" "$edition: before the dump"
	[ $edition = portable ] || is "$(doctor backup)" 'issuers ok' '... and the doctor finds nothing missing'

	# restored HOW COMMAND...: runs the command, which restores into the database restored
	restored() {
		dropdb --if-exists --force restored
		createdb -T template0 -O backup_owner restored
		sql restored postgres 'grant all on schema public to backup_owner' 'grant usage on schema public to public'
		is "$("${@:2}" 2>&1 | grep -E 'ERROR|error:')" '' "$edition, $1: is restored without an error"
	}
	dump() { "$BIN/pg_dump" -d backup "$@"; }
	# By the role that owns the extension: a dump does not say who does, so it is the role that restores it.
	with_psql() { dump "$@" | psql -Xq -d restored -U "${AS:-backup_owner}"; }
	with_pg_restore() { dump -Fc "$@" | "$BIN/pg_restore" -d restored -U backup_owner; }
	with_folder() { dump -Fd -j 2 -f "$KEYS/folder" && "$BIN/pg_restore" -j 2 -d restored -U backup_owner "$KEYS/folder"; rm -rf "$KEYS/folder"; }
	again() { with_psql; dump -Fc | "$BIN/pg_restore" --clean --if-exists -d restored -U backup_owner; }
	for how in with_psql with_pg_restore with_folder again; do
		restored "pg_dump $how" $how
		is "$(sees restored)" "$all_of_it" '... and everybody sees what they saw'
		is "$(sql restored backup_owner "select audience from extensions.workos_audiences")" https://db.example/mcp '... with the accepted audience'
	done
	if [ $edition = native ]; then
		is "$(sql restored backup_owner 'select count(*) from workos.webhook_secrets')" 0 '... without the secrets of webhooks'
		AS=postgres restored 'pg_dump, restored by a superuser' with_psql
		is "$(sees restored)" "$all_of_it" '... and everybody sees what they saw'
		like "$(sql restored backup_owner 'select issuer from extensions.workos_issuers')" '^ERROR:  42501: ' '... but the extension belongs to the superuser now'
	fi

	# The schema alone: the rows of the table come from somewhere else.
	restored 'pg_dump --schema-only' with_psql --schema-only
	sql restored backup_owner 'insert into public.documents select n, case when n < 3 then $$org_1$$ else $$org_2$$ end from generate_series(1, 3) n'
	if [ $edition = native ]; then
		is "$(sees restored)" "$nothing" '... and nobody sees a row'
		is "$(doctor restored)" 'configuration problem, issuers problem' '... and the doctor says what is missing'
		sql restored backup_owner 'select extensions.workos_trust_any_issuer()' "$(membership 2 user_2 created 1)" "$(membership 2 user_2 deleted 2)" >/dev/null
		is "$(sees restored)" '2 0 2 0' '... with any issuer, a removed member stays out: without a configuration the newer of token and directory decides'
		is "$(doctor restored)" 'configuration problem, issuers ok' '... and the doctor says so'
		sql restored backup_owner "select extensions.workos_configure(membership => 'token')" >/dev/null
		is "$(sees restored) $(doctor restored)" '2 2 2 0 issuers ok' '... until somebody says that the token decides'
	else
		sql restored backup_owner "$(membership 2 user_2 created 1)" "$(membership 2 user_2 deleted 2)" >/dev/null
		is "$(sees restored)" '2 0 2 0' '... and the functions hold the configuration'
	fi

	# One table
	dropdb --force restored
	createdb -T template0 -O backup_owner restored
	sql restored postgres 'grant all on schema public to backup_owner' 'grant usage on schema public to public'
	like "$(with_psql -t public.documents 2>&1)" 'ERROR: .*(schema "extensions"|function extensions)' "$edition: one table, without the functions: an error"
	is "$(sql restored backup_owner "select count(*) from pg_class where relname = 'documents'")" 0 '... and no table without policies'
	empty_database restored
	install restored $edition
	is "$(with_psql -t public.documents 2>&1 | grep ERROR)" '' "$edition: one table, beside the functions"
	is "$(sql restored postgres "select relrowsecurity, (select count(*) from pg_policy where polrelid = c.oid) from pg_class c where relname = 'documents'")" 't|4' '... comes with its policies'

	# As the Supabase CLI does it: the schema and the data in two files, without its own schemas, to which extensions belongs
	supabase() {
		dump --schema-only --quote-all-identifiers --exclude-schema=extensions | sed -E 's/^CREATE SCHEMA "/CREATE SCHEMA IF NOT EXISTS "/; s/^CREATE (TABLE|SEQUENCE) "/CREATE \1 IF NOT EXISTS "/; s/^CREATE (VIEW|FUNCTION|TRIGGER) "/CREATE OR REPLACE \1 "/; s/^(COMMENT ON EXTENSION|SET transaction_timeout)/-- &/'
		echo 'RESET ALL;'
	}
	supabase_data() {
		echo 'SET session_replication_role = replica;'
		dump --data-only --quote-all-identifiers --exclude-schema='extensions|information_schema|pg_*' --schema='*'
		echo 'RESET ALL;'
	}
	empty_database restored
	if [ $edition = native ]; then
		said=$({ supabase | psql -Xq -d restored -U backup_owner; supabase_data | psql -Xq -d restored; } 2>&1 | grep ERROR)
		is "$said" '' 'native, the dump of Supabase: is restored without an error'
		is "$(sees restored)" "$nothing" '... without the trusted issuers, which it leaves out, nobody sees a row'
		is "$(doctor restored)" 'configuration problem, issuers problem' '... and the doctor says what is missing'
		like "$(sql restored backup_owner "select detail, remedy from extensions.workos_doctor() where check_name = 'issuers'")" 'supabase db dump.*workos_trust_issuer' '... by name, with the remedy'
		sql restored backup_owner 'select extensions.workos_trust_any_issuer()' >/dev/null
		is "$(sql restored backup_owner 'select count(*) from workos.memberships' "select status from extensions.workos_doctor() where check_name = 'feed'" | paste -sd ' ')" '0 warning' '... nor the rows of the directory, whose tables belong to an extension: the doctor says that nothing feeds it'
		sql restored backup_owner "$(membership 2 user_2 created 1)" "$(membership 2 user_2 deleted 2)" >/dev/null
		is "$(sees restored)" '2 0 2 0' '... and when it is fed again, a removed member is out'
	else
		like "$(supabase | psql -Xq -d restored -U backup_owner 2>&1)" 'ERROR:  function extensions\.' 'portable, the dump of Supabase: without the functions, which it leaves out, an error'
		is "$(sql restored backup_user 'select count(*) from public.documents' | head -n 1 | cut -c 1-13)" 'ERROR:  42P01' '... and there is no table'
		empty_database restored
		portable_files restored pg_workos.sql
		is "$({ supabase | psql -Xq -d restored -U backup_owner; supabase_data | psql -Xq -d restored; } 2>&1 | grep ERROR)" '' '... after pg_workos.sql it is restored without an error'
		is "$(sees restored)" '2 2 2 0' '... the configuration was a part of the functions: the token decides'
		is "$(doctor restored)" 'configuration problem' '... and the doctor says so'
		sql restored backup_owner "select extensions.workos_configure(membership => 'newest')" >/dev/null
		is "$(sees restored)|$(doctor restored)" '2 0 2 0|' '... until the newer decides again'
	fi

	# DROP
	if [ $edition = native ]; then
		like "$(sql backup postgres 'alter extension pg_workos set schema public')" '^ERROR:  0A000: extension "pg_workos" does not support SET SCHEMA' 'SET SCHEMA is refused'
		like "$(sql backup postgres 'alter extension pg_workos_directory set schema extensions')" '^ERROR:  0A000: extension "pg_workos_directory" does not support SET SCHEMA' '... for the directory, too'
		like "$(sql backup backup_owner 'drop extension pg_workos')" '^ERROR:  2BP01: ' 'DROP is refused while something uses it'
		is "$(sees backup)" "$all_of_it" '... and nothing has changed'
		sql backup backup_owner 'create table public.open (org_id text)' 'alter table public.open enable row level security' 'grant select on public.open to authenticated' "insert into public.open values ('org_1')" \
			'create policy everybody on public.open using (true)' 'create policy of_org on public.open as restrictive using (org_id = extensions.workos_org_id())'
		said=$(psql -XAtqd backup -U backup_owner -c 'set client_min_messages = notice' -c 'drop extension pg_workos cascade' 2>&1)
		like "$said" 'drop cascades to policy of_org on table ' 'DROP ... CASCADE drops the policies'
		is "$(sees backup)" "$nothing" '... after which row security lets nobody see a row of a table that workos_protect() made'
		is "$(sql backup backup_user 'select count(*) from public.open')" 1 '... but it drops restrictive policies, too: what a permissive one lets through is open (docs/how-to/backup.md warns of it)'
	else
		like "$(psql -Xq -v VERBOSITY=verbose -d backup -U backup_owner -f "$here/sql/portable/uninstall.sql" 2>&1)" '2BP01' 'portable: uninstall.sql is refused while something uses the functions'
		is "$(sees backup)" "$all_of_it" '... and nothing has changed'
	fi
done

# Made from migrations: nobody has decided which issuers count. That is the state after an installation, and the doctor says it.
empty_database restored
sql restored backup_owner 'create extension pg_workos schema extensions'
is "$(doctor restored)" 'issuers warning' 'a database that migrations made: the doctor warns that any issuer counts'
sql restored backup_owner 'select extensions.workos_trust_any_issuer()' >/dev/null
is "$(doctor restored)" 'issuers ok' '... until somebody has decided it'
"$BIN/pg_dump" -d restored >"$KEYS/decided.sql"
dropdb restored
createdb -T template0 -O backup_owner restored
psql -Xq -d restored -U backup_owner -f "$KEYS/decided.sql" >/dev/null 2>&1
is "$(doctor restored)" 'issuers ok' '... which a dump takes along'
is "$(sql restored backup_user "select count(*) from extensions.workos_doctor() where check_name in ('issuers', 'configuration')")" 0 '... and nobody but the owner is told'

# Logical replication of a protected table, to another database of this server
restart 'wal_level = logical'
empty_database backup
empty_database restored
for database in backup restored; do
	sql $database backup_owner 'create extension pg_workos schema extensions' 'create table public.documents (id int primary key, org_id text)' "select extensions.workos_protect('public.documents', apply => true)" \
		'grant select, insert on public.documents to authenticated' >/dev/null
	sql $database backup_owner "select extensions.workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" >/dev/null
done
sql backup postgres "insert into public.documents values (1, 'org_1'), (2, 'org_2')" 'create publication documents for table public.documents' "select pg_create_logical_replication_slot('documents', 'pgoutput')" >/dev/null
subscribed() { # OPTIONS
	sql restored postgres "create subscription documents connection 'host=$PGHOST dbname=backup user=postgres' publication documents with (create_slot = false, slot_name = documents$1)"
}
arrived() { # waits until the subscriber has so many rows
	local _
	for _ in $(seq 300); do
		[ "$(sql restored postgres 'select count(*) from public.documents')" != "$1" ] || return 0
		sleep 0.1
	done
	return 1
}
version=$(sql restored postgres "select current_setting('server_version_num')::int / 10000")
# workos_protect() forces row security on the owner of the table, as whom a subscription of 16 and later applies changes.
[ "$version" -ge 16 ] && run_as_owner=', run_as_owner = true' || run_as_owner=
is "$(subscribed "$run_as_owner")" '' "a subscription, on Postgres $version"
is "$(arrived 2 && echo yes)" yes '... copies the rows of a protected table'
sql backup postgres "insert into public.documents values (3, 'org_1')"
is "$(arrived 3 && echo yes)" yes '... and applies changes'
is "$(sees restored)" '2 2 0 0' '... and the policies of the subscriber decide who sees them'
if [ "$version" -ge 16 ]; then
	sql restored postgres 'alter subscription documents set (run_as_owner = false)' "select pg_terminate_backend(pid) from pg_stat_subscription where pid is not null" >/dev/null
	before=$(wc -c <"$SERVER_LOG")
	sql backup postgres "insert into public.documents values (4, 'org_1')"
	refused() { local _; for _ in $(seq 300); do tail -c +"$((before + 1))" "$SERVER_LOG" | grep -q 'cannot replicate into relation with row-level security enabled' && return; sleep 0.1; done; return 1; }
	is "$(refused && echo yes)" yes '... as the owner of the table, on whom row security is forced, it is refused, and the log says so'
	sql restored postgres 'alter subscription documents set (run_as_owner = true)'
	is "$(arrived 4 && echo yes)" yes '... and with run_as_owner it goes on'
fi
sql restored postgres 'alter subscription documents disable' 'alter subscription documents set (slot_name = none)' 'drop subscription documents'
until sql backup postgres "select pg_drop_replication_slot('documents')" | grep -qv ERROR; do sleep 0.1; done
restart

dropdb --force backup
dropdb --force restored
psql -q -c 'drop role backup_user, backup_owner'
done_testing
