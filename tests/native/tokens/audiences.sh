# Sourced by run.sh, after changes.sh, which sets max_prepared_transactions: an open connection sees each change of the
# accepted audiences in its next statement; only the owner can make one; a dump takes them along.

say "  changes of the accepted audiences, in open connections"
new_database audiences native
as_owner "do \$\$ begin if to_regrole('writer') is null then create role writer login; grant pg_write_all_data, pg_read_all_data to writer; end if; end \$\$"
ours=https://db.example/mcp
agent='{"sub":"user_07","sid":"app_consent_01","org_id":"org_07","scope":"read","aud":"https://db.example/mcp"}'
owner_does() { DB=audiences as_owner "set search_path = public, extensions; $1" 2>&1 >/dev/null; }
gate="select coalesce(workos_delegated_user_id('read'), workos_token_kind(), 'nobody')"
SESSION_DATABASE=audiences open_session
asked "set request.jwt.claims = '$agent'" >/dev/null
triggers=$(sed -n '/^CREATE TRIGGER workos_audiences/,/^$/p' "$extension_sql" | sed 's/@extschema@/extensions/g')
# turns ABOUT AFTER CHANGE...: what the gate says before and after the changes, of which each is a transaction
turns() {
	local about=$1 after=$2 before now said change
	shift 2
	before=$(asked "$gate")
	for change; do
		said=$(owner_does "$change") || true
		now=$(asked "$gate")${said:+ ($said)}
	done
	expect "$about" "user_07 > $after" "$before > $now"
	owner_does "do \$\$ declare name text; begin
		for name in select tgname from pg_trigger where tgrelid = 'workos_audiences'::regclass and not tgisinternal loop execute format('drop trigger %I on workos_audiences', name); end loop; end \$\$"
	owner_does "$triggers"
	owner_does "truncate workos_audiences; select workos_accept_audience('$ours'), workos_accept_audience('client_01ENVIRONMENT')"
}
delete_audience="delete from workos_audiences where audience = '$ours'" replace_audience="update workos_audiences set audience = 'https://other.example' where audience = '$ours'"
turns 'nothing changes' user_07 'select 1'
turns 'workos_refuse_audience: while another one is accepted, the token counts nowhere' nobody "select workos_refuse_audience('$ours')"
turns 'workos_refuse_audience, of the last one: no delegated answer' oauth "select workos_refuse_audience('client_01ENVIRONMENT')" "select workos_refuse_audience('$ours')"
turns 'workos_accept_audience again' user_07 "select workos_refuse_audience('$ours')" "select workos_accept_audience('$ours')"
turns 'ROLLBACK' user_07 "begin; select workos_refuse_audience('$ours'); rollback"
turns 'TRUNCATE' oauth 'truncate workos_audiences'
turns 'TRUNCATE through a view is none, DELETE is' nobody 'create view public.v as select * from workos_audiences' "${delete_audience/workos_audiences/public.v}" 'drop view public.v'
for change in "$delete_audience" "$replace_audience" 'truncate workos_audiences'; do
	[ "$change" = 'truncate workos_audiences' ] && after=oauth || after=nobody
	about=$(cut -c 1-8 <<<"$change")
	turns "the triggers disabled: $about" $after 'alter table workos_audiences disable trigger all' "$change"
	turns "the triggers disabled in the same transaction: $about" $after "alter table workos_audiences disable trigger all; $change; alter table workos_audiences enable trigger all"
	turns "the triggers dropped: $about" $after 'drop trigger workos_audiences_changed on workos_audiences; drop trigger workos_audiences_truncated on workos_audiences' "$change"
	turns "session_replication_role = replica: $about" $after "set session_replication_role = replica; $change"
	before=$(asked "$gate")
	owner_does "begin; $change; prepare transaction 'change'"
	between=$(asked "$gate")
	DB=audiences as_owner "commit prepared 'change'"
	expect "a prepared transaction: $about" "user_07 > user_07 > $after" "$before > $between > $(asked "$gate")"
	owner_does "truncate workos_audiences; select workos_accept_audience('$ours'), workos_accept_audience('client_01ENVIRONMENT')"
done
expect 'the table cannot be dropped' 'ERROR:  cannot drop table workos_audiences because extension pg_workos requires it' "$( (owner_does 'drop table workos_audiences' || true) | head -n 1)"
for command in "insert into workos_audiences values ('https://evil.example')" "$delete_audience" "$replace_audience" 'truncate workos_audiences'; do
	expect "pg_write_all_data may not ${command%%[( ]*}" refused "$(DB=audiences ROLE=writer as_user 'set search_path = public, extensions' "$command" |
		sed -E 's/(ERROR:  (only the owner of the extension pg_workos may change the accepted audiences|permission denied for table workos_audiences)).*/refused/')"
	expect '... and the accepted audiences stay the same' user_07 "$(asked "$gate")"
done
for bad in "''" "'https://db.example/a b'" "'https://db.example/é'" "'a' || repeat('b', 2048)" 'null' "' https://db.example'" "e'https://db.example\\n'"; do
	expect "$bad is no audience" 'ERROR:  audience is not a resource indicator or a client id' "$( (owner_does "select workos_accept_audience($bad)" || true) | head -n 1)"
	expect "... nor in an INSERT" 'violates a constraint' "$( (owner_does "insert into workos_audiences values ($bad)" || true) | grep -oE 'violates (check|not-null) constraint' | sed -E 's/check|not-null/a/')"
done
close_session

say "  the accepted audiences in a dump"
for how in '' --data-only; do
	createdb -T template0 audiences_restored
	[ -z "$how" ] || psql -Xqd audiences_restored -c 'create schema extensions' -c 'create extension pg_workos schema extensions'
	"$BIN/pg_dump" -U postgres $how ${how:+-t extensions.workos_audiences} audiences | psql -Xq -d audiences_restored -o /dev/null 2>&1 | grep -E 'ERROR' || true
	expect "restored by pg_dump $how" "client_01ENVIRONMENT|$ours" "$(DB=audiences_restored ROLE=postgres as_user 'select audience from extensions.workos_audiences order by 1')"
	dropdb audiences_restored
done
createdb -T template0 audiences_restored
"$BIN/pg_dump" -U postgres --exclude-table-data='*.workos_audiences' audiences | psql -Xq -d audiences_restored -o /dev/null 2>&1 | grep -E 'ERROR' || true
expect 'a dump without the rows: no delegated answer' oauth "$(DB=audiences_restored ROLE=postgres as_user "set search_path = extensions; set request.jwt.claims = '$agent'; $gate")"
dropdb audiences_restored
dropdb audiences
