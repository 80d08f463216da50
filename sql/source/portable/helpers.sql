-- user and organization: NULL without a session, or if the claim is absent

create function @extschema@.workos_user_id() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_string(@extschema@._workos_session(), 'sub'));
end $$;

create function @extschema@.workos_session_id() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_string(@extschema@._workos_session(), 'sid'));
end $$;

create function @extschema@.workos_org_id() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_string(@extschema@._workos_session(), 'org_id'));
end $$;

create function @extschema@.workos_user_role() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_role(@extschema@._workos_session()));
end $$;

create function @extschema@.workos_user_roles() returns text[]
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_roles(@extschema@._workos_session()));
end $$;

create function @extschema@.workos_permissions() returns text[]
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_list(@extschema@._workos_session(), 'permissions'));
end $$;

create function @extschema@.workos_entitlements() returns text[]
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_list(@extschema@._workos_session(), 'entitlements'));
end $$;

create function @extschema@.workos_feature_flags() returns text[]
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_list(@extschema@._workos_session(), 'feature_flags'));
end $$;

create function @extschema@._workos_impersonator(session json) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	act constant json := session -> 'act';
begin
	return case json_typeof(act) when 'object' then @extschema@._workos_string(act, 'sub') end;
end $$;

create function @extschema@.workos_impersonator() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_impersonator(@extschema@._workos_session()));
end $$;

create function @extschema@.workos_issued_at() returns timestamptz
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_instant(@extschema@._workos_session(), 'iat');
end $$;

create function @extschema@.workos_expires_at() returns timestamptz
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_instant(@extschema@._workos_session(), 'exp');
end $$;

create function @extschema@.workos_authenticated_at() returns timestamptz
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_instant(@extschema@._workos_session(), 'auth_time');
end $$;

-- any kind of token

-- Would the cast to jsonb succeed? Only a number can be outside the range of jsonb: at most 131072 digits before
-- the decimal point and 16383 after it.
create function @extschema@._workos_fits_jsonb(claims json) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	numbers text;
begin
	if claims is null then
		return true;
	end if;
	if @extschema@._workos_lacks(claims) then
		return false;
	end if;
	if current_setting('server_version_num')::int >= 160000 then
		return pg_input_is_valid(claims::text, 'jsonb');
	end if;
	numbers := regexp_replace(claims::text, $q$"(?:[^"\\]|\\.)*"$q$, '', 'g');
	if length(numbers) < 16000 and numbers !~ '[eE][+-]?[0-9]{4}' then
		return true;
	end if;
	return not exists (
		select from regexp_matches(numbers, $q$([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)0*([0-9]*))?$q$, 'g') as part,
			coalesce(part[2], '') as fraction,
			ltrim(part[1] || fraction, '0') as digits,
			cast(left(coalesce(part[3], '') || coalesce(nullif(part[4], ''), '0'), 11) as numeric) as exponent
		where length(fraction) - exponent > 16383
			or abs(exponent) >= 1073741823
			or digits <> '' and length(digits) - length(fraction) + exponent > 131072);
end $$;

create function @extschema@._workos_claims() returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	claims constant json := @extschema@._workos_current_claims();
begin
	if not @extschema@._workos_fits_jsonb(claims) then
		perform @extschema@._workos_refuse('holds a value that jsonb cannot represent', 'A number is out of range, or a value is nested too deeply. Read single claims with workos_claim().');
	end if;
	return claims;
end $$;

create function @extschema@.workos_claims() returns jsonb
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_claims();
end $$;

