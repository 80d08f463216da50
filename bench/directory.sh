#!/usr/bin/env bash
# `make bench-directory`: what the directory costs, in one run in a temporary server. Prints a page, and writes it to
# docs/performance-directory.md. Takes about 15 minutes, on a machine that does nothing else.
#   BENCH_MEMBERSHIPS  how many memberships there are, one number after the other
#   BENCH_ROWS         rows of the table that the policies are on; at least 10,000
#   BENCH_ROUNDS       rounds, in which all ways take turns
#   BENCH_READS        transactions in one turn
#   BENCH_REMOVALS     members that are removed, to see when the first statement is refused
#   EVENTS, SECONDS_OF_WEBHOOKS   how many events, and how long webhooks, are applied
#   BENCH_PAGE         where to write, without the ending
# For a quick look: BENCH_MEMBERSHIPS='100 10000' BENCH_ROWS=20000 BENCH_ROUNDS=3 BENCH_READS=200 BENCH_REMOVALS=20 \
#   EVENTS=2000 SECONDS_OF_WEBHOOKS=2 BENCH_PAGE=/tmp/page make bench-directory
source "$(dirname "$0")/../scripts/postgres.sh"

sizes=${BENCH_MEMBERSHIPS:-100 10000 1000000}
rows=${BENCH_ROWS:-1000000}
rounds=${BENCH_ROUNDS:-7}
reads=${BENCH_READS:-2000}
removals=${BENCH_REMOVALS:-300}
EVENTS=${EVENTS:-20000}
webhooks=${SECONDS_OF_WEBHOOKS:-10}
page=${BENCH_PAGE:-docs/performance-directory}
load() { cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown; }
load_before=$(load)
started=$SECONDS
[ -x target/python/bin/python ] || die 'target/python is missing: run scripts/deps.sh test'
start_server
bring_pgtap
out=$WORK/out
mkdir "$out"
chmod 755 "$WORK"
benchmark() { env -u LD_LIBRARY_PATH target/python/bin/python -B bench/directory.py "$@"; }

# turn MEMBERSHIP ROLE CALL RESULT NAME...: SQL for one turn, whose result and names become a line of the output
turn() {
	printf '%s\n' 'reset role;' "select extensions.workos_configure('$1') where current_setting('bench.membership', true) is distinct from '$1' \\g /dev/null" \
		"set bench.membership = '$1';" "set role $2;" "call $3 \\gset"
	local line
	line=$(printf '%s\t' "${@:5}")
	printf '\\echo %s:%s\n' "'$line'" "$4"
}
# ways: the ways in their order, as "number, membership, way"; every second round the other way round
ways() { if [ $(($1 % 2)) = 0 ]; then cat "$WORK/ways"; else tac "$WORK/ways"; fi; }

