#!/usr/bin/env bash
# `make release-check`: does everything of a release that needs no network but the package registries, for the Postgres of
# PG_CONFIG and this machine, and says what remains. It works on the last commit, in a clone in a folder of its own.
#
# Without root, the test of the .deb is left out. SKIP="reproducible deb" leaves out these parts.
set -euo pipefail
cd "$(dirname "$0")/.."
PG_CONFIG=$(command -v "${PG_CONFIG:-pg_config}")
export PG_CONFIG
remains=()
part() { echo "== $*" >&2; }
skipped() { [[ " ${SKIP:-} " == *" $1 "* ]] && remains+=("skipped: $2"); }

part "tools"
packaging/deps.sh release-check
tools=$PWD/target/lint/bin
[ -z "$(git status --porcelain)" ] || echo 'note: only what is committed is looked at' >&2
work=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos-release.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
git clone --quiet . "$work/pg_workos"
cd "$work/pg_workos"
unset CARGO_TARGET_DIR

part "the version, the changelog, the generated SQL, META.json"
scripts/build-sql.sh check
packaging/pgxn.sh check
packaging/notes.sh >/dev/null || remains+=("CHANGELOG.md: take \"(unreleased)\" out of the heading of the version")

part "workflows, dependabot and issue forms"
"$tools/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
"$tools/check-jsonschema" --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
"$tools/zizmor" --offline --quiet --no-progress .github

part "licenses, duplicates and sources of the crates"
cargo deny --log-level warn check bans licenses sources

part "the packages"
make --no-print-directory package
packaging/sbom.sh "$work/sbom.json"
grep -q '"name": "aws-lc-sys"' "$work/sbom.json"
(cd target/dist && sha256sum --quiet -c SHA256SUMS)

part "the tarball"
packaging/test-tarball.sh target/dist/pg_workos-*.tar.gz

if compgen -G 'target/dist/*.rpm' >/dev/null; then
	part "the .rpm has the files of the tarball"
	mkdir "$work/rpm"
	rpm2cpio target/dist/*.rpm | (cd "$work/rpm" && cpio -idm --quiet)
	diff -r "$work"/rpm/usr/pgsql-*/share/extension target/package/pg_workos-*/pg_workos-*/share/extension
	cmp "$work"/rpm/usr/pgsql-*/lib/pg_workos.so target/package/pg_workos-*/pg_workos-*/lib/pg_workos.so
	remains+=("the .rpm on a Red Hat-like system: job rpm of the release workflow")
fi

if compgen -G 'target/dist/*.deb' >/dev/null; then
	part "the .deb: lintian"
	lintian --allow-root --fail-on error,warning target/dist/*.deb
	if [ "$(id -u)" -ne 0 ]; then
		remains+=("the .deb in a new root file system of Debian: run packaging/test-deb.sh as root")
	elif ! skipped deb "the .deb in a new root file system of Debian"; then
		part "the .deb, in a new root file system of Debian 12"
		packaging/test-deb.sh target/dist/*.deb
	fi
else
	remains+=("the .deb: this Postgres does not have the paths of Debian's packages")
fi

if ! skipped reproducible "a second build in another folder"; then
	part "a second build in another folder gives the same library"
	packaging/test-reproducible.sh target/dist/pg_workos-*.zip
fi

ls -l target/dist
printf '%s\n' '== release-check passed. What remains:' "${remains[@]/#/- }" \
	"- Postgres versions other than $("$PG_CONFIG" --version), and machines other than $(uname -m): jobs build and deb of the release workflow" \
	'- cargo deny check advisories, which fetches its database: job check of the release workflow, and each week in the workflow weekly' \
	'- build provenance, the release on GitHub, and PGXN: job publish of the release workflow' >&2
