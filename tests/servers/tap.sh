# Sourced by the tests in this folder. scripts/test.sh runs them with prove, against the server that it has started, as
# the superuser postgres. These functions print TAP.
set -uo pipefail
export PGOPTIONS='-c client_min_messages=warning' PSQLRC=/dev/null
count=0

# is GOT WANT ABOUT
is() {
	count=$((count + 1))
	if [ "$1" = "$2" ]; then echo "ok $count - $3"; else printf 'not ok %s - %s\n#  got: %s\n# want: %s\n' "$count" "$3" "$1" "$2"; fi
}
# like GOT PATTERN ABOUT, unlike GOT PATTERN ABOUT: extended regular expressions
like() { if grep -Eq -- "$2" <<<"$1"; then is yes yes "$3"; else is "$1" "like $2" "$3"; fi; }
unlike() { if grep -Eq -- "$2" <<<"$1"; then is "$1" "unlike $2" "$3"; else is yes yes "$3"; fi; }
done_testing() { echo "1..$count"; }

# sql DATABASE USER COMMAND...: prints the output of the commands; errors with their SQLSTATE
sql() {
	local database=$1 user=$2 arguments=() command
	shift 2
	for command; do arguments+=(-c "$command"); done
	psql -Atq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d "$database" -U "$user" "${arguments[@]}" 2>&1 | grep -v '^LOCATION'
}
