#!/usr/bin/env bash
# Reads the Events API of WorkOS up to its end, and applies the events to the directory. Run it every minute, by a
# systemd timer or cron. If it runs twice at once, or is killed, nothing is lost and nothing is applied out of order.
# api.sh says which environment it needs.
source "$(dirname "$0")/api.sh"

cursor=$(psql -XAtqc 'select cursor from workos.sync')
while :; do
	answer=$(ask "$api/events" --data order=asc --data limit=100 ${cursor:+--data-urlencode "after=$cursor"} "${kinds[@]}")
	next=$(hand_over "$answer" -v after="$cursor" <<<"select workos.apply_events(pg_temp.read(answer), nullif(:'after', '')) from page")
	[ "$next" != "$cursor" ] || break
	cursor=$next
done
