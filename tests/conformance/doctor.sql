-- workos_doctor(): each check reports its problem, and reports ok without it.
\set ON_ERROR_STOP on

-- A setting of the session, seen by the first statement of a transaction.
set request.jwt.claims = '{"sid":"session_1","sub":"user_1"}';
select status as session_lifetime from workos_doctor() where check_name = 'lifetime' \gset
reset request.jwt.claims;
begin;
select as_claims('{"sid":"session_1","sub":"user_1"}');
select status as local_lifetime from workos_doctor() where check_name = 'lifetime' \gset
commit;
with claims as materialized (select set_config('request.jwt.claims', '{"sid":"session_1","sub":"user_1"}', true) as c) select d.status as same_lifetime from claims, lateral (select * from workos_doctor() where c <> '') d where d.check_name = 'lifetime' \gset
select status as no_lifetime from workos_doctor() where check_name = 'lifetime' \gset

begin;
select no_plan();
select is(:'session_lifetime'::text, 'warning', 'claims that are set for the session');
select is(:'local_lifetime'::text, 'ok', 'claims that are set for the transaction');
select is(:'same_lifetime'::text, 'ok', 'claims that the same statement sets');
select is(:'no_lifetime'::text, 'ok', 'no claims');

-- The result of one check under these claims; NULL if workos_doctor() does not reach the check.
create function pg_temp.says(claims text, about text) returns text language sql as $$
	select answer(claims, format('(select status || '': '' || detail || '' > '' || coalesce(remedy, ''-'') from workos_doctor() where check_name = %L)', about))
