-- Tokens that are not valid, each with its own words and SQLSTATE 28000, by each of the three ways in; and
-- those that are.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- SQLSTATE and message of what an expression raises.
create function pg_temp.raised(expression text) returns text language plpgsql as $$
declare
	state text; message text; hint text;
begin
	execute 'select ' || expression;
	return 'nothing';
exception when others then
	get stacked diagnostics state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
	return concat_ws(' ', state, message, case when hint = '' then '(no hint)' end);
end $$;

select cmp_ok(count(*), '>', 50::bigint, 'bad tokens have been minted') from minted where refused <> '';
select is(pg_temp.raised(format('workos_authenticate(%L)', token)), '28000 ' || refused, 'authenticate: ' || name) from minted where refused <> '';
select is(pg_temp.raised(format('workos_verify(%L)', token)), '28000 ' || refused, 'verify: ' || name)
	from minted where refused <> '' and refused <> 'access token is not of a user session';
select is(workos_verify(token) ->> 'iss', 'https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ', 'verify reads every kind of token: ' || name)
	from minted where refused = 'access token is not of a user session';
select is(pg_temp.raised('workos_authenticate(null)'), '28000 access token is malformed', 'NULL is no token');
select is(pg_temp.raised('workos_verify(null)'), '28000 access token is malformed', 'NULL is no token');

-- By the setting alone: each helper raises, and never answers as somebody.
create function pg_temp.raised_by_helper(token text, call text) returns text language plpgsql as $$
begin
	perform set_config('workos.access_token', token, true);
	return pg_temp.raised(call);
end $$;
select is(pg_temp.raised_by_helper(token, 'workos_user_id()'), '28000 ' || refused, 'helper: ' || name)
	from minted where refused <> '' and token <> '' and refused not in ('access token has expired', 'access token is not of a user session');
select is(pg_temp.raised_by_helper(token, call), '28000 access token has a bad signature', call || ' raises')
	from minted, helper where name = 'a key of another issuer';
select is(pg_temp.raised_by_helper(token, 'workos_user_id()'), 'nothing', 'an expired one is nobody''s, and no error') from minted where name = 'expired';
select is(workos_user_id(), null, 'nobody''s');
select is(workos_claims(), null, 'nor are its claims there');
select is(pg_temp.raised_by_helper('', 'workos_user_id()'), 'nothing', 'no token is nobody''s, and no error');
select is(workos_user_id(), null, 'nobody''s');

-- Other kinds of token, by the setting: as with any source, no user.
select set_config('workos.access_token', token, true) from minted where name = 'machine' \g /dev/null
select is(workos_user_id(), null, 'a machine is no user');
select is(workos_org_id(), null, 'a machine is in no organization');
select is(workos_application_id(), 'client_01', 'but an application');
select set_config('workos.access_token', token, true) from minted where name = 'widget' \g /dev/null
select is(concat(workos_token_kind(), workos_user_id()), 'widget', 'a widget is no user');
select set_config('workos.access_token', token, true) from minted where name = 'oauth' \g /dev/null
select is(concat(workos_token_kind(), workos_user_id()), 'oauth', 'an application for a user is no user');

-- The valid ones.
select cmp_ok(count(*), '>', 9::bigint, 'good tokens have been minted') from minted where refused = '';
select is(workos_authenticate(token), 'user_' || case when name like 'pool%' then replace(name, ' ', '_') when name = 'bob' then '02' else '01' end, 'authenticate: ' || name)
	from minted where refused = '';
select is(workos_authenticate(token), 'user_01', 'the user signs in') from minted where name = 'claims of every type';
select is(workos_user_id(), 'user_01', 'and is who the token says');
select is(workos_org_id(), 'org_01', '... in the organization of the token');
select is(workos_user_role(), 'member', '... with the role that nobody has overwritten');
select is(workos_user_roles(), '{member}', '... among the roles');
select ok(workos_has_permission('documents:read'), '... and the permissions');
select ok(not workos_has_permission('documents:write'), '... and no others');
select is(workos_claim('email'), 'a@b.example', 'a claim of the template');
select is(workos_claim('big'), '123456789012345678901234567890', 'digits stay');
select is(workos_claim('n'), '1.50', 'digits stay');
select is(workos_claim('é'), '✓', 'other letters');
select is(workos_claims() -> 'o', '{"a": [1]}', 'all claims');
select is(workos_verify(token), workos_claims(), 'verify gives the same') from minted where name = 'claims of every type';
select is(current_setting('workos.access_token'), '(hidden)', 'the token cannot be read back');

-- Where there is a token, the claims of a gateway are not looked at, and a broken one is not noticed.
select as_claims('{"sid": "session_1", "sub": "user_forged", "org_id": "org_forged"}') \g /dev/null
select is(concat_ws(' ', workos_user_id(), workos_org_id()), 'user_01 org_01', 'request.jwt.claims is not looked at');
select as_claims('{broken') \g /dev/null
select is(workos_user_id(), 'user_01', 'broken or not');
select set_config('workos.access_token', '', true) \g /dev/null
select as_claims(token()) \g /dev/null
select is(workos_user_id(), null, 'nor without a token');
select is(workos_is_authenticated(), false, 'nor without a token');
select * from finish();
rollback;
