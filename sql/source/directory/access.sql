-- privileges
--
-- Only the owner may use what is here, whatever the default privileges are, but for the functions at the end.
do $$
declare
	before constant oid[] := @before@;
	made record;
begin
	for made in
		select distinct format('%s %s from %s', o.kind, o.name, case a.grantee when 0 then 'public' else a.grantee::regrole::text end) as grants
		from (
			select p.oid, 'function' as kind, p.oid::regprocedure::text as name, p.proowner as owner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
				from pg_proc p where p.pronamespace = 'workos'::regnamespace
			union all
			select c.oid, 'table', c.oid::regclass::text, c.relowner, c.relacl from pg_class c where c.relnamespace = 'workos'::regnamespace and c.relkind in ('r', 'v')
		) o, aclexplode(o.acl) a
		where o.oid <> all (before) and a.grantee <> o.owner
	loop
		execute 'revoke all on ' || made.grants;
	end loop;
end $$;

-- They answer for the current claims only.
grant usage on schema workos to public;
grant execute on function workos._org_ids(text, text), workos._standing(), workos._known(), workos._delegate_may(text, text, text), workos._current_user_id(), workos._current_session_id(), workos._current_org_id() to public;
comment on schema workos is 'the directory of pg_workos';
