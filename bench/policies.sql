-- What a policy costs: the same statements under the same policies, written in several ways, which take turns.
-- psql variables: rounds; slow: whether also the ways that cost many times as much.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
set search_path = bench, extensions;
set max_parallel_workers_per_gather = 0;
set jit = off;

-- Each way writes what stands in braces in a policy below. A way is not measured where it has no such expression.
create table way (n int, way text, slow boolean, plan_once boolean, expressions jsonb);
insert into way values
	(1, 'a literal', false, true, jsonb_build_object('org', $$'org_7'$$, 'user', $$'user_01HBEQKA6K4QJAS93VPE39W1JT'$$, 'permission', 'true', 'list', $$'{documents:read,documents:write,org_7,org_8}'::text[]$$,
		'member', $$org_id = 'org_7'$$, 'gate', $$'org_7'$$, 'either', $$'{org_7,org_8}'::text[]$$, 'lower', $$'org_7'$$, 'claim', $$'org_7'$$, 'kind', 'true')),
	(2, 'pg_workos', false, true, jsonb_build_object('org', 'workos_org_id()', 'user', 'workos_user_id()', 'permission', $$workos_has_permission('documents:read')$$, 'list', 'workos_permissions()',
		'member', 'workos_is_member(org_id)', 'gate', $$workos_org_with_permission('documents:read')$$, 'either', $$array[workos_org_id(), 'org_8']$$, 'lower', 'lower(workos_org_id())', 'claim', $$(workos_claims() ->> 'org_id')$$,
		'kind', $$workos_has_permission('kind:{i}')$$)),
	(3, 'pg_workos, `(select …)` by hand', false, true, jsonb_build_object('org', '(select workos_org_id())', 'user', '(select workos_user_id())', 'permission', $$(select workos_has_permission('documents:read'))$$,
		'list', '(select workos_permissions())::text[]', 'gate', $$(select workos_org_with_permission('documents:read'))$$, 'either', $$(select array[workos_org_id(), 'org_8'])::text[]$$, 'lower', '(select lower(workos_org_id()))',
		'claim', $$(select workos_claims() ->> 'org_id')$$, 'kind', $$(select workos_has_permission('kind:{i}'))$$)),
	(4, 'pg_workos, plan_once off', false, false, null),
	(5, '`(select auth.jwt() …)`', false, true, jsonb_build_object('org', $$(select auth.jwt() ->> 'org_id')$$, 'user', $$(select auth.jwt() ->> 'sub')$$, 'permission', $$(select auth.jwt() -> 'permissions' ? 'documents:read')$$,
		'list', $$array(select jsonb_array_elements_text(auth.jwt() -> 'permissions'))$$, 'member', $$org_id = (select auth.jwt() ->> 'org_id')$$,
		'gate', $$(select case when auth.jwt() -> 'permissions' ? 'documents:read' then auth.jwt() ->> 'org_id' end)$$, 'either', $$(select array[auth.jwt() ->> 'org_id', 'org_8'])::text[]$$,
		'lower', $$(select lower(auth.jwt() ->> 'org_id'))$$, 'claim', $$(select auth.jwt() ->> 'org_id')$$, 'kind', $$(select auth.jwt() -> 'permissions' ? 'kind:{i}')$$)),
	(6, 'portable edition, `(select …)`', false, true, jsonb_build_object('org', '(select portable.workos_org_id())', 'user', '(select portable.workos_user_id())', 'permission', $$(select portable.workos_has_permission('documents:read'))$$,
		'list', '(select portable.workos_permissions())::text[]', 'member', 'org_id = (select portable.workos_org_id())', 'gate', $$(select portable.workos_org_with_permission('documents:read'))$$,
		'either', $$(select array[portable.workos_org_id(), 'org_8'])::text[]$$, 'lower', '(select lower(portable.workos_org_id()))', 'claim', $$(select portable.workos_claims() ->> 'org_id')$$,
		'kind', $$(select portable.workos_has_permission('kind:{i}'))$$)),
	(7, 'PL/pgSQL helper', true, true, jsonb_build_object('org', 'my_org()', 'member', 'org_id = my_org()', 'lower', 'lower(my_org())')),
	(8, '`auth.jwt()` as it is', true, true, jsonb_build_object('org', $$(auth.jwt() ->> 'org_id')$$, 'user', $$(auth.jwt() ->> 'sub')$$, 'permission', $$(auth.jwt() -> 'permissions' ? 'documents:read')$$, 'member', $$org_id = (auth.jwt() ->> 'org_id')$$,
		'gate', $$(case when auth.jwt() -> 'permissions' ? 'documents:read' then auth.jwt() ->> 'org_id' end)$$, 'either', $$array[auth.jwt() ->> 'org_id', 'org_8']$$, 'lower', $$lower(auth.jwt() ->> 'org_id')$$, 'claim', $$(auth.jwt() ->> 'org_id')$$));