create function @extschema@._workos_claim(name text) returns text
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	claim constant json := case when name is not null then @extschema@._workos_current_claims() -> name end;
begin
	return case json_typeof(claim)
		when 'string' then @extschema@._workos_spell(nullif(claim #>> '{}', ''))
		when 'null' then null
		else case when @extschema@._workos_lacks(claim) then @extschema@._workos_spell(e'\x1a') else claim::text end
	end;
end $$;

create function @extschema@.workos_claim(name text) returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_claim(name);
end $$;

create function @extschema@.workos_token_kind() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_kind(@extschema@._workos_current_claims());
end $$;

create function @extschema@.workos_application_id() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_string(@extschema@._workos_application(), 'sub'));
end $$;

create function @extschema@.workos_application_org_id() returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_spell(@extschema@._workos_string(@extschema@._workos_application(), 'org_id'));
end $$;

-- checks: never NULL, except workos_is_member(NULL); a NULL argument gives false

create function @extschema@.workos_is_authenticated() returns boolean
	language sql stable parallel safe
	return @extschema@._workos_session() is not null;

create function @extschema@.workos_is_member(org_id text) returns boolean
	language sql stable parallel safe
	return org_id = @extschema@.workos_org_id();

create function @extschema@.workos_has_role(role text) returns boolean
	language sql stable parallel safe
	return case when role is null then false else coalesce(role = any (@extschema@._workos_roles(@extschema@._workos_session())), false) end;

create function @extschema@._workos_has_any_role(roles text[]) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case when exists (select from unnest(roles) r where r is not null)
		then coalesce(roles && @extschema@._workos_roles(@extschema@._workos_session()), false)
		else false end;
end $$;

create function @extschema@.workos_has_any_role(variadic roles text[]) returns boolean
	language sql stable parallel safe
	return @extschema@._workos_has_any_role(roles);

create function @extschema@.workos_has_permission(permission text) returns boolean
	language sql stable parallel safe
	return case when permission is null then false else coalesce(permission = any (@extschema@._workos_list(@extschema@._workos_session(), 'permissions')), false) end;

create function @extschema@._workos_has_any_permission(p text[]) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case when exists (select from unnest(p) e where e is not null)
		then coalesce(p && @extschema@._workos_list(@extschema@._workos_session(), 'permissions'), false)
		else false end;
end $$;

create function @extschema@.workos_has_any_permission(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return @extschema@._workos_has_any_permission(permissions);

create function @extschema@._workos_has_all_permissions(p text[]) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	-- If the first element is NULL, the result is known without reading the claims.
	return case when (select e from unnest(p) e limit 1) is not null
		then coalesce(p <@ @extschema@._workos_list(@extschema@._workos_session(), 'permissions'), false)
		else false end;
end $$;

create function @extschema@.workos_has_all_permissions(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return @extschema@._workos_has_all_permissions(permissions);

create function @extschema@.workos_has_entitlement(entitlement text) returns boolean
	language sql stable parallel safe
	return case when entitlement is null then false else coalesce(entitlement = any (@extschema@._workos_list(@extschema@._workos_session(), 'entitlements')), false) end;

create function @extschema@.workos_has_feature_flag(flag text) returns boolean
	language sql stable parallel safe
	return case when flag is null then false else coalesce(flag = any (@extschema@._workos_list(@extschema@._workos_session(), 'feature_flags')), false) end;

-- A claim act of any shape means that another person acts as the user.
create function @extschema@._workos_is_impersonated() returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	act constant json := @extschema@._workos_session() -> 'act';
begin
	return coalesce(act::text not in ('null', '""'), false);
end $$;

create function @extschema@.workos_is_impersonated() returns boolean
	language sql stable parallel safe
	return @extschema@._workos_is_impersonated();

create function @extschema@.workos_authenticated_within(max_age interval) returns boolean
	language sql stable parallel safe
	return coalesce(
		max_age >= interval '0'
		and @extschema@.workos_authenticated_at() >= statement_timestamp() - max_age
		and @extschema@.workos_authenticated_at() <= statement_timestamp() + interval '30 seconds',
		false);

-- gates: one indexable comparison that also checks

create function @extschema@._workos_org_with_permission(permission text) returns text
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case when @extschema@.workos_has_permission(permission) then @extschema@.workos_org_id() end;
end $$;

create function @extschema@.workos_org_with_permission(permission text) returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_org_with_permission(permission);
end $$;

create function @extschema@._workos_org_with_role(role text) returns text
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case when @extschema@.workos_has_role(role) then @extschema@.workos_org_id() end;
end $$;

create function @extschema@.workos_org_with_role(role text) returns text
	language plpgsql stable parallel safe as $$
begin
	return @extschema@._workos_org_with_role(role);
end $$;
