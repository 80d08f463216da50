#!/usr/bin/env bash
# test-tarball.sh FILE.tar.gz: copies its files, as its INSTALL says, into a copy of the Postgres of PG_CONFIG, and creates the
# extension and the first policy there.
set -euo pipefail
tarball=$(realpath "$1")
source "$(dirname "$0")/../scripts/postgres.sh"
install_extension() {
	mkdir "$WORK/tarball"
	tar -xzf "$tarball" -C "$WORK/tarball" --strip-components=1
	cp "$WORK"/tarball/lib/* "$WORK/root$PKGLIBDIR"
	cp "$WORK"/tarball/share/extension/* "$WORK/root$SHAREDIR/extension"
}
start_server
psql -Xq -v ON_ERROR_STOP=1 -f packaging/first-policy.sql
say "$(basename "$tarball"): works on $("$PG_CONFIG" --version)"
