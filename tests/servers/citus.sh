# Citus, as far as it can be tested without it: with an extension of its name that has its catalog. The workflow citus runs
# the statements of docs/how-to/scaling.md on a cluster.
source "$(dirname "$0")/../shell.sh"
extensions=$("$BIN/pg_config" --sharedir)/extension
trap 'rm -f "$extensions"/citus.control "$extensions"/citus--0.sql; restart' EXIT

# In the way of Citus: the catalog is made elsewhere, and moved into pg_catalog.
printf '%s\n' "default_version = '0'" 'relocatable = false' 'schema = pg_catalog' >"$extensions/citus.control"
cat >"$extensions/citus--0.sql" <<-'SQL'
	create schema citus;
	create table citus.pg_dist_partition (logicalrelid regclass not null, partmethod "char" not null, partkey text, colocationid integer default 0 not null, repmodel "char" default 'c' not null, autoconverted boolean default false not null);
	create unique index pg_dist_partition_logical_relid_index on citus.pg_dist_partition (logicalrelid);
	grant select on citus.pg_dist_partition to public;
	alter table citus.pg_dist_partition set schema pg_catalog;
SQL
psql -q -c 'create role citus_owner login' -c 'create role citus_user login' -c "select format('create role %I', r) from unnest('{anon,authenticated}'::text[]) r where to_regrole(r) is null" -c '\gexec'
distribute() { sql distributed postgres "insert into pg_catalog.pg_dist_partition (logicalrelid, partmethod) select c, 'h' from unnest('{$1}'::regclass[]) c"; }
lint() { sql distributed citus_owner "select rule || ' ' || severity || ' ' || object from workos_lint() where rule ~ '^citus_' order by 1"; }
claims="set request.jwt.claims = '{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"org_1\",\"permissions\":[\"p\"]}'"

