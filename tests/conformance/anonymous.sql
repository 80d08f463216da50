-- Anonymous in all its forms: NULL or false from every function, and no error.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- Never set: the connection is new.
select is(current_setting('request.jwt.claims', true), null, 'the setting is unset in a new connection');
select is(value(call), anonymous, call || ': never set') from helper;

select answers('', call, anonymous, 'empty') from helper;
select answers('null', call, anonymous, 'JSON null') from helper;
select answers(e' \t\r\n null ', call, anonymous, 'JSON null with white space') from helper;

-- PostgREST without a token: claims are set, and nobody is signed in.
select answers('{"role":"anon"}', call, case call
	when 'workos_claims()' then '{"role": "anon"}'
	when 'workos_token_kind()' then 'other'
	else anonymous end, 'PostgREST''s anonymous visitor') from helper;
select answers('{"role":"anon"}', 'workos_claim(''role'')', 'anon', 'a claim of any kind of token');
select answers('{}', call, case call
	when 'workos_claims()' then '{}'
	when 'workos_token_kind()' then 'other'
	else anonymous end, 'an empty object') from helper;
select * from finish();
rollback;
