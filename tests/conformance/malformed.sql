-- Every function refuses malformed claims. The message holds no claim, and the connection stays usable.
\set ON_ERROR_STOP on
begin;
select no_plan();

select refuses(claims, call, words, about)
	from (values
			('secret', 'is not valid JSON', 'not JSON'),
			('{"sid":"session_1","sub":"user_secret"', 'is not valid JSON', 'truncated'),
			('{"sid":"session_1","sub":"user_secret"}}', 'is not valid JSON', 'a brace too many'),
			('{"sid":"session_1","sub":"user_secret"} {}', 'is not valid JSON', 'two objects'),
			('{''sub'':''user_secret''}', 'is not valid JSON', 'wrong quotes'),
			('{"sid":"session_1","sub":"user_secret",}', 'is not valid JSON', 'a trailing comma'),
			('{"sid":"session_1","sub":"user_secret","n":01}', 'is not valid JSON', 'a number with a leading zero'),
			('{"sid":"session_1","sub":"user_secret","n":NaN}', 'is not valid JSON', 'NaN'),
			(e'{"sid":"session_1","sub":"user_secret\n"}', 'is not valid JSON', 'a raw control character'),
			(e'{"sid":"session_1","sub":"user_secret","x":\x02}', 'is not valid JSON', 'a control character in place of a value'),
			(e'{"sid":"session_1","sub":"user_secret",\x01:1}', 'is not valid JSON', 'a control character in place of a name'),
			('{"sid":"session_1","sub":"user_secret\x"}', 'is not valid JSON', 'an unknown escape'),
			('{"sid":"session_1","sub":"user_secret","x":"\u00g0"}', 'is not valid JSON', 'a broken escape'),
			('   ', 'is not valid JSON', 'white space only'),
			('["user_secret"]', 'is not a JSON object', 'an array'),
			('"user_secret"', 'is not a JSON object', 'a string'),
			('5', 'is not a JSON object', 'a number'),
			('true', 'is not a JSON object', 'a boolean'),
			('{"sid":"session_1","sub":"user_secret\u0000evil"}', 'holds a string with \\u0000', 'NUL in sub'),
			('{"sid":"session_1","sub":"user_secret","permissions":["a\u0000"]}', 'holds a string with \\u0000', 'NUL in a list'),
			('{"sid":"session_1","sub":"user_secret","a":{"b":["\u0000"]}}', 'holds a string with \\u0000', 'NUL in a nested list'),
			('{"sid":"session_1","sub":"user_secret","a\u0000":1}', 'holds a string with \\u0000', 'NUL in a name'),
			('{"sid":"session_1","sub":"user_secret\\\u0000"}', 'holds a string with \\u0000', 'NUL behind an escaped backslash'),
			('{"sid":"session_1","sub":"user_secret\ud800"}', 'holds a string with half of a surrogate pair', 'a high surrogate alone'),
			('{"sid":"session_1","sub":"user_secret\udc00"}', 'holds a string with half of a surrogate pair', 'a low surrogate alone'),
			('{"sid":"session_1","sub":"user_secret\ud800\ud800\udc00"}', 'holds a string with half of a surrogate pair', 'two high surrogates'),
			('{"sid":"session_1","sub":"user_secret","a":["\ud800x"]}', 'holds a string with half of a surrogate pair', 'a high surrogate alone in a nested list')
		) t(claims, words, about),
		unnest('{workos_user_id(),workos_is_authenticated(),workos_claims()}'::text[]) call;

-- Every function refuses malformed claims.
select matches(complaint('{"sid":"session_1","sub":"user_secret"', call), '^22023 \| setting "request\.jwt\.claims" is not valid JSON \|', call || ' refuses malformed claims') from helper;

