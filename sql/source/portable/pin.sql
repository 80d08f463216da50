-- No name below is looked up in the caller's search_path, because other roles may create objects in its schemas.
-- The last statement restores the search_path.
do $$
begin
	perform pg_catalog.set_config('pg_workos.search_path', pg_catalog.current_setting('search_path'), false);
end $$;
set search_path = pg_catalog, pg_temp;