for edition in native portable; do
	dropdb --if-exists --force distributed
	createdb -T template0 -O citus_owner distributed
	sql distributed postgres 'alter database distributed set search_path = public, extensions' 'grant all on schema public to citus_owner' 'grant usage on schema public to public'
	sql distributed citus_owner 'create schema extensions' 'grant usage on schema extensions to public'
	if [ $edition = native ]; then sql distributed citus_owner 'create extension pg_workos schema extensions'; else psql -Xq -d distributed -U citus_owner -f "$here/sql/portable/pg_workos.sql"; fi
	sql distributed citus_owner 'create table orders (id int, org_id text, label text)' 'create table local (id int, org_id text, label text)' 'create table lines (order_id int, org_id text)' \
		'create index on orders (org_id)' 'create index on local (org_id)' \
		"insert into orders select g, 'org_' || g % 3, 'l' from generate_series(1, 9) g" "insert into local select g, 'org_' || g % 3, 'l' from generate_series(1, 9) g" "insert into lines select g, 'org_' || g % 3 from generate_series(1, 9) g" \
		'alter table orders enable row level security' 'alter table local enable row level security' \
		"create policy members on orders to citus_user, authenticated using (org_id = workos_org_id() and (workos_has_permission('p') or label = 'x'))" "create policy members on local to citus_user, authenticated using (org_id = workos_org_id() and (workos_has_permission('p') or label = 'x'))" \
		'grant select, insert, update, delete on orders, local, lines to citus_user, authenticated' 'create view of_orders with (security_invoker = true) as select * from orders' 'grant select on of_orders to citus_user' >/dev/null

	# Without Citus
	is "$(lint)" '' "$edition, without Citus: no finding about it"
	is "$(sql distributed citus_user "select count(*) from workos_doctor() where check_name = 'citus'")" 0 '... nor anything in the doctor'
	is "$(sql distributed citus_user "$claims" begin 'select workos_propagate_claims()' "select coalesce(current_setting('citus.propagate_set_commands', true), 'unset'), count(*) from orders" commit)" $'\nunset|3' '... and workos_propagate_claims() does nothing'

	# With Citus, and no distributed table
	sql distributed postgres 'create extension citus'
	is "$(lint)$(sql distributed citus_user "select count(*) from workos_doctor() where check_name = 'citus'")" 0 "$edition, without a distributed table: no finding"
	plan() { sql distributed citus_user "$claims" 'select workos_user_id()' "explain (costs off) $1"; } # The first call loads the library.
	rows() { sql distributed citus_user "$claims" "$1"; }
	queries=('select id from orders' 'select id from of_orders' 'select l.id from local l where exists (select from orders o where o.id = l.id)' 'with o as (select * from orders) select l.id from local l join o using (id)' 'select id from local union all select id from orders'
		'update local set label = label where id in (select id from orders)' 'select (select count(*) from orders o where o.id = l.id) from local l')
	if [ $edition = native ]; then
		for query in "${queries[@]}"; do like "$(plan "$query")" 'InitPlan' "native, a local table: calls are computed once: $query"; done
	fi
	answers=$(for query in "${queries[@]}"; do rows "$query"; done)
	distribute orders
	for query in "${queries[@]}"; do
		[ $edition = portable ] || unlike "$(plan "$query")" 'InitPlan [0-9]+ \(returns|\(InitPlan|Result' "native, a distributed table: the statement is left to Citus: $query"
	done
	is "$(for query in "${queries[@]}"; do rows "$query"; done)" "$answers" "$edition: the rows are the same"
	[ $edition = portable ] || like "$(plan 'select id from local')" 'InitPlan' '... and of a statement without such a table calls are computed once'

	# What the doctor says
	doctor() { sql distributed "$1" "${@:2}" "select status || ': ' || detail || ' > ' || coalesce(remedy, '-') from workos_doctor() where check_name = 'citus'" | tail -n 1; }
	like "$(doctor citus_user)" '^ok: Citus distributes' "$edition, the doctor: without claims there is nothing to send"
	like "$(doctor citus_user "$claims")" '^problem: The claims are on this server only.* > .*workos_propagate_claims' '... claims that were not sent are a problem'
	like "$(doctor citus_user begin "select set_config('request.jwt.claims', '{}', true)" 'select workos_propagate_claims()')" '^ok: ' '... and none after workos_propagate_claims()'
	like "$(doctor postgres 'set role authenticated')" '^problem: .*authenticated may not sign in \(NOLOGIN\)' '... a role that may not sign in is'

	# What the lint finds
	local_tables=
	[ $edition = portable ] && local_tables='citus_local warning table extensions.workos_audiences' || local_tables=$'citus_local warning table extensions.workos_audiences\ncitus_local warning table extensions.workos_configuration\ncitus_local warning table extensions.workos_issuers'
	is "$(lint)" "$local_tables"$'\ncitus_login problem role authenticated' "$edition, lint: tables of pg_workos on one server, and a role without LOGIN"
	[ $edition = portable ] && tables=extensions.workos_audiences || tables=extensions.workos_audiences,extensions.workos_configuration,extensions.workos_issuers
	distribute "$tables"
	sql distributed postgres 'alter role authenticated login' >/dev/null
	is "$(lint)" '' '... no finding when both are mended'
	sql distributed postgres 'alter role authenticated nologin' >/dev/null
	sql distributed citus_owner 'revoke all on orders from authenticated' "create policy writers on orders as restrictive for insert with check (not workos_is_impersonated())" 'create policy once on orders for delete using (org_id = (select workos_org_id()))' \
		'create policy writers on local as restrictive for insert with check (not workos_is_impersonated())' 'create policy once on local for delete using (org_id = (select workos_org_id()))'
	is "$(lint)" $'citus_restrictive problem policy writers on public.orders\ncitus_sub_select problem policy once on public.orders' '... restrictive policies and sub-selects, on distributed tables and not on others'
	is "$(sql distributed citus_owner "select count(*) from workos_lint() where rule = 'call_per_row' and object ~ 'orders' and remedy is not null")" 0 '... and no remedy adds a sub-select to them'
	[ $edition = native ] || like "$(sql distributed citus_owner "select remedy from workos_lint() where rule = 'call_per_row' and object ~ 'local' limit 1")" 'SELECT' '... as it does for other tables'

	# workos_protect()
	protects() { sql distributed citus_owner "select workos_protect('$1', to_role => 'citus_user', impersonated_writes => false)" | grep POLICY; }
	like "$(protects lines)" 'AS RESTRICTIVE' "$edition, workos_protect(): restrictive policies on a local table"
	distribute lines
	unlike "$(protects lines)" 'RESTRICTIVE|\(SELECT' '... none on a distributed one, and no sub-select'
	is "$(protects lines | grep -c 'AND NOT extensions.workos_is_impersonated()')" 3 '... but the condition in each policy for writing'
	sql distributed citus_owner "select workos_protect('lines', to_role => 'citus_user', impersonated_writes => false, apply => true)" >/dev/null
	is "$(lint | grep lines)" '' '... of which the lint finds nothing'
	impersonated=${claims/\"permissions\"/\"act\":\{\"sub\":\"a\"\},\"permissions\"}
	is "$(sql distributed citus_user "$claims" "update lines set order_id = order_id returning 1")" $'1\n1\n1' '... a user writes'
	is "$(sql distributed citus_user "$impersonated" "update lines set order_id = order_id returning 1" 'select count(*) from lines')" 3 '... an impersonator reads, and changes nothing'
	like "$(sql distributed citus_user "$impersonated" "insert into lines values (10, 'org_1')")" '^ERROR:  42501: new row violates' '... and adds nothing'
done

# Each setting is sent by a command of its own, alone in its text: so Citus can send that text to the other servers.
restart "shared_preload_libraries = 'pg_stat_statements'" "pg_stat_statements.track = all"
sql distributed postgres 'create extension pg_stat_statements'
is "$(sql distributed citus_user begin "select set_config('request.jwt.claims', '{\"sub\":\"it''s\"}', true)" 'select workos_propagate_claims()' "select current_setting('request.jwt.claims'), current_setting('citus.propagate_set_commands')" commit \
	"select current_setting('request.jwt.claims', true), current_setting('citus.propagate_set_commands', true)")" $'{"sub":"it\'s"}\n\n{"sub":"it\'s"}|local\n|' 'workos_propagate_claims() leaves the claims as they are, until the end of the transaction'
like "$(sql distributed postgres "select query from pg_stat_statements where query ~* '^set local request'")" '^set local request\.jwt\.claims = [^;]*$' '... and one text is one command'
is "$(sql distributed citus_user "$claims" begin "select set_config('request.jwt.claims', '', true)" 'select workos_propagate_claims()' "select '[' || current_setting('request.jwt.claims') || ']'" commit | tail -n 1)" '[]' '... an empty value is sent, too'
is "$(sql distributed postgres "select count(*) from pg_stat_statements where query ~* '^set local request.jwt.claims = '")" "$(sql distributed postgres "select case when current_setting('server_version_num')::int >= 180000 then 1 else 2 end")" '... so that earlier claims of the transaction do not stay there'
restart
dropdb --force distributed
psql -q -c 'drop role citus_owner, citus_user'
done_testing
