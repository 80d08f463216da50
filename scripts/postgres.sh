# Sourced by the other scripts: a temporary Postgres.
#
# Nothing is installed into the Postgres of PG_CONFIG. Its programs are copied into a temporary folder, where Postgres
# finds its files relative to itself, and `make install` installs the extension there. The server listens on a socket in
# that folder, runs as an unprivileged user, and is removed when the script ends.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
PG_CONFIG=$(command -v "${PG_CONFIG:-pg_config}")
MAJOR=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
BINDIR=$("$PG_CONFIG" --bindir)
PKGLIBDIR=$("$PG_CONFIG" --pkglibdir)
SHAREDIR=$("$PG_CONFIG" --sharedir)
# The programs of a relocated build need this to find their libpq.
LD_LIBRARY_PATH=$("$PG_CONFIG" --libdir)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PG_CONFIG LD_LIBRARY_PATH
# The connection settings of the caller are not used.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGSERVICE PGOPTIONS PGAPPNAME PGCLIENTENCODING

say() { if [ -t 2 ]; then printf '\033[1m== %s\033[0m\n' "$*" >&2; else echo "== $*" >&2; fi; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The user that the servers run as: Postgres refuses to run as root.
server_user() {
	if [ "$(id -u)" -ne 0 ]; then id -un; elif id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}
as_server_user() {
	if [ "$(id -u)" -ne 0 ]; then "$@"; else (cd / && runuser -u "$(server_user)" -- env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$@"); fi
}

# copy_postgres ROOT: copies the Postgres of PG_CONFIG below ROOT, each file at its own path.
copy_postgres() {
	local dir
	for dir in "${BINDIR:?}" "${PKGLIBDIR:?}" "${SHAREDIR:?}"; do
		mkdir -p "$1$dir"
		cp -R "$dir/." "$1$dir/"
	done
}

# Installs the extension below $WORK/root. packaging/test-tarball.sh has another one.
install_extension() { make --no-print-directory --silent all install PG_CONFIG="$PG_CONFIG" DESTDIR="$WORK/root"; }

# start_server [initdb option...]: starts the server, and sets WORK (its folder) and the environment with which clients
# connect to it as its superuser.
start_server() {
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
	trap stop_server EXIT
	trap 'exit 130' INT TERM
	chmod 755 "$WORK"
	copy_postgres "$WORK/root"
	BIN=$WORK/root$BINDIR
	install_extension
	mkdir "$WORK/run"
	[ "$(id -u)" -ne 0 ] || chown "$(server_user)" "$WORK/run"
	as_server_user "$BIN/initdb" -D "$WORK/run/data" -U postgres -A trust -N -E UTF8 --locale=C "$@" >"$WORK/initdb.log" \
		|| { cat "$WORK/initdb.log" >&2; die "initdb failed"; }
	as_server_user tee -a "$WORK/run/data/postgresql.conf" >/dev/null <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$WORK/run'
		fsync = off
		autovacuum = off
		max_connections = 60
		max_worker_processes = 16
		max_parallel_workers = 8
	CONF
	as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -l "$WORK/run/log" -w start >/dev/null \
		|| { cat "$WORK/run/log" >&2; die "the server did not start"; }
	export PGHOST=$WORK/run PGUSER=postgres PGDATABASE=postgres PGTZ=UTC
	PATH=$BIN:$PATH
}

stop_server() {
	[ ! -f "$WORK/run/data/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -m immediate stop >/dev/null || true
	rm -rf "$WORK"
}

# Debian's package of pgTAP is for one major version. But it is plain SQL, so it works with every version.
bring_pgtap() {
	local there=$WORK/root$SHAREDIR/extension from
	[ ! -f "$there/pgtap.control" ] || return 0
	from=$(find /usr/share/postgresql/*/extension -name pgtap.control 2>/dev/null | tail -n 1)
	[ -n "$from" ] || die "pgTAP is missing: install postgresql-$MAJOR-pgtap"
	cp "$(dirname "$from")"/pgtap* "$there/"
}

# new_database NAME EDITION [createdb option...]
new_database() {
	createdb -T template0 "${@:3}" "$1"
	PGDATABASE=$1 psql -Xq -v edition="tests/$2.sql" -f tests/setup.sql
}
