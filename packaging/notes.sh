#!/usr/bin/env bash
# Prints the notes of the version of Cargo.toml, which is its section of CHANGELOG.md. Fails if the section is missing, empty or
# still says "unreleased". `notes.sh version` prints the version.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
[ "${1:-}" != version ] || { echo "$version"; exit; }
notes=$(awk -v heading="## $version" '/^## / { inside = $0 == heading; next } inside' CHANGELOG.md | sed '/./,$!d')
[ -n "$notes" ] || { echo "error: CHANGELOG.md has no section \"## $version\", or it is empty" >&2; exit 1; }
echo "$notes"
