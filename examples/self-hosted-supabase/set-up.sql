-- What pg_workos needs in the database of a self-hosted Supabase, besides the image. It can be run again.
--
--   docker compose exec -T db psql -U supabase_admin -d postgres -v ON_ERROR_STOP=1 < pg_workos/set-up.sql
--
-- As supabase_admin, because `postgres` is no superuser there, and only a superuser may set session_preload_libraries.
begin;
set local search_path = pg_catalog, pg_temp;
create schema if not exists extensions;
create extension if not exists pg_workos with schema extensions;

-- Policies are then optimized from the first statement of a connection on. The roles that connect for users: PostgREST,
-- Storage. Supabase's roles load other libraries already, such as supautils and safeupdate: they stay.
do $$
declare
	role_name text;
	loaded text;
	names text[];
begin
	foreach role_name in array array['authenticator', 'supabase_storage_admin'] loop
		if to_regrole(role_name) is null then continue; end if;
		select substr(setting, length('session_preload_libraries=') + 1) into loaded
			from pg_db_role_setting, unnest(setconfig) setting
			where setdatabase = 0 and setrole = to_regrole(role_name) and setting like 'session\_preload\_libraries=%';
		-- A role without a list of its own has that of the server.
		if loaded is null then
			select reset_val into loaded from pg_settings where name = 'session_preload_libraries';
		end if;
		-- In the setting, a name stands in double quotes where it needs them.
		select coalesce(array_agg(trim('"' from trim(name)) order by n), '{}') into names
			from string_to_table(loaded, ',') with ordinality list (name, n) where trim(name) <> '';
		if 'pg_workos' <> all (names) then
			execute (select format('alter role %I set session_preload_libraries = %s', role_name, string_agg(quote_literal(name), ', ' order by n))
				from unnest(names || 'pg_workos'::text) with ordinality list (name, n));
		end if;
	end loop;
end $$;
commit;
