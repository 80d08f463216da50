#!/usr/bin/env bash
# The tests that run inside a Postgres, by pgrx's harness. It installs its own build of the extension, so it
# gets a copy of the Postgres of PG_CONFIG to do so in.
source "$(dirname "$0")/postgres.sh"

# One place for each Postgres, since another place would compile the bindings anew; outside the checkout
# where the user that the server runs as could not look into that.
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
