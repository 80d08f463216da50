
-- all organizations of the user: NULL without a session, an error without a directory

-- The directory must belong to the owner of these functions. Anybody who may create schemas could create one of its name.
create function @extschema@._workos_check_directory() returns void
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if not exists (
		select from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_org_ids' and p.proargtypes = '25 25'::oidvector and p.prosecdef
			and n.nspowner = (select o.proowner from pg_proc o where o.oid = '@extschema@._workos_check_directory()'::regprocedure))
	then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'Run pg_workos_directory.sql, as the same role as pg_workos.sql, and feed it with the events of WorkOS.';
	end if;
end $$;

create function @extschema@.workos_org_ids() returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when @extschema@.workos_is_authenticated() then workos._org_ids('all', '') end;
end $$;

create function @extschema@.workos_org_ids_with_permission(permission text) returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when @extschema@.workos_is_authenticated() and permission is not null then workos._org_ids('permission', permission) end;
end $$;

create function @extschema@.workos_org_ids_with_role(role text) returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when @extschema@.workos_is_authenticated() and role is not null then workos._org_ids('role', role) end;
end $$;

-- delegated access, to no more than the user may do

create function @extschema@.workos_delegated_org_id(scope text, client text, permission text) returns text
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when permission is not null and workos._delegate_may(coalesce(scope, ''), coalesce(client, ''), permission)
		then @extschema@.workos_delegated_org_id(scope, client) end;
end $$;
