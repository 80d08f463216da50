-- workos_doctor() with verified tokens and with trusted issuers, run by the owner of the extension.
\set ON_ERROR_STOP on
begin;
select no_plan();
select token as alice from minted where name = 'valid' \gset
create function pg_temp.says(about text) returns text language sql as $$
	select status || ': ' || detail || ' > ' || coalesce(remedy, '-') from workos_doctor() where check_name = about
$$;

select is(workos_user_id(), null, 'anonymous at first');
select matches(pg_temp.says('claims'), '^problem: .* no token in workos.access_token, .* > Call workos_authenticate', 'a missing token is reported');
select as_claims(token());
select matches(pg_temp.says('claims'), '^problem: .* no token', 'claims in request.jwt.claims are ignored');
select is(workos_authenticate(:'alice'), 'user_01', 'a user signs in');
select matches(pg_temp.says('claims'), '^ok: .* that the extension has verified', 'a verified token is reported as ok');
select matches(pg_temp.says('lifetime'), '^ok: ', 'a verified token belongs to the transaction');
select matches(pg_temp.says('issuer'), '^ok: ', 'the issuer of a verified token is trusted');
select matches(pg_temp.says('postgres role'), '^ok: .* of the connection', 'the Postgres role is not taken from the token');
select is(workos_user_role(), 'member', 'the WorkOS role is taken from the claim role');
select matches(pg_temp.says('user role'), '^ok: ', 'the claim role is enough for the user role');
select is(workos_authenticate(token), 'user_01', 'a token whose claim role is a Postgres role signs in') from minted where name = 'a Postgres role';
select is(workos_user_role(), null, 'a Postgres role is not the WorkOS role');
select matches(pg_temp.says('user role'), '^warning: .* neither user_role nor roles', 'the missing WorkOS role is reported');
set local workos.access_token = 'secret';
select matches(pg_temp.says('claims'), '^problem: access token is .* > ', 'an invalid token is reported');
select unalike(pg_temp.says('claims'), '%secret%', 'the invalid token is not repeated');
select matches(detail, 'The claims cannot be read: 28000: access token is ', 'workos_explain() reports it, too') from workos_explain('documents') where step = 'caller';
select unalike(string_agg(e::text, ' '), '%secret%', '... and does not repeat it') from workos_explain('documents') e;
set local role authenticated;
select matches(detail, '^SELECT fails: the policy .* raises 28000: access token is ', '... nor hides that the query fails') from workos_explain('documents') where step = 'verdict';
reset role;

set local workos.claims_source = request;
select as_claims(token('{"iss": "https://nobody.example"}'));
select matches(pg_temp.says('issuer'), '^problem: .* its issuer is not a trusted issuer\. .* > .*workos_trust_issuer\(issuer, jwks\).*workos_trust_any_issuer\(\)', 'an issuer that is not trusted is reported');
select is(workos_user_id(), null, 'claims of an issuer that is not trusted are ignored');
set local role authenticator;
select matches(pg_temp.says('issuer'), '^problem: .* not a trusted issuer, or no issuer is trusted\. .* > .*workos_trust_issuer', 'a role that may not read the issuers is told both possible causes');
reset role;
select as_claims(token());
select matches(pg_temp.says('issuer'), '^ok: ', 'a trusted issuer is reported as ok');
select is(workos_user_id(), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'claims of a trusted issuer are accepted');
select as_claims(token('{"role": "editor", "user_role": null, "roles": null}'));
select matches(pg_temp.says('user role'), '^warning: .* neither user_role nor roles', 'the claim role of a gateway is not the WorkOS role');

set local workos.claims_source = token;
select is(pg_temp.says('keys'), null, 'with trusted issuers the check keys is not reported');
set local role authenticator;
select isnt(pg_temp.says('claims'), null, 'a role that may not read the issuers gets other checks');
select is(pg_temp.says('keys'), null, 'a role that may not read the issuers gets no check keys, and no error');
reset role;
delete from workos_issuers;
select matches(pg_temp.says('keys'), '^problem: No issuer is trusted.* > .*workos_trust_issuer\(issuer, jwks\)', 'a missing trusted issuer is reported');
set local workos.claims_source = request;
select as_claims(token());
select is(workos_user_id(), null, 'without trusted issuers no claims are accepted');
select matches(pg_temp.says('issuer'), '^problem: .* no issuer is trusted\. .* restore.* > .*workos_trust_issuer\(issuer, jwks\).*workos_trust_any_issuer\(\)', 'a missing trusted issuer is reported differently from an untrusted one');
select workos_trust_any_issuer();
select is(workos_user_id(), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'after the remedy the claims are accepted');
select matches(pg_temp.says('issuer'), '^ok: ', 'then any issuer is accepted');
set local workos.claims_source = token;
select matches(pg_temp.says('keys'), '^problem: No issuer is trusted', 'the row * does not verify tokens, so missing keys are reported');
select is(pg_temp.says('version'), null, 'equal versions of library and functions are not reported');
update pg_extension set extversion = '0.0.1' where extname = 'pg_workos';
select matches(pg_temp.says('version'), '^problem: The library has version .* > ALTER EXTENSION', 'different versions of library and functions are reported');
select * from finish();
rollback;
