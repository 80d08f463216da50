# CREATE EXTENSION: who may run it, in which schemas, and what it does not change.
source "$(dirname "$0")/../shell.sh"
WORK_FILE=$(mktemp)
trap 'rm -f "$WORK_FILE"' EXIT

psql -q <<-'SQL'
	create role db_owner login;
	create role db_user login;
	create database installs owner db_owner;
SQL

like "$(sql installs db_user 'create extension pg_workos')" '^ERROR:  42501:' 'a user without the privilege CREATE on the database may not install the extension'
is "$(sql installs db_owner 'create schema extensions; create extension pg_workos with schema extensions')" '' 'the owner of the database, who is not a superuser, installs the extension'
is "$(sql installs db_owner 'select extrelocatable from pg_extension where extname = $$pg_workos$$')" f 'the extension is not relocatable, because workos_is_member names its schema'
like "$(sql installs db_owner 'create or replace function extensions.workos_org_id() returns text language sql as $$select null$$')" '^ERROR:  42501:' 'the owner of the extension may not replace a C function'
is "$(sql installs db_owner 'drop extension pg_workos; select count(*) from pg_proc where proname like $$workos%$$')" 0 'DROP EXTENSION removes all functions'

for schema in public '"weird Schema"' '"select"'; do
	is "$(sql installs db_owner "create schema if not exists $schema" "create extension pg_workos with schema $schema" \
		"select set_config('request.jwt.claims', '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_1\",\"auth_time\":' || extract(epoch from now())::int || '}', false) is not null" \
		"select $schema.workos_org_id(), $schema.workos_is_member('org_1'), $schema.workos_authenticated_within('1 minute')" 'drop extension pg_workos')" \
		$'t\norg_1|t|t' "in the schema $schema, helpers can be called by their qualified names"
done

# The schema auth belongs to other software.
is "$(sql installs db_owner 'create schema auth; create function auth.uid() returns uuid language sql as $$select null::uuid$$; create extension pg_workos with schema extensions' \
	"select count(*) from pg_proc where pronamespace = 'auth'::regnamespace")" 1 'an existing schema auth is not changed'

# An inlined helper does not call a function of the same name that is earlier in search_path.
psql -q -d installs <<-'SQL'
	create schema evil;
	grant all on schema evil to db_user;
	grant usage on schema extensions to db_user;
SQL
is "$(sql installs db_user "create function evil.workos_org_id() returns text language sql as \$\$select 'org_victim'::text\$\$" \
	'create function evil.workos_authenticated_at() returns timestamptz language sql as $$select now()$$' \
	'create function evil.not_equal(text, text) returns boolean language sql as $$select true$$' \
	'create operator evil.= (leftarg = text, rightarg = text, procedure = evil.not_equal)' \
	'set search_path = evil, pg_catalog, extensions' \
	"select workos_is_member('org_victim') is null, extensions.workos_authenticated_within('1 day')")" 't|f' 'workos_is_member and workos_authenticated_within are not affected by search_path'
is "$(sql installs db_user 'set search_path = extensions, evil, pg_catalog' "select workos_is_member('org_victim') is null")" t 'workos_is_member is not affected by an operator of another schema'

# The schema was renamed, another role created a schema of the old name, and the caller may not use the renamed one.
psql -q -d installs <<-'SQL'
	create table evil.doc (org_id text);
	insert into evil.doc values ('org_a'), ('org_victim');
	alter table evil.doc enable row level security;
	create policy p on evil.doc using (extensions.workos_is_member(org_id));
	grant select on evil.doc to db_user;
	grant create on database installs to db_user;
	alter schema extensions rename to moved;
	revoke all on schema moved from public, db_user;
SQL
is "$(sql installs db_user 'create schema extensions' "create function extensions.workos_org_id() returns text language sql as \$\$select 'org_victim'::text\$\$" \
	"set request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_a\"}'" 'select string_agg(org_id, $$,$$) from evil.doc' 'drop schema extensions cascade')" \
	org_a 'workos_is_member in a policy still calls the function that it was created with'
psql -q -d installs -c 'alter schema moved rename to extensions' -c 'grant usage on schema extensions to db_user' -c 'drop table evil.doc'
is "$(sql installs db_owner "create function extensions.workos_org_id(x text default 'org_victim') returns text language sql as \$\$select x\$\$" \
	"set request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_a\"}'" "select extensions.workos_is_member('org_a')" 'drop function extensions.workos_org_id(text)')" \
	t 'workos_is_member is not affected by an overload of workos_org_id'

# The default privileges of the installing role do not matter.
is "$(sql installs db_owner 'drop extension pg_workos')$(psql -Atqc 'alter default privileges revoke execute on functions from public' -d installs)$(
	sql installs db_owner 'create extension pg_workos with schema extensions')$(sql installs db_user 'select extensions.workos_user_id() is null')" t 'everybody may call helpers, even if default privileges revoke EXECUTE from PUBLIC'

