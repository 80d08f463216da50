-- The kind of a token: the first matching line of the table in the contract.
\set ON_ERROR_STOP on
begin;
select no_plan();

select answers(claims, 'workos_token_kind()', kind, about) from (values
	('{"sub":"user_1","sid":"session_1"}', 'session', 'a session'),
	('{"sub":"user_1"}', 'other', 'a session needs a sid'),
	('{"sub":"user_1","sid":""}', 'other', 'an empty sid is absent'),
	('{"sub":"user_1","sid":null}', 'other', 'a null sid is absent'),
	('{"sub":"user_1","sid":5}', 'other', 'a sid that is a number is absent'),
	('{"sub":"user_1","sid":["session_1"]}', 'other', 'a sid that is a list is absent'),
	('{"sub":"user_1","sid":{}}', 'other', 'a sid that is an object is absent'),
	('{"sub":"user_1","sid":"Session_1"}', 'oauth', 'the prefix of sid is exact'),
	('{"sub":"user_1","sid":" session_1"}', 'oauth', 'the prefix of sid is at the start'),
	('{"iss":"https://example.authkit.app","aud":"client_1","sub":"user_1","email":"a@b.c","name":"A","iat":1709193557,"role":"authenticated"}', 'other', 'an ID token of WorkOS Connect'),
	('{"sub":"user_1","scope":"openid"}', 'oauth', 'a scope and no sid'),
	('{"sub":"user_1","sid":["session_1"],"scope":"openid"}', 'oauth', 'a scope, and a sid that is a list'),
	('{"sub":"user_1","sid":"session_1","client_id":"client_1","aud":"x"}', 'session', 'client_id and aud change nothing'),
	('{"sub":"user_1","sid":"session_1","scope":"openid"}', 'oauth', 'a claim scope means that an application acts for the user'),
	('{"sub":"user_1","sid":"session_1","scope":""}', 'oauth', 'an empty scope has the same effect'),
	('{"sub":"user_1","sid":"session_1","scope":null}', 'oauth', 'a null scope has the same effect'),
	('{"sub":"user_1","sid":"app_consent_1"}', 'oauth', 'sid is the id of a consent'),
	('{"sub":"user_1","sid":"widget_session_1"}', 'widget', 'a widget'),
	('{"sub":"client_1","sid":"widget_session_1"}', 'widget', 'a widget session with a client id is a widget token'),
	('{"sid":"widget_session_1"}', 'widget', 'a widget without sub'),
	('{"sub":"client_1","scope":"x","org_id":"org_1"}', 'application', 'machine to machine'),
	('{"sub":"client_1","sid":"session_1"}', 'application', 'a client id with any sid is machine to machine'),
	('{"sub":"1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001","role":"authenticated"}', 'other', 'Supabase Auth'),
	('{"role":"anon"}', 'other', 'PostgREST without a token'),
	('{"role":"service_role","iss":"supabase"}', 'other', 'a service key'),
	('{"sub":["user_1"]}', 'other', 'a sub of another type is absent'),
	('{"sub":"USER_1"}', 'other', 'the prefix of sub is exact'),
	('{"sub":" user_1"}', 'other', 'the prefix of sub is at the start'),
	('{"sub":"xclient_1"}', 'other', 'the prefix client_ is at the start'),
	('{"Sub":"user_1"}', 'other', 'names of claims are case-sensitive'),
	('', null, 'anonymous')
) t(claims, kind, about);

-- Only a session gives a user identity.
select answers(claims, 'workos_is_authenticated()', (claims like '%"id":"session"%')::text, 'only a session: ' || claims)
	from (values
		('{"id":"session","sub":"user_1","sid":"session_1","org_id":"org_1"}'),
		('{"id":"oauth","sub":"user_1","sid":"session_1","org_id":"org_1","scope":"openid"}'),
		('{"id":"widget","sub":"user_1","sid":"widget_session_1","org_id":"org_1"}'),
		('{"id":"application","sub":"client_1","org_id":"org_1"}'),
		('{"id":"other","sub":"someone","org_id":"org_1"}')) t(claims);

-- Machine-to-machine tokens have no membership. A policy can allow them by client id.
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_application_id()', 'client_1', 'sub of an application');
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_application_org_id()', 'org_1', 'org_id of an application');
select answers('{"sub":"client_1"}', 'workos_application_org_id()', null, 'no org_id');
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_org_id()', null, 'a machine-to-machine token has no membership');
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_is_member(''org_1'')', null, 'a machine-to-machine token has no membership');
select answers('{"sub":"client_1","org_id":"org_1","permissions":["p"]}', 'workos_org_with_permission(''p'')', null, 'a machine-to-machine token opens no gate');
select answers('{"sub":"client_1","org_id":"org_1","permissions":["p"]}', 'workos_has_permission(''p'')', 'false', 'a machine-to-machine token has no permission');
select answers(token(), 'workos_application_id()', null, 'a user session is not an application');
select answers(token(), 'workos_application_org_id()', null, 'a user session is not an application');
select answers('{"sub":"client_1","sid":"widget_session_1","org_id":"org_1"}', 'workos_application_id()', null, 'a widget token is not an application');
select * from finish();
rollback;
