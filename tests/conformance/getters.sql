-- Getters: each one returns its claim, and NULL without it.
\set ON_ERROR_STOP on
begin;
select no_plan();

select answers(token(), 'workos_user_id()', 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'sub');
select answers(token('{"sub": null}'), 'workos_user_id()', null, 'no sub');

select answers(token(), 'workos_session_id()', 'session_01HQSXZGF8FHF7A9ZZFCW4387R', 'sid');
select answers(token('{"sid": null}'), 'workos_session_id()', null, 'no sid');
select answers(token('{"sid": null}'), 'workos_user_id()', null, 'without a sid there is no session');

select answers(token(), 'workos_org_id()', 'org_01HRDMC6CM357W30QMHMQ96Q0S', 'org_id');
select answers(token('{"org_id": null}'), 'workos_org_id()', null, 'no organization selected');

select answers(token('{"user_role": "admin", "roles": ["editor"]}'), 'workos_user_role()', 'admin', 'user_role comes first');
select answers(token('{"user_role": null}'), 'workos_user_role()', 'editor', 'without user_role, the only element of roles');
select answers(token('{"user_role": ""}'), 'workos_user_role()', 'editor', 'an empty user_role is absent');
select answers(token('{"user_role": null, "roles": ["editor", "viewer"]}'), 'workos_user_role()', null, 'without user_role, two roles give NULL');
select answers(token('{"user_role": null, "roles": []}'), 'workos_user_role()', null, 'an empty list of roles gives NULL');
select answers(token('{"user_role": null, "roles": [""]}'), 'workos_user_role()', null, 'an empty role gives NULL');
select answers(token('{"user_role": null, "roles": null}'), 'workos_user_role()', null, 'neither user_role nor roles');
select answers(token('{"user_role": null, "roles": null, "role": "admin"}'), 'workos_user_role()', null, 'the claim role is a Postgres role, so it is ignored');
select answers(token(jsonb_build_object('user_role', r, 'roles', null)), 'workos_user_role()', null, r || ' is a Postgres role')
	from unnest('{anon,authenticated,service_role}'::text[]) r;
select answers(token(jsonb_build_object('user_role', null, 'roles', jsonb_build_array(r))), 'workos_user_role()', null, r || ' is a Postgres role in roles too')
	from unnest('{anon,authenticated,service_role}'::text[]) r;
select answers(token('{"user_role": "authenticated", "roles": ["admin"]}'), 'workos_user_role()', 'admin', 'if user_role is a Postgres role, roles is used');

select answers(token(), 'workos_user_roles()', '{editor}', 'user_role is not repeated if it is among roles');
select answers(token('{"roles": ["viewer", "billing"]}'), 'workos_user_roles()', '{viewer,billing,editor}', 'user_role is added to roles');
select answers(token('{"roles": null}'), 'workos_user_roles()', '{editor}', 'user_role alone');
select answers(token('{"roles": null, "user_role": null}'), 'workos_user_roles()', '{}', 'no roles');

select answers(token(), 'workos_permissions()', '{documents:read,documents:write}', 'permissions');
select answers(token('{"permissions": []}'), 'workos_permissions()', '{}', 'an empty list');
select answers(token('{"permissions": null}'), 'workos_permissions()', '{}', 'no claim permissions');
select answers(token('{"entitlements": ["audit-logs"]}'), 'workos_entitlements()', '{audit-logs}', 'entitlements');
select answers(token(), 'workos_entitlements()', '{}', 'no claim entitlements');
select answers(token('{"feature_flags": ["beta", "a,b", "c\"d"]}'), 'workos_feature_flags()', '{beta,"a,b","c\"d"}', 'feature_flags with special characters');
select answers(token(), 'workos_feature_flags()', '{}', 'no claim feature_flags');

select answers(token('{"act": {"sub": "support@foocorp.com"}}'), 'workos_impersonator()', 'support@foocorp.com', 'act.sub');
select answers(token(), 'workos_impersonator()', null, 'not impersonated');

