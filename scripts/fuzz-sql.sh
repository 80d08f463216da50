#!/usr/bin/env bash
# `make fuzz-sql`: random tests in SQL, on the Postgres of PG_CONFIG, each part for FUZZ_SECONDS (60):
#   editions  both editions on the same random and hostile claims
#   json      the JSON check of the portable edition, compared with the parser of Postgres
#   ordinary  the two ways in which the portable edition reads claims, compared
#   plans     random policies and statements, with workos.plan_once on and off
# `scripts/fuzz-sql.sh plans` runs only that part. Each difference is printed with its seed; SEED=n repeats that run.
"$(dirname "$0")/deps.sh" test
source "$(dirname "$0")/postgres.sh"

FUZZ_SECONDS=${FUZZ_SECONDS:-60}
[ $# -gt 0 ] || set -- editions json ordinary plans

# run PART SEED CASES: prints the differences, and the number of cases to stderr
run() {
	case $1 in
		# Without failures, pgTAP prints only that.
		editions) CASES=$3 SEED=$2 psql -XAtq -U authenticator -f tests/differential.sql | sed -E '/^(ok .*|1\.\.[0-9]+|)$/d' ;;
		json | ordinary | plans) psql -XAtq -v seed="$2" -v cases="$3" -f "tests/fuzz/$1.sql" ;;
		*) die "there is no part $1" ;;
	esac
}

start_server
bring_pgtap
new_database both both
export PGDATABASE=both
failed=
for part; do
	case $part in
		editions) cases=1000 step=1 ;; # one seed for all of them
		json | ordinary) cases=200 step=200 ;;
		*) cases=50 step=50 ;;
	esac
	seed=${SEED:-$((RANDOM * 30))} tried=0 end=$((SECONDS + FUZZ_SECONDS))
	[ -z "${SEED:-}" ] || [ $step -eq 1 ] || cases=1
	while :; do
		run "$part" "$seed" "$cases" >"$WORK/found" 2>"$WORK/said" || { cat "$WORK/found" "$WORK/said" >&2; die "$part: SEED=$seed and the next $cases"; }
		tried=$((tried + $(sed -nE 's/.*NOTICE:  ([0-9]+) .*/\1/p' "$WORK/said")))
		if [ -s "$WORK/found" ]; then
			cat "$WORK/found" >&2
			failed="$failed $part"
			break
		fi
		[ -z "${SEED:-}" ] && [ $SECONDS -lt $end ] || break
		seed=$((seed + step))
	done
	echo "$part: $tried cases"
done
[ -z "$failed" ] || die "differences were found, see above:$failed"
