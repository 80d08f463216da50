#!/usr/bin/env bash
# `make bench`: what a policy costs, in one run in a temporary server. Prints a page, and writes it to docs/performance.md
# with a chart, docs/performance.svg. Takes about 10 minutes. On a machine that does nothing else.
#   BENCH_ROWS     rows in the tables, the largest last; the first has also the ways that cost many times a literal
#   BENCH_ROUNDS   rounds at least; BENCH_SECONDS: seconds that each turn of pgbench takes
#   BENCH_PAGE     where to write, without the ending
# For a quick look: BENCH_ROWS='10000 20000' BENCH_ROUNDS=2 BENCH_SECONDS=1 BENCH_PAGE=/tmp/page make bench
source "$(dirname "$0")/../scripts/postgres.sh"

sizes=${BENCH_ROWS:-100000 1000000}
rounds=${BENCH_ROUNDS:-7}
seconds=${BENCH_SECONDS:-2}
page=${BENCH_PAGE:-docs/performance}
load() { cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown; }
load_before=$(load)
started=$SECONDS
command -v python3 >/dev/null || die 'python3 is missing: it writes the page'
start_server
out=$WORK/out
mkdir "$out"

sed 's/extensions/portable/g' sql/portable/pg_workos.sql >"$WORK/portable.sql"
slow=true
for rows in $sizes; do
	say "policies, $rows rows"
	createdb "bench_$rows"
	export PGDATABASE=bench_$rows
	psql -XAtq -v rows="$rows" -v portable="$WORK/portable.sql" -f bench/tables.sql >/dev/null
	psql -XAtq -v rounds="$rounds" -v slow=$slow -f bench/policies.sql
	psql -XAtq -F $'\t' -c "select $rows, shape.n, shape, way.n, way, round, ms from bench.result join bench.shape using (shape) join bench.way using (way) order by 2, 4, 6" >>"$out/policies"
	slow=false
	# For the parts below, the smallest is enough.
	[ -n "${small:-}" ] || small=$PGDATABASE
done
export PGDATABASE=$small
psql -XAtq -f bench/requests.sql

# turn FILE NAME SQL: adds a line with a number of microseconds; the SQL runs in a connection of its own
turn() {
	printf '%s\t%s\n' "$2" "$(psql -XAtq -v ON_ERROR_STOP=1 <<<"set search_path = bench, extensions; $3" | tail -n 1)" >>"$out/$1"
}
say "planning, and single statements"
signed_in="select set_config('request.jwt.claims', claims(), false), workos_org_id() \\g /dev/null
"
planning() { # NAME TABLE [setting]
	turn planning "$1" "$signed_in ${3:-}; set role authenticated; select microseconds('explain select * from bench.$2 where id = 1', 1000);"
}
off='set workos.plan_once = off'
for _ in $(seq "$rounds"); do
	turn planning 'no row security, library not loaded' "select microseconds('explain select * from bench.open where id = 1', 1000);"
	turn planning 'the same, library loaded' "$signed_in; select microseconds('explain select * from bench.open where id = 1', 1000);"
	planning 'a policy that an index answers: a literal' planned_literal
	planning 'the same, pg_workos' planned_org
	planning 'the same, plan_once off' planned_org "$off"
	planning 'the same, `(select …)` by hand' planned_org_by_hand
	planning 'a policy that no index answers: a literal' planned_scan_literal
	planning 'the same, pg_workos' planned_scan
	planning 'the same, plan_once off' planned_scan "$off"
	planning 'the same, `(select …)` by hand' planned_scan_by_hand
	planning 'five comparisons, 60 indexes: literals' planned_many_literal
	planning 'the same, pg_workos' planned_many
	planning 'the same, plan_once off' planned_many "$off"
	planning '100 policies with a permission each: pg_workos' planned_hundred
	planning 'the same, plan_once off' planned_hundred "$off"
	planning 'the same, `(select …)` by hand' planned_hundred_by_hand
	for size in 0 400 2700; do
		change="set_config(''request.jwt.claims'', bench.claims($size + n % 2), false)"
		length=$(psql -XAtqc "select length(bench.claims($size))")
		turn single "claims of $length bytes change, 100 times, and are read" "$signed_in; select microseconds('select count($change), count(workos_org_id()) from generate_series(1, 100) n', 30);"
		turn single "the same, not read" "$signed_in; select microseconds('select count($change) from generate_series(1, 100) n', 30);"
	done
	turn single 'the first call of a connection (the library loads)' "select extract(epoch from clock_timestamp()) as began \\gset
		select workos_org_id() \\g /dev/null
		select round((extract(epoch from clock_timestamp()) - :began) * 1000000);"
