# Libraries that hook the planner, the executor or settings, loaded before and after pg_workos: the same rows, the same plan with
# its calls computed once, and one query id for all users.
#
# Those of Postgres itself are always there. The others are tested where they are installed: by packages (Debian's
# postgresql-15-pgaudit and others), or in the folder NEIGHBOURS, which has their files. The last lines say which were not.
source "$(dirname "$0")/../shell.sh"
libraries=$("$BIN/pg_config" --pkglibdir)
extensions=$("$BIN/pg_config" --sharedir)/extension
if [ -n "${NEIGHBOURS:-}" ]; then
	find -L "$NEIGHBOURS" -name '*.so' -exec cp {} "$libraries/" \;
	find -L "$NEIGHBOURS" \( -name '*.control' -o -name '*--*.sql' \) -exec cp -n {} "$extensions/" \;
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
trap 'restart; rm -rf "$dir"' EXIT

# A policy whose calls stand without (select …), so that only pg_workos computes them once.
psql -q <<-'SQL'
	create role neighbour login;
	create database neighbours;
	alter database neighbours set search_path = public, extensions;
SQL
psql -q -d neighbours <<-'SQL'
	create schema extensions;
	grant usage on schema extensions to public;
	create extension pg_workos schema extensions;
	create table notes (id int, org_id text, label text);
	insert into notes select g, 'org_' || g % 10, 'label ' || g from generate_series(1, 1000) g;
	alter table notes enable row level security;
	create policy members on notes using (workos_has_permission(label) or org_id = workos_org_id() and workos_has_permission('notes:read'));
	grant select, insert, update, delete on notes to neighbour;
	create index on notes (org_id);
	analyze notes;
SQL
claims() { echo "set request.jwt.claims = '{\"sub\":\"user_$1\",\"sid\":\"session_$1\",\"org_id\":\"org_$1\",\"permissions\":[\"notes:read\"]}'"; }
query='select count(*), min(id) from notes where id > 5'
# What three users see, and how: the rows, the shape of the plan, and the writes that the policies refuse. The library of
# pg_workos is loaded before the last statement.
tried() {
	local user
	for user in 1 2 3; do
		sql neighbours neighbour "$(claims $user)" "$query" 'prepare p as select count(*) from notes where org_id = $1' "execute p('org_1')" "execute p('org_2')" \
			'begin' "update notes set label = label where id < 20 returning id" "rollback" "insert into notes values (1001, 'org_9')" | grep -v '^HINT'
	done
	# As the superuser could, but with the user's rights: EXPLAIN of the statement that the user sends
	sql neighbours neighbour "$(claims 1)" 'select workos_user_id()' "explain (costs off) $query"
}
ids() { # the query ids of the query, and how often it was called
	sql neighbours postgres "select count(distinct queryid), sum(calls) from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = 'neighbours' and query ~ '^select count.*min.id. from notes'"
}

restart
wanted=$(tried)
like "$wanted" 'InitPlan' 'pg_workos alone: its calls are computed once'
is "$(head -n 1 <<<"$wanted")" '99|11' '... and the user sees the rows of the organization'
unlike "$(sql neighbours neighbour "$(claims 1)" 'select workos_user_id()' 'set workos.plan_once = off' "explain (costs off) $query")" 'InitPlan' '... and not with workos.plan_once off'

present=() absent=()
for name in pg_stat_statements auto_explain pgaudit pg_hint_plan timescaledb supautils pg_stat_kcache pg_qualstats pg_wait_sampling set_user hypopg; do
	if [ -f "$libraries/$name.so" ]; then present+=("$name"); else absent+=("$name"); fi
done
# What a library needs to do something, and those that must be preloaded by the server together with another one
settings=("auto_explain.log_min_duration = 0" "auto_explain.log_analyze = on" "pgaudit.log = 'all'" "pg_stat_statements.track = all" "pg_qualstats.sample_rate = 1" "timescaledb.telemetry_level = off" "max_worker_processes = 20")
needs() { case $1 in pg_stat_kcache | pg_qualstats) echo pg_stat_statements, ;; esac; }
create_extension() { # the SQL of the library, if it has one
	[ ! -f "$extensions/$1.control" ] || sql neighbours postgres "create extension if not exists $1 cascade" | grep -v NOTICE
}
loaded_by_server() { # LIST: restarts, and compares
	restart "shared_preload_libraries = '$1'" "${settings[@]}"
	is "$(psql -Atqc 'show shared_preload_libraries')" "$1" "shared_preload_libraries = $1"
}
compared() { is "$(tried)" "$wanted" "$1: the same rows, refusals and plan"; }
drop_extension() { [ ! -f "$extensions/$1.control" ] || sql neighbours postgres "drop extension $1 cascade" | grep -v NOTICE; }

