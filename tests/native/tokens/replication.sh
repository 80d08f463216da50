# Sourced by run.sh, after changes.sh, which sets wal_level: the trusted issuers of one database, replicated to another.

say "  the trusted issuers of a publisher, in the open connections of a subscriber"
new_database subscribed native
as_owner 'alter database subscribed set workos.claims_source = token'
# soon ABOUT WANTED: waits until the open connection returns this, after the change was replicated
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
	# The apply worker may still use the slot for a moment.
	until as_owner "select pg_drop_replication_slot('issuers')" >/dev/null 2>&1; do sleep 0.1; done
	as_owner 'drop publication issuers'
}

trust ours
SESSION_DATABASE=subscribed open_session
asked "set workos.access_token = '$alice'" >/dev/null
expect 'the subscriber has no issuer at first' "$unknown" "$(asked 'select workos_user_id()')"
# The slot is created separately, because on the same server CREATE SUBSCRIPTION would wait for itself.
as_owner "create publication issuers for table workos_issuers"
as_owner "select pg_create_logical_replication_slot('issuers', 'pgoutput')" >/dev/null
DB=subscribed as_owner "create subscription issuers connection 'host=$WORK/run dbname=tokens user=postgres' publication issuers with (create_slot = false, slot_name = issuers)"
soon 'the initial copy is seen' user_01
expect 'the subscriber has the same number of issuers' "$(as_owner 'select count(*) from workos_issuers')" "$(DB=subscribed as_owner 'select count(*) from workos_issuers')"
as_owner "select workos_distrust_issuer('$ISSUER')" >/dev/null
soon 'the publisher removes the issuer' "$unknown"
trust ours
soon 'the publisher trusts the issuer' user_01
trust other
soon 'the publisher replaces the key' "$replaced"
trust ours
soon 'the publisher restores the key' user_01
as_owner 'truncate workos_issuers'
soon 'the publisher truncates the table' "$unknown"
trust ours
soon 'the publisher trusts the issuer after TRUNCATE' user_01
as_owner 'select workos_trust_any_issuer()' >/dev/null
soon 'the publisher accepts any issuer, so no token is verified' "$unknown"
trust ours
soon 'the publisher trusts the issuer instead of any' user_01
as_owner "begin; savepoint s; $replace; rollback to s; $delete; commit"
soon 'the publisher deletes the issuer after ROLLBACK TO another change' "$unknown"
trust ours
soon 'the publisher trusts the issuer again' user_01
close_session
end_replication
dropdb subscribed
