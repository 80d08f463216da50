# Sourced by run.sh: an open connection sees each change of the trusted issuers in its next statement. Each line is the
# user of that connection before and after the change. Each change is a transaction.

say "  changes of the trusted issuers, in an open connection"
restart 'wal_level = logical' 'max_prepared_transactions = 4'
extension_sql=$(ls sql/pg_workos--*.sql | grep -v -- '--.*--')
trust ours
open_session
asked "set workos.access_token = '$alice'" >/dev/null

unknown='ERROR:  access token is from an unknown issuer' replaced='ERROR:  access token has a bad signature'
# Restores the triggers of the table as the extension creates them, and the issuer with its key.
as_installed() {
	as_owner "do \$\$ declare name text; begin
		for name in select tgname from pg_trigger where tgrelid = 'workos_issuers'::regclass and not tgisinternal loop execute format('drop trigger %I on workos_issuers', name); end loop; end \$\$"
	as_owner "$(sed -n '/^CREATE TRIGGER workos_issuers/,/^$/p' "$extension_sql" | sed 's/@extschema@/extensions/g')"
	trust ours
}
# becomes ABOUT AFTER CHANGE...: SQL of the owner, or a function of this file
becomes() {
	local about=$1 after=$2 before now said='' change
	shift 2
	before=$(asked 'select workos_user_id()')
	for change; do
		said+=$(if [ "$(type -t "${change%% *}")" = function ]; then $change; else as_owner "$change"; fi 2>&1 >/dev/null) || true
		# The connection runs a statement after each change, so that it has read the latest state.
		now=$(asked 'select workos_user_id()')${said:+ ($said)}
	done
	expect "$about" "user_01 > $after" "$before > $now"
	as_installed
}
delete="delete from workos_issuers where issuer = '$ISSUER'"
replace="update workos_issuers set jwks = (select jwks from key_set where name = 'other') where issuer = '$ISSUER'"
key_of() { as_owner "select jwks from key_set where name = '$1'"; }

becomes 'nothing changes' user_01 'select'
becomes 'workos_distrust_issuer' "$unknown" "select workos_distrust_issuer('$ISSUER')"
becomes 'workos_trust_issuer' "$replaced" "select workos_trust_issuer('$ISSUER', '$(key_of other)')"
becomes 'workos_trust_any_issuer' "$unknown" 'select workos_trust_any_issuer()'
becomes 'DELETE' "$unknown" "$delete"
becomes 'UPDATE' "$replaced" "$replace"
becomes 'UPDATE of the name' "$unknown" "update workos_issuers set issuer = 'https://renamed.example' where issuer = '$ISSUER'" "delete from workos_issuers where issuer = 'https://renamed.example'"
becomes 'MERGE' "$unknown" "merge into workos_issuers i using (values ('$ISSUER')) v(issuer) on v.issuer = i.issuer when matched then delete"
becomes 'TRUNCATE' "$unknown" 'truncate workos_issuers'
copied="$ISSUER	$(key_of other | sed 's/\\/\\\\/g')"
copy() { printf '%s\n' "begin; $delete;" 'copy workos_issuers from stdin;' "$copied" '\.' 'commit;' | PGDATABASE=tokens psql -Xq -v ON_ERROR_STOP=1; }
becomes 'COPY' "$replaced" copy
becomes 'DELETE through a view' "$unknown" "create view public.issuers as select * from workos_issuers" 'delete from public.issuers' 'drop view public.issuers'
becomes 'DELETE by a cascading foreign key' "$unknown" "create table public.known as select issuer from workos_issuers; alter table public.known add primary key (issuer);
	alter table workos_issuers add constraint known foreign key (issuer) references public.known on delete cascade" 'delete from public.known' 'alter table workos_issuers drop constraint known; drop table public.known'

