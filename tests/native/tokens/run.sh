# Sourced by scripts/test.sh, with a server running: verified tokens.

say "verified tokens, on Postgres $MAJOR"
KEYS=$WORK/keys
mkdir -p "$KEYS"
source examples/direct-connections/mint.sh
KEYS=$KEYS tests/native/tokens/mint.sh >"$WORK/minted.sql"

# as_owner SQL: as the superuser who installed the extension
as_owner() { PGDATABASE=${DB:-tokens} psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
# trust NAME: our issuer, with the key set of that name
trust() { as_owner "select workos_trust_issuer('$ISSUER', jwks) from key_set where name = '$1'" >/dev/null; }

new_database tokens native
PGDATABASE=tokens psql -Xq -v ON_ERROR_STOP=1 -f "$WORK/minted.sql"
as_owner "alter database tokens set workos.claims_source = token"
trust ours
as_owner "select workos_trust_issuer('https://api.workos.com/two', jwks) from key_set where name = 'two'" >/dev/null
prove_sql tokens tests/native/tokens/{refusals,identity,parallel,forgery}.sql
as_owner "select workos_trust_issuer('https://example.authkit.app', jwks) from key_set where name = 'ours'" >/dev/null
prove_sql tokens tests/native/tokens/delegated.sql
as_owner "select workos_distrust_issuer('https://example.authkit.app')" >/dev/null
pg_prove --failures --comments -d tokens -U postgres tests/native/tokens/{keys,doctor}.sql

# With a directory: each state of it with each age of the token.
new_database tokens_newest directory/setup/native
PGDATABASE=tokens_newest psql -Xq -v ON_ERROR_STOP=1 -f "$WORK/minted.sql"
PGDATABASE=tokens_newest psql -XqAt -U keeper -v ON_ERROR_STOP=1 -c "select workos_trust_issuer('$ISSUER', jwks) is null from tap.key_set where name = 'ours'" >/dev/null
PGDATABASE=tokens_newest psql -Xq -c 'alter database tokens_newest set workos.claims_source = token'
prove_as keeper tokens_newest tests/native/tokens/newest.sql
dropdb tokens_newest

# The other tests need servers and connections of their own. Each line states what must hold.
minted() { as_owner "select token from minted where name = '$1'"; }
# as_user SQL...: the output of psql as a user who is not a superuser, with errors, on one line
as_user() { printf '%s;\n' "$@" | PGUSER=${ROLE:-authenticator} PGDATABASE=${DB:-tokens} psql -XqAt 2>&1 | paste -sd '|'; }

alice=$(minted valid) bob=$(minted bob) forged=$(minted 'a key of another issuer')
forged_claims=$(session user_forged)
is_refused='ERROR:  setting "workos.claims_source" has a value at connection start that is not accepted'

say "  the identity after errors"
expect 'a failed sign-in aborts the transaction, and the next transaction is anonymous' 'user_01|failed|no more|' "$(
	as_user begin "select workos_authenticate('$alice')" "select workos_authenticate('$forged')" 'select workos_user_id()' rollback 'select workos_user_id()' |
		sed -E 's/ERROR:  access token has a bad signature\|HINT:[^|]*/failed/; s/ERROR:  current transaction is aborted[^|]*/no more/')"
expect 'after a failed sign-in and ROLLBACK TO the earlier user is signed in' 'user_01|user_01|user_02' "$(
	as_user begin "select workos_authenticate('$alice')" 'savepoint s' "select workos_authenticate('$forged')" 'rollback to s' 'select workos_user_id()' \
		'savepoint t' "set local workos.access_token = '$forged'" 'select workos_user_id()' 'rollback to t' "select workos_authenticate('$bob')" | grep -o 'user_[0-9|user_]*' | paste -sd '|' | sed -E 's/\|+/|/g')"

