-- Moves a database from the portable edition to the native one, or back, and keeps every policy, column
-- default and view that uses a function of it. One transaction: it happens as a whole or not at all.
--
--   psql -v to=native -f sql/portable/move.sql
--   psql -v to=portable -f sql/portable/move.sql
--
-- Run it as a role that owns those tables and may create the extension. If something else depends on a
-- function (a check constraint, a materialized view, a function with a parsed body), Postgres says what, and
-- nothing has happened: drop it, move, create it again. The functions are in schema "extensions"; for another,
-- replace the word throughout, here as in the other files.
begin;

-- What uses a function, as statements that let go of it and that take it up again.
set local search_path = pg_catalog; -- so that every other name is printed with its schema
create temp table moving on commit drop as
	with used as (
		select distinct d.classid, d.objid from pg_depend d join pg_proc p on p.oid = d.refobjid
		where d.refclassid = 'pg_proc'::regclass and p.pronamespace = 'extensions'::regnamespace and p.proname ~ '^_?workos_')
	select format('alter policy %I on %s', p.polname, p.polrelid::regclass)
			|| case when p.polqual is not null then ' using (false)' else '' end
			|| case when p.polwithcheck is not null then ' with check (false)' else '' end as let_go,
		format('alter policy %I on %s', p.polname, p.polrelid::regclass)
			|| coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
			|| coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') as take_up
	from used u join pg_policy p on u.classid = 'pg_policy'::regclass and p.oid = u.objid
	union all
	select format('alter table %s alter column %I drop default', d.adrelid::regclass, a.attname),
		format('alter table %s alter column %I set default %s', d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid))
	from used u join pg_attrdef d on u.classid = 'pg_attrdef'::regclass and d.oid = u.objid
		join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
	union all
	select format('create or replace view %s %s as select %s where false', c.oid::regclass, with_options,
			(select string_agg(format('null::%s%s as %I', format_type(a.atttypid, a.atttypmod),
					(select format(' collate %I.%I', n.nspname, l.collname) from pg_collation l join pg_namespace n on n.oid = l.collnamespace where l.oid = a.attcollation),
					a.attname), ', ' order by a.attnum)
				from pg_attribute a where a.attrelid = c.oid and a.attnum > 0)),
		format('create or replace view %s %s as %s', c.oid::regclass, with_options, pg_get_viewdef(c.oid))
	from used u join pg_rewrite r on u.classid = 'pg_rewrite'::regclass and r.oid = u.objid
		join pg_class c on c.oid = r.ev_class and c.relkind = 'v',
		concat('with (' || array_to_string(c.reloptions, ', ') || ')') with_options;

do $$
declare
	statement text;
begin
	for statement in select let_go from pg_temp.moving loop
		execute statement;
	end loop;
end $$;

set local search_path to default;
select :'to' = 'native' as to_native \gset
\if :to_native
	\ir uninstall.sql
	create extension pg_workos with schema extensions;
\else
	drop extension pg_workos;
	\ir pg_workos.sql
\endif

set local search_path = pg_catalog;
do $$
declare
	statement text;
begin
	for statement in select take_up from pg_temp.moving loop
		execute statement;
	end loop;
end $$;
commit;
