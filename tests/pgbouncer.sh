# Sourced by the tests that use PgBouncer: the one in PGBOUNCER, or that of the machine.

PGBOUNCER=${PGBOUNCER:-$(PATH=$PATH:/usr/sbin && command -v pgbouncer)} || die 'there is no PgBouncer'
PGBOUNCER_VERSION=$("$PGBOUNCER" --version | sed -n 's/^PgBouncer //p')
# The protocols that clients can use. Since 1.21 PgBouncer prepares the statements of a client on each connection.
PROTOCOLS=(simple extended)
if [ "$(printf '%s\n' 1.21 "$PGBOUNCER_VERSION" | sort -V | head -n 1)" = 1.21 ]; then
	PROTOCOLS+=(prepared)
else
	echo "# skipped: statements that clients prepare, for which this PgBouncer, $PGBOUNCER_VERSION, is too old"
fi

# start_pgbouncer DIR DATABASE: starts it with a line for [databases] and 4 connections; socket in DIR, port 6432
start_pgbouncer() {
	mkdir "$1"
	cat >"$1/pgbouncer.ini" <<-INI
		[databases]
		$2
		[pgbouncer]
		unix_socket_dir = $1
		listen_addr =
		listen_port = 6432
		auth_type = any
		pool_mode = transaction
		default_pool_size = 4
		max_client_conn = 200
		query_wait_timeout = 60
		logfile = $1/log
		pidfile = $1/pid
		ignore_startup_parameters = extra_float_digits
		${PROTOCOLS[2]:+max_prepared_statements = 100}
	INI
	[ "$(id -u)" -ne 0 ] || chown -R "$(server_user)" "$1"
	as_server_user "$PGBOUNCER" -q -d "$1/pgbouncer.ini" >/dev/null || { cat "$1/log" >&2; die "PgBouncer did not start"; }
	until [ -S "$1/.s.PGSQL.6432" ] && [ -f "$1/pid" ]; do sleep 0.1; done
}

stop_pgbouncer() { # DIR
	[ -f "$1/pid" ] || return 0
	local pid
	pid=$(cat "$1/pid")
	kill "$pid" || true
	# A newer PgBouncer waits for its clients, unless it gets the signal twice.
	sleep 0.2
	kill "$pid" 2>/dev/null || true
	rm -f "$1/pid"
}
