do $$
begin
	perform pg_catalog.set_config('default_transaction_read_only', pg_catalog.current_setting('pg_workos.read_only'), false);
	perform pg_catalog.set_config('search_path', pg_catalog.current_setting('pg_workos.search_path'), false);
end $$;
