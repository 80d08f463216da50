# The clock of the server is set forward and back, under open connections, in both editions. libfaketime changes the clock.
source "$(dirname "$0")/../shell.sh"

library=$(find /usr/lib /usr/lib64 /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
[ -n "$library" ] || skip_all 'libfaketime is not installed: the clock of the server set back and forward'
folder=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
trap '[ ! -f "$folder/data/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"' EXIT
[ "$(id -u)" -ne 0 ] || chown "$SERVER_USER" "$folder"
as_server_user "$BIN/initdb" -D "$folder/data" -U postgres -A trust -N -E UTF8 --locale=C >/dev/null
as_server_user tee -a "$folder/data/postgresql.conf" >/dev/null <<-CONF
	listen_addresses = ''
	unix_socket_directories = '$folder'
	fsync = off
	autovacuum = off
CONF
# clock OFFSET: from now on the server has the true time and so many seconds. The file is read at each look at the clock.
clock() {
	echo "$1" >"$folder/next"
	mv "$folder/next" "$folder/clock"
}
clock +0
chmod 755 "$folder"
as_server_user env LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$folder/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
	"$BIN/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null
export PGHOST=$folder PGUSER=postgres
clock +86400
is "$(psql -XAtqd postgres -c "select round(extract(epoch from clock_timestamp()) - $(date +%s), -3)")" 86000 'the clock of the server is set'
clock +0

# A connection that stays open: `asked SQL` sends a statement, and prints its last line.
open_session() { # DATABASE
	coproc SESSION { psql -XqAt -U postgres -d "$1" 2>&1; }
	exec 7<&"${SESSION[0]}" 8>&"${SESSION[1]}"
}
asked() {
	local line last=
	printf '%s;\n\\echo end\n' "$1" >&8
	while read -r line <&7 && [ "$line" != end ]; do [[ $line = HINT:* || $line = CONTEXT:* ]] || last=$line; done
	echo "$last"
}
close_session() {
	printf '\\q\n' >&8
	exec 7<&- 8>&-
}
hour=3600 day=86400
now=$(date +%s)
claims="{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"org_1\",\"iat\":$now,\"nbf\":$now,\"auth_time\":$now,\"exp\":$((now + 20000))}"
for edition in native portable; do
	createdb "$edition"
	psql -Xqd $edition -c 'create schema extensions' -c 'grant usage on schema extensions to public' -c "alter database $edition set search_path = public, extensions"
	if [ $edition = native ]; then
		psql -Xqd $edition -c 'create extension pg_workos with schema extensions' -c 'create extension pg_workos_directory'
	else
		psql -Xqd $edition -c 'create extension pgcrypto with schema extensions' -f "$here/sql/portable/pg_workos.sql" -f "$here/sql/portable/pg_workos_directory.sql" -o /dev/null
	fi
	who="select coalesce(workos_user_id(), 'nobody') || ' ' || workos_authenticated_within('1 day')"
	open_session $edition
	asked "set request.jwt.claims = '$claims'" >/dev/null
	asked 'begin' >/dev/null
	is "$(asked "$who")" 'user_1 true' "$edition: a user is signed in"
	clock +$day
	is "$(asked "$who")" 'nobody false' "$edition: the clock is set forward: the claims have expired, from the next statement of the open transaction on"
	clock +0
	is "$(asked "$who")" 'user_1 true' "$edition: it is set back again: they are in force again"
	clock -$hour
	is "$(asked "$who")" 'nobody false' "$edition: it is set back: they are not yet in force"
	clock +0
	is "$(asked "$who")" 'user_1 true' "$edition: it is right again"
	asked 'commit' >/dev/null

	# The directory compares the times of events and tokens with each other, and not with the clock.
	membership() { # ID STATUS SECONDS
		local at
		at=$(date -u -d "@$((now + $3))" +%Y-%m-%dT%H:%M:%SZ)
		asked "select workos.apply_event(jsonb_build_object('id', 'event_$1', 'event', 'organization_membership.updated', 'created_at', '$at', 'data', jsonb_build_object(
			'id', 'om_1', 'user_id', 'user_1', 'organization_id', 'org_1', 'status', '$2', 'role', '{\"slug\": \"member\"}'::jsonb, 'created_at', '2026-01-01T00:00:00Z', 'updated_at', '$at')))"
	}
	asked "select workos_configure('newest')" >/dev/null
	is "$(membership 1 active 1)" applied "$edition: the directory knows the membership"
	is "$(asked "$who")" 'user_1 true' "$edition: the member is signed in"
	# By less than the grace of the claims
	clock -20
	who="select coalesce(workos_user_id(), 'nobody')"
	is "$(asked "$who")" user_1 "$edition: ... also while the clock is a little behind"
	is "$(membership 2 inactive 2)" applied "$edition: the clock is behind, and an event of its future removes the member"
	is "$(asked "$who")" nobody "$edition: ... who is out at the next statement"
	clock +300
	is "$(asked "$who")" nobody "$edition: the clock jumps forward, and the member is still out"
	is "$(membership 3 active 1)" stale "$edition: an older event that arrives then changes nothing"
	clock +0
	is "$(asked "$who")" nobody "$edition: ... nor when the clock is right again"

	# A webhook is accepted for three minutes.
	asked "select workos.add_webhook_secret('whsec_of_the_clock')" >/dev/null
	webhook() {
		local t body='{"id":"event_9","event":"user.created","created_at":"2026-01-01T00:00:00Z","data":{"id":"user_9","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}}'
		t=$(date +%s)000
		asked "do \$\$ begin raise warning '%', workos.receive_webhook('$body'::text, 't=$t, v1=$(printf '%s.%s' "$t" "$body" | openssl dgst -sha256 -hmac whsec_of_the_clock -hex | sed 's/.* //')'); exception when others then raise warning '%', sqlstate; end \$\$"
	}
	clock +$hour
	is "$(webhook)" 'WARNING:  28000' "$edition: a webhook is refused while the clock is an hour ahead"
	clock -$hour
	is "$(webhook)" 'WARNING:  28000' "$edition: ... and an hour behind"
	clock +0
	is "$(webhook)" 'WARNING:  applied' "$edition: ... and accepted when it is right"
	close_session
done

# Verified tokens
KEYS=$folder
source "$here/examples/direct-connections/mint.sh"
new_key ours
token=$(token user_1)
psql -Xqd native -c "alter database native set workos.claims_source = token" -c "select workos_configure('token')" -c "select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" -o /dev/null
open_session native
asked "set workos.access_token = '$token'" >/dev/null
is "$(asked 'select workos_user_id()')" user_1 'a token is in force'
clock +$day
is "$(asked "select coalesce(workos_user_id(), 'nobody')")" nobody 'the clock is set forward: it has expired'
is "$(asked "select workos_authenticate('$token')")" 'ERROR:  access token has expired' '... and is refused'
clock -$hour
is "$(asked "select coalesce(workos_user_id(), 'nobody')")" 'ERROR:  access token is not yet valid' 'the clock is set back: it is not yet valid'
clock +0
is "$(asked 'select workos_user_id()')" user_1 'the clock is right: it is in force again'
close_session
unlike "$(cat "$folder/log")" 'PANIC|terminated by signal|TRAP' 'the log says nothing else'
done_testing
