-- No name below is found through the search_path of whoever runs this file: others may create in a schema of
-- it. The last statement sets the path back.
do $$
begin
	perform pg_catalog.set_config('pg_workos.search_path', pg_catalog.current_setting('search_path'), false);
end $$;
set search_path = pg_catalog, pg_temp;
