# Sourced by scripts/demo.sh: the multi-tenant example with a directory, which webhooks feed. Each caller keeps the token that
# was signed before.

createdb -U postgres -T postgres directory
psql -Xq -d directory -U postgres -v ON_ERROR_STOP=1 -o /dev/null <<-SQL
	alter database directory set search_path = public, extensions;
	\connect
	create extension pg_workos_directory;
	\i examples/multi-tenant/directory.sql
	\i examples/multi-tenant/people.sql
	select workos_configure(membership => 'newest');
	select workos.add_webhook_secret('whsec_example_0123456789');
	create role webhooks login;
	grant execute on function workos.receive_webhook(text, text) to webhooks;
SQL

# says TITLE EXPECTED COMMAND...: prints what the command says. The demo fails if that is not expected.
says() {
	local got
	got=$("${@:3}" 2>&1) || true
	printf '  %-46s %s\n' "$1" "$got"
	[ "$got" = "$2" ] || die "expected: $2"
}
# by CALLER SQL: a transaction as PostgREST makes one, with the token of demo.caller
by() {
	psql -XqAt -v VERBOSITY=terse -d directory -U authenticator -v ON_ERROR_STOP=1 -v n="$1" -f <(printf '%s\n' 'select role, claims from demo.caller where n = :n \gset' 'begin;' \
		"select set_config('role', :'role', true), set_config('request.jwt.claims', :'claims', true) \\g /dev/null" "$2;" 'commit;')
}
# webhook BODY [SECRET [SECONDS]]: as the endpoint of the application hands it on
webhook() {
	local t mac
	t=$(($(date +%s) + ${3:-0}))000
	mac=$(printf '%s.%s' "$t" "$1" | openssl dgst -sha256 -hmac "${2:-whsec_example_0123456789}" -r | cut -d ' ' -f 1)
	psql -XqAt -v VERBOSITY=terse -d directory -U webhooks -v body="$1" -v signature="t=$t, v1=$mac" <<<"select workos.receive_webhook(:'body'::text, :'signature')"
}
# changed EVENT MEMBERSHIP USER ROLE: the body of a webhook about a membership at Acme
changed() {
	printf '{"id": "event_%s", "event": "organization_membership.%s", "created_at": "%s", "data": {"object": "organization_membership", "id": "%s", "user_id": "%s", "organization_id": "org_01ACME", "status": "active", "role": {"slug": "%s"}, "updated_at": "%s"}}' \
		"$2" "$1" "$now" "$2" "$3" "$4" "$now"
}
now=$(date -u +%Y-%m-%dT%H:%M:%S.999Z)
eddy_is_removed=$(changed deleted om_03 user_01EDDY editor)
vic_is_editor=$(changed updated om_04 user_01VIC editor)
looks="select coalesce(workos_user_id(), 'nobody') || ' sees ' || string_agg(title, ', ' order by id) from documents"
writes="with written as (update documents set title = title where title = 'Roadmap' returning 1) select count(*) || ' documents' from written"
all_of_acme='Roadmap, Launch checklist, Anvil press kit, Forecast'

cat <<-'TEXT'

	The directory: a copy of the users, memberships and roles of WorkOS, which webhooks keep current. A third database of the
	same application has it, and workos_configure(membership => 'newest').

TEXT
says "documents with their authors, for Vic" 'Roadmap: Olivia Owen, Launch checklist: Eddy Erikson, Anvil press kit: Eddy Erikson' \
	by 4 "select string_agg(title || ': ' || author, ', ' order by id) from document_list where author <> ''"
says "the members of the organization, for Vic" 'Adam (admin), Eddy (editor), Olivia (owner), Vic (viewer)' by 4 "select string_agg(format('%s (%s)', first_name, role), ', ' order by id) from workos.members"
says "all organizations of Olivia" 'Acme, Globex' by 1 "select string_agg(name, ', ' order by id) from organizations"
says "all organizations of Greta" 'Globex' by 5 "select string_agg(name, ', ' order by id) from organizations"
echo
says "Eddy" "user_01EDDY sees $all_of_acme" by 3 "$looks"
says "... writes" '1 documents' by 3 "$writes"
says "webhook: Eddy was removed, forged" 'ERROR:  the signature of the webhook is wrong' webhook "$eddy_is_removed" whsec_of_somebody_else
says "... with the right signature, an hour late" 'ERROR:  the webhook was sent more than 180 seconds ago' webhook "$eddy_is_removed" whsec_example_0123456789 -3600
says "Eddy writes" '1 documents' by 3 "$writes"
says "webhook: Eddy was removed" 'applied' webhook "$eddy_is_removed"
says "Eddy, with the token that he had" 'nobody sees Anvil press kit, Forecast' by 3 "$looks"
says "... writes" '0 documents' by 3 "$writes"
says "... the members of the organization" '' by 3 "select string_agg(first_name, ', ') from workos.members"
says "webhook: Eddy was removed, sent again" 'stale' webhook "$eddy_is_removed"
says "webhook: Eddy is an editor, from before" 'stale' webhook "$(changed created om_03 user_01EDDY editor)"
says "Eddy" 'nobody sees Anvil press kit, Forecast' by 3 "$looks"
echo
says "Vic, a viewer, writes" '0 documents' by 4 "$writes"
says "webhook: Vic is an editor" 'applied' webhook "$vic_is_editor"
says "Vic, with the token that he had, writes" '1 documents' by 4 "$writes"