for edition in native portable; do
	new_database "$edition" "directory/setup/$edition"
	export PGDATABASE=$edition
	say "policies, $edition edition"
	psql -XAtq -v rows="$rows" -v edition="$edition" -f bench/directory.sql
	psql -XAtq -F $'\t' -c 'select n, membership, way from bench.way order by n' >"$WORK/ways"
	for size in $sizes; do
		psql -Xq -c "call bench.fill($size)" -c 'vacuum (analyze, freeze)'
		for ((round = 0; round <= rounds; round++)); do
			while IFS=$'\t' read -r n membership way; do
				turn "$membership" "bench_$n" "bench.read($reads, true, null)" microseconds "$edition" "$size" 'read, prepared' "$way" "$round"
				turn "$membership" "bench_$n" "bench.read($((reads / 2)), false, null)" microseconds "$edition" "$size" 'read, planned' "$way" "$round"
				turn "$membership" "bench_$n" "bench.count_rows('document_indexed', $((rows / 100)), null)" ms "$edition" "$size" 'count, indexed' "$way" "$round"
				turn "$membership" "bench_$n" "bench.count_rows('document', $((rows / 100)), null)" ms "$edition" "$size" 'count, not indexed' "$way" "$round"
			done < <(ways "$round")
		done | psql -XAtq -v ON_ERROR_STOP=1 >>"$out/policies" || die "the $edition edition, $size memberships"
	done

	say "the same, while events arrive"
	# Memberships of others in the same organization are updated, as fast as one connection can.
	printf '%s\n' '\set n random(1, 100)' 'select bench.happens(:n);' >"$WORK/event.sql"
	chmod 644 "$WORK/event.sql"
	for events in no as-many-as-one-connection-can; do
		feeder=
		if [ $events != no ]; then
			pgbench -n -U keeper -M prepared -c 1 -T 3600 -f "$WORK/event.sql" >/dev/null 2>&1 &
			feeder=$!
		fi
		for ((round = 0; round <= rounds; round++)); do
			head -n 3 "$WORK/ways" | while IFS=$'\t' read -r n membership way; do
				turn "$membership" "bench_$n" "bench.read($reads, true, null)" microseconds "$edition" "$events" 'read, with events' "$way" "$round"
			done
		done | psql -XAtq -v ON_ERROR_STOP=1 >>"$out/policies" || die "the $edition edition, with events"
		[ -z "$feeder" ] || { kill "$feeder" || die 'no events arrived'; wait "$feeder" || true; }
	done

	say "from the commit of an event to the first refusal"
	psql -Xq -U keeper -o /dev/null -c "select extensions.workos_configure('newest')"
	benchmark refusals "$edition" "$removals" >>"$out/refusals"

	say "events and webhooks"
	psql -Xq -U keeper -o /dev/null -c "select extensions.workos_configure('token')" -c 'truncate workos.users, workos.organizations, workos.memberships, workos.roles'
	# Half of the events are of memberships, as they come: created, then updated twice, now and then deleted.
	psql -Xq -U keeper <<-SQL
		create table feed.page as
			select n / 100 as number, jsonb_build_object('object', 'list', 'data', jsonb_agg(case n % 2
				when 0 then feed.event('event_' || to_char(n, 'FM00000000'), 'user.updated', jsonb_build_object('id', 'user_' || n / 6, 'email', n || '@example.com', 'first_name', 'Ann', 'last_name', 'Lee', 'metadata', '{"a": "b"}'::jsonb), to_char(timestamptz '2026-01-01' + n * interval '1 s', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
				else feed.event('event_' || to_char(n, 'FM00000000'), 'organization_membership.' || case when n % 20 = 1 then 'deleted' else 'updated' end, feed.membership('om_' || n / 6, 'user_' || n / 6, 'org_' || n / 600), to_char(timestamptz '2026-01-01' + n * interval '1 s', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) end order by n)) as answer
			from generate_series(0, $EVENTS - 1) n group by n / 100;
	SQL
	polled=$(psql -XAtq -U keeper <<-SQL
		do \$\$
		declare
			page record;
			cursor_now text;
			began constant timestamptz := clock_timestamp();
		begin
			for page in select * from feed.page order by number loop
				cursor_now := workos.apply_events(page.answer, cursor_now);
				commit;
			end loop;
			create table feed.took as select extract(epoch from clock_timestamp() - began) as seconds;
		end \$\$;
		select round($EVENTS / seconds) from feed.took;
	SQL
	)
	psql -XAtq -U keeper -c "select workos.add_webhook_secret('whsec_0123456789abcdef')" \
		-c "create table feed.hook as select row_number() over () as n, e.value::text as body from feed.page, jsonb_array_elements(answer -> 'data') e(value)" \
		-c 'alter table feed.hook add primary key (n)' -c 'truncate workos.users, workos.memberships' >/dev/null
	cat >"$WORK/webhook.sql" <<-SQL
		\set n random(1, $EVENTS)
		select workos.receive_webhook(h.body, feed.sign(convert_to(h.body, 'UTF8'), 'whsec_0123456789abcdef')) from feed.hook h where n = :n;
	SQL
	chmod 644 "$WORK/webhook.sql"
	hooks=$(pgbench -n -U keeper -M prepared -c 8 -j 2 -T "$webhooks" -f "$WORK/webhook.sql" 2>/dev/null | sed -nE 's/^tps = ([0-9]+).*/\1/p')
	printf '%s\t%s\t%s\n' "$edition" "$polled" "$hooks" >>"$out/events"
done

say "the page"
about="$(psql -XAtqc "select 'Postgres ' || current_setting('server_version')"), pg_workos $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1 | grep . || uname -m), $(getconf _NPROCESSORS_ONLN) processors"
benchmark page "$out" "$page" "$about" "$load_before" "$(load)" "$((SECONDS - started))" "$rows" \
	"$([ "$page" = docs/performance-directory ] || echo "BENCH_PAGE=$page ")BENCH_MEMBERSHIPS=\"$sizes\" BENCH_ROWS=$rows BENCH_ROUNDS=$rounds BENCH_READS=$reads BENCH_REMOVALS=$removals EVENTS=$EVENTS SECONDS_OF_WEBHOOKS=$webhooks make bench-directory"
cat "$page.md"
