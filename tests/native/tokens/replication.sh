# Sourced by run.sh, after changes.sh, which sets wal_level: the trusted issuers of one database, replicated to another.

say "  the trusted issuers of a publisher, in the open connections of a subscriber"
new_database subscribed native
as_owner 'alter database subscribed set workos.claims_source = token'
# soon ABOUT WANTED: what the open connection answers, as soon as the change has come through
soon() {
	local answer
	for _ in $(seq 120); do
		answer=$(asked 'select workos_user_id()')
		[ "$answer" != "$2" ] || break
		sleep 0.25
	done
	expect "$1" "$2" "$answer"
}
end_replication() {
	DB=subscribed as_owner 'alter subscription issuers disable'
	DB=subscribed as_owner 'alter subscription issuers set (slot_name = none)'
	DB=subscribed as_owner 'drop subscription issuers'
	# The apply worker may still be about to let go of it.
	until as_owner "select pg_drop_replication_slot('issuers')" >/dev/null 2>&1; do sleep 0.1; done
	as_owner 'drop publication issuers'
}

trust ours
SESSION_DATABASE=subscribed open_session
asked "set workos.access_token = '$alice'" >/dev/null
expect 'the subscriber knows no issuer' "$unknown" "$(asked 'select workos_user_id()')"
# A slot of the same server is made by hand: CREATE SUBSCRIPTION would wait for itself.
as_owner "create publication issuers for table workos_issuers"
as_owner "select pg_create_logical_replication_slot('issuers', 'pgoutput')" >/dev/null
DB=subscribed as_owner "create subscription issuers connection 'host=$WORK/run dbname=tokens user=postgres' publication issuers with (create_slot = false, slot_name = issuers)"
soon 'the first copy brings it' user_01
expect 'and no other' "$(as_owner 'select count(*) from workos_issuers')" "$(DB=subscribed as_owner 'select count(*) from workos_issuers')"
as_owner "select workos_distrust_issuer('$ISSUER')" >/dev/null
soon 'distrusted on the publisher' "$unknown"
trust ours
soon 'trusted on the publisher' user_01
trust other
soon 'with another key on the publisher' "$replaced"
trust ours
soon 'with its key again' user_01
as_owner 'truncate workos_issuers'
soon 'truncated on the publisher' "$unknown"
trust ours
soon 'trusted again' user_01
as_owner 'select workos_trust_any_issuer()' >/dev/null
soon 'any issuer on the publisher, which verifies no token' "$unknown"
trust ours
soon 'and ours instead' user_01
as_owner "begin; savepoint s; $replace; rollback to s; $delete; commit"
soon 'deleted in a transaction that was undone in part' "$unknown"
trust ours
soon 'trusted again' user_01
close_session
end_replication
dropdb subscribed
