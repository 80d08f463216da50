#!/usr/bin/env bash
# pgxn.sh FILE: writes the distribution for PGXN: the sources of the last commit, and META.json from its template.
# pgxn.sh check: fails if META.json does not match its specification, or names a file that does not exist. Without pgxn_meta
# (packaging/deps.sh release-check), only the syntax and the files are looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
work=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
trap 'rm -rf "$work"' EXIT
maintainer="$(packaging/project.sh get maintainer) <$(packaging/project.sh get email)>"
sed -e "s/@VERSION@/$version/g" -e "s/@MAINTAINER@/$maintainer/g" packaging/META.json.in >"$work/META.json"
case $1 in
	check)
		python3 -m json.tool "$work/META.json" >/dev/null
		! command -v pgxn_meta >/dev/null || pgxn_meta "$work/META.json" >&2
		sed -nE 's/.*"(file|docfile)": "(.*)".*/\2/p' "$work/META.json" | while read -r file; do git ls-files --error-unmatch "$file" >/dev/null; done
		;;
	*)
		git archive --format=zip --prefix="pg_workos-$version/" --add-file="$work/META.json" -o "$work/zip" HEAD
		mv "$work/zip" "$1"
		;;
esac
