-- workos_lint(): what all rules find, and what was looked at
create function @extschema@.workos_lint(out rule text, out severity text, out object text, out problem text, out remedy text) returns setof record
	-- These settings print expressions without loss, in a form that every session reads in the same way.
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' set standard_conforming_strings = on as $$
declare
	total bigint := 0;
	counts jsonb := '{}'::jsonb;
	looked_at bigint;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;

	for rule, severity, object, problem, remedy, looked_at in
		select p.* from @extschema@._workos_lint_policies() p union all select t.* from @extschema@._workos_lint_tables() t union all select d.* from @extschema@._workos_lint_definitions() d
			union all select c.*, null::bigint from @extschema@._workos_lint_citus() c
	loop
		if rule is null then
			counts := counts || jsonb_build_object(object, looked_at);
		else
			total := total + 1;
			return next;
		end if;
	end loop;

	rule := 'summary';
	severity := 'info';
	object := 'database ' || quote_ident(current_database());
	remedy := null;
	problem := format('%s looked at: %s policies, %s tables, %s column defaults, %s views and %s functions in SQL and PL/pgSQL. Not looked at: SQL that functions put together as strings, functions in other languages, which tables a function reads, check constraints, triggers and their conditions, temporary objects, what belongs to an extension or to a schema of Supabase but for its policies, and whether the permissions and roles in the policies exist in WorkOS. No finding does not mean that tenants are apart: try it, as docs/how-to/testing-policies.md shows',
		case total when 0 then 'No findings;' when 1 then 'One finding;' else total || ' findings;' end, counts ->> 'policies', counts ->> 'tables', counts ->> 'column defaults', counts ->> 'views', counts ->> 'functions');
	return next;
end $$;
comment on function @extschema@.workos_lint() is
	'finds mistakes and slow expressions in the policies, column defaults, views and functions of this database; a remedy is a statement after which nobody sees more rows; run it only if other roles cannot create objects in the schemas of your search_path';
