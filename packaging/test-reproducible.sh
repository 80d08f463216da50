#!/usr/bin/env bash
# test-reproducible.sh FILE.zip: after `make package`, builds the PGXN distribution in a folder of its own, for the same
# Postgres and with nothing that was compiled before, and compares the libraries.
set -euo pipefail
zip=$(realpath "$1")
cd "$(dirname "$0")/.."
first=$PWD/target/package/cargo/release/libpg_workos.so
work=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos-second.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
unzip -q "$zip" -d "$work"
second=$(cd "$work"/* && packaging/library.sh)
sha256sum "$first" "$second"
cmp "$first" "$second"
! grep -aqF -e "$PWD" -e "$work" -e "${CARGO_HOME:-$HOME/.cargo}" "$first" || { echo 'error: the library names a path of this machine' >&2; exit 1; }