say "  a session that the directory has ended"
as_owner "create extension pg_workos_directory" 2>/dev/null
as_owner "select workos.apply_event('{\"id\": \"event_1\", \"event\": \"user.deleted\", \"created_at\": \"2026-01-01T00:00:00Z\", \"data\": {\"id\": \"user_01\", \"created_at\": \"2026-01-01T00:00:00Z\", \"updated_at\": \"2026-01-01T00:00:00Z\"}}')" >/dev/null
expect 'signs in where the token decides' 'user_01|user_01' "$(as_user begin "select workos_authenticate('$alice')" 'select workos_user_id()' rollback)"
as_owner "select workos_configure('newest')" >/dev/null
expect 'is refused where the newer decides, with 28000 and without a claim in the message' 'NOTICE:  the session of the access token has ended, as the directory says' "$(
	as_user "do \$\$ begin perform workos_authenticate('$alice'); exception when sqlstate '28000' then raise notice '%', sqlerrm; end \$\$")"
expect '... and the earlier user stays signed in' 'user_02|user_02' "$(
	as_user begin "select workos_authenticate('$bob')" 'savepoint s' "select workos_authenticate('$alice')" 'rollback to s' 'select workos_user_id()' commit | grep -o 'user_0[0-9]' | paste -sd '|')"
as_owner "select workos_configure('token')" >/dev/null
as_owner "drop extension pg_workos_directory cascade" 2>/dev/null

say "  a sign-in outside of a transaction"
warned='WARNING:  workos_authenticate() has no effect on later statements outside of a transaction'
hint='HINT:  The user is signed in until the end of the transaction. Call it after BEGIN.'
expect 'outside of a transaction it warns' "$warned|$hint|user_01|" "$(as_user "select workos_authenticate('$alice')" 'select workos_user_id()')"
expect 'in a transaction it does not' 'user_01|user_01' "$(as_user begin "select workos_authenticate('$alice')" 'select workos_user_id()' commit)"
expect 'in a block of PL/pgSQL that goes on as the user it does not' 'NOTICE:  user_01' "$(
	as_user "do \$\$ declare who text := workos_authenticate('$alice'); begin raise notice '%', workos_user_id(); end \$\$")"
echo 'select workos_authenticate(:token);' >"$WORK/alone.sql"
echo 'begin; select workos_authenticate(:token); commit;' | tr ';' ';\n' >"$WORK/together.sql"
for mode in simple extended prepared; do
	# pgbench puts the value into the text, or passes it as a parameter.
	token_of_mode=$([ $mode = simple ] && echo "'$alice'" || echo "$alice")
	with_parameters() { PGUSER=authenticator PGDATABASE=tokens pgbench -n -t 1 -M $mode -D token="$token_of_mode" -f "$WORK/$1.sql" 2>&1 | grep -cE 'WARNING|ERROR' || true; }
	expect "... with the $mode protocol" '1|0' "$(with_parameters alone)|$(with_parameters together)"
done

say "  the claims source, set before the library is loaded"
# Each line is an attempt to make the helpers accept claims that were not verified.
before_and_after() { # ABOUT WANTED STATEMENT...
	local about=$1 wanted=$2
	shift 2
	expect "$about" "$wanted" "$(as_user "$@" "set request.jwt.claims = '$forged_claims'" "select coalesce(workos_user_id(), 'nobody')" | sed -E 's/\|?HINT:[^|]*//g; s/WARNING:  permission denied to set parameter "workos.claims_source"/warned/g')"
}
attempts() {
	before_and_after "$1: without an attempt the request is anonymous" nobody
	before_and_after "$1: SET" "$2|nobody" 'set workos.claims_source = request'
	before_and_after "$1: SET and RESET ALL" "$3nobody" 'set workos.claims_source = request' 'reset all'
	before_and_after "$1: SET and DISCARD ALL" "$3nobody" 'set workos.claims_source = request' 'discard all'
	before_and_after "$1: set_config" "$4|nobody" "select set_config('workos.claims_source', 'request', false)"
}
denied='ERROR:  permission denied to set parameter "workos.claims_source"'
attempts 'loaded by the first call' warned '' 'request|warned'
PGOPTIONS='-c workos.claims_source=request' before_and_after 'PGOPTIONS override the setting of the database, so every helper raises an error' "warned|$is_refused"
PGOPTIONS='-c workos.claims_source=token' before_and_after 'PGOPTIONS with the same value raise an error, too' "warned|$is_refused"
PGOPTIONS='-c workos.claims_source=nonsense' before_and_after 'PGOPTIONS with an invalid value raise an error' "warned|$is_refused"
PGOPTIONS='-c workos.claims_source=request' before_and_after 'PGOPTIONS and RESET ALL raise an error' "warned|$is_refused" 'reset all'
PGOPTIONS='-c workos.claims_source=request' before_and_after 'PGOPTIONS and SET raise an error' "warned|warned|$is_refused" 'set workos.claims_source = token'
before_and_after 'ALTER ROLE is refused' 'ERROR:  permission denied to set parameter "workos.claims_source"|nobody' 'alter role authenticator set workos.claims_source = request'
before_and_after 'a function with a SET clause is refused' 'ERROR:  permission denied to set parameter "workos.claims_source"|nobody' \
	"create function lab.f() returns text language plpgsql set workos.claims_source = request as 'begin return workos_user_id(); end'"
