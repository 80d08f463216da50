# Sourced by run.sh: with claims that a gateway sets, either any issuer, the listed issuers, or none is accepted. If the
# table is emptied or lost, no issuer is accepted.

say "  any issuer, listed issuers, or none"
new_database states native
as_owner 'create role writer login' && as_owner 'grant pg_write_all_data, pg_read_all_data to writer'
state_claims=$(session user_01)
# counts [DATABASE]: the user for claims of our issuer, and for claims of another issuer
counts() {
	local database=${1:-states} issuer
	for issuer in "$ISSUER" https://other.example; do
		DB=$database ROLE=postgres as_user 'set search_path = public, extensions' "set request.jwt.claims = '${state_claims/$ISSUER/$issuer}'" "select coalesce(workos_user_id(), 'nobody')"
	done | paste -sd ' '
}
any='user_01 user_01' listed='user_01 nobody' none='nobody nobody'
owner_says() { DB=states as_owner "$1" >/dev/null; }
ours_listed() { DB=states as_owner "select workos_trust_issuer('$ISSUER', '$(as_owner "select jwks from key_set where name = 'ours'")')" >/dev/null; }

expect 'after installation any issuer is accepted' "$any" "$(counts)"
for state in any listed none; do
	case $state in
		any) owner_says 'select workos_trust_any_issuer()' ;;
		listed) ours_listed ;;
		none) owner_says "select workos_distrust_issuer('$ISSUER')" ;;
	esac
	expect "accepted issuers: $state" "${!state}" "$(counts)"
	for command in "insert into workos_issuers values ('*', '{}')" "insert into workos_issuers values ('*', '{}') on conflict do nothing" "insert into workos_issuers select 'https://other.example', jwks from workos_issuers" \
		"update workos_issuers set jwks = '{}'" 'delete from workos_issuers' 'truncate workos_issuers' "merge into workos_issuers i using (values ('*')) v(issuer) on v.issuer = i.issuer when matched then delete when not matched then insert values ('*', '{}')" \
		$'copy workos_issuers from stdin;\n*\t{}\n\\.\nselect'; do
		as_writer=$(DB=states ROLE=writer as_user 'set search_path = public, extensions' "$command" | sed -E 's/\|.*//')
		# A command that changes no row raises no error.
		case "$as_writer" in
			'ERROR:  only the owner of the extension pg_workos may change the trusted issuers' | 'ERROR:  permission denied for table workos_issuers') as_writer=refused ;;
			'') [ "$state" != none ] || as_writer=refused ;;
		esac
		expect "accepted issuers: $state: pg_write_all_data may not ${command%%[( ]*}" refused "$as_writer"
		expect '... and the accepted issuers stay the same' "${!state}" "$(counts)"
	done
	expect "accepted issuers: $state: the table cannot be dropped" "ERROR:  cannot drop table workos_issuers because extension pg_workos requires it" "$(DB=states ROLE=postgres as_user 'set search_path = public, extensions' 'drop table workos_issuers' | sed -E 's/\|.*//')"
done
owner_says 'select workos_trust_any_issuer()'
owner_says 'delete from workos_issuers'
expect 'any issuer, then DELETE: none is accepted' "$none" "$(counts)"
owner_says 'select workos_trust_any_issuer()'
owner_says 'truncate workos_issuers'
expect 'any issuer, then TRUNCATE: none is accepted' "$none" "$(counts)"
ours_listed
owner_says 'truncate workos_issuers'
expect 'a listed issuer, then TRUNCATE: none is accepted' "$none" "$(counts)"

say "  a dump of the data alone, restored into a database with the extension"
for state in any listed none; do
	case $state in
		any) owner_says 'select workos_trust_any_issuer()' ;;
		listed) ours_listed ;;
		none) owner_says "select workos_distrust_issuer('$ISSUER')" ;;
	esac
	"$BIN/pg_dump" -U postgres --data-only -t extensions.workos_issuers -d states -f "$WORK/states.sql"
	dropdb --if-exists restored
	createdb -T template0 restored
	psql -Xqd restored -c 'create schema extensions' -c 'grant usage on schema extensions to public' -c 'create extension pg_workos schema extensions'
	expect "$state: before the data any issuer is accepted" "$any" "$(counts restored)"
	psql -Xqd restored -v ON_ERROR_STOP=1 -o /dev/null -f "$WORK/states.sql"
	expect "$state: with the data" "${!state}" "$(counts restored)"
	dropdb restored
done

say "  a dump in each of these states"
as_owner 'create role restorer login'
# restored HOW DUMP...: into a new database of that owner
restored() { # OWNER COMMAND that reads the dump
	dropdb --if-exists restored
	createdb -T template0 -O "$1" restored
	"${@:2}" 2>&1 | grep -E '^(psql:.*: )?ERROR|^pg_restore: error' || true
	counts restored
}
# A database with the extension, whose owner is not a superuser.
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
		expect "$user, $state: before the dump" "${!state}" "$(counts $from)"
		"$BIN/pg_dump" -U $user -d $from -f "$WORK/states.sql"
		"$BIN/pg_dump" -U $user -d $from -Fc -f "$WORK/states.dump"
		expect "$user, $state: restored by psql" "${!state}" "$(restored $user psql -Xq -U $user -d restored -f "$WORK/states.sql")"
		expect "$user, $state: restored by pg_restore" "${!state}" "$(restored $user "$BIN/pg_restore" -U $user -d restored "$WORK/states.dump")"
		expect "$user, $state: restored in one transaction" "${!state}" "$(restored $user "$BIN/pg_restore" -U $user -1 -d restored "$WORK/states.dump")"
		expect "$user, $state: restored from INSERT commands" "${!state}" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --inserts -d $from))"
		expect "$user, $state: restored from a dump with --enable-row-security" "${!state}" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --enable-row-security -d $from))"
		[ $user = restorer ] || expect "$user, $state: restored by two parallel jobs" "${!state}" "$(restored $user "$BIN/pg_restore" -U $user -j 2 -d restored "$WORK/states.dump")"
		# Without the rows no issuer is accepted, whatever the state was.
		expect "$user, $state: a dump with --schema-only accepts none" "$none" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --schema-only -d $from))"
		if [ $user = postgres ]; then
			expect "$user, $state: a dump without the data of the table accepts none" "$none" "$(restored $user psql -Xq -U $user -d restored -f <("$BIN/pg_dump" -U $user --exclude-table-data='*.workos_issuers' -d $from))"
			# As Supabase dumps: without the schema, and the extension is created before the restore.
			without() { { printf '%s\n' 'set row_security = off;' 'create schema extensions;' 'create extension pg_workos schema extensions;'; "$BIN/pg_dump" -U postgres --exclude-schema=extensions --exclude-schema=tap -d states; } | psql -Xq -d restored; }
			expect "$user, $state: a dump without the schema of the extension accepts none" "$none" "$(restored $user without | tail -n 1)"
		fi
	done
done
dropdb restored
dropdb theirs
dropdb states
