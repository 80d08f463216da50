#!/usr/bin/env bash
# `make bench`: what a policy costs, in one run in a throwaway server: prints a table, and writes
# docs/performance.md and docs/performance.svg. BENCH_ROWS: sizes of the tables; BENCH_ROUNDS: turns;
# BENCH_PAGE: what to write instead, without the ending.
source "$(dirname "$0")/../scripts/postgres.sh"

sizes=${BENCH_ROWS:-10000 100000 1000000 10000000}
rounds=${BENCH_ROUNDS:-5}
page=${BENCH_PAGE:-docs/performance}
load=$(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown)
start_server
out=$WORK/out
mkdir "$out"

# The middle of several runs, their spread, and the ratio to the literal, for each shape and way.
summary="with m as (select shape, way, n, percentile_cont(0.5) within group (order by ms) as ms, min(ms) as least, max(ms) as most from bench.result group by 1, 2, 3)
	select m.shape, m.way, round(m.ms::numeric, 2), round(m.least, 2), round(m.most, 2), round((m.ms / l.ms)::numeric, 2), round((m.least / l.ms)::numeric, 2), round((m.most / l.ms)::numeric, 2) from m join m l using (shape) join bench.shape s using (shape) where l.n = 1 order by s.n, m.n"
for rows in $sizes; do
	say "$rows rows"
	createdb "bench_$rows"
	psql -XAtq -d "bench_$rows" -v rows="$rows" -v rounds="$rounds" -f bench/bench.sql
	psql -XAtq -F $'\t' -d "bench_$rows" -c "$summary" >"$out/$rows"
	export PGDATABASE=bench_$rows
done

say "single statements"
timed() { # QUERY...: microseconds for one of 2000 turns, in a connection that has warmed up; the best of 5
	local i
	for i in 1 2 3 4 5; do
		psql -XAtq -v ON_ERROR_STOP=1 <<-SQL | tail -n 1
			set search_path = bench, extensions;
			create function pg_temp.turns(n int) returns numeric language plpgsql as \$\$
			declare began timestamptz; i int; r record;
			begin
				began := clock_timestamp();
				for i in 1 .. n loop $2 end loop;
				return round((extract(epoch from clock_timestamp() - began) * 1000000 / n)::numeric, 2);
			end \$\$;
			begin;
			$1
			select pg_temp.turns(200) \g /dev/null
			select pg_temp.turns(2000);
		SQL
	done | sort -n | sed -n 1p
}
signed_in="select set_config('request.jwt.claims', claims(), true), workos_org_id() \\g /dev/null
"
psql -Xq -c "alter policy p on bench.wide_open using (org_id = extensions.workos_org_id() or n < 0)" -c "alter policy p on bench.indexed using (org_id = extensions.workos_org_id())"
psql -Xq -c "create table bench.literal as select * from bench.indexed limit 0" -c "alter table bench.literal add primary key (id)" -c "insert into bench.literal select * from bench.indexed" \
	-c "create index on bench.literal (org_id)" -c "create policy p on bench.literal using (org_id = 'org_7')" -c "alter table bench.literal enable row level security" -c "grant select on bench.literal to authenticated" -c "vacuum analyze bench.literal"
