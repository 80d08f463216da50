#!/usr/bin/env bash
# test-tle.sh SOURCE: installs the portable edition by pg_tle, from the files of scripts/tle.sh, and runs its tests. SOURCE is a
# folder with the sources of pg_tle, which are built for the Postgres of PG_CONFIG.
set -euo pipefail
tle=$(realpath "$1")
source "$(dirname "$0")/../scripts/postgres.sh"
install_extension() {
	cp -R "$tle" "$WORK/pg_tle"
	make -C "$WORK/pg_tle" -s clean all PG_CONFIG="$PG_CONFIG" with_llvm=no >"$WORK/build.log" 2>&1 || { cat "$WORK/build.log" >&2; die 'pg_tle does not build'; }
	make -C "$WORK/pg_tle" -s install PG_CONFIG="$PG_CONFIG" with_llvm=no DESTDIR="$WORK/root" >"$WORK/build.log"
}
start_server
as_server_user tee -a "$WORK/run/data/postgresql.conf" >/dev/null <<<"shared_preload_libraries = 'pg_tle'"
as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -l "$WORK/run/log" -w -m fast restart >/dev/null
bring_pgtap

scripts/tle.sh "$WORK/files"
name=pg_workos_portable
version=$(packaging/notes.sh version)
comment=$(sed -n "s/^comment = '\(.*\)'/\1/p" "$WORK/files/$name.control")
# The statement by which database.dev installs a package. No superuser is needed, but a member of pgtle_admin.
cat >"$WORK/edition.sql" <<-SQL
	create extension pg_tle;
	do \$\$ begin if to_regrole('migrator') is null then create role migrator; end if; end \$\$;
	grant pgtle_admin to migrator;
	grant create on schema extensions to migrator;
	set role migrator;
	\set sql \`cat '$WORK/files/$name--$version.sql'\`
	select pgtle.install_extension('$name', '$version', '$comment', :'sql') \g /dev/null
	create extension $name with schema extensions;
	reset role;
SQL
createdb -T template0 tle
PGDATABASE=tle psql -Xq -v edition="$WORK/edition.sql" -f tests/setup.sql
pg_prove --failures --comments -U authenticator -d tle tests/conformance/{getters,kinds,checks,gates,labels,doctor}.sql
# The example's policies go with it.
[ "$(PGOPTIONS='-c client_min_messages=warning' psql -XAtqd tle -v ON_ERROR_STOP=1 -c "drop extension $name cascade" -c "do \$\$ begin perform pgtle.uninstall_extension('$name'); end \$\$" \
	-c "select count(*) from pg_proc where pronamespace = 'extensions'::regnamespace and proname ~ '^_?workos_'")" = 0 ]
say "$name $version: installed, tested and removed by pg_tle on Postgres $MAJOR"
