-- user and organization: NULL without a session, or if the claim is absent

CREATE FUNCTION @extschema@.workos_user_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_user_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_session_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_session_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_org_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_user_role() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_user_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_user_roles() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_user_roles_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_permissions() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_permissions_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_entitlements() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_entitlements_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_feature_flags() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_feature_flags_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_impersonator() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_impersonator_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_issued_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_issued_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_expires_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_expires_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_authenticated_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_authenticated_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- any kind of token

CREATE FUNCTION @extschema@.workos_claims() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_claims_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_claim(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_claim_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_token_kind() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_token_kind_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_application_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_application_org_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- The kind of any claims, in force or not: what workos_doctor() asks.
CREATE FUNCTION @extschema@._workos_kind(claims json) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_kind_of_wrapper'
	LANGUAGE c IMMUTABLE PARALLEL SAFE;

-- checks: never NULL, but for @extschema@.workos_is_member(NULL); a NULL argument gives false

CREATE FUNCTION @extschema@.workos_is_authenticated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_authenticated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- A body in standard SQL is bound to the functions that it calls when it is created. It is not affected by
-- search_path, by a renamed schema, or by another function of the same name.
CREATE FUNCTION @extschema@.workos_is_member(org_id text) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN org_id operator(pg_catalog.=) @extschema@.workos_org_id();

CREATE FUNCTION @extschema@.workos_has_role(role text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_any_role(VARIADIC roles text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_any_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_permission(permission text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_any_permission(VARIADIC permissions text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_any_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_all_permissions(VARIADIC permissions text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_all_permissions_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_entitlement(entitlement text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_entitlement_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_feature_flag(flag text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_feature_flag_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_is_impersonated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_impersonated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_authenticated_within(max_age interval) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN max_age operator(pg_catalog.>=) interval '0' THEN coalesce(
		@extschema@.workos_authenticated_at() operator(pg_catalog.>=) (pg_catalog.statement_timestamp() operator(pg_catalog.-) max_age)
		AND @extschema@.workos_authenticated_at() operator(pg_catalog.<=) (pg_catalog.statement_timestamp() operator(pg_catalog.+) interval '30 seconds'),
		false) ELSE false END;

-- gates: one indexable comparison that also checks

CREATE FUNCTION @extschema@.workos_org_with_permission(permission text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_org_with_role(role text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
