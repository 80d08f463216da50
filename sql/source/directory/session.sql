-- The session, as pg_workos says, and that of the token, whatever the directory says of it. These functions are bound to
-- those of pg_workos, whatever becomes of the name of their schema. They need no search_path, but the linter of Supabase
-- wants one, which does not look into extensions.
do $$
declare
	functions constant text := @pg_workos@;
	made record;
begin
	for made in select * from (values ('_current_user_id', 'text', 'workos_user_id'), ('_current_session_id', 'text', 'workos_session_id'), ('_current_org_id', 'text', 'workos_org_id'),
		('_token_session', 'text[]', '_workos_token_session'), ('_token_issued_at', 'timestamptz', '_workos_token_issued_at')) m(name, type, of_pg_workos)
	loop
		execute format('@create@ workos.%I() returns %s language sql stable parallel safe @fixed_path@return %s.%I()', made.name, made.type, functions, made.of_pg_workos);
	end loop;
	for made in select * from (values ('_delegated_user_id', 'workos_delegated_user_id'), ('_delegated_org_id', 'workos_delegated_org_id')) m(name, of_pg_workos) loop
		execute format('@create@ workos.%I(scope text, client text) returns text language sql stable parallel safe @fixed_path@return %s.%I(scope, client)', made.name, functions, made.of_pg_workos);
	end loop;
end $$;
