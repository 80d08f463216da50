# The directory as an extension and as a file: installing, dump and restore, dropping, privileges, hostile schemas, logs.
source "$(dirname "$0")/../shell.sh"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" | head -n 1)

psql -q <<-'SQL'
	create role dir_owner login;
	create role dir_user login;
	create role dir_attacker login;
SQL
event="select workos.apply_event('{\"id\":\"event_1\",\"event\":\"organization_membership.created\",\"data\":{\"id\":\"om_1\",\"user_id\":\"user_1\",\"organization_id\":\"org_1\",\"status\":\"active\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}')"
claims="set request.jwt.claims = '{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"org_1\"}'"
ask='select extensions.workos_org_ids()'
functions="select string_agg(distinct p.proname, ' ') from pg_proc p join pg_namespace n on n.oid = p.pronamespace where nspname = 'workos' and prosecdef and proname !~ '^_'"
in_database() { # OWNER: a new database with the schema extensions
	dropdb --if-exists --force directory
	createdb -T template0 -O "$1" directory
	sql directory "$1" 'create schema extensions' 'grant usage on schema extensions to public'
	sql directory postgres 'create schema "Crypto"' 'create extension pgcrypto schema "Crypto"' 'grant usage on schema "Crypto" to public'
}
native() { sql directory "$1" 'create extension pg_workos schema extensions' 'create extension pg_workos_directory'; }
file() { psql -Xq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d directory -U "$1" -f "$here/sql/portable/$2" 2>&1 | grep -v '^LOCATION' | sed -E 's/^psql:[^ ]*: //'; }
portable() { file "$1" pg_workos.sql; file "$1" pg_workos_directory.sql; }

