-- The planner hook does not change the rows that a query returns. Each query of plans/shapes.sql runs with the setting
-- on and off, and on tables whose policies have each call in a (select …) written by hand. It runs directly and as a
-- prepared statement with a generic plan, and under the claims of five callers in turn. With the setting on, it also runs
-- in parallel workers.
\set ON_ERROR_STOP on
set client_min_messages = warning;
-- The first call loads the library, which defines the setting.
select workos_org_id() is null as loaded \gset
select current_setting('server_version_num')::int < 160000 as fifteen \gset
\if :fifteen
	\set parallel force_parallel_mode
\else
	\set parallel debug_parallel_query
\endif

create temp table outcome (n int, planned text, mode text, answers text[], workers int, primary key (n, planned, mode));
grant all on outcome to public;

create function pg_temp.run(planned text, mode text) returns void language plpgsql as $$
declare s plans.shape; answers text[];
begin
	perform set_config('role', 'authenticated', true),
		set_config('search_path', case planned when 'by hand' then 'wrapped' else 'bare' end || ', extensions', true),
		set_config('workos.plan_once', case planned when 'once' then 'on' else 'off' end, true);
	for s in select * from plans.shape order by n loop
		perform set_config('plans.workers', '0', false);
		answers := plans.answers(s, mode);
		insert into pg_temp.outcome values (s.n, planned, mode, answers, current_setting('plans.workers')::int);
	end loop;
end $$;

select pg_temp.run('once', 'direct');
select pg_temp.run('per row', 'direct');
select pg_temp.run('by hand', 'direct');

set plan_cache_mode = auto;
select pg_temp.run('once', 'prepared');
select pg_temp.run('per row', 'prepared');
select pg_temp.run('by hand', 'prepared');

set plan_cache_mode = force_generic_plan;
select pg_temp.run('once', 'generic plan');
select pg_temp.run('per row', 'generic plan');
select pg_temp.run('by hand', 'generic plan');

set plan_cache_mode = auto;
set :parallel = on;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
set min_parallel_index_scan_size = 0;
set parallel_leader_participation = off;
select pg_temp.run('once', 'parallel');
reset :parallel;

begin;
select no_plan();
select is(once.answers, per_row.answers, format('%s: once = per row: %s', mode, query))
	from outcome once join outcome per_row using (n, mode) join plans.shape using (n)
	where once.planned = 'once' and per_row.planned = 'per row' order by mode, n;
select is(once.answers, by_hand.answers, format('%s: once = by hand: %s', mode, query))
	from outcome once join outcome by_hand using (n, mode) join plans.shape using (n)
	where once.planned = 'once' and by_hand.planned = 'by hand' order by mode, n;
select is(prepared.answers[1:cardinality(direct.answers)], direct.answers, format('%s, first turn = direct: %s', prepared.mode, query))
	from outcome direct join outcome prepared using (n, planned) join plans.shape using (n)
	where planned = 'once' and direct.mode = 'direct' and prepared.mode in ('prepared', 'generic plan') order by prepared.mode, n;

select is(parallel.answers, (select array_agg(a order by at) from unnest(direct.answers) with ordinality d(a, at) where a ~ '^(admin|member): '), format('parallel = direct: %s', query))
	from outcome direct join outcome parallel using (n, planned) join plans.shape using (n)
	where planned = 'once' and direct.mode = 'direct' and parallel.mode = 'parallel' and cardinality(parallel.answers) > 0 order by n;

-- The tests above can fail: there are enough queries, and most return different rows to different callers.
select cmp_ok(count(*), '>=', 100::bigint, 'there are at least a hundred queries') from plans.shape;
select cmp_ok(count(*), '>=', 140::bigint, 'most queries return different rows to different callers')
	from (select n from outcome, unnest(answers) a where planned = 'once' and mode = 'direct' and a like '%: %' and a not like 'broken: %'
		group by n having count(distinct substr(a, strpos(a, ':'))) > 1) s;
select cmp_ok(count(*), '>=', 60::bigint, 'parallel workers ran at least 60 queries') from outcome where mode = 'parallel' and workers > 0;
select is(array_agg(distinct substr(a, strpos(a, ':') + 2, 5)), null, 'the only errors are refusals by a policy and malformed claims')
	from outcome, unnest(answers) a where a ~ '^\w+: [0-9A-Z]{5} ' and substr(a, strpos(a, ':') + 2, 5) not in ('42501', '22023', '44000');
select * from finish();
rollback;
