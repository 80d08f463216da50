-- Checks with EXPLAIN which calls are computed once per query, and which comparisons stay an index condition.
\set ON_ERROR_STOP on
begin;
select no_plan();
set local search_path = plans, extensions, tap;
select as_claims(token('{"org_id": "org_1"}'));
select workos_org_id() is not null as loaded \gset

create table narrow (id int primary key, org_id text, n int);
create table indexed (id int primary key, org_id text, team text, n int);
insert into narrow select g, 'org_' || g % 20, g % 7 from generate_series(1, 2000) g;
insert into indexed select g, 'org_' || g % 20, 'team_' || g % 20, g % 7 from generate_series(1, 2000) g;
create index on indexed (org_id);
create index on indexed (team);
create table parts (id int, org_id text) partition by list (org_id);
create table parts_1 partition of parts for values in ('org_1');
create table parts_2 partition of parts for values in ('org_2');
create table partial (id int, org_id text, gone boolean);
create index on partial (org_id) where not gone;
create table other_collation (id int, org_id text);
create index on other_collation (org_id collate "POSIX");
grant select on narrow, indexed, parts, partial, other_collation to authenticated;
analyze narrow, indexed;

-- The plan of a query on a table with one policy, for a role to which the policy applies.
create function plan_under(relation regclass, policy text, query text, options text default '') returns text language plpgsql as $$
declare plan text;
begin
	execute format('alter table %s enable row level security; create policy p on %1$s %s; grant all on %1$s to public', relation, policy);
	set local role authenticated;
	plan := plan_of(query, options);
	reset role;
	execute format('drop policy p on %s', relation);
	return plan;
end $$;

-- once per query
select matches(plan_under('narrow', 'using (org_id = workos_org_id())', 'select * from narrow'),
	'^Seq Scan on narrow\n +Filter: \(org_id = (\$0|\(InitPlan 1\)\.col1)\)\n +InitPlan 1', 'a column without an index: computed once');
select matches(plan_under('narrow', 'using (workos_has_permission(''p''))', 'select * from narrow'),
	'Filter: (\$0|\(InitPlan 1\)\.col1)\n +InitPlan 1', 'a call without a column: computed once');
select matches(plan_under('narrow', 'using (n = 1 or org_id = workos_org_id() or workos_has_permission(''p''))', 'select * from narrow'),
	'InitPlan 1(.|\n)*InitPlan 2', 'arms of an OR: each computed once');
select matches(plan_under('narrow', 'using (id in (select i.id from indexed i where n = length(workos_org_id())))', 'select * from narrow'),
	'InitPlan', 'inside the sub-select of a policy: computed once');
select matches(plan_under('narrow', 'using (exists (select from indexed i where i.id = narrow.id and workos_has_permission(''p'')))', 'select * from narrow'),
	'One-Time Filter: (\$\d|\(InitPlan \d\)\.col1)', 'a condition on no table, in the sub-select of a policy: computed once');
select matches(plan_under('narrow', format('using (exists (select from %s where i.id = narrow.id and coalesce(j.n, 0) >= 0))', joins), 'select * from narrow'),
	'Join Filter: [^\n]*(\$\d|\(InitPlan \d\)\.col1)', 'in a JOIN, in the sub-select of a policy: computed once: ' || joins) from unnest(array[
		'indexed i left join indexed j on j.id = i.id and i.n = length(workos_org_id())',
		'(indexed i left join indexed j on j.id = i.id and i.n = length(workos_org_id())) left join indexed k on k.id = i.id',
		'indexed k right join (indexed i left join indexed j on j.id = i.id and i.n = length(workos_org_id())) on k.id = i.id']) joins;
select unalike(plan_under('narrow', 'using (org_id = workos_org_id() or lower(org_id) = workos_org_id())', 'select * from narrow'),
	'%InitPlan 2%', 'equal calls: one InitPlan');
select matches(plan_under('narrow', 'using (org_id = workos_org_id())', 'select * from (select * from narrow limit 100) s where n = 3'),
	'^Subquery Scan(.|\n)*Filter: \(org_id = (\$0|\(InitPlan 1\)\.col1)\)', 'below a sub-select in FROM: computed once');
