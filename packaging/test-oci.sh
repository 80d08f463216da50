#!/usr/bin/env bash
# test-oci.sh FILE.deb FILE.tar.gz: builds both images of packaging/oci with buildah, step by step as they stand, starts Postgres
# in each, and creates the extension and the first policy. Needs root, debootstrap and buildah.
#
# No container registry is needed: stand-ins take the place of the images that they begin with. That of the official image is a
# new root file system of Debian 12 with its Postgres. That of Supabase's has the two differences which matter: libraries are found
# in a folder that only the wrapper around `postgres` names, and the user is not root. The workflow builds them on the real ones.
set -euo pipefail
cd "$(dirname "$0")/.."
set -- "$(realpath "$1")" "$(realpath "$2")"
source packaging/root.sh
deb=$1 tarball=$2
major=$(dpkg-deb -f "$deb" Package | tr -dc 0-9)
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
storage() { buildah --root "$INSIDE/storage" --runroot "$INSIDE/run" "$@"; }

new_root bookworm "$major"
quiet inside apt-get install -qq -y --no-install-recommends "postgresql-$major"
umount "$root/dev/shm" "$root/dev/pts" "$root/run" "$root/proc"
mkdir "$INSIDE/packages"
cp "$deb" "$tarball" "$INSIDE/packages"

# stand_in NAME FOLDER [buildah config option...]
stand_in() {
	local container
	container=$(storage from scratch)
	quiet storage add "$container" "$2" /
	storage config --env "PG_MAJOR=$major" "${@:3}" "$container"
	quiet storage commit --rm "$container" "$1"
}
postgres=/usr/lib/postgresql/$major
stand_in localhost/postgres "$root" --env "PATH=$postgres/bin:/usr/sbin:/usr/bin:/sbin:/bin"
mkdir -p "$root/nix/lib"
cp -a "$root$postgres/lib/." "$root/nix/lib"
cat >"$root/usr/bin/postgres" <<-WRAPPER
	#!/bin/sh
	export NIX_PGLIBDIR='/nix/lib'
	exec "$postgres/bin/postgres" "\$@" -c dynamic_library_path="\$NIX_PGLIBDIR"
WRAPPER
chmod +x "$root/usr/bin/postgres"
stand_in localhost/supabase "$root" --env "PATH=/usr/bin:$postgres/bin:/usr/sbin:/sbin:/bin" --user postgres

# try NAME BASE: builds the image, and starts its `postgres`
try() {
	local container
	timed "the image $1" quiet storage bud --file "packaging/oci/$1.Dockerfile" --build-arg "BASE=$2" --tag "localhost/pg_workos-$1" "$INSIDE/packages"
	container=$(storage from "localhost/pg_workos-$1")
	root=$(storage mount "$container")
	path=$(storage inspect --format '{{range .OCIv1.Config.Env}}{{println .}}{{end}}' "$container" | sed -n 's/^PATH=//p')
	mount -t proc proc "$root/proc"
	mount --bind /dev/shm "$root/dev/shm"
	start() { inside runuser -u postgres -- env "PATH=$path" "$@"; }
	start initdb -D /tmp/data -A trust >"$log"
	start postgres -D /tmp/data -k /tmp -c listen_addresses= >"$log" 2>&1 &
	until start psql -Xqh /tmp -c '' postgres 2>/dev/null; do kill -0 $! || { cat "$log" >&2; return 1; }; sleep 0.1; done
	start psql -Xqh /tmp -v ON_ERROR_STOP=1 -f /tmp/first-policy.sql postgres
	start pg_ctl -D /tmp/data -m fast stop >"$log"
	umount "$root/dev/shm" "$root/proc"
	[ ! -e "$root/packages" ] || [ -z "$(ls -A "$root/packages")" ] || { echo 'error: the packages are in the image' >&2; return 1; }
	[ ! -e "$root/tmp/pg_workos" ] || { echo 'error: the build left files in /tmp' >&2; return 1; }
	say "packaging/oci/$1.Dockerfile: built and used on Postgres $major"
}
try postgres localhost/postgres
try supabase localhost/supabase
[ -e "$root/nix/lib/pg_workos.so" ] && [ ! -e "$root$postgres/lib/pg_workos.so" ] || { echo 'error: the library is not where the wrapper looks for it' >&2; exit 1; }
