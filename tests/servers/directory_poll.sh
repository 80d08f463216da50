# examples/directory/poll.sh, with a stand-in for the Events API.
source "$(dirname "$0")/../shell.sh"
dir=$(mktemp -d)
trap '[ -z "${api:-}" ] || kill "$api"; rm -rf "$dir"' EXIT
psql -q -c 'create role poll_owner login' -c 'create database polled owner poll_owner'
sql polled poll_owner 'create extension pg_workos' 'create extension pg_workos_directory'
# stand_in EVENTS [BAD]
stand_in() {
	[ -z "${api:-}" ] || kill "$api"
	rm -f "$dir/port"
	env -u LD_LIBRARY_PATH "$here/target/python/bin/python" "$here/tests/directory/stand_in.py" "$@" >"$dir/port" &
	api=$!
	until [ -s "$dir/port" ]; do sleep 0.05; done
}
poll() { PGUSER=poll_owner PGDATABASE=polled WORKOS_API="http://127.0.0.1:$(cat "$dir/port")" WORKOS_API_KEY=${key:-sk_topsecret} "$here/examples/directory/poll.sh" 2>&1; }
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

stand_in 900 750
before=$(wc -c <"$SERVER_LOG")
said=$(poll; echo $?)
like "$said" '22023|no "updated_at"' 'an event that is malformed stops it'
unlike "$said" '^0$' '... with a status that says so'
is "$(sql polled poll_owner "$state")" '700|event_000700|t' '... after the page before'
unlike "$said$(tail -c +"$((before + 1))" "$SERVER_LOG")" 'topsecret' '... and no message and no log repeats an event or the key'
dropdb --force polled
psql -q -c 'drop role poll_owner'
done_testing
