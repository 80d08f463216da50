# No text, argument or setting of any size ends the server where memory and stack are limited, and none is
# answered by an internal error. LIMITS=all tries every size in every database.
source "$(dirname "$0")/../shell.sh"

if [ ! -r /proc/self/status ]; then
	echo '1..0 # SKIP this system has no /proc'
	exit
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
stop() { [ ! -f "$folder/data/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; }
trap 'stop; rm -rf "$folder"' EXIT
[ "$(id -u)" -ne 0 ] || chown "$SERVER_USER" "$folder"
as_server_user "$BIN/initdb" -D "$folder/data" -U postgres -A trust -N -E UTF8 --locale=C >/dev/null
as_server_user tee -a "$folder/data/postgresql.conf" >/dev/null <<-CONF
	listen_addresses = ''
	unix_socket_directories = '$folder'
	fsync = off
	shared_buffers = 4MB
	max_connections = 10
	autovacuum = off
	jit = off
CONF
export PGHOST=$folder PGUSER=postgres PGDATABASE=postgres

# start MEMORY: with so many kB of address space for each process, and the smallest stack that the default of
# max_stack_depth, 2 MB, allows. With RUST_BACKTRACE, by which Rust adds to errors what takes much memory.
start() {
	stop
	as_server_user env RUST_BACKTRACE=1 bash -c 'ulimit -v "$1" -s 2560 && exec "$2" -D "$3" -l "$3/../log" -w start' start "$1" "$BIN/pg_ctl" "$folder/data" >/dev/null
	started=$(psql -Atqc 'select pg_postmaster_start_time()')
}

# survives DATABASE ABOUT COMMAND...: the commands run in one connection, which lives on, and so does the server.
survives() {
	local database=$1 about=$2
	shift 2
	psql -Xqd "$database" -c 'truncate limits.outcome'
	printf '%s;\n' 'create temporary table backend as select pg_backend_pid() as pid' "$@" \
		"select 'the same backend' from backend where pid = pg_backend_pid()" |
		timeout 900 psql -XAtq -v VERBOSITY=terse -d "$database" >"$folder/out" 2>"$folder/err"
	is "$(tail -n 1 "$folder/out")" 'the same backend' "$about: the connection lives on"
	[ "$(tail -n 1 "$folder/out")" = 'the same backend' ] || tail -n 3 "$folder/err" | cut -c 1-200 | sed 's/^/# /'
	is "$(grep 'ERROR:' "$folder/err" | head -n 3)" '' "$about: no error escapes"
	check "$database" "$about"
}

# check DATABASE ABOUT: the server was not restarted, and what came of the calls
check() {
	local database=$1 about=$2 outcomes
	is "$(psql -Atqc 'select pg_postmaster_start_time()' 2>&1)" "$started" "$about: the server, too"
	is "$(grep -E 'terminated by signal|abort' "$folder/log" | head -n 3)" '' "$about: the log says nothing else"
	outcomes=$(psql -XAtqd "$database" -c "select string_agg(format('%s of %s', number, sqlstate), ', ' order by number desc)
		from (select sqlstate, count(*) as number from limits.outcome group by sqlstate) o")
	echo "# $outcomes"
	like "$outcomes" " of ${3:-00000}" "$about: some calls ${4:-succeed}"
	is "$(psql -XAtqd "$database" -c "select about, sqlstate from limits.outcome where sqlstate !~ '^(00000|22023|22008|28000|42P01|53200|54000|54001|55000)\$' limit 3")" '' \
		"$about: every error is one of ours, or of a limit"
}

# database NAME ENCODING
database() {
	createdb -T template0 -E "$2" --locale=C "$1"
	psql -Xq -v ON_ERROR_STOP=1 -d "$1" -c 'create extension pg_workos' -f "$here/tests/servers/limits.sql"
}

KEYS=$folder
source "$here/examples/direct-connections/mint.sh"
new_key ours
all=$([ "${LIMITS:-}" = all ] && echo yes || true)
start 1500000
psql -Xqc 'create role authenticated'
database utf8 UTF8
database latin1 LATIN1
database verified UTF8
psql -Xq -v ON_ERROR_STOP=1 -d verified -o /dev/null -c "select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" -c "insert into limits.token values ('$(token user_1)')"
session="select set_config('request.jwt.claims', limits.claims('permissions', 1000), false)"
largest=${all:+268435456}
survives utf8 'arguments' "call limits.arguments(${largest:-1048577})"
survives utf8 'arguments in a session' "$session" "call limits.arguments(${largest:-1000})"
survives utf8 'verified tokens' 'set workos.claims_source = token' "call limits.arguments(${largest:-16385})"
survives utf8 'settings' "call limits.settings(${largest:-100})"
survives utf8 'claims' "call limits.all_claims(array[${all:+700, 65536, 524288, }1048576])"
survives latin1 'in LATIN1, arguments' "$session" "call limits.arguments(${largest:-16385})"
survives latin1 'in LATIN1, claims' "call limits.all_claims(array[1048576], '$([ -n "$all" ] || echo 'beyond|escapes|long|members')')"
if [ -n "$all" ]; then
	survives utf8 'verified tokens, settings' 'set workos.claims_source = token' "call limits.settings($largest)"
	survives latin1 'in LATIN1, settings' "call limits.settings($largest)"
fi

survives utf8 'the largest' "$session" "call limits.attempt('workos_verify', 'select workos_verify(repeat(''x'', 300000000))', 0)" \
	"call limits.attempt('workos_has_permission', 'select workos_has_permission(repeat(''x'', 300000000))', 0)" \
	"call limits.attempt('workos_has_any_permission', 'select workos_has_any_permission(variadic \$1)', array_fill('x'::text, array[10000000]))" \
	"call limits.attempt('workos_has_all_permissions', 'select workos_has_all_permissions(variadic \$1)', array_fill('x'::text, array[10000000]))"

# The stack: at the least that Postgres allows, and at the default.
survives utf8 'a small stack, claims' "set max_stack_depth = '100kB'" "call limits.all_claims(array[1048576], 'brackets|objects|actors')"
for depth in 100kB 2MB; do
	survives utf8 "a stack of $depth, full" "set max_stack_depth = '$depth'" "call limits.attempt('recursion', 'call limits.recurse(1)', 0)" "call limits.attempt('afterwards', 'select workos_user_id()', 0)"
done
createdb -T template0 portable
psql -Xqd portable -v ON_ERROR_STOP=1 -c 'create schema extensions; grant usage on schema extensions to public' -f "$here/tests/portable.sql"
# nested DEPTH: sets claims of so many levels
nested() { printf "set request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"a\":%s%s}'" "$(printf '[%.0s' $(seq 2 "$1"))" "$(printf ']%.0s' $(seq 2 "$1"))"; }
is "$(sql portable postgres "set max_stack_depth = '100kB'" "$(nested 256)" 'select extensions.workos_user_id(), extensions.workos_claims() is null, extensions.workos_claim($$a$$) is null')" \
	'user_1|f|f' 'the portable edition reads 256 levels with a small stack'
is "$(sql portable postgres "set max_stack_depth = '100kB'" "$(nested 257)" 'select extensions.workos_user_id()' | head -n 1)" \
	'ERROR:  22023: setting "request.jwt.claims" is nested too deeply' 'and refuses 257'

# Memory that is already taken. Each call has a connection of its own, in which nothing is ready for it, and an
# error of Postgres itself for want of memory may come before it, or after.
limit=$(($(psql -XAtqd utf8 -c 'select workos_user_id()' -c "select substring(pg_read_file('/proc/self/status') from 'VmSize:\s+(\d+)')" | tail -n 1) + 60000))
start "$limit"
# brimful DATABASE CALLS SQLSTATE ABOUT: that of some calls
brimful() {
	local about="$1, no memory left" called=0 alive=0 call
	psql -Xqd "$1" -c 'truncate limits.outcome'
	while read -r call; do
		called=$((called + 1))
		[ "$(timeout 60 psql -XAtq -d "$1" -c "$call" -c "select 'alive'" 2>/dev/null </dev/null)" != alive ] || alive=$((alive + 1))
	done < <(psql -XAtqd "$1" -c "select limits.$2")
	is "$alive" "$called" "$about: each of $called connections lives on"
	check "$1" "$about" "$3" "$4"
}
for database in utf8 latin1; do brimful $database "brimful_calls($limit, $([ -n "$all" ] && echo true || echo false))" 53200 'say that memory is out'; done
brimful verified "brimful_verifications($limit)" 00000 succeed
is "$(psql -XAtqd verified -c "select string_agg(distinct sqlstate, ' ') from limits.outcome where sqlstate not in ('00000', '53200')")" '' \
	'a valid token is verified, or memory is out, and it is never called invalid'
done_testing