$$;
select matches(pg_temp.says(claims, about), said, about || ': ' || case when says_ok then 'ok' else 'reports a problem' end || ', ' || claims)
	from (values
		('', 'claims', '^problem: .* is empty\. .* > Send the request through a gateway'),
		('null', 'claims', '^problem: .* holds null\. .* > Sign in'),
		('{"sid":"session_1","sub":"user_secret"', 'claims', '^problem: setting "request.jwt.claims" is not valid JSON > The gateway'),
		('{"sid":"session_1","sub":"user_secret\u0000"}', 'claims', '^problem: .*\\u0000 > '),
		('{"sid":"session_1","sub":"user_1","secret":1e999999}', 'claims', '^problem: .* out of range, .* > Remove'),
		(token(), 'claims', '^ok: .* > -$'),
		(token(), 'token', '^ok: .* > -$'),
		(token('{"exp": 1}'), 'token', '^ok: .* user session'),
		('{"role":"anon"}', 'token', '^problem: .* has no access token'),
		(token('{"sub": "8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11"}'), 'token', '^problem: .* Supabase Auth: .* > Add WorkOS'),
		(token('{"sub": "client_01"}'), 'token', '^problem: .* machine.* > .*workos_application_id\(\)'),
		(token('{"sid": "widget_session_1"}'), 'token', '^problem: .* widgets'),
		(token('{"scope": "openid"}'), 'token', '^problem: .* to an application that acts for a user'),
		(delegated(), 'token', '^ok: .* only through a gate that names a scope or a client id'),
		(delegated(), 'audience', '^ok: The token is for an accepted audience\. .*\(aud: ''https://db\.example/mcp''\)\. > -$'),
		(delegated('{"aud": ["x", "client_01ENVIRONMENT"]}'), 'audience', '^ok: '),
		(delegated('{"aud": null}'), 'token', '^problem: .* > For an application, use workos_delegated_org_id\(scope\)'),
		(delegated('{"aud": null}'), 'audience', '^problem: The token names no audience.* \(aud: none\)\. > If that audience means this database, .*workos_accept_audience'),
		(delegated('{"sub": "client_1", "sid": null}'), 'token', '^ok: .* machine'),
		(delegated('{"sub": "client_1", "sid": null}'), 'audience', '^ok: '),
		(token('{"sid": null}'), 'token', '^problem: The claim sid is missing or empty\. This seems to be an ID token.* > Send the access token'),
		(token('{"sid": ""}'), 'token', '^problem: The claim sid is missing'),
		(token('{"sid": 1}'), 'token', '^problem: The claim sid is missing'),
		(token('{"sid": "app_consent_1"}'), 'token', '^problem: .* to an application that acts for a user'),
		(token('{"sub": 1}'), 'token', '^problem: WorkOS did not issue this token'),
		(token('{"sub": "auth0|1"}'), 'token', '^problem: WorkOS did not issue this token'),
		(token(), 'time', '^ok: '),
		(token('{"exp": null}'), 'time', '^ok: '),
		(token(jsonb_build_object('exp', extract(epoch from now())::int - 20)), 'time', '^ok: '),
		(token(jsonb_build_object('exp', extract(epoch from now())::int - 65)), 'time', '^problem: The token expired 00:01:0\d ago \(.* > Let the client refresh'),
		(token(jsonb_build_object('nbf', extract(epoch from now())::int + 65)), 'time', '^problem: The token is not valid yet\. It becomes valid in 00:01:0\d'),
		(token('{"exp": "never"}'), 'time', '^problem: .* not a number'),
		(token('{"exp": 1e300}'), 'time', '^ok: '),
		(token('{"exp": -1e300}'), 'time', '^problem: The token expired '),
		(token('{"nbf": 1e300}'), 'time', '^problem: The token is not valid yet\. It becomes valid in '),
		(token(), 'issuer', '^ok: .* > -$'),
		(token('{"sub": "user_2abcdefghijklmnopqrstuvwxyz", "sid": "sess_1", "iss": "https://happy-fox-1.clerk.accounts.dev"}'), 'token', '^problem: .* from Clerk '),
		(token('{"sub": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "sid": null, "iss": "https://clerk.example.com"}'), 'token', '^problem: .* from Clerk '),
		(token('{"sub": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "iss": "https://auth.example.com"}'), 'token', '^problem: .* from Clerk '),
		(token('{"sub": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC"}'), 'token', '^ok'),
		(token('{"iss": "https://dev-1.us.auth0.com/", "sub": "auth0|1"}'), 'token', '^problem: .* from Auth0 '),
		(token('{"iss": null, "sub": "google-oauth2|1"}'), 'token', '^problem: .* from Auth0 '),
		(token('{"iss": "https://securetoken.google.com/p"}'), 'token', '^problem: .* from Firebase '),
		(token('{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/p"}'), 'token', '^problem: .* from Amazon Cognito '),
		(token('{"iss": "https://example.okta.com"}'), 'token', '^problem: .* from Okta '),
		(token('{"iss": "https://auth.example.com"}'), 'token', '^ok'),
		(token('{"iss": "https://happy-fox-1.authkit.app"}'), 'token', '^ok'),
		(token('{"iss": "https://api.workos.com"}'), 'token', '^ok'),
		('eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln', 'claims', '^problem: .* holds an access token as it was sent .* > Verify the token in the gateway'),
		('Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln', 'claims', '^problem: .* holds an access token as it was sent'),
		(token('{"role": "pg_monitor"}'), 'postgres role', '^problem: .* the role of the connection, .*, may not become it: permission denied'),
		(token('{"role": "service_role"}'), 'postgres role', '^problem: .* There is one \(claim role'),
		(token(), 'permissions', '^ok: .* > -$'),
		(token('{"permissions": null}'), 'permissions', '^warning: .* has no permissions \(permissions: none\)'),
		(token('{"permissions": []}'), 'permissions', '^warning: .* has no permissions \(permissions: \{\}\).* > In the WorkOS dashboard'),
		(token('{"permissions": "documents:read"}'), 'permissions', '^problem: .* not a list of texts only.* a string'),
		(token('{"permissions": [["documents:read"]]}'), 'permissions', '^problem: .* not a list of texts only'),
		(token(), 'postgres role', '^ok: .* > -$'),
		(token('{"role": "anon"}'), 'postgres role', '^problem: .* as anon: .* > .*"role": "authenticated"'),
		(token('{"role": "member"}'), 'postgres role', '^problem: .* role in WorkOS.* role "member" does not exist before.* > .*"role": "authenticated"'),
		(token('{"role": null}'), 'postgres role', '^warning: .* no claim role'),
		(token(), 'organization', '^ok: .* > -$'),
		(token('{"org_id": null}'), 'organization', '^problem: .* names no organization.* > .*switchToOrganization'),
		(token('{"org_id": ""}'), 'organization', '^problem: .* names no organization'),
		(token(), 'user role', '^ok: .* > -$'),
		(token('{"user_role": null}'), 'user role', '^ok: '),
		(token('{"user_role": ""}'), 'user role', '^problem: .* is empty: .* quotes .* > .*\{\{organization_membership.role\}\}\}'),
		(token('{"user_role": "authenticated"}'), 'user role', '^problem: .* names a Postgres role'),
		(token('{"user_role": {"slug": "x"}}'), 'user role', '^problem: .* not a string'),
		(token('{"user_role": null, "roles": null}'), 'user role', '^warning: .* neither user_role nor roles')
	) t(claims, about, said), lateral (select said like '^ok%' as says_ok) s;
select unalike(answer(claims, '(select string_agg(d::text, '' '') from workos_doctor() d)'), '%secret%', 'claims that cannot be read are not repeated')
	from (values ('{"sid":"session_1","sub":"user_secret"'), ('{"sid":"session_1","sub":"user_1","secret":1e999999}'), ('{"sid":"session_1","sub":"user_secret\ud800"}'),
		('eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyX3NlY3JldCJ9secret.c2ln')) t(claims);
