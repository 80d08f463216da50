#!/usr/bin/env bash
# The first load: reads all users, organizations, memberships and roles by the API of WorkOS into the directory, and sets
# the cursor with which poll.sh goes on. Also after a gap of more than 30 days, for which WorkOS keeps events. It can be
# run again at any time: what ended meanwhile ends here. The environment is that of poll.sh.
source "$(dirname "$0")/api.sh"

# import ORGANIZATION URL [OPTION of curl...]: all pages of a list. Prints the ids of the objects.
import() {
	local organization=$1 url=$2 after='' answer
	shift 2
	while :; do
		answer=$(ask "$api/$url" ${after:+--data-urlencode "after=$after"} "$@")
		after=$(hand_over "$answer" -v organization="$organization" <<-'SQL'
			select workos.import(pg_temp.read(answer), nullif(:'organization', '')) from page \g /dev/null
			select coalesce(pg_temp.read(answer) #>> '{list_metadata,after}', ''), (select string_agg(o ->> 'id', ' ') from jsonb_array_elements(pg_temp.read(answer) -> 'data') o) from page
		SQL
		)
		echo "${after#*|}"
		after=${after%%|*}
		[ -n "$after" ] || break
	done
}

# The cursor first, because events that happen during the import are read again afterwards.
answer=$(ask "$api/events" --data order=desc --data limit=1 "${kinds[@]}")
newest=$(hand_over "$answer" <<<"select pg_temp.read(answer) #>> '{data,0,id}' from page")
hand_over '' -v newest="$newest" <<<"select workos.begin_import(after => nullif(:'newest', '')) \g /dev/null"
import '' user_management/users --data limit=100 >/dev/null
import '' authorization/roles >/dev/null
organizations=$(import '' organizations --data limit=100)
for organization in $organizations; do
	import '' user_management/organization_memberships --data limit=100 --data "organization_id=$organization" --data statuses=active,inactive,pending >/dev/null
	# This list does not name the organization.
	import "$organization" "authorization/organizations/$organization/roles" >/dev/null
done
# All lists were complete, also one in which there was nothing.
hand_over '' <<<"select 'ended, because no list has them: ' || workos.end_import(complete => '{user,organization,organization_membership,role,organization_role}')"
