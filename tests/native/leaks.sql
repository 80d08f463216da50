-- Isolation between users: a plan or a prepared statement that was made under other claims uses the current claims.
\set ON_ERROR_STOP on
set client_min_messages = warning;
select workos_org_id() is null as loaded \gset
set search_path = public, plans, extensions, tap;

-- Three kinds of plan: an index condition, a call that is computed once, and neither (the setting is off).
create table plans.by_index (id int primary key, org_id text);
create table plans.by_scan (id int primary key, org_id text);
insert into plans.by_index select g, 'org_' || g % 40 from generate_series(1, 400) g;
insert into plans.by_scan table plans.by_index;
create index on plans.by_index (org_id);
alter table plans.by_index enable row level security;
alter table plans.by_scan enable row level security;
create policy p on plans.by_index using (org_id = workos_org_id());
create policy p on plans.by_scan using (org_id = workos_org_id() or workos_has_permission('all'));
grant select, update on plans.by_index, plans.by_scan to authenticated;
analyze plans.by_index, plans.by_scan;

create function plans.tenant(n int) returns text language sql as $$
	select jsonb_build_object('sub', 'user_' || n, 'sid', 'session_' || n, 'org_id', 'org_' || n)::text
$$;
create function plans.as_tenant(n int) returns void language sql as $$
	select set_config('request.jwt.claims', tenant(n), true), set_config('role', 'authenticated', true)
$$;
-- Whose rows a query returned: the tenants and the number of rows.
create function plans.whose(query text) returns text language plpgsql as $$
declare answer text;
begin
	execute format('select coalesce(string_agg(distinct org_id, '','' order by org_id), ''nobody'') || '' '' || count(*) from (%s) q', query) into answer;
	return answer;
end $$;

-- Each check adds a row if it fails. The table is kept across the transactions.
create temp table wrong (what text);
grant insert on wrong to public;

-- prepared statements whose plans were made under the first claims, in many transactions, with generic and custom plans
prepare scan as select coalesce(min(org_id), 'nobody') || ' ' || count(*) as whose from by_scan;
prepare one_key as select coalesce(min(org_id), 'nobody') || ' ' || count(*) as whose from by_index;
prepare with_parameter(int) as select coalesce(min(org_id), 'nobody') || ' ' || count(*) as whose from by_index natural join by_scan where id > $1;
create function plans.check_prepared(about text, n int) returns void language plpgsql as $$
declare
	want text := case when n is null then 'nobody 0' else 'org_' || n || ' 10' end;
	got text; statement text;
begin
	if n is null then perform set_config('request.jwt.claims', '', true), set_config('role', 'authenticated', true); else perform as_tenant(n); end if;
	foreach statement in array array['scan', 'one_key', 'with_parameter(0)'] loop
		execute 'execute ' || statement into got;
		if got is distinct from want then insert into pg_temp.wrong values (format('%s, %s: %s instead of %s', about, statement, got, want)); end if;
	end loop;
end $$;
create procedure plans.many_transactions(about text) language plpgsql as $$
begin
	for i in 1 .. 300 loop
		perform check_prepared(about, case when i % 10 > 0 then i % 40 end);
		if i % 3 = 0 then rollback; else commit; end if;
	end loop;
end $$;
set plan_cache_mode = auto;
call plans.many_transactions('auto');
set plan_cache_mode = force_generic_plan;
call plans.many_transactions('generic plans');
set plan_cache_mode = force_custom_plan;
call plans.many_transactions('custom plans');
reset plan_cache_mode;
set workos.plan_once = off;
call plans.many_transactions('planned while on, executed while off');
discard plans;
call plans.many_transactions('off');
set workos.plan_once = on;
call plans.many_transactions('planned while off, executed while on');

-- a statement prepared by a role that sees everything, executed by one that does not
begin;
prepare by_all as select count(*) as n from by_scan;
execute by_all \gset superior_
select as_tenant(3) \g /dev/null
execute by_all \gset tenant_
reset role;
execute by_all \gset again_
commit;

-- plpgsql: expressions and static queries keep their plans for the session, through transactions
create function plans.remembering() returns text language plpgsql as $$
declare org text; n int;
begin
	org := workos_org_id();
	select count(*) into n from by_scan;
	if n <> (select count(*) from by_index) then return 'the tables differ'; end if;
	if workos_is_member('org_7') <> (org = 'org_7') then return 'the functions differ'; end if;
	return coalesce(org, 'nobody') || ' ' || n;
end $$;
create procedure plans.remember() language plpgsql as $$
declare got text;
begin
	for i in 1 .. 400 loop
		perform as_tenant(i % 40);
		got := remembering();
		if got <> 'org_' || i % 40 || ' 10' then insert into pg_temp.wrong values ('plpgsql, transaction ' || i || ': ' || got); end if;
		-- and inside the same transaction
		perform as_tenant((i + 1) % 40);
		got := remembering();
		if got <> 'org_' || (i + 1) % 40 || ' 10' then insert into pg_temp.wrong values ('plpgsql, changed in transaction ' || i || ': ' || got); end if;
		commit;
		if workos_org_id() is not null then insert into pg_temp.wrong values ('plpgsql: the claims outlived transaction ' || i); end if;
	end loop;
end $$;
call plans.remember();