select unalike(answer(claims, '(select string_agg(d::text, '' '') from workos_doctor() d)'), '%secret%', 'no e-mail address is shown, and no claim that no check looks at')
	from (values (token('{"act": {"sub": "secret@example.com"}, "email": "secret@example.com", "name": "secret"}')),
		(token('{"user_role": "secret@example.com", "roles": ["secret@example.com"], "permissions": ["secret@example.com"], "org_id": "secret@example.com", "sub": "user_secret@example.com", "role": "secret@example.com", "iss": "secret@example.com", "sid": "session_secret@example.com"}')),
		(token('{"user_role": {"slug": "secret"}, "roles": {"a": "secret"}, "permissions": ["a", {"a": "secret"}], "org_id": ["secret"], "role": ["secret"], "exp": "secret"}'))) t(claims);
-- Each check prints the values that it looked at, on one line, and not without end.
select matches(pg_temp.says(token(override), about), said, 'the value is shown: ' || said)
	from (values
		('{}'::jsonb, 'token', 'sub: ''user_01HBEQKA6K4QJAS93VPE39W1JT'', sid: ''session_01HQSXZGF8FHF7A9ZZFCW4387R'', iss: ''https://api\.workos\.com/'),
		('{"sid": 1, "iss": null}', 'token', 'sid: a number, iss: none'),
		('{"exp": 1}', 'time', 'exp: 1970-01-01 00:00:01'),
		('{"exp": "never"}', 'time', 'exp: a string\)'),
		('{"iss": "https://other.example"}', 'issuer', 'iss: ''https://other\.example'''),
		('{"role": "member"}', 'postgres role', 'claim role: ''member'', role of Postgres: authenticator'),
		('{"org_id": "org_1"}', 'organization', 'org_id: ''org_1'''),
		('{"org_id": 1}', 'organization', 'org_id: a number'),
		('{"user_role": "a", "roles": ["a", "b"]}', 'user role', 'user_role: ''a'', roles: \{a, b\}'),
		('{"permissions": ["a:b", "c"]}', 'permissions', 'permissions: \{a:b, c\}'),
		('{"org_id": "org_\n1"}', 'organization', 'org_id: ''org_\?1'''),
		(jsonb_build_object('org_id', repeat('x', 1000)), 'organization', 'org_id: ''x{100}\.\.\.'''),
		(jsonb_build_object('permissions', (select jsonb_agg('p' || i) from generate_series(1, 1000) i)), 'permissions', 'permissions: \{p1, [p0-9, ]*p20, \.\.\.\}')
	) t(override, about, said);
select is(answer(claims, '(select status from workos_doctor() where check_name = ''token'')') = 'ok', answer(claims, 'workos_token_kind()') = 'session', 'workos_doctor() and workos_token_kind() agree on ' || claims)
	from (select token(jsonb_build_object('sub', sub, 'sid', sid) || scope) as claims
		from unnest('{"\"user_1\"","\"client_1\"","\"other\"","\"\"",1,null}'::jsonb[]) sub, unnest('{"\"session_1\"","\"widget_session_1\"","\"other\"","\"\"",1,"[]",null}'::jsonb[]) sid, (values ('{}'::jsonb), ('{"scope": ""}'), ('{"scope": 1}')) s(scope)) t;
select matches(answer('', '(select remedy from workos_doctor() where check_name = ''claims'')'), 'In psql: .*"sid": "session_1"', 'the example for psql is a session');
select is(answer(substring(remedy from '\{.*\}'), 'workos_user_id()'), 'user_1', 'the example for psql gives a user id') from workos_doctor() where check_name = 'claims';
select is(pg_temp.says('{"role":"anon"}', 'organization'), null, 'without a session the organization is not checked');
set local role authenticated;
select is(answer(token(), '(select count(*) from workos_doctor() where status <> ''ok'')'), '0', 'a valid token gives no problem or warning');
select is(answer(claims, '(select (array_agg(check_name))[count(*)] from workos_doctor())'), 'next', 'the last line says how to go on, ' || claims)
	from (values (''), ('null'), ('{'), ('{"role":"anon"}'), (token()), (token('{"exp": 1}')), (token('{"sub": "client_1"}'))) t(claims);
reset role;

