-- What a SQL user who is no superuser can try from inside a session. Nothing makes anybody of him.
\set ON_ERROR_STOP on
select token as forged from minted where name = 'a key of another issuer' \gset
select jwks as my_keys from key_set where name = 'other' \gset
begin;
select no_plan();
select is(current_setting('is_superuser'), 'off', 'no superuser');
select is(workos_user_id(), null, 'nobody to begin with');

-- The claims source.
select is(current_setting('workos.claims_source'), 'token', 'the source is the administrator''s choice');
select throws_ok('set workos.claims_source = request', '42501', null, 'SET');
select throws_ok('set local workos.claims_source = request', '42501', null, 'SET LOCAL');
select throws_ok($$select set_config('workos.claims_source', 'request', true)$$, '42501', null, 'set_config');
select throws_ok($$select set_config('WorkOS.Claims_Source', 'request', false)$$, '42501', null, 'in another case');
select throws_ok('reset workos.claims_source', '42501', null, 'RESET');
select throws_ok($$update pg_settings set setting = 'request' where name = 'workos.claims_source'$$, '42501', null, 'UPDATE pg_settings');
select throws_ok($$alter role authenticator set workos.claims_source = request$$, '42501', null, 'ALTER ROLE');
select throws_ok($$alter role authenticator in database tokens set workos.claims_source = request$$, '42501', null, 'ALTER ROLE IN DATABASE');
select throws_ok($$alter database tokens set workos.claims_source = request$$, '42501', null, 'ALTER DATABASE');
select throws_ok($$create function lab.as_request() returns text language sql set workos.claims_source = request as 'select workos_user_id()'$$, '42501', null, 'a function with a SET clause');
select throws_ok($$grant set on parameter workos.claims_source to authenticator$$, '42501', null, 'GRANT SET');
select throws_ok('set workos.claims_sources = request', null, null, 'a setting of a name that is none');

-- Claims of his own making.
select as_claims(token()) \g /dev/null
select is(answer(token(), call), anonymous, call || ' believes no claims that were not verified') from helper;
select set_config('workos.access_token', :'forged', true) \g /dev/null
select throws_ok('select workos_user_id()', '28000', 'access token has a bad signature', 'a token that he signed');
select set_config('workos.access_token', '', true) \g /dev/null
select set_config('workos.access_token', token(), true) \g /dev/null
select throws_ok('select workos_user_id()', '28000', 'access token is malformed', 'claims in the place of a token');
select set_config('workos.access_token', '', true) \g /dev/null

-- The trusted issuers.
select throws_ok('select * from extensions.workos_issuers', '42501', null, 'reading the issuers');
select throws_ok(format($$insert into extensions.workos_issuers values ('https://evil.example', %L)$$, :'my_keys'), '42501', null, 'INSERT');
select throws_ok(format($$update extensions.workos_issuers set jwks = %L$$, :'my_keys'), '42501', null, 'UPDATE');
select throws_ok('delete from extensions.workos_issuers', '42501', null, 'DELETE');
select throws_ok('truncate extensions.workos_issuers', '42501', null, 'TRUNCATE');
select throws_ok('alter table extensions.workos_issuers disable trigger all', '42501', null, 'ALTER TABLE');
select throws_ok('lock extensions.workos_issuers', '42501', null, 'LOCK');
select throws_ok('create trigger mine before insert on extensions.workos_issuers execute function tap.none()', '42501', null, 'CREATE TRIGGER');
select throws_ok(format($$select workos_trust_issuer('https://evil.example', %L)$$, :'my_keys'), '42501', null, 'trusting an issuer');
select throws_ok($$select workos_distrust_issuer('https://api.workos.com')$$, '42501', null, 'distrusting one');
select throws_ok($$set session_replication_role = replica$$, '42501', null, 'keeping triggers from firing');
select throws_ok($$select workos_issuers_changed()$$, null, null, 'calling the trigger');

-- Names that come first.
set local search_path = pg_temp, lab, public, extensions, tap;
create table lab.workos_issuers (issuer text primary key, jwks jsonb not null);
insert into lab.workos_issuers values ('https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ', :'my_keys');
create temp table workos_issuers as select * from lab.workos_issuers;
create function lab.regexp_replace(text, text, text) returns text language sql as $$ select 'https://evil.example' $$;
select set_config('workos.access_token', :'forged', true) \g /dev/null
select throws_ok('select extensions.workos_user_id()', '28000', 'access token has a bad signature', 'a table of the same name');
select set_config('workos.access_token', '', true) \g /dev/null
select throws_ok($$select workos_trust_issuer('https://evil.example', '{}')$$, '42501', null, 'functions of the same name');
create function lab.workos_user_id() returns text language sql stable as $$ select 'user_forged' $$;
create function lab.current_setting(text) returns text language sql as $$ select '{"sid":"session_1","sub":"user_forged"}' $$;
create view lab.seen as select extensions.workos_user_id() as id, extensions.workos_is_member('org_01') as member;
select is((select id from lab.seen), null, 'what is qualified, as policies are stored, stays the extension''s');
select is((select member from lab.seen), null, 'and so does what it calls');

-- The helpers themselves.
select throws_ok($$create or replace function extensions.workos_user_id() returns text language sql as 'select ''user_forged'''$$, '42501', null, 'CREATE OR REPLACE');
select throws_ok($$create function extensions.workos_is_member(varchar) returns boolean language sql as 'select true'$$, '42501', null, 'a function beside it');
select throws_ok($$create function lab.raw() returns text language c as 'pg_workos', 'workos_user_id_wrapper'$$, '42501', null, 'a function of language c');
select throws_ok($$load 'pg_workos'$$, '42501', null, 'LOAD');
select throws_ok('alter extension pg_workos update', '42501', null, 'ALTER EXTENSION');
select throws_ok('drop extension pg_workos', '42501', null, 'DROP EXTENSION');

-- A definer's function is run with the definer's rights, and the same settings.
create function lab.definer() returns text language sql security definer as $$ select extensions.workos_user_id() $$;
select is(lab.definer(), null, 'SECURITY DEFINER');
select is(workos_verify(token) ->> 'sub', 'user_01', 'only a token of WorkOS') from minted where name = 'valid';
select is(extensions.workos_user_id(), null, '... and looking at one signs nobody in');
reset all;
select * from finish();
rollback;