for name in "${present[@]}"; do
	for list in "$(needs "$name")$name,pg_workos" "pg_workos,$(needs "$name")$name"; do
		loaded_by_server "$list"
		is "$(create_extension "$name")" '' "$name: its extension"
		compared '...'
	done
	# The library of pg_workos is loaded by the connection, after that of the other; and the other way round where it can be.
	restart "shared_preload_libraries = '$(needs "$name")$name'" "session_preload_libraries = 'pg_workos'" "${settings[@]}"
	compared "$name in shared_preload_libraries, pg_workos in session_preload_libraries"
	drop_extension "$name" # Some refuse statements where they are not preloaded.
	if [ "$name" = auto_explain ] || [ "$name" = pg_hint_plan ] || [ "$name" = supautils ] || [ "$name" = hypopg ]; then
		restart "session_preload_libraries = 'pg_workos,$name'" "${settings[@]}"
		compared "both in session_preload_libraries"
		restart "session_preload_libraries = '$name,pg_workos'" "${settings[@]}"
		compared '... in the other order'
	fi
done

# All at once, in both orders
all=$(IFS=,; echo "${present[*]}")
reversed=$(printf '%s\n' "${present[@]}" | grep -v '^pg_stat_statements$' | tac | paste -sd ,)
for list in "$all,pg_workos" "pg_workos,pg_stat_statements${reversed:+,$reversed}"; do
	loaded_by_server "$list"
	for name in "${present[@]}"; do create_extension "$name"; done
	compared 'all of them'
	# One query id, whoever asks, in both orders and with the hook off
	sql neighbours neighbour "$(claims 1)" 'set workos.plan_once = off' "$query" >/dev/null
	like "$(ids)" '^1\|[0-9]+$' '... and pg_stat_statements has one query id for all users'
done

# What each of them is for still works, with pg_workos before and after it.
for list in "$all,pg_workos" "pg_workos,pg_stat_statements${reversed:+,$reversed}"; do
	loaded_by_server "$list"
	before=$(wc -c <"$SERVER_LOG")
	sql neighbours neighbour "$(claims 2)" "$query" >/dev/null
	for name in "${present[@]}"; do
		case $name in
			auto_explain)
				logged=$(tail -c +"$((before + 1))" "$SERVER_LOG")
				is "$(grep -cF "Query Text: $query" <<<"$logged" | sed 's/^[^0].*/logged/')" logged 'auto_explain logs the plan'
				like "$(grep -A 30 -F "Query Text: $query" <<<"$logged")" 'InitPlan' '... with the calls that were computed once'
				;;
			pgaudit) like "$(tail -c +"$((before + 1))" "$SERVER_LOG" | grep -F "$query")" 'AUDIT: SESSION,.*READ,SELECT' 'pgaudit logs the statement' ;;
			pg_hint_plan)
				for hint in SeqScan BitmapScan IndexScan; do
					hinted=$(sql neighbours neighbour "$(claims 2)" "/*+ $hint(notes) */ explain (costs off) select id from notes where org_id = 'org_2'")
					like "$hinted" "$(case $hint in SeqScan) echo 'Seq Scan' ;; BitmapScan) echo 'Bitmap Heap Scan' ;; IndexScan) echo 'Index Scan' ;; esac) .*on notes" "pg_hint_plan: the hint $hint is obeyed"
					like "$hinted" 'InitPlan' '... and the calls are computed once'
				done
				;;
			timescaledb)
				sql neighbours postgres "create table if not exists readings (at timestamptz not null, org_id text, value int)" "select create_hypertable('readings', 'at', if_not_exists => true)" \
					"insert into readings select '2026-01-01Z'::timestamptz + g * interval '1 day', 'org_' || g % 10, g from generate_series(1, 100) g" 'alter table readings enable row level security' \
					'drop policy if exists members on readings' "create policy members on readings using (org_id = workos_org_id() and workos_has_permission('notes:read'))" 'grant select on readings to neighbour' >/dev/null 2>&1
				is "$(sql neighbours neighbour "$(claims 2)" 'select count(*) > 0, bool_and(org_id = $$org_2$$) from readings')" 't|t' 'timescaledb: the policy of a hypertable applies to its chunks'
				is "$(sql neighbours neighbour 'select count(*) from readings')" 0 '... and a visitor sees none'
				;;
			supautils)
				is "$(sql neighbours neighbour 'show supautils.reserved_roles' | grep -c ERROR)" 0 'supautils: its settings are there'
				;;
		esac
	done
done
# Not loaded twice, and not in the way of each other's settings
is "$(sql neighbours postgres "select count(*) from pg_settings where name ~ '^workos\.' group by substr(name, 1, 7)" | head -n 1 | grep -c '^[1-9]')" 1 'the settings of pg_workos are defined'

restart
dropdb --force neighbours
psql -q -c 'drop role neighbour'
done_testing
echo "# tested with: ${present[*]}"
[ ${#absent[@]} -eq 0 ] || echo "# NOT tested, because this Postgres does not have them: ${absent[*]}"
