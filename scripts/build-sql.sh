#!/usr/bin/env bash
# Generates the SQL of both editions from sql/source: the script of the extension, and the files of the portable
# edition. `scripts/build-sql.sh check` writes nothing, and fails if a generated file does not match the sources.
# `scripts/build-sql.sh tle FILE` writes the portable edition as the script of an extension in SQL only.
#
# In the sources, @extschema@ is the schema of the functions. A line `@include FILE@` is replaced by a file of sql/source,
# @everybody@ and @made@ by the files everybody.sql and made.sql of the edition, and @names@ by the names of all functions
# of the edition.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
source=sql/source

# assemble EDITION FILE...: prints the files one after the other, with the files that they include
assemble() {
	local edition=$1 names
	shift
	names=$(cd "$source" && cat $edition/*.sql common/*.sql common/*/*.sql | sed -nE 's/^create function @extschema@\.(\w+)\(.*/\1/Ip' | sort -u | paste -sd ,)
	(cd "$source" && awk -v edition="$edition" -v names="$names" '
		function put(file,   line) {
			while ((getline line < file) > 0) {
				if (match(line, /^@include .*@$/)) put(substr(line, 10, length(line) - 10))
				else if (line ~ /^@everybody@$/) put(edition "/everybody.sql")
				else if (line ~ /@made@/) {
					print substr(line, 1, index(line, "@made@") - 1)
					put(edition "/made.sql")
					print "\t\t" substr(line, index(line, "@made@") + 6)
				} else {
					gsub(/@names@/, names, line)
					print line
				}
			}
			close(file)
		}
		BEGIN { for (i = 1; i < ARGC; i++) { if (i > 1) print ""; put(ARGV[i]) } }' "$@")
}
# What tells why rows are missing, or that too many are seen
checks=(common/expression.sql common/explain/{values,reason,evaluate,explain}.sql common/citus.sql common/doctor.sql common/lint/{known,facts,open,calls,directory,policies,tables,definitions,report}.sql common/protect.sql)
native() {
	assemble native native/begin.sql native/helpers.sql native/delegated.sql native/directory.sql common/comments.sql native/tokens.sql common/audiences.sql native/audiences.sql "${checks[@]}" common/access.sql native/owner.sql
}
functions=(portable/claims.sql common/audiences.sql portable/audiences.sql portable/helpers.sql portable/delegated.sql portable/directory.sql common/comments.sql "${checks[@]}")
# A migration can be run again, and names the schema directly.
as_migration() { sed -E -e 's/@extschema@/extensions/g' -e 's/^create function/create or replace function/' -e 's/^create (table|index) /create \1 if not exists /'; }
portable() { assemble portable portable/begin.sql "${functions[@]}" portable/owners.sql common/access.sql portable/tables.sql portable/unpin.sql | as_migration; }
uninstall() { assemble portable portable/uninstall.sql | as_migration; }
# The directory: an extension of its own, and a second file of the portable edition.
directory() { # EDITION
	local files
	case $1 in
		native) files=(native-begin native-mac session tables native-dump values objects events webhooks import asking delegated native-owner access native-end) ;;
		portable) files=(portable-begin portable-mac session tables values objects events webhooks import asking delegated access) ;;
		uninstall) files=(portable-uninstall) ;;
	esac
	files=("${files[@]/#/directory/}")
	assemble portable "${files[@]/%/.sql}"
}
directory_native() {
	local pg_workos="(select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_workos')"
	directory native | sed -E -e "s/@pg_workos@/$pg_workos/" -e 's/@create@/create function/' -e 's/@fixed_path@//' -e "s/@before@/'{}'/"
}
directory_portable() {
	directory portable | as_migration | sed -E -e "s/@pg_workos@/'extensions'/" -e 's/@create@/create or replace function/' -e 's/@fixed_path@/set search_path = pg_catalog, pg_temp /' \
		-e "s/@before@/current_setting('pg_workos.there_before')::oid[]/" -e 's/^create view/create or replace view/'
	cat "$source/portable/unpin.sql"
}
directory_uninstall() { directory uninstall; }
tle() { assemble portable portable/tle-begin.sql "${functions[@]}" portable/tle-dump.sql common/access.sql portable/tables.sql; }

# put FILE: writes standard input to the file, unless it holds the same. Otherwise cargo would compile the library again.
put() {
	local content
	content=$(cat && echo .)
	[ "$content" = "$(cat "$1" && echo .)" ] || printf %s "${content%.}" >"$1"
}

case ${1:-write} in
	write)
		native | put "sql/pg_workos--$version.sql"
		portable | put sql/portable/pg_workos.sql
		uninstall | put sql/portable/uninstall.sql
		directory_native | put "sql/pg_workos_directory--$version.sql"
		directory_portable | put sql/portable/pg_workos_directory.sql
		directory_uninstall | put sql/portable/uninstall_directory.sql
		;;
	check)
		failed=
		native | diff -u "sql/pg_workos--$version.sql" - >&2 || failed=yes
		portable | diff -u sql/portable/pg_workos.sql - >&2 || failed=yes
		uninstall | diff -u sql/portable/uninstall.sql - >&2 || failed=yes
		directory_native | diff -u "sql/pg_workos_directory--$version.sql" - >&2 || failed=yes
		directory_portable | diff -u sql/portable/pg_workos_directory.sql - >&2 || failed=yes
		directory_uninstall | diff -u sql/portable/uninstall_directory.sql - >&2 || failed=yes
		[ -z "$failed" ] || { echo 'error: the generated SQL files do not match sql/source: run scripts/build-sql.sh' >&2; exit 1; }
		;;
	tle) tle >"$2" ;;
	*) echo "usage: $0 [write | check | tle FILE]" >&2; exit 2 ;;
esac