select matches(plan_under('narrow', 'for insert with check (org_id = workos_org_id())', 'insert into narrow select id, org_id, n from indexed'),
	'InitPlan 1', 'WITH CHECK of many rows: computed once');
select unalike(plan_under('narrow', 'for insert with check (org_id = workos_org_id())', 'insert into narrow values (0, ''org_1'', 0)'),
	'%InitPlan%', 'WITH CHECK of a single new row: not changed');
select matches(plan_under('narrow', 'for insert with check (org_id = workos_org_id())', 'insert into narrow values (generate_series(10001, 10002), ''org_1'', 0)'),
	'InitPlan 1', 'VALUES that return many rows: computed once');
select matches(plan_under('narrow', 'for update using (n > 0) with check (org_id = workos_org_id())', 'update narrow set n = 1'),
	'InitPlan 1', 'WITH CHECK of an UPDATE: once');
select unalike(plan_under('narrow', 'using (org_id = workos_org_id())', 'with q as materialized (select * from narrow) select * from q, (select * from narrow union all select * from narrow) r where exists (select from narrow where id = q.n)'),
	'%workos_org_id()%', 'in a CTE, a sub-select, a UNION and an EXISTS: computed once for all');
select matches(plan_under('narrow', 'using (workos_authenticated_within(''1 hour''))', 'select * from narrow'), 'InitPlan 1', 'a helper in SQL: once');
select matches(plan_under('narrow', 'using (workos_is_member(org_id))', 'select * from narrow'),
	'Filter: \(org_id = (\$0|\(InitPlan 1\)\.col1)\)\n +InitPlan 1', 'workos_is_member(column) without an index: computed once');
select matches(plan_under('narrow', 'using (n = 1 or not workos_is_member(lower(org_id)))', 'select * from narrow'),
	'lower\(org_id\) <> (\$0|\(InitPlan 1\)\.col1)', 'workos_is_member(expression) in an OR: computed once');
select matches(plan_under('narrow', 'using (exists (select from indexed i where workos_is_member(i.n::text) and i.id = narrow.id))', 'select * from narrow'),
	'InitPlan', 'workos_is_member in the sub-select of a policy: computed once');
select matches(plan_under('narrow', 'for insert with check (workos_is_member(org_id))', 'insert into narrow select id, org_id, n from indexed'),
	'InitPlan 1', 'workos_is_member in WITH CHECK: computed once');
select matches(plan_under('narrow', 'using (workos_is_member(''org_'' || n::text collate "C"))', 'select * from narrow'),
	'InitPlan 1', 'workos_is_member of an expression with a collation: computed once');
select matches(plan_under('narrow', 'using (workos_has_any_role(''a'', upper(''b'')))', 'select * from narrow'), 'InitPlan 1', 'constant arguments: computed once');
select matches(plan_under('narrow', 'using (n = length(workos_org_id() || workos_user_role()))', 'select * from narrow'),
	'Filter: \(n = (\$0|\(InitPlan 1\)\.col1)\)\n +InitPlan 1[^\n]*\n +->  Result\n$', 'calls inside another call: the whole expression is computed once');

-- not changed: an index or the partition key evaluates the comparison
select matches(plan_under('indexed', 'using (org_id = workos_org_id())', 'select * from indexed'),
	'Index Cond: \(org_id = workos_org_id\(\)\)', 'an index condition is kept');
select matches(plan_under('indexed', 'using (workos_org_with_permission(''p'') = org_id)', 'select * from indexed'),
	'Index Cond: \(org_id = workos_org_with_permission\(''p''::text\)\)', 'an index condition with the call on the left is kept');
select matches(plan_under('indexed', 'using (workos_is_member(org_id))', 'select * from indexed'),
	'Index Cond: \(org_id = workos_org_id\(\)\)', 'an index condition of workos_is_member(column) is kept');
select matches(plan_under('indexed', 'using (team = any (workos_permissions()))', 'select * from indexed where team < ''u'''),
	'Index Cond: .*team = ANY \(workos_permissions\(\)\)', 'an index condition with = ANY is kept');
