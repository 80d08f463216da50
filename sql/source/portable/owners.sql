-- The owner of a function, or of its schema, can replace the function. So all functions must belong to the role
-- that runs this file, and the schema must not belong to another ordinary role.
do $$
declare
	other record;
begin
	select n.nspname, n.nspowner::regrole as owner into other
		from pg_namespace n join pg_roles r on r.oid = n.nspowner, pg_database d
		where n.oid = to_regnamespace('@extschema@') and d.datname = current_database() and not r.rolsuper
			and r.rolname not in (current_user, 'pg_database_owner') and n.nspowner <> d.datdba;
	if found then
		raise exception using errcode = '42501', message = format('schema %I belongs to the role %s', other.nspname, other.owner),
			hint = format('That role could replace the functions. Run this file as %s, or give the schema to a role that you trust: ALTER SCHEMA %I OWNER TO ...', other.owner, other.nspname);
	end if;
	select p.oid::regprocedure as name, p.proowner::regrole as owner into other
		from pg_proc p join pg_roles r on r.oid = p.proowner
		where p.pronamespace = to_regnamespace('@extschema@') and p.proname = any ('{@names@}'::name[]) and r.rolname <> current_user
		order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('function %s belongs to the role %s', other.name, other.owner),
			hint = format('That role could replace it. Run this file as %s if it is yours; else drop the function first.', other.owner);
	end if;
	select c.oid::regclass as name, c.relowner::regrole as owner into other
		from pg_class c join pg_roles r on r.oid = c.relowner
		where c.relnamespace = to_regnamespace('@extschema@') and c.relname = 'workos_audiences' and (r.rolname <> current_user or c.relkind <> 'r');
	if found then
		raise exception using errcode = '42501', message = format('%s is not a table of this role, but belongs to the role %s', other.name, other.owner),
			hint = format('That role could change which audiences are accepted. Run this file as %s if it is yours; else drop it first.', other.owner);
	end if;
	if current_setting('pg_workos.checked') <> 'nothing' then
		perform set_config('pg_workos.checked', 'everything', false);
	end if;
end $$;