only_workers='set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set parallel_leader_participation = off'
as_owner "create table public.many as select g from generate_series(1, 20000) g; analyze public.many; grant select on public.many to public"
expect 'PGOPTIONS raise an error if only parallel workers call a helper' "WARNING:  permission denied to set parameter \"workos.claims_source\"|$is_refused|CONTEXT:  parallel worker" "$(
	PGOPTIONS='-c workos.claims_source=request' as_user "$only_workers" "set request.jwt.claims = '$forged_claims'" 'select max(workos_user_id()) from many' | sed 's/|HINT:[^|]*//')"
# A worker loads the library at its first call, and still has the settings of the leader.
late="create function lab.late() returns text language plpgsql stable parallel safe as 'begin return workos_user_id(); end'"
expect 'a worker that loads the library itself uses the token' 'user_01' "$(as_user "$late" begin "$only_workers" "set local workos.access_token = '$alice'" 'select max(lab.late()) from many' rollback)"
expect 'a worker that loads the library itself ignores claims that were not verified' 'nobody' "$(as_user "set request.jwt.claims = '$forged_claims'" "$only_workers" "select coalesce(max(lab.late()), 'nobody') from many")"
expect 'a superuser may set the claims source in PGOPTIONS' 'user_forged' "$(PGOPTIONS='-c workos.claims_source=request' ROLE=postgres as_user "set request.jwt.claims = '$forged_claims'" 'select workos_user_id()')"

expect 'ALTER SYSTEM stores no token in a file' '|ERROR:  parameter "workos.access_token" cannot be changed' "$(ROLE=postgres as_user 'select workos_user_id()' "alter system set workos.access_token = 'x'")"

as_owner "alter database tokens set workos.claims_source = 'tokn'"
before_and_after 'an invalid value in ALTER DATABASE raises an error in every helper' "WARNING:  invalid value for parameter \"workos.claims_source\": \"tokn\"|$is_refused"

say "  the claims source, in postgresql.conf"
as_owner 'alter database tokens reset workos.claims_source'
restart 'workos.claims_source = token'
attempts 'not preloaded' warned '' 'request|warned'
PGOPTIONS='-c workos.claims_source=request' before_and_after 'PGOPTIONS override postgresql.conf, so every helper raises an error' "warned|$is_refused"
restart 'workos.claims_source = token' 'session_preload_libraries = pg_workos'
attempts 'preloaded for the session' "$denied" "$denied|" "$denied"
PGOPTIONS='-c workos.claims_source=request' before_and_after 'PGOPTIONS override postgresql.conf, so every helper raises an error' "warned|$is_refused"
restart 'workos.claims_source = token' 'shared_preload_libraries = pg_workos'
attempts 'preloaded by the server' "$denied" "$denied|" "$denied"
expect 'PGOPTIONS with a library that the server preloads end the connection' 1 "$(PGOPTIONS='-c workos.claims_source=request' as_user 'select 1' | grep -c 'FATAL:  permission denied to set parameter "workos.claims_source"')"
restart 'shared_preload_libraries = pg_workos'
expect 'without a claims source the claims of the gateway are used' user_forged "$(as_user "set request.jwt.claims = '$forged_claims'" 'select workos_user_id()')"
restart
as_owner 'alter database tokens set workos.claims_source = token'