select matches(plan_under('indexed', 'using (org_id = workos_org_id() and workos_has_permission(''p''))', 'select * from indexed'),
	'Cond: \(org_id = workos_org_id\(\)\)\n +Filter: (\$0|\(InitPlan 1\)\.col1)', 'of an AND, the index condition is kept and the other half is computed once');
select matches(plan_under('indexed', 'using ((org_id = workos_org_id() and n = 1) or (workos_has_role(''r'') and org_id = workos_org_id()))', 'select * from indexed'),
	'Index Cond: \(org_id = workos_org_id\(\)\)', 'an index condition that all arms of an OR have in common is kept');
select matches(plan_under('indexed', 'using (org_id = workos_org_id() or n = 3)', 'select * from indexed'),
	'Seq Scan(.|\n)*InitPlan 1', 'an OR that no index can evaluate: computed once');
select matches(plan_under('parts', 'using (org_id = workos_org_id())', 'select * from parts'),
	'Subplans Removed: 1', 'partitions are pruned when the query starts');
create index on parts (id);
select matches(plan_under('parts', 'using (org_id = workos_org_id() or workos_has_permission(''p''))', 'select id from parts order by id limit 1'),
	'Merge Append(.|\n)*Index Scan[^\n]*\n +Filter: \(\(org_id = (\$0|\(InitPlan 1\)\.col1)\) OR', 'in partitions that are merged: computed once');
select matches(plan_under('partial', 'using (org_id = workos_org_id())', 'select * from partial'), 'InitPlan 1', 'a partial index cannot be used: computed once');
select matches(plan_under('other_collation', 'using (org_id = workos_org_id())', 'select * from other_collation'), 'InitPlan 1', 'an index with another collation cannot be used: computed once');
select matches(plan_under('indexed', 'using (n = length(workos_org_id()))', 'select * from indexed'), 'InitPlan 1', 'an index on another column cannot be used: computed once');

-- expressions that are evaluated for each row, whatever the plan is
select matches(plan_under('indexed', 'for insert with check (org_id = workos_org_id())', 'insert into indexed select id, org_id, null, n from narrow'),
	'InitPlan 1', 'WITH CHECK of many rows on an indexed column: computed once');
select matches(plan_under('indexed', 'for update using (true) with check (team = workos_org_id())', 'update indexed set n = 1'),
	'InitPlan 1', 'WITH CHECK of an UPDATE on an indexed column: computed once');
set local enable_indexscan = off;
set local enable_bitmapscan = off;
select matches(plan_under('indexed', 'using (org_id = workos_org_id())', 'select * from indexed'),
	'Seq Scan on indexed\n +Filter: \(org_id = (\$0|\(InitPlan 1\)\.col1)\)', 'a sequential scan in spite of an index: computed once');
reset enable_indexscan;
reset enable_bitmapscan;
select matches(plan_under('parts', 'using (org_id = workos_org_id())', 'select * from parts'),
	'Subplans Removed: 1(.|\n)*Filter: \(org_id = (\$\d|\(InitPlan \d\)\.col1)\)', 'in the partition that is left: computed once');

-- the largest expression that does not depend on the row
create function pg_temp.once(policy text) returns text language sql as $$
	select plan_under('narrow', 'using (' || policy || ')', 'select * from narrow')
$$;
select is(pg_temp.once(policy), pg_temp.once('org_id = workos_org_id()'), 'computed once as a whole: ' || policy) from unnest(array[
	'org_id = lower(workos_user_role())', 'org_id = coalesce(workos_org_id(), workos_user_id(), ''none'')', 'org_id = workos_org_id() || ''''',
	'org_id = workos_claims() ->> ''plan''', 'org_id = case when workos_has_role(''r'') then ''a'' else workos_org_id() end']) policy;
