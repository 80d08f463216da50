# Sourced by run.sh: with the claims of a gateway, any issuer counts, those that are listed, or none; and a table that
# was emptied or lost never makes any of none.

say "  any issuer, some, or none"
new_database states native
as_owner 'create role writer login' && as_owner 'grant pg_write_all_data, pg_read_all_data to writer'
state_claims=$(session user_01)
# counts [DATABASE]: whose claims count there, of our issuer and of another
counts() {
	local database=${1:-states} issuer
	for issuer in "$ISSUER" https://other.example; do
		DB=$database ROLE=postgres as_user 'set search_path = public, extensions' "set request.jwt.claims = '${state_claims/$ISSUER/$issuer}'" "select coalesce(workos_user_id(), 'nobody')"
	done | paste -sd ' '
}
any='user_01 user_01' listed='user_01 nobody' none='nobody nobody'
owner_says() { DB=states as_owner "$1" >/dev/null; }
ours_listed() { DB=states as_owner "select workos_trust_issuer('$ISSUER', '$(as_owner "select jwks from key_set where name = 'ours'")')" >/dev/null; }

expect 'after installation' "$any" "$(counts)"
for state in any listed none; do
	case $state in
		any) owner_says 'select workos_trust_any_issuer()' ;;
		listed) ours_listed ;;
		none) owner_says "select workos_distrust_issuer('$ISSUER')" ;;
	esac
	expect "the state: $state" "${!state}" "$(counts)"
	for command in "insert into workos_issuers values ('*', '{}')" "insert into workos_issuers values ('*', '{}') on conflict do nothing" "insert into workos_issuers select 'https://other.example', jwks from workos_issuers" \
		"update workos_issuers set jwks = '{}'" 'delete from workos_issuers' 'truncate workos_issuers' "merge into workos_issuers i using (values ('*')) v(issuer) on v.issuer = i.issuer when matched then delete when not matched then insert values ('*', '{}')" \
		$'copy workos_issuers from stdin;\n*\t{}\n\\.\nselect'; do
		as_writer=$(DB=states ROLE=writer as_user 'set search_path = public, extensions' "$command" | sed -E 's/\|.*//')
		# What touches no row is refused nothing.
		case "$as_writer" in
			'ERROR:  only the owner of the extension pg_workos may change the trusted issuers' | 'ERROR:  permission denied for table workos_issuers') as_writer=refused ;;
			'') [ "$state" != none ] || as_writer=refused ;;
		esac
		expect "$state: pg_write_all_data may not ${command%%[( ]*}" refused "$as_writer"
		expect '... and changes nothing' "${!state}" "$(counts)"
	done
	expect "$state: the table is not dropped" "ERROR:  cannot drop table workos_issuers because extension pg_workos requires it" "$(DB=states ROLE=postgres as_user 'set search_path = public, extensions' 'drop table workos_issuers' | sed -E 's/\|.*//')"
done
owner_says 'select workos_trust_any_issuer()'
owner_says 'delete from workos_issuers'
expect 'any, and then the row deleted' "$none" "$(counts)"
owner_says 'select workos_trust_any_issuer()'
owner_says 'truncate workos_issuers'
expect 'any, and then truncated' "$none" "$(counts)"
ours_listed
owner_says 'truncate workos_issuers'
expect 'listed, and then truncated' "$none" "$(counts)"

say "  a dump of each of them"
as_owner 'create role restorer login'
# restored HOW DUMP...: into a new database of that owner
restored() { # OWNER COMMAND that reads the dump
	dropdb --if-exists restored
	createdb -T template0 -O "$1" restored
	"${@:2}" 2>&1 | grep -E '^(psql:.*: )?ERROR|^pg_restore: error' || true
	counts restored
}
# A database of an owner who is no superuser, with the extension.
createdb -T template0 -O restorer theirs
DB=theirs ROLE=restorer as_user 'create schema extensions' 'grant usage on schema extensions to public' 'create extension pg_workos schema extensions' >/dev/null
for user in postgres restorer; do
	[ $user = postgres ] && from=states || from=theirs
	for state in any listed none; do
		case $state in
			any) DB=$from as_owner 'select extensions.workos_trust_any_issuer()' ;;
			listed) DB=$from as_owner "select extensions.workos_trust_issuer('$ISSUER', '$(as_owner "select jwks from key_set where name = 'ours'")')" ;;
			none) DB=$from as_owner 'truncate extensions.workos_issuers' ;;
		esac >/dev/null
		expect "$user: the state: $state" "${!state}" "$(counts $from)"
		"$BIN/pg_dump" -U $user -d $from -f "$WORK/states.sql"
		"$BIN/pg_dump" -U $user -d $from -Fc -f "$WORK/states.dump"
		expect "$user: by pg_dump and psql" "${!state}" "$(restored $user psql -Xq -U $user -d restored -f "$WORK/states.sql")"
		expect "$user: by pg_dump and pg_restore" "${!state}" "$(restored $user "$BIN/pg_restore" -U $user -d restored "$WORK/states.dump")"
		expect "$user: in one transaction" "${!state}" "$(restored $user "$BIN/pg_restore" -U $user -1 -d restored "$WORK/states.dump")"
		expect "$user: as INSERT" "${!state}" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --inserts -d $from))"
		expect "$user: with row security" "${!state}" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --enable-row-security -d $from))"
		[ $user = restorer ] || expect "$user: in two parallel jobs" "${!state}" "$(restored $user "$BIN/pg_restore" -U $user -j 2 -d restored "$WORK/states.dump")"
		# Without the rows nobody counts, whatever they said.
		expect "$user: the schema alone" "$none" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --schema-only -d $from))"
		if [ $user = postgres ]; then
			expect "$user: without the data of the table" "$none" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --exclude-table-data='*.workos_issuers' -d $from))"
			# As Supabase dumps: the schema left out, and the extension made again where the dump is restored.
			without() { { printf '%s\n' 'set row_security = off;' 'create schema extensions;' 'create extension pg_workos schema extensions;'; "$BIN/pg_dump" -U postgres --exclude-schema=extensions --exclude-schema=tap -d states; } | psql -Xq -d restored; }
			expect "$user: without the schema of the extension" "$none" "$(restored $user without | tail -n 1)"
		fi
	done
done
dropdb restored
dropdb theirs
dropdb states
