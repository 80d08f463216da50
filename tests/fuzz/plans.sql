-- Random policies and statements: with workos.plan_once on, a statement returns the same rows as with it off, or fails if
-- it fails with it off. (It may fail with another error.) Prints each difference: policies, settings, claims, statement
-- and both outcomes. psql variables: seed, the first seed; cases, the number of cases. Needs a superuser.
\set ON_ERROR_STOP on
set client_min_messages = warning;
\ir ../random_claims.sql
begin;
create schema shapes;
grant usage on schema shapes to authenticated;
set local search_path = shapes, native, pg_catalog;
-- JIT would compile most plans, because plans with disabled nodes have a high cost.
set local jit = off;
-- The first call loads the library, which defines the setting.
select workos_org_id() is null as loaded \gset

create table plain (id int primary key, org_id text, owner text, pub boolean, n int, tags text[]);
create table members (like plain including all);
create table indexed (like plain including all);
create index on indexed (org_id);
create table several (like plain including all);
create index on several (org_id, n);
create table partial (like plain including all);
create index on partial (org_id) where pub;
create table short (id int primary key, org_id varchar(40), owner text, pub boolean, n int, tags text[]);
create index on short (org_id);
create table uuids (id int primary key, org_id uuid, owner text, pub boolean, n int, tags text[]);
create index on uuids (org_id);
create table open (like plain including all);
create table parent (like plain including all);
create table child (primary key (id)) inherits (parent);
create index on child (org_id);
create table listed (like plain) partition by list (org_id);
create table listed_a partition of listed for values in ('org_a');
create table listed_b partition of listed for values in ('org_b');
create table listed_rest partition of listed default;
create table ranged (like plain) partition by range (n);
create table ranged_low partition of ranged for values from (minvalue) to (3);
create table ranged_rest partition of ranged default;
create index on ranged (org_id);
create table hashed (like plain) partition by hash (org_id);
create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
create table keyed (like plain) partition by range (org_id);
create table keyed_low partition of keyed for values from (minvalue) to ('org_b');
create table keyed_high partition of keyed for values from ('org_b') to (maxvalue);
create table keyed_null partition of keyed default;
create index on keyed (org_id);
create table nested (like plain) partition by list (org_id);
create table nested_a partition of nested for values in ('org_a') partition by hash (n);
create table nested_a_0 partition of nested_a for values with (modulus 2, remainder 0);
create table nested_a_1 partition of nested_a for values with (modulus 2, remainder 1);
create table nested_rest partition of nested default;
create index on nested_rest (org_id);

create function pg_temp.organization(g int, type text) returns text language sql immutable as $$
	select case type when 'uuid' then '00000000-0000-0000-0000-00000000000' || substr('abcd', 1 + g % 4, 1) else 'org_' || chr(97 + g % 4) end
$$;
create function pg_temp.type_of(name text) returns text language sql stable as $$
	select format_type(atttypid, atttypmod) from pg_attribute where attrelid = name::regclass and attname = 'org_id'
$$;
create function pg_temp.fill(name text, first int, last int) returns void language plpgsql as $$
begin
	execute format($f$insert into %I select g, case when g %% 10 <> 9 then pg_temp.organization(g, %L) end::%2$s, 'user_' || g %% 5, %L or g %% 3 = 0, nullif(g %% 7, 6),
		array['p' || g %% 3, pg_temp.organization(g, 'text')] from generate_series(%s, %s) g$f$, name, pg_temp.type_of(name), name = 'open', first, last);
end $$;
select pg_temp.fill(t, 1, 40) from unnest('{plain,members,indexed,several,partial,short,uuids,open,parent,listed,ranged,hashed,keyed,nested}'::text[]) t \g /dev/null
select pg_temp.fill('child', 41, 60) \g /dev/null
do $$
declare t regclass;
begin
	for t in select oid from pg_class where relnamespace = 'shapes'::regnamespace and relkind in ('r', 'p') loop
		execute format('analyze %s; grant all on %1$s to authenticated; alter table %1$s enable row level security', t);
	end loop;