plan='execute $q$explain select * from bench.QUERY$q$ into r;'
{
	echo "planning a statement without row security, library not loaded	$(timed "" "${plan/QUERY/members where user_id = \'u\'}")"
	echo "the same, library loaded	$(timed "$signed_in" "${plan/QUERY/members where user_id = \'u\'}")"
	echo "planning with a policy that an index answers: a literal	$(timed "$signed_in set local role authenticated;" "${plan/QUERY/literal where id = 1}")"
	echo "the same, pg_workos, plan_once on	$(timed "$signed_in set local role authenticated;" "${plan/QUERY/indexed where id = 1}")"
	echo "the same, pg_workos, plan_once off	$(timed "$signed_in set local workos.plan_once = off; set local role authenticated;" "${plan/QUERY/indexed where id = 1}")"
	echo "planning with a policy that no index answers, plan_once on	$(timed "$signed_in set local role authenticated;" "${plan/QUERY/wide_open where id = 1}")"
	echo "the same, plan_once off	$(timed "$signed_in set local workos.plan_once = off; set local role authenticated;" "${plan/QUERY/wide_open where id = 1}")"
	for size in 0 400 2700; do
		length=$(psql -XAtqc "select length(bench.claims($size))")
		echo "claims of $length bytes change and are read	$(timed "$signed_in" "perform set_config('request.jwt.claims', bench.claims($size + i % 2), true); perform workos_org_id();")"
		echo "the same change, not read	$(timed "$signed_in" "perform set_config('request.jwt.claims', bench.claims($size + i % 2), true);")"
	done
	walrus="select set_config('role', 'authenticated', true) \\g /dev/null
		prepare walrus as select exists (select 1 from bench.TABLE where id = 7);"
	echo "Supabase Realtime, one subscriber: claims set, one prepared statement executed: pg_workos	$(timed "$signed_in ${walrus/TABLE/indexed}" "perform set_config('request.jwt.claims', bench.claims(i % 2), true); execute 'execute walrus' into r;")"
	psql -Xq -c "alter policy p on bench.indexed using (org_id = (auth.jwt() ->> 'org_id'))"
	echo "the same, auth.jwt()	$(timed "$signed_in ${walrus/TABLE/indexed}" "perform set_config('request.jwt.claims', bench.claims(i % 2), true); execute 'execute walrus' into r;")"
	psql -Xq -c "alter policy p on bench.indexed using (org_id = extensions.workos_org_id())"
	echo "the same, a literal	$(timed "$signed_in ${walrus/TABLE/literal}" "perform set_config('request.jwt.claims', bench.claims(i % 2), true); execute 'execute walrus' into r;")"
	echo "first call of a connection (the library loads)	$(for i in 1 2 3 4 5; do
		psql -XAtq -c "do \$\$ declare t timestamptz := clock_timestamp(); begin perform extensions.workos_org_id(); raise exception '%', round(extract(epoch from clock_timestamp() - t) * 1000000, 0); end \$\$" 2>&1 | sed -n 's/^ERROR: *//p'
	done | sort -n | sed -n 1p)"
} >"$out/single"

say "pgbench: point reads, and statements without row security"
as_user="select set_config('request.jwt.claims', '{\"sid\":\"session_1\",\"sub\":\"user_1\",\"org_id\":\"org_7\"}', true), set_config('role', 'authenticated', true);"
psql -Xq -c "create table bench.open as table bench.literal" -c "alter table bench.open add primary key (id)" -c "grant select on bench.open to authenticated" -c "vacuum analyze bench.open"
preloaded='-c session_preload_libraries=pg_workos'
# measure NAME OPTIONS SQL CLIENTS: one turn of pgbench; the library is loaded if the options or the SQL load it
measure() {
	printf '%s\n' '\set id random(1, 10000)' "$3" >"$WORK/measure.sql"
	PGOPTIONS=$2 pgbench -n -M prepared -c "$4" -T "${BENCH_SECONDS:-3}" -f "$WORK/measure.sql" "$PGDATABASE" 2>/dev/null |
		awk -v n="$1" '/latency average/ { l = $4 * 1000 } /^tps/ { print n "\t" l "\t" int($3) }' >>"$out/points"
}
for _ in $(seq "$rounds"); do
	read_as_user="begin; $as_user select * from bench.TABLE where id = :id; end;"
	measure '1 as a user, a literal in the policy, library not loaded' '' "${read_as_user/TABLE/literal}" 2
	measure '2 as a user, a literal in the policy, library loaded' "$preloaded" "${read_as_user/TABLE/literal}" 2
	measure '3 as a user, workos_org_id() in the policy' "$preloaded" "${read_as_user/TABLE/indexed}" 2
	for protocol in 'planned once' 'planned each time'; do
		[ "$protocol" = 'planned once' ] && mode=auto || mode=force_custom_plan
		measure "4 no row security, $protocol, library not loaded" "-c plan_cache_mode=$mode" 'select * from bench.open where id = :id;' 1
		measure "4 no row security, $protocol, library loaded" "$preloaded -c plan_cache_mode=$mode" 'select * from bench.open where id = :id;' 1
	done
done

versions=$(psql -XAtqc "select 'Postgres ' || current_setting('server_version')")
machine=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
say "results"
awk -F '\t' -v sizes="$sizes" -v dir="$out" -v rounds="$rounds" -v command="BENCH_ROWS=\"$sizes\" BENCH_ROUNDS=$rounds make bench" -v about="$versions, pg_workos $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml), ${machine:-$(uname -m)}, $(getconf _NPROCESSORS_ONLN) processors, load at the start $load" \
	-v svg="$page.svg" -f bench/report.awk /dev/null | tee "$page.md"
