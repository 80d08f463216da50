# Sourced by run.sh: the trusted issuers change, in whatever way, and a connection that is open notices in its next
# statement.

say "  the trusted issuers, changed in every way"
restart 'wal_level = logical' 'max_prepared_transactions = 4'
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
as_owner 'alter database tokens set search_path = public, extensions, tap'
trust ours
open_session
asked "set workos.access_token = '$alice'" >/dev/null

# The triggers as the extension has them, and the issuer with its keys.
as_installed() {
	PGDATABASE=tokens psql -Xq -v ON_ERROR_STOP=1 -c 'set client_min_messages = error' -c "
		drop trigger if exists workos_issuers_guard on workos_issuers; drop trigger if exists workos_issuers_guard_truncate on workos_issuers;
		drop trigger if exists workos_issuers_changed on workos_issuers; drop trigger if exists workos_issuers_truncated on workos_issuers" \
		-f <(sed -n '/^CREATE TRIGGER/,/^$/p' "sql/pg_workos--$version.sql" | sed 's/@extschema@/extensions/g')
	trust ours
}
# becomes ABOUT AFTER CHANGE...: the user of the open connection before the changes, which are one transaction each,
# and after them; then without triggers' help, as the changes may have left them, and after everything is as it was
unknown='ERROR:  access token is of an unknown issuer' replaced='ERROR:  access token has a bad signature'
becomes() {
	local about=$1 after=$2 before then said change
	shift 2
	before=$(asked 'select workos_user_id()')
	said=$(for change; do
		if [ "$(type -t "${change%% *}")" = function ]; then $change; else as_owner "$change"; fi
	done 2>&1)
	then=$(asked 'select workos_user_id()')
	expect "$about" "user_01 > $after" "$before > $then${said:+ ($said)}"
	as_installed
}
delete="delete from workos_issuers where issuer = '$ISSUER'"
replace="update workos_issuers set jwks = (select jwks from key_set where name = 'other') where issuer = '$ISSUER'"
replica='set session_replication_role = replica'

becomes 'nothing' user_01 'select'
becomes 'workos_distrust_issuer' "t) (x" "select" 2>/dev/null || true
