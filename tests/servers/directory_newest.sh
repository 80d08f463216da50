# workos_configure(membership => 'newest') through dump and restore, installing again, a standby, and without a directory.
source "$(dirname "$0")/../shell.sh"

psql -q -c 'create role dir_owner login' -c 'create role dir_user login' -c 'create role dir_attacker login'
event() { # ID NAME STATUS
	echo "select workos.apply_event('{\"id\":\"event_$1\",\"event\":\"organization_membership.$2\",\"data\":{\"id\":\"om_1\",\"user_id\":\"user_1\",\"organization_id\":\"org_1\",\"status\":\"active\",\"updated_at\":\"2026-01-0$1T00:00:00Z\"}}')"
}
claims="set request.jwt.claims = '{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"org_1\"}'"
is_in='select extensions.workos_org_id() is not null'
newest="select extensions.workos_configure(membership => 'newest')"
in_database() { # OWNER: a new database with the schema extensions
	dropdb --if-exists --force newest
	createdb -T template0 -O "$1" newest
	sql newest "$1" 'create schema extensions' 'grant usage on schema extensions to public'
	sql newest postgres 'create schema "Crypto"' 'create extension pgcrypto schema "Crypto"' 'grant usage on schema "Crypto" to public'
}
native() { sql newest "$1" 'create extension pg_workos schema extensions' 'create extension pg_workos_directory'; }
file() { psql -Xq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d newest -U "$1" -f "$here/sql/portable/$2" 2>&1 | grep -v '^LOCATION' | sed -E 's/^psql:[^ ]*: //'; }
portable() { file "$1" pg_workos.sql; file "$1" pg_workos_directory.sql; }

standby=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
[ "$(id -u)" -ne 0 ] || chown "$SERVER_USER" "$standby"
trap 'as_server_user "$BIN/pg_ctl" -D "$standby/data" -m immediate stop >/dev/null; rm -rf "$standby"' EXIT
as_server_user "$BIN/pg_basebackup" -U postgres -D "$standby/data" -R -c fast -X stream >/dev/null
as_server_user "$BIN/pg_ctl" -D "$standby/data" -l "$standby/log" -o "-c unix_socket_directories='$standby'" -w start >/dev/null
replayed() { # waits until the standby has replayed what the server has written
	local written
	written=$(psql -Atqc 'select pg_current_wal_lsn()')
	until [ "$(PGHOST=$standby psql -Atqd postgres -c "select pg_last_wal_replay_lsn() >= '$written'")" = t ]; do sleep 0.1; done
}

