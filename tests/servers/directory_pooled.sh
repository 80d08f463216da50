# workos_configure('newest') behind PgBouncer: what pooled.py says, on both editions.
source "$(dirname "$0")/../shell.sh"
die() { echo "Bail out! $*"; exit 1; }
source "$here/tests/pgbouncer.sh"

folder=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
chmod 755 "$folder"
trap 'stop_pgbouncer "$folder/pool"; rm -rf "$folder"' EXIT
psql -q -c 'create role dir_owner login' -c 'create role dir_user login'
for edition in native portable; do
	createdb -T template0 -O dir_owner "pooled_$edition"
	psql -q -d "pooled_$edition" -c 'create schema extensions authorization dir_owner' -c 'grant usage on schema extensions to public' -c 'create extension pgcrypto schema extensions'
done
psql -q -d pooled_native -U dir_owner -c 'create extension pg_workos schema extensions' -c 'create extension pg_workos_directory'
for file in pg_workos pg_workos_directory; do psql -q -v ON_ERROR_STOP=1 -d pooled_portable -U dir_owner -f "$here/sql/portable/$file.sql"; done
for edition in native portable; do
	psql -q -d "pooled_$edition" -U dir_owner <<-'SQL'
		create schema app;
		grant usage on schema app to dir_user;
		create table app.document (id int primary key, org_id text);
		insert into app.document select n, 'org_' || n % 2 from generate_series(1, 200) n;
		create index on app.document (org_id);
		alter table app.document enable row level security;
		create policy tenant on app.document using (org_id = (select extensions.workos_org_with_permission('read')));
		grant select on app.document to dir_user;
		select extensions.workos_configure('newest') \g /dev/null
	SQL
done
# Each connection of the pool has prepared the statement "seen", which its clients share.
pooled() { echo "$1 = host=$PGHOST port=5432 dbname=pooled_$1 user=dir_user connect_query='prepare seen as select count(*) from app.document'"; }
start_pgbouncer "$folder/pool" "$(pooled native)
$(pooled portable)"
for edition in native portable; do
	output=$(PGUSER=dir_owner PGDATABASE=pooled_$edition env -u LD_LIBRARY_PATH -u PGOPTIONS "$here/target/python/bin/python" "$here/tests/directory/pooled.py" "$folder/pool" "$edition" "${PROTOCOLS[@]}" 2>&1)
	while IFS=$'\t' read -r got about; do is "$got" yes "$edition: $about"; done <<<"$output"
	is "$(psql -Atqc "select count(*) between 1 and 4 from pg_stat_activity where datname = 'pooled_$edition' and usename = 'dir_user'")" t "$edition: one to four connections served all clients"
done
stop_pgbouncer "$folder/pool"
for edition in native portable; do dropdb --force "pooled_$edition"; done
psql -q -c 'drop role dir_owner' -c 'drop role dir_user'
done_testing
