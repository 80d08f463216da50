# Sourced by tests/servers/upgrade.sh, and by scripts/test.sh for EDITION=upgraded: a made-up older version of the extensions.
#
# What the older version lacks or has otherwise, and how the update mends it, in turn. The objects of the directory are in the
# schema workos, the others in that of the extension.

MADE_UP=0.0.0-made-up
made_up_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
made_up_target=$(sed -n 's/^version = "\(.*\)"/\1/p' "$made_up_source/Cargo.toml" | head -n 1)
changes=(
	"comment on function @extschema@.workos_user_id() is 'older words'"
	"comment on function @extschema@.workos_user_id() is 'id of the signed-in user: claim sub'"
	'alter function @extschema@.workos_org_id() cost 7'
	'alter function @extschema@.workos_org_id() cost 1'
	'alter function @extschema@.workos_org_id() volatile'
	'alter function @extschema@.workos_org_id() stable'
	'alter function @extschema@.workos_org_id() parallel unsafe'
	'alter function @extschema@.workos_org_id() parallel safe'
	'revoke execute on function @extschema@.workos_feature_flags() from public'
	'grant execute on function @extschema@.workos_feature_flags() to public'
	'create function @extschema@.workos_older() returns int language sql return 1'
	'drop function @extschema@.workos_older()'
	"create or replace function @extschema@._workos_managed() returns text[] language sql immutable set search_path = pg_catalog, pg_temp as 'select null::text[]'"
	"$(sed -n '/^create function @extschema@._workos_managed()/,/^\$\$;/p' "$made_up_source/sql/source/common/lint/known.sql" | sed '/^--/d; s/^create function/create or replace function/; s/^\$\$;$/$$/')"
	"select pg_extension_config_dump('@extschema@.workos_audiences', 'where false')"
	"select pg_extension_config_dump('@extschema@.workos_audiences', '')"
	'alter table @extschema@.workos_issuers enable trigger workos_issuers_guard'
	'alter table @extschema@.workos_issuers enable always trigger workos_issuers_guard'
	'alter table @extschema@.workos_audiences drop constraint workos_audiences_fit'
	"alter table @extschema@.workos_audiences add constraint workos_audiences_fit check (audience ~ '^[!-~]+\$' and octet_length(audience) <= 2048)"
	'grant select on @extschema@.workos_issuers to public'
	'revoke select on @extschema@.workos_issuers from public'
)
changes_of_directory=(
	'drop index workos.memberships_of_organization'
	'create index memberships_of_organization on workos.memberships (organization_id)'
	'grant select on workos.members to public'
	'revoke select on workos.members from public'
)

# make_up FOLDER EXTENSION LEFT-OUT CHANGE...: the scripts of the made-up version, without the correction of that number
make_up() {
	local older=$1/$2--$MADE_UP.sql newer=$1/$2--$MADE_UP--$made_up_target.sql name=$2 out=$3 n=0
	shift 3
	cp "$made_up_source/sql/$name--$made_up_target.sql" "$older"
	printf '%s\n' "\\echo Use \"ALTER EXTENSION $name UPDATE\" to load this file. \\quit" 'set local search_path = pg_catalog, pg_temp;' >"$newer"
	while [ $# -gt 0 ]; do
		printf '%s;\n' "$1" >>"$older"
		[ "$n" = "$out" ] || printf '%s;\n' "$2" >>"$newer"
		n=$((n + 1))
		shift 2
	done
}