set local timezone = 'UTC';
select answers(token('{"iat": 1709193557}'), 'workos_issued_at()', '2024-02-29 07:59:17+00', 'iat');
select answers(token('{"iat": null}'), 'workos_issued_at()', null, 'no iat');
select answers(token('{"exp": 4102444800}'), 'workos_expires_at()', '2100-01-01 00:00:00+00', 'exp');
select answers(token('{"exp": null}'), 'workos_expires_at()', null, 'no exp');
select answers(token('{"auth_time": 1709193557}'), 'workos_authenticated_at()', '2024-02-29 07:59:17+00', 'auth_time');
select answers(token(), 'workos_authenticated_at()', null, 'no auth_time');

select answers('{"sid":"session_1","sub":"user_1",  "n": 1.50, "o":{"b":1,"a":2}}', 'workos_claims()', '{"n": 1.50, "o": {"a": 2, "b": 1}, "sid": "session_1", "sub": "user_1"}', 'all claims as jsonb');
select answers('{"sid":"session_1","sub":"user_1","email":"a@b.c"}', 'workos_claim(''email'')', 'a@b.c', 'a string, unquoted');
select answers('{"sid":"session_1","sub":"user_1","urn:myapp:plan":"pro"}', 'workos_claim(''urn:myapp:plan'')', 'pro', 'a claim with any name');
select answers('{"sid":"session_1","sub":"user_1","say \"hi\"":"x"}', 'workos_claim(''say "hi"'')', 'x', 'an escaped name');
select answers('{"sid":"session_1","sub":"user_1","n": 12345678901234567890}', 'workos_claim(''n'')', '12345678901234567890', 'a number keeps its digits');
select answers('{"sid":"session_1","sub":"user_1","b":true}', 'workos_claim(''b'')', 'true', 'a boolean as JSON');
select answers('{"sid":"session_1","sub":"user_1","o":{"b": 1,"a":[ 2 ]}}', 'workos_claim(''o'')', '{"b": 1,"a":[ 2 ]}', 'an object as unchanged JSON text');
select answers('{"sid":"session_1","sub":"user_1","x":null}', 'workos_claim(''x'')', null, 'JSON null is SQL NULL');
select answers('{"sid":"session_1","sub":"user_1","x":""}', 'workos_claim(''x'')', null, 'an empty string is absent');
select answers('{"sid":"session_1","sub":"user_1","x":"null"}', 'workos_claim(''x'')', 'null', 'the string "null" is not JSON null');
select answers('{"sid":"session_1","sub":"user_1"}', 'workos_claim(''x'')', null, 'no such claim');
select answers('{"sid":"session_1","sub":"user_1"}', 'workos_claim('''')', null, 'an empty name');
select answers('{"sid":"session_1","sub":"user_1"}', 'workos_claim(null)', null, 'a NULL name');
select answers('{"sid":"session_1","sub":"user_1","a":{"b":"c"}}', 'workos_claim(''b'')', null, 'top-level claims only');
select answers('{"sub":"1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001","email":"a@b.c"}', 'workos_claim(''email'')', 'a@b.c', 'claims of any kind of token');

-- Every helper returns a value for a signed-in user. For other kinds of token with the same claims, only the helpers
-- for any kind return one.
select case when signed_in = '*' then isnt(answer(full_token(), call), anonymous, call || ': signed in') else answers(full_token(), call, signed_in, 'signed in') end from helper;
select answers(full_token(claims), call, anonymous, kind || ' is not a session')
	from helper,
		(values ('a machine-to-machine token', '{"sub": "client_1", "sid": null}'::jsonb), ('a token of an application that acts for a user', '{"scope": "openid"}'), ('a widget token', '{"sid": "widget_session_1"}'),
			('a token of Supabase Auth', '{"sub": "1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001"}')) k(kind, claims)
	where call not in ('workos_claims()', 'workos_claim(''sub'')', 'workos_token_kind()', 'workos_client_id()', 'workos_scopes()') and call not like 'workos_application%';
select * from finish();
rollback;
