#!/usr/bin/env bash
# Reads the Events API of WorkOS up to its end, and applies the events to the directory. Run it every minute, by a
# systemd timer or cron. If it runs twice at once, or is killed, nothing is lost and nothing is applied out of order.
#
# WORKOS_API_KEY: the API key. The variables of libpq, such as PGHOST and PGUSER, name the database and the role.
# Needs bash, curl and psql.
set -euo pipefail
api=${WORKOS_API:-https://api.workos.com}
# apply_events() ignores other kinds, but the API wants a list.
kinds=({user,organization,organization_membership,role,organization_role}.{created,updated,deleted} permission.deleted session.revoked)

# The key is in no argument, because every user of the machine can see those.
ask() { curl --silent --show-error --fail --get "$@" --config <(printf 'header = "Authorization: Bearer %s"\n' "$WORKOS_API_KEY"); }

# The answer is copied into a table, because the text of a statement can reach the log of the database.
apply() {
	psql -XAtq -v ON_ERROR_STOP=1 -v after="$1" -f <(cat <<-'SQL'
		create temporary table page (answer text);
		\copy page from pstdin with (format csv, quote E'\x01', delimiter E'\x02')
		select workos.apply_events(answer::jsonb, nullif(:'after', '')) from page;
	SQL
	)
}

cursor=$(psql -XAtqc 'select cursor from workos.sync')
while :; do
	answer=$(ask "$api/events" --data order=asc --data limit=100 ${cursor:+--data "after=$cursor"} $(printf -- '--data events[]=%s ' "${kinds[@]}"))
	next=$(tr -d '\r\n' <<<"$answer" | apply "$cursor")
	[ "$next" != "$cursor" ] || break
	cursor=$next
done
