#!/usr/bin/env bash
# Tests the web site and its playground in Chromium; `make site-test` calls it. The answers of the playground are compared with those of a temporary
# Postgres 17, or of PG_CONFIG where that is another version. It needs Node.js with npm, and installs the rest: packages below target/site-work,
# and Chromium by apt-get. An argument selects files: site/test.sh playground
PG_CONFIG=${PG_CONFIG:-$(ls /usr/lib/postgresql/17/bin/pg_config "$(dirname "$0")/../target/postgres/pg17/bin/pg_config" 2>/dev/null | head -n 1)}
[ -n "$PG_CONFIG" ] || PG_CONFIG=pg_config
source "$(dirname "$0")/../scripts/postgres.sh"

command -v npm >/dev/null || { echo 'skipped: npm is missing, so the web site was not tested'; exit 0; }
if [ ! -e target/site-work/installed ] && ! npm view --silent esbuild version >/dev/null 2>&1; then
	echo 'skipped: the registry of npm cannot be reached, so the web site was not tested'
	exit 0
fi
for program in chromium chromium-browser google-chrome; do CHROMIUM=${CHROMIUM:-$(command -v $program || true)}; done
if [ -z "$CHROMIUM" ]; then
	say 'installing chromium, by apt-get'
	as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
	as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
	CHROMIUM=$(command -v chromium)
fi
export CHROMIUM

site/build.sh
install_extension() { :; } # The portable edition needs no files.
start_server
psql -Xq -v ON_ERROR_STOP=1 -o /dev/null <<-SQL
	set client_min_messages = warning;
	\i site/playground/roles.sql
	\i sql/portable/pg_workos.sql
	set search_path = public, extensions;
	\i examples/multi-tenant/callers.sql
	\i site/playground/probe.sql
	select playground.clear();
	set role developer;
	\i examples/multi-tenant/schema.sql
	\i examples/multi-tenant/data.sql
SQL
export ROOT=$PWD SITE=$PWD/target/site PICTURES=$PWD/target/site-pictures
say "in $("$CHROMIUM" --version 2>/dev/null | sed 's/ *built on.*//'), compared with Postgres $MAJOR"
files=(target/site-work/test/${1:-*}.test.mjs)
node --test --test-reporter=spec --test-concurrency=1 ${NODE_TEST_OPTIONS:-} "${files[@]}"
