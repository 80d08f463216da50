-- What a policy costs, compared with a hard-coded literal. psql variables: rows, rounds.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
create schema if not exists extensions;
create schema auth;
create schema bench;
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
grant usage on schema extensions, auth, bench to authenticated;
create extension pg_workos with schema extensions;
set search_path = bench, extensions;
set max_parallel_workers_per_gather = 0;
set jit = off;

-- common alternatives
create function auth.jwt() returns jsonb language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$$;
create function bench.my_org() returns text language plpgsql stable as $$
begin
	return current_setting('request.jwt.claims', true)::json ->> 'org_id';
end $$;

create function bench.claims(padding int default 0) returns text language sql as $$
	select json_build_object('iss', 'https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ',
		'sub', 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'sid', 'session_01HQSXZGF8FHF7A9ZZFCW4387R', 'jti', '01HQSXZXPPFPKMDD32RKTFY6PV',
		'org_id', 'org_7', 'role', 'authenticated', 'user_role', 'editor', 'roles', array['editor'],
		'permissions', array['documents:read', 'documents:write', 'org_7', 'org_8'], 'iat', 1790000000, 'exp', 4102444800, 'pad', repeat('x', padding))::text
$$;

create table wide_open (id int primary key, org_id text, n int, is_public boolean);
insert into wide_open select g, 'org_' || g % 100, g, false from generate_series(1, :rows) g;
create table indexed (like wide_open);
insert into indexed table wide_open;
alter table indexed add primary key (id);
create index on indexed (org_id);
create table own (like wide_open);
insert into own select g, 'org_7', g, false from generate_series(1, 10000) g;
alter table own add primary key (id);
create table parted (like wide_open) partition by hash (org_id);
do $$ begin for i in 0 .. 7 loop execute format('create table parted_%s partition of parted for values with (modulus 8, remainder %1$s)', i); end loop; end $$;
insert into parted table wide_open;
create table members (user_id text, org_id text, primary key (user_id, org_id));
insert into members select 'user_' || g, 'org_' || g % 100 from generate_series(1, 1000) g;
insert into members values ('user_01HBEQKA6K4QJAS93VPE39W1JT', 'org_7'), ('user_01HBEQKA6K4QJAS93VPE39W1JT', 'org_8');
create policy p on wide_open using (true);
create policy p on indexed using (true);
create policy p on own using (true);
create policy p on parted using (true);
grant all on all tables in schema bench to authenticated;
vacuum (analyze, freeze);

create table way (n int, way text, org text, usr text, perm text, list text, member text, gate text);
insert into way values
	(1, 'literal', $$'org_7'$$, $$'user_01HBEQKA6K4QJAS93VPE39W1JT'$$, 'true', $$'{documents:read,documents:write,org_7,org_8}'::text[]$$, null, null),
	(2, 'pg_workos', 'workos_org_id()', 'workos_user_id()', $$workos_has_permission('documents:read')$$, 'workos_permissions()',
		'workos_is_member(org_id)', $$workos_org_with_permission('documents:read')$$),
	(3, 'pg_workos, (select …) by hand', '(select workos_org_id())', '(select workos_user_id())', $$(select workos_has_permission('documents:read'))$$,
		'(select workos_permissions())::text[]', null, $$(select workos_org_with_permission('documents:read'))$$),
	(4, 'pg_workos, plan_once off', 'workos_org_id()', 'workos_user_id()', $$workos_has_permission('documents:read')$$, 'workos_permissions()',
		'workos_is_member(org_id)', $$workos_org_with_permission('documents:read')$$),
	(5, 'auth.jwt(), (select …) by hand', $$((select auth.jwt()) ->> 'org_id')$$, $$((select auth.jwt()) ->> 'sub')$$, $$((select auth.jwt()) -> 'permissions' ? 'documents:read')$$,
		$$array(select jsonb_array_elements_text(auth.jwt() -> 'permissions'))$$, null,
		$$(select case when auth.jwt() -> 'permissions' ? 'documents:read' then auth.jwt() ->> 'org_id' end)$$),
	(6, 'plpgsql helper', 'my_org()', null, null, null, null, null),
	(7, 'auth.jwt()', $$(auth.jwt() ->> 'org_id')$$, $$(auth.jwt() ->> 'sub')$$, $$(auth.jwt() -> 'permissions' ? 'documents:read')$$, null, null,
		$$(case when auth.jwt() -> 'permissions' ? 'documents:read' then auth.jwt() ->> 'org_id' end)$$);

