#!/usr/bin/env bash
# Tests the example: its database half with the Supabase CLI and pgTAP, and its pages in a browser. `test.sh serve` serves
# it instead, to look at it. Everything happens in a temporary folder and on the loopback; README.md says what stands in
# for WorkOS and Supabase. It needs Postgres (PG_CONFIG) and npm, and installs what else is missing: Chromium and
# pg_prove by apt-get, Node.js and the example's packages by npm.
SUPABASE_CLI=3.1.0
DENO=2.9.6
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../scripts/postgres.sh"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/nextjs-supabase.XXXXXX")
end() {
	[ -z "${node_tests:-}" ] || kill "$node_tests" 2>/dev/null || true
	[ ! -f "$WORK/run/data/postmaster.pid" ] || as_server_user "$WORK/root$BINDIR/pg_ctl" -D "$WORK/run/data" -m immediate stop >/dev/null || true
	rm -rf "$WORK"
}
trap end EXIT
trap 'exit 130' INT TERM
chmod 755 "$WORK"

# quietly COMMAND...: prints what the command printed only if it fails.
quietly() { "$@" >"$WORK/said" 2>&1 || { cat "$WORK/said" >&2; die "$* fails"; }; }
ok() { echo "ok - $*"; }
apt() { if [ "$(id -u)" -eq 0 ]; then env DEBIAN_FRONTEND=noninteractive apt-get "$@"; else sudo apt-get "$@"; fi; }
has() { command -v "$1" >/dev/null 2>&1; }
# skip WHAT: only where the registry does not answer at all
skip_if_offline() {
	if npm view --silent next version >/dev/null 2>&1; then cat "$WORK/said" >&2; die "$1 cannot be installed, although the registry of npm answers"; fi
	echo "skipped: the registry of npm cannot be reached, so $1 cannot be installed and the example was not tested"
	exit 0
}

export PGSSLMODE=disable NEXT_TELEMETRY_DISABLED=1 SUPABASE_TELEMETRY_DISABLED=1 npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_prefer_offline=true
export npm_config_cache=${npm_config_cache:-$(npm config get cache)}

missing=()
for program in chromium chromium-browser google-chrome; do CHROMIUM=${CHROMIUM:-$(command -v $program || true)}; done
[ -n "$CHROMIUM" ] || missing+=(chromium)
has pg_prove || missing+=(libtap-parser-sourcehandler-pgtap-perl)
[ -n "$(find /usr/share/postgresql/*/extension -name pgtap.control 2>/dev/null)" ] || missing+=("postgresql-$MAJOR-pgtap")
if [ ${#missing[@]} -gt 0 ]; then
	echo "# installing ${missing[*]}, by apt-get"
	apt update -qq && quietly apt install -y -qq --no-install-recommends "${missing[@]}"
fi
export CHROMIUM=${CHROMIUM:-$(command -v chromium)}

if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 18) ? 0 : 1)' 2>/dev/null; then
	echo '# installing Node.js 24, by npm, into a temporary folder: the packages of the example need 22.18 or newer'
	npm install --silent --prefix "$WORK/node" node@24 >"$WORK/said" 2>&1 || skip_if_offline 'Node.js 24'
	PATH=$WORK/node/node_modules/node/bin:$PATH
fi

echo "# installing the packages of the example, by npm ci, into a temporary folder"
(cd "$here" && tar c --exclude ./node_modules --exclude ./.next --exclude ./.env.local .) | (mkdir "$WORK/app" && tar x -C "$WORK/app")
cd "$WORK/app"
npm ci >"$WORK/said" 2>&1 || skip_if_offline 'the packages of the example'
PATH=$PWD/node_modules/.bin:$PATH
echo "# installing the Supabase CLI $SUPABASE_CLI, by npm, into a temporary folder"
npm install --silent --prefix "$WORK/cli" "supabase@$SUPABASE_CLI" >"$WORK/said" 2>&1 || skip_if_offline 'the Supabase CLI'
PATH=$WORK/cli/node_modules/.bin:$PATH
echo "# installing Deno $DENO, by npm, into a temporary folder: it runs the Edge Function"
npm install --silent --prefix "$WORK/deno" "deno@$DENO" >"$WORK/said" 2>&1 || skip_if_offline Deno
PATH=$WORK/deno/node_modules/.bin:$PATH

