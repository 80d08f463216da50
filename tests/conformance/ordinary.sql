-- Claims that are nearly as gateways send them. The portable edition reads ordinary claims in another way than all others:
-- each line differs in one thing, and both ways have to give the same answer. Each refusal stands beside a text that is
-- read.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- A session with one more member.
create function pg_temp.with(member text) returns text language sql as $$
	select '{"sub":"user_1","sid":"session_1","org_id":"org_1","user_role":"editor","roles":["editor"],"permissions":["p"],' || member || '}'
$$;

select answers(pg_temp.with('"a":' || value), 'workos_org_with_permission(''p'')', 'org_1', 'another claim is ' || value)
	from unnest(array['0', '-0', '-1', '10', '1.5', '0.25', '1e2', '1E-2', '1e131072', '1e-16384', '"x"', '""', '"{"', '"]"', '"," ', '"é"', e'"\x7f"', '"\u0041"', '"\\"', '"\""', '"\/"', 'true', 'false', 'null', '[]', '[ ]', '["a"]', '["a", "b"]', '["a" , "b"]',
		'["a",1]', '[["a"]]', '{}', '{ }', '{"a":"b"}', '{"a":1,"b":null}', '{"a":1, "b":true}', '{"a" : 1}', '{"a":["b"]}', '{"a":{"b":1}}']) value;
select matches(complaint(pg_temp.with('"a":' || value), 'workos_org_with_permission(''p'')'), '^22023 \| setting "request\.jwt\.claims" ', 'another claim is ' || translate(value, e'\n\x1f', '  '))
	from unnest(array['', '00', '01', '-', '-01', '1.', '.5', '+1', '1e', '1.5.5', '1 2', '"x', '"a"b"', '"a""b"', e'"\x1f"', e'"\n"', '"\x"', '"\u00"', '"\u0000"', '"\ud800"', 'tru', 'truefalse', 'true1', 'True', 'nulll', 'NaN', '[', '["a",]', '[,"a"]', '["a""b"]', '["a" "b"]',
		'["a"]]', '{', '{"a":1,}', '{"a":1, }', '{,"a":1}', '{"a":1"b":2}', '{"a"}', '{"a":}', '{1:1}', '{"a":1}}', '{"a",1}', ':1', '1,', '1,,"b":1', '1 "b":1']) value;
select matches(complaint(replace(pg_temp.with('"a":1'), part, other), 'workos_org_id()'), '^22023 \| setting "request\.jwt\.claims" ', 'instead of ' || part || ': ' || translate(other, e'\n\t', '  '))
	from (values ('{"sub"', '"sub"'), ('{"sub"', ',"sub"'), ('{"sub"', '{{"sub"'), ('{"sub"', '{,"sub"'), ('{"sub"', 'x{"sub"'), ('1}', '1'), ('1}', '1,'), ('1}', '1,}'), ('1}', '1}}'), ('1}', '1} x'), ('1}', '1},'), ('"sub":', '"sub"'), ('"sub":', '"sub"::'), ('"sub":', 'sub:'), (',"sid"', '"sid"'), (',"sid"', ';"sid"'), (',"sid"', ',,"sid"')) t(part, other);
select answers(replace(pg_temp.with('"a":1'), part, other), 'workos_org_id()', 'org_1', 'instead of ' || part || ': ' || translate(other, e'\n\t', '  '))
	from (values ('{"sub"', ' {"sub"'), ('{"sub"', e'{\n"sub"'), ('1}', '1 }'), ('1}', e'1}\n'), ('"sub":', '"sub": '), ('"sub":', '"sub" :'), ('"sub":', '"sub":  '), (',"sid"', ', "sid"'), (',"sid"', ' ,"sid"'), (',"sid"', e',\t"sid"')) t(part, other);

