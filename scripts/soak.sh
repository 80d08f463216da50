#!/usr/bin/env bash
# `make soak`: tests/soak/soak.py against the Postgres of PG_CONFIG, for SOAK_MINUTES (10), or SOAK_SECONDS, through the pooler POOLER: a PgBouncer, by default that of
# tests/pgbouncer.sh, or Pgpool-II. The first half has no faults; with SOAK_FAULTS=none all of it. SEED=n chooses the same users and changes again; what happens at
# the same time differs. The exit code is 1 after a wrong answer, or an error that nothing explains.
"$(dirname "$0")/deps.sh" test
source "$(dirname "$0")/postgres.sh"
source tests/pgbouncer.sh >/dev/null

start_server
export ORGS=50
createdb soak
psql -Xq -d soak -v orgs=$ORGS -f tests/soak/database.sql
export WORK BIN SERVER=$WORK/run SERVER_USER SERVER_LIBRARIES=$LD_LIBRARY_PATH POOLER=${POOLER:-$PGBOUNCER}
SERVER_USER=$(server_user)
# The primary moves on to standbys.
stop_all() {
	local data
	for data in "$WORK"/run/data "$WORK"/standby_*/data; do
		[ ! -f "$data/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$data" -m immediate stop >/dev/null || true
	done
	rm -rf "$WORK"
}
trap stop_all EXIT
unset PGHOST PGUSER PGDATABASE
env -u LD_LIBRARY_PATH target/python/bin/python tests/soak/soak.py