update way set expressions = (select expressions from way where n = 2) where n = 4;

create table shape (n serial, shape text, tables text[], policy text, query text, writes boolean default false, policies int default 1);
insert into shape (shape, tables, policy, query) values
	('`org_id = workos_org_id()`, indexed', '{indexed}', 'org_id = {org}', 'select count(*) from indexed'),
	('the same, not indexed', '{plain}', 'org_id = {org}', 'select count(*) from plain'),
	('the same, half of the table, in spite of an index', '{half}', 'org_id = {org}', 'select count(*) from half'),
	('`workos_is_member(org_id)`, not indexed', '{plain}', '{member}', 'select count(*) from plain'),
	('a permission alone', '{plain}', '{permission}', 'select count(*) from plain'),
	('a permission, and `org_id`, indexed', '{indexed}', '{permission} and org_id = {org}', 'select count(*) from indexed'),
	('`is_public` or `org_id`', '{plain}', 'is_public or org_id = {org}', 'select count(*) from plain'),
	('gate: `workos_org_with_permission(…)`, indexed', '{indexed}', 'org_id = {gate}', 'select count(*) from indexed'),
	('`org_id = any (array[workos_org_id(), …])`', '{plain}', 'org_id = any ({either})', 'select count(*) from plain'),
	('`org_id = lower(workos_org_id())`', '{plain}', 'org_id = {lower}', 'select count(*) from plain'),
	('`org_id = workos_claims() ->> …`', '{plain}', 'org_id = {claim}', 'select count(*) from plain'),
	('`org_id = any (workos_permissions())`', '{plain}', 'org_id = any ({list})', 'select count(*) from plain'),
	('EXISTS in a table of members', '{plain}', 'exists (select from members m where m.org_id = plain.org_id and m.user_id = {user})', 'select count(*) from plain'),
	('8 partitions by hash', '{hashed}', 'org_id = {org}', 'select count(*) from hashed'),
	('8 partitions by hash, indexed', '{hashed_indexed}', 'org_id = {org}', 'select count(*) from hashed_indexed'),
	('8 partitions by range', '{ranged}', 'org_id = {org}', 'select count(*) from ranged'),
	('100 partitions by list', '{listed}', 'org_id = {org}', 'select count(*) from listed'),
	('join of three tables', '{plain,indexed,hashed}', 'org_id = {org}', 'select count(*) from plain join indexed using (id) join hashed using (id)');
insert into shape (shape, tables, policy, query, writes) values
	('UPDATE that searches the whole table', '{plain}', 'org_id = {org}', 'update plain set n = 0 where n::text = ''''', true),
	('SELECT … FOR UPDATE that searches the whole table', '{plain}', 'is_public or org_id = {org}', 'select id from plain where n::text = '''' for update', true),
	('UPDATE of 10,000 rows', '{written}', 'org_id = {org}', 'update written set n = n + 1', true),
	('INSERT of 10,000 rows', '{written}', 'org_id = {org}', 'insert into written select 1000000 + g, ''org_7'', g, false from generate_series(1, 10000) g', true),
	('INSERT of 10,000 rows, checks a permission, too', '{written}', 'org_id = {org} and {permission}', 'insert into written select 1000000 + g, ''org_7'', g, false from generate_series(1, 10000) g', true),
	('INSERT of 10,000 rows, checks a list', '{written}', 'org_id = any ({list})', 'insert into written select 1000000 + g, ''org_7'', g, false from generate_series(1, 10000) g', true),
	('INSERT of 10,000 rows, as PostgREST writes it', '{written}', 'org_id = {org}',
		'with s as (insert into written select 1000000 + g, ''org_7'', g, false from generate_series(1, 10000) g returning 1) select count(*) from s', true),
	('MERGE of 10,000 rows', '{written}', 'org_id = {org}', 'merge into written w using generate_series(5001, 15000) g on w.id = g when matched then update set n = 0 when not matched then insert values (g, ''org_7'', g, false)', true);
