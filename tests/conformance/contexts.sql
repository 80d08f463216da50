-- Helpers in different contexts: PL/pgSQL, prepared statements, cursors, views, column defaults and policies.
\set ON_ERROR_STOP on

begin read only;
select count(answer(token(), call)) = 26 as read_only from helper \gset
rollback;

begin;
select no_plan();
select ok(:'read_only', 'every helper returns its value in a READ ONLY transaction');

-- PL/pgSQL keeps the state of a simple expression for the transaction, but the claims can change.
create function pg_temp.who() returns text language plpgsql stable as $$
declare
	id text;
begin
	id := workos_user_id();
	return id;
end $$;
create function pg_temp.walk() returns text[] language plpgsql as $$
declare
	seen text[] := '{}';
begin
	for i in 1..5 loop
		perform as_claims(format('{"sid":"session_1","sub":"user_%s"}', i));
		seen := seen || workos_user_id() || pg_temp.who();
	end loop;
	return seen;
end $$;
select is(pg_temp.walk(), '{user_1,user_1,user_2,user_2,user_3,user_3,user_4,user_4,user_5,user_5}', 'PL/pgSQL: each call reads the claims that are set when it runs');

-- One statement with one plan runs under many claims, as in Supabase Realtime (postgres_changes).
create temp table note (id int primary key, org_id text);
insert into note values (1, 'org_1'), (2, 'org_2');
prepare visible as select array_agg(id order by id) from note where org_id = workos_org_id();
create function pg_temp.subscribers() returns text[] language plpgsql as $$
declare
	seen text[] := '{}';
	ids text;
begin
	for i in 1..20 loop
		perform as_claims(format('{"sid": "session_1", "sub": "user_1", "org_id": "org_%s"}', i % 4));
		execute 'execute visible' into ids;
		seen := seen || coalesce(ids, '-');
	end loop;
	return seen;
end $$;
select is(pg_temp.subscribers(), '{"{1}","{2}",-,-,"{1}","{2}",-,-,"{1}","{2}",-,-,"{1}","{2}",-,-,"{1}","{2}",-,-}', 'a prepared statement returns each subscriber its own rows');
set local plan_cache_mode = force_generic_plan;
select is(pg_temp.subscribers(), '{"{1}","{2}",-,-,"{1}","{2}",-,-,"{1}","{2}",-,-,"{1}","{2}",-,-,"{1}","{2}",-,-}', 'a prepared statement with a generic plan returns each subscriber its own rows');

-- Claims change inside one statement: each call reads the current ones, and earlier results stay unchanged.
select is((select array_agg(id) from (select workos_org_id() as id, as_claims(format('{"sid":"session_1","sub":"user_1","org_id":"org_%s"}', g)) from generate_series(1, 3) g offset 0) s)
	|| workos_org_id(), '{org_0,org_1,org_2,org_3}', 'results of calls before a change of the claims stay unchanged');

-- A cursor stays open while the claims change.
select as_claims('{"sid":"session_1","sub":"user_1","org_id":"org_1"}');
create temp table many as select g as id, 'org_1'::text as org_id from generate_series(1, 3000) g;
insert into many select 10000, 'org_2';
create index on many (org_id);
analyze many;
set local enable_seqscan = off;
set local enable_bitmapscan = off;
declare reader cursor for select org_id from many where org_id = workos_org_id();
fetch 1 from reader \g /dev/null
select as_claims(format('{"sid":"session_1","sub":"user_2","org_id":"%s"}', repeat('x', 200)));
select workos_org_id() is not null as churned \gset
select matches(plan_of('select org_id from many where org_id = workos_org_id()'), 'Index.*Index Cond: \(org_id = ((extensions\.)?workos_org_id\(\)|\(COALESCE\([^=]*''org_id''::text\))\)', 'the cursor reads an index');
select ok(:'churned', 'other claims are set between two fetches');
create temp table fetched (org_id text);
do $$
declare
	reader refcursor := 'reader';
	org text;
begin
	loop
		fetch reader into org;
		exit when not found;
		insert into fetched values (org);
	end loop;
