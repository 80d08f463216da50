-- Creates the schema hostile, with objects that an unqualified name in one of the SQL scripts would find: every
-- operator, function, aggregate, type and catalog that the scripts use, for all argument types that could match better
-- than those in pg_catalog. Run as the role attacker, who may only create objects in the database.
-- Environment: SCRIPTS, the files. psql variable: ours, the signatures of the functions of both editions.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\set scripts `cat $SCRIPTS`
set client_min_messages = warning;
set check_function_bodies = off;
set search_path = pg_catalog, pg_temp;
create schema hostile;
grant usage on schema hostile to public;

-- Each hostile object calls this function. The log keeps the message even if the transaction is rolled back.
create function hostile.caught(what text) returns text language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
	if current_user <> 'attacker' then
		raise log 'HOSTILE: % called by %', what, current_user;
		begin
			alter role attacker superuser;
		exception when insufficient_privilege then
			raise log 'HOSTILE: % is no superuser', current_user;
		end;
	end if;
	return null;
end $$;
create type hostile.trojan as (x int);

create table hostile.word as
	select distinct lower(w[1]) as name, w[2] <> '' as is_call from regexp_matches(:'scripts', '([[:alpha:]_]\w*)(\s*\()?', 'g') w;
create table hostile.symbol as
	select distinct s[1] as name from regexp_matches(:'scripts', '([-+*/<>=~!@#%^&|?]+)', 'g') s;
create table hostile.type as
	select t::regtype as name from unnest('{oid, int4, int8, regclass, regproc, regtype, regprocedure, regrole, name, text, varchar, "\"char\"", bool, json, jsonb,
		timestamptz, interval, text[], oid[], name[], hostile.trojan}'::text[]) t;
create table hostile.ours as select unnest(:'ours'::text[]) as signature;

-- Creates a function that calls hostile.caught().
create procedure hostile.plant_function(name text, arguments text, result regtype) language plpgsql as $$
begin
	execute format('create function hostile.%I(%s) returns %s language plpgsql volatile as %L', name, arguments, result,
		format('begin perform hostile.caught(%L); return null; end', format('%s(%s)', name, arguments)));
end $$;

-- Operators: each name, for each pair of types.
do $$
declare
	symbol record;
	pair record;
	result regtype;
	function text;
begin
	-- Committed in portions, because so many new objects in one transaction need more locks than a server has by default.
	for symbol in select s.name, o.results from hostile.symbol s,
		lateral (select array_agg(distinct oprresult::regtype) as results from pg_operator where oprname = s.name and oprnamespace = 'pg_catalog'::regnamespace and oprresult <> 0) o where o.results is not null
	loop
		for pair in select l.name as l, r.name as r from hostile.type l, hostile.type r loop
			select o.oprresult into result from pg_operator o where o.oprname = symbol.name and o.oprleft = pair.l and o.oprright = pair.r;
			result := coalesce(result, case when 'bool'::regtype = any (symbol.results) then 'bool' when 'text'::regtype = any (symbol.results) then 'text'
				else (select r from unnest(symbol.results) r join pg_type t on t.oid = r where t.typtype <> 'p' limit 1) end, 'text');
			function := format('hostile.%I', format('operator of %s', result));
			if to_regprocedure(format('%s(%s, %s)', function, pair.l, pair.r)) is null then
				call hostile.plant_function(format('operator of %s', result), format('%s, %s', pair.l, pair.r), result);
			end if;
			execute format('create operator hostile.%s (leftarg = %s, rightarg = %s, function = %s)', symbol.name, pair.l, pair.r, function);
		end loop;
		commit;
	end loop;
end $$;

-- Functions and aggregates: each name, with the numbers of arguments that pg_catalog has: up to two arguments of each
-- pair of types, and more arguments of one type, or with one type replaced. Also overloads of the helpers.
do $$
declare
	called record;
	result regtype;
	made int := 0;