-- Does row security apply to the current role?
select matches(pg_temp.says(token(), 'policies apply'), '^ok: ', 'row security applies to an ordinary role');
set local role service_role;
select matches(says, '^warning: .* BYPASSRLS', 'a role with BYPASSRLS gives a warning') from (select status || ': ' || detail as says from workos_doctor() where check_name = 'policies apply') d;
reset role;
create temp table mine (id int);
alter table mine enable row level security;
select matches(pg_temp.says(token(), 'policies apply'), '^warning: .* owner of mine\. > .*FORCE ROW LEVEL SECURITY', 'the owner of a table gives a warning');
alter table mine force row level security;
select matches(pg_temp.says(token(), 'policies apply'), '^ok: ', 'row security applies to the owner of a table if it is forced');
set local role anon;
select matches(says, '^problem: .* as anon', 'a user session with the Postgres role anon') from (select status || ': ' || detail as says from workos_doctor() where check_name = 'postgres role') d;
reset role;
alter table mine no force row level security;
create temp table "mine 2" (); create temp table "mine 3" (); create temp table "mine 4" (); create temp table "mine 5" (); create temp table "mine 6" (); create temp table "mine 7" ();
alter table "mine 2" enable row level security; alter table "mine 3" enable row level security; alter table "mine 4" enable row level security;
alter table "mine 5" enable row level security; alter table "mine 6" enable row level security; alter table "mine 7" enable row level security;
select matches(pg_temp.says(token(), 'policies apply'), 'owner of "mine 2", "mine 3", "mine 4", "mine 5", "mine 6", \.\.\.\.', 'of many tables only the first five are named');
set local role anon;
select matches(status || ': ' || detail, '^ok: Row security applies to the role anon.$', 'the tables of others are not named') from workos_doctor() where check_name = 'policies apply';
select unalike(string_agg(d::text, ' '), '%mine%', 'no check names the tables of others') from workos_doctor() d;
reset role;
grant select on "mine 2", "mine 3", "mine 4", "mine 5", "mine 6", "mine 7" to authenticated;
alter table "mine 2" force row level security; alter table "mine 3" force row level security; alter table "mine 4" force row level security;
alter table "mine 5" force row level security; alter table "mine 6" force row level security;
set local role authenticated;
select matches(answer(token(), '(select remedy from workos_doctor() where check_name = ''policies'' and detail ~ ''there is no policy'')'),
	'^' || string_agg(format('select \* from \w+\.workos_explain\(''"mine %s"''\);', n), ' ') || '$', 'tables without a policy: the remedy asks about each of them') from generate_series(2, 6) n;
reset role;
alter table "mine 7" force row level security;
set local role authenticated;
select matches(answer(token(), '(select remedy from workos_doctor() where check_name = ''policies'' and detail ~ ''there is no policy.* "mine 6", \.\.\.\.$'')'),
	'^' || string_agg(format('select \* from \w+\.workos_explain\(''"mine %s"''\);', n), ' ') || '$', '... and of many tables about the first five') from generate_series(2, 6) n;
reset role;

-- The portable edition never verifies tokens. In the native edition a user may not set the claims source.
select not exists (select from pg_extension where extname = 'pg_workos') as portable \gset
\if :portable
select matches(pg_temp.says(token(), 'issuer'), '^ok: The gateway alone decides', 'the portable edition has no trusted issuers');
set local workos.claims_source = token;
select matches(pg_temp.says(claims, 'claims'), '^problem: .*"workos.claims_source" asks for verified tokens, .* > Install the extension', 'workos.claims_source = token is reported: ' || claims) from (values (''), (token())) t(claims);
select unalike(answer(claims, '(select string_agg(d::text, '' '') from workos_doctor() d)'), '%has verified%', 'no token is reported as verified: ' || claims) from (values (''), (token())) t(claims);
select is(pg_temp.says(token(), 'token'), null, 'the token is not checked then');
set local workos.claims_source = nonsense;
select matches(pg_temp.says(token(), 'claims'), '^problem: .*"workos.claims_source"', 'another value of workos.claims_source is reported');
set local workos.claims_source = request;
select matches(pg_temp.says(token(), 'claims'), '^ok: ', 'workos.claims_source = request is accepted');
\else
select matches(pg_temp.says(token(), 'issuer'), '^ok: .* or any issuer is accepted', 'any issuer is accepted after installation');
select throws_ok('set local workos.claims_source = token', '42501', null, 'a user may not set the claims source');
\endif
-- For another audience: only the owner may read which issuers count, so with the native edition others hear of both.
select as_claims(delegated('{"aud": "https://other.example", "email": "secret@example.com"}')) \g /dev/null
select matches(string_agg(status || ': ' || detail, ' '), 'problem: .* for another audience than the accepted ones', 'a token for another audience') from workos_doctor() where check_name in ('issuer', 'audience');
select is(count(*), 0::bigint, '... is no reason to look at the rest of a session') from workos_doctor() where check_name in ('organization', 'user role', 'permissions');
select unalike(string_agg(concat(detail, remedy), ' '), '%secret%', '... and no other claim is shown') from workos_doctor();
select * from finish();
rollback;
