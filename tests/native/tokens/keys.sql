-- The trusted issuers, as the owner of the extension keeps them.
\set ON_ERROR_STOP on
begin;
select no_plan();
select token as alice from minted where name = 'valid' \gset
\set issuer https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ
create function pg_temp.trust(issuer text, name text) returns text language sql as $$
	select format('select workos_trust_issuer(%L, %L)', issuer, jwks) from key_set k where k.name = $2
$$;

-- What is refused.
select throws_ok(pg_temp.trust('https://a.example', 'weak'), '22023', 'key set holds an RSA key of fewer than 2048 bits', 'a weak key');
select throws_ok(pg_temp.trust('https://a.example', 'enc'), '22023', 'key set holds no RSA key for RS256 signatures', 'a key for encryption');
select throws_ok(pg_temp.trust('https://a.example', 'secret'), '22023', 'key set holds no RSA key for RS256 signatures', 'a shared secret');
select throws_ok(pg_temp.trust('https://a.example', 'doubled'), '22023', 'key set holds two keys with the same "kid"', 'a kid twice');
select throws_ok(pg_temp.trust('https://a.example', 'private'), '22023', 'key set holds a private key', 'a private key');
select throws_ok(pg_temp.trust('https://a.example', 'broken'), '22023', 'key set holds an RSA key that cannot be used', 'an exponent of 1');
select throws_ok($$select workos_trust_issuer('https://a.example', '{"message": "Not Found"}')$$, '22023', 'keys are not a JSON Web Key Set', 'an error message in the place of keys');
select throws_ok($$select workos_trust_issuer('https://a.example', '{"keys": []}')$$, '22023', 'key set holds no RSA key for RS256 signatures', 'an empty set');
select throws_ok($$insert into workos_issuers values ('https://a.example', '{"keys": []}')$$, '22023', null, 'nor by INSERT');
select throws_ok($$update workos_issuers set jwks = '{}'$$, '22023', null, 'nor by UPDATE');
select throws_ok(pg_temp.trust(issuer, 'ours'), '22023', 'issuer is not a URL', format('no issuer: %L', issuer))
	from unnest('{"", api.workos.com, "https://", "https://a//", "https://a b", " https://a"}'::text[]) issuer;
select throws_ok($$select workos_trust_issuer(null, '{}')$$, '23502', null, 'NULL');
select throws_ok($$select workos_trust_issuer('https://a.example', null)$$, '23502', null, 'NULL');
select is(count(*), 2::bigint, 'nothing of this was kept') from workos_issuers;

-- Rotation, in the backend that makes it.
select is(workos_authenticate(:'alice'), 'user_01', 'signed with the key of today');
select lives_ok(pg_temp.trust(:'issuer', 'two'), 'tomorrow''s key is added');
select is(workos_user_id(), 'user_01', 'today''s is still good');
select lives_ok(pg_temp.trust(:'issuer', 'other'), 'today''s key is taken away');
select throws_ok('select workos_user_id()', '28000', 'access token has a bad signature', 'what it signed is refused at once, remembered or not');
select lives_ok(pg_temp.trust(:'issuer' || '/', 'ours'), 'a slash more is the same issuer');
select is(count(*), 2::bigint, 'the same issuer') from workos_issuers;
select is(workos_user_id(), 'user_01', 'good again');
savepoint undone;
select is(workos_distrust_issuer(:'issuer'), true, 'the issuer is removed');
select is(workos_distrust_issuer(:'issuer'), false, 'it is gone');
select throws_ok('select workos_user_id()', '28000', 'access token is of an unknown issuer', 'what it signed is refused');
rollback to undone;
select is(workos_user_id(), 'user_01', 'what is undone has not happened');
savepoint undone;
truncate workos_issuers;
select throws_ok('select workos_user_id()', '28000', 'access token is of an unknown issuer', 'without any issuer nothing is valid');
rollback to undone;
set local session_replication_role = replica;
delete from workos_issuers;
select throws_ok('select workos_user_id()', '28000', 'access token is of an unknown issuer', 'no way of deleting goes unnoticed');
set local session_replication_role = origin;

-- With the claims of a gateway: one issuer trusted, no other counts.
set local workos.claims_source = request;
select is(answer(token(), call), anonymous, call || ': no issuer is trusted, so none counts') from helper;
select is(workos_distrust_issuer('*'), false, 'the row * is gone since the first issuer was trusted');
select lives_ok('select workos_trust_any_issuer()', 'any issuer may count');
select is(answer(token(), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'any issuer counts');
select throws_ok(format('select workos_verify(%L)', :'alice'), '28000', 'access token is of an unknown issuer', '... but verifies no token');
select lives_ok(pg_temp.trust(:'issuer', 'ours'), 'one is');
select is(answer(token(), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'this one');
select is(answer(token(format('{"iss": "%s/"}', :'issuer')::jsonb), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'with a slash more');
select is(answer(token(jsonb_build_object('iss', iss)), call), anonymous, format('%s: not of %s', call, iss))
	from helper, unnest(array[to_jsonb(:'issuer' || '//'), to_jsonb(upper(:'issuer')), '"https://api.workos.com"', '""', '7', jsonb_build_array(:'issuer')]) iss;
select is(answer('{"role":"anon"}', call), anonymous, call || ': no issuer at all') from helper;
select throws_ok(format('select workos_authenticate(%L)', :'alice'), '55000', null, 'nobody signs in with a token that does not count');
select throws_ok($$insert into workos_issuers values ('*', '{}')$$, '55000', null, 'any issuer beside a trusted one');
select throws_ok($$update workos_issuers set issuer = '*', jwks = '{}'$$, '55000', null, 'a trusted issuer that becomes any');
select lives_ok(format('select workos_distrust_issuer(%L)', :'issuer'), 'the last issuer is distrusted');
select is(answer(token(jsonb_build_object('iss', iss)), call), anonymous, format('%s: no issuer counts, and not %s', call, iss))
	from helper, unnest(array[to_jsonb(:'issuer'::text), to_jsonb('*'::text), 'null']) iss;
select lives_ok('select workos_trust_any_issuer(), workos_trust_any_issuer()', 'any issuer, twice');
select is(answer(token('{"iss": null}'), 'workos_user_id()'), 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'any issuer counts again, and none');

-- Labels.
select is(concat(provolatile, proparallel), 'ss', proname || ' is STABLE PARALLEL SAFE') from pg_proc where proname = 'workos_verify';
select matches(obj_description(oid, 'pg_proc'), '\w{3}', proname || ' has a comment') from pg_proc where pronamespace = 'extensions'::regnamespace and proname like 'workos%';
select is(has_function_privilege('authenticator', oid, 'execute'), proname in ('workos_verify', 'workos_authenticate'), proname || ': who may call it')
	from pg_proc where proname in ('workos_verify', 'workos_authenticate', 'workos_trust_issuer', 'workos_distrust_issuer', 'workos_check_issuer', 'workos_issuers_changed', 'workos_issuers_guard', 'workos_trust_any_issuer');
select * from finish();
rollback;
