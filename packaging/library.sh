#!/usr/bin/env bash
# Builds the library of a release for the Postgres of PG_CONFIG, and prints its path. It differs from that of `make`:
#
# - It is reproducible: no path of this machine is in it, so that the same sources, compilers and Postgres headers give the
#   same file in every folder.
# - cargo-auditable writes the list of all crates into it. `cargo audit bin FILE` reads the list.
# - It holds no symbols that only a debugger would read.
#
# It is built in a folder of its own, because other options for rustc would compile everything again.
set -euo pipefail
cd "$(dirname "$0")/.."
pg_config=$(command -v "${PG_CONFIG:-pg_config}")
major=$("$pg_config" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
cargo auditable --version >/dev/null 2>&1 || { echo 'error: run this first: packaging/deps.sh package' >&2; exit 1; }
target=${CARGO_TARGET_DIR:-$PWD/target/package/cargo}
home=${CARGO_HOME:-$HOME/.cargo}

# The last option that matches a path counts. `trim-paths` of cargo will replace this when it is stable.
# With --config the options for macOS of .cargo/config.toml stay in force, which RUSTFLAGS would replace.
flags=$(printf '"%s",' "--remap-path-prefix=$home=/cargo" "--remap-path-prefix=$PWD=/pg_workos" \
	"--remap-path-prefix=$target=/pg_workos/target" -Cstrip=symbols)

# Build scripts run again where these change.
unset SOURCE_DATE_EPOCH MAKEFLAGS MFLAGS MAKELEVEL
export CARGO_TARGET_DIR=$target PG_CONFIG=$pg_config PGRX_PG_CONFIG_PATH=$pg_config LC_ALL=C TZ=UTC
# For the C code of aws-lc.
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$home=/cargo -ffile-prefix-map=$target=/pg_workos/target"
cargo auditable build --release --locked --lib --no-default-features --features "pg$major" \
	--config "target.'cfg(all())'.rustflags = [${flags%,}]" >&2
library=$target/release/libpg_workos.$(if [ "$(uname)" = Darwin ]; then echo dylib; else echo so; fi)
# As the Makefile writes it for `make install`
echo "$("$pg_config" --version) $("$pg_config" --bindir)" >"$library.built-for"
echo "$library"
