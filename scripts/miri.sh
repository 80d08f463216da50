#!/usr/bin/env bash
# `make miri`: the tests of the core, but for those that call cryptography in C, under Miri, which finds undefined behaviour, also in the crates that the core uses.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo +nightly miri --version >/dev/null 2>&1; then
	echo 'not run: Miri is not installed. Where rustup can download it: rustup toolchain install nightly --component miri,rust-src' >&2
	exit 1
fi
# A few random cases take as long there as thousands elsewhere. They read the clock and store no failures.
export MIRIFLAGS="${MIRIFLAGS:--Zmiri-disable-isolation}" PROPTEST_CASES=${PROPTEST_CASES:-8} PROPTEST_DISABLE_FAILURE_PERSISTENCE=true
cargo +nightly miri test --locked --package workos-claims --lib --target-dir target/miri -- --skip verify:: --skip webhook:: "$@"
