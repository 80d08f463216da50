# A server of its own, because it is killed: what connections.py says.
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
as_server_user() { if [ "$(id -u)" -ne 0 ]; then "$@"; else (cd / && runuser -u "$SERVER_USER" -- env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$@"); fi; }
# server stop | start: with SIGKILL
server() {
	if [ "$1" = start ]; then
		# The other processes of a killed server may still be there. It starts when they have noticed it.
		until as_server_user "$BIN/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null 2>&1; do sleep 0.1; done
	else
		kill -9 "$(head -n 1 "$folder/data/postmaster.pid")"
	fi
}
if [ $# -gt 0 ]; then
	folder=$FOLDER
	server "$1"
	exit
fi
trap '[ ! -f "$folder/data/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"' EXIT
[ "$(id -u)" -ne 0 ] || chown "$SERVER_USER" "$folder"
as_server_user "$BIN/initdb" -D "$folder/data" -U postgres -A trust -N -E UTF8 --locale=C >/dev/null
as_server_user tee -a "$folder/data/postgresql.conf" >/dev/null <<-CONF
	listen_addresses = ''
	unix_socket_directories = '$folder'
	shared_buffers = 16MB
	# Processes are killed, not the machine.
	fsync = off
CONF
server start
export PGHOST=$folder PGUSER=postgres PGDATABASE=postgres FOLDER=$folder
psql -Xq -c 'create extension pg_workos' -c 'create extension pg_workos_directory'
python() { env -u LD_LIBRARY_PATH "$here/target/python/bin/python" "$@"; }
python "$here/tests/directory/connections.py" crash env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" bash "$0"
