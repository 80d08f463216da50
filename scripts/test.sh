#!/usr/bin/env bash
# `make test`: runs all tests against the Postgres of PG_CONFIG. Parts of it:
#
#   scripts/test.sh sql          builds only the extension, and runs the SQL and server tests, without the Next.js example
#   scripts/test.sh sql FILE...  these files: pgTAP, on the edition EDITION (native; upgraded is that, after an update) as
#                                the role AS (authenticator), or those of tests/directory or of tests/servers
#   scripts/test.sh sessions     the tests with several connections
#   scripts/test.sh tokens       the tests of verified tokens, without the clients
#   scripts/test.sh gateways     the statements of gateways, and PostGraphile
#   scripts/test.sh others       for test-others.sh: like sql, without the clients and the demo, which do not depend on
#                                the version of Postgres
"$(dirname "$0")/deps.sh" test
source "$(dirname "$0")/postgres.sh"
source tests/shell.sh

part=${1:-all}
case $part in
	all | sql | sessions | tokens | gateways | others) [ $# -eq 0 ] || shift ;;
	*) die "there is no part $part" ;;
esac
# The clients are slow to install.
clients=$([[ $part = all || $part = sql || $part = gateways ]] && echo yes || true)

# What could not be tested here, in the last lines
say_skipped() { [ ! -s "$WORK/skipped" ] || sed 's/^/not run: /' "$WORK/skipped"; }

# new_plans NAME: creates the database of tests/native
new_plans() {
	new_database "$1" native
	local file
	for file in schema shapes run; do PGDATABASE=$1 psql -Xq -f "tests/native/plans/$file.sql"; done
}

# prove_as USER DATABASE FILE...; prove_sql DATABASE FILE...: as authenticator, which is not a superuser
prove_as() {
	pg_prove --failures --comments -U "$1" -d "$2" "${@:3}"
}
prove_sql() { prove_as authenticator "$@"; }

sessions() {
	say "tests with several connections, on Postgres $MAJOR"
	new_plans sessions
	export PGDATABASE=sessions
	source tests/sessions.sh
}
gateways() {
	say "gateways, on Postgres $MAJOR"
	source tests/gateways/run.sh
}

# new_encoding EDITION ENCODING: creates the database EDITION_ENCODING
new_encoding() { new_database "$1_$2" "$1" -E "$2" --locale=C; }

# servers FILE...: tests that start servers of their own, or use several databases
servers() {
	export BIN WORK SERVER_USER SERVER_LOG=$WORK/run/log
	SERVER_USER=$(server_user)
	export -f as_server_user server_user
	PGOPTIONS='-c client_min_messages=warning' prove --failures --comments --timer --exec bash "$@"
}
# The portable edition as an extension in SQL only.
install_tle() {
	scripts/tle.sh "$WORK/tle"
	cp "$WORK"/tle/pg_workos_portable* "$WORK/root$SHAREDIR/extension/"
}

if [ "$part" = all ]; then
	say "the core: unit and property tests"
	cargo test --locked --quiet --package workos-claims

	say "the core: stored fuzzing inputs, and a short search for new ones"
	FUZZ_SECONDS=15 scripts/fuzz.sh

	say "random tests in SQL"
	FUZZ_SECONDS=20 scripts/fuzz-sql.sh

	say "pgrx tests, inside a Postgres $MAJOR"
	scripts/test-pgrx.sh
fi

start_server
export SKIPPED=$WORK/skipped
bring_pgtap
case $part in
	sessions) sessions; exit ;;
	tokens) source tests/native/tokens/run.sh; exit ;;
	gateways) gateways; exit ;;
