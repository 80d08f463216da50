#!/usr/bin/env bash
# test-deb.sh FILE.deb [SUITE]: installs a package where nothing else is: in a new root file system of Debian SUITE (bookworm),
# made by debootstrap with the Postgres of the distribution. Creates the extension and the first policy, and removes the
# package again. Prints how long each step took. Needs root, debootstrap and about 700 MB below TMPDIR.
set -euo pipefail
cd "$(dirname "$0")/.."
set -- "$(realpath "$1")" "${2:-bookworm}"
source packaging/root.sh
deb=$1 suite=$2
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/dpkg -o -path ./var/lib/postgresql \) -prune -o -print | sort); }
name=$(dpkg-deb -f "$deb" Package)
major=$(tr -dc 0-9 <<<"$name")

new_root "$suite" "$major"
cp "$deb" "$root/tmp/package.deb"
chmod 644 "$root/tmp/package.deb"
# What a person waits for. Also without the packages that Postgres only recommends.
from_nothing() {
	timed "apt install postgresql-$major" quiet inside apt-get install -qq -y --no-install-recommends "postgresql-$major"
	files >"$root/tmp/before"
	timed "apt install ./$(basename "$deb")" quiet inside apt-get install -qq -y --no-install-recommends /tmp/package.deb
	inside pg_ctlcluster "$major" main start
	timed 'create extension, the first policy, and what it keeps apart' as_postgres psql -Xq -v ON_ERROR_STOP=1 -f /tmp/first-policy.sql
}
timed 'all of it, from a system without Postgres to the first policy' from_nothing
inside pg_ctlcluster "$major" main stop

quiet inside apt-get purge -qq -y "$name"
files | diff "$root/tmp/before" - >&2 || { echo 'error: the package left files behind' >&2; exit 1; }
say "$(basename "$deb"): installed, used and removed on Debian $suite"