for change in "$delete" "$replace" 'truncate workos_issuers'; do
	[ "$change" = "$replace" ] && after=$replaced || after=$unknown
	about=$(cut -c 1-12 <<<"$change")
	becomes "session_replication_role = replica: $about" "$after" "set session_replication_role = replica; $change"
	becomes "the triggers disabled in the same transaction: $about" "$after" "alter table workos_issuers disable trigger all; $change; alter table workos_issuers enable trigger all"
	becomes "the triggers disabled before: $about" "$after" 'alter table workos_issuers disable trigger all' "$change"
	becomes "the triggers disabled before, and enabled after: $about" "$after" 'alter table workos_issuers disable trigger all' "$change" 'alter table workos_issuers enable trigger all'
	becomes "the triggers enabled, but not ALWAYS: $about" "$after" 'alter table workos_issuers disable trigger all; alter table workos_issuers enable trigger all' "set session_replication_role = replica; $change"
	becomes "the triggers enabled only for a replica: $about" "$after" 'alter table workos_issuers enable replica trigger workos_issuers_changed; alter table workos_issuers enable replica trigger workos_issuers_truncated' "$change"
	becomes "the triggers dropped: $about" "$after" 'drop trigger workos_issuers_changed on workos_issuers; drop trigger workos_issuers_truncated on workos_issuers' "$change"
	becomes "the triggers with a condition that is false: $about" "$after" 'create or replace trigger workos_issuers_changed after insert or update or delete on workos_issuers for each row when (false) execute function workos_issuers_changed();
		create or replace trigger workos_issuers_truncated after truncate on workos_issuers for each statement when (false) execute function workos_issuers_changed();
		alter table workos_issuers enable always trigger workos_issuers_changed, enable always trigger workos_issuers_truncated' "$change"
	becomes "a trigger for the statement instead of for each row: $about" "$after" 'drop trigger workos_issuers_changed on workos_issuers; create trigger workos_issuers_changed after insert or update or delete on workos_issuers for each statement execute function workos_issuers_changed();
		alter table workos_issuers enable always trigger workos_issuers_changed' "set session_replication_role = replica; $change"
	becomes "the trigger function replaced: $about" "$after" \
		"create or replace function extensions.workos_issuers_changed() returns trigger language plpgsql as 'begin return null; end'" "$change" \
		"create or replace function extensions.workos_issuers_changed() returns trigger language c as 'pg_workos', 'workos_issuers_changed'"
	becomes "the triggers with another function of the same name: $about" "$after" "create function public.workos_issuers_changed() returns trigger language plpgsql as 'begin return null; end';
		create or replace trigger workos_issuers_changed after insert or update or delete on workos_issuers for each row execute function public.workos_issuers_changed();
		create or replace trigger workos_issuers_truncated after truncate on workos_issuers for each statement execute function public.workos_issuers_changed();
		alter table workos_issuers enable always trigger workos_issuers_changed, enable always trigger workos_issuers_truncated" "$change"
	as_owner 'drop function public.workos_issuers_changed()'
	becomes "through a parent table of inheritance: $about" "$after" 'create table public.parent (issuer text not null, jwks jsonb not null); alter table workos_issuers inherit public.parent' \
		"${change/workos_issuers/public.parent}" 'alter table workos_issuers no inherit public.parent; drop table public.parent'
	becomes "through a partitioned parent table: $about" "$after" 'create table public.parent (issuer text not null, jwks jsonb not null) partition by list (issuer); alter table public.parent attach partition workos_issuers default' \
		"${change/workos_issuers/public.parent}" 'alter table public.parent detach partition workos_issuers; drop table public.parent'
	becomes "through a partitioned parent table, with the triggers disabled: $about" "$after" 'create table public.parent (issuer text not null, jwks jsonb not null) partition by list (issuer); alter table public.parent attach partition workos_issuers default' \
		"alter table workos_issuers disable trigger all; ${change/workos_issuers/public.parent}" 'alter table public.parent detach partition workos_issuers; drop table public.parent'
	for rewrite in 'vacuum full workos_issuers' 'cluster workos_issuers using workos_issuers_pkey' 'alter table workos_issuers set (fillfactor = 50)' 'alter table workos_issuers alter column jwks set statistics 10' 'reindex table workos_issuers' \
		'alter table workos_issuers set unlogged' 'alter table workos_issuers set logged'; do
		becomes "after $rewrite: $about" "$after" "$rewrite" "$change"
	done
	for end in commit rollback; do
		before=$(asked 'select workos_user_id()')
		as_owner "begin; $change; prepare transaction 'change'"
		between=$(asked 'select workos_user_id()')
		as_owner "$end prepared 'change'"
		expect "a prepared transaction, $end: $about" "user_01 > user_01 > $([ $end = commit ] && echo "$after" || echo user_01)" "$before > $between > $(asked 'select workos_user_id()')"
		as_installed
	done
	becomes "rolled back: $about" user_01 "begin; $change; rollback"
	becomes "rolled back to a savepoint: $about" user_01 "begin; savepoint s; $change; rollback to s; commit"
	becomes "in a released savepoint: $about" "$after" "begin; savepoint s; $change; release s; commit"
