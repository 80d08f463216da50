-- workos_explain(): what row security does with a statement of the caller, and why

-- A value of a claim as it is shown to its owner: quoted, on one line, not too long, and no e-mail address.
create function @extschema@._workos_shown(value text) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case
		when value is null then 'NULL'
		when strpos(value, '@') > 0 then '(hidden: it seems to be an e-mail address)'
		else '''' || regexp_replace(left(value, 100), '[[:cntrl:]]', '?', 'g') || case when length(value) > 100 then '...' else '' end || '''' end
$$;

-- A list of them.
create function @extschema@._workos_shown(list text[]) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case when list is null then 'NULL' else '{' || coalesce((select string_agg(case when n <= 20 then trim('''' from @extschema@._workos_shown(e)) else '...' end, ', ' order by n)
		from unnest(list) with ordinality u(e, n) where n <= 21), '') || '}' end
$$;

-- The first ten different ones, joined.
create function @extschema@._workos_few(list text[], separator text) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select coalesce(string_agg(case when n <= 10 then e else '...' end, separator order by n), '')
	from (select e, row_number() over (order by min(o)) as n from unnest(list) with ordinality u(e, o) group by e) u where n <= 11
$$;

-- The helpers of this library, whatever other functions the schema has. They write nothing, and their results depend
-- on the claims and the arguments.
create function @extschema@._workos_helpers() returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select coalesce(array_agg(p.oid), '{}') from pg_proc p
	where p.pronamespace = '@extschema@'::regnamespace and p.proname = any ('{@names@}'::name[]) and p.proname ^@ 'workos_'
		and p.provolatile = 's' and not p.proretset and p.prokind = 'f'
		and p.proname not in ('workos_verify', 'workos_library_version')
		and case when exists (select from pg_extension e where e.extname in ('pg_workos', 'pg_workos_portable') and e.extnamespace = p.pronamespace)
			then exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid
				where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname in ('pg_workos', 'pg_workos_portable'))
			else p.proowner = (select f.proowner from pg_proc f where f.oid = '@extschema@._workos_helpers()'::regprocedure) end
$$;
