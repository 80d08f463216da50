-- What docs/reference/functions.md expects.
select feed.apply('event_ann', name, data) from (values
	('organization_membership.created', feed.membership('om_1', 'user_01ANN', 'org_01ACME', '{"role": "editor"}')), ('organization_membership.created', feed.membership('om_2', 'user_01ANN', 'org_01GLOBEX', '{"role": "viewer"}')),
	('role.created', '{"slug": "editor", "permissions": ["documents:read", "documents:write"]}')) e(name, data);
