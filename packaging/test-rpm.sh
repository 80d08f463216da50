#!/usr/bin/env bash
# test-rpm.sh FILE.rpm: installs a package with the Postgres of PGDG, on a new Red Hat-like system that is thrown away
# afterwards, such as a container. Creates the extension and the first policy. PGDG_RPM is the address of the package that sets
# up PGDG's repository, as the download page of Postgres names it, with MACHINE for x86_64 or aarch64.
set -euo pipefail
cd "$(dirname "$0")/.."
major=$(rpm -qp --queryformat '%{NAME}' "$1" | sed 's/.*_//')
dnf install -y "${PGDG_RPM//MACHINE/$(uname -m)}"
dnf -qy module disable postgresql
dnf install -y "$1" util-linux
data=$(mktemp -d)
chown postgres "$data"
as_postgres() { runuser -u postgres -- env PATH="/usr/pgsql-$major/bin:$PATH" "$@"; }
cp packaging/first-policy.sql "$data"
chmod 644 "$data/first-policy.sql"
cd /
as_postgres initdb -D "$data/data" >/dev/null
as_postgres pg_ctl -D "$data/data" -o "-k $data -c listen_addresses=''" -l "$data/log" -w start
as_postgres psql -Xq -h "$data" -v ON_ERROR_STOP=1 -f "$data/first-policy.sql"
as_postgres pg_ctl -D "$data/data" -m fast stop
dnf remove -y "pg_workos_$major"
[ ! -e "/usr/pgsql-$major/lib/pg_workos.so" ]
