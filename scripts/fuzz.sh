#!/usr/bin/env bash
# Fuzzes the core: replays the stored corpus of each target, then searches for new inputs for FUZZ_SECONDS.
# `scripts/fuzz.sh jwks` runs only that target. `scripts/fuzz.sh keep [TARGET...]` adds the inputs of earlier runs that
# reached new code to the stored corpora, up to 150 inputs.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh fuzz

FUZZ_SECONDS=${FUZZ_SECONDS:-60}
mode=run
[ "${1:-}" != keep ] || { mode=keep; shift; }
[ $# -gt 0 ] || set -- claims jwks token

# The fuzzed versions of the dependencies must be the shipped ones. (cargo-fuzz has no option --locked.)
packages() { cargo tree --locked --quiet --edges normal --prefix none --format '{p}' --package workos-claims --manifest-path "$1" | awk '{ print $1, $2 }' | sort -u; }
differ=$(comm -23 <(packages Cargo.toml) <(packages fuzz/Cargo.toml))
[ -z "$differ" ] || { printf 'error: fuzz/Cargo.lock does not have these packages of Cargo.lock:\n%s\n' "$differ" >&2; exit 1; }

# Builds and new inputs are stored outside the files of the repository. A crash is stored in fuzz/artifacts, which git
# ignores. There is no sanitizer: the core has no unsafe code, and sanitizers need a nightly Rust.
out=$PWD/target/fuzz
mkdir -p "$out"
fuzz() { RUST_BACKTRACE=0 cargo fuzz "$1" --sanitizer none --target-dir "$out/build" "${@:2}"; }
fuzz build >"$out/build.log" 2>&1 || { cat "$out/build.log" >&2; exit 1; }

for target; do
	found=$out/found/$target kept=fuzz/corpus/$target log=$out/$target.log
	mkdir -p "$found"
	if [ $mode = keep ]; then
		# The inputs that are stored already come first, then those that reach most code. Only whether code is reached matters:
		# counting how often would keep thousands of inputs.
		all=$(mktemp -d)
		cp "$kept"/* "$all"
		fuzz run "$target" "$all" "$found" -- -set_cover_merge=1 -use_counters=0 >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
		ls -tr "$all" | awk 'NR <= 150' | while read -r name; do cp "$all/$name" "$kept/"; done
		rm -r "$all"
		echo "$target: $(ls "$kept" | wc -l) inputs of $(cat "$kept"/* | wc -c) bytes kept"
		continue
	fi
	# New inputs are written to the first folder.
	if ! fuzz run "$target" "$found" "$kept" -- -dict=fuzz/words.dict -max_len=4096 -timeout=10 \
		-max_total_time="$FUZZ_SECONDS" -print_final_stats=1 >"$log" 2>&1; then
		grep -av -e '^#' -e NEW_FUNC "$log" | tail -n 50 >&2
		echo "error: $target: fuzzing found a failing input; keep it, and see above how to repeat it" >&2
		exit 1
	fi
	echo "$target: $(sed -n 's/^#\([0-9]*\)\tDONE *\(cov: .*\) lim.*\(exec.s: [0-9]*\).*/\1 runs, \2, \3/p' "$log")"
done