done
as_owner 'alter table workos_issuers reset (fillfactor)'
becomes 'a trigger for some columns only: UPDATE of another column' "$replaced" 'create or replace trigger workos_issuers_changed after insert or delete or update of issuer on workos_issuers for each row execute function workos_issuers_changed();
	alter table workos_issuers enable always trigger workos_issuers_changed' "$replace"
# This function returns false, which a trigger may return.
becomes 'a trigger with another C function of the library: DELETE' "$unknown" "create function public.another() returns trigger language c as 'pg_workos', 'workos_is_authenticated_wrapper';
	create or replace trigger workos_issuers_changed after insert or update or delete on workos_issuers for each row execute function public.another();
	alter table workos_issuers enable always trigger workos_issuers_changed" "$delete"
as_owner 'drop function public.another()'
becomes 'a row moved to another partition' "$unknown" "create table public.parent (issuer text not null, jwks jsonb not null) partition by list (issuer); alter table public.parent attach partition workos_issuers for values in ('$ISSUER', 'https://api.workos.com/two');
	create table public.other partition of public.parent default" "update public.parent set issuer = 'https://moved.example' where issuer = '$ISSUER'" 'alter table public.parent detach partition workos_issuers; drop table public.parent'

# pg_restore disables the triggers and enables them again, but not as ENABLE ALWAYS.
dump_before() { "$BIN/pg_dump" -Fc -d tokens -f "$WORK/tokens.dump"; }
restore_rows() { as_owner 'delete from workos_issuers' && "$BIN/pg_restore" --data-only --disable-triggers -t workos_issuers -d tokens "$WORK/tokens.dump"; }
trust other
dump_before
trust ours
becomes 'pg_restore --data-only --disable-triggers' "$replaced" restore_rows
becomes 'a change after pg_restore --data-only --disable-triggers' "$unknown" restore_rows 'select' "set session_replication_role = replica; $delete"

# The table is replaced by another one, or is missing.
missing='ERROR:  table of trusted issuers is missing'
without_table() { # ABOUT AFTER CHANGE UNDO
	local before now
	before=$(asked 'select workos_user_id()')
	as_owner "$3" >/dev/null
	now=$(asked 'select workos_user_id()')
	expect "$1" "user_01 > $2" "$before > $now"
	as_owner "$4" >/dev/null
	as_installed
}
without_table 'the table renamed' "$missing" 'alter table workos_issuers rename to moved' 'alter table moved rename to workos_issuers'
without_table 'the table renamed, and another table of that name' "$missing" 'alter table workos_issuers rename to moved; create table extensions.workos_issuers as table extensions.moved' \
	'drop table extensions.workos_issuers; alter table moved rename to workos_issuers'
without_table 'the table in another schema' "$missing" 'alter table workos_issuers set schema tap' 'alter table tap.workos_issuers set schema extensions'
without_table 'the table removed from the extension' "$missing" "alter extension pg_workos drop table workos_issuers; $replace" 'alter extension pg_workos add table workos_issuers'
without_table 'a column renamed' "$missing" 'alter table workos_issuers rename jwks to keys' 'alter table workos_issuers rename keys to jwks'
without_table 'a column of the audiences renamed' 'ERROR:  table of accepted audiences is missing' 'alter table workos_audiences rename audience to a' 'alter table workos_audiences rename a to audience'
without_table 'a column of the configuration renamed' 'ERROR:  table of the configuration is missing' 'alter table workos_configuration rename membership to decides' 'alter table workos_configuration rename decides to membership'
before=$(asked 'select extensions.workos_user_id()')
as_owner "alter schema extensions rename to moved; ${replace/update /update moved.}"
expect 'the schema renamed' "user_01 > $replaced" "$before > $(asked 'select moved.workos_user_id()')"
as_owner 'alter schema moved rename to extensions'
as_installed
close_session
