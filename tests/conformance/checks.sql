-- Checks: true or false, never NULL but for workos_is_member.
\set ON_ERROR_STOP on
begin;
select no_plan();

select answers(token(), 'workos_is_authenticated()', 'true', 'a session');
select answers('{"sub":"client_1"}', 'workos_is_authenticated()', 'false', 'a machine');

select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''org_1'')', 'true', 'the selected organization');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''org_2'')', 'false', 'another one');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''org_'')', 'false', 'a prefix');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''ORG_1'')', 'false', 'another case');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(null)', null, 'NULL in, NULL out');
select answers(token('{"org_id": null}'), 'workos_is_member(''org_1'')', null, 'no organization selected');

select answers(token('{"user_role": "a", "roles": ["b", "c"]}'), 'workos_has_role(' || role || ')', want, 'among user_role and roles')
	from (values ('''a''', 'true'), ('''b''', 'true'), ('''c''', 'true'), ('''d''', 'false'), ('''A''', 'false'), ('''''', 'false'), ('null', 'false')) t(role, want);
select answers(token('{"user_role": "a", "roles": ["b"]}'), 'workos_has_any_role(' || roles || ')', want, 'any of them')
	from (values ('''x'', ''b''', 'true'), ('''a''', 'true'), ('''x'', ''y''', 'false'), ('null, ''a''', 'true'), ('null, ''x''', 'false'),
		('variadic ''{}''', 'false'), ('variadic null', 'false'), ('variadic ''{x,a}''', 'true'), ('variadic ''{{x,y},{z,a}}''', 'true')) t(roles, want);

select answers(token('{"permissions": ["documents:read", "reports:*", "*"]}'), 'workos_has_permission(' || p || ')', want, 'exactly')
	from (values ('''documents:read''', 'true'), ('''documents:write''', 'false'), ('''documents''', 'false'), ('''documents:*''', 'false'), ('''documents:rea''', 'false'),
		('''reports:*''', 'true'), ('''reports:read''', 'false'), ('''*''', 'true'), ('''%''', 'false'), ('''Documents:read''', 'false'), ('''documents:read ''', 'false'),
		('''''', 'false'), ('null', 'false')) t(p, want);
select answers(token('{"permissions": ["a", "b"]}'), 'workos_has_any_permission(' || p || ')', want, 'any of them')
	from (values ('''a''', 'true'), ('''x'', ''b''', 'true'), ('''x'', ''y''', 'false'), ('null, ''b''', 'true'), ('variadic ''{}''', 'false'), ('variadic null', 'false')) t(p, want);
select answers(token('{"permissions": ["a", "b"]}'), 'workos_has_all_permissions(' || p || ')', want, 'all of them')
	from (values ('''a''', 'true'), ('''a'', ''b''', 'true'), ('''a'', ''b'', ''a''', 'true'), ('''a'', ''x''', 'false'), ('''x''', 'false'),
		('null, ''a''', 'false'), ('''a'', null', 'false'), ('variadic ''{}''', 'false'), ('variadic null', 'false'), ('variadic ''{a,b}''', 'true')) t(p, want);
select answers(token('{"permissions": []}'), 'workos_has_all_permissions(variadic ''{}'')', 'false', 'all of nothing is false');

select answers(token('{"entitlements": ["audit-logs"]}'), 'workos_has_entitlement(' || e || ')', want, 'exactly')
	from (values ('''audit-logs''', 'true'), ('''audit''', 'false'), ('''''', 'false'), ('null', 'false')) t(e, want);
select answers(token('{"feature_flags": ["beta"]}'), 'workos_has_feature_flag(' || f || ')', want, 'exactly')
	from (values ('''beta''', 'true'), ('''alpha''', 'false'), ('''''', 'false'), ('null', 'false')) t(f, want);

select answers(token('{"act": {"sub": "support@foocorp.com"}}'), 'workos_is_impersonated()', 'true', 'an impersonator acts');
select answers(token(), 'workos_is_impersonated()', 'false', 'nobody else acts');
select answers('{"sid":"session_1","sub":"user_1","act":' || act || '}', 'workos_is_impersonated()', want, 'act is ' || act) from (values
	('null', 'false'), ('""', 'false'),
	-- Somebody acts, though nothing says who: a policy that keeps impersonators out keeps them out.
	('{"sub":""}', 'true'), ('{"sub":5}', 'true'), ('{"email":"x"}', 'true'), ('{}', 'true'), ('"x"', 'true'), ('["x"]', 'true'), ('false', 'true'), ('0', 'true')
) t(act, want);

-- Step-up authentication.
create function pg_temp.signed_in(seconds_ago float8) returns text language sql as $$
	select token(jsonb_build_object('auth_time', extract(epoch from statement_timestamp())::float8 - seconds_ago))
$$;
select answers(pg_temp.signed_in(60), 'workos_authenticated_within(''5 minutes'')', 'true', 'a minute ago');
select answers(pg_temp.signed_in(301), 'workos_authenticated_within(''5 minutes'')', 'false', 'a second too long ago');
select answers(pg_temp.signed_in(-10), 'workos_authenticated_within(''5 minutes'')', 'true', 'a clock that is ahead by a little');
select answers(pg_temp.signed_in(-31), 'workos_authenticated_within(''5 minutes'')', 'false', 'a sign-in of the future');
select answers(pg_temp.signed_in(0), 'workos_authenticated_within(''-5 seconds'')', 'false', 'a negative interval');
select answers(pg_temp.signed_in(-10), 'workos_authenticated_within(''-5 seconds'')', 'false', 'a negative interval and a clock that is ahead');
select answers(pg_temp.signed_in(60), 'workos_authenticated_within(null)', 'false', 'NULL');
select answers(token(), 'workos_authenticated_within(''100 years'')', 'false', 'no auth_time');
select answers(token('{"auth_time": "1709193557"}'), 'workos_authenticated_within(''100 years'')', 'false', 'auth_time is no number');
select answers(token('{"auth_time": 1e300}'), 'workos_authenticated_within(''100 years'')', 'false', 'auth_time beyond time');
select answers(token('{"auth_time": -1e300}'), 'workos_authenticated_within(''100 years'')', 'false', 'auth_time before time');
select * from finish();
rollback;
