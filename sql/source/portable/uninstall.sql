-- Removes the portable edition, in one statement. The statement fails and changes nothing if another object still
-- uses one of the functions (the error names that object), or if functions of these names belong to several roles.
--
-- The table workos_kept_issuers, which a move from the native edition creates, is kept for the move back.

do $$
declare
	path constant pg_catalog.text := pg_catalog.current_setting('search_path');
	functions pg_catalog.text;
	owners pg_catalog.text[];
	users pg_catalog.text;
	audiences pg_catalog.text;
	same_owner pg_catalog.bool;
begin
	-- No name below is looked up in the caller's search_path.
	perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	select string_agg(p.functions, ', '), array_agg(format('%s to %I', p.one, p.owner) order by p.owner) into functions, owners
		from (
			select string_agg(p.oid::regprocedure::text, ', ') as functions, min(p.oid::regprocedure::text) as one, r.rolname as owner
			from pg_proc p join pg_roles r on r.oid = p.proowner
			where p.pronamespace = to_regnamespace('@extschema@') and p.proname = any ('{@names@}'::name[])
			group by r.rolname) p;
	select c.oid::regclass::text, c.relowner = p.proowner into audiences, same_owner from pg_class c, pg_proc p
		where c.oid = to_regclass('@extschema@.workos_audiences') and p.oid = to_regprocedure('@extschema@.workos_accept_audience(text)');
	if cardinality(owners) > 1 then
		raise exception using errcode = '42501', message = 'functions of these names belong to several roles: ' || array_to_string(owners, ', '),
			hint = 'Drop the functions that do not belong to pg_workos, or give all of them to one role: ALTER FUNCTION ... OWNER TO ...';
	elsif not same_owner then
		raise exception using errcode = '42501', message = format('table %s does not belong to the role of the functions', audiences),
			hint = 'Drop it, or give it to that role: ALTER TABLE ... OWNER TO ...';
	elsif functions is not null then
		execute 'drop function ' || functions;
	end if;
	if audiences is not null then
		execute 'drop table ' || audiences;
	end if;
	perform set_config('search_path', path, true);
exception when dependent_objects_still_exist then
	get stacked diagnostics users = pg_exception_detail;
	raise exception using errcode = '2BP01', message = 'something still uses functions of pg_workos', detail = users,
		hint = 'Drop or change the dependent objects first.';
end $$;
