#!/usr/bin/env bash
# scripts/tle.sh DIR: writes the portable edition as an extension in SQL only, in the layout of `dbdev publish` and
# pg_tle: pg_workos_portable.control, pg_workos_portable--VERSION.sql, README.md.
set -euo pipefail

cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
name=pg_workos_portable
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
mkdir -p "$1"

cat >"$1/$name.control" <<-CONTROL
	comment = 'row-level security for applications whose users sign in with WorkOS, in plain SQL'
	default_version = '$version'
	relocatable = false
	superuser = false
CONTROL
cp docs/how-to/portable-edition.md "$1/README.md"
scripts/build-sql.sh tle "$1/$name--$version.sql"