done

say "pgbench: the requests of a gateway"
# The statements of PostgREST for a GET and for a POST, in their order
claims=$(psql -XAtqc 'select bench.claims()')
settings="select set_config('search_path', '\"bench\", \"extensions\"', true), set_config('role', 'authenticated', true), set_config('request.jwt.claims', :claims, true), set_config('request.method', :method, true), set_config('request.path', '/documents', true), set_config('request.headers', :headers, true), set_config('request.cookies', '{}', true);"
answer="pg_catalog.count(t) as page_total, coalesce(json_agg(t), '[]') as body, nullif(current_setting('response.headers', true), '') as response_headers, nullif(current_setting('response.status', true), '') as response_status from (select * from source) t;"
request() { # KIND TABLE
	local begin source
	case $1 in
		GET) begin='read only' source="select d.* from bench.$2 d order by d.id desc limit 20 offset 0" ;;
		*) begin='read write' source="insert into bench.$2 (org_id, n, title) select b.org_id, b.n, b.title from (select cast(:body as json) as data) p, lateral (select org_id, n, title from json_to_record(p.data) as x (org_id text, n int, title text)) b returning $2.*" ;;
	esac
	printf '%s\n' "begin isolation level read committed $begin;" "$settings" "with source as ($source) select null as total_result_set, $answer" 'commit;'
}
# pgbench_turn FILE NAME OPTIONS CLIENTS: adds a line with the number of transactions a second of $WORK/turn.sql
pgbench_turn() {
	local result
	result=$(PGOPTIONS=$3 pgbench -n -M prepared -c "$4" -j "$4" -T "$seconds" -f "$WORK/turn.sql" -D claims="$claims" -D method="${method:-GET}" -D headers='{"user-agent":"bench","accept":"application/json"}' -D body='{"org_id":"org_7","n":1,"title":"new"}' 2>"$WORK/pgbench.err" | sed -n 's/^tps = \([0-9.]*\).*/\1/p')
	[ -n "$result" ] || { cat "$WORK/pgbench.err" >&2; die "pgbench: $2"; }
	printf '%s\t%s\n' "$2" "$result" >>"$out/$1"
}
preloaded='-c session_preload_libraries=pg_workos'
for _ in $(seq "$rounds"); do
	while IFS=$'\t' read -r name about; do
		for method in GET POST; do
			request $method "request_$name" >"$WORK/turn.sql"
			pgbench_turn $method "$about" "$preloaded" 2
		done
		psql -Xq -c "delete from bench.request_$name where id > 20000" -c "vacuum bench.request_$name"
	done < <(psql -XAtq -F $'\t' -c "select name, about from bench.request order by array_position('{literal,org,gate,jwt,jwt_permission}', name)")
done

say "pgbench: statements without row security"
printf '%s\n' '\set id random(1, 20000)' 'select * from bench.open where id = :id;' >"$WORK/turn.sql"
for _ in $(seq "$rounds"); do
	for mode in auto force_custom_plan; do
		[ $mode = auto ] && about='planned once' || about='planned each time'
		pgbench_turn "no-policy-$mode" "$about, library not loaded" "-c plan_cache_mode=$mode" 1
		pgbench_turn "no-policy-$mode" "$about, library loaded" "$preloaded -c plan_cache_mode=$mode" 1
	done
done

# The portable edition: this script has a server of its own, and prints lines with tabs between the fields.
if [ -x bench/portable.sh ]; then
	BENCH_ROUNDS=$rounds bench/portable.sh >"$out/portable"
fi

say "the page"
about="$(psql -XAtqc "select 'Postgres ' || current_setting('server_version')"), pg_workos $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1 | grep . || uname -m), $(getconf _NPROCESSORS_ONLN) processors"
python3 -B bench/report.py "$out" "$page" "$about" "$load_before" "$(load)" "$((SECONDS - started))" \
	"$([ "$page" = docs/performance ] || echo "BENCH_PAGE=$page ")BENCH_ROWS=\"$sizes\" BENCH_ROUNDS=$rounds BENCH_SECONDS=$seconds make bench"
cat "$page.md"
