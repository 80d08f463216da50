-- The session, as pg_workos says. These functions are bound to those of pg_workos, whatever becomes of the name of their
-- schema. They need no search_path, but the linter of Supabase wants one.
do $$
declare
	functions constant text := @pg_workos@;
	made record;
begin
	for made in select * from (values ('_current_user_id', 'workos_user_id'), ('_current_session_id', 'workos_session_id'), ('_current_org_id', 'workos_org_id')) m(name, of_pg_workos) loop
		execute format('@create@ workos.%I() returns text language sql stable parallel safe set search_path = pg_catalog, pg_temp return %s.%I()', made.name, functions, made.of_pg_workos);
	end loop;
end $$;
