-- What the rules of workos_lint() know of the database

-- The names under which a policy calls the helpers: functions of this library that write nothing and return one value.
create function @extschema@._workos_names_of_helpers() returns text[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select array(select case '@extschema@' when 'pg_catalog' then '' else '@extschema@.' end || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' group by p.proname having bool_and(p.provolatile <> 'v' and not p.proretset))
$$;

-- The Postgres roles that requests of end users run as, PUBLIC among them.
create function @extschema@._workos_end_users() returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select array(select 0::oid union all select r.oid from pg_roles r left join pg_roles g on g.rolname = 'authenticator'
		where r.rolname in ('anon', 'authenticated') or pg_has_role(g.oid, r.oid, 'member') and not r.rolbypassrls and not r.rolsuper and r.rolname not in ('service_role', 'authenticator'))
$$;

-- The names of those of them that hold one of the privileges, on an object in a schema that they may use.
create function @extschema@._workos_granted(acl aclitem[], privileges text[], schema oid, end_users oid[]) returns text
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select string_agg(distinct case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end, ', ') from aclexplode(acl) x
	where x.grantee = any (end_users) and x.privilege_type = any (privileges) and (x.grantee = 0 or has_schema_privilege(x.grantee, schema, 'usage'))
$$;

-- Schemas of Supabase and of Postgres, whose functions, views and defaults nobody changes.
create function @extschema@._workos_managed() returns text[]
	language sql immutable set search_path = pg_catalog, pg_temp as $$
	select '{pg_catalog,information_schema,auth,storage,realtime,vault,graphql,graphql_public,pgbouncer,cron,net,supabase_functions,supabase_migrations,workos_test}'::text[]
$$;

-- What belongs to an extension is left alone.
create function @extschema@._workos_foreign(catalog regclass) returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select array(select d.objid from pg_depend d where d.classid = catalog and d.deptype = 'e')
$$;

-- Does a policy of another table, a view or a function read the table? Then hiding rows of the table could show
-- more rows elsewhere, for example with NOT EXISTS. Functions whose body is a string are not found.
create function @extschema@._workos_read_elsewhere(relation oid) returns boolean
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
	return exists (
		select from pg_depend d left join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
		where d.refclassid = 'pg_class'::regclass and d.refobjid = relation
			and (d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass) or p.polrelid <> relation));
end $$;