select matches(pg_temp.once('org_id = any (array[workos_org_id(), ''a''])'), 'Filter: \(org_id = ANY \((\$0|\(InitPlan 1\)\.col1)\)\)\n +InitPlan 1', 'the whole array is computed once');
select matches(pg_temp.once('org_id = any (workos_permissions())'), 'Filter: \(org_id = ANY \((\$0|\(InitPlan 1\)\.col1)\)\)\n +InitPlan 1', 'a helper that returns a list is computed once');
select matches(pg_temp.once('case when n = 1 and workos_has_role(''r'') then true else org_id = workos_org_id() end'), 'InitPlan 1(.|\n)*InitPlan 2', 'in a CASE that depends on the row, each call is computed once');
select matches(pg_temp.once('n = 1 or (not workos_is_impersonated() and workos_has_role(''r''))'), 'Filter: \(\(n = 1\) OR (\$0|\(InitPlan 1\)\.col1)\)', 'an AND in an arm of an OR is computed once as a whole');
select matches(pg_temp.once('org_id = workos_org_id() || random()::text'), '(\$0|\(InitPlan 1\)\.col1) \|\| \(random\(\)\)::text(.|\n)*InitPlan 1', 'a volatile function beside the call is still evaluated for each row');

-- scans of statements that check a row again if a concurrent update has changed it
create function pg_temp.scan(policy text, query text) returns text language sql as $$
	select plan_under('narrow', 'using (' || policy || ')', query)
$$;
select matches(pg_temp.scan('n = 9 or org_id = workos_org_id()', query), 'Filter: \(\(n = 9\) OR \(org_id = (\$\d|\(InitPlan \d\)\.col1)\)\)', 'computed once in the scan of: ' || query) from unnest(array[
	'update narrow set n = 1', 'delete from narrow', 'select * from narrow for update', 'select count(*) from (select * from narrow for share) s',
	'insert into indexed select id + 5000, org_id, null, n from narrow',
	'insert into narrow select id + 5000, org_id, n from narrow on conflict (id) do update set n = excluded.n',
	'merge into narrow w using generate_series(1, 9) i on w.id = i when matched then update set n = i', 'merge into narrow w using generate_series(1, 9) i on w.id = i when matched then delete']) query;
select unalike(pg_temp.scan('org_id = workos_org_id()', 'update narrow set n = 1 from indexed i, narrow w where i.id = narrow.id and w.id = narrow.n'),
	'%InitPlan 2%', 'one InitPlan for both scans of an UPDATE and its check');
select matches(plan_under('narrow', 'for insert with check (org_id = workos_org_id())', 'with i as (insert into narrow select id, org_id, n from indexed returning 1) select count(*) from i'),
	'InitPlan 2', 'WITH CHECK of many rows in a CTE: computed once');
select matches(pg_temp.scan('org_id = workos_org_id()', 'with u as (update narrow set n = 1 returning 1) select count(*) from u'),
	'Filter: \(org_id = workos_org_id\(\)\)', 'the scan of an UPDATE in a CTE: not changed');
select matches(plan_under('narrow', 'using (n = 9 or exists (select from generate_series(1, 3) g where g < narrow.id and ''org_'' || g = workos_org_id()))', 'update narrow set n = 1'),
	'workos_org_id\(\)', 'a sub-select in the scan of an UPDATE: not changed');

-- A statement that succeeds without the hook succeeds with it: a call that no row needs is not computed.
create table reached (pub boolean, org_id text);
insert into reached select true, 'org_' || g from generate_series(1, 20000) g;
analyze reached;
create function pg_temp.rows_under(policy text, claims text) returns text language plpgsql as $$
declare n int;
begin
	execute format('alter table reached enable row level security; create policy p on reached using (%s); grant select on reached to public', policy);
	perform as_claims(claims);
	set local role authenticated;
	select count(*) into n from reached;
	reset role;
	drop policy p on reached;
	return n;
exception when others then return sqlstate;
end $$;
create table unreached (about text, policy text, claims text, rows text);
insert into unreached values
	('an arm of a CASE', 'case when true then org_id like ''org_%'' or org_id = workos_org_id() else workos_is_member(org_id || (1/0)::text) end', token(), '20000'),
	('an arm of an OR, and claims that jsonb cannot represent', 'pub or workos_claims() ->> ''plan'' = ''pro''', '{"x":1e999999}', '20000'),
	('an arm of an OR, and malformed claims', 'pub or workos_has_permission(''p'')', '{', '20000'),
	('a row needs the call, and the claims are malformed', 'not pub or workos_has_permission(''p'')', '{', '22023'),
	('450 nested pairs', repeat('(pub or (org_id is null and ', 450) || 'workos_is_authenticated()' || repeat('))', 450), token(), '20000'),
	('1,500 nested pairs', repeat('(pub or (org_id is null and ', 1500) || 'workos_is_authenticated()' || repeat('))', 1500), token(), '20000');
