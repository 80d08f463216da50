# examples/directory, with a stand-in for the API of WorkOS: the poller, the first load, the units of systemd, and the
# poller inside the database.
source "$(dirname "$0")/../shell.sh"
dir=$(mktemp -d)
trap '[ -z "${api:-}" ] || kill "$api"; rm -rf "$dir"' EXIT
psql -q -c 'create role poll_owner login' -c 'create database polled owner poll_owner'
sql polled poll_owner 'create extension pg_workos' 'create extension pg_workos_directory'
# stand_in EVENTS [BAD [BROKEN]]
stand_in() {
	[ -z "${api:-}" ] || kill "$api"
	rm -f "$dir/port"
	env -u LD_LIBRARY_PATH "$here/target/python/bin/python" "$here/tests/directory/stand_in.py" "$@" >"$dir/port" &
	api=$!
	until [ -s "$dir/port" ]; do sleep 0.05; done
}
run() { PGUSER=poll_owner PGDATABASE=polled WORKOS_API="http://127.0.0.1:$(cat "$dir/port")" WORKOS_API_KEY=${key:-sk_topsecret} "$here/examples/directory/$1" 2>&1; }
poll() { run poll.sh; }
state="select (select count(*) from workos.users), cursor, reached_end_at is not null from workos.sync"

stand_in 250
is "$(poll; echo $?)" 0 'the poller reads the API to its end'
is "$(sql polled poll_owner "$state")" '250|event_000250|t' '... and applies all events'
is "$(sql polled poll_owner "select first_name = 'Zoë \"\\ ' || chr(9) || chr(10) || chr(8232) from workos.users where id = 'user_7'")" t '... as they are'
is "$(poll; echo $?)" 0 'it can run again'
is "$(sql polled poll_owner "$state")" '250|event_000250|t' '... and changes nothing'
stand_in 600
at_once=()
for _ in 1 2 3; do
	poll >/dev/null &
	at_once+=($!)
done
wait "${at_once[@]}"
is "$(poll; echo $?)" 0 'several can run at once'
is "$(sql polled poll_owner "$state")" '600|event_000600|t' '... and nothing is lost'
unlike "$(key=wrong poll; echo $?)" '^0$' 'with a wrong key it fails'
kill "$api" && api=
unlike "$(poll; echo $?)" '^0$' 'while the API is down it fails'
is "$(sql polled poll_owner "$state")" '600|event_000600|t' '... and changes nothing'
stand_in 650
is "$(poll; echo $?)" 0 'when the API is back, it goes on'
is "$(sql polled poll_owner "$state")" '650|event_000650|t' '... where it was'

stand_in 900 760
before=$(wc -c <"$SERVER_LOG")
said=$(poll; echo $?)
like "$said" '22023|no "updated_at"' 'an event that is malformed stops it'
unlike "$said" '^0$' '... with a status that says so'
is "$(sql polled poll_owner "$state")" '750|event_000750|t' '... after the page before'
unlike "$said$(tail -c +"$((before + 1))" "$SERVER_LOG")" 'topsecret' '... and no message and no log repeats an event or the key'
stand_in 900 -760
before=$(wc -c <"$SERVER_LOG")
said=$(poll; echo $?)
like "$said" 'the answer of WorkOS is not JSON that this database can hold' 'an answer that holds NUL stops it, too'
unlike "$said$(tail -c +"$((before + 1))" "$SERVER_LOG")" 'topsecret' '... and is not repeated either'
is "$(sql polled poll_owner "$state")" '750|event_000750|t' '... and nothing has changed'

# The first load, into tables that hold what no list has
loaded="select (select count(*) from workos.users where deleted_at is null), (select count(*) from workos.organizations where deleted_at is null), (select string_agg(status || ' ' || n, ', ' order by status)
	from (select status, count(*) as n from workos.memberships where deleted_at is null group by status) m), (select string_agg(organization_id || ':' || slug, ' ' order by organization_id, slug) from workos.roles where deleted_at is null), (select cursor from workos.sync)"
nothing="select count(*) from workos.import_run"
stale='select workos.apply_event($${"id": "event_x", "event": "organization_membership.created", "data": {"id": "om_stale", "user_id": "user_1", "organization_id": "org_1", "status": "active", "updated_at": "2026-01-01T00:00:00Z"}}$$)'
stand_in 250
sql polled poll_owner 'delete from workos.users' 'delete from workos.sync' "$stale" >/dev/null
is "$(run load.sh; echo $?)" $'ended, because no list has them: 1\n0' 'the first load'
is "$(sql polled poll_owner "$loaded" "$nothing")" $'250|2|active 125, inactive 62, pending 63|:member org_0:org-lead org_1:org-lead|event_000250\n0' '... brings users, organizations, memberships of every status, roles, and the cursor'
stand_in 300
is "$(poll; echo $?)" 0 'then the poller goes on'
is "$(sql polled poll_owner "$state")" '300|event_000300|t' '... after the cursor'
sql polled poll_owner "${stale//om_stale/om_stale2}" >/dev/null
for broken in user_management/users after=user_ organizations organization_id=org_0 org_0/roles authorization/roles events; do
	stand_in 250 0 "$broken"
	unlike "$(run load.sh; echo $?)" '^0$' "where $broken cannot be read, it fails"
	is "$(sql polled poll_owner "select count(*) from workos.memberships where id = 'om_stale2' and deleted_at is null")" 1 '... and ends nothing'