# Only the role that installed it may call workos_protect, which runs with the privileges of the caller.
is "$(sql installs db_owner 'create table shop (org_id text)' "select count(*) from extensions.workos_protect('shop', to_role => 'db_user', apply => true)" \
	"select count(*) from pg_policy where polrelid = 'shop'::regclass" 'drop table shop')" $'11\n4' 'the owner of the database, who is not a superuser, protects a table'
like "$(sql installs db_user "select extensions.workos_protect('pg_class')")" '^ERROR:  42501:' 'another user may not call workos_protect'

# In public, where the default privileges of Supabase grant EXECUTE on new functions to anon, authenticated and service_role: what anonymous callers see, and
# what docs/how-to/install.md says of it.
exposed="select count(*) from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname ~ '^workos_' and has_function_privilege('anon', p.oid, 'execute')"
page=$here/docs/how-to/install.md
for edition in native portable; do
	createdb supabase
	psql -Xqd supabase -c 'alter default privileges in schema public grant all on functions to anon, authenticated, service_role' \
		-c 'alter default privileges in schema public grant all on tables to anon, authenticated, service_role'
	if [ $edition = native ]; then
		psql -Xqd supabase -c 'create extension pg_workos with schema public'
		want=$(sed -nE 's/.*would see the ([0-9]+) functions.*/\1/p' "$page")
	else
		sed 's/extensions/public/g' "$here/sql/portable/pg_workos.sql" | psql -Xqd supabase
		want=$(sed -nE 's/.*\(([0-9]+) of the portable edition\).*/\1/p' "$page")
	fi
	is "$(sql supabase postgres "$exposed")" "$want" "$edition edition in public: anonymous callers may execute as many functions as the page says"
	is "$(sql supabase postgres "select string_agg(p.proname, ' ' order by p.proname) from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname ~ 'protect|lint|trust|configure|audience|check_issuer'
		and (has_function_privilege('anon', p.oid, 'execute') or has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('service_role', p.oid, 'execute'))")" '' \
		'... but none of the functions of the owner'
	psql -Xqd supabase -c 'create table notes (org_id text)'
	like "$(sql supabase authenticator 'begin; set local role anon' "select workos_protect('notes')")" '^ERROR:  42501: permission denied for function workos_protect' '... such as workos_protect'
	is "$(sql supabase postgres "select has_table_privilege('anon', c.oid, 'select') from pg_class c where c.relname = 'workos_issuers'")" "$([ $edition = native ] && echo f)" '... nor the table of the issuers'
	[ $edition = native ] || { dropdb supabase; break; }
	is "$(sql supabase postgres "select string_agg(p.proname, ' ' order by p.proname) from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname ~ '^workos_' and p.provolatile = 'v' and has_function_privilege('anon', p.oid, 'execute')")" \
		'workos_authenticate workos_propagate_claims' '... and only these are VOLATILE, mutations of pg_graphql'
	awk '/^```sql$/ { on = 1; block = ""; next } /^```$/ { if (on && block ~ /revoke execute/) printf "%s", block; on = 0 } on { block = block $0 "\n" }' "$page" >"$WORK_FILE"
	is "$(psql -Xqd supabase -v ON_ERROR_STOP=1 -f "$WORK_FILE" 2>&1)" '' 'the statements of the page are run'
	is "$(sql supabase postgres "$exposed")" $((want - 6)) '... six functions fewer for anonymous callers'
	psql -Xqd supabase -c "create policy p on notes using (org_id = workos_org_id())" -c 'alter table notes enable row level security' -c 'grant select on notes to anon' -c "insert into notes values ('org_1')"
	is "$(sql supabase authenticator 'begin; set local role anon' 'select count(*) from notes')" 0 '... and policies go on, for anonymous callers'
	is "$(sql supabase authenticator 'begin; set local role authenticated' "set local request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_1\"}'" 'select workos_org_id(), (select count(*) > 9 from workos_doctor())')" 'org_1|t' \
		'... as does workos_doctor(), for users'
	dropdb supabase
done

# pg_dump and restore: policies, defaults and views that call helpers.
sql installs db_owner 'create table doc (org_id text default extensions.workos_org_id()); alter table doc enable row level security;
	create policy p on doc using (extensions.workos_is_member(org_id)); create view mine as select * from doc where org_id = extensions.workos_org_id()' >/dev/null
createdb installs_restored
"$BIN/pg_dump" -d installs | psql -q -v ON_ERROR_STOP=1 -d installs_restored >/dev/null
is "$(sql installs_restored postgres "select count(*), (select count(*) from pg_policy) from pg_extension where extname = 'pg_workos'")" '1|1' 'a dump with policies, defaults and views can be restored'

# make uninstall removes the files that make install created.
root=$(mktemp -d)
make --no-print-directory -C "$here" install DESTDIR="$root" >/dev/null 2>&1
is "$(find "$root" -type f | sed 's/.*\///' | sort | tr '\n' ' ')" 'pg_workos--0.1.0.sql pg_workos.control pg_workos.so pg_workos_directory--0.1.0.sql pg_workos_directory.control ' 'make install creates five files'
make --no-print-directory -C "$here" uninstall DESTDIR="$root" >/dev/null 2>&1
is "$(find "$root" -type f)" '' 'make uninstall removes them'
rm -rf "$root"
done_testing
