-- user and organization: NULL without a session, or if the claim is absent

create function @extschema@.workos_user_id() returns text
	language sql stable parallel safe
	return coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'sub')) ->> 'sub';

create function @extschema@.workos_session_id() returns text
	language sql stable parallel safe
	return coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'sid')) ->> 'sid';

create function @extschema@.workos_org_id() returns text
	language sql stable parallel safe
	return coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'org_id')) ->> 'org_id';

create function @extschema@.workos_user_role() returns text
	language sql stable parallel safe
	return @extschema@._workos_role(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'user_role')));

create function @extschema@.workos_user_roles() returns text[]
	language sql stable parallel safe
	return @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'roles')), 'roles');

create function @extschema@.workos_permissions() returns text[]
	language sql stable parallel safe
	return @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'permissions')), 'permissions');

create function @extschema@.workos_entitlements() returns text[]
	language sql stable parallel safe
	return @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'entitlements')), 'entitlements');

create function @extschema@.workos_feature_flags() returns text[]
	language sql stable parallel safe
	return @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'feature_flags')), 'feature_flags');

create function @extschema@.workos_impersonator() returns text
	language sql stable parallel safe
	return jsonb_path_query_first(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, 'act')), 'strict $.act.sub ? (@.type() == "string" && @ != "")', '{}', true) #>> '{}';

create function @extschema@.workos_issued_at() returns timestamptz
	language sql stable parallel safe
	return @extschema@._workos_instant(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)), 'iat');

create function @extschema@.workos_expires_at() returns timestamptz
	language sql stable parallel safe
	return @extschema@._workos_instant(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)), 'exp');

create function @extschema@.workos_authenticated_at() returns timestamptz
	language sql stable parallel safe
	return @extschema@._workos_instant(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)), 'auth_time');

-- any kind of token

create function @extschema@.workos_claims() returns jsonb
	language sql stable parallel safe
	return nullif(coalesce(@extschema@._workos_ordinary(false, null, null), case jsonb_typeof(@extschema@._workos_addressed(@extschema@._workos_odd(false, null), false))
		when 'object' then @extschema@._workos_odd_claims() end), 'null');

create function @extschema@.workos_claim(name text) returns text
	language sql stable parallel safe
	return case when name is not null then
		case jsonb_typeof(@extschema@._workos_ordinary(false, null, null))
			when 'object' then nullif(current_setting('request.jwt.claims', true)::json ->> name, '')
			when 'null' then null
			else case jsonb_typeof(@extschema@._workos_addressed(@extschema@._workos_odd(false, null), false))
				when 'object' then @extschema@._workos_odd_claim(name) end
		end end;

create function @extschema@.workos_token_kind() returns text
	language sql stable parallel safe
	return @extschema@._workos_kind(@extschema@._workos_any(null));

create function @extschema@.workos_application_id() returns text
	language sql stable parallel safe
	return @extschema@._workos_application(@extschema@._workos_any('sub'), 'sub');

create function @extschema@.workos_application_org_id() returns text
	language sql stable parallel safe
	return @extschema@._workos_application(@extschema@._workos_any('org_id'), 'org_id');

-- checks: never NULL, except workos_is_member(NULL); a NULL argument gives false

create function @extschema@.workos_is_authenticated() returns boolean
	language sql stable parallel safe
	return jsonb_typeof(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null))) = 'object';

create function @extschema@.workos_is_member(org_id text) returns boolean
	language sql stable parallel safe
	return org_id = @extschema@.workos_org_id();

create function @extschema@.workos_has_role(role text) returns boolean
	language sql stable parallel safe
	return case when role is null then false else coalesce(jsonb_typeof(coalesce(@extschema@._workos_ordinary(true, 'roles', role), @extschema@._workos_with(@extschema@._workos_odd(true, null), 'roles', role))) = 'object', false) end;

create function @extschema@.workos_has_any_role(variadic roles text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic roles) > 0 then coalesce(roles && @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)), 'roles'), false) else false end;

create function @extschema@.workos_has_permission(permission text) returns boolean
	language sql stable parallel safe
	return case when permission is null then false else coalesce(jsonb_typeof(coalesce(@extschema@._workos_ordinary(true, 'permissions', permission), @extschema@._workos_with(@extschema@._workos_odd(true, null), 'permissions', permission))) = 'object', false) end;

create function @extschema@.workos_has_any_permission(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic permissions) > 0 then coalesce(permissions && @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)), 'permissions'), false) else false end;

create function @extschema@.workos_has_all_permissions(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic permissions) > 0 and num_nulls(variadic permissions) = 0
		then coalesce(permissions <@ @extschema@._workos_list(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)), 'permissions'), false) else false end;

create function @extschema@.workos_has_entitlement(entitlement text) returns boolean
	language sql stable parallel safe
	return case when entitlement is null then false else coalesce(jsonb_typeof(coalesce(@extschema@._workos_ordinary(true, 'entitlements', entitlement), @extschema@._workos_with(@extschema@._workos_odd(true, null), 'entitlements', entitlement))) = 'object', false) end;

create function @extschema@.workos_has_feature_flag(flag text) returns boolean
	language sql stable parallel safe
	return case when flag is null then false else coalesce(jsonb_typeof(coalesce(@extschema@._workos_ordinary(true, 'feature_flags', flag), @extschema@._workos_with(@extschema@._workos_odd(true, null), 'feature_flags', flag))) = 'object', false) end;

-- A claim act of any shape means that another person acts as the user.
create function @extschema@.workos_is_impersonated() returns boolean
	language sql stable parallel safe
	return coalesce(coalesce(@extschema@._workos_ordinary(true, null, null), @extschema@._workos_odd(true, null)) -> 'act' not in ('null', '""'), false);

create function @extschema@.workos_authenticated_within(max_age interval) returns boolean
	language sql stable parallel safe
	return case when max_age >= interval '0' then coalesce(@extschema@.workos_authenticated_at()
		<@ tstzrange(statement_timestamp() - max_age, statement_timestamp() + interval '30 seconds', '[]'), false) else false end;

-- gates: one indexable comparison that also checks

create function @extschema@.workos_org_with_permission(permission text) returns text
	language sql stable parallel safe
	return case when permission is not null then coalesce(@extschema@._workos_ordinary(true, 'permissions', permission), @extschema@._workos_with(@extschema@._workos_odd(true, 'org_id'), 'permissions', permission)) ->> 'org_id' end;

create function @extschema@.workos_org_with_role(role text) returns text
	language sql stable parallel safe
	return case when role is not null then coalesce(@extschema@._workos_ordinary(true, 'roles', role), @extschema@._workos_with(@extschema@._workos_odd(true, 'org_id'), 'roles', role)) ->> 'org_id' end;
