-- Random and hostile claims: pg_temp.claims(), and the functions that it calls.
create function pg_temp.one_of(pool text[]) returns text language sql volatile as $$
	select pool[1 + floor(random() * cardinality(pool))]
$$;

create function pg_temp.string() returns text language plpgsql volatile as $$
begin
	if random() < 0.6 then
		return pg_temp.one_of(array['"user_1"', '"client_1"', '"session_1"', '"widget_session_1"', '"org_1"', '"p1"', '"p2"', '"r1"', '""',
			'"editor"', '"anon"', '"https://db.example/mcp"', '"client_01ENVIRONMENT"', '"read"', '"read p1"', '"read  p1"', '"authenticated"', '"service_role"', '"user_"', '"User_1"', '"us\u0065r_2"', '"1"', '"null"', '"{}"', '" "']);
	end if;
	return '"' || coalesce((select string_agg(pg_temp.one_of(array['user_', 'a', ' ', 'é', '😀', '中', '''', '$', e'\x7f', '\"', '\\', '\/', '\b', '\f', '\n', '\r', '\t',
		'\u0041', '\u00e9', '\u4E2d', '\ud83d\ude00', '\uD83D\uDE00', '\u0001', '\uffff', '\\u0000', '\\\\ud800', 'u0000', '{', '}', '[', ']', ',', ':', 'null', '1e5', '1e99999',
		case when random() < 0.1 then pg_temp.one_of(array['\u0000', '\ud800', '\udc00', '\ude00\ud83d', '\ud83d\\ude00', '\ud800\ud800', '\u00', '\x', '\', e'\x01', e'\n', e'\t', '\U0041', '\u00g0', '\\\u0000', '"']) else '' end]), '')
		from generate_series(1, floor(random() * 5)::int)), '') || '"';
end $$;

create function pg_temp.number() returns text language plpgsql volatile as $$
begin
	if random() < 0.5 then -- around now
		return round((extract(epoch from statement_timestamp()) + (random() - 0.4) * 10 ^ floor(random() * 6))::numeric, floor(random() * 8)::int);
	end if;
	return pg_temp.one_of(array['0', '-0', '1', '-1', '0.5', '1e2', '1E+2', '1e-2', '0e0', '0.0e-99999', '0e200000', '1e400', '-1e400', '1e-400', '1e300', '1e131071', '1e131072', '12e131071', '1e-16383', '1e-16384',
		'1e999999999999999999999', '-1e-999999999999999999999', '0.000000000000000000000000000000000000000001e50', '100000000000000000000000000000000000000000000000000e-41',
		'9224318015999.99', '9224318016000', '-210866803200', '-210866803200.01', '9999999999', '253402300800', '1709193857.5', '0.1e0000000000011', '18014398509481985e-6',
		repeat('9', 400), '0.' || repeat('0', 400) || '1', repeat('9', 400) || 'e-395',
		case when random() < 0.01 then '1' || repeat('0', 20000) else '1' end, case when random() < 0.01 then '0.' || repeat('1', 16384) else '2' end,
		case when random() < 0.2 then pg_temp.one_of(array['01', '+1', '.5', '1.', '-', '1e', '1e+', '--1', '1.2.3', '0x1f', 'NaN', 'Infinity', '-Infinity', '1_000', '1,5', '1 2', '٣']) else '7' end]);
end $$;

create function pg_temp.space() returns text language sql volatile as $$
	select case when random() < 0.95 then '' else pg_temp.one_of(array[' ', e'\n', e'\t', e'\r', e' \t\r\n ', case when random() < 0.05 then e'\f' else '  ' end]) end
$$;

create function pg_temp.value(depth int) returns text language plpgsql volatile as $$
declare
	pick constant double precision := random();
	content text;
begin
	if pick < 0.35 then
		return pg_temp.string();
	elsif pick < 0.5 then
		return pg_temp.number();
	elsif pick < 0.6 or depth > 3 then
		return pg_temp.one_of(array['true', 'false', 'null', 'null', case when random() < 0.05 then pg_temp.one_of(array['True', 'nul', 'nulll', 'undefined', '', '//', '/**/', '''a''']) else 'true' end]);
	elsif pick < 0.75 then -- a list of strings only
		select string_agg(pg_temp.space() || pg_temp.string() || pg_temp.space(), ',') into content from generate_series(1, floor(random() * 4)::int);
		return '[' || coalesce(content, pg_temp.space()) || ']';
	elsif pick < 0.87 then
		select string_agg(pg_temp.space() || pg_temp.value(depth + 1), ',') into content from generate_series(1, floor(random() * 4)::int);
		return '[' || coalesce(content, '') || ']';
	else
		return pg_temp.object(depth + 1, floor(random() * 4)::int);
	end if;
end $$;

create function pg_temp.name() returns text language sql volatile as $$
	select case when random() < 0.9 then '"' || pg_temp.one_of(array['sub', 'sub', 'sid', 'org_id', 'user_role', 'roles', 'permissions', 'entitlements', 'feature_flags', 'act', 'iat', 'exp', 'nbf',
		'auth_time', 'scope', 'scope', 'aud', 'aud', 'client_id', 'role', 'email', 'Sub', 'sub ', '', '\u0073ub', 's\u0075b', 'ex\u0070', 'urn:x']) || '"' else pg_temp.string() end
$$;

create function pg_temp.object(depth int, members int) returns text language sql volatile as $$
	select '{' || coalesce(string_agg(pg_temp.space() || pg_temp.name() || pg_temp.space() || ':' || pg_temp.space() || pg_temp.value(depth) || pg_temp.space(), ','), pg_temp.space()) || '}'
	from generate_series(1, members)
$$;

-- Claims as gateways send them, with at most one odd thing: near each condition of the ordinary way of the portable edition.
create function pg_temp.nearly_ordinary() returns text language plpgsql volatile as $$
declare
	colon constant text := pg_temp.one_of(array[':', ':', ': ']);
	comma constant text := pg_temp.one_of(array[',', ',', ', ']);
	names text[] := array['iss', 'sub', 'sid', 'org_id', 'user_role', 'roles', 'permissions', 'exp'];
	contents text[] := array['"https://api.workos.com/"', '"user_1"', '"session_1"', '"org_1"', '"editor"', '["editor"]', '["p1","p3"]', '4102444800'];
	pick constant double precision := random();
	at int;
	text text;
begin
	if random() < 0.25 then -- an application that acts for a user, or for itself
		names := names || array['scope', 'aud', 'client_id'];
		contents := contents || array['"read p1"', pg_temp.one_of(array['"https://db.example/mcp"', '["x", "client_01ENVIRONMENT"]', '"https://other.example"']), '"client_1"'];
		contents[2:3] := case when random() < 0.5 then array['"user_1"', '"app_consent_1"'] else array['"client_1"', 'null'] end;
	end if;
	if random() < 0.5 then
		names := names || array['email', 'email_verified', 'act', 'nbf', 'auth_time', 'feature_flags', 'entitlements', 'plan'];
		contents := contents || array['"é@x.com"', 'true', '{"sub":"staff@example.com"}', '0', '1709193557', '[]', '["p1","r1"]', 'null'];
	end if;
	at := 1 + floor(random() * cardinality(names));
	if pick < 0.35 then -- another value
		contents[at] := pg_temp.one_of(array['1', '0', '-0', '-1', '1.5', '1709193557.0', '1e2', '1E9', '1e131072', '1e-16384', '01', '-', '1.', '.5', '""', '"p1"', '"anon"', '"authenticated"', '"client_1"', '"widget_session_1"', '"user_"',
			'"\u0041"', '"\\"', '"\""', '"\u0000"', '"\ud800"', '"\x"', '"a"b"', '"a""b"', '"' || e'\t' || '"', '"' || e'\x7f' || '"', '"' || e'\n' || '"', '"{"', '"]"', 'true', 'false', 'null', 'tru', 'truefalse', 'nulll', 'NaN', '[]', '[ ]', '["a"]', '["a", "b"]', '["a" ,"b"]',
			'["a",]', '[,"a"]', '["a""b"]', '["a",1]', '["a",null]', '[["a"]]', '[{}]', '["a","\""]', '["a,b","{","}","NULL","null"," "]', '{}', '{"sub":1}', '{"sub":"x","sub":"y"}', '{"a":1,}', '{"a":1,"b":{"c":1}}', '{"a":[1]}', '{"a":1, "b":true}', '{"a" :1}', '{1:1}', '{"a":1 }', '', pg_temp.number(), pg_temp.number(), pg_temp.string(), pg_temp.value(1)]);
	elsif pick < 0.5 then -- another member, or the same one twice
		names := names || pg_temp.one_of(array['sub', 'sid', 'org_id', 'user_role', 'roles', 'permissions', 'exp', 'nbf', 'scope', 'aud', 'client_id', 'act', 's\u0075b', 'a', '']);
		contents := contents || pg_temp.one_of(array['"read"', '"read "', '" read"', '"read	p1"', '["read"]', '"https://db.example/mcp"', '["https://db.example/mcp"]', '["https://db.example/mcp",1]', '"user_2"', '"session_2"', '"client_2"', '"widget_session_2"', '"org_2"', '""', '"r1"', '["r1"]', '["authenticated"]', '["a","r1"]', '[]', '1', '4102444801', '"x"', 'null', '{}', pg_temp.number(), pg_temp.value(1)]);
	elsif pick < 0.55 then -- a member less
		names := names[:at - 1] || names[at + 1:];
		contents := contents[:at - 1] || contents[at + 1:];
	end if;
	select '{' || string_agg('"' || n || '"' || colon || c, comma order by i) || '}' into text from unnest(names, contents) with ordinality u(n, c, i);
	if pick > 0.97 then -- about as long as it may be
		text := left(text, -1) || ',"a":"' || repeat('x', 16384 - octet_length(text) - 7 + floor(random() * 4)::int - 1) || '"}';
	elsif pick > 0.94 then -- about as many brackets or levels as there may be
		at := 251 - (octet_length(text) - octet_length(translate(text, '[{', ''))) + floor(random() * 10)::int;
		text := left(text, -1) || case when random() < 0.5 then ',"a":[' || repeat('[],', at) || '0]}' else ',"a":' || repeat('[', least(at, 255)) || repeat(']', least(at, 255)) || '}' end; -- at most 256 levels, which both editions read
	elsif pick > 0.8 then -- one character more or less, anywhere or at the end
		at := case when random() < 0.5 then floor(random() * (length(text) + 1)) else length(text) - floor(random() * 3)::int end;
		text := left(text, at) || pg_temp.one_of(array['', '', '{', '}', '[', ']', ',', ':', '"', '\', '0', '-', '.', 'e', ' ', e'\n', e'\t', e'\x01', '"a"', '""', ',"a":1', ', ', 'x'])
			|| substr(text, at + 1 + floor(random() * 2)::int);
	end if;
	return text;
end $$;

-- Most are objects that hold a session. In some, characters are removed, added or replaced at a random position.
create function pg_temp.claims() returns text language plpgsql volatile as $$
declare
	pick constant double precision := random();
	text text;
	at int;
begin
	if random() < 0.4 then
		return pg_temp.nearly_ordinary();
	elsif pick < 0.05 then
		text := pg_temp.space() || pg_temp.value(0) || pg_temp.space();
	else
		text := pg_temp.object(0, floor(random() * 8)::int);
		if pick < 0.85 then
			text := '{"sid":"session_1","sub":"user_1",' || case when pick < 0.6 then '"org_id":"org_1",' else '' end
				|| case when pick < 0.5 then '"permissions":["p1","p3"],"roles":["r1"],' else '' end
				|| case when pick < 0.2 then '"auth_time":' || pg_temp.number() || ',' else '' end
				|| case when pick < 0.15 then '"act":{"sub":"staff@example.com"},' when pick < 0.25 then '"act":' || pg_temp.value(1) || ',' else '' end
				|| case when pick > 0.45 and pick < 0.55 then '"sid":' || pg_temp.value(2) || ',' else '' end || ltrim(substr(text, 2));
			text := replace(text, ',}', '}');
		end if;
	end if;
	if random() < 0.1 and length(text) < 5000 then
		at := floor(random() * (length(text) + 1));
		text := left(text, at) || case when random() < 0.7 then pg_temp.one_of(array['{', '}', '[', ']', ',', ':', '"', '\', '0', '-', '.', 'e', 'u', ' ', 'null', 'x', e'\x01', '"a"', '\u0000', '\ud800']) else '' end
			|| substr(text, at + 1 + floor(random() * 2)::int);
	end if;
	return text;
end $$;
