-- workos_doctor(): each check fires, and is quiet.
\set ON_ERROR_STOP on

-- A setting of the session, seen by the first statement of a transaction.
set request.jwt.claims = '{"sid":"session_1","sub":"user_1"}';
select status as session_lifetime from workos_doctor() where check_name = 'lifetime' \gset
reset request.jwt.claims;
begin;
select as_claims('{"sid":"session_1","sub":"user_1"}');
select status as local_lifetime from workos_doctor() where check_name = 'lifetime' \gset
commit;
select status as no_lifetime from workos_doctor() where check_name = 'lifetime' \gset

begin;
select no_plan();
select is(:'session_lifetime'::text, 'warning', 'claims of the session');
select is(:'local_lifetime'::text, 'ok', 'claims of the transaction');
select is(:'no_lifetime'::text, 'ok', 'none');

-- What the doctor says of a check under some claims; NULL when he does not come to it.
create function pg_temp.says(claims text, about text) returns text language sql as $$
	select answer(claims, format('(select status || '': '' || detail || '' > '' || coalesce(remedy, ''-'') from workos_doctor() where check_name = %L)', about))
$$;
select matches(pg_temp.says(claims, about), said, about || ': ' || case when says_ok then 'ok' else 'fires' end || ', ' || claims)
	from (values
		('', 'claims', '^problem: .* is empty: .* > Call through a gateway'),
		('null', 'claims', '^problem: .* holds null: .* > Sign in'),
		('{"sid":"session_1","sub":"user_secret"', 'claims', '^problem: setting "request.jwt.claims" is not valid JSON > The gateway'),
		('{"sid":"session_1","sub":"user_secret\u0000"}', 'claims', '^problem: .*\\u0000 > '),
		('{"sid":"session_1","sub":"user_1","secret":1e999999}', 'claims', '^problem: .* out of range, .* > Keep'),
		(token(), 'claims', '^ok: .* > -$'),
		(token(), 'token', '^ok: .* > -$'),
		(token('{"exp": 1}'), 'token', '^ok: .* user session'),
		('{"role":"anon"}', 'token', '^problem: .* without an access token'),
		(token('{"sub": "8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11"}'), 'token', '^problem: .* Supabase Auth: .* > Add WorkOS'),
		(token('{"sub": "client_01"}'), 'token', '^problem: .* machine.* > .*workos_application_id\(\)'),
		(token('{"sid": "widget_session_1"}'), 'token', '^problem: .* widgets'),
		(token('{"scope": "openid"}'), 'token', '^problem: .* for an application that acts for a user'),
		(token('{"sid": null}'), 'token', '^problem: The claim sid is missing or empty: this looks like an ID token.* > Send the access token'),
		(token('{"sid": ""}'), 'token', '^problem: The claim sid is missing'),
		(token('{"sid": 1}'), 'token', '^problem: The claim sid is missing'),
		(token('{"sid": "app_consent_1"}'), 'token', '^problem: .* for an application that acts for a user'),
		(token('{"sub": 1}'), 'token', '^problem: .* none that WorkOS signs'),
		(token('{"sub": "auth0|1"}'), 'token', '^problem: .* none that WorkOS signs'),
		(token(), 'time', '^ok: .* in force'),
		(token('{"exp": null}'), 'time', '^ok: .* in force'),
		(token(jsonb_build_object('exp', extract(epoch from now())::int - 20)), 'time', '^ok: .* in force'),
		(token(jsonb_build_object('exp', extract(epoch from now())::int - 65)), 'time', '^problem: The token expired 00:01:0\d ago, .* > Let the client refresh'),
		(token(jsonb_build_object('nbf', extract(epoch from now())::int + 65)), 'time', '^problem: The token is not valid before 00:01:0\d from now'),
		(token('{"exp": "never"}'), 'time', '^problem: .* no date'),
		(token('{"exp": 1e300}'), 'time', '^ok: .* in force'),
		(token('{"exp": -1e300}'), 'time', '^problem: The token expired '),
		(token('{"nbf": 1e300}'), 'time', '^problem: The token is not valid before '),
		(token(), 'issuer', '^ok: .* > -$'),
		(token(), 'postgres role', '^ok: .* > -$'),
		(token('{"role": "anon"}'), 'postgres role', '^problem: .* for anon: .* > .*"role": "authenticated"'),
		(token('{"role": "member"}'), 'postgres role', '^problem: .* role in WorkOS.* > .*"role": "authenticated"'),
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
select unalike(answer(claims, '(select string_agg(d::text, '' '') from workos_doctor() d)'), '%secret%', 'the doctor keeps a secret')
	from (values ('{"sid":"session_1","sub":"user_secret"'), ('{"sid":"session_1","sub":"user_1","secret":1e999999}'), ('{"sid":"session_1","sub":"user_secret\ud800"}'), (token('{"user_role": "secret", "org_id": "org_secret", "sub": "user_secret"}'))) t(claims);
select is(answer(claims, '(select status from workos_doctor() where check_name = ''token'')') = 'ok', answer(claims, 'workos_token_kind()') = 'session', 'the doctor and the helpers agree on ' || claims)
	from (select token(jsonb_build_object('sub', sub, 'sid', sid) || scope) as claims
		from unnest('{"\"user_1\"","\"client_1\"","\"other\"","\"\"",1,null}'::jsonb[]) sub, unnest('{"\"session_1\"","\"widget_session_1\"","\"other\"","\"\"",1,"[]",null}'::jsonb[]) sid, (values ('{}'::jsonb), ('{"scope": ""}'), ('{"scope": 1}')) s(scope)) t;
select matches(answer('', '(select remedy from workos_doctor() where check_name = ''claims'')'), 'In psql: .*"sid": "session_1"', 'the example for psql is a session');
select is(answer(substring(remedy from '\{.*\}'), 'workos_user_id()'), 'user_1', 'and works') from workos_doctor() where check_name = 'claims';
select is(pg_temp.says('{"role":"anon"}', 'organization'), null, 'without a session nobody looks for an organization');
select is(answer(token(), '(select count(*) from workos_doctor() where status <> ''ok'')'), '0', 'a good token: nothing to say');

-- Whose policies?
select matches(pg_temp.says(token(), 'policies apply'), '^ok: ', 'a role like any other');
set local role service_role;
select matches(says, '^warning: .* BYPASSRLS', 'a role that bypasses row security') from (select status || ': ' || detail as says from workos_doctor() where check_name = 'policies apply') d;
reset role;
create temp table mine (id int);
alter table mine enable row level security;
select matches(pg_temp.says(token(), 'policies apply'), '^warning: .* owner of mine\. > .*FORCE ROW LEVEL SECURITY', 'the owner of a table');
alter table mine force row level security;
select matches(pg_temp.says(token(), 'policies apply'), '^ok: ', 'the owner of a table whose row security is forced');
set local role anon;
select matches(says, '^problem: .* for anon', 'a signed-in user as anon') from (select status || ': ' || detail as says from workos_doctor() where check_name = 'postgres role') d;
reset role;
alter table mine no force row level security;
select unalike(answer('{"sub":"user_secret","sid":"session_secret","org_id":"org_secret","role":"role_secret","user_role":"secret","iss":"https://secret.example","act":{"sub":"secret"},"scope":"secret"}',
	'(select string_agg(d::text, '' '') from workos_doctor() d)'), '%secret%', 'no claim is repeated');
create temp table "mine 2" (); create temp table "mine 3" (); create temp table "mine 4" (); create temp table "mine 5" (); create temp table "mine 6" (); create temp table "mine 7" ();
alter table "mine 2" enable row level security; alter table "mine 3" enable row level security; alter table "mine 4" enable row level security;
alter table "mine 5" enable row level security; alter table "mine 6" enable row level security; alter table "mine 7" enable row level security;
select matches(pg_temp.says(token(), 'policies apply'), 'owner of "mine 2", "mine 3", "mine 4", "mine 5", "mine 6", \.\.\.\.', 'of many tables the first ones');
set local role anon;
select matches(status || ': ' || detail, '^ok: Row security applies to the role anon.$', 'the tables of others are not named') from workos_doctor() where check_name = 'policies apply';
select unalike(string_agg(d::text, ' '), '%mine%', 'in no check') from workos_doctor() d;
reset role;

-- The portable edition verifies nothing, whatever anybody sets; a user may not set it in the native one.
select not exists (select from pg_extension where extname = 'pg_workos') as portable \gset
\if :portable
select matches(pg_temp.says(token(), 'issuer'), '^ok: The gateway alone decides', 'the portable edition knows no issuers');
set local workos.claims_source = token;
select matches(pg_temp.says(claims, 'claims'), '^problem: .*"workos.claims_source" asks for verified tokens, .* > Install the extension', 'verified tokens are asked for: ' || claims) from (values (''), (token())) t(claims);
select unalike(answer(claims, '(select string_agg(d::text, '' '') from workos_doctor() d)'), '%was verified%', 'and nothing is said to be verified: ' || claims) from (values (''), (token())) t(claims);
select is(pg_temp.says(token(), 'token'), null, 'nor is a token looked at');
set local workos.claims_source = nonsense;
select matches(pg_temp.says(token(), 'claims'), '^problem: .*"workos.claims_source"', 'nor does another value count');
set local workos.claims_source = request;
select matches(pg_temp.says(token(), 'claims'), '^ok: ', 'this one does');
\else
select matches(pg_temp.says(token(), 'issuer'), '^ok: .* or any issuer counts', 'any issuer counts after installation');
select throws_ok('set local workos.claims_source = token', '42501', null, 'the claims source is not the user''s');
\endif
select * from finish();
rollback;
