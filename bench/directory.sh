#!/usr/bin/env bash
# How many events a second: `apply_events` answers of 100 by one connection, and webhooks by eight connections. Prints a
# line for each edition. EVENTS (20000) and SECONDS_OF_WEBHOOKS (10) say how long.
source "$(dirname "$0")/../scripts/postgres.sh"
EVENTS=${EVENTS:-20000}
start_server
bring_pgtap
for edition in native portable; do
	new_database "$edition" "directory/setup/$edition"
	export PGDATABASE=$edition
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
	chmod 755 "$WORK" && chmod 644 "$WORK/webhook.sql"
	hooks=$(pgbench -n -U keeper -M prepared -c 8 -j 2 -T "${SECONDS_OF_WEBHOOKS:-10}" -f "$WORK/webhook.sql" 2>/dev/null | sed -nE 's/^tps = ([0-9]+).*/\1/p')
	echo "$edition edition, Postgres $MAJOR: $polled events a second in answers of 100; $hooks webhooks a second over eight connections"
done
