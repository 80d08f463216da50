# The portable file: it does not replace objects of other roles, and it does the same with all settings of a session.
source "$(dirname "$0")/../shell.sh"
file=$here/sql/portable/pg_workos.sql
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

psql -q <<-'SQL'
	create role attacker login;
	create role migrating login;
	create role another login superuser;
SQL
# in_database SETUP: creates a database with a schema in which all these roles may create objects
in_database() {
	dropdb --if-exists owners
	createdb owners
	psql -q -d owners -c 'create schema extensions' -c 'grant all on schema extensions to attacker, migrating' -c "set role attacker" -c "$1"
}
# run USER [psql option...]: prints the output of the file
run() { psql -Xq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d owners -U "$1" "${@:2}" -f "$file" 2>&1 | grep -v '^LOCATION' | sed -E 's/^psql:[^ ]*: //'; }
owners() { sql owners postgres "select string_agg(distinct proowner::regrole::text, ',') from pg_proc where proname ~ 'workos_'"; }
refused='ERROR:  42501:'

for user in postgres migrating; do
	for options in '' --single-transaction; do
		in_database 'create function extensions._workos_set_claims() returns json language sql return null::json'
		like "$(run $user $options)" "^$refused function extensions._workos_set_claims\(\) belongs to the role attacker$" "$user${options:+, in one transaction}: the file stops if another role created one of the functions"
		like "$(run $user $options)" '^HINT: .* Run this file as attacker if it is yours; else drop the function first' '... and the hint says what to do'
		is "$(owners)" attacker '... and no function is created'
		in_database 'create function extensions.workos_org_id(text) returns text language sql return null'
		like "$(run $user $options)" "^$refused function extensions.workos_org_id\(text\) belongs to the role attacker$" '... it stops if another role created an overload'
		in_database 'create procedure extensions._workos_odd_claims() language sql as $$$$'
		like "$(run $user $options)" "^$refused function extensions._workos_odd_claims\(\) belongs to the role attacker$" '... it stops if another role created a procedure of that name'
		in_database 'select'
		psql -q -d owners -c 'alter schema extensions owner to attacker'
		like "$(run $user $options)" "^$refused schema extensions belongs to the role attacker$" '... it stops if the schema belongs to another role'
		like "$(run $user $options)" '^HINT: .* ALTER SCHEMA extensions OWNER TO ' '... and the hint says what to do'
		is "$(owners)" '' '... and no function is created'

		in_database 'select'
		is "$(run $user $options)" '' '... it succeeds if there is no such object'
		is "$(owners)" "$user" '... and the role owns all functions'
		psql -q -d owners -c 'revoke execute on function extensions.workos_claims() from public' -c 'grant execute on function extensions.workos_lint() to attacker'
		is "$(run $user $options)" '' '... it can be run again'
		is "$(sql owners postgres "select has_function_privilege('attacker', 'extensions.workos_claims()', 'execute'), has_function_privilege('attacker', 'extensions.workos_lint()', 'execute'), has_function_privilege('attacker', 'extensions.workos_claim(text)', 'execute')")" \
			'f|t|t' '... and keeps privileges that were changed'
		like "$(run another $options)" "^$refused function extensions._workos_.* belongs to the role $user$" '... another superuser may not run it again'
		is "$(owners)" "$user" '... and the owner of the functions stays the same'
	done
	# Another role creates an overload while the file runs.
	in_database 'select'
	meanwhile="psql -Xq -d owners -U attacker -c 'create function extensions.workos_claim(int) returns text return null::text'"
	sed "s/^create or replace function extensions.workos_user_id/\\\\! $meanwhile\n&/" "$file" >"$dir/meanwhile.sql"
	like "$(file=$dir/meanwhile.sql run $user)" "^$refused function extensions.workos_claim\(integer\) belongs to the role attacker$" '... it stops if another role creates an overload while it runs'
done

# The file restores the search_path of the session, in a transaction or not.
for path in '' public 'hostile, "weird, Schema", pg_catalog' '"$user", public'; do
	in_database 'select'
	for options in '' --single-transaction; do
		is "$(psql -XAtq $options -d owners -U postgres -c "select pg_catalog.set_config('search_path', '$path', false) is null" -f "$file" -c "select '[' || pg_catalog.current_setting('search_path') || ']'" 2>&1)" "f
[$path]" "search_path \"$path\" ${options:+in one transaction }is restored"
	done
done
in_database 'select'
psql -q -d owners -c 'drop schema extensions'
is "$(run postgres)$(owners)" postgres 'the file creates the schema if it is missing'
is "$(sql owners postgres "select nspowner::regrole, has_schema_privilege('attacker', oid, 'usage'), has_schema_privilege('attacker', oid, 'create') from pg_namespace where nspname = 'extensions'")" 'postgres|t|f' '... everybody may use the schema, and only the owner may create in it'

# With standard_conforming_strings = off the file creates the same functions, which return the same results.
functions="select md5(string_agg(pg_get_functiondef(p.oid), '' order by p.oid::regprocedure::text)), count(*) from pg_proc p where proname ~ 'workos_'"
on=$(sql owners postgres "$functions")
in_database 'select'
is "$(PGOPTIONS='-c standard_conforming_strings=off -c backslash_quote=on' run postgres)" '' 'the file runs with standard_conforming_strings = off'
is "$(sql owners postgres "$functions")" "$on" '... and creates the same functions'
answers() { PGOPTIONS="$PGOPTIONS -c standard_conforming_strings=$1" psql -XAtq -v ON_ERROR_STOP=1 -d "$2" -U authenticator -f "$here/tests/servers/escapes.sql" 2>&1; }
for edition in portable native; do
	on=$(answers on $edition)
	like "$(wc -l <<<"$on")" '^2[0-9]{3}$' "the $edition edition returns results for more than 2,000 claims with escapes"
	like "$on" '^22023 ' '... and refuses some of them'
	is "$(answers off $edition)" "$on" '... with the same results with standard_conforming_strings = off'
