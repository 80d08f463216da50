-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos" to load this file. \quit

-- who and where: NULL when there is no session, and when the claim is absent

CREATE FUNCTION workos_user_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_user_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_user_id() IS
	'id of the signed-in user: claim sub';

CREATE FUNCTION workos_session_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_session_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_session_id() IS
	'id of the session: claim sid';

CREATE FUNCTION workos_org_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_org_id() IS
	'id of the selected organization: claim org_id';

CREATE FUNCTION workos_user_role() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_user_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_user_role() IS
	'role in the organization: claim user_role, else the only element of roles, else claim role of a token verified here';

CREATE FUNCTION workos_user_roles() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_user_roles_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_user_roles() IS
	'roles in the organization: claim roles, and workos_user_role(); empty when there are none';

CREATE FUNCTION workos_permissions() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_permissions_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_permissions() IS
	'permissions in the organization: claim permissions; empty when there are none';

CREATE FUNCTION workos_entitlements() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_entitlements_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_entitlements() IS
	'entitlements of the organization: claim entitlements; empty when there are none';

CREATE FUNCTION workos_feature_flags() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_feature_flags_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_feature_flags() IS
	'feature flags: claim feature_flags; empty when there are none';

CREATE FUNCTION workos_impersonator() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_impersonator_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_impersonator() IS
	'e-mail of the dashboard user who impersonates the user: claim act.sub';

CREATE FUNCTION workos_issued_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_issued_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_issued_at() IS
	'when the token was issued: claim iat';

CREATE FUNCTION workos_expires_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_expires_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_expires_at() IS
	'when the token expires: claim exp';

CREATE FUNCTION workos_authenticated_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_authenticated_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_authenticated_at() IS
	'when the user last signed in actively: claim auth_time';

-- any kind of token

CREATE FUNCTION workos_claims() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_claims_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_claims() IS
	'all current claims as they came, of any kind of token; NULL for an anonymous visitor';

