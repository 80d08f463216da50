-- What a SQL user who is not a superuser can try inside a session. Nothing gives this user another identity.
\set ON_ERROR_STOP on
select token as alice from minted where name = 'valid' \gset
select token as forged from minted where name = 'a key of another issuer' \gset
select jwks as my_keys from key_set where name = 'other' \gset
begin;
select no_plan();
select is(current_setting('is_superuser'), 'off', 'the user is not a superuser');
select is(workos_user_id(), null, 'the session starts anonymous');

-- The claims source.
select is(current_setting('workos.claims_source'), 'token', 'the administrator has set the claims source');
select throws_ok('set workos.claims_source = request', '42501', null, 'SET of the claims source is refused');
select throws_ok('set local workos.claims_source = request', '42501', null, 'SET LOCAL of the claims source is refused');
select throws_ok($$select set_config('workos.claims_source', 'request', true)$$, '42501', null, 'set_config() of the claims source is refused');
select throws_ok($$select set_config('WorkOS.Claims_Source', 'request', false)$$, '42501', null, 'set_config() with the name in another case is refused');
select throws_ok('reset workos.claims_source', '42501', null, 'RESET of the claims source is refused');
select throws_ok($$update pg_settings set setting = 'request' where name = 'workos.claims_source'$$, '42501', null, 'UPDATE of pg_settings is refused');
select throws_ok($$alter role authenticator set workos.claims_source = request$$, '42501', null, 'ALTER ROLE is refused');
select throws_ok($$alter role authenticator in database tokens set workos.claims_source = request$$, '42501', null, 'ALTER ROLE IN DATABASE is refused');
select throws_ok($$alter database tokens set workos.claims_source = request$$, '42501', null, 'ALTER DATABASE is refused');
select throws_ok($$create function lab.as_request() returns text language sql set workos.claims_source = request as 'select workos_user_id()'$$, '42501', null, 'a function with a SET clause is refused');
select throws_ok($$grant set on parameter workos.claims_source to authenticator$$, '42501', null, 'GRANT SET is refused');
select throws_ok('set workos.claims_sources = request', '42602', 'invalid configuration parameter name "workos.claims_sources"', 'an unknown setting with the prefix workos is refused');

-- Claims and tokens that the user makes.
select as_claims(token()) \g /dev/null
select is(answer(token(), call), anonymous, call || ' ignores claims that were not verified') from helper;
select set_config('workos.access_token', :'forged', true) \g /dev/null
select throws_ok('select workos_user_id()', '28000', 'access token has a bad signature', 'a token that the user signed is refused');
select set_config('workos.access_token', '', true) \g /dev/null
select set_config('workos.access_token', token(), true) \g /dev/null
select throws_ok('select workos_user_id()', '28000', 'access token is malformed', 'claims in place of a token are refused');
select set_config('workos.access_token', '', true) \g /dev/null

-- The trusted issuers.
select throws_ok('select * from extensions.workos_issuers', '42501', null, 'the trusted issuers cannot be read');
select throws_ok(format($$insert into extensions.workos_issuers values ('https://evil.example', %L)$$, :'my_keys'), '42501', null, 'INSERT of an issuer is refused');
select throws_ok(format($$update extensions.workos_issuers set jwks = %L$$, :'my_keys'), '42501', null, 'UPDATE of an issuer is refused');
select throws_ok('delete from extensions.workos_issuers', '42501', null, 'DELETE of an issuer is refused');
select throws_ok('truncate extensions.workos_issuers', '42501', null, 'TRUNCATE of the issuers is refused');
select throws_ok('alter table extensions.workos_issuers disable trigger all', '42501', null, 'disabling the triggers is refused');
select throws_ok('lock extensions.workos_issuers', '42501', null, 'LOCK of the issuers is refused');
select throws_ok('create trigger mine before insert on extensions.workos_issuers execute function tap.none()', '42501', null, 'CREATE TRIGGER is refused');
select throws_ok(format($$select workos_trust_issuer('https://evil.example', %L)$$, :'my_keys'), '42501', null, 'workos_trust_issuer() is refused');
select throws_ok($$select workos_distrust_issuer('https://api.workos.com')$$, '42501', null, 'workos_distrust_issuer() is refused');
select throws_ok($$set session_replication_role = replica$$, '42501', null, 'session_replication_role, which stops triggers, is refused');
select throws_ok($$select workos_issuers_changed()$$, '42501', 'permission denied for function workos_issuers_changed', 'calling the trigger function is refused');

-- Objects of the same names, earlier in search_path.
set local search_path = pg_temp, lab, public, extensions, tap;
create table lab.workos_issuers (issuer text primary key, jwks jsonb not null);
insert into lab.workos_issuers values ('https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ', :'my_keys');
create temp table workos_issuers as select * from lab.workos_issuers;
select set_config('workos.access_token', :'forged', true) \g /dev/null
select throws_ok('select extensions.workos_user_id()', '28000', 'access token has a bad signature', 'a table of the same name is not used');
select set_config('workos.access_token', '', true) \g /dev/null
create function lab.workos_user_id() returns text language sql stable as $$ select 'user_forged' $$;
create function lab.workos_org_id() returns text language sql stable as $$ select 'org_forged' $$;
create function lab.current_setting(text) returns text language sql as $$ select '{"sid":"session_1","sub":"user_forged"}' $$;
create view lab.seen as select extensions.workos_user_id() as id, extensions.workos_is_member('org_01') as member, extensions.workos_is_member('org_forged') as forged;
select is(workos_user_id(), 'user_forged', 'an unqualified call calls the first function in search_path');
select results_eq('select * from lab.seen', $$values (null::text, null::boolean, null::boolean)$$, 'a qualified call, as in a stored policy, and an inlined helper call the functions of the extension');
select set_config('workos.access_token', :'alice', true) \g /dev/null
select results_eq('select * from lab.seen', $$values ('user_01', true, false)$$, '... also when a user is signed in');
select set_config('workos.access_token', '', true) \g /dev/null

-- The helpers themselves.
select throws_ok($$create or replace function extensions.workos_user_id() returns text language sql as 'select ''user_forged'''$$, '42501', null, 'a helper cannot be replaced');
select throws_ok($$create function extensions.workos_is_member(varchar) returns boolean language sql as 'select true'$$, '42501', null, 'an overload of a helper cannot be created');
select throws_ok($$create function lab.raw() returns text language c as 'pg_workos', 'workos_user_id_wrapper'$$, '42501', null, 'a C function cannot be created');
select throws_ok($$load 'pg_workos'$$, '42501', null, 'LOAD of the library is refused');
select throws_ok('alter extension pg_workos update', '42501', null, 'ALTER EXTENSION is refused');
select throws_ok('drop extension pg_workos', '42501', null, 'DROP EXTENSION is refused');

-- A SECURITY DEFINER function runs with other privileges, but with the same settings.
create function lab.definer() returns text language sql security definer as $$ select extensions.workos_user_id() $$;
select is(lab.definer(), null, 'a SECURITY DEFINER function gives no identity');
select is(workos_verify(token) ->> 'sub', 'user_01', 'workos_verify() accepts a token of a trusted issuer') from minted where name = 'valid';
select is(extensions.workos_user_id(), null, '... and does not sign in its user');
reset all;
select * from finish();
rollback;
