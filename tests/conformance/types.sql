-- A claim of the wrong type is absent. It does not affect other claims.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- Claims that should be strings.
select answers(token(format('{"%s": %s}', claim, value)::jsonb), call, null, claim || ' is ' || value)
	from (values ('sub', 'workos_user_id()'), ('sid', 'workos_session_id()'), ('org_id', 'workos_org_id()')) c(claim, call),
		unnest(array['5', '1.5', 'true', '[]', '{}', '["user_1"]', '{"a":"user_1"}', '""', 'null']) value;
select answers('{"sid":"session_1","sub":"user_1","user_role":' || value || '}', 'workos_user_role()', null, 'user_role is ' || value)
	from unnest(array['5', 'true', '[]', '{}', '["admin"]', '{"slug":"admin"}', '""', 'null']) value;
select answers('{"sid":"session_1","sub":"user_1","act":' || value || '}', 'workos_impersonator()', null, 'act is ' || value)
	from unnest(array['5', '"support@foocorp.com"', '["x"]', '{}', '{"sub":5}', '{"sub":""}', '{"sub":null}', '{"sub":{"sub":"x"}}', '{"Sub":"x"}', 'null']) value;
select answers('{"sid":"session_1","sub":"user_1","act":{"sub":"x","sub":"y"}}', 'workos_impersonator()', 'y', 'of duplicate names inside act the last one is used');

-- A list claim that is not an array of strings only is absent as a whole.
select answers(format('{"sid":"session_1","sub":"user_1","org_id":"org_1","%s":%s}', claim, value), call, want, claim || ' is ' || value)
	from (values
			('permissions', 'workos_permissions()', '{}'), ('permissions', 'workos_has_permission(''x'')', 'false'), ('permissions', 'workos_org_with_permission(''x'')', null),
			('roles', 'workos_user_roles()', '{}'), ('roles', 'workos_has_role(''x'')', 'false'), ('roles', 'workos_org_with_role(''x'')', null), ('roles', 'workos_user_role()', null),
			('entitlements', 'workos_entitlements()', '{}'), ('entitlements', 'workos_has_entitlement(''x'')', 'false'),
			('feature_flags', 'workos_feature_flags()', '{}'), ('feature_flags', 'workos_has_feature_flag(''x'')', 'false')) c(claim, call, want),
		unnest(array['"x"', '{"x":false}', '{"x":"x"}', '["x",5]', '["x",null]', '["x",["x"]]', '[["x"]]', '5', 'true', 'null']) value;
select answers('{"sid":"session_1","sub":"user_1","permissions":["x"]}', 'workos_has_permission(''x'')', 'true', 'an array of strings is a list');
select answers('{"sid":"session_1","sub":"user_1","permissions":["x",""]}', 'workos_permissions()', '{x,""}', 'an empty string is a string');

-- A claim that Postgres cannot represent does not affect the others.
select answers('{"sid":"session_1","sub":"user_1","org_id":"org_1","odd":' || odd || '}', 'workos_org_id()', 'org_1', 'another claim is ' || odd)
	from unnest(array['1e400', '-1e400', '1e999999', '123456789012345678901234567890', '0.1e-999', '[1e400]', '{"a":1e400}']) odd;
select answers('{"sid":"session_1","sub":"user_1","odd":1e400}', 'workos_claim(''odd'')', '1e400', 'a number out of range is returned as unchanged text');
select answers('{"sid":"session_1","sub":"user_1","big":123456789012345678901234567890}', 'workos_claims() ->> ''big''', '123456789012345678901234567890', 'no digit is lost');
select refuses('{"sid":"session_1","sub":"user_1","odd":1e999999,"secret":"secret"}', 'workos_claims()', 'holds a value that jsonb cannot represent', 'a number out of the range of numeric');
select refuses('{"sub":"user_1","odd":' || number || '}', 'workos_claims()', 'holds a value that jsonb cannot represent', 'a number with more digits than numeric has: ' || left(number, 10))
	from unnest(array['1e-16384', '0.' || repeat('0', 16383) || '1', '1e131072', '1' || repeat('0', 131072)]) number;
select answers('{"sub":"user_1","odd":' || number || '}', 'jsonb_typeof(workos_claims() -> ''odd'')', 'number', 'a number with as many digits as numeric has: ' || left(number, 10))
	from unnest(array['1e-16383', '0.' || repeat('0', 16382) || '1', '1e131071', '1' || repeat('0', 131071)]) number;

-- Of duplicate names the last one is used.
select answers('{"sid":"session_1","sub":"user_1","sub":"user_2"}', 'workos_user_id()', 'user_2', 'the last sub is used');
select answers('{"sid":"session_1","sub":"user_1","s\u0075b":"user_2"}', 'workos_user_id()', 'user_2', 'an escaped name is the same name');
select answers('{"sid":"session_1","sub":"user_1","sub":5}', 'workos_user_id()', null, 'the last sub has the wrong type');
select answers('{"sid":"session_1","sub":"user_1","sub":null}', 'workos_user_id()', null, 'the last sub is null');
select answers('{"sid":"session_1","sub":"user_1","permissions":["x"],"permissions":[]}', 'workos_has_permission(''x'')', 'false', 'the last list is used');
select answers('{"sid":"session_1","sub":"user_1","sub":"user_2"}', 'workos_claims()', '{"sid": "session_1", "sub": "user_2"}', 'the last sub is used, as in jsonb');
select answers('{"a":"1","a":"2"}', 'workos_claim(''a'')', '2', 'the last one is used, for any claim');

-- Special characters.
select answers('{"sid":"session_1","sub":"user_\u00e9\ud83d\ude00\"\\\/\n"}', 'workos_user_id()', E'user_\u00e9\U0001F600"\\/\n', 'escapes are decoded');
select answers('{"sid":"session_1","sub":"user_é😀"}', 'workos_user_id()', 'user_é😀', 'raw characters are kept');
select answers('{"sid":"session_1","sub":"user_\\u0000"}', 'workos_user_id()', 'user_\u0000', 'an escaped backslash before u0000 is not an escape for NUL');
select answers('{"sid":"session_1","sub":"user_\\\\u0000"}', 'workos_user_id()', 'user_\\u0000', 'two escaped backslashes before u0000 are not an escape for NUL');
select answers('{"sid":"session_1","sub":"user_\\ud800"}', 'workos_user_id()', 'user_\ud800', 'an escaped backslash before ud800 is not a surrogate');
select * from finish();
rollback;
