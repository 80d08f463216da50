-- Removes the portable edition of the directory with all its rows, in one statement. The statement fails and changes
-- nothing if another object still uses a part of it (the error names that object), if the directory decides who is a
-- member, or if the schema workos is not the directory of the role that runs it.

do $$
declare
	path constant pg_catalog.text := pg_catalog.current_setting('search_path');
	dropped record;
	users pg_catalog.text;
begin
	-- No name below is looked up in the caller's search_path.
	perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	if exists (select from pg_extension e where e.extname = 'pg_workos_directory') then
		raise exception using errcode = '55000', message = 'the directory is an extension here', hint = 'Drop it with: drop extension pg_workos_directory.';
	elsif exists (select from pg_namespace n where n.nspname = 'workos' and (pg_get_userbyid(n.nspowner) <> current_user
			or obj_description(n.oid, 'pg_namespace') is distinct from 'the directory of pg_workos')) then
		raise exception using errcode = '42501', message = 'the schema workos is not the directory of this role',
			hint = 'Run this file as the owner of the schema workos.';
	-- After workos_configure(membership => 'newest') the helpers call this function, which finds the directory by name.
	elsif exists (
		select from pg_depend d join pg_proc odd on d.classid = 'pg_proc'::regclass and odd.oid = d.objid join pg_proc decided on d.refclassid = 'pg_proc'::regclass and decided.oid = d.refobjid
		where odd.proname = '_workos_odd' and decided.proname = '_workos_decided' and odd.pronamespace = decided.pronamespace and pg_get_userbyid(odd.proowner) = current_user)
	then
		raise exception using errcode = '55000', message = 'the directory decides who is a member',
			hint = 'Without it every session would get an error. Let the token decide first: select workos_configure(membership => ''token'').';
	end if;
	for dropped in
		select 'view ' || string_agg(c.oid::regclass::text, ', ') as objects from pg_class c where c.relnamespace = to_regnamespace('workos') and c.relkind = 'v'
		union all
		select 'function ' || string_agg(p.oid::regprocedure::text, ', ') from pg_proc p where p.pronamespace = to_regnamespace('workos')
		union all
		select 'table ' || string_agg(c.oid::regclass::text, ', ') from pg_class c where c.relnamespace = to_regnamespace('workos') and c.relkind = 'r'
		union all
		select 'schema ' || n.nspname from pg_namespace n where n.nspname = 'workos'
	loop
		if dropped.objects is not null then
			execute 'drop ' || dropped.objects;
		end if;
	end loop;
	perform set_config('search_path', path, true);
exception when dependent_objects_still_exist then
	get stacked diagnostics users = pg_exception_detail;
	raise exception using errcode = '2BP01', message = 'something still uses the directory', detail = users,
		hint = 'Drop or change the dependent objects first.';
end $$;
