#!/usr/bin/env bash
# For `make test-all`, after `make test`: runs the SQL and server tests against every other Postgres: those of the
# distribution, and the archives in the folder POSTGRES_BUILDS, if it is set. Each archive has one Postgres.
set -euo pipefail
cd "$(dirname "$0")/.."

tested=$("${PG_CONFIG:-pg_config}" --bindir)
for archive in "${POSTGRES_BUILDS:+$POSTGRES_BUILDS/}"*.tar.xz; do
	[ -f "$archive" ] || continue
	# Asserts find more, and the rest is the same.
	[ ! -f "${archive%.tar.xz}-assert.tar.xz" ] || continue
	mkdir -p target/postgres
	[ -d "target/postgres/$(basename "$archive" .tar.xz)" ] || tar -xJf "$archive" -C target/postgres
done
for config in /usr/lib/postgresql/*/bin/pg_config /usr/pgsql-*/bin/pg_config "$PWD"/target/postgres/*/bin/pg_config; do
	[ ! -d "${config%/bin/pg_config}-assert" ] || continue
	[ -x "$config" ] && [ -f "$("$config" --includedir-server)/postgres.h" ] || continue
	[ "$("$config" --bindir)" != "$tested" ] || continue
	PG_CONFIG=$config scripts/test.sh others
done
