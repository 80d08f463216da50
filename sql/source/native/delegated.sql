-- delegated access: what a token says that was issued to an application. A gate must name a scope or a client, and gives
-- an identity only for an accepted audience.

CREATE FUNCTION @extschema@.workos_delegated_user_id(scope text DEFAULT NULL, client text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_delegated_user_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_delegated_org_id(scope text DEFAULT NULL, client text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_delegated_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_application_org_id(scope text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_org_id_with_scope_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_client_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_client_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_scopes() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_scopes_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_scope(scope text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_scope_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
