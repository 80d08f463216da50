-- descriptions of the helpers, which psql's \df+ shows

comment on function @extschema@.workos_user_id() is
	'id of the signed-in user: claim sub';
comment on function @extschema@.workos_session_id() is
	'id of the session: claim sid';
comment on function @extschema@.workos_org_id() is
	'id of the selected organization: claim org_id';
comment on function @extschema@.workos_user_role() is
	'role in the organization: claim user_role, else the only element of roles, else claim role of a token that this extension has verified';
comment on function @extschema@.workos_user_roles() is
	'roles in the organization: claim roles, and workos_user_role(); empty when there are none';
comment on function @extschema@.workos_permissions() is
	'permissions in the organization: claim permissions; empty when there are none';
comment on function @extschema@.workos_entitlements() is
	'entitlements of the organization: claim entitlements; empty when there are none';
comment on function @extschema@.workos_feature_flags() is
	'feature flags: claim feature_flags; empty when there are none';
comment on function @extschema@.workos_impersonator() is
	'e-mail of the dashboard user who impersonates the user: claim act.sub';
comment on function @extschema@.workos_issued_at() is
	'when the token was issued: claim iat';
comment on function @extschema@.workos_expires_at() is
	'when the token expires: claim exp';
comment on function @extschema@.workos_authenticated_at() is
	'when the user last signed in actively: claim auth_time';
comment on function @extschema@.workos_claims() is
	'all current claims, unchanged, of any kind of token; NULL for an anonymous request';
comment on function @extschema@.workos_claim(text) is
	'one top-level claim of any kind of token: a string unquoted, anything else as JSON text; NULL when absent, null or empty';
comment on function @extschema@.workos_token_kind() is
	'kind of the token: session, application, oauth, widget or other; NULL for an anonymous request';
comment on function @extschema@.workos_application_id() is
	'id of the application: claim sub of a machine-to-machine token; NULL for other kinds';
comment on function @extschema@.workos_application_org_id() is
	'organization of the application: claim org_id of a machine-to-machine token; NULL for other kinds';
comment on function @extschema@.workos_is_authenticated() is
	'true when a user is signed in';
comment on function @extschema@.workos_is_member(text) is
	'true when the selected organization is this one; inlined, so an index on the column is used; NULL if the argument is NULL';
comment on function @extschema@.workos_has_role(text) is
	'true when the role is among workos_user_roles()';
comment on function @extschema@.workos_has_any_role(text[]) is
	'true when one of the roles is among workos_user_roles()';
comment on function @extschema@.workos_has_permission(text) is
	'true when the permission is among workos_permissions(); * is a literal character';
comment on function @extschema@.workos_has_any_permission(text[]) is
	'true when one of the permissions is among workos_permissions()';
comment on function @extschema@.workos_has_all_permissions(text[]) is
	'true when each of the permissions is among workos_permissions(); false for an empty array';
comment on function @extschema@.workos_has_entitlement(text) is
	'true when the entitlement is among workos_entitlements()';
comment on function @extschema@.workos_has_feature_flag(text) is
	'true when the flag is among workos_feature_flags()';
comment on function @extschema@.workos_is_impersonated() is
	'true when another person acts as the user: there is a claim act';
comment on function @extschema@.workos_authenticated_within(interval) is
	'true when the user signed in actively within this interval before the statement; an auth_time up to 30 seconds ahead of the clock of the server is accepted as now';
comment on function @extschema@.workos_org_with_permission(text) is
	'id of the selected organization if the session has the permission there, else NULL';
comment on function @extschema@.workos_org_with_role(text) is
	'id of the selected organization if the session has the role there, else NULL';
comment on function @extschema@.workos_org_ids() is
	'ids of all organizations in which the user is an active member, as the directory says; NULL without a session';
comment on function @extschema@.workos_org_ids_with_permission(text) is
	'ids of the organizations in which the user is an active member with the permission, as the directory says; NULL without a session';
comment on function @extschema@.workos_org_ids_with_role(text) is
	'ids of the organizations in which the user is an active member with the role, as the directory says; NULL without a session';
comment on function @extschema@.workos_application_org_id(text) is
	'organization of the application: claim org_id of a machine-to-machine token that was granted the scope, for an accepted audience; else NULL';
comment on function @extschema@.workos_delegated_user_id(text, text) is
	'id of the user for whom an application acts: claim sub of a token that was granted the scope and given to the client, for an accepted audience; else NULL';
comment on function @extschema@.workos_delegated_org_id(text, text) is
	'organization of the user for whom an application acts: claim org_id of a token that was granted the scope and given to the client, for an accepted audience; else NULL';
comment on function @extschema@.workos_delegated_org_id(text, text, text) is
	'the same, if the user is an active member of that organization whose roles have the permission, as the directory says; else NULL';
comment on function @extschema@.workos_client_id() is
	'id of the application that a token of any kind was issued to: claim client_id';
comment on function @extschema@.workos_scopes() is
	'scopes of a token that was issued to an application: claim scope, split at spaces; empty for other kinds';
comment on function @extschema@.workos_has_scope(text) is
	'true when the scope is among workos_scopes()';