# A connection that stays open: `ask SQL` sends a statement, and `hear` reads its output. A helper that waits for a lock
# fails.
open_session() {
	coproc SESSION { PGOPTIONS='-c lock_timeout=30s' PGUSER=authenticator PGDATABASE=${SESSION_DATABASE:-tokens} psql -XqAt 2>&1; }
	exec 7<&"${SESSION[0]}" 8>&"${SESSION[1]}" # Subshells cannot use the descriptors of a coprocess.
}
ask() { printf '%s;\n\\echo end\n' "$1" >&8; }
hear() {
	local line
	while read -r line <&7 && [ "$line" != end ]; do echo "$line"; done | paste -sd '|' | sed -E 's/\|?HINT:[^|]*//g'
}
asked() { ask "$1" && hear; }
close_session() { printf '\\q\n' >&8; exec 7<&- 8>&-; }

say "  time and keys, in an open transaction"
open_session
expect 'a long transaction begins' '' "$(asked 'begin isolation level repeatable read')"
expect 'a user signs in' user_01 "$(asked "select workos_authenticate('$alice')")"
trust two
expect 'another connection adds a key: the token is still accepted' user_01 "$(asked 'select workos_user_id()')"
trust other
expect 'another connection removes the key: the token is refused' 'ERROR:  access token has a bad signature' "$(asked 'select workos_user_id()')"
trust ours
expect 'the transaction ends' '' "$(asked rollback)"
expect 'another connection adds the key again: the token is accepted' 'user_01|user_01' "$(asked "begin; select workos_authenticate('$alice'); select workos_user_id()")"
as_owner "select workos_distrust_issuer('$ISSUER')" >/dev/null
expect 'another connection removes the issuer: the token is refused' 'ERROR:  access token is from an unknown issuer' "$(asked 'select workos_user_id()')"
expect 'the transaction ends' '' "$(asked rollback)"
trust ours
# With 30 seconds of grace the token expires this number of seconds from now. On a slow machine that can be too soon.
for left in 5 15 60; do
	brief=$(signed ours '{"alg":"RS256","kid":"ours"}' "$(session user_brief | sed -E "s/\"exp\":[0-9]+/\"exp\":$(($(date +%s) - 30 + left))/")")
	answer=$(asked "rollback; begin; set local workos.access_token = '$brief'; select workos_user_id()" | sed 's/^WARNING:  there is no transaction in progress|//')
	[ "$answer" != user_brief ] || break
done
expect 'a token that expires soon is accepted' user_brief "$answer"
for _ in $(seq 200); do
	answer=$(asked "select coalesce(workos_user_id(), 'nobody')")
	[ "$answer" = user_brief ] || break
	sleep 0.5
done
expect 'when it expires, the open transaction becomes anonymous' nobody "$answer"
expect 'workos_authenticate() refuses the expired token' 'ERROR:  access token has expired' "$(asked "select workos_authenticate('$brief')")"
close_session

expect 'the command of the documentation stores the keys' '' "$(psql -Xqt -d tokens -v ON_ERROR_STOP=1 -v jwks="$(as_owner "select jwks from key_set where name = 'two'")" -v issuer="$ISSUER" \
	<<<"select workos_trust_issuer(:'issuer', :'jwks')" 2>&1 | tr -d ' \n')"
expect 'after a failed download the old keys stay' 'ERROR:  invalid input syntax for type json|user_01' "$(psql -Xqt -d tokens -v ON_ERROR_STOP=1 -v jwks= -v issuer="$ISSUER" \
	<<<"select workos_trust_issuer(:'issuer', :'jwks')" 2>&1 | grep ERROR)|$(as_user begin "select workos_authenticate('$alice')" rollback)"
trust ours
# The job of the documentation, with replacements for pg_cron and http: it runs at once, and the response is a setting.
as_owner "create schema cron; create schema http;
	create function cron.schedule(name text, schedule text, command text) returns void language plpgsql as 'begin execute command; end';
	create function http.http_get(uri varchar) returns table(status int, content_type varchar, content varchar) language sql as \$\$
		select 200, 'application/json', current_setting('answer.of_' || split_part(uri, '/', 5)) \$\$"
