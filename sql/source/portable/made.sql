			select p.oid from pg_proc p
			where p.pronamespace = '@extschema@'::regnamespace and p.proname = any ('{@names@}'::name[]) and p.proowner = current_user::regrole
				and p.oid <> all (current_setting('pg_workos.there_before')::oid[])
