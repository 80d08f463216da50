-- Invalid tokens: each raises SQLSTATE 28000 with its own message, with workos_authenticate(), workos_verify() and the
-- setting. Valid tokens sign in a user.
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

select cmp_ok(count(*), '>', 50::bigint, 'there are enough invalid tokens') from minted where refused <> '';
select is(pg_temp.raised(format('workos_authenticate(%L)', token)), '28000 ' || refused, 'workos_authenticate() refuses: ' || name) from minted where refused <> '';
select is(pg_temp.raised(format('workos_verify(%L)', token)), '28000 ' || refused, 'workos_verify() refuses: ' || name)
	from minted where refused <> '' and refused <> 'access token is not the token of a user session';
select is(workos_verify(token) ->> 'iss', 'https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ', 'workos_verify() accepts every kind of token: ' || name)
	from minted where refused = 'access token is not the token of a user session';
select is(pg_temp.raised('workos_authenticate(null)'), '28000 access token is malformed', 'workos_authenticate() refuses NULL');
select is(pg_temp.raised('workos_verify(null)'), '28000 access token is malformed', 'workos_verify() refuses NULL');

-- With an invalid token in the setting, each helper raises an error and never returns an identity.
create function pg_temp.raised_by_helper(token text, call text) returns text language plpgsql as $$
begin
	perform set_config('workos.access_token', token, true);
	return pg_temp.raised(call);
end $$;
select is(pg_temp.raised_by_helper(token, 'workos_user_id()'), '28000 ' || refused, 'a helper refuses the setting: ' || name)
	from minted where refused <> '' and token <> '' and refused not in ('access token has expired', 'access token is not the token of a user session');
select is(pg_temp.raised_by_helper(token, call), '28000 access token has a bad signature', call || ' raises an error')
	from minted, helper where name = 'a key of another issuer';
select is(pg_temp.raised_by_helper(token, 'workos_user_id()'), 'nothing', 'an expired token raises no error') from minted where name = 'expired';
select is(workos_user_id(), null, 'with an expired token the request is anonymous');
select is(workos_claims(), null, 'with an expired token there are no claims');
select is(pg_temp.raised_by_helper('', 'workos_user_id()'), 'nothing', 'an empty setting raises no error');
select is(workos_user_id(), null, 'with an empty setting the request is anonymous');

-- Other kinds of token in the setting give no user identity.
select set_config('workos.access_token', token, true) from minted where name = 'machine' \g /dev/null
select is(workos_user_id(), null, 'a machine-to-machine token gives no user id');
select is(workos_org_id(), null, 'a machine-to-machine token gives no organization');
select is(workos_application_id(), 'client_01', 'a machine-to-machine token gives the client id');
select set_config('workos.access_token', token, true) from minted where name = 'widget' \g /dev/null
select is(concat(workos_token_kind(), workos_user_id()), 'widget', 'a widget token gives no user id');
select set_config('workos.access_token', token, true) from minted where name = 'oauth' \g /dev/null
select is(concat(workos_token_kind(), workos_user_id()), 'oauth', 'a token of an application that acts for a user gives no user id');

-- Valid tokens.
select cmp_ok(count(*), '>', 9::bigint, 'there are enough valid tokens') from minted where refused = '';
select is(workos_authenticate(token), 'user_' || case when name like 'pool%' then replace(name, ' ', '_') when name = 'bob' then '02' else '01' end, 'workos_authenticate() accepts: ' || name)
	from minted where refused = '';
select is(workos_authenticate(token), 'user_01', 'the user signs in') from minted where name = 'claims of every type';
select is(workos_user_id(), 'user_01', 'workos_user_id() is the user of the token');
select is(workos_org_id(), 'org_01', 'workos_org_id() is the organization of the token');
select is(workos_user_role(), 'member', 'workos_user_role() reads the claim role of a verified token');
select is(workos_user_roles(), '{member}', 'workos_user_roles() holds that role');
select ok(workos_has_permission('documents:read'), 'the user has a permission of the token');
select ok(not workos_has_permission('documents:write'), 'the user has no other permission');
select is(workos_claim('email'), 'a@b.example', 'a claim of the JWT template');
select is(workos_claim('big'), '123456789012345678901234567890', 'a long number keeps its digits');
select is(workos_claim('n'), '1.50', 'a fraction keeps its digits');
select is(workos_claim('é'), '✓', 'characters beyond ASCII');
select is(workos_claims() -> 'o', '{"a": [1]}', 'workos_claims() holds all claims');
select is(workos_verify(token), workos_claims(), 'workos_verify() returns the same claims') from minted where name = 'claims of every type';
select is(current_setting('workos.access_token'), '(hidden)', 'the token cannot be read back');

-- With workos.claims_source = token, request.jwt.claims is ignored, even if it is malformed.
select as_claims('{"sid": "session_1", "sub": "user_forged", "org_id": "org_forged"}') \g /dev/null
select is(concat_ws(' ', workos_user_id(), workos_org_id()), 'user_01 org_01', 'request.jwt.claims is ignored');
select as_claims('{broken') \g /dev/null
select is(workos_user_id(), 'user_01', 'a malformed request.jwt.claims is ignored');
select set_config('workos.access_token', '', true) \g /dev/null
select as_claims(token()) \g /dev/null
select is(workos_user_id(), null, 'request.jwt.claims is ignored without a token');
select is(workos_is_authenticated(), false, 'without a token there is no session');
select * from finish();
rollback;
