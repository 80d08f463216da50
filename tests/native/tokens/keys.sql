-- The trusted issuers, managed by the owner of the extension.
\set ON_ERROR_STOP on
begin;
select no_plan();
select token as alice from minted where name = 'valid' \gset
\set issuer https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ
create function pg_temp.trust(issuer text, name text) returns text language sql as $$
	select format('select workos_trust_issuer(%L, %L)', issuer, jwks) from key_set k where k.name = $2
$$;

-- Keys and issuers that are refused.
select throws_ok(pg_temp.trust('https://a.example', 'weak'), '22023', 'key set holds an RSA key of fewer than 2048 bits', 'a key of 1024 bits');
select throws_ok(pg_temp.trust('https://a.example', 'enc'), '22023', 'key set holds no RSA key for RS256 signatures', 'a key for encryption');
select throws_ok(pg_temp.trust('https://a.example', 'secret'), '22023', 'key set holds no RSA key for RS256 signatures', 'a shared secret');
select throws_ok(pg_temp.trust('https://a.example', 'doubled'), '22023', 'key set holds two keys with the same "kid"', 'two keys with one kid');
select throws_ok(pg_temp.trust('https://a.example', 'private'), '22023', 'key set holds a private key', 'a private key');
select throws_ok(pg_temp.trust('https://a.example', 'broken'), '22023', 'key set holds an RSA key that cannot be used', 'an exponent of 1');
select throws_ok($$select workos_trust_issuer('https://a.example', '{"message": "Not Found"}')$$, '22023', 'keys are not a JSON Web Key Set', 'an error message in place of keys');
select throws_ok($$select workos_trust_issuer('https://a.example', '{"keys": []}')$$, '22023', 'key set holds no RSA key for RS256 signatures', 'an empty set');
select throws_ok($$insert into workos_issuers values ('https://a.example', '{"keys": []}')$$, '22023', null, 'INSERT of an empty key set is refused');
select throws_ok($$update workos_issuers set jwks = '{}'$$, '22023', null, 'UPDATE to an empty key set is refused');
select throws_ok(pg_temp.trust(issuer, 'ours'), '22023', 'issuer is not a URL', format('not a valid issuer: %L', issuer))
	from unnest('{"", api.workos.com, "https://", "https://a//", "https://a b", " https://a"}'::text[]) issuer;
select throws_ok($$select workos_trust_issuer(null, '{}')$$, '23502', null, 'a NULL issuer is refused');
select throws_ok($$select workos_trust_issuer('https://a.example', null)$$, '23502', null, 'NULL keys are refused');
select is(count(*), 2::bigint, 'none of these changes was stored') from workos_issuers;

-- Key rotation, in the session that changes the keys.
select is(workos_authenticate(:'alice'), 'user_01', 'a token that is signed with the current key signs in');
select lives_ok(pg_temp.trust(:'issuer', 'two'), 'the next key is added');
select is(workos_user_id(), 'user_01', 'the current key is still accepted');
select lives_ok(pg_temp.trust(:'issuer', 'other'), 'the current key is removed');
select throws_ok('select workos_user_id()', '28000', 'access token has a bad signature', 'a token that the removed key signed is refused, although it was verified before');
select lives_ok(pg_temp.trust(:'issuer' || '/', 'ours'), 'an issuer with a slash at the end is the same issuer');
select is(count(*), 2::bigint, 'no second row was added for it') from workos_issuers;
select is(workos_user_id(), 'user_01', 'the token is accepted again');
savepoint undone;
select is(workos_distrust_issuer(:'issuer'), true, 'the issuer is removed');
select is(workos_distrust_issuer(:'issuer'), false, 'removing it again returns false');
select throws_ok('select workos_user_id()', '28000', 'access token is from an unknown issuer', 'tokens of the removed issuer are refused');
rollback to undone;
select is(workos_user_id(), 'user_01', 'after ROLLBACK TO the issuer is trusted again');
savepoint undone;
truncate workos_issuers;
select throws_ok('select workos_user_id()', '28000', 'access token is from an unknown issuer', 'after TRUNCATE no token is accepted');
rollback to undone;
set local session_replication_role = replica;
delete from workos_issuers;
select throws_ok('select workos_user_id()', '28000', 'access token is from an unknown issuer', 'a DELETE with session_replication_role = replica takes effect');
set local session_replication_role = origin;

