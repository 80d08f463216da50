-- Removes the portable edition, in one statement. The statement fails and changes nothing if another object still
-- uses one of the functions (the error names that object), or if functions of these names belong to several roles.
--
-- The table workos_kept_issuers, which a move from the native edition creates, is kept for the move back.

do $$
declare
	path constant pg_catalog.text := pg_catalog.current_setting('search_path');
	functions pg_catalog.text;
	owners pg_catalog.text[];
	users pg_catalog.text;
	audiences pg_catalog.text;
	same_owner pg_catalog.bool;
begin
	-- No name below is looked up in the caller's search_path.
	perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	select string_agg(p.functions, ', '), array_agg(format('%s to %I', p.one, p.owner) order by p.owner) into functions, owners
		from (
			select string_agg(p.oid::regprocedure::text, ', ') as functions, min(p.oid::regprocedure::text) as one, r.rolname as owner
			from pg_proc p join pg_roles r on r.oid = p.proowner
			where p.pronamespace = to_regnamespace('extensions') and p.proname = any ('{_workos_addressed,_workos_any,_workos_application,_workos_calls,_workos_check_directory,_workos_checked,_workos_checked_audience,_workos_citus_doctor,_workos_configure,_workos_decided,_workos_delegation,_workos_depth,_workos_distributed,_workos_end_users,_workos_ended_rows,_workos_ended_rows_explained,_workos_evaluate,_workos_explain,_workos_explained,_workos_facts,_workos_few,_workos_fits_jsonb,_workos_foreign,_workos_granted,_workos_helpers,_workos_ids,_workos_instant,_workos_is_json,_workos_kind,_workos_lint_citus,_workos_lint_definitions,_workos_lint_policies,_workos_lint_tables,_workos_list,_workos_managed,_workos_names_of_helpers,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_open,_workos_ordinary,_workos_quick,_workos_read_elsewhere,_workos_reason,_workos_reduced,_workos_role,_workos_set_claims,_workos_shown,_workos_string,_workos_strings,_workos_thorough,_workos_token_issued_at,_workos_token_session,_workos_tokens,_workos_undecided,_workos_well_formed,_workos_whole,_workos_with,workos_accept_audience,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_client_id,workos_configure,workos_delegated_org_id,workos_delegated_user_id,workos_doctor,workos_entitlements,workos_expires_at,workos_explain,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_has_scope,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_ids,workos_org_ids_with_permission,workos_org_ids_with_role,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_propagate_claims,workos_protect,workos_refuse_audience,workos_scopes,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[])
			group by r.rolname) p;
	select c.oid::regclass::text, c.relowner = p.proowner into audiences, same_owner from pg_class c, pg_proc p
		where c.oid = to_regclass('extensions.workos_audiences') and p.oid = to_regprocedure('extensions.workos_accept_audience(text)');
	if cardinality(owners) > 1 then
		raise exception using errcode = '42501', message = 'functions of these names belong to several roles: ' || array_to_string(owners, ', '),
			hint = 'Drop the functions that do not belong to pg_workos, or give all of them to one role: ALTER FUNCTION ... OWNER TO ...';
	elsif not same_owner then
		raise exception using errcode = '42501', message = format('table %s does not belong to the role of the functions', audiences),
			hint = 'Drop it, or give it to that role: ALTER TABLE ... OWNER TO ...';
	elsif functions is not null then
		execute 'drop function ' || functions;
	end if;
	if audiences is not null then
		execute 'drop table ' || audiences;
	end if;
	perform set_config('search_path', path, true);
exception when dependent_objects_still_exist then
	get stacked diagnostics users = pg_exception_detail;
	raise exception using errcode = '2BP01', message = 'something still uses functions of pg_workos', detail = users,
		hint = 'Drop or change the dependent objects first.';
end $$;
