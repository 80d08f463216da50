#!/usr/bin/env bash
# Runs the tests inside a Postgres, with the harness of pgrx. The harness installs its own build of the extension, so it
# uses a copy of the Postgres of PG_CONFIG.
source "$(dirname "$0")/postgres.sh"

# One folder for each Postgres, because in a new folder the bindings would be compiled again. For root it is outside the
# repository, which the user of the server may not be able to read.
cache=$([ "$(id -u)" -eq 0 ] && echo /var/cache || echo "$PWD/target")/pg_workos
copy=$cache/$MAJOR$(dirname "$BINDIR" | tr / -)
copy_postgres "$copy"
pg_config=$copy$BINDIR/pg_config
[ -x "$pg_config" ] || die "$BINDIR has no pg_config: install postgresql-server-dev-$MAJOR"
headers=$("$PG_CONFIG" --includedir-server)
mkdir -p "$copy$(dirname "$headers")"
ln -sfn "$headers" "$copy$headers"

export PGRX_HOME=$copy/pgrx
mkdir -p "$PGRX_HOME"
[ -f "$PGRX_HOME/config.toml" ] || printf '[configs]\npg%s = "%s"\n' "$MAJOR" "$pg_config" >"$PGRX_HOME/config.toml"

options=()
if [ "$(id -u)" -eq 0 ]; then
	data=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
	trap 'rm -rf "$data"' EXIT
	chown "$(server_user)" "$data"
	options=(--runas "$(server_user)" --pgdata "$data")
fi
cargo pgrx test "pg$MAJOR" tests::tests --no-default-features --features "pg$MAJOR" "${options[@]}"
