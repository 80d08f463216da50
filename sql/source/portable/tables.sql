-- Only the owner may use the table of accepted audiences, whatever the default privileges are. If it existed before, it keeps
-- its privileges.
do $$
declare
	grantee text;
begin
	for grantee in
		select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end
		from pg_class c, aclexplode(c.relacl) a
		where c.oid = '@extschema@.workos_audiences'::regclass and a.grantee <> c.relowner and c.oid <> all (current_setting('pg_workos.there_before')::oid[])
	loop
		execute 'revoke all on @extschema@.workos_audiences from ' || grantee;
	end loop;
end $$;