free_port() { node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
APP_PORT=$(free_port) WORKOS_PORT=$(free_port) SUPABASE_PORT=$(free_port) PGPORT=$(free_port) FUNCTION_PORT=$(free_port)
export FUNCTION_PORT APP_PORT WORKOS_PORT SUPABASE_PORT PGPORT

copy_postgres "$WORK/root"
BIN=$WORK/root$BINDIR
bring_pgtap
mkdir "$WORK/run"
password=$(openssl rand -hex 16)
install -m 644 <(echo "$password") "$WORK/password"
[ "$(id -u)" -ne 0 ] || chown "$(server_user)" "$WORK/run"
quietly as_server_user "$BIN/initdb" -D "$WORK/run/data" -U initial --auth-local=trust --auth-host=scram-sha-256 --pwfile="$WORK/password" -N -E UTF8 --locale=C
quietly as_server_user "$BIN/pg_ctl" -D "$WORK/run/data" -l "$WORK/run/log" -w start \
	-o "-c listen_addresses=127.0.0.1 -c port=$PGPORT -c unix_socket_directories=$WORK/run -c fsync=off"
export PGHOST=$WORK/run PGDATABASE=postgres
PATH=/usr/bin:$PATH psql -XqU initial -v ON_ERROR_STOP=1 -f test/supabase-roles.sql
# The tutorial is carried out in a database of its own.
createdb -U initial -T postgres -O postgres tutorial
for role in postgres authenticator; do psql -XqU initial -c "alter role $role password '$password'"; done
remote=postgresql://postgres:$password@127.0.0.1:$PGPORT/postgres
export DATABASE_URL=postgresql://authenticator:$password@127.0.0.1:$PGPORT/postgres
export OWNER_DATABASE_URL=$remote WEBHOOK_DATABASE_URL=postgresql://workos_webhooks:$password@127.0.0.1:$PGPORT/postgres
export TUTORIAL_DATABASE_URL=${DATABASE_URL%/*}/tutorial TUTORIAL_REMOTE=${remote%/*}/tutorial
export TUTORIAL=$here/../../docs/tutorials/hosted-supabase-nextjs.md PG_WORKOS=$here/../../sql/portable/pg_workos.sql

# The downloads of README.md
cp "$here/../../sql/portable/pg_workos.sql" supabase/migrations/20260101000000_pg_workos.sql
cp "$here/../../sql/portable/pg_workos_directory.sql" supabase/migrations/20260101000001_pg_workos_directory.sql
cp "$here/../../sql/testing/pg_workos_testing.sql" supabase/pg_workos_testing.sql

say "  the database half, on Postgres $MAJOR, with the Supabase CLI $(supabase --version)"
quietly supabase db push --yes --remote="$remote"
ok 'supabase db push runs the migrations'
if [ "${1:-}" != serve ]; then
	# Before the seeds: the functions for tests are not to its taste, and are never in a hosted database.
	supabase db advisors --remote="$remote" --fail-on info >"$WORK/advice" 2>/dev/null || { cat "$WORK/advice" >&2; die 'supabase db advisors finds something'; }
	ok 'supabase db advisors finds nothing'
	if [ -f "$WORK/root$SHAREDIR/extension/plpgsql_check.control" ]; then
		# A superuser installs it here; a Supabase project lets its users do so.
		psql -XqU initial -c 'create extension plpgsql_check with schema extensions'
		supabase db lint --remote="$remote" --schema public --fail-on warning >"$WORK/advice" 2>&1 || { cat "$WORK/advice" >&2; die 'supabase db lint finds something'; }
		grep -q 'No schema errors found' "$WORK/advice" || { cat "$WORK/advice" >&2; die 'supabase db lint looked at nothing'; }
		psql -XqU initial -c 'drop extension plpgsql_check'
		ok 'supabase db lint finds nothing'
	else
		echo "# supabase db lint is not run: postgresql-$MAJOR-plpgsql-check is not installed"
	fi
fi
quietly supabase db reset --yes --remote="$remote"
ok 'supabase db reset runs the migrations again, and the seeds'
if [ "${1:-}" != serve ]; then
	(PATH=/usr/bin:$PATH && pg_prove --failures --comments -U postgres supabase/tests/*.sql)
	supabase gen types --remote="$remote" --schema public >"$WORK/database.types.ts" 2>/dev/null
	biome format --stdin-file-path database.types.ts <"$WORK/database.types.ts" >"$WORK/formatted.types.ts"
	diff lib/supabase/database.types.ts "$WORK/formatted.types.ts" || die 'lib/supabase/database.types.ts is not what supabase gen types makes'
	ok 'supabase gen types makes the committed types'
	quietly npm run --silent lint
	ok 'biome finds nothing'
fi

psql -XqU initial -c "alter role workos_webhooks login password '$password'"
quietly env NO_COLOR=1 deno check supabase/functions/workos-webhook/index.ts
ok 'deno check finds nothing in the Edge Function'
node test/settings.ts >.env.local
say "  next build"
quietly npm run --silent build
ok 'next build compiles it, with TypeScript strict'

if [ "${1:-}" = serve ]; then node test/serve.ts; exit; fi
say "  webhooks, the pages and the tutorial, in $("$CHROMIUM" --version 2>/dev/null | sed 's/ *built on.*//')"
node --test --test-reporter=spec --test-concurrency=1 ${TESTS:-test/*.test.ts}
