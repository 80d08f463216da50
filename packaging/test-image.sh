#!/usr/bin/env bash
# test-image.sh postgres|supabase FOLDER [docker build option...]: builds an image of packaging/oci with the packages in FOLDER, by
# Docker, starts it, and creates the extension and the first policy. packaging/test-oci.sh does the same without Docker and without
# the images that these begin with.
set -euo pipefail
cd "$(dirname "$0")/.."
image=pg_workos-$1
docker build --quiet --file "packaging/oci/$1.Dockerfile" --tag "$image" "${@:3}" "$2"
container=$(docker run --detach --env POSTGRES_PASSWORD=of-a-test "$image")
trap 'docker rm --force --volumes "$container" >/dev/null' EXIT
# Its server listens on TCP when the entrypoint is done.
for ((tries = 0; ; tries++)); do
	docker exec "$container" pg_isready --quiet --host 127.0.0.1 && break
	[ $tries -lt 120 ] || { docker logs "$container" >&2; exit 1; }
	sleep 1
done
administrator=$(docker exec "$container" sh -c 'echo "${POSTGRES_USER:-postgres}"')
run() { docker exec --interactive --env PGPASSWORD=of-a-test "$container" psql -Xq -v ON_ERROR_STOP=1 --host 127.0.0.1 -U "$@"; }
if [ "$1" = supabase ]; then
	# Roles and the schema extensions are there. `postgres`, which is no superuser, can create the extension: it is trusted.
	run postgres -d postgres -c 'create extension pg_workos with schema extensions' -c 'drop extension pg_workos'
	run "$administrator" -d postgres <examples/self-hosted-supabase/set-up.sql
	run "$administrator" -d postgres -At -c "select setting from pg_roles, unnest(rolconfig) setting where rolname = 'authenticator' and setting like 'session_preload%'" | tee /dev/stderr | grep -q 'safeupdate.*pg_workos'
fi
run "$administrator" -d postgres -c 'create database first_policy template template0'
# The roles are there already in Supabase's image.
sed -E 's/^create role (\w+);$/select $$create role \1$$ where to_regrole($$\1$$) is null \\gexec/' packaging/first-policy.sql | run "$administrator" -d first_policy
