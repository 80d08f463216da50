# Read replicas: helpers, policies and verified tokens on a hot standby, what is changed on the primary meanwhile, and the
# standby promoted.
source "$(dirname "$0")/../shell.sh"
KEYS=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
source "$here/examples/direct-connections/mint.sh"
new_key ours
new_key second

standby=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
[ "$(id -u)" -ne 0 ] || chown "$SERVER_USER" "$standby"
trap 'as_server_user "$BIN/pg_ctl" -D "$standby/data" -m immediate stop >/dev/null; rm -rf "$standby" "$KEYS"' EXIT

as_server_user "$BIN/pg_basebackup" -U postgres -D "$standby/data" -R -c fast -X stream >/dev/null
as_server_user "$BIN/pg_ctl" -D "$standby/data" -l "$standby/log" -o "-c unix_socket_directories='$standby'" -w start >/dev/null

caller=$(sql native postgres 'select claims from demo.caller where n = 3')
is "$(PGHOST=$standby sql native postgres 'select pg_is_in_recovery()')" t 'the server is a standby'
is "$(PGHOST=$standby sql native authenticator begin "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '$caller', true) is not null" \
	'select workos_user_id(), workos_has_permission($$documents:write$$), workos_claims() is not null, (select count(*) from documents)' commit | tail -n 1)" \
	'user_01EDDY|t|t|4' 'a user session reads the rows of its organization'
like "$(PGHOST=$standby sql native authenticator begin "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '$caller', true) is not null" \
	"select (select count(*) > 9 from workos_doctor()), detail from workos_explain('documents') where step = 'verdict'" commit | tail -n 1)" \
	'^t\|SELECT: rows pass where one of these policies is true: .*"readers read"' 'doctor and explain answer there, too'
is "$(PGHOST=$standby sql native authenticator begin "select set_config('role', 'anon', true)" 'select workos_user_id(), (select count(*) from documents)' commit | tail -n 1)" \
	'|2' 'an anonymous request reads the public rows'

# Verified tokens, the trusted issuers and the directory. Everything is written on the primary.
createdb -T template0 replicated
primary() { sql replicated postgres "$@"; }
event() { # N EVENT OBJECT...
	primary "select workos.apply_event(jsonb_build_object('id', 'event_' || lpad('$1', 4, '0'), 'event', '$2', 'data', jsonb_build_object($3, 'created_at', '2026-01-01T00:00:00Z', 'updated_at', timestamptz '2026-01-01Z' + $1 * interval '1 minute')))" >/dev/null
}
replayed() { # waits until the standby has replayed what the primary has written
	local written
	written=$(psql -Atqc 'select pg_current_wal_lsn()')
	until [ "$(PGHOST=$standby psql -Atqd postgres -c "select pg_last_wal_replay_lsn() >= '$written'")" = t ]; do sleep 0.05; done
}
member() { echo "'id', 'om_$1', 'user_id', 'user_01', 'organization_id', 'org_01', 'status', 'active', 'role', jsonb_build_object('slug', 'member')"; }
primary 'create extension pg_workos' 'create extension pg_workos_directory' "alter database replicated set workos.claims_source = token" 'create table documents (id int, org_id text)' \
	"select workos_protect('documents', to_role => 'authenticator', apply => true)" 'grant select, insert on documents to authenticator' 'alter table documents no force row level security' "insert into documents values (1, 'org_01'), (2, 'org_02')" \
	"select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" "select workos_configure(membership => 'newest')" | grep ERROR
event 1 organization_membership.created "$(member 1)"
# Issued before the events below
user_token=$(signed ours '{"alg":"RS256","kid":"ours"}' "$(session user_01 | sed -E 's/"iat":[0-9]+/"iat":1767225600/')")
# On the standby, in a transaction of its own: the user, and the rows
reads() { PGHOST=$standby sql replicated authenticator 'begin read only' "select workos_authenticate('${1:-$user_token}')" 'select count(*) from documents' commit | grep -v '^HINT' | head -n 2 | paste -sd '|'; }
replayed
is "$(reads)" 'user_01|1' 'a standby verifies a token with the keys of the primary, and the policies apply'
is "$(reads "$(SIGNER=second token user_01)")" 'ERROR:  28000: access token has a bad signature' '... and refuses a token of another key'
like "$(PGHOST=$standby sql replicated postgres "select workos_trust_issuer('$ISSUER', '{}')")" '^ERROR:  25006: ' '... and its issuers cannot be changed there'

