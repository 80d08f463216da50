# Sourced by poll.sh and load.sh: asks the API of WorkOS, and hands its answers to the database.
#
# WORKOS_API_KEY: the API key. The variables of libpq, such as PGHOST and PGUSER, name the database and the role.
# Needs bash, curl and psql.
set -euo pipefail
shopt -s inherit_errexit
api=${WORKOS_API:-https://api.workos.com}

# The events that the directory knows, as arguments of curl. apply_events() ignores others, but the API wants a list.
kinds=()
for kind in {user,organization,organization_membership,role,organization_role}.{created,updated,deleted} permission.deleted session.revoked; do
	kinds+=(--data "events[]=$kind")
done

# ask URL [OPTION of curl...]. The key is in no argument, because every user of the machine can see those.
ask() { curl --silent --show-error --fail --get "$@" --config <(printf 'header = "Authorization: Bearer %s"\n' "$WORKOS_API_KEY"); }

# hand_over ANSWER [OPTION of psql...]: runs the statements in its input, with the answer in the table page. It is copied
# there, because the text of a statement can reach the log of the database. So can a part of a text that is not JSON.
hand_over() {
	local answer=$1 prepare statements
	shift
	prepare=$(cat <<-'SQL'
		create temporary table page (answer text);
		\copy page from pstdin with (format csv, quote E'\x01', delimiter E'\x02')
		create function pg_temp.read(answer text) returns jsonb language plpgsql as $$
		begin
			return answer::jsonb;
		exception when data_exception or program_limit_exceeded then
			raise exception 'the answer of WorkOS is not JSON that this database can hold';
		end $$;
	SQL
	)
	statements=$(cat)
	psql -XAtq -v ON_ERROR_STOP=1 "$@" -f <(printf '%s\n' "$prepare" "$statements") < <(tr -d '\r\n' <<<"$answer")
}
