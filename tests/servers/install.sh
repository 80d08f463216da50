# CREATE EXTENSION: by whom, where, and what it leaves alone.
source "$(dirname "$0")/tap.sh"
here=$(dirname "$0")/../..

psql -q <<-'SQL'
	create role db_owner login;
	create role db_user login;
	create database installs owner db_owner;
SQL

like "$(sql installs db_user 'create extension pg_workos')" '^ERROR:  42501:' 'a user who may create nothing in the database may not install'
is "$(sql installs db_owner 'create schema extensions; create extension pg_workos with schema extensions')" '' 'a database owner, no superuser, installs'
is "$(sql installs db_owner 'select extrelocatable from pg_extension where extname = $$pg_workos$$')" f 'it is not relocatable: workos_is_member names its schema'
like "$(sql installs db_owner 'create or replace function extensions.workos_org_id() returns text language sql as $$select null$$')" '^ERROR:  42501:' 'nor may the owner of the extension replace a helper of C'
is "$(sql installs db_owner 'drop extension pg_workos; select count(*) from pg_proc where proname like $$workos%$$')" 0 'DROP EXTENSION leaves nothing'

for schema in public '"weird Schema"' '"select"'; do
	is "$(sql installs db_owner "create schema if not exists $schema" "create extension pg_workos with schema $schema" \
		"select set_config('request.jwt.claims', '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_1\",\"auth_time\":' || extract(epoch from now())::int || '}', false) is not null" \
		"select $schema.workos_org_id(), $schema.workos_is_member('org_1'), $schema.workos_authenticated_within('1 minute')" 'drop extension pg_workos')" \
		$'t\norg_1|t|t' "in schema $schema, called by its full name"
done

# The schema auth and functions of it belong to others.
is "$(sql installs db_owner 'create schema auth; create function auth.uid() returns uuid language sql as $$select null::uuid$$; create extension pg_workos with schema extensions' \
	"select count(*) from pg_proc where pronamespace = 'auth'::regnamespace")" 1 'an existing schema auth is as it was'

# A function of the same name earlier in the path is not what an inlined helper calls.
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
	"select workos_is_member('org_victim') is null, extensions.workos_authenticated_within('1 day')")" 't|f' 'workos_is_member and workos_authenticated_within are deaf to search_path'
is "$(sql installs db_user 'set search_path = extensions, evil, pg_catalog' "select workos_is_member('org_victim') is null")" t 'nor does an operator of theirs deceive it'

# Nor does a schema that was renamed, with another in its place, nor a caller who may not look into theirs.
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
	org_a 'workos_is_member in a policy calls what it was made with'
psql -q -d installs -c 'alter schema moved rename to extensions' -c 'grant usage on schema extensions to db_user' -c 'drop table evil.doc'
is "$(sql installs db_owner "create function extensions.workos_org_id(x text default 'org_victim') returns text language sql as \$\$select x\$\$" \
	"set request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_a\"}'" "select extensions.workos_is_member('org_a')" 'drop function extensions.workos_org_id(text)')" \
	t 'nor does an overloaded name confuse it'

# Privileges: the default ones of the installing role may be anything.
is "$(sql installs db_owner 'drop extension pg_workos')$(psql -Atqc 'alter default privileges revoke execute on functions from public' -d installs)$(
	sql installs db_owner 'create extension pg_workos with schema extensions')$(sql installs db_user 'select extensions.workos_user_id() is null')" t 'helpers are for everybody even where functions are not by default'

# workos_protect is for whoever installed it, with no rights but the caller's own.
is "$(sql installs db_owner 'create table shop (org_id text)' "select count(*) from extensions.workos_protect('shop', to_role => 'db_user', apply => true)" \
	"select count(*) from pg_policy where polrelid = 'shop'::regclass" 'drop table shop')" $'9\n4' 'a database owner, no superuser, protects a table'
like "$(sql installs db_user "select extensions.workos_protect('pg_class')")" '^ERROR:  42501:' 'a user may not'

# pg_dump and restore: policies, defaults and views that call helpers.
sql installs db_owner 'create table doc (org_id text default extensions.workos_org_id()); alter table doc enable row level security;
	create policy p on doc using (extensions.workos_is_member(org_id)); create view mine as select * from doc where org_id = extensions.workos_org_id()' >/dev/null
createdb installs_restored
"$BIN/pg_dump" -d installs | psql -q -v ON_ERROR_STOP=1 -d installs_restored >/dev/null
is "$(sql installs_restored postgres "select count(*), (select count(*) from pg_policy) from pg_extension where extname = 'pg_workos'")" '1|1' 'a dump restores'

# make uninstall takes back what make install brought.
root=$(mktemp -d)
make --no-print-directory -C "$here" install DESTDIR="$root" >/dev/null 2>&1
is "$(find "$root" -type f | sed 's/.*\///' | sort | tr '\n' ' ')" 'pg_workos--0.1.0.sql pg_workos.control pg_workos.so ' 'make install brings three files'
make --no-print-directory -C "$here" uninstall DESTDIR="$root" >/dev/null 2>&1
is "$(find "$root" -type f)" '' 'make uninstall takes them back'
rm -rf "$root"
done_testing