-- A NULL argument gives false before the claims are read.
select answers('{"secret', call, want, 'a NULL argument, and malformed claims') from (values
	('workos_has_role(null)', 'false'), ('workos_has_permission(null)', 'false'), ('workos_has_entitlement(null)', 'false'), ('workos_has_feature_flag(null)', 'false'),
	('workos_has_any_role(null)', 'false'), ('workos_has_any_role(variadic null)', 'false'), ('workos_has_any_role(variadic ''{}'')', 'false'),
	('workos_has_any_permission(null, null)', 'false'), ('workos_has_any_permission(variadic null)', 'false'), ('workos_has_any_permission(variadic ''{}'')', 'false'),
	('workos_has_all_permissions(null)', 'false'), ('workos_has_all_permissions(variadic array[''a'', null])', 'false'), ('workos_has_all_permissions(variadic array[null, ''a''])', 'false'),
	('workos_has_all_permissions(variadic null)', 'false'), ('workos_has_all_permissions(variadic ''{}'')', 'false'),
	('workos_authenticated_within(null)', 'false'), ('workos_authenticated_within(''-1 second'')', 'false'),
	('workos_org_with_permission(null)', null), ('workos_org_with_role(null)', null), ('workos_claim(null)', null)) t(call, want);
select matches(complaint('{"secret', call), '^22023 ', call || ' reads the claims') from (values
	('workos_has_any_role(null, ''a'')'), ('workos_has_any_permission(''a'', null)'), ('workos_has_all_permissions(''a'')'), ('workos_authenticated_within(''0'')')) t(call);

-- Large and deep.
select refuses(repeat('[', 1048576), 'workos_user_id()', 'is not valid JSON', '1 MiB of opening brackets');
select exists (select from pg_extension where extname = 'pg_workos') as native \gset
\if :native
select refuses('{"secret":' || repeat('[', 500000) || repeat(']', 500000) || '}', 'workos_claims()', 'holds a value that jsonb cannot represent', 'a jsonb of half a million levels');
select answers('{"sid":"session_1","sub":"user_1","x":' || repeat('[', 500000) || repeat(']', 500000) || '}', 'workos_user_id()', 'user_1', 'another claim has half a million levels');
select answers('{"sid":"session_1","sub":"user_1","x":' || repeat('{"a":', 100000) || '1' || repeat('}', 100000) || '}', 'workos_user_id()', 'user_1', 'another claim has a hundred thousand nested objects');
select answers('{"sid":"session_1","sub":"user_1","act":' || repeat('{"sub":', 100000) || '1' || repeat('}', 100000) || '}', 'workos_impersonator()', null, 'act has a hundred thousand levels');
select answers('{"sid":"session_1","sub":"user_1","permissions":' || repeat('[', 100000) || repeat(']', 100000) || '}', 'workos_permissions()', '{}', 'the list has a hundred thousand levels');
\else
-- The portable edition uses the JSON parser of Postgres, which is recursive, so it refuses more than 256 levels.
select refuses('{"sid":"session_1","sub":"user_secret","x":' || repeat('[', 256) || repeat(']', 256) || '}', call, 'is nested too deeply', '257 levels')
	from unnest('{workos_user_id(),workos_claims()}'::text[]) call;
select answers('{"sid":"session_1","sub":"user_1","x":' || repeat('{"a":', 255) || '"[[["' || repeat('}', 255) || '}', 'workos_user_id()', 'user_1', '256 levels');
select answers('{"sid":"session_1","sub":"user_1","x":"' || repeat('[', 1000) || '"}', 'workos_user_id()', 'user_1', 'brackets in a string');
select answers('{"sid":"session_1","sub":"user_1","x":[' || repeat('{},', 1000) || '0]}', 'workos_user_id()', 'user_1', 'a thousand objects side by side');
select refuses('{"sid":"session_1","sub":"user_secret","x":' || repeat('[', 500000) || repeat(']', 500000) || '}', 'workos_user_id()', 'is nested too deeply', 'half a million levels');
\endif
select answers('{"sid":"session_1","sub":"user_' || repeat('x', 1048576 - 33) || '"}', 'length(workos_user_id())', '1048548', 'claims of exactly 1 MiB are read');
select refuses('{"sid":"session_1","sub":"user_' || repeat('x', 1048576 - 32) || '"}', 'workos_user_id()', 'is longer than 1 MiB', 'claims of 1 MiB and one byte are refused');
select refuses('{"sid":"session_1","sub":"user_secret' || repeat('x', 16777216) || '"}', 'workos_user_id()', 'is longer than 1 MiB', 'a string of 16 MiB');
select answers('{"sid":"session_1","sub":"user_1"}', 'workos_user_id()', 'user_1', 'the connection stays usable');
select * from finish();
rollback;
