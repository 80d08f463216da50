# Webhooks over HTTP, by the functions of docs/how-to/directory.md, through a gateway that does as PostgREST does:
# tests/directory/send.py. Secrets, bodies and e-mail addresses are in no message and in no log, at any level.
source "$(dirname "$0")/../shell.sh"
dir=$(mktemp -d)
trap '[ -z "${gateway:-}" ] || kill "$gateway"; rm -rf "$dir"' EXIT
# The interpreter finds its own libraries, and not those of Postgres.
python=(env -u LD_LIBRARY_PATH "$here/target/python/bin/python")
psql -q <<-'SQL'
	create role hook_owner login;
	create role hook_gateway login noinherit;
	do $$ begin if to_regrole('service_role') is null then create role service_role; end if; end $$;
	grant anon, service_role to hook_gateway;
SQL
# The blocks of SQL that define the functions for the gateway
functions=$(awk '/^ *```sql$/ { block = ""; on = 1; next } /^ *```$/ { if (on && block ~ /create function public.workos_webhook/) printf "%s", block; on = 0 } on { block = block $0 "\n" }' "$here/docs/how-to/directory.md")
for edition in native portable; do
	createdb -T template0 -O hook_owner hooked
	sql hooked postgres 'create schema extensions' 'create extension pgcrypto schema extensions' 'grant usage on schema extensions to public' 'grant create on schema extensions, public to hook_owner'
	if [ $edition = native ]; then
		sql hooked hook_owner 'create extension pg_workos schema extensions' 'create extension pg_workos_directory'
	else
		for file in pg_workos pg_workos_directory; do psql -Xq -v ON_ERROR_STOP=1 -d hooked -U hook_owner -f "$here/sql/portable/$file.sql"; done
	fi
	sql hooked hook_owner "alter default privileges in schema public grant all on functions to anon, service_role" "select workos.add_webhook_secret('whsec_' || 'top' || 'secret_0123') is null" >/dev/null
	is "$(psql -Xq -v ON_ERROR_STOP=1 -d hooked -U hook_owner <<<"$functions" 2>&1)" '' "$edition: the functions of the documentation"
	said=$(sql hooked hook_gateway "set role anon; do \$\$ begin perform public.workos_webhook('{}'::json); raise 'accepted'; exception when invalid_authorization_specification then
		raise warning 'transaction: %, locks: %', pg_current_xact_id_if_assigned(), (select string_agg(distinct mode, ' ') from pg_locks where pid = pg_backend_pid() and relation >= 16384); end \$\$" 2>&1)
	like "$said" 'transaction: <NULL>, locks: (<NULL>|AccessShareLock)$' '... one that is refused writes nothing, and holds no lock that others wait for'
	psql -qc 'alter system set log_min_messages = debug5' -c 'select pg_reload_conf()' >/dev/null
	before=$(wc -c <"$SERVER_LOG")
	rm -f "$dir/port"
	PGUSER=hook_gateway PGDATABASE=hooked PGOPTIONS='-c client_min_messages=debug5' "${python[@]}" "$here/tests/directory/gateway.py" >"$dir/port" 2>"$dir/said" &
	gateway=$!
	until [ -s "$dir/port" ]; do sleep 0.05; done
	PGUSER=hook_owner PGDATABASE=hooked "${python[@]}" "$here/tests/directory/send.py" "127.0.0.1:$(cat "$dir/port")" >"$dir/sent" 2>&1
	kill "$gateway"
	gateway=
	psql -qc 'alter system reset log_min_messages' -c 'select pg_reload_conf()' >/dev/null
	is "$(grep -v "^ok" "$dir/sent" | sed "s/^not ok/failed:/")" "1..$(grep -c '^ok' "$dir/sent")" "$edition: $(grep -c '^ok' "$dir/sent") checks of tests/directory/send.py"
	logged=$(tail -c +"$((before + 1))" "$SERVER_LOG")
	like "$logged" 'DEBUG:.*StartTransaction' '... the log holds messages of the highest level'
	like "$logged" 'ERROR:  the signature of the webhook is wrong' '... and what was refused'
	like "$logged" 'by a stranger' '... and a part of what a stranger wrote who is not signed and sends no JSON'
	is "$(grep -E 'topsecret|example[.]com|v1=[0-9a-f]{8}' <<<"$logged" | head -n 3)" '' '... and no secret, no body, no signature and no e-mail address'
	dropdb --force hooked
done
psql -q -c 'drop role hook_gateway, hook_owner'
done_testing
