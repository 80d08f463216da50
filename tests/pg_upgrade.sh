# pg_upgrade from one Postgres to others, with policies, trusted issuers, the configuration and a directory in the database:
#
#   prove --comments --exec bash tests/pg_upgrade.sh :: OLD_PG_CONFIG NEW_PG_CONFIG...
#
# Takes about 20 seconds for each new one, and the time in which the extension is built for each Postgres. It is not a
# part of any run yet: pg_upgrade stops while it restores the schema, for a reason that is not known.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 1 ] || { echo "usage: prove --comments --exec bash $0 :: OLD_PG_CONFIG NEW_PG_CONFIG..." >&2; exit 2; }
old=$1
shift

# The new ones first: a build for one Postgres replaces that for another.
roots=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
chmod 755 "$roots"
trap 'rm -rf "$roots"' EXIT
for new; do
	(
		export PG_CONFIG=$new
		source scripts/postgres.sh
		copy_postgres "$roots/$MAJOR"
		make --no-print-directory --silent all install PG_CONFIG="$PG_CONFIG" DESTDIR="$roots/$MAJOR/with"
	)
done
export PG_CONFIG=$old
source scripts/postgres.sh
source tests/shell.sh
start_server --data-checksums
trap 'stop_server; rm -rf "$roots"' EXIT
set +e
old_bin=$BIN old_major=$MAJOR
KEYS=$WORK/keys
mkdir "$KEYS"
source examples/direct-connections/mint.sh
new_key ours

psql -q -c 'create role shop_owner login' -c 'create role shop_user login' -c 'create database shop owner shop_owner'
psql -Xq -d shop -U shop_owner -v ON_ERROR_STOP=1 -o /dev/null <<-SQL
	create schema extensions;
	grant usage on schema extensions to public;
	create extension pg_workos schema extensions;
	create extension pg_workos_directory;
	create table documents (id int, org_id text);
	select extensions.workos_protect('documents', to_role => 'shop_user', apply => true);
	grant select, insert on documents to shop_user;
	alter table documents no force row level security;
	insert into documents values (1, 'org_01'), (2, 'org_02');
	create view mine with (security_invoker = true) as select * from documents where org_id = extensions.workos_org_id();
	grant select on mine to shop_user;
	select extensions.workos_trust_issuer('$ISSUER', '{"keys":[$(jwk ours ours)]}');
	select extensions.workos_accept_audience('https://db.example/mcp');
	select workos.add_webhook_secret('whsec_0123456789abcdef');
	select workos.apply_event(e) from jsonb_array_elements('[
		{"id":"event_1","event":"organization_membership.created","data":{"id":"om_1","user_id":"user_01","organization_id":"org_01","status":"active","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}},
		{"id":"event_2","event":"organization_membership.deleted","data":{"id":"om_2","user_id":"user_02","organization_id":"org_01","status":"active","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}}]') e;
	select extensions.workos_configure(membership => 'newest');
SQL
psql -q -c 'alter database shop set workos.claims_source = token'
valid=$(token user_01) removed=$(token user_02) forged=$(printf %s "$(token user_01)" | sed 's/.....$/AAAAA/')
# What a member, a removed one and a forged token get, and what the owner finds
state() {
	local each
	for each in "$valid" "$removed" "$forged" ''; do
		sql shop shop_user begin ${each:+"select extensions.workos_authenticate('$each')"} 'select count(*), (select count(*) from mine) from documents' commit | grep -v '^HINT'
	done
	sql shop shop_owner 'select issuer from extensions.workos_issuers' 'select audience from extensions.workos_audiences' 'select membership from extensions.workos_configuration' 'select count(*) from workos.webhook_secrets' \
		"select check_name, status from extensions.workos_doctor() where status = 'problem' and check_name <> 'claims'"
}
definitions() { psql -XAtq -d "$1" -v extensions=pg_workos,pg_workos_directory -v schemas= -f tests/servers/definitions.sql; }
before=$(state)
like "$before" '^user_01$' "on Postgres $old_major: a member signs in"
like "$(head -n 2 <<<"$before" | tail -n 1)" '^1\|1$' '... and sees the rows of the organization'
as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -w -m fast stop >/dev/null

for new; do
	major=$("$new" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
	bin=$roots/$major$("$new" --bindir)
	LD_LIBRARY_PATH=$("$new" --libdir):$LD_LIBRARY_PATH
	data=$WORK/run/data$major
	as_server_user "$bin/initdb" -D "$data" -U postgres -A trust -N -E UTF8 --locale=C --data-checksums >/dev/null
	# --copy: the old one is upgraded again.
	upgrade() {
		local output
		output=$(mktemp -d "$WORK/run/upgrade.XXXXXX")
		[ "$(id -u)" -ne 0 ] || chown "$(server_user)" "$output"
		as_server_user bash -c "cd '$output' && '$bin/pg_upgrade' -b '$old_bin' -B '$bin' -d '$WORK/run/data' -D '$data' -U postgres -s '$WORK/run' $*" 2>&1
		find "$data/pg_upgrade_output.d" -name loadable_libraries.txt -exec cat {} + 2>/dev/null || true
	}
	like "$(upgrade --check)" 'could not load library "pg_workos"' "from $old_major to $major, without the files of pg_workos: pg_upgrade --check names the library"
	cp -R "$roots/$major/with/." "$roots/$major/"
	like "$(upgrade --check)" 'Clusters are compatible' '... with them it passes'
	like "$(upgrade)" 'Upgrade Complete' '... and pg_upgrade ends'
	as_server_user "$bin/pg_ctl" -D "$data" -l "$WORK/run/log$major" -o "-c unix_socket_directories='$WORK/run' -c listen_addresses='' -c autovacuum=off -c fsync=off" -w start >/dev/null
	is "$(psql -Atqc "select current_setting('server_version_num')::int / 10000")" "$major" '... the new server runs'
	is "$(state)" "$before" '... in which tokens, policies, issuers, audiences, the directory and the configuration are as before'
	is "$(sql shop shop_owner 'alter extension pg_workos update' 'alter extension pg_workos_directory update' | grep -c ERROR)" 0 '... ALTER EXTENSION UPDATE succeeds'
	createdb -O shop_owner fresh
	sql fresh shop_owner 'create schema extensions' 'grant usage on schema extensions to public' 'create extension pg_workos schema extensions' 'create extension pg_workos_directory'
	is "$(diff <(definitions fresh) <(definitions shop))" '' "... and all definitions are those of a new installation on $major"
	is "$(sql shop shop_owner "select extensions.workos_distrust_issuer('$ISSUER')")|$(sql shop shop_user begin "select extensions.workos_authenticate('$valid')" | grep -v '^HINT')" 't|ERROR:  28000: access token is from an unknown issuer' '... and a change of the issuers counts'
	as_server_user "$bin/pg_ctl" -D "$data" -w -m fast stop >/dev/null
done
done_testing
