#!/usr/bin/env bash
# sbom.sh FILE: writes the list of all crates in the library, with their versions and licenses, as CycloneDX in JSON.
set -euo pipefail
cd "$(dirname "$0")/.."
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
# The crates are the same for each Postgres. The tool writes one file for each member of the workspace; the first is asked for.
trap 'rm -f pg_workos.cdx.json crates/*/pg_workos.cdx.json' EXIT
cargo cyclonedx --quiet --format json --no-build-deps --no-default-features --features pg17 --target all --override-filename pg_workos.cdx
sed "s#path+file://$PWD#path+file:///pg_workos#" pg_workos.cdx.json >"$1"
