#!/usr/bin/env bash
# Looks through every SQL script of ours, or through those given, for names that an object in another schema
# could take the place of. scripts/deps.sh test installs what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
if [ $# -eq 0 ]; then
	scripts/build-sql.sh tle "$made/pg_workos_portable--$version.sql"
	set -- sql/pg_workos--*.sql "$made"/*.sql sql/portable/*.sql sql/testing/*.sql
fi
target/python/bin/python scripts/spot.py "$@"
