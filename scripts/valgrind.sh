#!/usr/bin/env bash
# `make valgrind`: the conformance tests of the native edition, and those of the refusals of tokens, in a server under Valgrind. Every error with a frame of the library
# makes the exit code 1; those of Postgres alone are counted. VALGRIND_SUPPRESSIONS names the file src/tools/valgrind.supp of the sources of that Postgres, if they are there.
# `scripts/valgrind.sh tests/conformance/kinds.sql` runs only that file.
"$(dirname "$0")/deps.sh" test
source "$(dirname "$0")/postgres.sh"
command -v valgrind >/dev/null || die 'not run: Valgrind is not installed (Debian: valgrind)'
source examples/direct-connections/mint.sh

start_server
bring_pgtap
new_database native native
files=("$@")
if [ $# -eq 0 ]; then
	files=(tests/conformance/*.sql)
	KEYS=$WORK tests/native/tokens/mint.sh >"$WORK/minted.sql"
	new_database tokens native
	psql -Xq -d tokens -v ON_ERROR_STOP=1 -f "$WORK/minted.sql" -c "alter database tokens set workos.claims_source = token" -o /dev/null \
		-c "select workos_trust_issuer('$ISSUER', jwks) from key_set where name = 'ours'" -c "select workos_trust_issuer('https://api.workos.com/two', jwks) from key_set where name = 'two'"
fi
as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -m fast -w stop >/dev/null
mkdir "$WORK/run/valgrind"
[ "$(id -u)" -ne 0 ] || chown "$(server_user)" "$WORK/run/valgrind"
as_server_user valgrind --quiet --trace-children=yes --track-origins=yes --num-callers=40 --error-limit=no --leak-check=no --log-file="$WORK/run/valgrind/%p" --gen-suppressions=all \
	${VALGRIND_SUPPRESSIONS:+--suppressions="$VALGRIND_SUPPRESSIONS"} "$BIN/postgres" -D "$WORK/run/data" >"$WORK/run/log" 2>&1 &
until psql -Xqc 'select 1' -o /dev/null 2>/dev/null; do
	kill -0 $! || { cat "$WORK/run/log" >&2; die 'the server does not start under Valgrind'; }
	sleep 1
done
failed=
pg_prove --failures --comments -U authenticator -d native "${files[@]}" || failed=yes
[ $# -gt 0 ] || pg_prove --failures --comments -U authenticator -d tokens tests/native/tokens/refusals.sql || failed=yes
stop=$(head -n 1 "$WORK/run/data/postmaster.pid")
kill -INT "$stop"
wait || true
# An error ends with an empty line, "==PID== ".
cat "$WORK"/run/valgrind/* | sed -E 's/^==[0-9]+== ?//' >"$WORK/errors"
read -r ours others < <(awk -v RS= '/(^|\n) +(at|by) 0x/ { if (/pg_workos/) ours++; else others++ } END { print ours + 0, others + 0 }' "$WORK/errors")
echo "errors with a frame of pg_workos: $ours; of Postgres alone: $others"
[ "$ours" -eq 0 ] || awk -v RS= -v ORS='\n\n' '/(^|\n) +(at|by) 0x/ && /pg_workos/' "$WORK/errors" | head -n 200
[ -n "${VALGRIND_SUPPRESSIONS:-}" ] || echo 'not used: the suppressions of Postgres, which VALGRIND_SUPPRESSIONS would name'
[ -z "$failed" ] && [ "$ours" -eq 0 ]