grant all on unreached to public;
select is(pg_temp.rows_under(policy, claims), rows, about) from unreached;

-- ... nor for a check of rows that are written, nor in an empty table.
create function pg_temp.written(policy text, claims text, statement text) returns text language plpgsql as $$
declare n int;
begin
	execute format('alter table reached enable row level security; create policy p on reached using (%s); grant all on reached to public', policy);
	perform as_claims(claims);
	set local role authenticated;
	execute statement;
	get diagnostics n = row_count;
	raise sqlstate 'P0DNE' using message = n;
exception
	when sqlstate 'P0DNE' then return sqlerrm;
	when others then return sqlstate;
end $$;
create table writing (statement text, rows text);
insert into writing values
	('insert into reached select pub, org_id from reached where org_id like ''%1''', '2000'),
	('insert into reached select true, null from generate_series(1, 0)', '0'),
	('update reached set org_id = org_id || ''x'' where org_id like ''%1''', '2000'),
	('with i as (insert into reached select pub, org_id from reached where org_id like ''%1'' returning 1) select * from i', '2000'),
	('delete from reached where org_id like ''%1''', '2000'),
	('merge into reached using generate_series(1, 9) g on org_id = ''org_'' || g when matched then update set org_id = org_id || ''x'' when not matched then insert values (true, ''new'')', '9');
grant all on writing to public;
insert into unreached values
	('an error in a division', 'pub or (1 / (length(workos_org_id()) - 5))::boolean', '{"sid":"s","sub":"user_1","org_id":"org_1"}', '20000'),
	('an error in a cast', 'pub or workos_has_role(''r'') or (workos_claims() ->> ''plan'')::boolean', '{"sid":"s","sub":"user_1","plan":"x"}', '20000');
select is(pg_temp.rows_under(policy, claims), rows, about) from unreached where about like 'an error in%';
select is(pg_temp.written(policy, claims, statement), writing.rows, about || ': ' || statement) from unreached, writing where unreached.rows = '20000' and policy like 'pub or%';
select is(pg_temp.written(replace(policy, 'pub or ', ''), claims, statement), '22P02', 'a row needs it: ' || about || ': ' || statement) from unreached, writing where about = 'an error in a cast' and writing.rows <> '0';
create table empty (like reached);
alter table empty enable row level security;
create policy p on empty using ((workos_claims() ->> 'plan')::boolean or workos_has_permission('p'));
grant all on empty to public;
select as_claims('{"sub":');
set local role authenticated;
select is_empty('select * from empty', 'an empty table and malformed claims');
select lives_ok('update empty set pub = true', 'an UPDATE of an empty table, and malformed claims');
select lives_ok('with d as (delete from empty returning 1) select * from d', 'a DELETE from an empty table, and malformed claims');
reset role;
select as_claims(token('{"org_id": "org_1"}'));
set local parallel_setup_cost = 0;
set local parallel_tuple_cost = 0;
set local min_parallel_table_scan_size = 0;
select matches(plan_under('reached', 'using (pub or workos_has_permission(''p''))', 'select count(*) from reached'), 'Gather(.|\n)*Filter(.|\n)*InitPlan', 'in a parallel plan the worker computes the call');
select is(pg_temp.rows_under(policy, claims), rows, 'in a parallel plan: ' || about) from unreached;
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;

