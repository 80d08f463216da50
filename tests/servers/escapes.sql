-- What each helper makes of claims with escapes, one line each. Run in a session of its own: a function keeps the
-- plans of its first call.
select coalesce(complaint(claims, call), answer(claims, call), 'null')
from (
	select replace(template, '@', escape) as claims, template, escape
	from unnest(array[
			e'{"sid": "session_1", "sub": "user_@", "org_id": "org_1", "user_role": "r", "roles": ["r"], "permissions": ["p"]}',
			e'{"sid": "session_1", "sub": "user_1", "org_id": "@", "user_role": "r", "roles": ["@", "@r"], "permissions": ["p@", "p"], "act": {"sub": "@"}}']) template,
		unnest(array[e'\\\\', e'\\"', e'\\/', e'\\b', e'\\f', e'\\n', e'\\r', e'\\t', e'\\u0041', e'\\u00e9', e'\\ud83d\\ude00', e'\\\\u0000', e'\\\\\\\\', e'\\\\\\"',
			e'\\u0000', e'\\ud800', e'\\udc00', e'\\udc00\\ud800', e'\\x', e'\\', e'\\u12', e'\\\\\\u0000', e'\x01', e'\t', e'\\u001a', '''', '$$', '%', '_']) escape) c,
	tap.helper
order by template collate "C", escape collate "C", call collate "C";
