# ALTER EXTENSION UPDATE leads to the same objects as CREATE EXTENSION, by definition. Where there is no released version to
# begin with, an older one is made up: what this version would have changed, and the script that changes it. Each change is
# also left out of the script once, and the comparison must notice. The same for the files of the portable edition.
source "$(dirname "$0")/../shell.sh"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" | head -n 1)
extensions=$("$BIN/pg_config" --sharedir)/extension
source "$here/tests/made_up.sh"
made=$MADE_UP
dir=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
trap 'rm -rf "$dir" "$extensions"/pg_workos*--0.0.0-made-up*' EXIT

psql -q -c 'create role upgrader login'
new() { # DATABASE
	dropdb --if-exists "$1"
	createdb -T template0 -O upgrader "$1"
	sql "$1" upgrader 'create schema extensions' 'grant usage on schema extensions to public'
}
definitions() { # DATABASE: of the extensions
	psql -XAtq -d "$1" -v extensions=pg_workos,pg_workos_directory -v schemas= -f "$here/tests/servers/definitions.sql"
}
differences() { diff <(definitions fresh) <(definitions upgraded) | grep '^[<>]'; }
upgraded() { # VERSION of pg_workos, VERSION of pg_workos_directory: a new database with these, which are then updated
	new upgraded
	sql upgraded upgrader "create extension pg_workos schema extensions version '$1'" "create extension pg_workos_directory version '$2'" \
		'alter extension pg_workos update' 'alter extension pg_workos_directory update' | grep -v '^NOTICE'
}

new fresh
is "$(sql fresh upgrader 'create extension pg_workos schema extensions' 'create extension pg_workos_directory')" '' 'a new database with the current version'
like "$(definitions fresh | wc -l)" '^[0-9]{3,}$' "... whose definitions are $(definitions fresh | wc -l) lines"

# Every released version
released=$(psql -Atc "select distinct source from pg_extension_update_paths('pg_workos') where target = '$version' and path is not null and source <> '$made'")
for from in $released; do
	directory=$(psql -Atc "select '$from' where exists (select from pg_extension_update_paths('pg_workos_directory') where source = '$from' and target = '$version' and path is not null)")
	is "$(upgraded "$from" "${directory:-$version}")" '' "from $from: the update runs"
	is "$(differences)" '' '... and leads to the same objects'
done
[ -n "$released" ] || echo "# no earlier version was released: only the made-up one is compared"

# make_up_both [LEFT-OUT [LEFT-OUT of the directory]]
make_up_both() {
	make_up "$extensions" pg_workos "${1:-}" "${changes[@]}"
	make_up "$extensions" pg_workos_directory "${2:-}" "${changes_of_directory[@]}"
}
make_up_both
is "$(upgraded "$made" "$made")" '' 'from a made-up version: the update runs'
is "$(differences)" '' '... and leads to the same objects'
is "$(sql upgraded upgrader 'select distinct extversion from pg_extension where extname ~ $$workos$$')" "$version" '... of the current version'

# The tests on the upgraded database: a few here, and all by EDITION=upgraded scripts/test.sh sql tests/conformance/*.sql
new_upgraded() { createdb -T template0 suite && PGDATABASE=suite psql -Xq -v edition=tests/upgraded.sql -f "$here/tests/setup.sql"; }
is "$(cd "$here" && new_upgraded 2>&1)" '' '... in which the tests can be run'
for file in conformance/getters conformance/labels conformance/doctor; do
	said=$(cd "$here" && pg_prove -Q --failures -U authenticator -d suite "tests/$file.sql" 2>&1)
	like "$said" 'Result: PASS' "... $file"
	grep -q 'Result: PASS' <<<"$said" || sed 's/^/# /' <<<"$said"
done
dropdb suite

