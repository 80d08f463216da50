-- Delegated access: applications that act for a user (kind oauth), and machines by scope. Only a gate that names a scope or
-- a client gives an identity, and only for an accepted audience. setup.sql accepts two.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- What a gate with these arguments returns for the claims: the user, and the organization.
create function pg_temp.gate(claims text, arguments text) returns text language sql as $$
	select answer(claims, format('concat_ws('' '', workos_delegated_user_id(%1$s), workos_delegated_org_id(%1$s))', arguments))
$$;
create function pg_temp.machine(override jsonb default '{}') returns text language sql as $$
	select delegated('{"sub": "client_01MACHINE", "sid": null, "aud": "client_01ENVIRONMENT"}'::jsonb || override)
$$;

-- The gate names a scope, a client, or both.
select is(pg_temp.gate(delegated(), arguments), want, 'the gate ' || left(arguments, 60))
	from (values
		('''documents:read''', 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1'), ('''openid''', 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1'),
		('client => ''client_01AGENT''', 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1'), ('''documents:read'', ''client_01AGENT''', 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1'),
		('', ''), ('null', ''), ('null, null', ''), ('client => null', ''), ('''documents:write''', ''), ('''''', ''),
		('''documents:read'', ''client_01OTHER''', ''), ('''documents:write'', ''client_01AGENT''', ''), ('''documents:read'', ''''', ''), ('''''', ''),
		-- by prefix, suffix, case, wildcard, order or white space
		('''documents''', ''), ('''documents:''', ''), ('''read''', ''), ('''DOCUMENTS:READ''', ''), ('''documents:*''', ''), ('''*''', ''), ('''%''', ''), ('''documents:rea_''', ''), ('''.*''', ''),
		('''openid documents:read''', ''), ('''documents:read openid''', ''), (''' documents:read''', ''), ('''documents:read ''', ''), ('''openid,documents:read''', ''),
		('client => ''client_01''', ''), ('client => ''CLIENT_01AGENT''', ''), ('client => ''client_01AGENT ''', ''), ('client => ''''', ''), ('client => ''client_%''', ''),
		('repeat(''a'', 2000000)', ''), ('''documents:read'', repeat(''a'', 2000000)', '')) t(arguments, want);
select is(pg_temp.gate(delegated('{"scope": "a*"}'), '''a*'''), 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1', 'in a scope * is a literal character');
select is(pg_temp.gate(delegated('{"scope": "a*"}'), '''ab'''), '', 'in a scope * is a literal character');
select is(pg_temp.gate(delegated(org), '''openid'''), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'no organization: ' || org::text) from unnest(array['{"org_id": null}', '{"org_id": 5}', '{"org_id": ""}', '{"org_id": ["org_1"]}']::jsonb[]) org;
select is(pg_temp.gate(delegated('{"client_id": 5}'), 'client => ''5'''), '', 'the client is a number');
select is(pg_temp.gate(delegated('{"client_id": null}'), 'client => ''null'''), '', 'there is no client');
select is(pg_temp.gate(replace(delegated('{"client_id": ""}'), '"scope":', also || '"scope":'), arguments), want, 'the client is empty, the gate ' || arguments || ' ' || also)
	from (values ('client => ''''', ''), ('''openid'', ''''', ''), ('''openid''', 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1')) t(arguments, want), (values (''), ('"n":1e2,')) b(also);
select is(pg_temp.gate(delegated('{"scope": null}'), 'client => ''client_01AGENT'''), 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1', 'by client, without a claim scope, because sid is that of a consent');
select is(pg_temp.gate(delegated(jsonb_build_object('exp', floor(extract(epoch from clock_timestamp())) - 40)), '''openid'''), '', 'expired');
select is(pg_temp.gate(delegated('{"nbf": 4102444800}'), '''openid'''), '', 'not valid yet');

-- What is granted: scopes of the form of RFC 6749, section 3.3, or none. A claim of any value makes the kind oauth.
create temp table scope_claim (value text, granted text);
insert into scope_claim values
	('"a"', '{a}'), ('"a b"', '{a,b}'), ('"b a b"', '{b,a,b}'), ('"a:b/c.d-e_f*!~#[]{},"', '{"a:b/c.d-e_f*!~#[]{},"}'), ('"\u0061 b"', '{a,b}'), ('"null NULL"', '{"null","NULL"}'), ('"a,b"', '{"a,b"}'),
	('""', '{}'), ('" "', '{}'), ('" a"', '{}'), ('"a "', '{}'), ('"a  b"', '{}'), ('"a\tb"', '{}'), ('"a\tb c"', '{}'), ('"a b\n"', '{}'), ('"a\nb"', '{}'), ('"a\r b"', '{}'), ('"a\u00a0b"', '{}'), ('"a \u3000b"', '{}'), ('"é a"', '{}'),
	('"a \u007f"', '{}'), ('"a \u0001"', '{}'), ('"a \"b\""', '{}'), ('"a \\b"', '{}'), ('["a","b"]', '{}'), ('["a"]', '{}'), ('{"a":"b"}', '{}'), ('null', '{}'), ('1', '{}'), ('true', '{}'), ('[]', '{}');
create temp table beside (also text);
insert into beside values (''), ('"n":1e2,');
select answers(replace(delegated('{"scope": "@"}'), '"scope": "@"', also || '"scope":' || value), 'concat_ws('' '', workos_token_kind(), workos_scopes(), workos_has_scope(''a''), workos_delegated_org_id(''a''))',
		concat_ws(' ', 'oauth', granted::text[]::text, case when 'a' = any (granted::text[]) then 't org_1' else 'f' end), 'scope is ' || value || ' ' || also)
	from scope_claim, beside;
select answers(replace(delegated('{"scope": "@"}'), '"scope": "@"', '"scope":"x","scope":"y"'), 'workos_scopes()', '{y}', 'the last claim scope is used');
select answers(replace(delegated('{"scope": "@"}'), '"scope": "@"', '"scope":"x","sc\u006fpe":"y"'), 'concat_ws('' '', workos_delegated_org_id(''x''), workos_delegated_org_id(''y''))', 'org_1', 'the last claim scope is used');
select answers(delegated(jsonb_build_object('scope', (select string_agg('s' || n, ' ' order by n) from generate_series(1, 10000) n))),
	'concat_ws('' '', cardinality(workos_scopes()), workos_has_scope(''s1''), workos_has_scope(''s10000''), workos_has_scope(''s10001''), workos_delegated_org_id(''s10000''), workos_delegated_org_id(''s0''))', '10000 t t f org_1', '10,000 scopes');
select answers(delegated(), 'workos_has_scope(' || scope || ')', want, 'workos_has_scope compares exactly')
	from (values ('''openid''', 'true'), ('''documents:read''', 'true'), ('''documents''', 'false'), ('''openid documents:read''', 'false'), ('''OPENID''', 'false'), ('''''', 'false'), ('null', 'false')) t(scope, want);

-- Scopes are those of tokens that were issued to an application.
select answers(claims, 'concat_ws('' '', workos_scopes(), workos_has_scope(''openid''))', want, 'the scopes of ' || about)
	from (values (delegated(), '{openid,documents:read} t', 'an application that acts for a user'), (pg_temp.machine(), '{openid,documents:read} t', 'a machine'), (delegated('{"sid": "session_1"}'), '{openid,documents:read} t', 'a token with the sid of a session'),
		(delegated('{"sid": "widget_session_1"}'), '{} f', 'a widget'), (delegated('{"sub": "someone"}'), '{} f', 'another subject'), (token(), '{} f', 'a session'), ('', '{} f', 'an anonymous request')) t(claims, want, about);
select answers(claims, 'workos_client_id()', want, 'workos_client_id() is the claim client_id of ' || about)
	from (values (delegated(), 'client_01AGENT', 'an application'), (pg_temp.machine(), 'client_01AGENT', 'a machine'), (token('{"client_id": "client_1"}'), 'client_1', 'a session'), (token(), null, 'a session without one'),
		('{"client_id": "x"}', 'x', 'anything'), ('{"client_id": ""}', null, 'nobody'), ('{"client_id": 5}', null, 'a number'), ('{"client_id": ["x"]}', null, 'a list')) t(claims, want, about);

-- The audience, to the letter: a string, or a list of strings only.
create temp table audience (value text, ours boolean);
insert into audience values
	('"https://db.example/mcp"', true), ('"client_01ENVIRONMENT"', true), ('["https://db.example/mcp"]', true), ('["https://other.example", "https://db.example/mcp"]', true), ('["client_01ENVIRONMENT", ""]', true), ('"https:\/\/db.example\/mcp"', true),
	('"https://other.example"', false), ('"https://db.example"', false), ('"https://db.example/mcp/"', false), ('"https://db.example/mcpx"', false), ('"HTTPS://db.example/mcp"', false), ('" https://db.example/mcp"', false), ('"https://db.example/mcp client_01ENVIRONMENT"', false),
	('"client_01"', false), ('"client_01AGENT"', false), ('"*"', false), ('"%"', false), ('""', false), ('[]', false), ('["https://other.example"]', false), ('["https://db.example/mcp", 7]', false), ('["https://db.example/mcp", null]', false), ('[["https://db.example/mcp"]]', false),
	('{"https://db.example/mcp": true}', false), ('{"aud": "https://db.example/mcp"}', false), ('7', false), ('true', false), ('null', false);
select answers(replace(delegated('{"aud": "@"}'), '"aud": "@"', also || '"aud":' || value),
		'concat_ws('' '', workos_delegated_user_id(''openid''), workos_delegated_org_id(client => ''client_01AGENT''))', case when ours then 'user_01HBEQKA6K4QJAS93VPE39W1JT org_1' else '' end, 'aud is ' || value || ' ' || also)
	from audience, beside;
-- A token for another audience counts nowhere.
select answers(replace(claims, '"aud": "@"', also || '"aud":' || value),
		'concat_ws('' '', workos_token_kind(), workos_claim(''sub''), workos_claims() ->> ''sub'', workos_client_id(), workos_scopes(), workos_has_scope(''openid''), workos_application_id(), workos_application_org_id(), workos_application_org_id(''openid''), workos_is_authenticated())',
		case when ours then want else '{} f f' end, kind || ', aud is ' || value || ' ' || also)
	from audience, beside, (values ('oauth', delegated('{"aud": "@", "sub": "user_1"}'), 'oauth user_1 user_1 client_01AGENT {openid,documents:read} t f'),
		('application', pg_temp.machine('{"aud": "@", "sub": "client_1"}'), 'application client_1 client_1 client_01AGENT {openid,documents:read} t client_1 org_1 org_1 f')) t(kind, claims, want);
select answers(replace(claims, '"aud": "@"', '"aud":"https://other.example"'), 'concat_ws('' '', workos_token_kind(), workos_claim(''sub''))', want, 'no audience is asked for: ' || want)
	from (values (delegated('{"aud": "@", "sid": "session_1", "scope": null, "sub": "user_1"}'), 'session user_1'), (delegated('{"aud": "@", "sid": null, "scope": null, "sub": "user_1"}'), 'other user_1'), (delegated('{"aud": "@", "sub": "x"}'), 'other x'), (delegated('{"aud": "@", "sid": "widget_session_1", "sub": "user_1"}'), 'widget user_1')) t(claims, want);
-- A token without an audience is for none of ours, and for no other.
select answers(delegated('{"aud": null}'), 'concat_ws('' '', workos_delegated_user_id(''openid''), workos_token_kind(), workos_has_scope(''openid''))', 'oauth t', 'no aud');
select answers(pg_temp.machine('{"aud": null}'), 'concat_ws('' '', workos_application_org_id(), workos_application_org_id(''openid''), workos_application_id())', 'org_1 client_01MACHINE', 'a machine without aud');

-- Machines by scope.
select answers(pg_temp.machine(), 'workos_application_org_id(' || scope || ')', want, 'a machine with the scope ' || scope)
	from (values ('''openid''', 'org_1'), ('''documents:read''', 'org_1'), ('''documents''', null), ('''OPENID''', null), ('''openid documents:read''', null), ('''''', null), ('null', null)) t(scope, want);
select answers(pg_temp.machine('{"org_id": null}'), 'workos_application_org_id(''openid'')', null, 'a machine without an organization');
select answers(pg_temp.machine(), 'concat_ws('' '', workos_delegated_user_id(''openid''), workos_delegated_org_id(client => ''client_01AGENT''))', '', 'a machine acts for no user');

-- Each kind has its own gates: nothing else passes, whatever it has been granted.
select answers(claims, 'concat_ws('' '', workos_delegated_user_id(''openid''), workos_delegated_org_id(''openid''), workos_delegated_user_id(client => ''client_01AGENT''), workos_application_org_id(''openid''))', '', about)
	from (values (delegated('{"sid": "session_1", "scope": null}'), 'a session for an accepted audience'), (delegated('{"sid": "widget_session_1"}'), 'a widget token'), (delegated('{"sid": null, "scope": null}'), 'an ID token'), (delegated('{"sub": "someone"}'), 'another subject'),
		(delegated('{"sub": ["user_1"]}'), 'a sub that is a list'), (delegated('{"sub": ""}'), 'no subject'), (token(), 'a session'), ('', 'an anonymous request'), ('{"role":"anon"}', 'PostgREST without a token')) t(claims, about);

-- And no token of an application is a session, whatever scopes, roles and permissions it has: each helper that asks for a
-- session answers as for an anonymous request.
select answers(full_token(also), call, anonymous, about || ': no session')
	from helper, (values ('oauth', '{"scope": "openid read *", "aud": "https://db.example/mcp"}'::jsonb), ('oauth with a consent', '{"scope": "workos_is_authenticated session", "sid": "app_consent_1"}'), ('oauth without scope', '{"sid": "app_consent_1"}'),
		('application', '{"sub": "client_1", "scope": "openid read *", "aud": "https://db.example/mcp"}'), ('application with the sid of a session', '{"sub": "client_1", "sid": "session_1"}')) t(about, also)
	where call !~ '^workos_(claims?|token_kind|client_id|scopes|has_scope|application_\w+|delegated_\w+)\(';

-- NULL arguments are answered before the claims are read, as in every gate.
select answers('{"', call, want, 'malformed claims are not read for NULL')
	from (values ('workos_delegated_user_id()', null), ('workos_delegated_org_id(null, null)', null), ('workos_application_org_id(null)', null), ('workos_has_scope(null)', 'false')) t(call, want);

-- A gate is one index condition, and reads no row of another organization.
create table lab.shared (org_id text, n int);
insert into lab.shared select 'org_' || n % 500, n from generate_series(1, 20000) n;
create index on lab.shared (org_id);
analyze lab.shared;
select as_claims(delegated());
select matches(plan_of('select * from lab.shared where org_id = workos_delegated_org_id(''documents:read'')'), 'Index Cond: \(org_id = .*\)', 'a delegated gate is an index condition');
select is((select count(*) from lab.shared where org_id = workos_delegated_org_id('documents:read')), 40::bigint, 'the rows of the organization');
select is((select count(*) from lab.shared where org_id = workos_delegated_org_id('documents:write')), 0::bigint, 'no row without the scope');
select is((select count(*) from lab.shared where org_id = workos_application_org_id('documents:read')), 0::bigint, 'no row for another kind');

-- Only the owner decides which audiences count.
select throws_ok(call, '42501', null, call || ' is for the owner only')
	from unnest(array['select workos_accept_audience(''https://evil.example'')', 'select workos_refuse_audience(''https://db.example/mcp'')', 'select count(*) from extensions.workos_audiences', 'insert into extensions.workos_audiences values (''https://evil.example'')', 'delete from extensions.workos_audiences', 'truncate extensions.workos_audiences']) call;
select * from finish();
rollback;
