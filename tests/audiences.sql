-- Which audiences are accepted, and what a token is worth in each state: none accepted, one, one refused. As the owner, in
-- a transaction that is rolled back.
\set ON_ERROR_STOP on
begin;
select no_plan();
set local search_path = public, extensions, tap;

-- Each of these is about two tokens: of an application that acts for a user, and of a machine.
create function pg_temp.worth(aud text) returns text language sql as $$
	select concat_ws(' ', 'oauth:', answer(delegated(jsonb_build_object('aud', aud, 'sub', 'user_1')), call), '| machine:', answer(delegated(jsonb_build_object('aud', aud, 'sub', 'client_1', 'sid', null)), call))
	from (values ('concat_ws('' '', workos_delegated_user_id(''openid''), workos_delegated_org_id(client => ''client_01AGENT''), workos_application_org_id(''openid''), workos_claim(''sub''), workos_application_id(), workos_has_scope(''openid''))')) t(call)
$$;
create temp table accepted as select audience from workos_audiences;
select set_eq('select audience from accepted', array['https://db.example/mcp', 'client_01ENVIRONMENT'], 'setup.sql accepts two');
select is(pg_temp.worth('https://db.example/mcp'), 'oauth: user_1 org_1 user_1 t | machine: org_1 client_1 client_1 t', 'two accepted, for one of them');
select is(pg_temp.worth('https://other.example'), 'oauth: f | machine: f', 'two accepted, for another one: it counts nowhere');
select is(workos_refuse_audience('https://db.example/mcp'), true, 'one is refused');
select is(workos_refuse_audience('https://db.example/mcp'), false, 'it is refused already');
select is(workos_refuse_audience(null), false, 'NULL is not accepted');
select is(pg_temp.worth('https://db.example/mcp'), 'oauth: f | machine: f', 'from the next statement on, it counts nowhere');
select is(pg_temp.worth('client_01ENVIRONMENT'), 'oauth: user_1 org_1 user_1 t | machine: org_1 client_1 client_1 t', 'the other one stays');
select is(workos_refuse_audience('client_01ENVIRONMENT'), true, 'the last one is refused');
-- While none is accepted, there is no delegated answer; what names no scope and no audience is as without them.
select is(pg_temp.worth(aud), 'oauth: user_1 t | machine: client_1 client_1 t', 'none is accepted, for ' || coalesce(aud, 'nobody')) from unnest(array['https://db.example/mcp', 'https://other.example', null]) aud;
select is(answer(token('{"aud": "https://other.example"}'), 'workos_is_authenticated()'), 'true', 'a session has no audience to compare, whatever is accepted');

select lives_ok('select workos_accept_audience(''https://db.example/mcp''), workos_accept_audience(''https://db.example/mcp'')', 'accepted twice');
select is((select count(*) from workos_audiences), 1::bigint, '... is once');
select is(pg_temp.worth('https://db.example/mcp'), 'oauth: user_1 org_1 user_1 t | machine: org_1 client_1 client_1 t', 'accepted again');
select throws_ok(format('select workos_accept_audience(%L)', audience), '22023', 'audience is not a resource indicator or a client id', 'not an audience: ' || coalesce(left(audience, 30), 'NULL'))
	from unnest(array['', ' ', 'https://db.example/a b', e'https://db.example\n', e'\t', 'https://db.example/é', repeat('a', 2049), null]) audience;
select lives_ok(format('select workos_accept_audience(%L)', audience), 'an audience: ' || left(audience, 30)) from unnest(array['x', 'urn:example:db', 'https://db.example/?a=b&c=[d]\{e}"''', repeat('a', 2048)]) audience;
select matches(answer(delegated(jsonb_build_object('aud', 'https://db.example/?a=b&c=[d]\{e}"''')), 'workos_delegated_org_id(''openid'')'), '^org_1$', 'odd characters are literal');
select throws_ok(format('insert into workos_audiences values (%L)', audience), '23514', null, 'nor in an INSERT: ' || left(audience, 30)) from unnest(array['', 'a b', repeat('a', 2049)]) audience;
-- No other table of that name, and no other function, is asked.
create temp table workos_audiences (audience text);
insert into pg_temp.workos_audiences values ('https://evil.example');
select is(pg_temp.worth('https://evil.example'), 'oauth: f | machine: f', 'a table of that name in pg_temp is not asked');
select * from finish();
rollback;