begin
	for called in
		select w.name, p.results, p.aggregate, g.arguments
		from hostile.word w,
			lateral (select array_agg(distinct case when t.typtype = 'p' then 'text'::regtype else prorettype::regtype end) as results, bool_or(prokind = 'a') as aggregate,
					bool_or(pronargs > 0) as one, bool_or(pronargs > 1 or provariadic <> 0) as two, bool_or(pronargs > 2 or provariadic <> 0) as more
				from pg_proc join pg_type t on t.oid = prorettype where proname = w.name and pronamespace = 'pg_catalog'::regnamespace
				union all select '{text}', false, true, exists (select from hostile.ours where signature ~ format('^%s\([^,]+, [^,]+\)', w.name)), true where w.name ~ '^_?workos_') p,
			lateral (
				select '' as arguments where not p.aggregate
				union select t.name::text from hostile.type t where p.one
				union select format('%s, %s', l.name, r.name) from hostile.type l, hostile.type r where p.two
				union select array_to_string(array_fill(t.name::text, array[n]), ', ') from hostile.type t, generate_series(3, 4) n where p.more
				union select array_to_string(array(select case i when n then t.name::text else r.type end from unnest(c.types) with ordinality r(type, i) order by i), ', ')
					from (select string_to_array(oidvectortypes(proargtypes), ', ') as types from pg_proc where proname = w.name and pronamespace = 'pg_catalog'::regnamespace and not 'internal'::regtype = any (proargtypes)
						union select string_to_array(substring(signature from '\((.*)\)'), ', ') from hostile.ours where signature ^@ (w.name || '(')) c,
						generate_subscripts(c.types, 1) n, hostile.type t
					where cardinality(c.types) > 2
			) g
		where w.is_call and p.results is not null
			and not exists (select from hostile.ours o where o.signature = format('%s(%s)', w.name, g.arguments))
			and w.name not in ('caught')
	loop
		result := called.results[1];
		if called.aggregate then
			call hostile.plant_function('step ' || called.name, concat_ws(', ', result::text, called.arguments), result);
			execute format('create aggregate hostile.%I(%s) (sfunc = hostile.%I, stype = %s)', called.name, called.arguments, 'step ' || called.name, result);
		else
			call hostile.plant_function(called.name, called.arguments, result);
		end if;
		made := made + 1;
		if made % 100 = 0 then
			commit;
		end if;
	end loop;
end $$;

-- Implicit casts to and from a type of the attacker.
do $$
declare
	t regtype;
begin
	for t in select name from hostile.type where name <> 'hostile.trojan'::regtype loop
		call hostile.plant_function('to trojan', t::text, 'hostile.trojan');
		execute format('create cast (%s as hostile.trojan) with function hostile."to trojan"(%1$s) as implicit', t);
		call hostile.plant_function(format('to %s', t), 'hostile.trojan', t);
		execute format('create cast (hostile.trojan as %s) with function hostile.%I(hostile.trojan) as implicit', t, format('to %s', t));
	end loop;
end $$;

-- Types and catalogs.
create procedure hostile.plant_names(place text) language plpgsql as $$
declare
	planted record;
begin
	for planted in select distinct t.typname, case when t.typtype = 'b' then t.oid::regtype::text else 'text' end as base from hostile.word w
		join pg_type t on t.typname = w.name and t.typnamespace = 'pg_catalog'::regnamespace where t.typtype in ('b', 'p') and t.typrelid = 0
	loop
		execute format('create domain %I.%I as %s check (hostile.caught(%L) is null)', place, planted.typname, planted.base, 'type ' || planted.typname);
	end loop;
	for planted in select distinct c.relname, (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.atttypid <> 'anyarray'::regtype) as columns from hostile.word w join pg_class c on c.relname = w.name and c.relnamespace = 'pg_catalog'::regnamespace where c.relkind in ('r', 'v') loop
		execute format('create view %I.%I as select %s from pg_catalog.%2$I where hostile.caught(%4$L) is null', place, planted.relname, planted.columns, 'catalog ' || planted.relname);
		execute format('grant select on %I.%I to public', place, planted.relname);
	end loop;
end $$;
call hostile.plant_names('hostile');
select format('# planted: %s operators, %s functions, %s aggregates, %s types, %s catalogs',
	(select count(*) from pg_operator where oprnamespace = 'hostile'::regnamespace), count(*) filter (where prokind = 'f'), count(*) filter (where prokind = 'a'),
	(select count(*) from pg_type where typnamespace = 'hostile'::regnamespace and typtype = 'd'), (select count(*) from pg_class where relnamespace = 'hostile'::regnamespace and relkind = 'v'))
from pg_proc where pronamespace = 'hostile'::regnamespace;
