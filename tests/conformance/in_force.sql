-- Claims that are expired or not valid yet are ignored, on every call, with 30 seconds of grace.
\set ON_ERROR_STOP on
-- Claims expire while they are set: an earlier call must not make them valid. The time is that of the statement's start,
-- so the first statement is in time however slow the machine is.
begin;
select answer(token(jsonb_build_object('exp', extract(epoch from statement_timestamp())::float8 - 29)), 'workos_is_authenticated()') as in_force \gset
select pg_sleep(1.1);
select not workos_is_authenticated() as expired \gset
rollback;

begin;
select no_plan();
select ok(:'in_force'::boolean, 'claims that expired less than 30 seconds ago are still valid');
select ok(:'expired', 'a second later they are ignored, in the same transaction');

-- A token whose exp or nbf is this number of seconds from now.
create function pg_temp.at(name text, seconds float8) returns text language sql as $$
	select token(jsonb_build_object(name, extract(epoch from statement_timestamp())::float8 + seconds))
$$;

select answers(pg_temp.at('exp', -29), 'workos_is_authenticated()', 'true', 'expired 29 seconds ago');
select answers(pg_temp.at('exp', -31), 'workos_is_authenticated()', 'false', 'expired 31 seconds ago');
select answers(full_token(jsonb_build_object('exp', extract(epoch from statement_timestamp())::float8 - 31)), call, anonymous, 'expired') from helper;
select answers(pg_temp.at('nbf', 29), 'workos_is_authenticated()', 'true', 'valid in 29 seconds');
select answers(pg_temp.at('nbf', 31), 'workos_is_authenticated()', 'false', 'valid in 31 seconds');
select answers(full_token(jsonb_build_object('nbf', extract(epoch from statement_timestamp())::float8 + 31)), call, anonymous, 'not valid yet') from helper;
select answers(pg_temp.at('iat', 3600), 'workos_is_authenticated()', 'true', 'an iat in the future is ignored');

select answers(token('{"exp": null}'), 'workos_is_authenticated()', 'true', 'without exp the claims do not expire');
select answers('{"sid":"session_1","sub":"user_1","exp":' || exp || '}', 'workos_is_authenticated()', want, 'exp is ' || exp) from (values
	('null', 'false'), ('"4102444800"', 'false'), ('"never"', 'false'), ('true', 'false'), ('[4102444800]', 'false'), ('{}', 'false'), ('""', 'false'),
	('4102444800', 'true'), ('4102444800.5', 'true'), ('4.1024448e9', 'true'), ('1e300', 'true'), ('1e400', 'true'), ('99999999999999999999', 'true'),
	('0', 'false'), ('-1', 'false'), ('-1e300', 'false'), ('-1e400', 'false'), ('1e-400', 'false')
) t(exp, want);
select answers('{"sid":"session_1","sub":"user_1","nbf":' || nbf || '}', 'workos_is_authenticated()', want, 'nbf is ' || nbf) from (values
	('null', 'false'), ('"0"', 'false'), ('false', 'false'), ('[]', 'false'), ('1e300', 'false'), ('1e400', 'false'), ('4102444800', 'false'),
	('0', 'true'), ('-1', 'true'), ('1709193557.25', 'true'), ('-1e400', 'true')
) t(nbf, want);
-- Of duplicate claims the last one is used.
select answers('{"sid":"session_1","sub":"user_1","exp":4102444800,"exp":1}', 'workos_is_authenticated()', 'false', 'the last exp is used');
select answers('{"sid":"session_1","sub":"user_1","exp":1,"exp":4102444800}', 'workos_is_authenticated()', 'true', 'the last exp is used');

set local timezone = 'UTC';
select answers('{"sid":"session_1","sub":"user_1","exp":1e300}', 'workos_expires_at()', 'infinity', 'later than the last timestamptz');
select answers('{"sid":"session_1","sub":"user_1","iat":-1e300}', 'workos_issued_at()', '-infinity', 'earlier than the first timestamptz');
select answers('{"sid":"session_1","sub":"user_1","iat":1709193557.25}', 'workos_issued_at()', '2024-02-29 07:59:17.25+00', 'a fraction of a second');
select answers('{"sid":"session_1","sub":"user_1","iat":"1709193557"}', 'workos_issued_at()', null, 'a string is not a number');
select answers('{"sid":"session_1","sub":"user_1","iat":9224318016000}', 'workos_issued_at()', 'infinity', 'one second after the last timestamptz');
select answers('{"sid":"session_1","sub":"user_1","iat":253402300799}', 'workos_issued_at()', '9999-12-31 23:59:59+00', 'a far date');
select * from finish();
rollback;