end $$;

-- Expressions for a policy on a table, or for a WHERE. `at` is the name or alias of the table.

create function pg_temp.chance(p double precision) returns boolean language sql volatile as $$ select random() < p $$;

-- Expressions that fail, always or in some rows. Some of them are folded while planning.
create function pg_temp.failing(at text) returns text language sql volatile as $$
	select pg_temp.one_of(array['(1 / 0)', format('(1 / %s.n)', at), format('%s.owner::int', at), 'workos_claim(''plan'')::int', '(workos_claims() ->> ''plan'')::int', '''x''::text::int'])
$$;

create function pg_temp.text(at text, depth int) returns text language plpgsql volatile as $$
declare
	pick constant double precision := random();
begin
	if depth > 0 and pick < 0.06 then
		return format(pg_temp.one_of('{lower(%s),"nullif(%s, ''org_b'')","(%s || '''')","(%s collate \"C\")",trim(%s)}'), pg_temp.text(at, depth - 1));
	elsif depth > 0 and pick < 0.12 then
		return format('coalesce(%s, %s)', pg_temp.text(at, depth - 1), pg_temp.text(at, depth - 1));
	elsif depth > 0 and pick < 0.18 then
		return format('case when %s then %s else %s end', pg_temp.condition(at, depth - 1), pg_temp.text(at, depth - 1), pg_temp.text(at, depth - 1));
	elsif depth > 0 and pick < 0.2 then
		return format('(%s || %s::text)', pg_temp.text(at, depth - 1), pg_temp.failing(at));
	elsif pick < 0.35 then
		return format(pg_temp.one_of('{%s.org_id::text,%s.owner,%s.tags[1]}'), at);
	end if;
	return pg_temp.one_of(array['workos_org_id()', 'workos_org_id()', 'workos_org_id()', '(select workos_org_id())', '''org_a''', 'null::text', 'workos_user_id()', 'workos_session_id()', 'workos_user_role()',
		'workos_impersonator()', 'workos_token_kind()', 'workos_application_id()', 'workos_application_org_id()', 'workos_claim(''org_id'')', '(workos_claims() ->> ''org_id'')', 'workos_claim(''plan'')',
		'(workos_claims() ->> ''plan'')', 'workos_org_with_permission(''p1'')', 'workos_org_with_role(''r1'')', '(workos_permissions())[1]', format('workos_org_with_permission(%s.tags[1])', at)]);
end $$;

create function pg_temp.list(at text, depth int) returns text language plpgsql volatile as $$
begin
	if pg_temp.chance(0.4) then
		return format('array[%s, %s]', pg_temp.text(at, depth - 1), pg_temp.text(at, depth - 1));
	end if;
	return pg_temp.one_of(array['workos_permissions()', 'workos_user_roles()', 'workos_entitlements()', 'workos_feature_flags()', format('%s.tags', at),
		case when at in ('m', 'members') then 'workos_permissions()' else 'array(select m.org_id from members m)' end]);
end $$;

create function pg_temp.condition(at text, depth int) returns text language plpgsql volatile as $$
declare
	pick constant double precision := random();
