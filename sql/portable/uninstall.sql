-- Takes the portable edition away again. Fails, and changes nothing, while a policy, a view or a column
-- default still uses one of its functions: Postgres names those that do.

-- No name below is found through the search_path of whoever runs this file: others may create in a schema of
-- it. The last statement sets the path back.
do $$
begin
	perform pg_catalog.set_config('pg_workos.search_path', pg_catalog.current_setting('search_path'), false);
end $$;
set search_path = pg_catalog, pg_temp;

do $$
declare
	functions text;
begin
	select string_agg(p.oid::regprocedure::text, ', ') into functions
		from pg_proc p where p.pronamespace = to_regnamespace('extensions') and p.proname = any ('{_workos_application,_workos_calls,_workos_claim,_workos_claims,_workos_current_claims,_workos_depth,_workos_fits_jsonb,_workos_has_all_permissions,_workos_has_any_permission,_workos_has_any_role,_workos_impersonator,_workos_instant,_workos_is_impersonated,_workos_is_json,_workos_kind,_workos_lacks,_workos_list,_workos_org_with_permission,_workos_org_with_role,_workos_refuse,_workos_role,_workos_roles,_workos_session,_workos_set_claims,_workos_spell,_workos_string,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_doctor,workos_entitlements,workos_expires_at,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_protect,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]);
	if functions is not null then
		execute 'drop function ' || functions;
	end if;
end $$;

do $$
begin
	perform pg_catalog.set_config('search_path', pg_catalog.current_setting('pg_workos.search_path'), false);
end $$;
