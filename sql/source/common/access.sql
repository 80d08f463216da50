-- privileges
--
-- Everybody may call the functions in this list. Only the owner may call any other function. The default
-- privileges of the installing role and of the schema do not change this. A function that existed before keeps
-- its privileges.

do $$
declare
	everybody constant oid[] := array[
		'@extschema@.workos_user_id()',
		'@extschema@.workos_session_id()',
		'@extschema@.workos_org_id()',
		'@extschema@.workos_user_role()',
		'@extschema@.workos_user_roles()',
		'@extschema@.workos_permissions()',
		'@extschema@.workos_entitlements()',
		'@extschema@.workos_feature_flags()',
		'@extschema@.workos_impersonator()',
		'@extschema@.workos_issued_at()',
		'@extschema@.workos_expires_at()',
		'@extschema@.workos_authenticated_at()',
		'@extschema@.workos_claims()',
		'@extschema@.workos_claim(text)',
		'@extschema@.workos_token_kind()',
		'@extschema@.workos_application_id()',
		'@extschema@.workos_application_org_id()',
		'@extschema@.workos_application_org_id(text)',
		'@extschema@.workos_delegated_user_id(text, text)',
		'@extschema@.workos_delegated_org_id(text, text)',
		'@extschema@.workos_delegated_org_id(text, text, text)',
		'@extschema@.workos_client_id()',
		'@extschema@.workos_scopes()',
		'@extschema@.workos_has_scope(text)',
		'@extschema@.workos_is_authenticated()',
		'@extschema@.workos_is_member(text)',
		'@extschema@.workos_has_role(text)',
		'@extschema@.workos_has_any_role(text[])',
		'@extschema@.workos_has_permission(text)',
		'@extschema@.workos_has_any_permission(text[])',
		'@extschema@.workos_has_all_permissions(text[])',
		'@extschema@.workos_has_entitlement(text)',
		'@extschema@.workos_has_feature_flag(text)',
		'@extschema@.workos_is_impersonated()',
		'@extschema@.workos_authenticated_within(interval)',
		'@extschema@.workos_org_with_permission(text)',
		'@extschema@.workos_org_with_role(text)',
		'@extschema@.workos_org_ids()',
		'@extschema@.workos_org_ids_with_permission(text)',
		'@extschema@.workos_org_ids_with_role(text)',
		'@extschema@.workos_doctor()',
		'@extschema@.workos_explain(text, text)',
		'@extschema@.workos_explain(regclass, text)',
		'@extschema@._workos_explain(text, text, text)',
		'@extschema@._workos_tokens(text)',
		'@extschema@._workos_strings(jsonb)',
		'@extschema@._workos_shown(text)',
		'@extschema@._workos_few(text[], text)',
		'@extschema@._workos_shown(text[])',
		'@extschema@._workos_helpers()',
		'@extschema@._workos_reason(text, text[], text)',
		'@extschema@._workos_evaluate(text, oid[])',
		'@extschema@.workos_propagate_claims()',
		'@extschema@._workos_distributed()',
		'@extschema@._workos_citus_doctor()',
@everybody@
	]::regprocedure[];
	made record;
	grantee text;
begin
	for made in
		select p.oid, p.oid::regprocedure::text as name, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
		from pg_proc p
		where p.oid = any (@made@)
	loop
		for grantee in select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end from aclexplode(made.acl) a where a.grantee <> made.proowner loop
			execute 'revoke all on function ' || made.name || ' from ' || grantee;
		end loop;
		if made.oid = any (everybody) then
			execute 'grant execute on function ' || made.name || ' to public';
		end if;
	end loop;
end $$;
