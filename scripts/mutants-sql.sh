#!/usr/bin/env bash
# By hand: do the tests notice faults in the glue and in the SQL? Makes each fault of tests/mutants/list.sh, one at a time,
# in a copy of the checkout, and runs the tests that must fail then. `scripts/mutants-sql.sh [PATTERN...]` makes only those
# whose file or name matches. About two hours.
#
# It fails if a fault survives, does not apply to the code any more, or does not build. Each command must succeed without
# a fault first; BASELINE=no skips that. MUTANTS_DIR keeps the copy and its build for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
list=tests/mutants/list.sh
names=() files=() edits=() commands=() reasons=()

# mutant NAME FILE SED COMMAND
mutant() {
	names+=("$1") files+=("$2") edits+=("$3") commands+=("$4") reasons+=('')
}
# survivor NAME FILE SED COMMAND REASON: a fault that the tests cannot notice
survivor() {
	mutant "${@:1:4}"
	reasons[-1]=$5
}
source "$list"

patterns=$([ $# -eq 0 ] || printf '|%s' "$@")
chosen() { [[ "${files[$1]}: ${names[$1]}" =~ ${patterns:1} ]]; }

# A fault that changes nothing would look like one that survives, so all of them are tried first.
void=0
for i in "${!names[@]}"; do
	[ -f "${files[i]}" ] || { echo "error: there is no ${files[i]}: ${names[i]}" >&2; void=$((void + 1)); continue; }
	! sed -E "${edits[i]}" "${files[i]}" | cmp -s - "${files[i]}" || { echo "error: it changes nothing in ${files[i]}: ${names[i]}" >&2; void=$((void + 1)); }
done
[ $void -eq 0 ] || { echo "error: $void entries of $list do not fit the code any more" >&2; exit 1; }

copy=${MUTANTS_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/pg_workos-mutants.XXXXXX")}
[ -n "${MUTANTS_DIR:-}" ] || trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/target"
git ls-files -z --cached --others --exclude-standard | while IFS= read -rd '' file; do
	[ ! -e "$file" ] || cp --parents "$file" "$copy"
done
[ -e "$copy/target/release" ] || [ ! -d target/release ] || cp -a target/release "$copy/target/"
log=$copy/target/mutants.log
in_copy() { (cd "$copy" && timeout 1800 bash -c "$1") </dev/null >"$log" 2>&1; }
build() { in_copy "scripts/build-sql.sh && { [[ $1 == sql/* ]] || make --no-print-directory --silent all; }"; }

declare -A succeeds=() tried=() caught=()
failed=()
for i in "${!names[@]}"; do
	chosen "$i" || continue
	name=${names[i]} file=${files[i]} command=${commands[i]}
	if [ "${BASELINE:-}" != no ] && [ -z "${succeeds[$command]:-}" ]; then
		build '' && in_copy "$command" || { tail -n 20 "$log" >&2; echo "error: this fails without any fault: $command" >&2; exit 1; }
		succeeds[$command]=yes
	fi
	tried[$file]=$((${tried[$file]:-0} + 1))
	sed -E -i "${edits[i]}" "$copy/$file"
	if ! build "$file"; then
		verdict='error: it does not build'
		grep -m 3 -A 5 '^error' "$log" >&2 || tail -n 5 "$log" >&2
	elif in_copy "$command"; then
		verdict=SURVIVED
	elif grep -q 'syntax error at' "$log"; then
		verdict='error: it is not SQL'
	else
		verdict="caught: $({ grep -m 1 -oE '(not ok|error: |panicked).*' "$log" || tail -n 1 "$log"; } | cut -c 1-150)"
		caught[$file]=$((${caught[$file]:-0} + 1))
	fi
	case $verdict in
		caught:*) [ -z "${reasons[i]}" ] || failed+=("$file: $name: it is listed as a survivor, but is caught") ;;
		SURVIVED) [ -n "${reasons[i]}" ] && verdict="survives: ${reasons[i]}" || failed+=("$file: $name: it survived") ;;
		*) failed+=("$file: $name: ${verdict#error: }") ;;
	esac
	printf '%s: %s: %s\n' "$file" "$name" "$verdict"
	cp "$file" "$copy/$file"
done
build '' || true
for file in $(printf '%s\n' "${!tried[@]}" | sort); do
	printf '%s: %s faults, %s caught\n' "$file" "${tried[$file]}" "${caught[$file]:-0}"
done
[ ${#failed[@]} -eq 0 ] || { printf 'error: %s\n' "${failed[@]}" >&2; exit 1; }
