# The functions of all tests in shell. Two kinds of tests source this file:
#
# - Those of tests/servers. scripts/test.sh runs them with prove, against the server that it has started, as the superuser
#   postgres. `is`, `like` and `unlike` print TAP, with the arguments in the order of pgTAP.
# - tests/sessions.sh and tests/native/tokens, which scripts/test.sh sources. `expect` ends the run at the first failure.

set -uo pipefail
export PSQLRC=/dev/null
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
count=0

# is GOT WANT ABOUT
is() {
	count=$((count + 1))
	if [ "$1" = "$2" ]; then echo "ok $count - $3"; else printf 'not ok %s - %s\n#  got: %s\n# want: %s\n' "$count" "$3" "${1//$'\n'/$'\n#       '}" "${2//$'\n'/$'\n#       '}"; fi
}
# like GOT PATTERN ABOUT, unlike GOT PATTERN ABOUT: extended regular expressions
like() { if grep -Eq -- "$2" <<<"$1"; then is yes yes "$3"; else is "$1" "like $2" "$3"; fi; }
unlike() { if grep -Eq -- "$2" <<<"$1"; then is "$1" "unlike $2" "$3"; else is yes yes "$3"; fi; }
done_testing() { echo "1..$count"; }
# skipped WHAT: notes what cannot run here. scripts/test.sh says it again in its last lines.
skipped() {
	echo "# skipped: $1"
	[ -z "${SKIPPED:-}" ] || echo "$1" >>"$SKIPPED"
}
# skip_all WHAT: the whole file
skip_all() {
	[ -z "${SKIPPED:-}" ] || echo "$1" >>"$SKIPPED"
	echo "1..0 # SKIP $1"
	exit
}

# expect ABOUT WANT GOT
expect() {
	[ "$2" = "$3" ] || die "$1: wanted \"$2\", got \"$3\""
	printf 'ok - %s\n' "$1"
}

# sql DATABASE USER COMMAND...: prints the output of the commands; errors with their SQLSTATE
sql() {
	local database=$1 user=$2 arguments=() command
	shift 2
	for command; do arguments+=(-c "$command"); done
	psql -Atq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d "$database" -U "$user" "${arguments[@]}" 2>&1 | grep -v '^LOCATION'
}

# restart [LINE...]: restarts the server of scripts/test.sh with these lines in postgresql.conf, and no others of an
# earlier call.
restart() {
	printf '%s\n' "$@" >"$WORK/run/data/restarted.conf"
	grep -q restarted.conf "$WORK/run/data/postgresql.conf" || echo "include_if_exists = 'restarted.conf'" >>"$WORK/run/data/postgresql.conf"
	as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -l "$WORK/run/log" -w -m fast restart >/dev/null
}
