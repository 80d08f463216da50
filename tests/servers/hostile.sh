# A role that may only create objects in the database creates many objects that an unqualified name in one of the SQL
# scripts could find. Roles that then install, move, remove or call the functions must not call any of these objects.
source "$(dirname "$0")/../shell.sh"
extensions=$(psql -Atc "select setting from pg_config where name = 'SHAREDIR'")/extension
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" | head -n 1)
dir=$(mktemp -d)
# Files that are left on the server would affect later tests.
trap 'rm -rf "$dir" "$extensions"/careless*' EXIT
chmod 755 "$dir"

psql -q -c 'create role attacker login' -c 'create role signed_in' -c 'create database hostile'
psql -q -d hostile -c 'grant create on database hostile to attacker' -c 'create schema extensions' -c 'create extension pg_workos schema extensions'
# The signatures of both editions.
signatures="select array(select replace(regexp_replace(p.oid::regprocedure::text, '^.*\.', ''), ',', ', ') from pg_proc p where p.pronamespace = 'extensions'::regnamespace)"
ours=$(psql -At -d hostile -c "$signatures" -c 'drop extension pg_workos' | head -n 1)
psql -Xq -v ON_ERROR_STOP=1 -d hostile -f "$here/sql/portable/pg_workos.sql" || exit 1
ours=$(psql -At -d hostile -c "select '$ours'::text[] || array(${signatures#select array})" | tail -n 1)
sql hostile postgres "$(cat "$here/sql/portable/uninstall.sql")"
cat "$here"/sql/pg_workos--*.sql "$here"/sql/portable/*.sql "$here"/sql/testing/*.sql >"$dir/scripts"
SCRIPTS=$dir/scripts psql -v ours="$ours" -d hostile -U attacker -f "$here/tests/servers/hostile/plant.sql" || exit 1

# attack ABOUT PATTERN COMMAND...: runs the command in a new database named victim. The result has one line for each
# error and for each hostile object that another role called, and one if the attacker became a superuser.
attack() {
	local about=$1 pattern=$2 before got
	shift 2
	createdb -T hostile victim
	psql -qd victim -c 'grant create on database victim to attacker' -c 'alter database victim set search_path = hostile, public'
	before=$(wc -c <"$SERVER_LOG")
	"$@" >"$dir/output" 2>&1
	got=$(grep -E 'ERROR|FATAL|not found|No such file' "$dir/output"
		tail -c +"$((before + 1))" "$SERVER_LOG" | grep -o 'HOSTILE.*' | sort | uniq -c | head -n 20
		psql -Atc "select 'the attacker is a superuser' from pg_roles where rolname = 'attacker' and rolsuper")
	if [ -n "$pattern" ]; then like "$got" "$pattern" "$about"; else is "$got" '' "$about"; fi
	psql -qc 'alter role attacker nosuperuser'
	dropdb --force victim
}
attacker() { sql victim attacker "$@"; }
superuser() { sql victim postgres "$@"; }

# The test can fail: an extension with one unqualified name, installed by a user who is not a superuser, and unqualified
# names of a superuser whose search_path begins with the hostile schema.
printf '%s\n' "default_version = '1'" 'trusted = true' >"$extensions/careless.control"
careless() { # WHAT, WHAT IS CALLED, LINE
	echo "$3;" >"$extensions/careless--1.sql"
	attack "an unqualified $1 is detected" "HOSTILE: $2.* called by postgres" attacker 'create extension careless schema hostile'
}
careless operator 'operator' 'select case oid when 0 then 1 end from pg_class'
careless 'function' 'format\(text, text, text\)' "select format('%s%s', 'a'::text, 'b'::text)"
careless 'aggregate' 'step string_agg' 'select string_agg(relname, relname) from pg_class'
careless 'overload of one of ours' 'workos_claim\(name\)' "create function @extschema@.workos_claim(text) returns text return \$1; select @extschema@.workos_claim('a'::name)"
careless 'cast' 'to trojan' 'select 1::hostile.trojan'
attack '... and it would make the attacker a superuser' 'the attacker is a superuser' attacker 'create extension careless schema hostile'
attack 'an unqualified type is detected' 'HOSTILE: type text called by postgres' superuser "set search_path = hostile, pg_catalog; select 'a'::text"
attack 'an unqualified catalog is detected' 'HOSTILE: catalog pg_class called by postgres' superuser 'set search_path = hostile, pg_catalog; select from pg_class'
attack 'an error is detected' 'ERROR:  42883' attacker 'select no_such_function()'

# file FILE [as SCHEMA]: runs a file as a superuser whose search_path begins with the hostile schema
file() {
	(cd "$here/$(dirname "$1")" && sed "s/extensions/${3:-extensions}/g" "$(basename "$1")" |
		psql -Xq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d victim -U postgres ${to:+-v to="$to"} 2>&1 | grep -v '^LOCATION')
}
calls() { # SCHEMA: a superuser calls every function in it. Errors about invalid tokens and issuers are expected.
	psql -Xq -v VERBOSITY=verbose -v schema="$1" -d victim -U postgres <"$here/tests/servers/hostile/calls.sql" 2>&1 | grep -Ev '^ERROR:  (28000|55000|22023): '
}
overloads="select format('drop function %s;', p.oid::regprocedure) from pg_proc p where p.pronamespace = 'hostile'::regnamespace and p.proname ~ 'workos_' and p.proowner = 'attacker'::regrole"
without_overloads() { superuser 'alter schema hostile owner to postgres; grant create on schema hostile to attacker'; psql -Atqd victim -c 'set search_path = pg_catalog' -c "select 'set search_path = pg_catalog;'" -c "$overloads" | psql -qd victim; }

attack 'the attacker installs the extension into the hostile schema' '' attacker 'create extension pg_workos schema hostile'
attack 'the attacker installs it with catalogs and types in pg_temp' '' \
	attacker "set search_path = pg_catalog; create temp table t (); do \$\$ declare temp text := (select nspname from pg_namespace where oid = pg_my_temp_schema()); begin call hostile.plant_names(temp); end \$\$; create extension pg_workos schema hostile"
attack 'the attacker installs it with settings that change how SQL is read' '' \
	attacker "set standard_conforming_strings = off; set quote_all_identifiers = on; set transform_null_equals = on; set array_nulls = off; set search_path = hostile, pg_catalog; create extension pg_workos"
attack 'the attacker cannot install it beside an ambiguous overload' '^ERROR:  42725: function hostile.workos_org_id\(\) is not unique$' \
	attacker "create function hostile.workos_org_id(x int[] default null) returns text return 'org_victim'; create extension pg_workos schema hostile"
attack 'a superuser installs the extension into the hostile schema' '' superuser 'set search_path = hostile, pg_catalog; create extension pg_workos schema hostile'
for upgrade in "$here"/sql/pg_workos--*--*.sql; do
	[ -f "$upgrade" ] || continue
	IFS=' ' read -r old new <<<"$(sed -E 's/.*pg_workos--(.*)--(.*)\.sql/\1 \2/' <<<"$upgrade")"
	attack "the attacker upgrades from $old to $new" '' attacker "create extension pg_workos version '$old' schema hostile; alter extension pg_workos update to '$new'"
done
native_then() { "$1" "create extension pg_workos schema $2"; calls "$2"; }
attack 'a superuser calls every function of an extension that the attacker installed' '' native_then attacker hostile
attack 'a superuser calls every function of an extension in another schema' '' native_then superuser extensions

renamed() {
	superuser 'create extension pg_workos schema extensions; alter schema extensions rename to moved'
	attacker "create schema extensions; grant usage on schema extensions to public; create view extensions.workos_issuers as select '*'::text as issuer where hostile.caught('a table in a schema of the old name') is null; grant all on extensions.workos_issuers to public"
	superuser 'select moved.workos_trust_any_issuer(); select moved.workos_trust_any_issuer()'
}
attack 'a superuser changes the trusted issuers after the schema was renamed' '' renamed

for path in 'hostile, public' 'hostile, pg_catalog, public'; do
	with_path() { superuser "alter database victim set search_path = $path"; "$@"; }
	portable_then_not() { file sql/portable/pg_workos.sql; file sql/portable/pg_workos.sql; calls extensions; file sql/portable/uninstall.sql; }
	attack "with search_path = $path: the portable file runs twice, every function is called, and uninstall.sql runs" '' with_path portable_then_not
	in_hostile() { without_overloads; file sql/portable/pg_workos.sql as hostile; calls hostile; file sql/portable/uninstall.sql as hostile; }
	attack "with search_path = $path: the same in a schema in which the attacker may create objects" '' with_path in_hostile
done
attack 'the portable file refuses the schema of the attacker' '^ERROR:  42501: schema hostile belongs to the role attacker$' file sql/portable/pg_workos.sql as hostile
beside() { superuser 'alter schema hostile owner to postgres; grant create on schema hostile to attacker'; file sql/portable/pg_workos.sql as hostile; }
attack 'the portable file refuses functions of the same names that belong to the attacker' '^ERROR:  42501: function hostile\._?workos_.* belongs to the role attacker$' beside
there_and_back() { file sql/portable/pg_workos.sql && to=native file sql/portable/move.sql && to=portable file sql/portable/move.sql; }
attack 'a move to the native edition and back' '' there_and_back
testing() { superuser 'create schema tap; create extension pgtap schema tap'; file sql/testing/pg_workos_testing.sql; }
attack 'the test helpers are installed' '' testing
tle() {
	"$here/scripts/tle.sh" "$dir/tle" && cp "$dir"/tle/pg_workos_portable* "$extensions/"
	superuser 'set search_path = hostile, pg_catalog; create extension pg_workos_portable schema hostile'
	calls hostile
}
attack 'the portable edition is installed as an extension' '' tle

psql -q -c 'drop database hostile' -c 'drop role attacker, signed_in'
done_testing
