# Helpers and policies on a hot standby.
source "$(dirname "$0")/../shell.sh"

standby=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
[ "$(id -u)" -ne 0 ] || chown "$SERVER_USER" "$standby"
trap 'as_server_user "$BIN/pg_ctl" -D "$standby/data" -m immediate stop >/dev/null; rm -rf "$standby"' EXIT

as_server_user "$BIN/pg_basebackup" -U postgres -D "$standby/data" -R -c fast -X stream >/dev/null
as_server_user "$BIN/pg_ctl" -D "$standby/data" -l "$standby/log" -o "-c unix_socket_directories='$standby'" -w start >/dev/null

caller=$(sql native postgres 'select claims from demo.caller where n = 3')
is "$(PGHOST=$standby sql native postgres 'select pg_is_in_recovery()')" t 'the server is a standby'
is "$(PGHOST=$standby sql native authenticator begin "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '$caller', true) is not null" \
	'select workos_user_id(), workos_has_permission($$documents:write$$), workos_claims() is not null, (select count(*) from documents)' commit | tail -n 1)" \
	'user_01EDDY|t|t|4' 'a user session reads the rows of its organization'
like "$(PGHOST=$standby sql native authenticator begin "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '$caller', true) is not null" \
	"select (select count(*) > 9 from workos_doctor()), detail from workos_explain('documents') where step = 'verdict'" commit | tail -n 1)" \
	'^t\|SELECT: rows pass where one of these policies is true: .*"readers read"' 'doctor and explain answer there, too'
is "$(PGHOST=$standby sql native authenticator begin "select set_config('role', 'anon', true)" 'select workos_user_id(), (select count(*) from documents)' commit | tail -n 1)" \
	'|2' 'an anonymous request reads the public rows'
done_testing
