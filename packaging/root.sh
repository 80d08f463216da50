# shellcheck shell=bash
# Sourced by the tests that need a machine where nothing else is. The script that sources it is run again in a mount and
# process namespace of its own. When it ends, in whatever way, the kernel ends its processes and unmounts its file systems.
# Sets INSIDE, its temporary folder, which is removed. Needs root and debootstrap.
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
	INSIDE=$work unshare --mount --pid --fork --kill-child "$0" "$@" </dev/null &
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
# quiet COMMAND...: prints what the command prints only if it fails
quiet() { "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }

# new_root SUITE MAJOR: a root file system of Debian, in $root, whose package lists know Postgres MAJOR
new_root() {
	timed "a root file system of Debian $1" quiet debootstrap --variant=minbase "$1" "$root"
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/run"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
	mount --bind /dev/shm "$root/dev/shm"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# No service is started by the installation itself: there is no init here.
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	cp packaging/first-policy.sql "$root/tmp"
	chmod 644 "$root/tmp/first-policy.sql"
	inside apt-get -qq update
	# Debian has one Postgres of its own. The others come from PGDG, as its documents say.
	if ! inside apt-cache show "postgresql-$2" >/dev/null 2>&1; then
		quiet inside apt-get install -qq -y --no-install-recommends postgresql-common ca-certificates
		quiet inside /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y
	fi
}
