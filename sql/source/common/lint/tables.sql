-- The rules about tables: row security, and whether there are policies.
create function @extschema@._workos_lint_tables(out rule text, out severity text, out object text, out problem text, out remedy text, out looked_at bigint) returns setof record
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp as $$
declare
	end_users constant oid[] := @extschema@._workos_end_users();
	managed constant text[] := @extschema@._workos_managed();
	foreign_tables constant oid[] := @extschema@._workos_foreign('pg_catalog.pg_class'::regclass);
	item record;
	tables bigint := 0;
begin
	for item in
		select c.oid, c.oid::regclass::text as relation, c.relrowsecurity as secured, n.nspname = any (managed) as managed,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies,
			exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive) as has_permissive,
			@extschema@._workos_granted(c.relacl, '{SELECT,INSERT,UPDATE,DELETE}'::text[], c.relnamespace, end_users) as grantees
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		-- The tables of the directory are for their owner only.
		where c.relkind in ('r', 'p') and (c.oid <> all (foreign_tables) or n.nspname = 'workos') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
			and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		order by relation
	loop
		tables := tables + 1;
		object := 'table ' || item.relation;
		remedy := null;
		if item.has_policies and not item.secured then
			rule := 'row_security_off';
			severity := 'problem';
			problem := 'the table has policies, but row security is off: every role with a privilege on the table sees every row';
			remedy := case when not @extschema@._workos_read_elsewhere(item.oid) then format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', item.relation) end;
			if remedy is null then
				problem := problem || '. Other policies, views or functions read the table. First check what they return when rows of the table are hidden, then enable row security';
			end if;
		elsif item.managed or item.grantees is null then
			continue;
		elsif not item.secured then
			rule := 'table_exposed';
			severity := 'problem';
			problem := format('row security is off, and %s may use the table: they reach every row of every organization. ' || case when item.relation ^@ 'workos.'
				then 'Revoke the privileges. Show members to each other by the view workos.members, and ask for memberships with workos_org_ids()'
				else 'Enable row security and write policies, or revoke the privileges' end, item.grantees);
		elsif not item.has_policies then
			rule := 'no_policy';
			severity := 'warning';
			problem := format('row security is on, and there is no policy: %s may use the table but reach no row, without an error. Write policies, or revoke the privileges if nobody is meant to reach it', item.grantees);
		elsif not item.has_permissive then
			rule := 'restrictive_alone';
			severity := 'warning';
			problem := format('all policies are restrictive. They only take rows away from what permissive policies let through, so %s reach no row. Write a permissive policy', item.grantees);
		else
			continue;
		end if;
		return next;
	end loop;

	rule := null;
	severity := null;
	object := 'tables';
	problem := null;
	remedy := null;
	looked_at := tables;
	return next;
end $$;