for edition in native portable; do
	in_database dir_owner
	$edition dir_owner
	like "$(sql newest dir_user "$newest")" '^ERROR:  42501:' "$edition: only the owner may configure"
	is "$(sql newest dir_owner "$(event 1 created)" "$(event 2 deleted)" "$newest" "$claims" "$is_in")" $'applied\napplied\n\nf' '... who is removed is out'
	is "$(sql newest dir_user "$claims" "$is_in")" f '... for every role'

	# A standby: with a connection that is open meanwhile
	replayed
	is "$(PGHOST=$standby sql newest dir_user "$claims" "$is_in")" f "$edition: on a standby, too"
	coproc OPEN { PGHOST=$standby psql -XAtq -d newest -U dir_user; }
	ask() { echo "$1;" >&"${OPEN[1]}"; read -r answer <&"${OPEN[0]}"; echo "$answer"; }
	echo "$claims;" >&"${OPEN[1]}"
	answers=$(ask "$is_in")
	sql newest dir_owner "${newest/newest/token}" >/dev/null
	replayed
	answers+=$(ask "$is_in")
	sql newest dir_owner "$newest" >/dev/null
	replayed
	answers+=$(ask "$is_in")
	sql newest dir_owner "select workos.apply_event('{\"id\":\"event_3\",\"event\":\"organization_membership.created\",\"data\":{\"id\":\"om_2\",\"user_id\":\"user_1\",\"organization_id\":\"org_1\",\"status\":\"active\",\"created_at\":\"2026-01-03T00:00:00Z\",\"updated_at\":\"2026-01-03T00:00:00Z\"}}')" >/dev/null
	replayed
	answers+=$(ask "$is_in")
	sql newest dir_owner "select workos.apply_event('{\"id\":\"event_4\",\"event\":\"organization_membership.deleted\",\"data\":{\"id\":\"om_2\",\"user_id\":\"user_1\",\"organization_id\":\"org_1\",\"updated_at\":\"2026-01-04T00:00:00Z\"}}')" >/dev/null
	replayed
	answers+=$(ask "$is_in")
	echo '\q' >&"${OPEN[1]}"
	wait "$OPEN_PID" 2>/dev/null
	is "$answers" ftftf '... and in a connection that was open there: configured, not configured, a new member, removed'

	# Dump and restore, and the portable file once more
	dump=$("$BIN/pg_dump" -d newest)
	dropdb --if-exists newest_restored
	createdb -T template0 -O dir_owner newest_restored
	is "$(psql -Xq -v ON_ERROR_STOP=1 -d newest_restored <<<"$dump" 2>&1 | grep -E 'ERROR|WARNING')" '' "$edition: a dump is restored"
	is "$(sql newest_restored dir_user "$claims" "$is_in")" f '... with its configuration'
	dropdb newest_restored
	if [ $edition = portable ]; then
		is "$(portable dir_owner | grep -v NOTICE)$(sql newest dir_user "$claims" "$is_in")" f 'portable: the files can be run again, and keep the configuration'
	fi

	# Without its directory. The policies, also restrictive ones, must outlive it.
	sql newest dir_owner 'create table extensions.document (org_id text)' "insert into extensions.document values ('org_1'), ('org_2')" 'alter table extensions.document enable row level security' 'grant select on extensions.document to dir_user' \
		'create policy shared on extensions.document using (true)' 'create policy tenant on extensions.document as restrictive using (org_id = (select extensions.workos_org_id()))'
	is "$(sql newest dir_user "$claims" 'select count(*) from extensions.document')" 0 "$edition: a removed member sees no row"
	if [ $edition = native ]; then
		like "$(sql newest dir_owner 'drop schema workos cascade')" '^ERROR:  2BP01: cannot drop schema workos because extension pg_workos_directory requires it$' 'native: the schema of the directory is not dropped alone'
		sql newest dir_owner 'drop extension pg_workos_directory cascade'
		like "$(sql newest dir_user "$claims" "$is_in")" '^ERROR:  55000: there is no directory in this database$' 'native: without the directory the helpers raise'
		like "$(sql newest dir_user "$claims" 'select count(*) from extensions.document')" '^ERROR:  55000:' '... and so do policies'
		like "$(sql newest dir_user "$claims" 'select extensions.workos_claims()')" '^ERROR:  55000:' '... all of them'
		is "$(sql newest dir_user "$is_in")" f '... but not for an anonymous request'
		sql newest postgres 'grant create on database newest to dir_attacker'
		sql newest dir_attacker 'create schema workos' 'create table workos.memberships (id text)' 'create function workos._standing() returns jsonb language sql return null::jsonb' 'grant usage on schema workos to public'
		like "$(sql newest dir_user "$claims" "$is_in")" '^ERROR:  55000:' '... and a schema of somebody else takes no place'
		sql newest dir_owner 'select 1' >/dev/null
		like "$(psql -Xq -v VERBOSITY=verbose -v to=portable -v unverified_claims=accepted -d newest -U postgres -f "$here/sql/portable/move.sql" 2>&1)" 'ERROR:  55000: the directory decides who is a member' '... nor does the database move to the other edition'
		sql newest postgres 'drop schema workos cascade' >/dev/null 2>&1
		like "$(sql newest dir_owner "$newest")" '^ERROR:  55000: there is no directory' '... and it cannot be configured'
		is "$(sql newest dir_owner 'create extension pg_workos_directory' "$(event 1 deleted)" "$claims" "$is_in")" $'applied\nf' '... until there is one again'
		sql newest postgres 'alter table workos.memberships owner to dir_attacker'
		like "$(sql newest dir_user "$claims" "$is_in")" '^ERROR:  55000: the directory is not as its extension made it$' '... whose tables belong to its owner'
		sql newest postgres 'alter table workos.memberships owner to dir_owner' 'alter function workos._org_ids(text, text) security invoker'
		like "$(sql newest dir_owner "${newest/newest/token}" "$claims" 'select extensions.workos_org_ids()')" '^ERROR:  55000: the directory is not as its extension made it$' '... and whose function is SECURITY DEFINER'
		sql newest postgres 'alter function workos._org_ids(text, text) rename to _renamed' \
			"create function workos._org_ids(text, text) returns text language sql security definer return ''" \
			'alter function workos._org_ids(text, text) owner to dir_owner' 'alter extension pg_workos_directory add function workos._org_ids(text, text)'
		like "$(sql newest dir_owner "$claims" 'select extensions.workos_org_ids()')" '^ERROR:  55000: the directory is not as its extension made it$' '... and returns a list'
		sql newest dir_user 'reset role' >/dev/null
	else
		like "$(file dir_owner uninstall_directory.sql)" '^ERROR:  55000: the directory decides who is a member$' 'portable: the directory is not removed while it decides'
		like "$(sql newest dir_owner 'drop schema workos')" '^ERROR:  2BP01:' '... nor its schema alone'
		sql newest dir_owner 'drop schema workos cascade' >/dev/null
		like "$(sql newest dir_user "$claims" "$is_in")" '^ERROR:  55000: there is no directory in this database$' 'portable: after DROP SCHEMA workos CASCADE the helpers raise'
		like "$(sql newest dir_user "$claims" 'select count(*) from extensions.document')" '^ERROR:  55000:' '... and so do policies, of which none was dropped'
		like "$(sql newest dir_user "$claims" 'select extensions.workos_claims()')" '^ERROR:  55000:' '... all of them'
		is "$(sql newest dir_user "$is_in")" f '... but not for an anonymous request'
		sql newest postgres 'grant create on database newest to dir_attacker'
		sql newest dir_attacker 'create schema workos' 'create function workos._standing() returns jsonb language sql security definer return null::jsonb' 'grant usage on schema workos to public'
		like "$(sql newest dir_user "$claims" "$is_in")" '^ERROR:  55000:' '... and a schema of somebody else takes no place'
		sql newest postgres 'drop schema workos cascade' 'revoke create on database newest from dir_attacker' >/dev/null
		is "$(file dir_owner pg_workos_directory.sql)$(sql newest dir_owner "$(event 1 deleted)" "$claims" "$is_in")" $'applied\nf' '... until there is one again'
		is "$(sql newest dir_owner "${newest/newest/token}")$(file dir_owner uninstall_directory.sql)$(sql newest dir_user "$claims" "$is_in")" t '... but when the token decides'
		like "$(sql newest dir_owner "$newest")" '^ERROR:  55000: there is no directory' '... and then it cannot decide'
		sql newest postgres 'grant create on database newest to dir_attacker'
		sql newest dir_attacker 'create schema workos' 'create function workos._standing() returns jsonb language sql security definer return null::jsonb' 'grant usage on schema workos to public'
		like "$(sql newest dir_owner "$newest")" '^ERROR:  55000: there is no directory' '... nor can a schema of another role'
	fi
	is "$(sql newest postgres "select string_agg(polname, ' ' order by polname) from pg_policy")" 'shared tenant' "$edition: after all of this the policies are there"
done
dropdb --force newest
for role in dir_owner dir_user dir_attacker; do psql -qc "drop role $role"; done
done_testing
