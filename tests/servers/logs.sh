# No message holds a claim, neither to the client nor in the log, at any log level.
source "$(dirname "$0")/../shell.sh"

psql -q -d native <<-'SQL'
	create table public.secret (id int, claims text);
	grant select on public.secret to public;
	insert into public.secret values
		(1, '{"sid":"session_1","sub":"user_topsecret","org_id":"org_topsecret","permissions":["topsecret"],"act":{"sub":"topsecret"}}'),
		(2, '{"sid":"session_1","sub":"user_topsecret"'),
		(3, '["topsecret"]'),
		(4, '{"sid":"session_1","sub":"user_topsecret\u0000"}'),
		(5, '{"sid":"session_1","sub":"user_topsecret\ud800"}'),
		(6, '{"sid":"session_1","sub":"user_1","topsecret":1e999999}'),
		(7, '{"sid":"session_1","sub":"user_1","topsecret":' || repeat('[', 200000) || repeat(']', 200000) || '}'),
		(8, '{"sid":"session_1","sub":"user_topsecret","exp":1}');
	alter system set log_min_messages = debug5;
	select pg_reload_conf();
SQL
before=$(wc -c <"$SERVER_LOG")
said=$(for id in 1 2 3 4 5 6 7 8; do
	PGOPTIONS='-c client_min_messages=debug5' psql -v VERBOSITY=verbose -Atq -d native -U authenticator -o /dev/null \
		-c begin -c "select set_config('request.jwt.claims', claims, true) from secret where id = $id" \
		-c 'select workos_user_id(), workos_permissions(), workos_impersonator()' -c 'select workos_claims()' -c 'select workos_has_permission($$p$$)' -c 'rollback' \
		-c begin -c "select set_config('request.jwt.claims', claims, true) from secret where id = $id" -c 'select * from workos_doctor()' -c "select * from workos_explain('documents')" -c rollback 2>&1
done)
psql -qc 'alter system reset log_min_messages' -c 'select pg_reload_conf()' >/dev/null
logged=$(tail -c +"$((before + 1))" "$SERVER_LOG")

is "$(grep -c '^ERROR:  22023: setting "request.jwt.claims"' <<<"$said")" 6 'each of the six malformed or unrepresentable claims was refused'
like "$said" '^DEBUG:' 'the client receives messages of the highest level'
like "$logged" 'DEBUG:' 'the log holds messages of the highest level'
unlike "$said" 'topsecret' 'no message to the client holds a claim'
unlike "$logged" 'topsecret' 'no message in the log holds a claim'
done_testing