-- one expression, in one transaction, under the claims of hundreds of users
create function plans.one_expression(n int) returns int language plpgsql as $$
declare org text; kept text[] := '{}'; right_ones int := 0;
begin
	for i in 1 .. n loop
		perform set_config('request.jwt.claims', tenant(i), true);
		org := workos_org_id();
		kept := kept || org;
	end loop;
	for i in 1 .. n loop
		right_ones := right_ones + (kept[i] = 'org_' || i)::int;
	end loop;
	return right_ones;
end $$;
begin;
select one_expression(300) as in_one_expression \gset
commit;

-- Supabase Realtime: inside one call, one prepared statement without parameters runs for thousands of subscribers
create function plans.apply_rls(subscribers int) returns int language plpgsql as $$
declare visible boolean; seen int := 0;
begin
	for relation in 1 .. 2 loop
		execute format('prepare walrus as select exists (select from %s where id = 125)', (array['by_scan', 'by_index'])[relation]);
		for i in 1 .. subscribers loop
			perform as_tenant(i % 40);
			execute 'execute walrus' into visible;
			if visible <> (i % 40 = 5) then insert into pg_temp.wrong values ('Realtime, subscriber ' || i); end if;
			seen := seen + visible::int;
		end loop;
		perform set_config('role', 'none', true);
		deallocate walrus;
	end loop;
	return seen;
end $$;
select apply_rls(2000) as seen \gset

-- a function called for each row sets the claims and reads under them
create function plans.seen_by(n int) returns text language plpgsql as $$
begin
	perform as_tenant(n);
	return whose('select * from by_scan union all select * from by_index');
end $$;
begin;
select count(*) filter (where seen_by(n) = 'org_' || n || ' 20') as per_row from generate_series(0, 39) n \gset
rollback;

-- cursors
begin;
set local enable_seqscan = off;
set local enable_bitmapscan = off;
select as_tenant(1) \g /dev/null
declare key_held cursor for select org_id, id from by_index;
set local enable_seqscan = on;
declare scan_held cursor for select org_id, id from by_scan;
declare kept cursor with hold for select org_id, id from by_scan order by id;
fetch 1 from key_held \g /dev/null
fetch 1 from scan_held \g /dev/null
-- Other tenants follow, so the memory of the first claims is overwritten.
select seen_by(n) from generate_series(2, 39) n \g /dev/null
select as_tenant(39) \g /dev/null
create function pg_temp.rest_of(c refcursor) returns text language plpgsql as $$
declare r record; n int := 0; orgs text[] := '{}';
begin
	loop
		fetch c into r;
		exit when not found;
		n := n + 1;
		if not r.org_id = any (orgs) then orgs := orgs || r.org_id; end if;
	end loop;
	return array_to_string(orgs, ',') || ' ' || n;
end $$;
select pg_temp.rest_of('key_held') as key_held, pg_temp.rest_of('scan_held') as scan_held \gset
select whose('select * from by_scan') as beside_the_cursors \gset
reset role;
select as_tenant(1) \g /dev/null
commit;
begin;
select as_tenant(2) \g /dev/null
select whose('select * from by_scan') as beside_the_kept \gset
fetch 1 from kept \gset kept_
commit;
close kept;

-- savepoints
begin;
select as_tenant(1) \g /dev/null
execute scan \gset first_
savepoint s;
select as_tenant(2) \g /dev/null
execute scan \gset inner_
rollback to s;
execute scan \gset back_
savepoint s;
select set_config('request.jwt.claims', '{"sub": ', true) \g /dev/null
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
execute scan \g /dev/null
\set broken_state :SQLSTATE
\set ON_ERROR_STOP on
\set VERBOSITY default
rollback to s;
execute scan \gset after_broken_
rollback;

begin;
select no_plan();
select is(array_agg(what), null, 'no user saw the rows of another') from wrong;
select is(:superior_n, 400, 'a statement prepared by a role with BYPASSRLS returns all rows to it');
select is(:tenant_n, 10, '... executed by a tenant, it returns the rows of the tenant');
select is(:again_n, 400, '... executed by the first role again, it returns all rows');
select is(:seen, 100, 'Realtime: the subscribers of one tenant see the row, once by scan and once by index');
select is(:in_one_expression, 300, 'one expression under hundreds of claims returns the right value each time');
select is(:per_row, 40, 'claims that change inside a statement apply to the next query');
select is(:'key_held'::text, 'org_1 9', 'a cursor on an index keeps the tenant of the first fetch, although the claims changed');
select is(:'scan_held'::text, 'org_1 9', 'a cursor on a sequential scan keeps the tenant of the first fetch');
select is(:'beside_the_cursors'::text, 'org_39 10', '... and another query returns the rows of the current tenant');
select is(:'kept_org_id'::text, 'org_1', 'a cursor WITH HOLD returns the rows of its transaction');
select is(:'beside_the_kept'::text, 'org_2 10', '... and another query returns the rows of the current tenant');
select is(:'first_whose'::text, 'org_1 10', 'before the savepoint: the rows of the first tenant');
select is(:'inner_whose'::text, 'org_2 10', 'inside the savepoint: the rows of the second tenant');
select is(:'back_whose'::text, 'org_1 10', 'after ROLLBACK TO: the rows of the first tenant again');
select is(:'broken_state'::text, '22023', 'malformed claims raise an error');
select is(:'after_broken_whose'::text, 'org_1 10', 'after the error and ROLLBACK TO: the rows of the first tenant');
select * from finish();
rollback;