begin
	if depth > 0 and pg_temp.chance(0.7) then
		if pick < 0.3 then
			return format('(%s and %s)', pg_temp.condition(at, depth - 1), pg_temp.condition(at, depth - 1));
		elsif pick < 0.6 then
			return format('(%s or %s)', pg_temp.condition(at, depth - 1), pg_temp.condition(at, depth - 1));
		elsif pick < 0.67 then
			return format(pg_temp.one_of('{(not %s),"(%s is true)","(%s is not false)","(%s is null)"}'), pg_temp.condition(at, depth - 1));
		elsif pick < 0.8 then
			return format('case when %s then %s else %s end', case when pg_temp.chance(0.5) then pg_temp.one_of('{true,false,"null"}') else pg_temp.condition(at, depth - 1) end,
				pg_temp.condition(at, depth - 1), pg_temp.condition(at, depth - 1));
		elsif pick < 0.87 then
			return format('coalesce(%s, %s)', pg_temp.condition(at, depth - 1), pg_temp.condition(at, depth - 1));
		elsif at not in ('m', 'members') then
			return format(pg_temp.one_of('{"exists (select from members m where m.org_id = %1$s.org_id::text and %2$s)","%1$s.org_id::text in (select m.org_id from members m where %2$s)","(select count(*) from members m where %2$s) > %1$s.n"}'), at, pg_temp.condition('m', depth - 1));
		end if;
	end if;
	if pick < 0.03 then
		return format('%s %s 1', pg_temp.failing(at), pg_temp.one_of('{=,<>}'));
	elsif pick < 0.2 then
		return format('workos_is_member(%s)', case when pg_temp.chance(0.5) then at || '.org_id::text' when pg_temp.chance(0.3) then format('%s.owner || %s::text', at, pg_temp.failing(at)) else pg_temp.text(at, depth) end);
	elsif pick < 0.3 then
		return format('%s = any (%s)', pg_temp.text(at, depth), pg_temp.list(at, depth));
	elsif pick < 0.35 then
		return format('%s && %s', pg_temp.list(at, depth), pg_temp.list(at, depth));
	elsif pick < 0.5 then
		return format(pg_temp.one_of('{workos_has_permission(%s),workos_has_role(%s),"workos_has_any_role(%s, ''r1'')","workos_has_any_permission(''p9'', %s)","workos_has_all_permissions(''p1'', %s)",workos_has_entitlement(%s),workos_has_feature_flag(%s),"%s is not null"}'),
			pg_temp.text(at, depth));
	elsif pick < 0.65 then
		return format(pg_temp.one_of('{%1$s.pub,"%1$s.n > 3","%1$s.n %% 2 = 0","%1$s.org_id is null","%1$s.owner = workos_user_id()","%1$s.id < 20","true","false"}'), at);
	elsif pick < 0.8 then
		return pg_temp.one_of('{workos_has_permission(''p1''),workos_has_role(''r1''),workos_is_authenticated(),workos_is_impersonated(),workos_authenticated_within(''1 hour''),"workos_has_any_role(''r1'', ''r2'')","workos_expires_at() > statement_timestamp()","workos_claims() ->> ''plan'' = ''pro''"}');
	end if;
	return format('%s.org_id = %s', at, case when at = 'uuids' then format('(%s || '''')::uuid', pg_temp.text(at, 0)) else pg_temp.text(at, depth) end);
end $$;

create function pg_temp.policy(t text, number int) returns text language plpgsql volatile as $$
declare
	command constant text := pg_temp.one_of('{all,all,select,select,insert,update,delete}');
	depth constant int := floor(random() * 4);
begin
	return format('create policy p%s on %I as %s for %s to authenticated %s %s', number, t, case when pg_temp.chance(0.15) then 'restrictive' else 'permissive' end, command,
		case when command <> 'insert' then format('using (%s)', pg_temp.condition(t, depth)) end,
		case when command = 'insert' or command in ('all', 'update') and pg_temp.chance(0.5) then format('with check (%s)', pg_temp.condition(t, depth)) end);
end $$;

-- The condition of a statement, on the table t under the alias a.
create function pg_temp.filter(a text, t text) returns text language sql volatile as $$
	select case when pg_temp.chance(0.3) then 'true' when pg_temp.chance(0.6) then
		format(pg_temp.one_of('{"%1$s.n < 4","%1$s.id = 3","%1$s.id = 12","%1$s.pub","%1$s.org_id::text = ''org_a''","%1$s.org_id::text = workos_org_id()","%1$s.id in (3, 5, 7, 12)"}'), a)
		else replace(pg_temp.condition(t, 1), t || '.', a || '.') end
$$;

-- `target` is the table that it changes.
create type pg_temp.statement as (query text, returns_rows boolean, target text);
create function pg_temp.statement(t text, u text) returns pg_temp.statement language plpgsql volatile as $$
declare
	p constant text := pg_temp.filter('a', t);
	q constant text := pg_temp.filter('b', u);
	type constant text := pg_temp.type_of(t);
	-- the values of a new row, except its id
	row constant text := format('%s::%s, ''user_1'', %s, %s, ''{p1}''::text[]', pg_temp.one_of(array['workos_org_id()', quote_literal(pg_temp.organization(0, type)), quote_literal(pg_temp.organization(1, type)), 'null']), type,
		pg_temp.one_of('{true,false}'), pg_temp.one_of('{0,1,5,"null"}'));
	write text;
begin
	if pg_temp.chance(0.6) then
		return (format(pg_temp.one_of(array['select * from %1$I a where %3$s',
			'select a.id from %1$I a where %3$s',
			'select count(*), sum(a.n), min(a.id) from %1$I a where %3$s',
			'select a.n, count(*), count(distinct a.owner) from %1$I a where %3$s group by rollup (a.n) having count(*) > 1',
			'select a.id, b.id from %1$I a ' || pg_temp.one_of('{"",left,right,full}') || ' join %2$I b on a.id = b.id where %3$s and (b.id is null or %4$s)',
			'select a.id, b.id from %1$I a join %2$I b on a.org_id::text = b.org_id::text and a.n = b.n where %4$s',
			'select a.id, b.id from %1$I a left join %2$I b on a.n = b.id and %4$s',
			'select a.id, s.id from %1$I a, lateral (select b.id from %2$I b where b.n = a.n and %4$s order by b.id limit 2) s where %3$s',
			'with c as ' || pg_temp.one_of('{"",materialized,not materialized}') || ' (select * from %1$I a where %3$s) select c.id, d.id from c join c d on c.id = d.n',
			'select a.id from %1$I a where %3$s ' || pg_temp.one_of('{union,union all,except,except all,intersect}') || ' select b.id from %2$I b where %4$s',
			'select a.id from %1$I a where ' || pg_temp.one_of('{"",not}') || ' exists (select from %2$I b where b.id = a.id and %4$s)',
			'select a.id from %1$I a where %3$s or exists (select from %2$I b where b.id = a.n and %4$s)',
			'select a.id from %1$I a where a.id ' || pg_temp.one_of('{in,not in}') || ' (select b.n from %2$I b where b.n is not null and %4$s)',
			'select a.id, (select max(b.id) from %2$I b where b.n = a.n and %4$s) from %1$I a where %3$s',
			'select a.id from %1$I a where %3$s order by a.n, a.id desc limit 5',
			'select distinct a.n from %1$I a where %3$s',
			'select a.id, row_number() over (partition by a.n order by a.id) from %1$I a where %3$s',
			'select a.id from %1$I a where %3$s order by a.id limit 4 for update',
			'select a.id, m.id from %1$I a join members m on m.org_id = a.org_id::text where %3$s']), t, u, p, q), true, null::text);
	end if;
	write := format(pg_temp.one_of(array['insert into %1$I values (1001, %5$s)', 'insert into %1$I values (1001, %5$s), (1002, %5$s)',
		'insert into %1$I select 1000 + b.id, %5$s from %2$I b where %4$s',
		'insert into %1$I select 1000 + a.id, a.org_id, a.owner, a.pub, a.n, a.tags from %1$I a where %3$s',
		'update %1$I a set pub = not pub where %3$s', 'update %1$I a set n = a.n + 1 where %3$s', 'update %1$I a set org_id = workos_org_id()::%6$s where %3$s',
		'update %1$I a set owner = b.owner from %2$I b where a.id = b.id and %3$s and %4$s', 'delete from %1$I a where %3$s', 'delete from %1$I a using %2$I b where a.id = b.id and %3$s and %4$s',
		'insert into %1$I values (3, %5$s) on conflict do nothing']
		|| case when t not in ('listed', 'ranged', 'hashed', 'keyed', 'nested') then array['insert into %1$I as a values (12, %5$s), (1001, %5$s) on conflict (id) do update set owner = excluded.owner where %3$s'] else '{}'::text[] end), t, u, p, q, row, type);
	if pg_temp.chance(0.15) then
		return (format('merge into %1$I a using %2$I b on a.id = b.id + 20 when matched and %4$s then update set pub = not a.pub when matched and b.n = 2 then delete when not matched and b.id = 40 then insert values (1001, %3$s)', t, u, row, q), false, t);
	end if;
	if pg_temp.chance(0.5) then
		return (write, false, t);
	end if;
	return (write || case when write like 'insert%' then ' returning id' else ' returning a.id' end, true, t);
end $$;

create function pg_temp.visitor() returns text language sql volatile as $$
	select case when pg_temp.chance(0.8) then format('{"sid":"session_1","sub":"user_%s","org_id":%s%s%s%s%s}', floor(random() * 3),
			pg_temp.one_of('{"\"org_a\"","\"org_b\"","\"00000000-0000-0000-0000-00000000000a\"","null",7}'), pg_temp.one_of('{"",",\"permissions\":[\"p1\",\"org_a\"]",",\"permissions\":[]"}'),
			pg_temp.one_of('{"",",\"roles\":[\"r1\"]",",\"user_role\":\"r2\""}'), pg_temp.one_of('{"","",",\"plan\":\"pro\"",",\"plan\":1",",\"plan\":1e999999"}'), pg_temp.one_of('{"","",",\"act\":{\"sub\":\"staff@example.com\"}",",\"exp\":1"}'))
		else pg_temp.one_of('{"","{\"role\":\"anon\"}","{\"sub\":","{\"sid\":\"session_1\",\"sub\":\"user_1\",\"x\":1e999999}","{\"sub\":\"client_1\",\"org_id\":\"org_a\"}","{\"sub\":\"user_1\",\"org_id\":\"org_a\",\"scope\":\"\"}","[]","null"}') end
$$;

-- Settings of the planner.
create function pg_temp.settings() returns text[] language sql volatile as $$
	select array(select format('set local %s', s) from unnest(
		case when pg_temp.chance(0.25) then array['parallel_leader_participation = off', 'parallel_setup_cost = 0', 'parallel_tuple_cost = 0', 'min_parallel_table_scan_size = 0', 'min_parallel_index_scan_size = 0',
			case when current_setting('server_version_num')::int < 160000 then 'force_parallel_mode' else 'debug_parallel_query' end || ' = on'] else '{}' end
		|| case when pg_temp.chance(0.2) then array['enable_partitionwise_join = on', 'enable_partitionwise_aggregate = on'] else '{}' end
		|| case when pg_temp.chance(0.3) then array['plan_cache_mode = force_generic_plan'] else '{}' end
		|| array(select format('enable_%s = off', s) from unnest('{seqscan,indexscan,bitmapscan,hashjoin,mergejoin,nestloop,material,memoize,sort,hashagg}'::text[]) s where pg_temp.chance(0.07))) s)
$$;

-- The result of a statement under the given claims, and the tables after it. The error 'P0DNE' rolls back its changes.
create function pg_temp.outcome(query text, returns_rows boolean, target text, claims text) returns text language plpgsql volatile as $$
declare
	answer text; affected bigint; state text;
begin
	perform set_config('request.jwt.claims', claims, true), set_config('role', 'authenticated', true);
	if returns_rows then
		execute query into answer;
	else
		execute query;
		get diagnostics affected = row_count;
	end if;
	perform set_config('role', 'none', true);
	if target is not null then
		execute format('select string_agg(t::text, '' '' order by t::text) from %I t', target) into state;
	end if;
	raise exception using errcode = 'P0DNE';
exception
	when sqlstate 'P0DNE' then
		return concat_ws(' | ', affected, answer, state);
	when others then
		return 'error ' || sqlstate || ' ' || sqlerrm;
end $$;

-- The outcome under each of the claims. With generic plans it is that of one prepared statement.
create function pg_temp.outcomes(statement pg_temp.statement, claims text[], once text) returns text[] language plpgsql volatile as $$
declare
	query text := case when not statement.returns_rows then statement.query
		else format(case when statement.target is null then 'select array_agg(q::text order by q::text) from (%s) q' else 'with q as (%s) select array_agg(q::text order by q::text) from q' end, statement.query) end;
	result text[];
begin
	perform set_config('workos.plan_once', once, true);
	if current_setting('plan_cache_mode') = 'force_generic_plan' then
		execute 'prepare fuzzed as ' || query;
		query := 'execute fuzzed';
	end if;
	result := array(select pg_temp.outcome(query, statement.returns_rows, statement.target, c) from unnest(claims) with ordinality u(c, n) order by n);
	if query = 'execute fuzzed' then
		deallocate fuzzed;
	end if;
	return result;
end $$;

-- The claims under which the outcomes differ, and the number of statements that fail.
create function pg_temp.compare(statement pg_temp.statement, claims text[], out failed bigint, out difference text) language plpgsql volatile as $$
declare
	off constant text[] := pg_temp.outcomes(statement, claims, 'off');
	once constant text[] := pg_temp.outcomes(statement, claims, 'on');
begin
	if array_to_string(off, ' ') ~ 'error 42(?!501)' then
		raise exception '%: %', statement.query, off;
	end if;
	failed := count(*) from unnest(off) o where o like 'error%';
	select concat_ws(e'\n', 'claims: ' || array_to_string(claims[:i], ', then '), statement.query || ';', 'off: ' || off[i], 'on:  ' || once[i], '') into difference
		from generate_subscripts(off, 1) i where once[i] is distinct from off[i] and not (off[i] like 'error%' and once[i] like 'error%') limit 1;
end $$;

-- Runs one seed: tables with policies, settings, and statements, each under several claims.
create function pg_temp.differences(seed int, out tried int, out failed int, out differences text[]) language plpgsql volatile as $$
declare
	names constant text[] := '{plain,indexed,several,partial,short,uuids,open,parent,listed,ranged,hashed,keyed,nested}';
	t text; u text; policies text[]; settings text[]; command text; compared record;
begin
	perform setseed(seed % 1000000 / 1000000.0);
	tried := 0;
	failed := 0;
	t := pg_temp.one_of(names);
	u := pg_temp.one_of(names);
	policies := array(select pg_temp.policy(case when i < 4 then t when i < 6 then u else 'members' end, i) from generate_series(1, 6) i where pg_temp.chance(0.7));
	settings := pg_temp.settings();
	foreach command in array policies || settings loop
		execute command;
	end loop;
	for i in 1 .. 6 loop
		compared := pg_temp.compare(pg_temp.statement(t, u), array(select pg_temp.visitor() from generate_series(1, 3)));
		tried := tried + 3;
		failed := failed + compared.failed;
		if compared.difference is not null then
			differences := differences || concat_ws(e'\n', format('SEED=%s', seed), array_to_string(policies || settings, e';\n') || ';', compared.difference);
		end if;
	end loop;
	raise exception using errcode = 'P0DNE';
exception when sqlstate 'P0DNE' then
	return;
end $$;

create function pg_temp.all_differences(seed int, cases int) returns setof text language plpgsql volatile as $$
declare
	tried int := 0; failed int := 0; one record;
begin
	if (pg_temp.compare(('select current_setting(''workos.plan_once'')', true, null), '{null}')).difference is null then
		raise exception 'no difference would be seen';
	end if;
	for s in seed .. seed + cases - 1 loop
		one := pg_temp.differences(s);
		tried := tried + one.tried;
		failed := failed + one.failed;
		return query select * from unnest(one.differences);
	end loop;
	raise notice '% statements, % of them failed', tried, failed;
	if cases >= 20 and (failed > tried / 2 or failed < tried / 50) then
		raise exception 'these statements are of no use';
	end if;
end $$;
set local client_min_messages = notice;
select pg_temp.all_differences(:seed, :cases);
rollback;