job=$(sed -n '/^ *select cron.schedule/,/^ *\$\$);/p' docs/how-to/keys.md | sed "s|https://api.workos.com/user_management/client_01…|$ISSUER|")
after_job() { # RESPONSE: prints the error of the job, and the number of keys
	as_owner "set answer.of_jwks = '$1'; $job" 2>&1 | grep -o 'ERROR.*' || true
	as_owner "select jsonb_array_length(jwks -> 'keys') from workos_issuers where issuer = '$ISSUER'"
}
expect 'the job of the documentation stores the keys' 2 "$(after_job "$(as_owner "select jwks from key_set where name = 'two'")")"
expect 'after a response that is not JSON the old keys stay' 'ERROR:  invalid input syntax for type json|2' "$(after_job '<html>' | paste -sd '|')"
expect 'after a response that is not a key set the old keys stay' 'ERROR:  keys are not a JSON Web Key Set|2' "$(after_job '{"message": "Not Found"}' | paste -sd '|')"
trust ours

say "  an owner who is not a superuser"
as_owner "create role installer login; create role deployer login; grant installer to deployer"
as_owner "do \$\$ begin if to_regrole('stranger') is null then create role stranger login; end if; end \$\$"
createdb -O installer owned
# Default privileges that grant everything to everybody.
DB=owned as_owner 'alter default privileges grant all on tables to public; alter default privileges grant all on functions to public; alter default privileges grant all on tables to stranger; alter default privileges grant all on functions to stranger'
try() { DB=owned ROLE=$1 as_user "${@:2}" | sed -E 's/\|?HINT:[^|]*//g'; }
keys_of() { as_owner "select jwks from key_set where name = '$1'"; }
expect 'the owner of the database installs the extension' '' "$(try installer 'create extension pg_workos')"
expect 'the owner of the extension trusts an issuer' '' "$(try installer "select workos_trust_issuer('$ISSUER', '$(keys_of ours)')")"
expect 'the owner of the extension reads the issuers' "$ISSUER" "$(try installer 'select issuer from workos_issuers')"
expect 'a member of the owner role trusts an issuer' '' "$(try deployer "select workos_trust_issuer('$ISSUER', '$(keys_of two)')")"
expect 'a member of the owner role may remove an issuer' 'f' "$(try deployer "select workos_distrust_issuer('https://nobody.example')")"
denied_function='ERROR:  permission denied for function'
expect 'another role cannot trust an issuer' "$denied_function workos_trust_issuer" "$(try stranger "select workos_trust_issuer('$ISSUER', '{}')")"
expect 'another role cannot remove an issuer' "$denied_function workos_distrust_issuer" "$(try stranger "select workos_distrust_issuer('$ISSUER')")"
expect 'another role cannot read the issuers' 'ERROR:  permission denied for table workos_issuers' "$(try stranger 'table workos_issuers')"
expect 'another role cannot write the issuers' 'ERROR:  permission denied for table workos_issuers' "$(try stranger "insert into workos_issuers values ('https://a.example', '{}')")"
expect 'the owner of the extension cannot add a rule that runs as another role' 'ERROR:  must be owner of table workos_issuers' \
	"$(try installer 'create rule r as on insert to workos_issuers do also select 1' | sed 's/of relation/of table/')"
DB=owned as_owner "alter database owned set workos.claims_source = token"
expect 'any role signs in a user with a valid token' user_01 "$(try stranger "begin; select workos_authenticate('$alice')")"
DB=owned as_owner 'alter default privileges revoke all on tables from public, stranger; alter default privileges revoke all on functions from stranger'
expect 'a dump by the owner holds the issuer' 1 "$("$BIN/pg_dump" -U installer owned | tee "$WORK/owned.sql" | grep -c "^$ISSUER")"
createdb -O installer restored
expect 'the owner restores the dump' '' "$(psql -U installer -d restored -Xq -v ON_ERROR_STOP=1 -f "$WORK/owned.sql" 2>&1 | grep -v '^ *$\|set_config\|^---\|(1 row)' || true)"
DB=restored as_owner "alter database restored set workos.claims_source = token"
expect 'a user signs in to the restored database' user_01 "$(DB=restored ROLE=stranger as_user begin "select workos_authenticate('$alice')")"
expect 'the restored keys are the same' "$(DB=owned as_owner 'select md5(jwks::text) from workos_issuers')" "$(DB=restored as_owner 'select md5(jwks::text) from workos_issuers')"
expect 'after DROP EXTENSION the functions do not exist' 'ERROR:  function workos_user_id() does not exist' "$(try installer 'drop extension pg_workos' 'select workos_user_id()' | sed 's/|.*//')"