-- With claims that a gateway sets: if issuers are listed, no other issuer is accepted.
set local workos.claims_source = request;
select is(answer(token(), call), anonymous, call || ': no issuer is trusted, so no claims are accepted') from helper;
select is(workos_distrust_issuer('*'), false, 'the row * was removed when the first issuer was trusted');
select lives_ok('select workos_trust_any_issuer()', 'workos_trust_any_issuer() succeeds');
select is(answer(token(), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'then any issuer is accepted');
select throws_ok(format('select workos_verify(%L)', :'alice'), '28000', 'access token is from an unknown issuer', '... but no token can be verified');
select lives_ok(pg_temp.trust(:'issuer', 'ours'), 'one issuer is trusted');
select is(answer(token(), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'claims of the trusted issuer are accepted');
select is(answer(token(format('{"iss": "%s/"}', :'issuer')::jsonb), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'claims of the trusted issuer with a slash at the end are accepted');
select is(answer(token(jsonb_build_object('iss', iss)), call), anonymous, format('%s: claims of another issuer are ignored: %s', call, iss))
	from helper, unnest(array[to_jsonb(:'issuer' || '//'), to_jsonb(upper(:'issuer')), '"https://api.workos.com"', '""', '7', jsonb_build_array(:'issuer')]) iss;
select is(answer('{"role":"anon"}', call), anonymous, call || ': claims without an issuer are ignored') from helper;
select throws_ok(format('select workos_authenticate(%L)', :'alice'), '55000', 'workos_authenticate() requires the setting "workos.claims_source" to be "token"', 'workos_authenticate() is refused while the claims source is request');
select throws_ok($$insert into workos_issuers values ('*', '{}')$$, '55000', null, 'the row * cannot be added to a trusted issuer');
select throws_ok($$update workos_issuers set issuer = '*', jwks = '{}'$$, '55000', null, 'a trusted issuer cannot be renamed to *');
select lives_ok(format('select workos_distrust_issuer(%L)', :'issuer'), 'the last issuer is distrusted');
select is(answer(token(jsonb_build_object('iss', iss)), call), anonymous, format('%s: no issuer is accepted, with iss %s', call, iss))
	from helper, unnest(array[to_jsonb(:'issuer'::text), to_jsonb('*'::text), 'null']) iss;
select lives_ok('select workos_trust_any_issuer(), workos_trust_any_issuer()', 'workos_trust_any_issuer() can be called twice');
select is(answer(token('{"iss": null}'), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'any issuer is accepted again, and claims without iss');

-- Objects of the same names, earlier in search_path, when the owner changes the issuers, and when a role tries that may
-- only write to the table.
create schema evil;
create function evil.regexp_replace(text, text, text) returns text language sql as $$select 'https://evil.example'$$;
create function evil.pg_has_role(name, oid, text) returns boolean language sql as $$select true$$;
create table evil.workos_issuers (like workos_issuers);
create role may_write;
grant pg_write_all_data, pg_read_all_data to may_write;
grant usage on schema evil, extensions to may_write;
set local search_path = evil, pg_catalog, extensions, tap;
select is(regexp_replace('https://a.example/', '/$', ''), 'https://evil.example', 'an unqualified call calls the function of the same name');
select lives_ok(pg_temp.trust('https://first.example/', 'ours'), 'the owner trusts an issuer');
select lives_ok(pg_temp.trust('https://second.example/', 'ours'), 'the owner trusts another issuer');
select is(workos_distrust_issuer('https://second.example/'), true, 'the owner distrusts it');
select is((select array_agg(issuer) from extensions.workos_issuers), '{https://first.example}', 'the table of the extension holds the other one, under its own name');
select is((select count(*) from evil.workos_issuers), 0::bigint, 'the table of the same name is not used');
set local role may_write;
select is(pg_has_role(current_user, 10::oid, 'usage'), true, 'an unqualified call calls the function of the same name');
select throws_ok('delete from extensions.workos_issuers', '42501', 'only the owner of the extension pg_workos may change the trusted issuers', 'the guard does not call it');
reset role;
set local search_path = public, extensions, tap;

-- A role that may also keep ordinary triggers from firing.
grant truncate on workos_issuers to may_write;
grant set on parameter session_replication_role to may_write;
set local role may_write;
set local session_replication_role = replica;
select throws_ok(command, '42501', 'only the owner of the extension pg_workos may change the trusted issuers', 'session_replication_role = replica: ' || command)
	from unnest(array['delete from workos_issuers', $$insert into workos_issuers values ('*', '{}')$$, $$update workos_issuers set jwks = '{}'$$, 'truncate workos_issuers']) command;
set local session_replication_role = origin;
reset role;
select throws_ok('select workos_issuers_changed()', '39P01', 'workos_issuers_changed() was not called as a trigger', 'nobody may call the trigger function directly');

-- Labels.
select is(concat(provolatile, proparallel), 'ss', proname || ' is STABLE PARALLEL SAFE') from pg_proc where proname = 'workos_verify';
select matches(obj_description(oid, 'pg_proc'), '\w{3}', proname || ' has a comment') from pg_proc where pronamespace = 'extensions'::regnamespace and proname like 'workos%';
select is(has_function_privilege('authenticator', oid, 'execute'), proname in ('workos_verify', 'workos_authenticate'), proname || ': only workos_verify and workos_authenticate may be called by everybody')
	from pg_proc where proname in ('workos_verify', 'workos_authenticate', 'workos_trust_issuer', 'workos_distrust_issuer', 'workos_check_issuer', 'workos_issuers_changed', 'workos_issuers_guard', 'workos_trust_any_issuer');
select * from finish();
rollback;
