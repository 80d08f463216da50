#!/usr/bin/env bash
# bench/compare.sh BASE [HEAD]: what a call and planning cost at two commits, by ratio, in one run on one machine: each commit has a
# server of its own, they take turns, and the fastest turns are compared. Fails if HEAD takes more than COMPARE_LIMIT (1.30) times as
# long as BASE in any line. COMPARE_ROUNDS: turns of each, 15.
#
# Two runs of one commit (bench/compare.sh HEAD HEAD) tell how far apart the machine itself puts them.
source "$(dirname "$0")/../scripts/postgres.sh"
declare -A commit=([base]=$(git rev-parse "$1^{commit}") [head]=$(git rev-parse "${2:-HEAD}^{commit}"))
folder=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos-compare.XXXXXX")
works=()
clean_up() {
	for WORK in "${works[@]}"; do stop_server; done
	rm -rf "$folder"
}

for side in base head; do
	say "building $side, $(git log -1 --format='%h %s' "${commit[$side]}")"
	mkdir "$folder/$side"
	# The crates that both depend on are compiled once. What is ours is compiled for each: cargo asks the times of the files, so they are new.
	git archive "${commit[$side]}" | tar -xm -C "$folder/$side"
	export CARGO_TARGET_DIR=$PWD/target/compare
	make -C "$folder/$side" --no-print-directory --silent BUILT_FOR="$folder/$side.built-for" PG_CONFIG="$PG_CONFIG"
	cp "$CARGO_TARGET_DIR/release/libpg_workos.so" "$folder/$side.so"
done
for side in base head; do
	install_extension() { make -C "$folder/$side" --no-print-directory --silent install LIBRARY="$folder/$side.so" BUILT_FOR="$folder/$side.built-for" PG_CONFIG="$PG_CONFIG" DESTDIR="$WORK/root"; }
	start_server
	works+=("$WORK")
	trap clean_up EXIT
	sed 's/extensions/portable/g' "$folder/$side/sql/portable/pg_workos.sql" >"$folder/$side.sql"
	psql -XAtq -v portable="$folder/$side.sql" -f bench/compare-setup.sql >/dev/null
done
say "turns"
for ((round = 0; round < ${COMPARE_ROUNDS:-15}; round++)); do
	# Each begins every other turn.
	for n in $((round % 2)) $((1 - round % 2)); do
		PGHOST=${works[n]}/run psql -XAtq -F $'\t' -f bench/compare.sql >>"$folder/turns$n"
	done
done
awk -F '\t' -v limit="${COMPARE_LIMIT:-1.30}" '
	!(($1, FILENAME) in least) || $2 < least[$1, FILENAME] { least[$1, FILENAME] = $2 }
	!($1 in seen) { seen[$1]; order[++lines] = $1 }
	END {
		printf "| | base, µs | head, µs | head : base |\n|---|---|---|---|\n"
		for (i = 1; i <= lines; i++) {
			a = least[order[i], ARGV[1]]; b = least[order[i], ARGV[2]]
			if (a == "" || b == "") { print "error: no figures for " order[i] > "/dev/stderr"; exit 2 }
			printf "| %s | %.3f | %.3f | %.2f%s |\n", order[i], a, b, b / a, (b > limit * a) ? " (slower)" : ""
			slower += (b > limit * a)
		}
		if (slower) { printf "error: %d lines are slower than %s times\n", slower, limit > "/dev/stderr"; exit 1 }
	}' "$folder/turns0" "$folder/turns1"
