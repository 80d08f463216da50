-- The plans that the contract promises.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- How plans show a call of workos_org_id() and of a gate: the native edition by name, the portable one with its body.
select case when exists (select from pg_extension where extname = 'pg_workos')
		then '(extensions\.)?workos_org_id\(\)' else '\(COALESCE\([^=]*''org_id''::text\)' end as org_id,
	case when exists (select from pg_extension where extname = 'pg_workos')
		then '(extensions\.)?workos_org_with_permission\(''documents:read''::text\)' else '\(COALESCE\([^=]*''permissions''::text, ''documents:read''::text\)\) ->> ''org_id''::text\)' end as gate \gset

grant usage on schema lab to authenticated;
create table lab.member (id int, org_id text, filler text);
insert into lab.member select g, 'org_' || g % 100, repeat('x', 50) from generate_series(1, 20000) g;
create index on lab.member (org_id);
create table lab.gated (like lab.member including indexes);
insert into lab.gated select * from lab.member;
create table lab.varchar_c (id int, org_id varchar(40) collate "C");
insert into lab.varchar_c select id, org_id from lab.member;
create index on lab.varchar_c (org_id);
create table lab.varchar_d as select id, org_id::varchar(40) from lab.member;
create index on lab.varchar_d (org_id);
analyze lab.member, lab.gated, lab.varchar_c, lab.varchar_d;
alter table lab.member enable row level security, force row level security;
alter table lab.gated enable row level security, force row level security;
create policy p on lab.member using (workos_is_member(org_id));
create policy p on lab.gated using (org_id = workos_org_with_permission('documents:read'));
grant select on all tables in schema lab to authenticated;

-- Index conditions, for the owner under FORCE and for a role with a grant.
select as_claims(token('{"org_id": "org_1"}'));
select matches(plan_of('select * from lab.member'), 'Index Cond: \(org_id = ' || :'org_id' || '\)', 'workos_is_member inlines to an index condition, in a policy');
select matches(plan_of('select * from lab.gated'), 'Index Cond: \(org_id = ' || :'gate' || '\)', 'a gate is an index condition, in a policy');
select matches(plan_of('select * from lab.varchar_c where org_id = workos_org_id()'), 'Index Cond: \(\(org_id\)::text = ' || :'org_id' || '\)', 'a varchar column with collation C, compared with =');
select matches(plan_of('select * from lab.varchar_d where workos_is_member(org_id)'), 'Index Cond: \(\(org_id\)::text = ' || :'org_id' || '\)', 'a varchar column with workos_is_member');
select unalike(plan_of('select * from lab.member where workos_is_member(org_id)'), '%is_member%', 'workos_is_member is inlined completely');
set local role authenticated;
select is(count(*), 200::bigint, 'a member reads the rows of the organization') from lab.member;
select is(count(*), 200::bigint, 'a user with the permission reads the rows behind the gate') from lab.gated;
reset role;

-- If a gate returns NULL, no page is read.
create function pg_temp.buffers(query text) returns text language sql as $$
	select coalesce(substring(plan_of(query, ', analyze, buffers, timing off, summary off') from 'Index Scan[^\n]*rows=0[^\n]*\n *Index Cond[^\n]*\n(?: *Index Searches[^\n]*\n)?((?: *Buffers[^\n]*\n)?)'), 'no such plan')
$$;
set local enable_bitmapscan = off;
set local enable_seqscan = off;
select as_claims(token('{"org_id": "org_1", "permissions": []}'));
select is(pg_temp.buffers('select * from lab.gated'), '', 'a gate that returns NULL reads no page');
select as_claims('');
select is(pg_temp.buffers('select * from lab.gated'), '', 'a gate for an anonymous request reads no page');
select as_claims(token('{"org_id": "org_none"}'));
select matches(pg_temp.buffers('select * from lab.gated'), 'Buffers: ', 'a gate that returns an id reads pages, so the two tests before can fail');
reset enable_bitmapscan;
reset enable_seqscan;

-- The planner uses the statistics of the column.
create table lab.skewed as select case when g <= 19900 then 'org_big' else 'org_small' end as org_id from generate_series(1, 20000) g;
analyze lab.skewed;
create function pg_temp.expected_rows(query text) returns int language plpgsql as $$
declare
	plan json;
begin
	execute 'explain (format json) ' || query into plan;
	return plan -> 0 -> 'Plan' -> 'Plan Rows';
end $$;
select as_claims(token('{"org_id": "org_small"}'));
select cmp_ok(pg_temp.expected_rows('select * from lab.skewed where org_id = workos_org_id()'), '<', 1000, 'the estimate for a small tenant is small');
select as_claims(token('{"org_id": "org_big"}'));
select cmp_ok(pg_temp.expected_rows('select * from lab.skewed where org_id = workos_org_id()'), '>', 15000, 'the estimate for a big tenant is big');

-- Partitions are pruned when execution starts.
create table lab.part (id int, org_id text) partition by list (org_id);
create table lab.part_1 partition of lab.part for values in ('org_1');
create table lab.part_2 partition of lab.part for values in ('org_2');
create table lab.part_3 partition of lab.part for values in ('org_3');
insert into lab.part select g, 'org_' || 1 + g % 3 from generate_series(1, 30) g;
select as_claims(token('{"org_id": "org_1"}'));
select matches(plan_of('select * from lab.part where org_id = workos_org_id()'), 'Subplans Removed: 2', 'the other partitions are pruned at start-up');

-- Parallel plans: each worker reads the setting.
select as_claims(token('{"org_id": "org_1"}'));
set local parallel_setup_cost = 0;
set local parallel_tuple_cost = 0;
set local min_parallel_table_scan_size = 0;
set local max_parallel_workers_per_gather = 2;
set local enable_indexscan = off;
set local enable_bitmapscan = off;
select matches(plan_of('select count(*) from lab.member'), 'Gather.*Parallel Seq Scan.*Filter: \(org_id = (' || :'org_id' || '|\$\d|\(InitPlan 1\)\.col1)\)', 'a policy allows a parallel plan');
select matches(plan_of('select count(*) from lab.member', ', analyze, timing off, summary off'), 'Workers Launched: [12]', 'parallel workers are launched');
set local parallel_leader_participation = off;
select is(count(*), 200::bigint, 'the workers return the rows of the member') from lab.member;
select is(count(*), 20000::bigint, 'a check with an argument is true in a worker') from lab.varchar_c where workos_has_permission('documents:read') and workos_token_kind() = 'session';
select is(count(*), 0::bigint, 'a check for a missing permission is false in a worker') from lab.varchar_c where workos_has_permission('documents:delete');
select as_claims(token('{"org_id": "org_1", "exp": 1}'));
select is(count(*), 0::bigint, 'expired claims are ignored in a worker') from lab.member;
select as_claims('{"sid": "session_1", "sub": "user_secret"');
select is(complaint('{"sid": "session_1", "sub": "user_secret"', '(select count(*) from lab.varchar_c where workos_has_permission(''x''))'),
	'22023 | setting "request.jwt.claims" is not valid JSON | The gateway must set it to the claims of a verified token as one JSON object, or to an empty string for an anonymous visitor.',
	'malformed claims are refused in a worker');
select * from finish();
rollback;
