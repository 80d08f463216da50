#!/bin/sh
# keys.sh FILE [SECONDS]: writes the JSON Web Key Set that verifies the tokens of both WorkOS and Supabase into FILE, and tells
# PostgREST to read it again when it has changed. With SECONDS, it does so again and again; without, it does it once, and fails
# if the keys could not be had.
#
# WORKOS_CLIENT_ID names the environment of WorkOS. Supabase's own keys are those of JWT_JWKS, or else the secret JWT_SECRET:
# its API keys `anon` and `service_role` are signed with them. PGHOST, PGUSER and so on are for psql, which reads the answer of
# WorkOS. That answer is public; Supabase's secret is not sent to the database.
#
# If the answer is no key set, the file stays as it is. If there is no file yet, it gets Supabase's keys alone: nobody can sign in
# with WorkOS until a later try.
set -eu
umask 077
file=$1
seconds=${2:-}
# No name below is looked up in a schema that others can write to.
export PGOPTIONS='-c search_path=pg_catalog,pg_temp'
url=${WORKOS_JWKS_URL:-https://api.workos.com/sso/jwks/${WORKOS_CLIENT_ID:?}}

if [ -n "${JWT_JWKS:-}" ]; then
	own=$(printf %s "$JWT_JWKS" | tr -d '\n' | sed -nE 's/^[[:space:]]*\{[[:space:]]*"keys"[[:space:]]*:[[:space:]]*\[(.*)\][[:space:]]*\}[[:space:]]*$/\1/p')
	[ -n "$own" ] || { echo 'error: JWT_JWKS is not {"keys": […]}' >&2; exit 1; }
else
	own=$(printf '{"kty":"oct","alg":"HS256","k":"%s"}' "$(printf %s "${JWT_SECRET:?}" | base64 | tr '+/' '-_' | tr -d '=\n')")
fi

# read_keys JWKS: prints the members of public RSA keys, and nothing else of the answer
read_keys() {
	psql -XqAt -v ON_ERROR_STOP=1 -v jwks="$1" <<-'SQL'
		select string_agg(json_build_object('kty', 'RSA', 'alg', 'RS256', 'use', 'sig', 'kid', k ->> 'kid', 'n', k ->> 'n', 'e', k ->> 'e')::text, ',')
		from json_array_elements(:'jwks'::json -> 'keys') k
		where k ->> 'kty' = 'RSA' and k ->> 'kid' <> '' and k ->> 'e' <> ''
			and coalesce(k ->> 'alg', 'RS256') = 'RS256' and coalesce(k ->> 'use', 'sig') = 'sig'
			and length(k ->> 'n') >= 342 -- 2048 bits
	SQL
}

# put TEXT: replaces the file in one step. PostgREST runs as the user 1000 in its image.
put() {
	printf '%s\n' "$1" >"$file.new" &&
		{ [ "$(id -u)" -ne 0 ] || chown "${KEYS_OWNER:-1000}" "$file.new"; } &&
		mv "$file.new" "$file"
}

update() {
	answer=$(curl -fsS --max-time 20 "$url") || return 1
	theirs=$(read_keys "$answer") || return 1
	[ -n "$theirs" ] || { echo 'error: the answer has no RSA key for RS256 signatures' >&2; return 1; }
	set="{\"keys\":[$own,$theirs]}"
	[ "$set" != "$(cat "$file" 2>/dev/null)" ] || return 0
	put "$set" && psql -XqAt -c "notify pgrst, 'reload config'" || return 1
	echo 'the keys were written' >&2
}

while ! update || [ -n "$seconds" ]; do
	[ -e "$file" ] || put "{\"keys\":[$own]}"
	[ -n "$seconds" ] || exit 1
	sleep "$seconds"
done
