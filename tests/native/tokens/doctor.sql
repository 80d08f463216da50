-- workos_doctor() where tokens are verified, and where issuers are trusted. As the owner of the extension.
\set ON_ERROR_STOP on
begin;
select no_plan();
select token as alice from minted where name = 'valid' \gset
create function pg_temp.says(about text) returns text language sql as $$
	select status || ': ' || detail || ' > ' || coalesce(remedy, '-') from workos_doctor() where check_name = about
$$;

select is(workos_user_id(), null, 'nobody yet');
select matches(pg_temp.says('claims'), '^problem: .* no token in workos.access_token, .* > Call workos_authenticate', 'no token');
select as_claims(token());
select matches(pg_temp.says('claims'), '^problem: .* no token', 'claims of the setting do not count here');
select is(workos_authenticate(:'alice'), 'user_01', 'signed in');
select matches(pg_temp.says('claims'), '^ok: .* verified here', 'a token');
select matches(pg_temp.says('lifetime'), '^ok: ', 'is nobody else''s');
select matches(pg_temp.says('issuer'), '^ok: ', 'its issuer is trusted');
select matches(pg_temp.says('postgres role'), '^ok: .* of the connection', 'and the role is not asked of it');
select is(workos_user_role(), 'member', 'its role is that of the token');
select matches(pg_temp.says('user role'), '^ok: ', 'which is enough');
select is(workos_authenticate(token), 'user_01', 'a token whose role is a Postgres role') from minted where name = 'a Postgres role';
select is(workos_user_role(), null, 'has no role in WorkOS');
select matches(pg_temp.says('user role'), '^warning: .* neither user_role nor roles', 'which is said');
set local workos.access_token = 'secret';
select matches(pg_temp.says('claims'), '^problem: access token is .* > ', 'a token that is none');
select unalike(pg_temp.says('claims'), '%secret%', 'which is not said');

set local workos.claims_source = request;
select as_claims(token('{"iss": "https://nobody.example"}'));
select matches(pg_temp.says('issuer'), '^problem: .* their issuer is none of the trusted ones: .* > .*workos_trust_issuer\(issuer, jwks\).*workos_trust_any_issuer\(\)', 'claims of an issuer that is not trusted');
select is(workos_user_id(), null, 'do not count');
set local role authenticator;
select matches(pg_temp.says('issuer'), '^problem: .* none of the trusted ones, or no issuer is trusted: .* > .*workos_trust_issuer', 'who may not see the issuers is told of both');
reset role;
select as_claims(token());
select matches(pg_temp.says('issuer'), '^ok: ', 'those of a trusted one do');
select is(workos_user_id(), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'count');
select as_claims(token('{"role": "editor", "user_role": null, "roles": null}'));
select matches(pg_temp.says('user role'), '^warning: .* neither user_role nor roles', 'the role that a gateway hands on is none in WorkOS');

set local workos.claims_source = token;
select is(pg_temp.says('keys'), null, 'there are keys');
set local role authenticator;
select isnt(pg_temp.says('claims'), null, 'who may not see the keys is not told of them');
select is(pg_temp.says('keys'), null, 'nor refused');
reset role;
delete from workos_issuers;
select matches(pg_temp.says('keys'), '^problem: No issuer is trusted.* > .*workos_trust_issuer\(issuer, jwks\)', 'there are none');
set local workos.claims_source = request;
select as_claims(token());
select is(workos_user_id(), null, 'without trusted issuers claims do not count');
select matches(pg_temp.says('issuer'), '^problem: .* no issuer is trusted, .* restore.* > .*workos_trust_issuer\(issuer, jwks\).*workos_trust_any_issuer\(\)', 'which the doctor tells from an issuer that is not trusted');
select workos_trust_any_issuer();
select is(workos_user_id(), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'the remedy mends it');
select matches(pg_temp.says('issuer'), '^ok: ', 'then any issuer counts');
set local workos.claims_source = token;
select matches(pg_temp.says('keys'), '^problem: No issuer is trusted', 'by which no token is verified: the row * is no issuer');
select is(pg_temp.says('version'), null, 'the library is that of the functions');
update pg_extension set extversion = '0.0.1' where extname = 'pg_workos';
select matches(pg_temp.says('version'), '^problem: The library is of version .* > ALTER EXTENSION', 'it is another');
select * from finish();
rollback;
