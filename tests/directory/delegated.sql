-- An application that acts for a user may do no more than the user may: workos_delegated_org_id(scope, client, permission).
-- As keeper, who becomes authenticated. setup.sql accepts the audience.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();

select lives_ok($$select feed.apply('event_01', name, data) from (values
	('organization_membership.created', feed.membership('om_1', 'user_1', 'org_1', '{"roles": ["member", "editor"]}')), ('organization_membership.created', feed.membership('om_2', 'user_1', 'org_2', '{"roles": ["member"]}')),
	('organization_membership.created', feed.membership('om_3', 'user_1', 'org_3', '{"roles": ["editor"], "status": "inactive"}')), ('organization_membership.created', feed.membership('om_4', 'user_2', 'org_4', '{"roles": ["editor"]}')),
	('role.created', '{"slug": "member", "permissions": ["read"]}'), ('role.created', '{"slug": "editor", "permissions": ["read", "write"]}')) e(name, data)$$, 'there is a directory');
set local role authenticated;
-- The gate with these arguments, for an application that acts for user_1.
create function pg_temp.gate(org_id text, arguments text, more jsonb default '{}') returns text language sql as $$
	select answer(delegated(jsonb_build_object('sub', 'user_1', 'org_id', org_id) || more), format('workos_delegated_org_id(%s)', arguments))
$$;
select is(pg_temp.gate(org_id, arguments), want, concat_ws(' ', 'in', org_id, arguments))
	from (values
		('org_1', '''documents:read'', null, ''read''', 'org_1'), ('org_1', '''documents:read'', null, ''write''', 'org_1'), ('org_1', 'null, ''client_01AGENT'', ''read''', 'org_1'), ('org_1', 'scope => ''openid'', client => ''client_01AGENT'', permission => ''read''', 'org_1'),
		('org_2', '''documents:read'', null, ''read''', 'org_2'),
		-- The user has no such permission there.
		('org_2', '''documents:read'', null, ''write''', null), ('org_1', '''documents:read'', null, ''admin''', null), ('org_1', '''documents:read'', null, ''rea''', null), ('org_1', '''documents:read'', null, ''READ''', null), ('org_1', '''documents:read'', null, ''''', null), ('org_1', '''documents:read'', null, null', null),
		-- The membership is not active, belongs to somebody else, or there is none.
		('org_3', '''documents:read'', null, ''read''', null), ('org_4', '''documents:read'', null, ''read''', null), ('org_5', '''documents:read'', null, ''read''', null), (null, '''documents:read'', null, ''read''', null),
		-- The application has no such scope, or is another one. The gate must name one of them.
		('org_1', '''documents:write'', null, ''read''', null), ('org_1', 'null, ''client_02'', ''read''', null), ('org_1', 'null, null, ''read''', null), ('org_1', ''''', null, ''read''', null), ('org_1', 'null, '''', ''read''', null), ('org_1', ''''', '''', ''read''', null),
		('org_1', '''documents:read'', '''', ''read''', null), ('org_1', 'repeat(''x'', 2000000), null, ''read''', null), ('org_1', '''documents:read'', null, repeat(''x'', 2000000)', null)) t(org_id, arguments, want);
select is(pg_temp.gate('org_1', '''documents:read'', null, ''read''', more), null, 'not for ' || more::text)
	from unnest(array['{"aud": "https://other.example"}', '{"sub": "user_2"}', '{"sub": "client_1", "sid": null}', '{"sid": "session_1", "scope": null}', '{"sid": "widget_session_1"}', '{"exp": 1}', '{"permissions": ["read"], "sub": "user_9"}']::jsonb[]) more;
select is(answer('', 'workos_delegated_org_id(''documents:read'', null, ''read'')'), null, 'nor for an anonymous request');
select is(answer(token('{"org_id": "org_1", "sub": "user_1"}'), 'workos_delegated_org_id(''documents:read'', null, ''read'')'), null, 'nor for a session');
select is(workos._delegate_may('', '', 'read'), false, 'the function of the directory needs a gate, too');
-- The other answers of the directory are for sessions.
select is(answer(delegated('{"sub": "user_1"}'), call), null, call || ': no session') from unnest(array['workos_org_ids()', 'workos_org_ids_with_permission(''read'')', 'workos_org_ids_with_role(''member'')']) call;
reset role;

select lives_ok($$select feed.apply('event_02', name, data, '2026-02-01T00:00:00.000Z') from (values ('role.updated', '{"slug": "member", "permissions": []}'::jsonb), ('organization_membership.deleted', feed.membership('om_1', 'user_1', 'org_1'))) e(name, data)$$, 'a permission is taken away, and a member removed');
set local role authenticated;
select is(pg_temp.gate(org_id, '''documents:read'', null, ''read'''), null, 'at the next statement, nothing in ' || org_id) from unnest(array['org_1', 'org_2']) org_id;
select is(pg_temp.gate('org_1', '''documents:read'''), 'org_1', 'without a permission, the token decides');
select * from finish();
rollback;
