# workos_lint() and workos_protect() in a schema that a gateway exposes, and in one whose name needs quotes, in both
# editions.
source "$(dirname "$0")/../shell.sh"

# Supabase's roles, and its default privileges for functions that the migration role and the superuser create in public.
psql -q <<-'SQL'
	select format('create role %I', r) from unnest('{anon,authenticated,service_role,lint_migrator}'::text[]) r where to_regrole(r) is null \gexec
	create database lint_native;
	create database lint_portable owner lint_migrator;
	create database lint_owned owner lint_migrator;
SQL
for database in lint_native lint_portable lint_owned; do
	psql -q -d "$database" <<-'SQL'
		grant usage on schema public to public;
		grant create on schema public to lint_migrator;
		alter default privileges in schema public grant execute on functions to anon, authenticated, service_role;
		alter default privileges for role lint_migrator in schema public grant execute on functions to anon, authenticated, service_role;
	SQL
done
# portable SCHEMA: installs the portable edition in that schema, as the migration role
portable() { (echo 'set role lint_migrator;'; sed "s/extensions/$1/g" "$here/sql/portable/pg_workos.sql") | psql -q -v ON_ERROR_STOP=1 -d lint_portable; }

psql -q -d lint_native -c 'create extension pg_workos with schema public'
psql -q -d lint_owned -c 'set role lint_migrator' -c 'create extension pg_workos with schema public'
portable public
for edition in native portable owned; do
	installer=$([ "$edition" = native ] && echo postgres || echo lint_migrator)
	is "$(sql "lint_$edition" postgres "set role $installer" 'create function public.anything() returns int return 1' "select has_function_privilege('anon', 'public.anything()', 'execute')" 'drop function public.anything()')" \
		t "$edition, in public: by default privileges anon may call a function that $installer creates"
	is "$(sql "lint_$edition" postgres "select count(*) from pg_proc where pronamespace = 'public'::regnamespace and proname in ('workos_lint', '_workos_calls', 'workos_protect')")" 3 '... workos_lint, _workos_calls and workos_protect exist'
	for role in anon authenticated service_role; do
		like "$(sql "lint_$edition" postgres "set role $role" 'select * from public.workos_lint()')" '^ERROR:  42501: permission denied for function workos_lint' "$edition, in public: $role may not call workos_lint"
		like "$(sql "lint_$edition" postgres "set role $role" "select * from public.workos_protect('pg_class')")" '^ERROR:  42501: permission denied for function workos_protect' '... may not call workos_protect'
		is "$(sql "lint_$edition" postgres "select string_agg(p.proname, ' ') from pg_proc p where p.proname ~ '^_?workos_(lint|facts|explained|ended_rows|open|calls|names_of_helpers|end_users|granted|managed|foreign|read_elsewhere|protect|trust|distrust|check_issuer|issuers)' and p.pronamespace = 'public'::regnamespace and has_function_privilege('$role', p.oid, 'execute')")" '' '... may not call the functions that these two call'
		is "$(sql "lint_$edition" postgres "set role $role" 'select public.workos_user_id() is null')" t '... may call the helpers'
	done
	# A role that owns tables gets the privilege by GRANT. It then protects its own tables, and no others, and nobody else gains anything.
	is "$(sql "lint_$edition" postgres 'create role lint_app' 'grant create on schema public to lint_app' "set role $installer" 'grant execute on function public.workos_protect to lint_app' 'set role lint_app' 'create table public.app (org_id text)' \
		"select count(*) from public.workos_protect('public.app', apply => true)" "select count(*) from pg_policy where polrelid = 'public.app'::regclass")" $'11\n4' '... a role that was granted EXECUTE protects its table'
	like "$(sql "lint_$edition" postgres 'create table public.other (org_id text)' 'set role lint_app' "select public.workos_protect('public.other', apply => true)")" '^ERROR:  42501: must be owner of table other' '... but not the table of another role'
	for role in anon authenticated service_role; do
		like "$(sql "lint_$edition" postgres "set role $role" "select public.workos_protect('public.app')")" '^ERROR:  42501: permission denied for function workos_protect' "... and $role may still not call it"
	done
	if [ "$edition" = portable ]; then
		portable public
		is "$(sql lint_portable postgres "select has_function_privilege('lint_app', (select oid from pg_proc where proname = 'workos_protect'), 'execute')")" t '... which stays when the file is run again'
	fi
	psql -qd "lint_$edition" -c "set role $installer" -c 'revoke execute on function public.workos_protect from lint_app' -c 'reset role' -c 'drop table public.app, public.other; drop owned by lint_app; drop role lint_app'
	is "$(sql "lint_$edition" postgres "set role $installer" 'select string_agg(rule, chr(32)) from public.workos_lint()')" summary "... $installer may call workos_lint"
done

# Remedies also work if each name needs quotes.
psql -q -d lint_native -c 'drop extension pg_workos' -c 'create schema "weird Schema"' -c 'create extension pg_workos with schema "weird Schema"'
sed 's/extensions/public/g' "$here/sql/portable/uninstall.sql" | psql -q -v ON_ERROR_STOP=1 -d lint_portable
psql -q -d lint_portable -c 'create schema "weird Schema" authorization lint_migrator'
portable '"weird Schema"'
for edition in native portable; do
	psql -q -d "lint_$edition" <<-'SQL'
		create table "my Table" ("org id" text, "(need" text);
		alter table "my Table" enable row level security;
		create policy "it's ""one""" on "my Table" to authenticated using ("org id" = "weird Schema".workos_org_id());
		create policy two on "my Table" to authenticated using ("org id" = (select "weird Schema".workos_org_id()) and "weird Schema".workos_has_role("weird Schema".workos_user_role()) and "(need" <> ' "weird Schema".workos_org_id() ');
	SQL
done
found='select string_agg(distinct remedy, $$ $$ order by remedy) from "weird Schema".workos_lint()'
index='CREATE INDEX ON public."my Table" ("org id");'
is "$(sql lint_native postgres "$found")" "$index" 'native edition, names that need quotes: the remedy'
is "$(sql lint_portable postgres "$found")" \
	"ALTER POLICY two ON public.\"my Table\" USING (((\"org id\" = ( SELECT \"weird Schema\".workos_org_id() AS workos_org_id)) AND ( SELECT \"weird Schema\".workos_has_role(\"weird Schema\".workos_user_role())) AND (\"(need\" <> ' \"weird Schema\".workos_org_id() '::text))); $index" 'portable edition, names that need quotes: the remedies'
for edition in native portable; do
	is "$(sql "lint_$edition" postgres "$found" | psql -q -d "lint_$edition" 2>&1)$(sql "lint_$edition" postgres 'select string_agg(rule, chr(32)) from "weird Schema".workos_lint()')" summary "$edition edition, names that need quotes: after the remedies there are no findings"
	is "$(sql "lint_$edition" postgres "set request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\"}'" "select status from \"weird Schema\".workos_doctor() where check_name = 'issuer'")" ok "$edition edition, names that need quotes: workos_doctor() works"
done
done_testing