insert into shape (shape, tables, policy, query, policies) values
	('100 policies with a permission each', '{kinds}', 'n = {i} and {kind}', 'select count(*) from kinds', 100);

create table result (shape text, way text, n int, round int, ms numeric);

create function bench.once(query text, writes boolean) returns numeric language plpgsql as $$
declare began timestamptz; ms numeric;
begin
	perform set_config('role', 'authenticated', true);
	began := clock_timestamp();
	execute query;
	ms := extract(epoch from clock_timestamp() - began) * 1000;
	if writes then raise exception using errcode = 'P0DNE', message = ms::text; end if;
	perform set_config('role', 'none', true);
	return ms;
exception when sqlstate 'P0DNE' then return sqlerrm::numeric;
end $$;

create function bench.policy(template text, expressions jsonb) returns text language plpgsql as $$
declare name text;
begin
	for name in select m[1] from regexp_matches(template, '\{(\w+)\}', 'g') m where m[1] <> 'i' loop
		if expressions -> name is null then return null; end if;
		template := replace(template, '{' || name || '}', expressions ->> name);
	end loop;
	return template;
end $$;

create procedure bench.run(rounds int, all_ways boolean) language plpgsql as $$
declare
	s shape; w way; t text; condition text; steady boolean; ms numeric; began timestamptz;
begin
	for s in select * from shape order by n loop
		began := clock_timestamp();
		for i in 0 .. 3 * rounds loop
			for w in select * from way where not way.slow or all_ways order by n loop
				continue when w.slow and i > least(rounds, 5);
				condition := policy(s.policy, w.expressions);
				continue when condition is null;
				foreach t in array s.tables loop
					for k in 1 .. s.policies loop
						execute format('drop policy if exists p%s on %I', k, t);
						execute format('create policy p%s on %I using (%s) with check (%3$s)', k, t, replace(condition, '{i}', (k % 100)::text));
					end loop;
				end loop;
				perform set_config('request.jwt.claims', case s.policies when 1 then claims() else claims(0, array(select 'kind:' || k from generate_series(0, 99) k)) end, true);
				perform workos_org_id();
				perform set_config('workos.plan_once', w.plan_once::text, true);
				ms := once(s.query, s.writes);
				-- Round 0 is a warm-up.
				if i > 0 then insert into result values (s.shape, w.way, w.n, i, ms); end if;
				commit;
			end loop;
			-- More rounds as long as the middle half of the runs of some way differ by more than a tenth, for 15 seconds.
			if i >= rounds then
				-- To change a hundred policies takes longer than to measure them.
				exit when s.policies > 1 or clock_timestamp() > began + '15 s';
				select every(ratio[3] - ratio[1] < ratio[2] / 10) into steady from (
					select percentile_cont('{0.25,0.5,0.75}'::float[]) within group (order by r.ms / l.ms) as ratio
					from result r join result l using (shape, round) join way y on y.n = r.n where shape = s.shape and l.n = 1 and not y.slow group by r.n) q;
				exit when steady;
			end if;
		end loop;
		foreach t in array s.tables loop
			for k in 1 .. s.policies loop
				execute format('drop policy p%s on %I', k, t);
			end loop;
		end loop;
		commit;
	end loop;
end $$;
call bench.run(:rounds, :slow);
