#!/usr/bin/env bash
# For `make test-all`, after `make test`: the tests in SQL and of servers against every other Postgres found: the
# distribution's, and the builds in the folder POSTGRES_BUILDS, if that is set: archives, each with a Postgres.
set -euo pipefail
cd "$(dirname "$0")/.."

tested=$("${PG_CONFIG:-pg_config}" --bindir)
for archive in "${POSTGRES_BUILDS:+$POSTGRES_BUILDS/}"*.tar.xz; do
	[ -f "$archive" ] || continue
	mkdir -p target/postgres
	[ -d "target/postgres/$(basename "$archive" .tar.xz)" ] || tar -xJf "$archive" -C target/postgres
done
for config in /usr/lib/postgresql/*/bin/pg_config /usr/pgsql-*/bin/pg_config "$PWD"/target/postgres/*/bin/pg_config; do
	[ -x "$config" ] && [ -f "$("$config" --includedir-server)/postgres.h" ] || continue
	[ "$("$config" --bindir)" != "$tested" ] || continue
	PG_CONFIG=$config scripts/test.sh others
done
