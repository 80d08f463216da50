-- The functions whose bodies workos_configure() replaces. As they are here, the token decides. Where the file is run again,
-- the configuration stays.

do $$
declare
	-- A copy of _workos_quick() is in PL/pgSQL.
	asks_directory constant boolean := exists (select from pg_proc p join pg_language l on l.oid = p.prolang
		where p.oid = to_regprocedure('@extschema@._workos_ordinary(boolean, text, text)') and l.lanname = 'sql');
begin
	if not asks_directory then
		execute $q$
create function @extschema@._workos_ordinary(of_session boolean, list text, element text) returns jsonb
	language sql stable parallel safe
	return null::jsonb
		$q$;
		execute replace(pg_get_functiondef('@extschema@._workos_quick(boolean, text, text)'::regprocedure), '_workos_quick', '_workos_ordinary');
		execute $q$
create function @extschema@._workos_odd(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return @extschema@._workos_thorough(of_session, reads)
		$q$;
	end if;
end $$;
