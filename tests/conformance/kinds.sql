-- Which claims are a WorkOS user session: the first line of the contract's table that fits.
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
	('{"sub":"user_1","sid":"session_1","scope":"openid"}', 'oauth', 'a scope: an application acts for the user'),
	('{"sub":"user_1","sid":"session_1","scope":""}', 'oauth', 'an empty scope is a scope'),
	('{"sub":"user_1","sid":"session_1","scope":null}', 'oauth', 'a null scope is a scope'),
	('{"sub":"user_1","sid":"app_consent_1"}', 'oauth', 'sid is a consent'),
	('{"sub":"user_1","sid":"widget_session_1"}', 'widget', 'a widget'),
	('{"sub":"client_1","sid":"widget_session_1"}', 'widget', 'widget comes first'),
	('{"sid":"widget_session_1"}', 'widget', 'a widget without sub'),
	('{"sub":"client_1","scope":"x","org_id":"org_1"}', 'application', 'machine to machine'),
	('{"sub":"client_1","sid":"session_1"}', 'application', 'whatever its sid'),
	('{"sub":"1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001","role":"authenticated"}', 'other', 'Supabase Auth'),
	('{"role":"anon"}', 'other', 'PostgREST without a token'),
	('{"role":"service_role","iss":"supabase"}', 'other', 'a service key'),
	('{"sub":["user_1"]}', 'other', 'sub of another type is absent'),
	('{"sub":"USER_1"}', 'other', 'the prefix is exact'),
	('{"sub":" user_1"}', 'other', 'the prefix is at the start'),
	('{"sub":"xclient_1"}', 'other', 'so is this one'),
	('{"Sub":"user_1"}', 'other', 'names of claims are exact'),
	('', null, 'anonymous')
) t(claims, kind, about);

-- Only a session gives a user identity.
select answers(claims, 'workos_is_authenticated()', (claims like '%"id":"session"%')::text, 'of this kind')
	from (values
		('{"id":"session","sub":"user_1","sid":"session_1","org_id":"org_1"}'),
		('{"id":"oauth","sub":"user_1","sid":"session_1","org_id":"org_1","scope":"openid"}'),
		('{"id":"widget","sub":"user_1","sid":"widget_session_1","org_id":"org_1"}'),
		('{"id":"application","sub":"client_1","org_id":"org_1"}'),
		('{"id":"other","sub":"someone","org_id":"org_1"}')) t(claims);

-- Machines are let in only by name.
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_application_id()', 'client_1', 'sub of an application');
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_application_org_id()', 'org_1', 'org_id of an application');
select answers('{"sub":"client_1"}', 'workos_application_org_id()', null, 'no org_id');
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_org_id()', null, 'a machine is no member');
select answers('{"sub":"client_1","org_id":"org_1"}', 'workos_is_member(''org_1'')', null, 'a machine is no member');
select answers('{"sub":"client_1","org_id":"org_1","permissions":["p"]}', 'workos_org_with_permission(''p'')', null, 'nor does a gate open');
select answers('{"sub":"client_1","org_id":"org_1","permissions":["p"]}', 'workos_has_permission(''p'')', 'false', 'nor has it a permission');
select answers(token(), 'workos_application_id()', null, 'a user is no application');
select answers(token(), 'workos_application_org_id()', null, 'a user is no application');
select answers('{"sub":"client_1","sid":"widget_session_1","org_id":"org_1"}', 'workos_application_id()', null, 'nor is a widget');
select * from finish();
rollback;
