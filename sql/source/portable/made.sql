			select p.oid from pg_proc p
			where p.pronamespace = '@extschema@'::regnamespace and p.proname = any ('{@names@}'::name[]) and p.proowner = (select r.oid from pg_roles r where r.rolname = current_user)
				and p.oid <> all (current_setting('pg_workos.there_before')::oid[])