create table shape (n serial, shape text, tables text[], policy text, query text, writes boolean default false);
insert into shape (shape, tables, policy, query, writes) values
	('indexed equality', '{indexed}', 'org_id = {org}', 'select count(*) from indexed', false),
	('unindexed equality', '{wide_open}', 'org_id = {org}', 'select count(*) from wide_open', false),
	('workos_is_member(column), unindexed', '{wide_open}', '{member}', 'select count(*) from wide_open', false),
	('permission alone', '{wide_open}', '{perm}', 'select count(*) from wide_open', false),
	('permission and indexed column', '{indexed}', '{perm} and org_id = {org}', 'select count(*) from indexed', false),
	('is_public or column', '{wide_open}', 'is_public or org_id = {org}', 'select count(*) from wide_open', false),
	('gate', '{indexed}', 'org_id = {gate}', 'select count(*) from indexed', false),
	('EXISTS in a membership table', '{wide_open}', 'exists (select from members m where m.org_id = wide_open.org_id and m.user_id = {usr})', 'select count(*) from wide_open', false),
	('list claim, = any', '{wide_open}', 'org_id = any ({list})', 'select count(*) from wide_open', false),
	('partitions', '{parted}', 'org_id = {org}', 'select count(*) from parted', false),
	('join of three tables', '{wide_open,indexed,parted}', 'org_id = {org}', 'select count(*) from wide_open join indexed using (id) join parted using (id)', false),
	('UPDATE of 10 k rows', '{own}', 'org_id = {org}', 'update own set n = n + 1', true),
	('INSERT of 10 k rows', '{own}', 'org_id = {org}', 'insert into own select 1000000 + g, ''org_7'', g, false from generate_series(1, 10000) g', true);

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

-- The variants run in turn, so that other load on the machine affects all of them equally. Variants that cost many times
-- more than a literal run less often.
create procedure bench.run(rounds int) language plpgsql as $$
declare s shape; w way; policy text; t text; size bigint := (select count(*) from wide_open);
begin
	for s in select * from shape order by n loop
		for i in 0 .. rounds * greatest(1, 50000 / size) loop
			for w in select * from way order by n loop
				continue when w.n >= 5 and (i = 0 or i > greatest(1, rounds * 100000 / size));
				-- One run takes a minute or more.
				continue when w.n >= 6 and size > 1000000;
				policy := replace(replace(replace(replace(replace(s.policy, '{org}', coalesce(w.org, '?')), '{usr}', coalesce(w.usr, '?')), '{perm}', coalesce(w.perm, '?')),
					'{list}', coalesce(w.list, '?')), '{gate}', coalesce(w.gate, case w.way when 'literal' then w.org else '?' end));
				policy := replace(policy, '{member}', coalesce(w.member, 'org_id = ' || w.org));
				continue when policy like '% ?%' and policy !~ ' \? ''' or policy in ('?') or policy like '%(?)%' or policy like '? and%';
				foreach t in array s.tables loop
					execute format('alter policy p on %I using (%s) with check (%2$s); alter table %1$I enable row level security', t, policy);
				end loop;
				perform set_config('request.jwt.claims', claims(), true);
				perform workos_org_id();
				perform set_config('workos.plan_once', case w.n when 4 then 'off' else 'on' end, true);
				policy := once(s.query, s.writes)::text;
				-- Round 0 is a warm-up.
				if i > 0 then insert into result values (s.shape, w.way, w.n, i, policy::numeric); end if;
				commit;
			end loop;
		end loop;
	end loop;
end $$;
call bench.run(:rounds);
