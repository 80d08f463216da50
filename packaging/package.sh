#!/usr/bin/env bash
# `make package`: writes into target/dist what a release consists of, for the Postgres of PG_CONFIG and this machine:
#
#   pg_workos-VERSION-pgMAJOR-SYSTEM-MACHINE.tar.gz  the files of the extensions, to be copied into any installation
#   postgresql-MAJOR-pg-workos_….deb                 if the Postgres has the paths of Debian's packages
#   pg_workos_MAJOR-….rpm                            with the paths of the PGDG packages for Red Hat, if rpmbuild is there
#   pg_workos-VERSION.zip                            the sources of the last commit, for PGXN
#   pg_workos.sql, pg_workos_directory.sql           the portable edition, for hosted Supabase
#   SHA256SUMS                                       over all that is in the folder, also for other Postgres versions
#
# The same commit gives the same files. Times in them are that of the commit, or SOURCE_DATE_EPOCH.
set -euo pipefail
cd "$(dirname "$0")/.."
export PG_CONFIG=${PG_CONFIG:-pg_config} LC_ALL=C TZ=UTC
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
umask 022

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
major=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
system=$(uname | tr '[:upper:]' '[:lower:]')
machine=$(uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
# Whoever publishes packages of their own can set the usual variables of Debian's tools.
maintainer="${DEBFULLNAME:-$(packaging/project.sh get maintainer)} <${DEBEMAIL:-$(packaging/project.sh get email)}>"
name=pg_workos-$version-pg$major-$system-$machine
work=$PWD/target/package/$name
dist=$PWD/target/dist

date=$(perl -MPOSIX -e 'print strftime "%a, %d %b %Y %H:%M:%S +0000", gmtime $ENV{SOURCE_DATE_EPOCH}')

has() { command -v "$1" >/dev/null 2>&1; }
# fill FILE: prints a template
fill() {
	sed -e "s/@VERSION@/$version/g" -e "s/@MAJOR@/$major/g" -e "s/@MAINTAINER@/$maintainer/g" -e "s/@DATE@/$date/g" "$1"
}

library=$(packaging/library.sh)
rm -rf "$work"
mkdir -p "$work/root" "$dist"
make --no-print-directory --silent install LIBRARY="$library" BUILT_FOR="$library.built-for" DESTDIR="$work/root"
python3 packaging/third-party.py "$major" >"$work/THIRD-PARTY"

# The tarball
stage=$work/$name
mkdir -p "$stage/share"
cp -R "$work/root$("$PG_CONFIG" --pkglibdir)" "$stage/lib"
cp -R "$work/root$("$PG_CONFIG" --sharedir)/extension" "$stage/share/extension"
cp LICENSE README.md SECURITY.md CHANGELOG.md "$work/THIRD-PARTY" "$stage"
fill packaging/INSTALL.in >"$stage/INSTALL"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$work" && find "$name" ! -type d -print | sort | tar --owner=0 --group=0 --numeric-owner -cf - -T - | gzip -9n) >"$dist/$name.tar.gz"

# The .deb
if has dpkg-buildpackage && [ "$("$PG_CONFIG" --sharedir)" = "/usr/share/postgresql/$major" ]; then
	mkdir -p "$work/deb/source/debian"
	cp -R "$work/root" "$work/deb/source/files"
	cp README.md SECURITY.md CHANGELOG.md "$work/THIRD-PARTY" "$work/deb/source"
	cp packaging/deb/* "$work/deb/source/debian"
	for file in control changelog lintian-overrides; do fill "packaging/deb/$file.in" >"$work/deb/source/debian/$file"; done
	rm "$work/deb/source/debian/"*.in
	(cd "$work/deb/source" && dpkg-buildpackage --build=binary --no-sign) >"$work/deb/log" 2>&1 || { cat "$work/deb/log" >&2; exit 1; }
	cp "$work/deb"/*.deb "$dist"
fi

# The .rpm
if has rpmbuild && [ "$system" = linux ]; then
	rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "major $major" --define "version $version" --define "stage $stage" \
		packaging/rpm/pg_workos.spec
	cp "$work"/rpm/RPMS/*/*.rpm "$dist"
fi

# What does not depend on the Postgres
packaging/pgxn.sh "$dist/pg_workos-$version.zip"
cp sql/portable/pg_workos.sql sql/portable/pg_workos_directory.sql "$dist"
rm -f "$dist/SHA256SUMS"
(cd "$dist" && { sha256sum -- * 2>/dev/null || shasum -a 256 -- *; }) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$dist"
ls -l "$dist"
