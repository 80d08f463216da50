-- An anonymous request, in each of its forms: every function returns NULL or false, and raises no error.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- The setting was never set, as in a new connection.
select is(current_setting('request.jwt.claims', true), null, 'the setting is unset in a new connection');
select is(value(call), anonymous, call || ': the setting was never set') from helper;

select answers('', call, anonymous, 'the setting is empty') from helper;
select answers('null', call, anonymous, 'JSON null') from helper;
select answers(e' \t\r\n null ', call, anonymous, 'JSON null with white space') from helper;

-- PostgREST without a token sets claims, but no user is signed in.
select answers('{"role":"anon"}', call, case call
	when 'workos_claims()' then '{"role": "anon"}'
	when 'workos_token_kind()' then 'other'
	else anonymous end, 'the claims that PostgREST sets for an anonymous request') from helper;
select answers('{"role":"anon"}', 'workos_claim(''role'')', 'anon', 'workos_claim() reads claims of any kind of token');
select answers('{}', call, case call
	when 'workos_claims()' then '{}'
	when 'workos_token_kind()' then 'other'
	else anonymous end, 'an empty object') from helper;
select * from finish();
rollback;
