#!/usr/bin/env bash
# test-compose.sh SUPABASE FOLDER: starts self-hosted Supabase from SUPABASE, the folder `docker` of a copy of its repository, with
# examples/self-hosted-supabase and the packages in FOLDER, and sends requests to its PostgREST. Needs Docker, and changes the folder
# SUPABASE. A key that is made here signs the tokens, in place of WorkOS.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
packages=$(realpath "$2")
source examples/direct-connections/mint.sh
new_key workos
new_key stranger
cd "$1"
[ -e .env ] || cp .env.example .env
mkdir -p pg_workos
cp "$here"/examples/self-hosted-supabase/{keys.sh,set-up.sql} pg_workos
cp "$here/examples/self-hosted-supabase/docker-compose.pg_workos.yml" .
echo WORKOS_CLIENT_ID=client_01DEMO >>.env
printf '{"keys":[%s]}' "$(jwk workos ours)" >pg_workos/jwks.json
# Only for this test: the keys come from a file.
cat >docker-compose.test.yml <<-YAML
	services:
	  workos-keys:
	    environment:
	      WORKOS_JWKS_URL: file:///pg_workos/jwks.json
YAML
base=$(docker compose config --images db | grep '^supabase/postgres:')
docker build --quiet --tag pg_workos-supabase --build-arg "BASE=$base" --file "$here/packaging/oci/supabase.Dockerfile" "$packages"
compose() { docker compose -f docker-compose.yml -f docker-compose.pg_workos.yml -f docker-compose.test.yml "$@"; }
status=0
trap 'status=$?; [ $status -eq 0 ] || compose logs --tail 50 db workos-keys rest >&2; compose down --volumes >/dev/null 2>&1; exit $status' EXIT
compose up --detach --wait db workos-keys rest
administer() { compose exec -T db psql -Xq -U supabase_admin -d postgres -v ON_ERROR_STOP=1; }
administer <pg_workos/set-up.sql
administer <<-SQL
	create table public.documents (id int primary key, org_id text not null, title text);
	create index on public.documents (org_id);
	alter table public.documents enable row level security;
	revoke all on public.documents from anon, authenticated, service_role;
	grant select on public.documents to authenticated, service_role;
	create policy "members read" on public.documents for select to authenticated using (org_id = extensions.workos_org_id());
	insert into public.documents values (1, 'org_01ACME', 'ours'), (2, 'org_01OTHER', 'theirs');
	notify pgrst, 'reload schema';
SQL
# The connections that PostgREST has are from before set-up.sql.
compose restart rest

# ask TOKEN: the status and the body of a request
ask() { compose exec -T workos-keys curl -sS -w ' %{http_code}' -H "Authorization: Bearer $1" 'http://rest:3000/documents?select=title'; }
claims() { printf '{"role":"authenticated","sub":"user_01ANN","sid":"session_01","org_id":"%s","iat":%s,"exp":%s}' "$1" "$(date +%s)" "$(($(date +%s) + 3600))"; }
header='{"alg":"RS256","kid":"ours"}'
for ((tries = 0; tries < 60; tries++)); do
	got=$(ask "$(signed workos "$header" "$(claims org_01ACME)")") && [[ $got == *' 200' ]] && break
	sleep 1
done
# own ROLE: a token that is signed as Supabase signs its API keys
own() {
	local message secret
	secret=$(sed -n 's/^JWT_SECRET=//p' .env | tail -n 1)
	message=$(printf '{"alg":"HS256","typ":"JWT"}' | b64url).$(printf '{"role":"%s","iss":"supabase","exp":%s}' "$1" "$(($(date +%s) + 3600))" | b64url)
	printf '%s.%s' "$message" "$(printf %s "$message" | openssl dgst -sha256 -hmac "$secret" -binary | b64url)"
}
# expect ABOUT PATTERN GOT
# shellcheck disable=SC2053
expect() { [[ $3 == $2 ]] || { printf 'not ok - %s: %s\n' "$1" "$3" >&2; exit 1; }; echo "ok - $1"; }
expect 'a member reads the rows of the organization' '\[{"title":"ours"}\] 200' "$got"
expect 'a member of another one does not' '\[{"title":"theirs"}\] 200' "$(ask "$(signed workos "$header" "$(claims org_01OTHER)")")"
expect 'a token of another key is refused' '*401' "$(ask "$(signed stranger "$header" "$(claims org_01ACME)")")"
expect "Supabase's own keys are accepted: anon may not read the table" '*42501* 401' "$(ask "$(own anon)")"
expect '... and service_role sees all rows' '\[{"title":"ours"},*{"title":"theirs"}\] 200' "$(ask "$(own service_role)")"
