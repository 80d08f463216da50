-- Why a helper has its value, and what changes that.
create function @extschema@._workos_reason(helper text, arguments text[], value text, out reason text, out remedy text)
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	kind constant text := @extschema@.workos_token_kind();
	org constant text := @extschema@.workos_org_id();
	wanted constant text := array_to_string(arguments, ', ');
	lacks constant boolean := value is null or value in ('false', '{}');
	passes boolean; -- a delegated gate, without the permission
	standing jsonb; -- what the directory says, if therefore the session does not count
begin
	if kind is null and lacks and @extschema@._workos_token_session() is not null then
		execute 'select workos._standing()' into standing;
	end if;
	if not lacks then
		if helper = 'workos_is_impersonated' then
			reason := 'the token has a claim act';
			remedy := 'End the impersonation, and sign in as the user.';
		end if;
	elsif helper = 'workos_is_impersonated' then
		null;
	elsif helper in ('workos_claims', 'workos_claim', 'workos_token_kind') and kind is not null then
		reason := case helper when 'workos_claim' then 'the token has no such claim' end;
		remedy := case helper when 'workos_claim' then 'Add the claim to the JWT template in the WorkOS dashboard, and let the client refresh the token.' end;
	elsif standing ? 'ended' then
		reason := format('the directory says that %s since %s', standing ->> 'ended', coalesce((standing ->> 'since')::timestamptz::text, 'an unknown time'));
		remedy := 'select * from @extschema@.workos_doctor();';
	elsif kind is null then
		reason := 'there are no claims in force';
		remedy := 'select * from @extschema@.workos_doctor();';
	elsif helper ^@ 'workos_delegated' or helper = 'workos_application_org_id' and cardinality(arguments) = 1 then
		passes := case when helper ^@ 'workos_delegated' then @extschema@.workos_delegated_user_id(arguments[1], arguments[2]) else @extschema@.workos_application_org_id(arguments[1]) end is not null;
		if coalesce(arguments[1], arguments[2]) is null then
			reason := 'the gate names neither a scope nor a client id';
			remedy := 'Name the scope that the application must have been granted, or its client id.';
		elsif kind <> (case when helper ^@ 'workos_delegated' then 'oauth' else 'application' end) then
			reason := format('the token is of the kind %s, and not of %s', kind, case when helper ^@ 'workos_delegated' then 'an application that acts for a user' else 'a machine' end);
		elsif arguments[1] is not null and not @extschema@.workos_has_scope(arguments[1]) then
			reason := 'scopes are ' || @extschema@._workos_shown(@extschema@.workos_scopes());
			remedy := format('Let the application ask for the scope %s, and sign in again.', arguments[1]);
		elsif arguments[2] is not null and arguments[2] is distinct from @extschema@.workos_client_id() then
			reason := 'the client id is ' || @extschema@._workos_shown(@extschema@.workos_client_id());
		elsif @extschema@.workos_claim('org_id') is null and helper <> 'workos_delegated_user_id' then
			reason := 'the token has no claim org_id';
			remedy := 'Let the user choose an organization when the application signs in.';
		elsif not passes then
			reason := 'the token names no accepted audience';
			remedy := 'select * from @extschema@.workos_doctor();';
		elsif cardinality(arguments) = 3 then
			reason := 'the directory has no active membership of the user in the organization of the token with a role that has the permission';
			remedy := format('See whether the directory is up to date, and whether the user has the permission %s in WorkOS.', arguments[3]);
		end if;
	elsif helper in ('workos_has_scope', 'workos_scopes') then
		reason := case when kind in ('oauth', 'application') then 'scopes are ' || @extschema@._workos_shown(@extschema@.workos_scopes()) else format('the token is of the kind %s, which has no scopes', kind) end;
	elsif helper = 'workos_client_id' then
		reason := 'the token has no such claim';
	elsif helper ^@ 'workos_application' then
		reason := case when kind = 'application' then 'the token has no such claim' else format('the token is of the kind %s, and not of a machine', kind) end;
	elsif kind <> 'session' then
		reason := format('the token is of the kind %s, and not of a user session', kind);
		remedy := 'select * from @extschema@.workos_doctor();';
	elsif helper ^@ 'workos_org_ids' then
		-- Without the directory of this library, the helper has raised an error.
		execute 'select workos._known()' into standing;
		reason := case when standing -> 'unknown' ? 'user' then 'the directory does not know the user' else 'the directory has no such membership of the user' end;
		remedy := 'These organizations come from the directory, and not from the token. See whether the directory is up to date, and whether the user has the membership, role or permission in WorkOS.';
	elsif helper ~ 'permission' then
		reason := 'permissions are ' || @extschema@._workos_shown(@extschema@.workos_permissions());
		remedy := format('In WorkOS, give the role of the user %s %s; then let the client refresh the token.', case when cardinality(arguments) < 2 then 'the permission'
			when helper ~ '_all_' then 'the permissions' else 'one of the permissions' end, wanted);
		-- A claim of another type counts as missing. WorkOS cannot mend that.
		if @extschema@.workos_permissions() = '{}' and @extschema@.workos_claim('permissions') !~ $q$^\[\s*\]\Z$q$ then
			reason := reason || ', because the claim permissions is not a list of texts only';
			remedy := 'select * from @extschema@.workos_doctor();';
		end if;
	elsif helper ~ 'role' then
		reason := 'roles are ' || @extschema@._workos_shown(@extschema@.workos_user_roles());
		remedy := format('In WorkOS, give the user %s %s; then let the client refresh the token.', case when cardinality(arguments) < 2 then 'the role' else 'one of the roles' end, wanted);
		if @extschema@.workos_user_roles() = '{}' then
			remedy := remedy || ' If the user has it there, the token does not carry it, and workos_doctor() says why.';
		end if;
	elsif helper ~ 'entitlement' then
		reason := 'entitlements are ' || @extschema@._workos_shown(@extschema@.workos_entitlements());
		remedy := format('In WorkOS, give the organization the entitlement %s; then let the client refresh the token.', wanted);
	elsif helper ~ 'flag' then
		reason := 'feature flags are ' || @extschema@._workos_shown(@extschema@.workos_feature_flags());
		remedy := format('In WorkOS, turn on the feature flag %s; then let the client refresh the token.', wanted);
	elsif helper = 'workos_authenticated_within' then
		reason := coalesce('the user signed in at ' || @extschema@.workos_authenticated_at(), 'the token has no claim auth_time');
		remedy := 'Let the user sign in again.';
	elsif helper = 'workos_is_member' and org is not null then
		reason := 'the organization is ' || @extschema@._workos_shown(org);
	end if;
	if org is null and kind = 'session' and lacks and helper !~ '^workos_org_ids' and (helper ~ '_org_|_member' or helper ~ 'role|permission' and value is not distinct from 'false') then
		reason := concat_ws('; ', 'no organization is selected', reason);
		remedy := 'Let the user select an organization: switchToOrganization({ organizationId }) in AuthKit, or organization_id when the session is refreshed.';
	end if;
end $$;