for n in $(seq 0 $((${#changes[@]} / 2 - 1))); do
	make_up_both "$n"
	unlike "$(upgraded "$made" "$version")$(differences)" '^$' "an update without \"$(head -c 70 <<<"${changes[2 * n + 1]}")\" is noticed"
done
for n in $(seq 0 $((${#changes_of_directory[@]} / 2 - 1))); do
	make_up_both '' "$n"
	unlike "$(upgraded "$made" "$made")$(differences)" '^$' "an update without \"${changes_of_directory[2 * n + 1]}\" is noticed"
done
# A column that is dropped leaves its place behind, and the library reads some columns by their place.
make_up "$extensions" pg_workos_directory '' 'alter table workos.users drop column seen_at; alter table workos.users add column seen_at text' 'alter table workos.users drop column seen_at; alter table workos.users add column seen_at timestamptz not null'
like "$(upgraded "$made" "$made")$(differences)" 'column workos.users.seen_at: place' 'a column in another place is noticed'

# Rows survive an update, and what it does not finish is undone.
make_up_both
new upgraded
sql upgraded upgrader "create extension pg_workos schema extensions version '$made'" "create extension pg_workos_directory version '$made'" "select extensions.workos_accept_audience('https://db.example/mcp')" 'select extensions.workos_trust_any_issuer()' >/dev/null
echo 'select 1 / 0;' >>"$extensions/pg_workos--$made--$version.sql"
before=$(definitions upgraded)
like "$(sql upgraded upgrader 'alter extension pg_workos update')" '^ERROR:  22012: ' 'an update that fails'
is "$(diff <(echo "$before") <(definitions upgraded))" '' '... changes nothing'
sed -i '$d' "$extensions/pg_workos--$made--$version.sql"
is "$(sql upgraded upgrader 'alter extension pg_workos update' 'select audience, (select jwks from extensions.workos_issuers) from extensions.workos_audiences')" 'https://db.example/mcp|{"decided": true}' '... and without the fault it keeps the rows'
like "$(sql upgraded upgrader "alter extension pg_workos update to '$made'")" '^ERROR:  22023: .*has no update path' 'there is no way back'

# The library is of another version than the SQL functions: in one database of the server, and not in the other.
new other
sql other upgrader "create extension pg_workos schema extensions version '$made'" >/dev/null
claims="set request.jwt.claims = '{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"org_1\"}'"
in_version="select status from extensions.workos_doctor() where check_name = 'version'"
is "$(sql other upgrader "$claims" 'select extensions.workos_org_id()' "$in_version")" $'org_1\nproblem' 'a library that is newer than the functions: they answer, and the doctor says it'
like "$(sql other upgrader "select remedy from extensions.workos_doctor() where check_name = 'version'")" 'ALTER EXTENSION pg_workos UPDATE' '... with the remedy'
is "$(sql fresh upgrader "$claims" 'select extensions.workos_org_id()' "$in_version")" org_1 '... and nothing in another database of the same server'
# A function of a later version, whose symbol the library does not have yet
printf '%s\n' "create function @extschema@.workos_later() returns text as 'MODULE_PATHNAME', 'workos_later_wrapper' language c;" >"$extensions/pg_workos--$version--0.0.0-made-up-later.sql"
before=$(definitions fresh)
like "$(sql fresh upgrader "alter extension pg_workos update to '0.0.0-made-up-later'")" '^ERROR:  42883: could not find function "workos_later_wrapper" in file' 'a library that is older than the functions: the update is refused, and names the symbol'
is "$(diff <(echo "$before") <(definitions fresh))" '' '... and changes nothing'
is "$(sql fresh upgrader "$claims" 'select extensions.workos_org_id()')" org_1 '... and the functions answer'
# Functions of before a table was added, which the library reads
for table in workos_issuers workos_audiences workos_configuration; do
	sql other postgres "alter extension pg_workos drop table extensions.$table"
	like "$(sql other upgrader "$claims" 'select extensions.workos_org_id()')" '^ERROR:  55000: ' "a library that is newer than $table: an error, and no answer"
	sql other postgres "alter extension pg_workos add table extensions.$table"
	is "$(sql other upgrader "$claims" 'select extensions.workos_org_id()')" org_1 '... until it is there'
done

# The files of the portable edition: twice, and over an older one
objects() { psql -XAtq -d "$1" -v extensions= -v schemas=extensions,workos -f "$here/tests/servers/definitions.sql"; }
run_files() { # DATABASE FOLDER
	local file
	for file in pg_workos pg_workos_directory; do psql -Xq -v ON_ERROR_STOP=1 -d "$1" -U upgrader -f "$2/$file.sql" 2>&1 | grep -v NOTICE; done
}
for database in portable_fresh portable_upgraded; do
	new $database
	sql $database postgres 'create extension pgcrypto schema extensions'
done
is "$(run_files portable_fresh "$here/sql/portable")" '' 'the files of the portable edition'
sed -E "s/^(	language .*) cost 100 /\1 /; s/'id of the signed-in user: claim sub'/'older words'/; s/\{pg_catalog,information_schema,/{/" "$here/sql/portable/pg_workos.sql" >"$dir/pg_workos.sql"
sed -E 's/^create (or replace view|index if not exists).* on workos.memberships \(organization_id\);//' "$here/sql/portable/pg_workos_directory.sql" >"$dir/pg_workos_directory.sql"
is "$(run_files portable_upgraded "$dir")" '' '... and older ones'
unlike "$(diff <(objects portable_fresh) <(objects portable_upgraded))" '^$' '... which are not the same'
sql portable_upgraded upgrader "select extensions.workos_accept_audience('https://db.example/mcp')" "select extensions.workos_configure(membership => 'newest')" >/dev/null
is "$(run_files portable_upgraded "$here/sql/portable")" '' '... over which the new ones are run'
is "$(sql portable_upgraded upgrader 'select audience from extensions.workos_audiences')" https://db.example/mcp '... which keep the rows'
sql portable_upgraded upgrader "select extensions.workos_configure(membership => 'token')" >/dev/null
is "$(diff <(objects portable_fresh) <(objects portable_upgraded))" '' '... and lead to the same objects'
is "$(run_files portable_upgraded "$here/sql/portable")$(diff <(objects portable_fresh) <(objects portable_upgraded))" '' '... once more, too'

for database in fresh upgraded other portable_fresh portable_upgraded; do dropdb $database; done
psql -q -c 'drop role upgrader'
done_testing
