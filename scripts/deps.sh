#!/usr/bin/env bash
# Installs the missing packages for `make demo` (argument: demo), `make test` (test) or `make fuzz` (fuzz) on Debian. On
# other systems it prints what to install.
set -euo pipefail

PG_CONFIG=${PG_CONFIG:-pg_config}
PGRX=$(sed -n 's/^pgrx = "=\([0-9.]*\)"$/\1/p' "$(dirname "$0")/../Cargo.toml")
FUZZ=0.13.2
PYTHON=(pgspot==0.9.4 pglast==7.21 markdown-it-py==4.3.0 hypothesis==6.155.2 psycopg==3.3.9 psycopg-binary==3.3.9 pgrls==0.57.1) # pglast with the parser of Postgres 17

has() { command -v "$1" >/dev/null 2>&1; }
has_server() { has "$PG_CONFIG" && [ -x "$("$PG_CONFIG" --bindir)/initdb" ]; }
has_headers() { has "$PG_CONFIG" && [ -f "$("$PG_CONFIG" --includedir-server)/postgres.h" ]; }
has_libclang() { compgen -G '/usr/lib*/llvm-*/lib/libclang.so*' >/dev/null || compgen -G '/usr/lib*/libclang.so*' >/dev/null || [ -n "${LIBCLANG_PATH:-}" ]; }
has_faketime() { [ -n "$(find /usr/lib /usr/lib64 -name libfaketime.so.1 2>/dev/null)" ]; }
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }
has_plpgsql_check() { [ -f "/usr/share/postgresql/$major/extension/plpgsql_check.control" ]; }
has_pgtap() { [ -n "$(find "$("$PG_CONFIG" --sharedir)/extension" /usr/share/postgresql/*/extension -name pgtap.control 2>/dev/null)" ]; }

missing=()
want() { "$1" || missing+=("${@:2}"); }

has cargo || { echo "Install Rust first: https://rustup.rs" >&2; exit 1; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
updated=
apt() {
	[ -n "$updated" ] || as_root apt-get update -qq
	updated=yes
	as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}
can_apt() { has apt-get && { [ "$(id -u)" -eq 0 ] || has sudo; }; }

if [ "$1" = fuzz ]; then
	major=
elif has "$PG_CONFIG"; then
	major=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
else
	# The packages of the distribution
	! can_apt || apt -qq check
	major=$(apt-cache show postgresql 2>/dev/null | sed -nE 's/^Version: ([0-9]+).*/\1/p' | head -n 1)
	: "${major:=17}"
fi
if [ "$1" != fuzz ]; then
	want has_server "postgresql-$major"
	want has_headers "postgresql-server-dev-$major"
	want has_libclang libclang-dev
fi
has cc || missing+=(gcc libc6-dev)
has openssl || missing+=(openssl)
has curl || missing+=(curl)
if [ "$1" = test ]; then
	has script || missing+=(bsdutils) # a terminal for an interactive psql
	has pg_prove || missing+=(libtap-parser-sourcehandler-pgtap-perl)
	has_pgtap || missing+=("postgresql-$major-pgtap")
	# For the Postgres of the distribution
	[ "$PG_CONFIG" != pg_config ] || ! can_apt || want has_plpgsql_check "postgresql-$major-plpgsql-check"
	# Without it, tests/servers/clock.sh is skipped.
	! can_apt || want has_faketime libfaketime
	want has_venv python3-venv
	# cargo-pgrx needs it to run the server as another user than root.
	[ "$(id -u)" -ne 0 ] || has sudo || missing+=(sudo)
	has "${PGBOUNCER:-pgbouncer}" || [ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
fi
# libFuzzer is C++.
[ "$1" = demo ] || has c++ || missing+=(g++)

if [ ${#missing[@]} -gt 0 ]; then
	can_apt || { echo "Install these, by their Debian names, and run this again: ${missing[*]}" >&2; exit 1; }
	echo "== installing ${missing[*]}" >&2
	# Without this, Debian would also create and start a server of its own.
	no_cluster=/etc/postgresql-common/createcluster.d/pg_workos.conf
	if ! has_server; then
		as_root mkdir -p "$(dirname "$no_cluster")"
		echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
	fi
	apt install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
	as_root rm -f "$no_cluster"
fi

# A debug build compiles in half the time, and runs for only a few seconds.
tool() {
	[ "$(cargo "$1" --version 2>/dev/null)" != "cargo-$1 $2" ] || return 0
	echo "== building cargo-$1 $2, once for this machine (minutes)" >&2
	cargo install --debug --quiet --locked --version "$2" "cargo-$1"
}
[ "$1" != test ] || tool pgrx "$PGRX"
[ "$1" = demo ] || tool fuzz "$FUZZ"

# scripts/pgspot.sh, tests/docs.py and tests/lint/pgrls.sh use them.
if [ "$1" = test ]; then
	python=$(dirname "$0")/../target/python
	if [ "$("$python/bin/pip" freeze 2>/dev/null | grep -cxF "$(printf '%s\n' "${PYTHON[@]}")")" -ne ${#PYTHON[@]} ]; then
		echo "== installing ${PYTHON[*]} into target/python" >&2
		python3 -m venv --clear "$python"
		"$python/bin/pip" install --quiet --disable-pip-version-check "${PYTHON[@]}"
	fi
fi