# A connection that stays open to the standby, and is asked again and again, until it answers otherwise
coproc OPEN { PGHOST=$standby psql -XAtq -d replicated -U authenticator 2>&1; }
exec 7<&"${OPEN[0]}" 8>&"${OPEN[1]}"
answers() {
	local line
	printf '%s;\n\\echo end\n' "$1" >&8
	while read -r line <&7 && [ "$line" != end ]; do case $line in HINT*) ;; *) echo "$line" ;; esac; done | paste -sd '|'
}
answers "set workos.access_token = '$user_token'" >/dev/null
lags=()
# until_it_says ANSWER: waits for that answer, and notes how long it took since the primary has committed. 0 if it never came.
until_it_says() {
	local began now _
	began=$(date +%s%N)
	for _ in $(seq 2000); do
		if [ "$(answers "select coalesce(workos_org_id(), 'nobody')")" = "$1" ]; then
			now=$(date +%s%N)
			lags+=($(((now - began) / 1000)))
			echo yes
			return
		fi
	done
}
said=
for n in 2 4 6 8 10; do
	event $n organization_membership.deleted "$(member $((n - 1)))"
	until_it_says nobody >"$KEYS/said"
	said+=$(cat "$KEYS/said")
	event $((n + 1)) organization_membership.created "$(member $((n + 1)))"
	until_it_says org_01 >"$KEYS/said"
	said+=$(cat "$KEYS/said")
done
is "$said" yesyesyesyesyesyesyesyesyesyes 'in a connection that is open there, a removed member is out, and a new one in, five times'
event 20 session.revoked "'id', 'session_01', 'user_id', 'user_01', 'revoked_at', '2026-01-02T00:00:00Z'"
is "$(until_it_says nobody)" yes '... and a revoked session is out'
primary "select workos_configure(membership => 'token')" >/dev/null
is "$(until_it_says org_01)" yes '... unless the token decides'
primary "select workos_distrust_issuer('$ISSUER')" >/dev/null
is "$(until_it_says 'ERROR:  access token is from an unknown issuer')" yes '... and an issuer that is no longer trusted is refused'
primary "select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk second ours)]}')" >/dev/null
is "$(until_it_says 'ERROR:  access token has a bad signature')" yes '... and so is a key that was replaced'
printf '%s\n' "${lags[@]}" | sort -n | awk '{ l[NR] = $1 } END { printf "# from the COMMIT on the primary to the answer on the standby: %.1f ms at the median, %.1f ms at most, of %d changes\n", l[int((NR + 1) / 2)] / 1000, l[NR] / 1000, NR }'
printf '\\q\n' >&8
exec 7<&- 8>&-

# Promotion: the standby becomes a primary, with everything, and goes its own way.
primary "select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" "select workos_configure(membership => 'newest')" >/dev/null
replayed
coproc OPEN { PGHOST=$standby psql -XAtq -d replicated -U authenticator 2>&1; }
exec 7<&"${OPEN[0]}" 8>&"${OPEN[1]}"
answers "set workos.access_token = '$user_token'" >/dev/null
is "$(answers "select coalesce(workos_org_id(), 'nobody')")" nobody 'before the promotion the revoked session is out'
as_server_user "$BIN/pg_ctl" -D "$standby/data" -w promote >/dev/null
is "$(answers "select coalesce(workos_org_id(), 'nobody')")" nobody 'after it, in the same connection, too'
PGHOST=$standby sql replicated postgres "select workos_configure(membership => 'token')" >/dev/null
is "$(answers "select coalesce(workos_org_id(), 'nobody')")" org_01 '... which notices a change of the configuration'
PGHOST=$standby sql replicated postgres "select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk second ours)]}')" >/dev/null
is "$(answers 'select workos_org_id()')" 'ERROR:  access token has a bad signature' '... and of the keys'
is "$(PGHOST=$standby sql replicated authenticator begin "select workos_authenticate('$(SIGNER=second token user_01)')" "insert into documents values (3, 'org_01') returning id" "insert into documents values (4, 'org_02')" rollback | grep -v '^HINT' | cut -c 1-60 | paste -sd '|')" \
	'user_01|3|ERROR:  42501: new row violates row-level security policy fo' '... and a user writes there, into the own organization only'
is "$(sql replicated authenticator begin "select workos_authenticate('$user_token')" commit | head -n 1)" 'ERROR:  28000: the session of the access token has ended, as the directory says' '... while the old primary has its own keys and configuration'
printf '\\q\n' >&8
exec 7<&- 8>&-
dropdb --force replicated
done_testing
