# examples/self-hosted-supabase, on a server with Supabase's roles: what set-up.sql makes of them, and the key set that keys.sh
# writes. PostgREST and WorkOS have stand-ins: LISTEN, and a curl that prints what it is told.
source "$(dirname "$0")/../shell.sh"
dir=$(mktemp -d)
example=$here/examples/self-hosted-supabase
psql -q -c 'create database self_hosted' -c 'create role supabase_storage_admin login' -c "alter role authenticator set session_preload_libraries = plpgsql, '\$libdir/plpgsql'"
trap 'psql -q -c "alter role authenticator reset session_preload_libraries" -c "drop role supabase_storage_admin"; rm -rf "$dir"' EXIT

set_up() { psql -Xq -d self_hosted -v ON_ERROR_STOP=1 -f "$example/set-up.sql" 2>&1; }
libraries="select string_agg(rolname || ': ' || setting, '; ' order by rolname) from pg_roles, unnest(rolconfig) setting where setting like 'session_preload%'"
both='authenticator: session_preload_libraries=plpgsql, "$libdir/plpgsql", pg_workos; supabase_storage_admin: session_preload_libraries=pg_workos'
is "$(set_up)" '' 'set-up.sql runs'
is "$(sql self_hosted postgres "$libraries")" "$both" '... and adds pg_workos to what each role loads already'
is "$(set_up)$(sql self_hosted postgres "$libraries")" "$both" '... once, however often it runs'
is "$(sql self_hosted authenticator 'show workos.plan_once')" on 'a connection of PostgREST has the library before its first call'
like "$(sql self_hosted developer 'show workos.plan_once')" '^ERROR:  42704:' '... and one of another role does not'
is "$(sql self_hosted postgres "select extname || ' ' || extnamespace::regnamespace from pg_extension where extname ^@ 'pg_workos'")" 'pg_workos extensions' 'set-up.sql creates the extension in the schema extensions'

# The stand-in for WorkOS prints the file answer, or fails where there is none.
mkdir "$dir/bin"
printf '#!/bin/sh\ncat "%s/answer" 2>/dev/null || { echo "curl: (22) 503" >&2; exit 22; }\n' "$dir" >"$dir/bin/curl"
chmod +x "$dir/bin/curl"
file=$dir/keys.json
unset JWT_JWKS
export JWT_SECRET=a-secret-of-supabase-with-40-characters.. WORKOS_CLIENT_ID=client_01DEMO
keys() { PATH=$dir/bin:$PATH PGUSER=authenticator PGDATABASE=self_hosted sh "$example/keys.sh" "$file" 2>&1; }
set_of() { sql self_hosted postgres "select string_agg(concat_ws(' ', k ->> 'kty', k ->> 'alg', k ->> 'kid'), ', ') from json_array_elements('$(cat "$file")'::json -> 'keys') k"; }
modulus=$(printf 'n%.0s' $(seq 342))
rsa() { printf '{"kty":"RSA","kid":"%s","alg":"RS256","use":"sig","n":"%s","e":"AQAB"%s}' "$1" "${3:-$modulus}" "${2:-}"; }

first=$(keys; echo $?)
is "${first##*$'\n'}" 1 'without an answer of WorkOS, keys.sh fails'
is "$(set_of)" 'oct HS256' "... and Supabase's own key counts alone"
is "$(sql self_hosted postgres "select convert_from(decode(translate(k ->> 'k', '-_', '+/') || repeat('=', -length(k ->> 'k') & 3), 'base64'), 'UTF8') from json_array_elements('$(cat "$file")'::json -> 'keys') k")" \
	"$JWT_SECRET" '... which is the secret'
is "$(stat -c %a "$file")" 600 'others cannot read the file'

echo "{\"keys\":[$(rsa first)]}" >"$dir/answer"
heard=$(printf '%s\n' 'listen pgrst;' "\\! PATH=$dir/bin:$PATH PGUSER=authenticator PGDATABASE=self_hosted sh $example/keys.sh $file 2>/dev/null" 'select 1;' | psql -Xq -d self_hosted -At)
is "$(set_of)" 'oct HS256, RSA RS256 first' 'the key of WorkOS comes after that of Supabase'
like "$heard" '"pgrst" with payload "reload config"' '... and PostgREST is told'
heard=$(printf '%s\n' 'listen pgrst;' "\\! PATH=$dir/bin:$PATH PGUSER=authenticator PGDATABASE=self_hosted sh $example/keys.sh $file 2>/dev/null" 'select 1;' | psql -Xq -d self_hosted -At)
is "$heard" 1 '... once, while the keys stay the same'

before=$(cat "$file")
for answer in '<html>' '{"keys":[]}' '{}' 'null' '{"keys":[{"kty":"oct","kid":"x","k":"AAAA","alg":"HS256"}]}' "{\"keys\":[$(rsa short '' nnnn)]}" "{\"keys\":[$(rsa '')]}"; do
	echo "$answer" >"$dir/answer"
	got=$(keys; echo $?)
	is "${got##*$'\n'} $(cat "$file")" "1 $before" "the answer ${answer:0:50} changes nothing"
	unlike "$got" 'a-secret|YS1zZWNyZXQ' '... and no message has the secret'
done
rm "$dir/answer"
got=$(keys; echo $?)
is "${got##*$'\n'} $(cat "$file")" "1 $before" 'no answer changes nothing'

echo "{\"keys\":[$(rsa second ',"d":"private","p":"private"'),{\"kty\":\"oct\",\"kid\":\"theirs\",\"k\":\"AAAA\",\"alg\":\"HS256\"},{\"kty\":\"EC\",\"kid\":\"curve\",\"alg\":\"ES256\"},{\"kty\":\"EC\",\"kid\":\"no_rsa\",\"n\":\"$modulus\",\"e\":\"AQAB\"},$(rsa other | sed s/RS256/RS512/),$(rsa encryption | sed 's/"sig"/"enc"/'),$(rsa third)]}" >"$dir/answer"
is "$(keys)" 'the keys were written' 'new keys replace the old ones'
is "$(set_of)" 'oct HS256, RSA RS256 second, RSA RS256 third' '... and only public RSA keys are taken'
unlike "$(cat "$file")" private '... without any private part'

export JWT_JWKS='{"keys": [{"kty":"EC","kid":"supabase","alg":"ES256"}, {"kty":"oct","k":"c2VjcmV0","alg":"HS256"}]}'
is "$(keys)" 'the keys were written' 'with JWT_JWKS, '
is "$(set_of)" 'EC ES256 supabase, oct HS256, RSA RS256 second, RSA RS256 third' "... Supabase's own keys are those of that set"
before=$(cat "$file")
JWT_JWKS='[{"kty":"oct","k":"c2VjcmV0"}]'
got=$(keys; echo $?)
is "$got $(cat "$file")" $'error: JWT_JWKS is not {"keys": […]}\n1'" $before" 'a JWT_JWKS of another shape is an error, which does not show it'
done_testing
