-- all organizations of the user: NULL without a session, an error without a directory

CREATE FUNCTION @extschema@.workos_org_ids() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_org_ids_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;

CREATE FUNCTION @extschema@.workos_org_ids_with_permission(permission text) RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_org_ids_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;

CREATE FUNCTION @extschema@.workos_org_ids_with_role(role text) RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_org_ids_with_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;

-- delegated access, to no more than the user may do
CREATE FUNCTION @extschema@.workos_delegated_org_id(scope text, client text, permission text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_delegated_org_id_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;