CREATE FUNCTION workos_claim(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_claim_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_claim(text) IS
	'one top-level claim of any kind of token: a string unquoted, anything else as JSON text; NULL when absent, null or empty';

CREATE FUNCTION workos_token_kind() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_token_kind_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_token_kind() IS
	'session, application, oauth, widget or other; NULL for an anonymous visitor';

CREATE FUNCTION workos_application_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_application_id() IS
	'id of the application: claim sub of a machine-to-machine token; NULL for other kinds';

CREATE FUNCTION workos_application_org_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_application_org_id() IS
	'organization of the application: claim org_id of a machine-to-machine token; NULL for other kinds';

-- checks: never NULL, but for workos_is_member(NULL); a NULL argument gives false

CREATE FUNCTION workos_is_authenticated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_authenticated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_is_authenticated() IS
	'true when a user is signed in';

-- Bound to what they call when they are created: no search_path, no renamed schema and no later function of
-- the same name makes them call another.
CREATE FUNCTION workos_is_member(org_id text) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN org_id operator(pg_catalog.=) @extschema@.workos_org_id();
COMMENT ON FUNCTION workos_is_member(text) IS
	'true when the selected organization is this one; inlined, so an index on the column is used; NULL for NULL';

CREATE FUNCTION workos_has_role(role text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_role(text) IS
	'true when the role is among workos_user_roles()';

CREATE FUNCTION workos_has_any_role(VARIADIC roles text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_any_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_any_role(text[]) IS
	'true when one of the roles is among workos_user_roles()';

CREATE FUNCTION workos_has_permission(p text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_permission(text) IS
	'true when the permission is among workos_permissions(); * is a literal character';

CREATE FUNCTION workos_has_any_permission(VARIADIC p text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_any_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_any_permission(text[]) IS
	'true when one of the permissions is among workos_permissions()';

CREATE FUNCTION workos_has_all_permissions(VARIADIC p text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_all_permissions_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_all_permissions(text[]) IS
	'true when each of the permissions is among workos_permissions(); false for none at all';

CREATE FUNCTION workos_has_entitlement(entitlement text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_entitlement_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_entitlement(text) IS
	'true when the entitlement is among workos_entitlements()';

CREATE FUNCTION workos_has_feature_flag(flag text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_feature_flag_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_has_feature_flag(text) IS
	'true when the flag is among workos_feature_flags()';

CREATE FUNCTION workos_is_impersonated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_impersonated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_is_impersonated() IS
	'true when somebody else acts for the user: there is a claim act';

CREATE FUNCTION workos_authenticated_within(within interval) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce(
		within operator(pg_catalog.>=) interval '0'
		AND @extschema@.workos_authenticated_at() operator(pg_catalog.>=) (pg_catalog.statement_timestamp() operator(pg_catalog.-) within)
		AND @extschema@.workos_authenticated_at() operator(pg_catalog.<=) (pg_catalog.statement_timestamp() operator(pg_catalog.+) interval '30 seconds'),
		false);
COMMENT ON FUNCTION workos_authenticated_within(interval) IS
	'true when the user signed in actively within this interval before the statement; an auth_time up to 30 seconds ahead of the clock of the server counts as now';

-- gates: one indexable comparison that also checks

CREATE FUNCTION workos_org_with_permission(p text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_org_with_permission(text) IS
	'id of the selected organization if the session has the permission there, else NULL';

CREATE FUNCTION workos_org_with_role(role text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_org_with_role(text) IS
	'id of the selected organization if the session has the role there, else NULL';

-- verified tokens

CREATE FUNCTION workos_verify(token text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_verify_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION workos_verify(text) IS
	'payload of an access token that a trusted issuer signed and that is valid now; any other is an error';

CREATE FUNCTION workos_authenticate(token text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_authenticate_wrapper'
	LANGUAGE c VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION workos_authenticate(text) IS
	'signs a user in for the transaction with an access token, and returns the id of the user';

CREATE FUNCTION workos_check_issuer(issuer text, jwks text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_check_issuer_wrapper'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION workos_check_issuer(text, text) IS
	'true when the issuer and its keys are fit to be trusted; else an error';

CREATE TABLE workos_issuers (
	issuer text PRIMARY KEY,
	jwks jsonb NOT NULL,
	CONSTRAINT workos_issuers_fit CHECK (workos_check_issuer(issuer, jwks::text))
);
COMMENT ON TABLE workos_issuers IS
	'the trusted issuers of access tokens, with their signing keys';

CREATE FUNCTION workos_issuers_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'workos_issuers_changed'
	LANGUAGE c;
COMMENT ON FUNCTION workos_issuers_changed() IS
	'makes every connection read the trusted issuers again';

CREATE TRIGGER workos_issuers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON workos_issuers
	FOR EACH STATEMENT EXECUTE FUNCTION workos_issuers_changed();
ALTER TABLE workos_issuers ENABLE ALWAYS TRIGGER workos_issuers_changed;

SELECT pg_catalog.pg_extension_config_dump('workos_issuers', '');

CREATE FUNCTION workos_trust_issuer(issuer text, jwks jsonb) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		INSERT INTO @extschema@.workos_issuers (issuer, jwks) VALUES (pg_catalog.regexp_replace($1, '/$', ''), $2)
			ON CONFLICT (issuer) DO UPDATE SET jwks = excluded.jwks;
	END;
COMMENT ON FUNCTION workos_trust_issuer(text, jsonb) IS
	'adds a trusted issuer with its JSON Web Key Set, or replaces its keys, in every connection at once';

CREATE FUNCTION workos_distrust_issuer(issuer text) RETURNS boolean
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		WITH gone AS (
			DELETE FROM @extschema@.workos_issuers i
				WHERE i.issuer operator(pg_catalog.=) pg_catalog.regexp_replace($1, '/$', '') RETURNING 1
		)
		SELECT EXISTS (SELECT FROM gone);
	END;
COMMENT ON FUNCTION workos_distrust_issuer(text) IS
	'removes a trusted issuer, in every connection at once; false when there was none';

-- who may call them, whatever the default privileges of the installing role

GRANT EXECUTE ON FUNCTION
	workos_user_id(),
	workos_session_id(),
	workos_org_id(),
	workos_user_role(),
	workos_user_roles(),
	workos_permissions(),
	workos_entitlements(),
	workos_feature_flags(),
	workos_impersonator(),
	workos_issued_at(),
	workos_expires_at(),
	workos_authenticated_at(),
	workos_claims(),
	workos_claim(text),
	workos_token_kind(),
	workos_application_id(),
	workos_application_org_id(),
	workos_is_authenticated(),
	workos_is_member(text),
	workos_has_role(text),
	workos_has_any_role(text[]),
	workos_has_permission(text),
	workos_has_any_permission(text[]),
	workos_has_all_permissions(text[]),
	workos_has_entitlement(text),
	workos_has_feature_flag(text),
	workos_is_impersonated(),
	workos_authenticated_within(interval),
	workos_org_with_permission(text),
	workos_org_with_role(text),
	workos_verify(text),
	workos_authenticate(text)
	TO PUBLIC;

-- The trusted issuers are for the owner of the extension alone. A trusted extension's objects belong to the
-- bootstrap superuser, and default privileges could have given them to anybody.
DO $$
DECLARE
	object record;
BEGIN
	FOR object IN
		SELECT c.what, c.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
		FROM (
			SELECT 'TABLE' AS what, oid::regclass::text AS name, relacl AS acl, relowner AS owner
				FROM pg_class WHERE oid = 'workos_issuers'::regclass
			UNION ALL
			SELECT 'FUNCTION', oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), proowner
				FROM pg_proc WHERE oid IN (
					'workos_check_issuer(text, text)'::regprocedure,
					'workos_issuers_changed()'::regprocedure,
					'workos_trust_issuer(text, jsonb)'::regprocedure,
					'workos_distrust_issuer(text)'::regprocedure)
		) c, aclexplode(c.acl) a
		WHERE a.grantee <> c.owner
	LOOP
		EXECUTE format('REVOKE ALL ON %s %s FROM %s', object.what, object.name, object.grantee);
	END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON workos_issuers TO @extowner@;
GRANT EXECUTE ON FUNCTION
	workos_check_issuer(text, text),
	workos_trust_issuer(text, jsonb),
	workos_distrust_issuer(text)
	TO @extowner@;