end $$;
select is((select count(*) || ' ' || min(org_id) || ' ' || max(org_id) from fetched), '2999 org_1 org_1', 'the open index scan keeps the key that it started with');

-- Column defaults and views.
create temp table doc (id int, org_id text default workos_org_id(), author text default workos_user_id());
select as_claims('{"sid":"session_1","sub":"user_1","org_id":"org_1"}');
insert into doc values (1);
select as_claims('{"sid":"session_1","sub":"user_2","org_id":"org_2"}');
insert into doc values (2);
select is((select array_agg(org_id || ' ' || author order by id) from doc), '{org_1 user_1,org_2 user_2}', 'a column default uses the claims of the caller');
create temp view mine as select id from doc where org_id = workos_org_id();
select is((select array_agg(id) from mine), '{2}', 'a view uses the claims of the caller');
select as_claims('{"sid":"session_1","sub":"user_1","org_id":"org_1"}');
select is((select array_agg(id) from mine), '{1}', 'the view uses the claims of the next caller');
select as_claims('');
select is((select array_agg(id) from mine), null, 'the view returns no rows to an anonymous request');
select throws_ok('create index on doc ((workos_user_id()))', '42P17', null, 'an index on a helper is refused, because the helper is not IMMUTABLE');
select throws_ok('create temp table g (x text generated always as (workos_user_id()) stored)', '42P17', null, 'a generated column that uses a helper is refused');

-- Policies that are created in a loop.
do $$
declare
	name text;
begin
	foreach name in array '{sheets,slides}'::text[] loop
		execute format('create table lab.%I (id int, org_id text)', name);
		execute format('alter table lab.%I enable row level security, force row level security', name);
		execute format('create policy %I on lab.%I using (org_id = workos_org_id())', name || ' of members', name);
	end loop;
end $$;
select as_claims('{"sid":"session_1","sub":"user_1","org_id":"org_1"}');
insert into lab.sheets values (1, 'org_1');
insert into lab.slides values (1, 'org_1');
select throws_ok('insert into lab.slides values (2, ''org_2'')', '42501', null, 'a policy that was created in a loop refuses a row of another tenant');
select is((select count(*) from lab.sheets natural join lab.slides), 1::bigint, 'a policy that was created in a loop shows the rows of the tenant');
select as_claims('{"sid":"session_1","sub":"user_1","org_id":"org_2"}');
select is((select count(*) from lab.sheets) + (select count(*) from lab.slides), 0::bigint, 'a policy that was created in a loop hides the rows of other tenants');

-- Nothing that depends on claims is folded into a plan.
set local plan_cache_mode = force_generic_plan;
prepare who as select workos_user_id() || ' ' || workos_has_permission('p');
create function pg_temp.prepared() returns text language plpgsql as $$
declare
	said text;
begin
	execute 'execute who' into said;
	return said;
end $$;
select answers('{"sid":"session_1","sub":"user_1","permissions":["p"]}', 'pg_temp.prepared()', 'user_1 true', 'a prepared statement');
select answers('{"sid":"session_1","sub":"user_2"}', 'pg_temp.prepared()', 'user_2 false', 'the same prepared statement under other claims');
select answers('', 'pg_temp.prepared()', null, 'the same prepared statement for an anonymous request');

-- A client sets other settings, whose names are next to request.jwt.claims in alphabetical order.
select is(workos_user_id() || ' ' || count(set_config(prefix || n, 'x', n % 2 = 0)), 'user_names 140',
	'many settings with similar names are created in one statement')
	from (select as_claims('{"sid":"session_1","sub":"user_names"}')) signed_in,
		unnest('{request.é,request.jwt.é,request.jwt.claimé,request.jwt.claimsé,ré.x,request.jwt.claim,request.jwt.claims_}'::text[]) prefix,
		generate_series(0, 19) n group by workos_user_id();
select answers('{"sid":"session_1","sub":"user_names"}', 'workos_user_id() || current_setting(''request.jwt.claims'')', 'user_names{"sid":"session_1","sub":"user_names"}', 'the claims are still read after that');
select answers('{"sid":"session_1","sub":"user_others"}', 'workos_user_id()', 'user_others', 'other claims can be set after that');
select * from finish();
rollback;
