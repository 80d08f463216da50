-- The rules about column defaults, views and functions: what they say about the caller, whose rights they have, and which rows
-- of the directory they show.
create function @extschema@._workos_lint_definitions(out rule text, out severity text, out object text, out problem text, out remedy text, out looked_at bigint) returns setof record
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp as $$
declare
	end_users constant oid[] := @extschema@._workos_end_users();
	managed constant text[] := @extschema@._workos_managed();
	foreign_tables constant oid[] := @extschema@._workos_foreign('pg_catalog.pg_class'::regclass);
	foreign_functions constant oid[] := @extschema@._workos_foreign('pg_catalog.pg_proc'::regclass);
	longest constant int := 200000; -- of the stored form of an expression, and of a body
	-- In a body the search_path finds them without their schema, too.
	helpers constant text[] := (select array_agg(v.h) from unnest(@extschema@._workos_names_of_helpers()) n(h), lateral (values (n.h), (regexp_replace(n.h, $q$^.*\.$q$, ''))) v(h));
	item record;
	tokens text[];
	names text[];
	kinds text[];
	closers int[];
	parents int[];
	short text;
	name text;
	defaults bigint := 0;
	views bigint := 0;
	functions bigint := 0;
begin
	remedy := null;
	for item in
		select 'd' as kind, format('default of column %I of %s', a.attname, a.attrelid::regclass) as object, pg_get_expr(d.adbin, d.adrelid) as text, null as finding, null as about, null as open_to
			from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p') and c.oid <> all (foreign_tables) and n.nspname <> all (managed) and length(d.adbin::text) <= longest
				and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		union all
		select 'v', format('%s %s', case c.relkind when 'm' then 'materialized view' else 'view' end, c.oid::regclass), pg_get_viewdef(c.oid),
				-- Row security of what it reads does not apply to the caller, and the caller may read it.
				case when protected.relations is not null and granted.roles is not null then 'view_as_owner' end,
				case when protected.relations is not null and granted.roles is not null then
					format('%s reads %s with the rights of its owner%s, so %s may see rows that the policies hide. ', case c.relkind when 'm' then 'the materialized view' else 'the view' end,
						protected.relations, case c.relkind when 'm' then ', at the time of the last refresh' else '' end, granted.roles)
					|| case c.relkind when 'm' then 'Revoke the privilege, or filter by the caller in a view in front of it'
						else 'ALTER VIEW ... SET (security_invoker = true), after you have checked that these roles have the privileges on the tables' end end,
				granted.roles
			from pg_class c join pg_namespace n on n.oid = c.relnamespace
			cross join lateral (select string_agg(distinct t.oid::regclass::text, ', ') as relations from pg_rewrite r
				join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
				join pg_class t on t.oid = d.refobjid and t.oid <> c.oid and t.relrowsecurity and t.relkind in ('r', 'p')
				where r.ev_class = c.oid and (c.relkind = 'm' or not coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false))) protected
			cross join lateral (select @extschema@._workos_granted(c.relacl, '{SELECT,INSERT,UPDATE,DELETE}'::text[], c.relnamespace, end_users) as roles) granted
			where c.relkind in ('v', 'm') and c.oid <> all (foreign_tables) and n.nspname <> all (managed)
				and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		union all
		select 'f', 'function ' || p.oid::regprocedure, case when p.prosqlbody is null then p.prosrc else pg_get_function_sqlbody(p.oid) end,
				case when p.prosecdef and granted.roles is not null then 'definer_function' end, granted.roles, case when p.prosecdef then granted.roles end
			from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
			cross join lateral (select @extschema@._workos_granted(coalesce(p.proacl, acldefault('f', p.proowner)), '{EXECUTE}'::text[], p.pronamespace, end_users) as roles) granted
			where l.lanname in ('sql', 'plpgsql') and p.oid <> all (foreign_functions) and n.nspname <> all (managed)
				and not (p.pronamespace = '@extschema@'::regnamespace and p.proname ~ '^_?workos_')
				-- the directory of the portable edition
				and not (n.nspname = 'workos' and n.nspowner = p.proowner)
				and not pg_is_other_temp_schema(p.pronamespace) and p.pronamespace <> pg_my_temp_schema()
		order by 1, 2
	loop
		defaults := defaults + case item.kind when 'd' then 1 else 0 end;
		views := views + case item.kind when 'v' then 1 else 0 end;
		functions := functions + case item.kind when 'f' then 1 else 0 end;
		object := item.object;
		severity := 'warning';
		if item.kind = 'v' and item.finding is not null then
			rule := item.finding;
			problem := item.about;
			return next;
		end if;
		if length(item.text) > longest then
			rule := 'not_read';
			problem := format('it is too long, so workos_lint() did not check it: it has more than %s characters', longest);
			return next;
			continue;
		end if;
		continue when item.text !~* $q$\m(uid|jwt|role)\M|workos_|request\.jwt|workos[" ]*\.$q$ and item.finding is distinct from 'definer_function';
		select array_agg(t.token order by t.n), array_agg(t.name order by t.n), array_agg(t.kind order by t.n), array_agg(t.closes order by t.n), array_agg(t.parent order by t.n)
			into tokens, names, kinds, closers, parents from @extschema@._workos_tokens(item.text) t;
		for rule, name in
			select distinct f.fact, f.detail from @extschema@._workos_facts(tokens, names, kinds, closers, parents, helpers, '{}'::text[]) f
			-- Functions read settings for many purposes, such as the signature in a header.
			where f.fact not in ('id', 'any_claim', 'session_setting') order by 1, 2
		loop
			severity := 'problem';
			problem := @extschema@._workos_explained(rule, name);
			return next;
		end loop;
		for problem in
			select distinct @extschema@._workos_ended_rows_explained(e.relation, e.lacks) from @extschema@._workos_ended_rows(tokens, names, kinds, closers, parents) e where item.open_to is not null order by 1
		loop
			rule := 'ended_rows';
			severity := 'problem';
			problem := format('%s; %s may %s it', problem, item.open_to, case item.kind when 'f' then 'call' else 'use' end);
			return next;
		end loop;
		if item.finding = 'definer_function' and not exists (select from unnest(names) n where n = any (helpers)) then
			-- Tables whose policies use the helpers, by their names in the body
			select string_agg(distinct t.relation, ', ') into short from (
				select c.oid::regclass::text as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace
				where c.relrowsecurity and c.relkind in ('r', 'p') and (quote_ident(c.relname) = any (names) or quote_ident(n.nspname) || '.' || quote_ident(c.relname) = any (names))
					and exists (select from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
						join pg_proc f on f.oid = d.refobjid and f.pronamespace = '@extschema@'::regnamespace and f.proname ^@ 'workos_' where p.polrelid = c.oid)) t;
			if short is not null then
				rule := 'definer_function';
				severity := 'warning';
				problem := format('the function names %s, runs with the rights of its owner, whom the policies may not bind, and asks for no claim, and %s may call it. Check that it returns and changes only what the caller may see, or revoke EXECUTE', short, item.about);
				return next;
			end if;
		end if;
	end loop;

	rule := null;
	severity := null;
	problem := null;
	for object, looked_at in values ('column defaults', defaults), ('views', views), ('functions', functions) loop
		return next;
	end loop;
end $$;