-- Claims that decide who it is: alone, beside an exp, as gateways send them, and beside a number of an unusual form.
create temp table beside (also text);
insert into beside values (''), ('"exp":4102444800,'), ('"n":1e2,');
select answers(pg_temp.with(also || '"org_id":' || value), 'workos_org_id()', want, 'org_id is ' || value || ' ' || also)
	from (values ('"org_2"', 'org_2'), ('""', null), ('null', null), ('5', null), ('["org_2"]', null), ('{"a":"org_2"}', null), ('"org\u005f2"', 'org_2'), ('"\\"', '\')) t(value, want), beside;
select answers(pg_temp.with(also || '"user_role":' || value), 'concat_ws('' '', workos_user_role(), workos_user_roles(), workos_has_role(''authenticated''), workos_org_with_role(''admin''))', want, 'user_role is ' || value || ' ' || also)
	from (values ('"admin"', 'admin {editor,admin} f org_1'), ('"editor"', 'editor {editor} f'), ('""', 'editor {editor} f'), ('null', 'editor {editor} f'), ('5', 'editor {editor} f'), ('["admin"]', 'editor {editor} f'),
		('"authenticated"', 'editor {editor} f'), ('"anon"', 'editor {editor} f'), ('"service_role"', 'editor {editor} f'), ('"\u0061dmin"', 'admin {editor,admin} f org_1')) t(value, want), beside;
select answers(pg_temp.with(also || '"user_role":"admin"'), 'concat_ws('' '', workos_has_permission(''admin''), workos_has_entitlement(''admin''), workos_has_feature_flag(''admin''))', 'f f f', 'user_role is neither a permission nor an entitlement nor a feature flag ' || also) from beside;
select answers(pg_temp.with(also || '"user_role":null,"roles":' || value), 'concat_ws('' '', workos_user_role(), workos_user_roles(), workos_has_role(''authenticated''), workos_has_any_role(''a'', ''b''))', want, 'without user_role, roles is ' || value || ' ' || also)
	from (values ('["a"]', 'a {a} f t'), ('["a","b"]', '{a,b} f t'), ('[]', '{} f f'), ('["authenticated"]', '{authenticated} t f'), ('[""]', '{""} f f'), ('"a"', '{} f f'), ('["a",1]', '{} f f'), ('[1]', '{} f f'), ('[["a"]]', '{} f f'), ('{"a":1}', '{} f f')) t(value, want), beside;
select answers(pg_temp.with(also || '"permissions":' || value), 'workos_permissions()', want, 'permissions are ' || value || ' ' || also)
	from (values ('["a","b"]', '{a,b}'), ('["a,b","{","}"]', '{"a,b","{","}"}'), ('["[","]","[]"]', '{[,],[]}'), ('["NULL","null",""," "]', '{"NULL","null",""," "}'), ('["\"","\\","\n"]', E'{"\\"","\\\\","\n"}'), ('["é","\u00e9"]', '{é,é}'),
		('["a",null]', '{}'), ('[["a"]]', '{}'), ('{"a":1}', '{}'), ('"a"', '{}')) t(value, want), beside;
select answers(pg_temp.with(also || '"sub":' || value), 'concat_ws('' '', workos_token_kind(), workos_is_authenticated(), workos_application_id())', want, 'sub is ' || value || ' ' || also)
	from (values ('"user_2"', 'session t'), ('"user_"', 'session t'), ('"User_2"', 'other f'), ('"client_1"', 'application f client_1'), ('"client\u005f1"', 'application f client_1'), ('5', 'other f'), ('["user_2"]', 'other f'), ('""', 'other f'), ('null', 'other f')) t(value, want), beside;
select answers(pg_temp.with(also || '"sid":' || value), 'concat_ws('' '', workos_token_kind(), workos_is_authenticated())', want, 'sid is ' || value || ' ' || also)
	from (values ('"session_2"', 'session t'), ('"widget_session_1"', 'widget f'), ('"app_1"', 'oauth f'), ('["session_1"]', 'other f'), ('5', 'other f'), ('""', 'other f'), ('null', 'other f')) t(value, want), beside;
select answers(pg_temp.with(also || '"scope":' || value), 'concat_ws('' '', workos_token_kind(), workos_is_authenticated())', 'oauth f', 'scope is ' || value || ' ' || also)
	from unnest(array['"openid"', '""', 'null', '[]', '{}', '1']) value, beside;
select answers(pg_temp.with(also || '"act":' || value), 'concat_ws('' '', workos_is_impersonated(), workos_impersonator())', want, 'act is ' || value || ' ' || also)
	from (values ('{"sub":"a@b.c"}', 't a@b.c'), ('{"sub":""}', 't'), ('{"sub":1}', 't'), ('{"sub":{"sub":"x"}}', 't'), ('[{"sub":"x"}]', 't'), ('"x"', 't'), ('{}', 't'), ('false', 't'), ('null', 'f'), ('""', 'f'), ('{"sub":"x","n":1e999999}', 't x')) t(value, want), beside;

-- Times, as whole numbers and otherwise.
create function pg_temp.from_now(seconds numeric, form text) returns text language sql as $$
	select replace(form, '@', (floor(extract(epoch from statement_timestamp())) + seconds)::text)
$$;
select answers(pg_temp.with(also || '"' || claim || '":' || pg_temp.from_now(seconds, form)), 'workos_is_authenticated()', want, format('%s is %s from now, written %s %s', claim, seconds, form, also))
	from (values ('exp', -29, 'true'), ('exp', -32, 'false'), ('exp', 1, 'true'), ('nbf', 29, 'true'), ('nbf', 32, 'false'), ('nbf', -1, 'true')) t(claim, seconds, want), unnest(array['@', '@.0', '@.5', '@e0']) form, beside;
select answers(pg_temp.with(also || '"' || claim || '":' || value), 'workos_is_authenticated()', 'false', claim || ' is ' || value || ' ' || also)
	from beside, unnest(array['exp', 'nbf']) claim, unnest(array['null', 'true', '"0"', '"4102444800"', '""', '[]', '{}']) value;
select answers(pg_temp.with('"exp":1,"exp":4102444800'), 'workos_is_authenticated()', 'true', 'the last exp is used');
select answers(pg_temp.with('"exp":4102444800,"exp":1'), 'workos_is_authenticated()', 'false', 'the last exp is used');

-- How long and how deep.
select answers(pg_temp.with('"a":"' || repeat('x', 16384 - octet_length(pg_temp.with('"a":""')) + more) || '"'), 'workos_org_id()', 'org_1', '16 kB and ' || more) from unnest(array[-1, 0, 1]) more;
select matches(complaint(pg_temp.with('"a":"' || repeat('x', 16384 - octet_length(pg_temp.with('"a":""')) + more) || '",'), 'workos_org_id()'), '^22023 ', '16 kB, and malformed') from unnest(array[-2, 0, 1]) more;
select answers(pg_temp.with('"a":[' || repeat('[],', levels) || '0]'), 'workos_org_id()', 'org_1', levels || ' lists side by side') from unnest(array[250, 256, 300]) levels;
select answers(pg_temp.with('"a":"' || repeat('[', levels) || '"'), 'workos_org_id()', 'org_1', levels || ' brackets in a string') from unnest(array[250, 256, 300]) levels;
select answers(pg_temp.with('"a":' || repeat('[', levels) || repeat(']', levels)), 'workos_org_id()', 'org_1', levels || ' levels') from unnest(array[250, 255]) levels;

-- Without a session.
select answers(claims, 'concat_ws('' '', workos_is_authenticated(), workos_token_kind(), workos_claims())', want, claims) from (values
	('{"role":"anon"}', 'f other {"role": "anon"}'), ('{}', 'f other {}'), ('{"role":"anon","exp":4102444800}', 'f other {"exp": 4102444800, "role": "anon"}'), ('{"exp":4102444800,"nbf":4102444700}', 'f'), ('null', 'f'), (' null', 'f'), ('{"role":"anon","exp":1}', 'f')) t(claims, want);
select matches(complaint(claims, 'workos_is_authenticated()'), '^22023 .* is not a JSON object', claims) from unnest(array['[]', '["sub"]', '"sub"', '5', 'true']) claims;
select answers(pg_temp.with(also || '"a":' || value), 'workos_claim(''a'')', want, 'the claim is ' || value || ' ' || also)
	from (values ('"x"', 'x'), ('""', null), ('null', null), ('1.50', '1.50'), ('1e2', '1e2'), ('[ "a"]', '[ "a"]'), ('["a","b"]', '["a","b"]'), ('{"b":1}', '{"b":1}'), ('"\u0041"', 'A'), ('true', 'true'), ('1,"a":2', '2'), ('1e999999', '1e999999')) t(value, want), beside;
select * from finish();
rollback;