esac
if [ $# -gt 0 ]; then
	edition=${EDITION:-native}
	database=$edition
	if [ "$edition" = upgraded ]; then
		source tests/made_up.sh
		make_up "$WORK/root$SHAREDIR/extension" pg_workos '' "${changes[@]}"
	fi
	case $1 in
		tests/servers/*)
			for edition in native portable; do new_database "$edition" "$edition"; done
			install_tle
			servers "$@"
			exit
			;;
		tests/directory/*)
			new_database "directory_$edition" "directory/setup/$edition"
			psql -Xqc "alter database directory_$edition set deadlock_timeout = '10ms'"
			if [[ $1 = *.py ]]; then
				PGUSER=keeper PGDATABASE=directory_$edition prove --exec 'env -u LD_LIBRARY_PATH target/python/bin/python' --failures --comments "$@"
			else
				prove_as keeper "directory_$edition" "$@"
			fi
			exit
			;;
		tests/directory_example.sql)
			new_database "$edition" "directory/setup/$edition"
			AS=postgres
			;;
		tests/native/*) new_plans "$edition" ;;
		*/encodings/*)
			database=${edition}_$(basename "$1" .sql)
			new_encoding "$edition" "$(basename "$1" .sql)"
			;;
		*) new_database "$edition" "$edition" ;;
	esac
	psql -Xqd "$database" -U developer -v ON_ERROR_STOP=1 -f sql/testing/pg_workos_testing.sql
	prove_as "${AS:-authenticator}" "$database" "$@"
	exit
fi

for edition in native portable; do
	say "conformance tests, on the $edition edition and Postgres $MAJOR"
	new_database "$edition" "$edition"
	prove_sql "$edition" tests/conformance/*.sql
	pg_prove --quiet --timer -d "$edition" -U postgres tests/audiences.sql tests/expression.sql tests/explain.sql tests/explain_truth.sql tests/lint.sql
	# The tests in the documentation are run unchanged.
	psql -Xqd "$edition" -U developer -v ON_ERROR_STOP=1 -f sql/testing/pg_workos_testing.sql
	awk -v to="$WORK/testing-policies" '/^```sql$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print > (to n ".sql") }' docs/how-to/testing-policies.md
	prove_as developer "$edition" tests/testing.sql tests/isolation.sql "$WORK/testing-policies1.sql"
	pg_prove --quiet --timer -d "$edition" -U postgres tests/protect.sql "$WORK/testing-policies2.sql"
	[ ! -f "$WORK/root$SHAREDIR/extension/plpgsql_check.control" ] || pg_prove --quiet --timer -d "$edition" -U postgres tests/plpgsql_check.sql
	for encoding in latin1 sql_ascii; do
		new_encoding "$edition" $encoding
		prove_sql "${edition}_$encoding" tests/conformance/encodings/$encoding.sql
	done
done

for edition in native portable; do
	say "the directory, on the $edition edition and Postgres $MAJOR"
	new_database "directory_$edition" "directory/setup/$edition"
	psql -Xqc "alter database directory_$edition set deadlock_timeout = '10ms'"
	prove_as keeper "directory_$edition" tests/directory/*.sql
	pg_prove --quiet --timer -d "directory_$edition" -U postgres tests/directory_example.sql
	# The interpreter finds its own libraries, and not those of Postgres.
	PGUSER=keeper PGDATABASE=directory_$edition prove --exec 'env -u LD_LIBRARY_PATH target/python/bin/python' --comments tests/directory/{connections,newest,convergence,bounded}.py
done

say "documents: links, the reference, recipes and tutorials"
source tests/docs.sh

if [ "$part" != others ]; then
	say "pgrls: the example, what workos_protect writes, and the recipes"
	source tests/lint/pgrls.sh
fi

say "both editions compared, on the same random and hostile claims"
new_database both both
prove_sql both tests/differential.sql

say "moving from one edition to the other, and back"
new_database moving portable
pg_prove --quiet --timer -d moving -U postgres tests/move.sql

say "the portable edition as an extension in SQL only"
install_tle
new_database tle tle
prove_sql tle tests/conformance/{getters,kinds,checks,gates,labels,doctor}.sql

say "servers: installing, hostile schemas, the directory, privileges, moving, memory, limits, standby, backup, upgrade, Citus, other libraries, clock, full disks, logs, lint, tests of policies, self-hosted Supabase"
servers tests/servers/{install,hostile,directory,directory_crash,directory_newest,directory_pooled,directory_poll,directory_webhooks,privileges,portable,move,memory,limits,standby,backup,upgrade,citus,neighbours,clock,full_disk,logs,lint,testing,self_hosted}.sh

gateways

say "tests of the native edition only, on Postgres $MAJOR"
new_plans plans
prove_sql plans tests/native/*.sql
pg_prove --quiet --timer -d plans -U postgres tests/native/plans/replaced.sql
sessions

say "many users over few connections, with faults: a short \`make soak\`"
SOAK_SECONDS=${SOAK_SECONDS:-8} scripts/soak.sh

source tests/native/tokens/run.sh
if [ "$part" = others ]; then
	say_skipped
	exit
fi

say "make installcheck, against this server"
scripts/installcheck.sh >"$WORK/installcheck" 2>&1 || { cat "$WORK/installcheck" >&2; die 'make installcheck fails'; }
tail -n 1 "$WORK/installcheck"

say "make demo"
scripts/demo.sh >"$WORK/demo" 2>&1 || { tail -n 30 "$WORK/demo" >&2; die 'the demo fails'; }
printf '%s\n' 'ok - make demo prints the expected output'

if [ "$part" = all ]; then
	say "examples/nextjs-supabase"
	examples/nextjs-supabase/test.sh
fi
say_skipped
