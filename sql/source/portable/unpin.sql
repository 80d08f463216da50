do $$
begin
	perform pg_catalog.set_config('search_path', pg_catalog.current_setting('pg_workos.search_path'), false);
end $$;