for edition in native portable; do
	in_database dir_owner
	is "$($edition dir_owner)" '' "$edition: the owner of a database, who is no superuser, installs the directory"
	is "$(sql directory dir_owner "$event" "$claims" "$ask")" $'applied\n{org_1}' '... feeds it and asks it'
	is "$(sql directory dir_user "$claims" "$ask")" '{org_1}' '... and another role asks it'
	is "$(sql directory dir_owner "$functions")" 'add_webhook_secret apply_event apply_events begin_import configure end_import import prune receive_webhook remove_webhook_secret' '... it has these functions'

	# A schema that is there already
	in_database dir_owner
	sql directory dir_owner 'create schema workos' 'create table workos.users (id text)'
	like "$($edition dir_owner)" '^ERROR:  42P06: ' "$edition: a schema workos that is there already stops the installation"
	is "$(sql directory dir_owner "select count(*) from pg_class where relnamespace = 'workos'::regnamespace and relkind = 'r'")" 1 '... which changes nothing in it'
	sql directory dir_owner 'drop schema workos cascade'

	# Where there is no directory, a schema of that name is none
	for trick in 'create schema workos' "create schema workos; create function workos._org_ids(text, text) returns text[] language sql security definer return array['org_victim']; grant usage on schema workos to public"; do
		in_database dir_owner
		if [ $edition = native ]; then sql directory dir_owner 'create extension pg_workos schema extensions'; else file dir_owner pg_workos.sql; fi
		sql directory postgres 'grant create on database directory to dir_attacker'
		sql directory dir_attacker "$trick"
		like "$(sql directory dir_user "$claims" "$ask")" '^ERROR:  55000: there is no directory in this database$' "$edition: without a directory: ${trick:0:40}"
		like "$(sql directory dir_user "$claims" "${ask/org_ids()/org_ids_with_role(\'a\')}")" '^ERROR:  55000:' '... with a role'
		like "$(sql directory dir_user "$claims" "${ask/org_ids()/org_ids_with_permission(\'a\')}")" '^ERROR:  55000:' '... with a permission'
		like "$(sql directory dir_user "$ask")" '^ERROR:  55000:' '... whoever asks'
		like "$(sql directory dir_user "${ask/org_ids()/delegated_org_id(\'a\', null, \'b\')}")" '^ERROR:  55000:' '... for delegated access with a permission'
	done

	# Whatever the default privileges are
	in_database dir_owner
	for role in dir_owner postgres; do
		sql directory "$role" 'alter default privileges grant all on tables to public, dir_user' 'alter default privileges grant all on functions to public, dir_user with grant option' \
			'alter default privileges grant all on functions to dir_user with grant option' 'alter default privileges grant all on tables to public' 'alter default privileges grant all on schemas to public' >/dev/null 2>&1
	done
	is "$($edition dir_owner)" '' "$edition: with default privileges that grant everything to everybody, the directory is installed"
	is "$(sql directory postgres "select string_agg(o.name || ' ' || case a.grantee when 0 then 'public' else a.grantee::regrole::text end, ', ' order by o.name, a.grantee)
		from (select oid::regprocedure::text as name, proowner as owner, coalesce(proacl, acldefault('f', proowner)) as acl from pg_proc where pronamespace = 'workos'::regnamespace
			union all select relname, relowner, relacl from pg_class where relnamespace = 'workos'::regnamespace and relkind in ('r', 'v')) o, aclexplode(o.acl) a
		where a.grantee not in (o.owner, 'dir_owner'::regrole)")" \
		'workos._current_org_id() public, workos._current_session_id() public, workos._current_user_id() public, workos._delegate_may(text,text,text) public, workos._known() public, workos._org_ids(text,text) public, workos._standing() public' '... and nothing else than asking is for everybody'
	is "$(sql directory postgres "select has_schema_privilege('dir_user', 'workos', 'usage'), has_schema_privilege('dir_user', 'workos', 'create')")" 't|f' '... nor may they create in its schema'

	# pg_dump and restore, by the same role
	in_database dir_owner
	$edition dir_owner
	sql directory dir_owner "$event" "select workos.add_webhook_secret('whsec_topsecret_of_the_dump')" "select workos.apply_events('{\"data\":[{\"id\":\"event_2\",\"event\":\"role.created\",\"data\":{\"slug\":\"r\",\"permissions\":[\"p\"],\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}]}', null)" \
		'create function extensions.on_event(jsonb) returns void language sql as $$select$$' "select workos.configure('extensions.on_event(jsonb)')" 'create view extensions.mine as select * from workos.members' >/dev/null
	dump=$("$BIN/pg_dump" -d directory)
	dropdb --if-exists directory_restored
	createdb -T template0 -O dir_owner directory_restored
	sql directory_restored postgres 'grant all on schema public to public' >/dev/null
	is "$(psql -Xq -v ON_ERROR_STOP=1 -d directory_restored <<<"$dump" 2>&1 | grep -E 'ERROR|WARNING')" '' "$edition: a dump is restored"
	rows="select (select count(*) from workos.memberships), (select permissions from workos.roles), (select cursor from workos.sync), (select after_event from workos.settings)"
	is "$(sql directory_restored postgres "$rows" "$claims" "$ask")" $'1|{p}|event_2|extensions.on_event(jsonb)\n{org_1}' '... with its rows, its cursor and its configuration'
	if [ $edition = native ]; then
		unlike "$dump" 'topsecret' '... and without the secrets of webhooks'
		is "$(sql directory_restored postgres 'select count(*) from workos.webhook_secrets')" 0 '... which must be added again'
	fi
	dropdb directory_restored

	# A move to the other edition
	[ $edition = native ] && to=portable || to=native
	like "$(psql -Xq -v VERBOSITY=verbose -v to=$to -v unverified_claims=accepted -d directory -U postgres -f "$here/sql/portable/move.sql" 2>&1)" 'ERROR:  2BP01: ' "$edition: a database with a directory does not move to the other edition"
	is "$(sql directory dir_owner "$rows")" '1|{p}|event_2|extensions.on_event(jsonb)' '... and stays as it is'

	# Dropping
	if [ $edition = native ]; then
		like "$(sql directory dir_owner 'drop extension pg_workos')" '^ERROR:  2BP01:' 'native: pg_workos cannot be dropped before its directory'
		like "$(sql directory dir_owner 'drop extension pg_workos_directory')" '^ERROR:  2BP01:' '... nor the directory while a view uses it'
		sql directory dir_owner 'drop view extensions.mine'
		is "$(sql directory dir_owner 'drop extension pg_workos_directory' "select count(*) from pg_namespace where nspname = 'workos'")" 0 '... then it is dropped with its schema'
		like "$(sql directory dir_owner "$claims" "$ask")" '^ERROR:  55000:' '... and asking it is an error'
		is "$(sql directory dir_owner 'create extension pg_workos_directory' "$event" 'drop extension pg_workos cascade' "select count(*) from pg_proc where proname ~ 'workos_'" 2>&1 | grep -v NOTICE)" $'applied\n0' '... both are dropped together'
	else
		like "$(file dir_owner uninstall.sql)" '^ERROR:  2BP01: something still uses functions of pg_workos' 'portable: pg_workos cannot be removed before its directory'
		like "$(file dir_owner uninstall_directory.sql)" '^ERROR:  2BP01: something still uses the directory' '... nor the directory while a view uses it'
		is "$(sql directory dir_owner "$rows")" '1|{p}|event_2|extensions.on_event(jsonb)' '... and nothing is lost'
		like "$(file dir_user uninstall_directory.sql)" '^ERROR:  42501:' '... nor by another role'
		sql directory dir_owner 'drop view extensions.mine'
		is "$(file dir_owner uninstall_directory.sql)$(sql directory dir_owner "select count(*) from pg_namespace where nspname = 'workos'")" 0 '... then it is removed with its schema'
		is "$(file dir_owner uninstall_directory.sql)" '' '... which can be repeated'
		like "$(sql directory dir_owner "$claims" "$ask")" '^ERROR:  55000:' '... and asking it is an error'
	fi
done

# What the portable file refuses
in_database dir_owner
like "$(file dir_owner pg_workos_directory.sql)" '^ERROR:  55000: the portable edition of pg_workos is missing' 'the file needs pg_workos.sql'
file dir_owner pg_workos.sql
sql directory postgres 'grant create on database directory to dir_user'
like "$(file dir_user pg_workos_directory.sql)" '^ERROR:  55000: .* belongs to another role$' '... of the same role'
sql directory postgres 'drop extension pgcrypto'
like "$(file dir_owner pg_workos_directory.sql)" '^ERROR:  55000: the extension pgcrypto is missing$' '... and pgcrypto'
said=$(psql -Xq -d directory -U dir_owner -f "$here/sql/portable/pg_workos_directory.sql" 2>&1)
is "$(sql directory dir_owner "select count(*) from pg_namespace where nspname = 'workos'" 'show default_transaction_read_only')" $'0\noff' '... and creates nothing, where psql goes on after an error'
sql directory postgres 'create extension pgcrypto schema "Crypto"'
file dir_owner pg_workos_directory.sql
sql directory dir_owner 'grant execute on function workos.receive_webhook(text, text) to dir_user' 'grant create on schema workos to dir_attacker'
is "$(file dir_owner pg_workos_directory.sql | grep -v NOTICE)" '' 'it can be run again'
is "$(sql directory postgres "select has_function_privilege('dir_user', 'workos.receive_webhook(text, text)', 'execute')")" t '... and keeps privileges'
is "$(sql directory dir_owner "$event")" applied '... and rows, and works'
sql directory dir_attacker 'create table workos.trap (x int)'
like "$(file dir_owner pg_workos_directory.sql)" '^ERROR:  42501: workos.trap belongs to the role dir_attacker$' '... but not beside an object of another role'
like "$(sql directory postgres 'drop extension pgcrypto')" '^ERROR:  2BP01:' 'pgcrypto cannot be dropped while the directory uses it'
# Whoever may create schemas may install pgcrypto, and then add a function to it.
in_database dir_owner
sql directory postgres 'drop extension pgcrypto' 'grant create on database directory to dir_attacker' >/dev/null
sql directory dir_attacker 'create schema trap' 'create schema "Crypto2"' 'grant usage on schema trap, "Crypto2" to public' 'create extension pgcrypto schema "Crypto2"' \
	"create function trap.hmac(bytea, bytea, text) returns bytea language sql return '\x00'::bytea" 'alter extension pgcrypto add function trap.hmac(bytea, bytea, text)'
portable dir_owner
is "$(sql directory postgres "select d.refobjid::regprocedure from pg_depend d where d.objid = 'workos._hmac(bytea, bytea)'::regprocedure and d.refclassid = 'pg_proc'::regclass")" \
	'"Crypto2".hmac(bytea,bytea,text)' 'a function that the owner of pgcrypto added to it never receives a secret'
in_database dir_owner
native dir_owner
like "$(file dir_owner pg_workos_directory.sql)" '^ERROR:  55000: the extension pg_workos_directory is installed here$' 'beside the extension the file stops'

# An encoding other than UTF8
for edition in native portable; do
	dropdb --force directory
	createdb -T template0 -O dir_owner -E LATIN1 --locale=C directory
	sql directory dir_owner 'create schema extensions'
	sql directory postgres 'create schema "Crypto"' 'create extension pgcrypto schema "Crypto"' 'grant usage on schema "Crypto" to public'
	$edition dir_owner
	# signed HEX-OF-BODY: calls receive_webhook() with that body
	signed() {
		sql directory dir_owner "select workos.receive_webhook(b.body, format('t=%s, v1=%s', t, encode(\"Crypto\".hmac(convert_to(t || '.', 'UTF8') || b.body, 'whsec_0123456789abcdef', 'sha256'), 'hex')))
			from (select decode('$1', 'hex') as body, floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text as t) b"
	}
	hex() { printf '%s' "$1" | od -An -tx1 | tr -d ' \n'; }
	sql directory dir_owner "select workos.add_webhook_secret('whsec_0123456789abcdef')" >/dev/null
	like "$(sql directory dir_owner "select workos.receive_webhook('{}'::text, 't=1, v1=2')")" '^ERROR:  55000: the encoding of the database is not UTF8' "$edition, LATIN1: the body may not be a text"
	is "$(signed "$(hex '{"id":"event_1","event":"user.created","data":{"id":"user_1","first_name":"Zoë","updated_at":"2026-01-01T00:00:00Z"}}')")" applied '... but bytes'
	is "$(PGCLIENTENCODING=UTF8 sql directory dir_owner 'select first_name from workos.users')" 'Zoë' '... whose characters are kept'
	like "$(signed "$(hex '{"id":"event_2","event":"user.created","data":{"id":"user_2","first_name":"Jiří topsecret","updated_at":"2026-01-01T00:00:00Z"}}')")" '^ERROR:  22023: the webhook is signed, but it is not JSON that this database can hold$' '... and a character that the encoding lacks is refused'
done

# No body, no secret and no e-mail address in any message, at any level. The client uses bind parameters, as gateways do.
for edition in native portable; do
	in_database dir_owner
	$edition dir_owner
	psql -qc 'alter system set log_min_messages = debug5' -c 'select pg_reload_conf()' >/dev/null
	before=$(wc -c <"$SERVER_LOG")
	said=$(PGOPTIONS='-c client_min_messages=debug5' psql -Xq -v VERBOSITY=verbose -d directory -U dir_owner -o /dev/null 2>&1 <<-'SQL'
		create function extensions.signed(body bytea) returns text language sql as $$
			select format('t=%s, v1=%s', t, encode("Crypto".hmac(convert_to(t || '.', 'UTF8') || body, convert_to('whsec_' || 'top' || 'secret_0001', 'UTF8'), 'sha256'), 'hex')) from (select floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text as t) s
		$$;
		create table extensions.body (n int, body bytea);
		insert into extensions.body select row_number() over (), convert_to(replace(b, 'TOP', 'top' || 'secret'), 'UTF8') from unnest(array['{"TOP', '"TOP"', '{"event": "user.created", "id": "TOP", "data": {"id": "user_1", "email": "TOP@example.com"}}',
			'{"event": "user.created", "id": "TOP", "data": {"id": "user_1", "email": "TOP@example.com", "updated_at": "2026-01-01T00:00:00Z"}}', '{"event": "user.created", "id": "TOP", "data": {"id": "TOP\u0000"}}',
			'{"event": "organization_membership.created", "id": "TOP", "data": {"id": "TOP", "user_id": "TOP", "updated_at": "TOP"}}', '{"event": "role.created", "id": "TOP", "data": {"slug": "TOP", "updated_at": "2026-01-01T00:00:00Z"}}']) b;
		select workos.add_webhook_secret('whsec_' || 'top' || 'secret_0001');
		select workos.add_webhook_secret('top' || 'secret');
		select format('select workos.receive_webhook(body, extensions.signed(body)) from extensions.body where n = %s', n) from extensions.body \gexec
		select format('select workos.receive_webhook(body || %L, extensions.signed(body)) from extensions.body where n = %s', ' ', n) from extensions.body \gexec
		select format('select workos.apply_event(convert_from(body, %L)::jsonb) from extensions.body where n = %s', 'UTF8', n) from extensions.body where n in (3, 4, 6, 7) \gexec
		select workos.remove_webhook_secret('whsec_' || 'top' || 'secret_0001');
	SQL
	)
	psql -qc 'alter system reset log_min_messages' -c 'select pg_reload_conf()' >/dev/null
	is "$(grep -c '^ERROR:  28000: the signature of the webhook is wrong' <<<"$said")" 7 "$edition: webhooks with another body were refused"
	is "$(grep -c '^ERROR:  22023:' <<<"$said")" 10 '... and events and a secret that are malformed'
	unlike "$said" 'topsecret' '... no message to the client repeats them'
	logged=$(tail -c +"$((before + 1))" "$SERVER_LOG")
	like "$logged" 'DEBUG:' '... the log holds messages of the highest level'
	unlike "$logged" 'topsecret' '... and none repeats them'
done

# The scripts call no object of another role, whatever they find in the search_path.
signatures="select array(select replace(regexp_replace(p.oid::regprocedure::text, '^.*\.', ''), ',', ', ') from pg_proc p where p.pronamespace = 'extensions'::regnamespace)"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
cat "$here"/sql/pg_workos_directory--*.sql "$here"/sql/portable/*directory.sql >"$dir/scripts"
psql -q -c 'create role attacker login' -c 'create database hostile_directory' -d postgres
psql -q -d hostile_directory -c 'grant create on database hostile_directory to attacker' -c 'create schema extensions' -c 'create schema "Crypto"' -c 'create extension pgcrypto schema "Crypto"' -c 'create extension pg_workos schema extensions'
ours=$(psql -Atd hostile_directory -c "$signatures")
SCRIPTS=$dir/scripts psql -v ours="$ours" -d hostile_directory -U attacker -f "$here/tests/servers/hostile/plant.sql" >/dev/null 2>&1
psql -q -d hostile_directory -c 'grant create on database hostile_directory to attacker' -c 'alter database hostile_directory set search_path = hostile, public'
calls="select workos.add_webhook_secret('whsec_0123456789abcdef'); ${event}; select workos.apply_events('{\"data\": [{\"id\":\"event_2\",\"event\":\"permission.deleted\",\"data\":{\"slug\":\"p\"}}]}', null); select workos.begin_import();
	select workos.import('{\"data\": [{\"object\": \"role\", \"slug\": \"r\", \"permissions\": [\"p\", \"q\"], \"created_at\": \"2026-01-01T00:00:00Z\", \"updated_at\": \"2026-01-01T00:00:00Z\"}]}'); select workos.end_import(); select workos.prune(); select workos.configure(null);
	select workos.receive_webhook('{}'::pg_catalog.text, 't=1, v1=2'); select workos.remove_webhook_secret('whsec_0123456789abcdef'); $claims; $ask; select * from workos.members"
attack() { # ABOUT COMMAND...: nothing of the attacker's is called by another role, and there is no error but for the wrong signature
	local about=$1 before got
	shift
	before=$(wc -c <"$SERVER_LOG")
	got=$("$@" 2>&1 | grep ERROR | grep -v 'signature of the webhook')
	is "$got$(tail -c +"$((before + 1))" "$SERVER_LOG" | grep -o 'HOSTILE.*' | sort | uniq -c | head -n 5)" '' "$about"
	psql -qc 'alter role attacker nosuperuser'
}
superuser() { psql -Xq -v VERBOSITY=verbose -d hostile_directory -U postgres -o /dev/null <<<"$1"; }
attacker() { psql -Xq -v VERBOSITY=verbose -d hostile_directory -U attacker -o /dev/null <<<"$1"; }
like "$(attacker 'create extension pg_workos_directory' 2>&1)" '^ERROR:  42501: the directory may not belong to this role' 'a role that may only create schemas cannot install the directory of all users'
psql -q -c 'alter database hostile_directory owner to attacker'
attack 'the attacker installs the directory with a hostile search_path' attacker 'set search_path = hostile, pg_catalog; create extension pg_workos_directory schema hostile'
attack '... and a superuser calls all its functions' superuser "set search_path = hostile, pg_catalog; $calls"
attack '... and drops it' superuser 'drop extension pg_workos_directory'
attack 'a superuser installs it with a hostile search_path, and calls all its functions' superuser "set search_path = hostile, pg_catalog; create extension pg_workos_directory schema hostile; $calls"
superuser 'drop extension pg_workos_directory; drop extension pg_workos'
file_in_hostile() { psql -Xq -v VERBOSITY=verbose -d hostile_directory -U postgres -o /dev/null -f "$here/sql/portable/$1"; }
file_in_hostile pg_workos.sql
attack 'a superuser runs the portable file with a hostile search_path' file_in_hostile pg_workos_directory.sql
attack '... and calls all its functions' superuser "set search_path = hostile, pg_catalog; $calls"
attack '... and removes it' file_in_hostile uninstall_directory.sql
before=$(wc -c <"$SERVER_LOG")
superuser "set search_path = hostile, pg_catalog; select pg_catalog.count(*) from pg_class where oid = 1" 2>/dev/null
like "$(tail -c +"$((before + 1))" "$SERVER_LOG")" 'HOSTILE' 'the test can fail: an unqualified operator calls an object of the attacker'
psql -q -c 'drop database hostile_directory' -c 'alter role attacker nosuperuser' -c 'drop role attacker'
dropdb --force directory
for role in dir_owner postgres; do psql -qc "drop owned by dir_user" >/dev/null; done
psql -q -c 'drop role dir_owner, dir_user, dir_attacker'
done_testing
