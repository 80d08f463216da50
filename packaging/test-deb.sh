#!/usr/bin/env bash
# test-deb.sh FILE.deb [SUITE]: installs a package where nothing else is: in a new root file system of Debian SUITE (bookworm),
# made by debootstrap with the Postgres of the distribution. Creates the extension and the first policy, and removes the
# package again. Prints how long each step took. Needs root, debootstrap and about 700 MB below TMPDIR.
#
# All of it runs in a mount and process namespace of its own. When the script ends, in whatever way, the kernel ends its
# processes and unmounts its file systems.
set -euo pipefail
cd "$(dirname "$0")/.."
deb=$(realpath "$1")
suite=${2:-bookworm}
[ "$(id -u)" -eq 0 ] || { echo 'error: this needs root, for debootstrap and chroot' >&2; exit 1; }

if [ -z "${INSIDE:-}" ]; then
	work=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos-root.XXXXXX")
	clean_up() {
		trap '' INT TERM HUP
		[ -z "${pid:-}" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
		rm -rf --one-file-system "$work"
	}
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	INSIDE=$work unshare --mount --pid --fork --kill-child "$0" "$deb" "$suite" </dev/null &
	pid=$!
	status=0
	wait "$pid" || status=$?
	pid=
	exit "$status"
fi
root=$INSIDE/root log=$INSIDE/log
say() { echo "== $*" >&2; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
as_postgres() { inside runuser -u postgres -- "$@"; }
# timed NAME COMMAND...
timed() {
	local name=$1 begin=$EPOCHREALTIME
	"${@:2}"
	say "$name: $(((${EPOCHREALTIME/./} - ${begin/./}) / 1000)) ms"
}
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/dpkg -o -path ./var/lib/postgresql \) -prune -o -print | sort); }
# quiet COMMAND...: prints what the command prints only if it fails
quiet() { "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }
first_policy() { as_postgres psql -Xq -v ON_ERROR_STOP=1 -f /tmp/first-policy.sql; }

timed "a root file system of Debian $suite" quiet debootstrap --variant=minbase "$suite" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount --bind /dev/shm "$root/dev/shm"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# No service is started by the installation itself: there is no init here.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
cp "$deb" "$root/tmp/package.deb"
cp packaging/first-policy.sql "$root/tmp"
chmod 644 "$root"/tmp/*

name=$(dpkg-deb -f "$deb" Package)
major=$(tr -dc 0-9 <<<"$name")

# Also without the packages that Postgres only recommends.
inside apt-get -qq update
# Debian has one Postgres of its own. The others come from PGDG, as its documents say.
if ! inside apt-cache show "postgresql-$major" >/dev/null 2>&1; then
	quiet inside apt-get install -qq -y --no-install-recommends postgresql-common ca-certificates
	quiet inside /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y
fi
timed "apt install postgresql-$major" quiet inside apt-get install -qq -y --no-install-recommends "postgresql-$major"
files >"$root/tmp/before"
timed "apt install ./$(basename "$deb")" quiet inside apt-get install -qq -y --no-install-recommends /tmp/package.deb
inside pg_ctlcluster "$major" main start
timed 'create extension, the first policy, and what it keeps apart' first_policy
inside pg_ctlcluster "$major" main stop

quiet inside apt-get purge -qq -y "$name"
files | diff "$root/tmp/before" - >&2 || { echo 'error: the package left files behind' >&2; exit 1; }
say "$(basename "$deb"): installed, used and removed on Debian $suite"
