-- The people of the two tenants, as events of WorkOS. Olivia is a member of both.

create function pg_temp.happens(event text, data jsonb, at text default '2026-01-01T00:00:00.000Z') returns text language sql as $$
	select workos.apply_event(jsonb_build_object('id', 'event_' || md5(data::text || at), 'event', event, 'created_at', at,
		'data', jsonb_build_object('created_at', at, 'updated_at', at) || data))
$$;
select count(pg_temp.happens('role.created', jsonb_build_object('slug', slug, 'permissions', permissions))) as roles from (values
	('owner', '{documents:read,documents:write,documents:delete,projects:manage,organization:manage}'::text[]),
	('admin', '{documents:read,documents:write,documents:delete,projects:manage}'),
	('editor', '{documents:read,documents:write}'),
	('viewer', '{documents:read}'),
	('guest', '{}')) r(slug, permissions) \g /dev/null
select count(pg_temp.happens('organization.created', jsonb_build_object('id', id, 'name', name))) as organizations from organizations \g /dev/null
select count(pg_temp.happens('user.created', jsonb_build_object('id', 'user_01' || upper(name), 'first_name', name, 'last_name', last_name,
	'email', lower(name) || '@example.com'))) as users from (values
	('Olivia', 'Owen'), ('Adam', 'Ames'), ('Eddy', 'Erikson'), ('Vic', 'Vance'), ('Greta', 'Gale'), ('Nora', 'Nash'), ('Fred', 'Former')) u(name, last_name) \g /dev/null
select count(pg_temp.happens('organization_membership.created', jsonb_build_object('id', id, 'user_id', user_id, 'organization_id', org_id, 'status', status,
	'role', jsonb_build_object('slug', role)))) as memberships from (values
	('om_01', 'user_01OLIVIA', 'org_01ACME', 'active', 'owner'),
	('om_02', 'user_01ADAM', 'org_01ACME', 'active', 'admin'),
	('om_03', 'user_01EDDY', 'org_01ACME', 'active', 'editor'),
	('om_04', 'user_01VIC', 'org_01ACME', 'active', 'viewer'),
	('om_05', 'user_01GRETA', 'org_01GLOBEX', 'active', 'editor'),
	('om_06', 'user_01OLIVIA', 'org_01GLOBEX', 'active', 'guest'),
	('om_07', 'user_01FRED', 'org_01ACME', 'inactive', 'editor'),
	('om_08', 'user_01NORA', 'org_01ACME', 'pending', 'viewer')) m(id, user_id, org_id, status, role) \g /dev/null