-- Where the executor prepares a part of the plan more than once, the values must be at hand in each of them.
create table blocked (id int);
insert into blocked select g from generate_series(1, 20000) g where g % 2 = 0;
alter table blocked set (parallel_workers = 0);
analyze blocked;
grant select on blocked to public;
create table big as select g as id from generate_series(1, 20000) g;
analyze big;
alter table big enable row level security;
grant select on big to public;
-- A value that is missing in a worker is false there.
create policy p on big using (id < 0 or id not in (select b.id from blocked b where workos_has_permission('documents:read')));
select as_claims(token());
set local parallel_setup_cost = 0;
set local parallel_tuple_cost = 0;
set local min_parallel_table_scan_size = 0;
set local parallel_leader_participation = off;
set local role authenticated;
-- Beside a function of pgTAP, which is not PARALLEL SAFE, nothing would run in a worker.
select count(*) as direct from big \gset
with x as materialized (select count(*) as c from big) select c as below_a_cte from x \gset
select plan_of('select count(*) from big') as plan \gset
reset role;
select matches(:'plan'::text, 'Gather(.|\n)*Parallel Seq Scan on big(.|\n)*SubPlan', 'a worker evaluates the sub-select');
select is(:direct::bigint, 10000::bigint, 'a sub-select in workers');
select is(:below_a_cte::bigint, 10000::bigint, 'a sub-select in workers, below a CTE');
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;
reset parallel_leader_participation;

-- The errors of the planner are those of Postgres, in every statement.
create function must() returns int stable language plpgsql as $$ begin raise sqlstate 'PT402' using message = 'payment required', table = 'a table'; end $$;
select throws_ok('select count(*) from indexed where id < plans.must()', 'PT402', 'payment required', 'an SQLSTATE of somebody''s own');

-- not eligible
create function plans.my_org() returns text language plpgsql stable as 'begin return workos_org_id(); end';
select unalike(plan_under('narrow', 'using (org_id = plans.my_org())', 'select * from narrow'), '%InitPlan%', 'a function that does not belong to the extension is not changed');
select unalike(plan_under('narrow', 'using (org_id = any (plans.trigrams(''a'')))', 'select * from narrow'), '%InitPlan%', 'a C function of another library is not changed');
create function plans.workos_is_member(org_id text) returns boolean language plpgsql stable as 'begin return org_id is not null; end';
select unalike(plan_under('narrow', 'using (plans.workos_is_member(''org_1''))', 'select * from narrow'), '%InitPlan%', 'a function with the name of a helper is not changed');
select unalike(plan_under('narrow', 'using (workos_has_permission(org_id))', 'select * from narrow'), '%InitPlan%', 'a call with a column as its argument is not changed');
select unalike(plan_under('narrow', 'using (workos_has_permission(random()::text))', 'select * from narrow'), '%InitPlan%', 'a call with a volatile argument is not changed');
select unalike(plan_of('select * from narrow where workos_has_permission(''p'') or org_id = workos_org_id()'), '%InitPlan%', 'a call in a query without row security is not changed');
select matches(plan_under('narrow', 'using (org_id = (select workos_org_id()))', 'select * from narrow'),
	'^[^I]*\(?(\$0|InitPlan 1)[^I]*\n +InitPlan 1[^I]*$', 'a call that the author wrapped in a sub-select is not wrapped again');

-- off
set local workos.plan_once = off;
select is(plan_under('narrow', 'using (workos_has_permission(''p'') or org_id = workos_org_id())', 'select * from narrow'),
	e'Seq Scan on narrow\n  Filter: (workos_has_permission(''p''::text) OR (org_id = workos_org_id()))\n', 'workos.plan_once = off: the plan is not changed');
select unalike(plan_under('narrow', 'for insert with check (org_id = workos_org_id())', 'insert into narrow select id, org_id, n from indexed'), '%InitPlan%', 'workos.plan_once = off: WITH CHECK is not changed');
set local workos.plan_once = on;
select alike(plan_under('narrow', 'using (org_id = workos_org_id())', 'select * from narrow', ', settings'), '%InitPlan 1%', 'workos.plan_once = on takes effect again');
set local workos.plan_once = off;
select alike(plan_under('narrow', 'using (org_id = workos_org_id())', 'select * from narrow', ', settings'), '%workos.plan_once = ''off''%', 'EXPLAIN (SETTINGS) shows that the setting is off');
select * from finish();
rollback;
