#!/usr/bin/env bash
# Checks all SQL scripts of the repository, or the given ones, for unqualified names that an object in another schema
# could intercept. `scripts/deps.sh test` installs the tools.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
if [ $# -eq 0 ]; then
	scripts/build-sql.sh tle "$made/pg_workos_portable--$version.sql"
	set -- sql/pg_workos*--*.sql "$made"/*.sql sql/portable/*.sql sql/testing/*.sql
fi
target/python/bin/python scripts/spot.py "$@"
