-- Where the recipes of docs/how-to/delegated-access.md run, as keeper, the owner of the directory.
create schema recipes authorization keeper;
grant usage on schema recipes to anon, authenticated;
grant execute on all functions in schema extensions to keeper; -- for workos_lint()
set role keeper;
-- Signs in an application that acts for a user.
create function recipes.agent(user_id text, org_id text, scope text, more jsonb default '{}') returns void language sql as $$
	select workos_test.login(user_id, org_id, claims => jsonb_build_object('sid', 'app_consent_1', 'client_id', 'client_01AGENT', 'aud', 'https://db.example/mcp', 'scope', scope) || more)
$$;
select feed.apply('event_recipes', name, data) from (values
	('organization_membership.created', feed.membership('om_r1', 'user_01MAY', 'org_01ACME', '{"role": "accountant"}')), ('organization_membership.created', feed.membership('om_r2', 'user_01NOT', 'org_01ACME', '{"role": "guest"}')),
	('organization_membership.created', feed.membership('om_r3', 'user_01GONE', 'org_01ACME', '{"role": "accountant", "status": "inactive"}')),
	('role.created', '{"slug": "accountant", "permissions": ["invoices:read"]}'), ('role.created', '{"slug": "guest", "permissions": []}')) e(name, data) \g /dev/null
