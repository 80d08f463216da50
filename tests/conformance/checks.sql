-- Checks: true or false, never NULL, except workos_is_member.
\set ON_ERROR_STOP on
begin;
select no_plan();

select answers(token(), 'workos_is_authenticated()', 'true', 'a session');
select answers('{"sub":"client_1"}', 'workos_is_authenticated()', 'false', 'a machine-to-machine token is not a session');

select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''org_1'')', 'true', 'the selected organization');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''org_2'')', 'false', 'another organization');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''org_'')', 'false', 'a prefix of the id does not match');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(''ORG_1'')', 'false', 'the id in another case does not match');
select answers(token('{"org_id": "org_1"}'), 'workos_is_member(null)', null, 'a NULL argument gives NULL');
select answers(token('{"org_id": null}'), 'workos_is_member(''org_1'')', null, 'no organization selected');

select answers(token('{"user_role": "a", "roles": ["b", "c"]}'), 'workos_has_role(' || role || ')', want, 'a role of user_role or roles')
	from (values ('''a''', 'true'), ('''b''', 'true'), ('''c''', 'true'), ('''d''', 'false'), ('''A''', 'false'), ('''''', 'false'), ('null', 'false')) t(role, want);
select answers(token('{"user_role": "a", "roles": ["b"]}'), 'workos_has_any_role(' || roles || ')', want, 'one of the roles matches')
	from (values ('''x'', ''b''', 'true'), ('''a''', 'true'), ('''x'', ''y''', 'false'), ('null, ''a''', 'true'), ('null, ''x''', 'false'),
		('variadic ''{}''', 'false'), ('variadic null', 'false'), ('variadic ''{x,a}''', 'true'), ('variadic ''{{x,y},{z,a}}''', 'true')) t(roles, want);

select answers(token('{"permissions": ["documents:read", "reports:*", "*"]}'), 'workos_has_permission(' || p || ')', want, 'permissions match exactly')
	from (values ('''documents:read''', 'true'), ('''documents:write''', 'false'), ('''documents''', 'false'), ('''documents:*''', 'false'), ('''documents:rea''', 'false'),
		('''reports:*''', 'true'), ('''reports:read''', 'false'), ('''*''', 'true'), ('''%''', 'false'), ('''Documents:read''', 'false'), ('''documents:read ''', 'false'),
		('''''', 'false'), ('null', 'false')) t(p, want);
select answers(token('{"permissions": ["a", "b"]}'), 'workos_has_any_permission(' || p || ')', want, 'one of the permissions matches')
	from (values ('''a''', 'true'), ('''x'', ''b''', 'true'), ('''x'', ''y''', 'false'), ('null, ''b''', 'true'), ('variadic ''{}''', 'false'), ('variadic null', 'false')) t(p, want);
select answers(token('{"permissions": ["a", "b"]}'), 'workos_has_all_permissions(' || p || ')', want, 'all permissions match')
	from (values ('''a''', 'true'), ('''a'', ''b''', 'true'), ('''a'', ''b'', ''a''', 'true'), ('''a'', ''x''', 'false'), ('''x''', 'false'),
		('null, ''a''', 'false'), ('''a'', null', 'false'), ('variadic ''{}''', 'false'), ('variadic null', 'false'), ('variadic ''{a,b}''', 'true')) t(p, want);
select answers(token('{"permissions": []}'), 'workos_has_all_permissions(variadic ''{}'')', 'false', 'an empty array gives false');

-- Postgres passes a long value of a table as it is stored.
create temp table stored (compressed text, apart text);
alter table stored alter apart set storage external;
insert into stored values (repeat('x', 5000), repeat('x', 5000));
select ok(pg_column_size(compressed) < 1000 and pg_relation_size(reltoastrelid) > 0, 'one value is compressed, and one is outside of the row')
	from stored, pg_class c where c.oid = 'stored'::regclass;
select answers(token(jsonb_build_object('permissions', jsonb_build_array(repeat('x', 5000)))), '(select workos_has_permission(' || argument || ') from stored)', want, 'a value of a table as the argument')
	from (values ('compressed', 'true'), ('apart', 'true'), ('compressed || ''x''', 'false')) t(argument, want);

select answers(token('{"entitlements": ["audit-logs"]}'), 'workos_has_entitlement(' || e || ')', want, 'entitlements match exactly')
	from (values ('''audit-logs''', 'true'), ('''audit''', 'false'), ('''''', 'false'), ('null', 'false')) t(e, want);
select answers(token('{"feature_flags": ["beta"]}'), 'workos_has_feature_flag(' || f || ')', want, 'feature flags match exactly')
	from (values ('''beta''', 'true'), ('''alpha''', 'false'), ('''''', 'false'), ('null', 'false')) t(f, want);

select answers(token('{"act": {"sub": "support@foocorp.com"}}'), 'workos_is_impersonated()', 'true', 'the claim act names an impersonator');
select answers(token(), 'workos_is_impersonated()', 'false', 'there is no claim act');
select answers('{"sid":"session_1","sub":"user_1","act":' || act || '}', 'workos_is_impersonated()', want, 'act is ' || act) from (values
	('null', 'false'), ('""', 'false'),
	-- There is a claim act that does not name the impersonator: a policy that excludes impersonators must still do so.
	('{"sub":""}', 'true'), ('{"sub":5}', 'true'), ('{"email":"x"}', 'true'), ('{}', 'true'), ('"x"', 'true'), ('["x"]', 'true'), ('false', 'true'), ('0', 'true')
) t(act, want);

-- Step-up authentication.
create function pg_temp.signed_in(seconds_ago float8) returns text language sql as $$
	select token(jsonb_build_object('auth_time', extract(epoch from statement_timestamp())::float8 - seconds_ago))
$$;
select answers(pg_temp.signed_in(60), 'workos_authenticated_within(''5 minutes'')', 'true', 'signed in a minute ago');
select answers(pg_temp.signed_in(301), 'workos_authenticated_within(''5 minutes'')', 'false', 'signed in one second too long ago');
select answers(pg_temp.signed_in(-10), 'workos_authenticated_within(''5 minutes'')', 'true', 'auth_time is 10 seconds in the future, within the grace');
select answers(pg_temp.signed_in(-31), 'workos_authenticated_within(''5 minutes'')', 'false', 'auth_time is 31 seconds in the future');
select answers(pg_temp.signed_in(0), 'workos_authenticated_within(''-5 seconds'')', 'false', 'a negative interval');
select answers(pg_temp.signed_in(-10), 'workos_authenticated_within(''-5 seconds'')', 'false', 'a negative interval, and auth_time in the future');
select answers(pg_temp.signed_in(60), 'workos_authenticated_within(null)', 'false', 'a NULL interval');
set local extra_float_digits = -8;
select answers(token('{"auth_time": 1709193557.0, "exp": 99999999999.5}'), 'extract(epoch from workos_authenticated_at())::int', '1709193557', 'extra_float_digits does not round the time');
reset extra_float_digits;
select answers(token(), 'workos_authenticated_within(''100 years'')', 'false', 'no auth_time');
select answers(token('{"auth_time": "1709193557"}'), 'workos_authenticated_within(''100 years'')', 'false', 'auth_time is not a number');
select answers(token('{"auth_time": 1e300}'), 'workos_authenticated_within(''100 years'')', 'false', 'auth_time is after the last timestamp');
select answers(token('{"auth_time": -1e300}'), 'workos_authenticated_within(''100 years'')', 'false', 'auth_time is before the first timestamp');
select * from finish();
rollback;
