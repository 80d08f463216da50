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
select * from finish();
rollback;