done

# After the schema was renamed, somebody else creates functions of the same names in a schema of the old name. No helper
# calls one of them, whether the claims are ordinary or not.
in_database 'select'
is "$(run postgres)" '' 'the schema of the functions is renamed'
sql owners postgres "create table call (n serial, call text); insert into call (call) values $(sed -nE "s/^\t\('(workos_.*\))', .*/('\1'),/p" "$here/tests/helpers.sql" | paste -sd ' ' | sed 's/,$//'); grant select on call to public"
answers_of() { # SCHEMA: what each helper returns, or the error, for ordinary and for other claims
	sql owners attacker "create function pg_temp.answer(claims text, call text) returns text language plpgsql as \$f\$ declare r text; begin perform set_config('request.jwt.claims', claims, true); execute 'select (' || call || ')::text' into r; return r; exception when others then return sqlstate || sqlerrm; end \$f\$;
		select c.claims, h.call, pg_temp.answer(c.claims, '$1.' || h.call)
		from unnest(array['', 'null', '{\"role\":\"anon\"}', '{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"org_1\",\"user_role\":\"r\",\"roles\":[\"r\",\"s\"],\"permissions\":[\"p\",\"q\"]}',
			'{\"sub\":\"user_\\\\u0031\",\"sid\":\"session_1\",\"org_id\":5,\"user_role\":\"anon\",\"roles\":[\"r\"],\"n\":1e999999,\"exp\":4102444800.5}', '{\"sub\":\"client_1\",\"a\":[[[1]]],\"exp\":1e300}', '{\"sub\"', '[]']) c(claims), call h
		order by c.claims collate \"C\", h.n"
}
before=$(answers_of extensions)
like "$(wc -l <<<"$before")" '^288$' '... and every helper is called with ordinary and with other claims'
like "$before" 'workos_org_id\(\)\|org_1$' '... and answers'
psql -q -d owners -c 'alter schema extensions rename to moved' -c 'grant create on database owners to attacker'
sql owners attacker "create schema extensions; grant usage on schema extensions to public"
psql -XAtq -d owners -c "select format('create function extensions.%I(%s) returns %s language plpgsql as \$f\$ begin raise exception %L; end \$f\$;', p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), 'a function of the attacker was called')
	from pg_proc p where p.pronamespace = 'moved'::regnamespace and p.prokind = 'f' and p.proname not in ('workos_doctor', 'workos_lint', 'workos_protect')" | psql -Xq -d owners -U attacker
is "$(sql owners attacker 'select extensions._workos_ordinary(true, null, null)' 2>&1 | head -n 1)" 'ERROR:  P0001: a function of the attacker was called' '... another role takes the old name, with functions of the same names'
is "$(answers_of moved)" "$before" '... and no helper calls one of these'


psql -q -c 'create role "Migrating-1" login'
in_database 'select'
psql -q -d owners -c 'grant all on schema extensions to "Migrating-1"'
is "$(run Migrating-1)$(sql owners attacker 'select extensions.workos_org_id() is null')" t 'a role whose name needs quotes runs the file, and everybody may call the helpers'
dropdb owners
psql -q -c 'drop role attacker, migrating, another, "Migrating-1"'

# psql goes on after an error, unless it is told to stop. Nothing may be replaced then.
createdb beside_native
psql -q -d beside_native -c 'create schema extensions' -c 'create extension pg_workos schema extensions'
said=$(psql -Xq -d beside_native -f "$here/sql/portable/pg_workos.sql" 2>&1)
like "$said" 'ERROR:  the extension pg_workos is installed here' 'beside the extension it says so'
is "$(psql -XAtq -d beside_native -c "select count(*) from pg_proc p join pg_language l on l.oid = p.prolang
	where p.pronamespace = 'extensions'::regnamespace and proname in ('workos_org_id', 'workos_claims', 'workos_has_permission') and lanname = 'c'")" 3 \
	'... and replaces nothing, where psql goes on after the error'
is "$(psql -XAtq -d beside_native -c "select count(*) from pg_proc where proname = '_workos_ordinary'")" 0 '... and creates nothing'
is "$(psql -XAtq -d beside_native -f "$here/sql/portable/pg_workos.sql" -c 'show default_transaction_read_only' -c 'show search_path' 2>/dev/null | paste -sd '|')" 'off|"$user", public' \
	'... and leaves the settings of the session as they were'
createdb of_another
psql -q -d of_another -c 'create schema extensions' -c 'create role maker_of_one' -c 'grant create on schema extensions to maker_of_one' -c 'set role maker_of_one' \
	-c "create function extensions.workos_org_id() returns text language sql as 'select null'"
like "$(psql -Xq -d of_another -f "$here/sql/portable/pg_workos.sql" 2>&1)" 'ERROR:  function extensions.workos_org_id\(\) belongs to the role maker_of_one' 'beside a function of another it says so'
is "$(psql -XAtq -d of_another -c "select count(*) from pg_proc where pronamespace = 'extensions'::regnamespace")" 1 '... and creates nothing, where psql goes on after the error'
dropdb beside_native
dropdb of_another
psql -q -c 'drop role maker_of_one'
done_testing
