#!/usr/bin/env bash
# project.sh get NAME: prints a line of packaging/project.env.
# project.sh write: puts the repository and the address into all documents that have the placeholders.
# project.sh check: lists the placeholders that are left, and fails if there are any.
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/project.env
# Where a placeholder stands in the documents; the files of this folder that define and test them are no documents.
documents() { git grep -lF "$1" -- ':!packaging/project.*' || true; }
case $1 in
	get)
		case $2 in repository | maintainer | email) echo "${!2}" ;; *) echo "error: packaging/project.env has no $2" >&2; exit 2 ;; esac
		;;
	write)
		for file in $(documents OWNER/REPOSITORY); do sed -i.old "s#OWNER/REPOSITORY#$repository#g" "$file" && rm "$file.old"; done
		for file in $(documents maintainers@pg-workos.invalid); do sed -i.old "s#maintainers@pg-workos\.invalid#$email#g" "$file" && rm "$file.old"; done
		;;
	check)
		left=()
		[ "$repository" != OWNER/REPOSITORY ] || left+=("packaging/project.env: the repository is not set")
		[[ $email != *.invalid ]] || left+=("packaging/project.env: the address of the maintainers is not set")
		for file in $(documents OWNER/REPOSITORY; documents maintainers@pg-workos.invalid); do left+=("$file: has a placeholder, which packaging/project.sh write replaces"); done
		[ ${#left[@]} -eq 0 ] || { printf '%s\n' "${left[@]}"; exit 1; }
		;;
	*) echo "usage: $0 get NAME | write | check" >&2; exit 2 ;;
esac
