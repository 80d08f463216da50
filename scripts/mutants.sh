#!/usr/bin/env bash
# By hand: faults in the core, one at a time, which its own tests must notice. `scripts/mutants.sh [option...]`: options
# of `cargo mutants`, such as `--file '**/jwks.rs'`, or `--iterate` for those alone that survived the last time. What it
# finds is in target/mutants.out. About 40 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
version=27.1.0
[ "$(cargo mutants --version 2>/dev/null)" = "cargo-mutants $version" ] || cargo install --locked --debug --version "$version" cargo-mutants

# The same as the code, or of no matter to it.
same=(
	--exclude-re 'expecting -> fmt::Result' # the words of an error that nobody reads
	--exclude-re 'delete - in now' # before 1970
	--exclude-re 'claims\.rs.*replace << with >>' # LONGEST, which only the extension looks at: tests/conformance/malformed.sql
)
# Fewer random inputs are the same tests.
PROPTEST_CASES=${PROPTEST_CASES:-32} cargo mutants --package workos-claims --jobs 1 --timeout 60 --output target "${same[@]}" "$@"
