# Whatever the default privileges are, everybody may call the functions listed in sql/source/common/access.sql, and only
# the owner may use any other object of the extension. All objects are read from the catalog, so new ones are included.
source "$(dirname "$0")/../shell.sh"
source=$here/sql/source

# The list of an edition, in the format of the catalog.
listed() { # EDITION
	cat "$source/common/access.sql" "$source/$1/everybody.sql" | sed -nE "s/^\s*'@extschema@\.(\w+\(.*\))',?$/\1/p" | sed 's/, /,/g' | sort | paste -sd ' '
}
# Privileges of others than the owner: the functions that PUBLIC may call, and all other privileges.
functions="pronamespace = 'ours'::regnamespace and proname ~ 'workos_'"
for_public="select string_agg(regexp_replace(p.oid::regprocedure::text, '^ours\.', ''), ' ' order by regexp_replace(p.oid::regprocedure::text, '^ours\.', '') collate \"C\")
	from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where $functions and a.grantee = 0"
for_others="select string_agg(distinct what || ' ' || grantee::regrole, ', ') from (
	select p.oid::regprocedure::text as what, a.grantee from pg_proc p, aclexplode(p.proacl) a where $functions and a.grantee not in (0, p.proowner)
	union all select c.relname, a.grantee from pg_class c, aclexplode(c.relacl) a where relnamespace = 'ours'::regnamespace and a.grantee <> c.relowner
	union all select c.relname || '.' || attname, a.grantee from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a where relnamespace = 'ours'::regnamespace
	union all select t.typname, a.grantee from pg_type t, aclexplode(t.typacl) a where typnamespace = 'ours'::regnamespace and typtype <> 'c' and a.grantee not in (0, t.typowner)) g
	where grantee <> coalesce((select extowner from pg_extension where extname = 'pg_workos'), 0)"
cannot="select string_agg(p.oid::regprocedure::text, ' ') from pg_proc p where $functions and has_function_privilege('someone', p.oid, 'execute')
	and not exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)"

psql -q <<-'SQL'
	create role someone;
	create role installer login;
SQL
# Default privileges: those of Supabase, everything for everybody, and nothing for everybody.
supabase='alter default privileges in schema ours grant all on functions to anon, authenticated, service_role; alter default privileges in schema ours grant all on tables to anon, authenticated, service_role;
	alter default privileges in schema ours grant all on sequences to anon, authenticated, service_role'
worst='alter default privileges grant all on functions to public, someone with grant option; alter default privileges grant all on tables to public; alter default privileges grant all on tables to someone with grant option;
	alter default privileges in schema ours grant all on functions to public; alter default privileges in schema ours grant all on tables to public'
worst=${worst/public, someone with grant option/public; alter default privileges grant all on functions to someone with grant option}
none='alter default privileges revoke all on functions from public; alter default privileges revoke all on types from public'

portable() { sed 's/extensions/ours/g' "$here/sql/portable/pg_workos.sql" | psql -Xq -v ON_ERROR_STOP=1 -d privileges -U "$1" 2>&1; }
native() { psql -Xq -v ON_ERROR_STOP=1 -d privileges -U "$1" -c 'create extension pg_workos schema ours' 2>&1; }
tle() { psql -Xq -v ON_ERROR_STOP=1 -d privileges -U "$1" -c 'create extension pg_workos_portable schema ours' 2>&1; }
for edition in native portable tle; do
	[ "$edition" = native ] && list=native || list=portable
	for user in installer postgres; do
		for defaults in '' "$supabase" "$worst" "$none"; do
			createdb -O installer privileges
			psql -q -d privileges -c "create schema ours authorization $user; grant all on schema ours to someone"
			# For the installing role, and for the bootstrap superuser, who owns the objects of a trusted extension.
			[ -z "$defaults" ] || for role in installer postgres; do psql -q -d privileges -c "set role $role" -c "$defaults"; done
			case $defaults in '') about='no default privileges' ;; "$supabase") about="Supabase's default privileges" ;; "$worst") about='default privileges that grant everything to everybody' ;; *) about='default privileges that grant nothing' ;; esac
			about="$edition edition, installed by $user, $about"
			is "$($edition "$user")" '' "$about: the functions are installed"
			is "$(sql privileges postgres "$for_public")" "$(listed $list)" '... everybody may call the functions of the list, and no others'
			is "$(sql privileges postgres "$for_others")" '' '... no other role except the owner of the extension has a privilege'
			is "$(sql privileges postgres "$cannot")" '' '... no other role has a privilege through a role membership'
			dropdb privileges
		done
	done
done
psql -q -c 'drop role someone, installer'
done_testing