done
stand_in 250 120
before=$(wc -c <"$SERVER_LOG")
said=$(run load.sh; echo $?)
unlike "$said" '(^0$|topsecret)' 'a malformed object stops it, and is not repeated'
unlike "$(tail -c +"$((before + 1))" "$SERVER_LOG")" 'topsecret' '... and not in the log'
stand_in 0
like "$(run load.sh; echo $?)" '^ended, because no list has them: [0-9]+' 'when WorkOS has nothing any longer'
is "$(sql polled poll_owner "${loaded%%, (select string_agg(organization_id*}, (select count(*) from workos.roles where slug = 'member' and deleted_at is null)")" '0|0||1' '... everything has ended'
unlike "$(key=wrong run load.sh; echo $?)" '^0$' 'with a wrong key it fails'

# The units of systemd
if command -v systemd-analyze >/dev/null; then
	cp "$here"/examples/directory/{poll.sh,api.sh,workos-directory.*} "$dir"
	sed -i "s|/usr/local/lib/workos-directory/|$dir/|" "$dir/workos-directory.service"
	is "$(systemd-analyze verify --man=no "$dir/workos-directory.timer" "$dir/workos-directory.service" 2>&1 | grep -i workos-directory; systemd-analyze verify --man=no "$dir/workos-directory.timer" "$dir/workos-directory.service" >/dev/null 2>&1; echo $?)" 0 'systemd accepts the units'
	sed -i 's/^ExecStart=.*/ExecStart=poll.sh/' "$dir/workos-directory.service"
	like "$(systemd-analyze verify --man=no "$dir/workos-directory.service" 2>&1)" 'workos-directory.service' '... and would not accept others'
else
	echo "# skipped: systemd-analyze is missing, so the units were not checked"
fi

# The poller inside the database. Instead of pg_cron, which is not in the registries for every version, the job is stored;
# instead of http, curl asks.
stand_in 250
sql polled poll_owner 'delete from workos.users' 'delete from workos.sync'
sql polled postgres 'create schema http' 'create schema cron' "
	create domain http.http_method as text; create domain http.content_type as text check (value ~ '^\S+\/\S+');
	create type http.http_header as (field varchar, value varchar);
	create type http.http_response as (status integer, content_type varchar, headers http.http_header[], content varchar);
	create type http.http_request as (method http.http_method, uri varchar, headers http.http_header[], content_type varchar, content varchar);
	create function http.http_header(field varchar, value varchar) returns http.http_header language sql as 'select \$1, \$2';
	create function http.urlencode(string varchar) returns text language sql as \$\$ select string_agg(case when c ~ '[A-Za-z0-9._~-]' then c else '%' || upper(encode(convert_to(c, 'UTF8'), 'hex')) end, '') from regexp_split_to_table(\$1, '') c \$\$;
	create function http.http(request http.http_request) returns http.http_response language plpgsql security definer as \$\$
	declare answer http.http_response; line text;
	begin
		create temporary table got (n int generated always as identity, line text);
		execute format('copy got (line) from program %L with (format csv, quote E''\x01'', delimiter E''\x02'')', format('curl --silent --globoff --write-out %L -H %L %L',
			'%{http_code}', (request.headers)[1].field || ': ' || (request.headers)[1].value, replace(request.uri, 'https://api.workos.com', current_setting('test.api'))));
		select string_agg(g.line, E'\n' order by n) into line from pg_temp.got g;
		drop table pg_temp.got;
		return row(right(line, 3)::int, 'application/json', null, left(line, -3))::http.http_response;
	end \$\$;
	create table cron.job (jobname text, schedule text, command text, username text default current_user);
	create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as 'insert into cron.job values (\$1, \$2, \$3) returning 1::bigint';
	grant usage on schema http, cron to poll_owner; grant all on cron.job to poll_owner; grant create on database polled to poll_owner" >/dev/null
is "$(psql -XAtq -v ON_ERROR_STOP=1 -d polled -U poll_owner -f "$here/examples/directory/pg_cron.sql" 2>&1)" 1 'examples/directory/pg_cron.sql runs'
is "$(sql polled poll_owner 'select * from cron.job')" 'workos directory|* * * * *|select workos_poller.poll()|poll_owner' '... and stores a job'
job() { sql polled poll_owner "set test.api = 'http://127.0.0.1:$(cat "$dir/port")'" "$(sql polled postgres 'select command from cron.job')" 2>&1; }
sql polled poll_owner "insert into workos_poller.api_key values ('sk_topsecret')"
is "$(job)" '' '... which reads the API to its end'
is "$(sql polled poll_owner "$state")" '250|event_000250|t' '... and applies all events'
stand_in 300
is "$(job)$(sql polled poll_owner "$state")" '300|event_000300|t' '... and those that came later'
stand_in 900 350
before=$(wc -c <"$SERVER_LOG")
said=$(job)
stand_in 900 -350
said+=$'\n'$(job)
like "$said" 'ERROR:  P0001: the answer of the Events API is not JSON' 'an answer that holds NUL stops it'
like "$said" '^ERROR:  22023: an object of WorkOS has no "updated_at"' 'an event that is malformed stops it'
stand_in 350 0 events
said+=$(job)
like "$said" 'ERROR:  P0001: the Events API answers with the status 500' '... and an API that fails'
unlike "$said$(tail -c +"$((before + 1))" "$SERVER_LOG" | grep -v 'COPY got\|copy got')" 'topsecret' '... and no message and no log repeats an event or the key'
is "$(sql polled poll_owner "$state")" '300|event_000300|t' '... and nothing has changed'
like "$(sql polled postgres 'create role poll_stranger' 'grant usage on schema workos_poller to poll_stranger' 'set role poll_stranger' 'select * from workos_poller.api_key')" '^ERROR:  42501: permission denied for table api_key' 'nobody else reads the key'
like "$(sql polled postgres 'set role poll_stranger' 'select workos_poller.poll()')" '^ERROR:  42501: permission denied for function poll' '... or polls'
dropdb --force polled
psql -q -c 'drop role poll_owner, poll_stranger'
done_testing
