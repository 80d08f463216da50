-- Tokens of an AuthKit domain, whose URL names no application: only those for an accepted audience count, of whatever kind,
-- and one of an application that acts for a user signs in by kind => 'oauth' alone. setup.sql accepts two audiences.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- SQLSTATE and message of what an expression raises.
create function pg_temp.raised(expression text) returns text language plpgsql as $$
declare
	message text; hint text;
begin
	execute 'select ' || expression;
	return 'nothing';
exception when others then
	get stacked diagnostics message = message_text, hint = pg_exception_hint;
	return concat_ws(' ', sqlstate, message, case when hint = '' then '(no hint)' end);
end $$;
create function pg_temp.with_token(token text, expression text) returns text language plpgsql as $$
begin
	perform set_config('workos.access_token', token, true);
	return value(expression);
end $$;
create function pg_temp.raised_with(token text, expression text) returns text language plpgsql as $$
begin
	perform set_config('workos.access_token', token, true);
	return pg_temp.raised(expression);
end $$;
create temp table us as select token, refused from delegated_token where name = 'oauth';

select is(pg_temp.raised(format('workos_authenticate(%L, kind => ''oauth'')', token)), coalesce('28000 ' || nullif(refused, ''), 'nothing'), 'as oauth: ' || name) from delegated_token;
select is(workos_authenticate(token, kind => 'oauth'), 'user_07', 'as oauth it returns the user: ' || name) from delegated_token where refused = '';
-- As a session nobody signs in who is none.
select is(pg_temp.raised(format('workos_authenticate(%L)', token)), case when name in ('session', 'session without audience') then 'nothing'
		else '28000 access token ' || case when refused ~ 'audience' and name <> 'oauth without audience' or refused ~ 'expired|valid|issuer' then substr(refused, 14) else 'is not the token of a user session' end end, 'as a session: ' || name) from delegated_token;
-- A token for another audience counts nowhere: not for workos_verify(), and not in the setting.
select is(pg_temp.raised(format('workos_verify(%L)', token)), '28000 access token is for another audience', 'workos_verify() refuses: ' || name) from delegated_token where refused ~ 'audience' and name <> 'oauth without audience';
select is(pg_temp.raised_with(token, call), '28000 access token is for another audience', call || ' raises an error')
	from delegated_token, helper where name = 'oauth for another resource' and call !~ 'null';
select is(pg_temp.raised_with(token, 'workos_application_id()'), '28000 access token is for another audience', 'nor for a machine')
	from delegated_token where name = 'machine for another resource';

-- Signed in, the gates answer, and nothing that asks for a session does.
select is(workos_authenticate(token, kind => 'oauth'), 'user_07', 'an application signs in for a user') from us;
select is(concat_ws(' ', workos_delegated_user_id('openid'), workos_delegated_org_id('documents:read', 'client_01AGENT'), workos_client_id(), workos_scopes(), workos_token_kind()), 'user_07 org_07 client_01AGENT {openid,documents:read} oauth', 'what it may see');
select is(concat_ws(' ', workos_delegated_user_id(), workos_delegated_org_id('documents:write'), workos_delegated_org_id(client => 'client_02')), '', 'what it may not');
select is(value(call), anonymous, call || ': no session') from helper where call !~ '^workos_(claims?|token_kind|client_id|scopes)\(';
select is(pg_temp.with_token(token, 'concat_ws('' '', workos_delegated_org_id(''openid''), workos_application_org_id(''openid''), workos_application_org_id(), workos_user_id())'), want, 'in the setting: ' || name)
	from delegated_token join (values ('oauth', 'org_07'), ('oauth without audience', ''), ('oauth without scope', ''), ('oauth with an ill-formed scope', ''), ('machine', 'org_07 org_07'), ('session', 'user_07'), ('session without audience', 'user_07'), ('widget', ''), ('ID token', ''), ('expired', '')) t(name, want) using (name);

-- The kind is one of two words.
select is(pg_temp.raised(format('workos_authenticate(%L, %L)', token, kind)), '22023 kind of token is neither "session" nor "oauth"', 'kind ' || coalesce(kind, 'NULL')) from us, unnest(array['application', 'OAuth', '', ' oauth', 'oauthx', null]) kind;
select is(workos_authenticate(token, 'session'), 'user_01', 'kind => ''session'' is the default') from minted where name = 'valid';
select is(pg_temp.raised(format('workos_authenticate(%L, ''oauth'')', token)), '28000 access token is not of an application that acts for a user', 'a failed sign-in as oauth') from minted where name = 'bob';
select is(workos_user_id(), 'user_01', '... leaves the user who signed in before');
select * from finish();
rollback;
