
-- The functions of the owner call the others.
do $$
declare
	called record;
begin
	for called in select p.oid::regprocedure::text as name from pg_proc p where p.pronamespace = 'workos'::regnamespace and not p.prosecdef loop
		execute 'grant execute on function ' || called.name || ' to @extowner@';
	end loop;
end $$;