source tests/native/tokens/changes.sh
source tests/native/tokens/audiences.sh
source tests/native/tokens/replication.sh
source tests/native/tokens/states.sh
restart

source tests/pgbouncer.sh
# Stops what this script has started.
end_all() {
	stop_pgbouncer "$WORK/token-pool"
	[ ! -f "$WORK/run/standby/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$WORK/run/standby" -m immediate stop >/dev/null || true
	stop_server
}
trap end_all EXIT

say "  a pool: 300 users take turns on 4 connections of a PgBouncer in transaction mode"
start_pgbouncer "$WORK/token-pool" "tokens = host=$WORK/run user=authenticator"
# Each transaction fails, by a division by zero, if the identity is not that of the token, or if there is one before.
cat >"$WORK/user.sql" <<-'SQL'
	\set n random(1, 300)
	begin;
	select 1 / (workos_user_id() is null)::int;
	select workos_authenticate(token) from minted where name = 'pool ' || :n;
	select 1 / (workos_user_id() is not distinct from 'user_pool_' || :n)::int;
	select 1 / (workos_is_member('org_01') is true and workos_has_role('member'))::int;
	commit;
SQL
cat >"$WORK/rolled_back.sql" <<-'SQL'
	\set n random(1, 300)
	begin;
	select workos_authenticate(token) from minted where name = 'pool ' || :n;
	savepoint other;
	select workos_authenticate(token) from minted where name = 'bob';
	rollback to other;
	select 1 / (workos_user_id() is not distinct from 'user_pool_' || :n)::int;
	rollback;
SQL
echo "select 1 / (workos_user_id() is null and not workos_is_authenticated())::int;" >"$WORK/nobody.sql"
pool_run=$(pgbench -h "$WORK/token-pool" -p 6432 -U authenticator -n -M "${PROTOCOLS[-1]}" -c 40 -j 40 -t 100 \
	-f "$WORK/user.sql@4" -f "$WORK/rolled_back.sql@1" -f "$WORK/nobody.sql@1" tokens 2>&1) || true
grep -q "4000/4000" <<<"$pool_run" || head -n 20 <<<"$pool_run" >&2
expect 'each transaction has the identity of its own token' 'number of transactions actually processed: 4000/4000' "$(grep '^number of transactions actually processed' <<<"$pool_run")"
expect 'no transaction failed' 0 "$(grep -c 'ERROR\|aborted' <<<"$pool_run" || true)"
expect 'the test can fail: a wrong identity is a division by zero' 1 "$(pgbench -h "$WORK/token-pool" -p 6432 -U authenticator -n -t 1 -f <(echo "select 1 / (workos_user_id() is not distinct from 'user_01')::int;") tokens 2>&1 | grep -c 'ERROR:  division by zero')"
expect 'at most 4 connections served all clients' yes "$(as_owner "select case when count(*) between 1 and 4 then 'yes' else count(*)::text end from pg_stat_activity where usename = 'authenticator' and datname = 'tokens'")"
stop_pgbouncer "$WORK/token-pool"

[ -z "$clients" ] || source tests/native/tokens/clients.sh

say "  logs, at the highest log level"
restart 'log_min_messages = debug5' 'log_error_verbosity = verbose' 'log_min_error_statement = panic' 'log_statement = none' \
	'client_min_messages = debug5' 'debug_print_plan = off'
: >"$WORK/said"
secret=$(token user_secret '"email":"claim_secret",')
# The token is read from a table, so it is not in the text of a statement.
as_owner "insert into minted values ('secret', '$secret', ''), ('bad secret', '${secret}x', '')" 2>/dev/null
mark=$(wc -c <"$WORK/run/log")
for name in secret 'bad secret'; do
	as_user begin "select count(workos_authenticate(token)) from minted where name = '$name'" 'select count(workos_user_id()), count(workos_claims())' commit \
		begin "select count(set_config('workos.access_token', token, true)) from minted where name = '$name'" 'select count(workos_user_id())' 'select count(workos_verify(token)) from minted' rollback >>"$WORK/said"
done
as_user "set request.jwt.claims = 'not json claim_secret'" 'set workos.claims_source = request' >/dev/null 2>&1
as_owner "select workos_trust_issuer('https://logs.example', jwks) from key_set where name = 'two'" >>"$WORK/said" 2>&1
as_owner "select workos_trust_issuer('https://logs.example', jwks) from key_set where name = 'doubled'" >>"$WORK/said" 2>&1 || true
tail -c "+$mark" "$WORK/run/log" >>"$WORK/said"
expect 'the log holds messages of the highest level' yes "$(grep -q DEBUG "$WORK/said" && grep -q 'malformed\|bad signature' "$WORK/said" && echo yes)"
modulus=$(as_owner "select substr(jwks -> 'keys' -> 0 ->> 'n', 1, 40) from key_set where name = 'ours'" 2>/dev/null)
for word in "${secret:0:40}" "${secret: -40}" "${secret:300:40}" claim_secret user_secret "$modulus"; do
	expect "the log holds no token, key or claim (${#word} characters are searched for)" 0 "$(grep -cF -- "$word" "$WORK/said" || true)"
done
restart

say "  a standby"
as_server_user "$BIN/pg_basebackup" -h "$WORK/run" -U postgres -D "$WORK/run/standby" -R -X stream -c fast >/dev/null 2>&1
as_server_user tee -a "$WORK/run/standby/postgresql.conf" >/dev/null <<<"port = 5433"
as_server_user "$BIN/pg_ctl" -D "$WORK/run/standby" -l "$WORK/run/standby.log" -w start >/dev/null || { cat "$WORK/run/standby.log" >&2; die 'the standby did not start'; }
PGPORT=5433 open_session
expect 'the server is a standby' t "$(asked 'select pg_is_in_recovery()')"
expect 'a user signs in on the standby' user_01 "$(asked "begin; select workos_authenticate('$alice')")"
expect 'the next statement has the same user' user_01 "$(asked 'select workos_user_id()')"
trust other
for _ in $(seq 60); do
	answer=$(asked "savepoint s; select workos_user_id(); rollback to s")
	[ "$answer" = user_01 ] || break
	sleep 0.5
done
expect 'the primary removes the key: the token is refused on the standby' 'ERROR:  access token has a bad signature' "$answer"
trust ours
for _ in $(seq 60); do
	answer=$(asked "rollback; begin; select workos_authenticate('$alice')")
	[ "$answer" != user_01 ] || break
	sleep 0.5
done
expect 'the primary adds the key again: the token is accepted on the standby' user_01 "$answer"
expect 'a token for the session is accepted on the standby' user_01 "$(asked "rollback; set workos.access_token = '$alice'; select workos_user_id()")"
as_server_user "$BIN/pg_ctl" -D "$WORK/run/standby" -w promote >/dev/null
expect 'the standby is promoted, and the open connection keeps its user' 'f|user_01' "$(asked 'select pg_is_in_recovery(), workos_user_id()')"
PGPORT=5433 as_owner "select workos_distrust_issuer('$ISSUER')" >/dev/null
expect 'the open connection sees that the issuer was removed after the promotion' "$unknown" "$(asked 'select workos_user_id()')"
PGPORT=5433 trust other
expect 'it sees that another key was added' "$replaced" "$(asked 'select workos_user_id()')"
PGPORT=5433 trust ours
expect 'it sees that the key was restored' user_01 "$(asked 'select workos_user_id()')"
PGPORT=5433 as_owner "set session_replication_role = replica; truncate workos_issuers"
expect 'it sees a TRUNCATE with session_replication_role = replica' "$unknown" "$(asked 'select workos_user_id()')"
close_session
as_server_user "$BIN/pg_ctl" -D "$WORK/run/standby" -m fast -w stop >/dev/null
