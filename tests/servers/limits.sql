-- For limits.sh: calls every function of the extension, with inputs of every size.

set client_min_messages = warning;
create schema limits;
create table limits.doc (id int, org_id text);
insert into limits.doc select g, 'org_1' from generate_series(1, 10) g;

-- What came of each call: 00000, or its SQLSTATE.
create table limits.outcome (about text, sqlstate text);

-- Every function of the extension, and its arguments, by name.
create view limits.function as
	select p.oid, p.oid::regproc::text as name, p.prorettype = 'trigger'::regtype as is_trigger
	from pg_depend d join pg_proc p on p.oid = d.objid
	where d.classid = 'pg_proc'::regclass and d.deptype = 'e'
		and d.refclassid = 'pg_extension'::regclass and d.refobjid = (select oid from pg_extension where extname = 'pg_workos');
create view limits.argument as
	select f.oid as function, a.name, a.type::regtype, a.number
	from limits.function f join pg_proc p on p.oid = f.oid,
		unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes) with ordinality as a(type, name, mode, number)
	where coalesce(a.mode, 'i') in ('i', 'v');

-- An ordinary value, so that a function gets as far as the argument in question. Those with a default keep it.
create function limits.ordinary(name text, type regtype) returns text language sql as $$
	select case
		when name = 'issuer' then '''https://issuer.example'''
		when name = 'membership' then '''token'''
		when name = 'command' then '''select'''
		when name = 'path' then '''public'''
		when type = 'oid[]'::regtype then '''{}''::oid[]'
		when type = 'aclitem[]'::regtype then '''{}''::aclitem[]'
		when type = 'regclass'::regtype then '''limits.doc''::regclass'
		when type = 'int[]'::regtype then '''{1,2}''::int[]'
		when type = 'int'::regtype then '1'
		when name = 'relation' and type = 'text'::regtype then '''limits.doc'''
		when name = 'relation' then '''limits.doc''::regclass'
		when type = 'text'::regtype then '''documents:read'''
		when type = 'text[]'::regtype then 'array[''documents:read'', null]'
		when type = 'interval'::regtype then '''1 day''::interval'
		when type = 'jsonb'::regtype then '''{"keys": []}''::jsonb'
		when type = 'json'::regtype then '''{"sub": "user_1"}''::json'
		when type = 'oid'::regtype then '''limits.doc''::regclass::oid'
		else format('an argument of type %s: add it to limits.sql', type) end
$$;

-- A call of a function with ordinary arguments, but for that of one name, which is $1.
create function limits.call(function oid, varying text) returns text language sql as $$
	select format('select count(*) from %s(%s) r', f.name, (
		select string_agg(format('%s%I => %s', case when p.provariadic <> 0 and a.type = 'text[]'::regtype then 'variadic ' end,
			a.name, case when a.name = varying then '$1' else limits.ordinary(a.name, a.type) end), ', ' order by a.number)
		from limits.argument a where a.function = f.oid and (a.name = varying or a.number <= p.pronargs - p.pronargdefaults)))
	from limits.function f join pg_proc p on p.oid = f.oid where f.oid = function
$$;

-- Runs a statement and notes what came of it. The notice comes before, so that the last one tells what ended
-- the server. The plan is made anew, with the value, and the value is read in full.
create procedure limits.attempt(about text, statement text, value anyelement) language plpgsql as $$
declare
	state text := '00000';
begin
	raise warning 'attempt: %', about;
	begin
		execute statement using value;
	exception when others then
		state := sqlstate;
		-- What Postgres says of a request of its own beyond one gigabyte, such as a regular expression's copy of a text.
		if sqlerrm ~ '^invalid memory alloc request size' then state := '54000'; end if;
	end;
	insert into limits.outcome values (about, state);
end $$;

-- A text of about so many bytes.
create function limits.text(shape text, size int) returns text language plpgsql as $$
begin
	return case shape
		when 'letters' then repeat('x', size)
		when 'brackets' then repeat('[', size)
		when 'objects' then repeat('{"a":', size / 5)
		when 'characters beyond ASCII' then repeat(u&'\00e9', size / 2)
		when 'a token' then 'eyJhbGciOiJSUzI1NiJ9.' || repeat('e30x', size / 8) || '.' || repeat('e30x', size / 8)
		when 'members' then '{' || repeat('"a":1,', size / 6) || '"b":2}'
		when 'numbers' then '{"keys":[' || repeat('1,', size / 2) || '1]}'
	end;
end $$;

-- An array of so many elements.
create function limits.texts(shape text, size int) returns text[] language plpgsql as $$
begin
	return case shape
		when 'letters' then array_fill('x'::text, array[size])
		when 'nulls' then array_fill(null::text, array[size])
		when 'an element beyond ASCII' then array_fill(repeat(u&'\00e9', 40), array[size / 40])
		when 'one long element' then array[repeat(u&'\00e9', size * 2)]
	end;
end $$;

-- Each argument of each function, at every size up to that one.
create procedure limits.arguments(largest int) language plpgsql as $$
declare
	argument record;
	shape text;
	size int;
	about text;
	one text;
	many text[];
	document jsonb;
begin
	foreach size in array array[0, 1, 100, 1000, 16383, 16384, 16385, 65536, 1048575, 1048576, 1048577, 16777216, 268435456] loop
		exit when size > largest;
		foreach shape in array array['letters', 'brackets', 'objects', 'characters beyond ASCII', 'a token', 'members', 'numbers'] loop
			one := limits.text(shape, size);
			for argument in select * from limits.argument a where a.type = 'text'::regtype order by a.function, a.number loop
				-- They read policies and take seconds for a megabyte, in PL/pgSQL.
				continue when argument.function::regproc::text = '_workos_tokens' and size > 65536;
				continue when argument.function::regproc::text = '_workos_evaluate' and size > 1000;
				about := format('%s(%s), %s, %s', argument.function::regproc, argument.name, shape, size);
				call limits.attempt(about, limits.call(argument.function, argument.name), one);
			end loop;
			if shape in ('letters', 'members', 'numbers') then
				begin
					document := case shape when 'letters' then to_jsonb(one) else one::jsonb end;
				exception when out_of_memory or program_limit_exceeded or invalid_text_representation then
					continue; -- Postgres itself cannot make it.
				end;
				for argument in select * from limits.argument a where a.type = 'jsonb'::regtype order by a.function, a.number loop
					about := format('%s(%s), %s, %s', argument.function::regproc, argument.name, shape, size);
					call limits.attempt(about, limits.call(argument.function, argument.name), document);
				end loop;
				for argument in select * from limits.argument a where a.type = 'json'::regtype order by a.function, a.number loop
					about := format('%s(%s), %s, %s', argument.function::regproc, argument.name, shape, size);
					call limits.attempt(about, limits.call(argument.function, argument.name), document::json);
				end loop;
			end if;
		end loop;
	end loop;
	one := null;
	document := null;
	foreach size in array array[0, 1, 1000, 1000000, 10000000] loop
		exit when size > largest;
		foreach shape in array array['letters', 'nulls', 'an element beyond ASCII', 'one long element'] loop
			many := limits.texts(shape, size);
			for argument in select * from limits.argument a where a.type = 'text[]'::regtype order by a.function, a.number loop
				about := format('%s(%s), an array of %s, %s', argument.function::regproc, argument.name, shape, size);
				call limits.attempt(about, limits.call(argument.function, argument.name), many);
			end loop;
		end loop;
	end loop;
	many := null;
	for argument in select * from limits.argument a where a.type = 'interval'::regtype loop
		foreach one in array array['0', '178000000 years', '-178000000 years', '2147483647 days', '-9223372036854775807 microseconds'] loop
			call limits.attempt(format('%s(%s), %s', argument.function::regproc, argument.name, one), limits.call(argument.function, argument.name), one::interval);
		end loop;
	end loop;
end $$;

-- Claims of a session of about so many bytes, of a shape that takes much memory, depth or time.
create function limits.claims(shape text, size int) returns text language plpgsql as $$
declare
	head constant text := '{"sid":"session_1","sub":"user_1","org_id":"org_1",';
	n constant int := greatest(size - 100, 0);
begin
	return head || case shape
		when 'members' then (select string_agg(format('"%s":1,', to_hex(i)), '') from generate_series(1, n / 10) i) || '"z":1'
		when 'equal members' then repeat('"a":1,', n / 6) || '"b":1'
		when 'permissions' then '"permissions":[' || repeat('"a",', n / 4) || '"b"]'
		when 'empty permissions' then '"permissions":[' || repeat('"",', n / 3) || '"b"]'
		when 'distinct permissions' then '"permissions":[' || (select string_agg(format('"%s",', to_hex(i)), '') from generate_series(1, n / 8) i) || '"z"]'
		when 'roles' then '"user_role":"c","roles":[' || repeat('"a",', n / 4) || '"b"]'
		when 'entitlements' then '"entitlements":[' || repeat('"a",', n / 4) || '"b"]'
		when 'flags' then '"feature_flags":[' || repeat('"a",', n / 4) || '"b"]'
		when 'brackets' then '"a":' || repeat('[', n / 2) || repeat(']', n / 2)
		when 'objects' then '"a":' || repeat('{"a":', n / 6) || '1' || repeat('}', n / 6)
		when 'actors' then '"act":' || repeat('{"sub":"a","act":', n / 18) || '1' || repeat('}', n / 18)
		when 'empty objects' then '"a":[' || repeat('{},', n / 3) || '{}]'
		when 'escapes' then '"permissions":["' || repeat('\u00e9', n / 6) || '"],"a":"' || repeat('\n', 10) || '"'
		when 'short escapes' then '"a":"' || repeat('\"', n / 2) || '"'
		when 'pairs' then '"a":"' || repeat('\ud83d\ude00', n / 12) || '"'
		when 'characters beyond ASCII' then '"permissions":["' || repeat(u&'\00e9', n / 2) || '"]'
		when 'a long number' then '"auth_time":' || repeat('9', n)
		when 'a long exponent' then '"exp":1e' || repeat('9', n)
		when 'numbers' then '"a":[' || repeat('1e99,', n / 5) || '1]'
		when 'a long id' then '"iss":"' || repeat('x', n / 2) || '","user_role":"' || repeat('x', n / 2) || '"'
		when 'an end too early' then '"a":"' || repeat('x', n)
	end || '}';
end $$;
create view limits.shape as select unnest(array['members', 'equal members', 'permissions', 'empty permissions', 'distinct permissions', 'roles',
	'entitlements', 'flags', 'brackets', 'objects', 'actors', 'empty objects', 'escapes', 'short escapes', 'pairs', 'characters beyond ASCII',
	'a long number', 'a long exponent', 'numbers', 'a long id', 'an end too early']) as shape;

-- Every function, with a setting of that value.
create procedure limits.setting(about text, name text, value text) language plpgsql as $$
declare
	function record;
begin
	call limits.attempt(format('%s, %s', name, about), format('select set_config(%L, $1, true)', name), value);
	for function in select * from limits.function f where not f.is_trigger order by f.oid loop
		call limits.attempt(format('%s with %s, %s', function.name, name, about), limits.call(function.oid, null), null::text);
	end loop;
	perform set_config('request.jwt.claims', '', true), set_config('workos.access_token', '', true);
end $$;

-- Claims of those sizes, of each shape or of some.
create procedure limits.all_claims(sizes int[], shapes text default '') language plpgsql as $$
declare
	shape text;
	size int;
begin
	foreach size in array sizes loop
		for shape in select s.shape from limits.shape s where s.shape ~ shapes loop
			call limits.setting(format('claims, %s, %s', shape, size), 'request.jwt.claims', limits.claims(shape, size));
		end loop;
	end loop;
end $$;

-- Each setting, whatever text it holds.
create procedure limits.settings(largest int) language plpgsql as $$
declare
	name text;
	shape text;
	size int;
	value text;
begin
	foreach size in array array[0, 1, 100, 1000, 16383, 16384, 16385, 65536, 1048575, 1048576, 1048577, 16777216, 268435456] loop
		exit when size > largest;
		foreach shape in array array['letters', 'brackets', 'objects', 'characters beyond ASCII', 'a token', 'members', 'numbers'] loop
			value := limits.text(shape, size);
			foreach name in array array['request.jwt.claims', 'workos.access_token', 'workos.claims_source', 'workos.plan_once'] loop
				call limits.setting(format('%s, %s', shape, size), name, value);
			end loop;
		end loop;
	end loop;
end $$;

-- The address space that this backend has left, of so many kB.
create function limits.left_of(limit_kb int) returns int language sql as $$
	select limit_kb * 1024 - 1024 * substring(pg_read_file('/proc/self/status') from 'VmSize:\s+(\d+)')::int
$$;

-- A statement run where but so many bytes are left: all other memory that the backend may have is taken first.
create procedure limits.brimful(limit_kb int, free int, about text, name text, value text, statement text) language plpgsql as $$
declare
	gap text;
	taken text[] := '{}';
	pieces int := 0;
	size int;
	state text;
	answer text;
begin
	raise warning 'attempt: with % bytes left, %', free, about;
	-- The first time takes no memory: what Postgres and the library need for each line, they get before.
	for round in 1 .. 2 loop
		state := 'not called';
		perform set_config(name, case round when 2 then value else '' end, true);
		begin
			gap := repeat('x', free);
			-- An element is made, and then copied, more than once.
			loop
				size := limits.left_of(limit_kb) / 4 - 65536;
				exit when round = 1 or size < 65536;
				pieces := pieces + 1;
				taken[pieces] := repeat('x', size);
			end loop;
			-- Larger than 8 kB, each is asked for from the system.
			begin
				loop
					pieces := pieces + 1;
					taken[pieces] := repeat('x', 9000);
					exit when round = 1;
				end loop;
			exception when out_of_memory then
			end;
			begin
				for setting in 1 .. 200 loop
					perform set_config('limits.piece' || setting, repeat('x', 2048), true);
					exit when round = 1;
				end loop;
			exception when out_of_memory then
			end;
			gap := null;
			begin
				execute statement into answer;
				state := '00000';
			exception when others then
				state := case when sqlerrm = 'regular expression failed: out of memory' then '53200' else sqlstate end;
			end;
		exception when out_of_memory then -- of Postgres
		end;
		taken := null;
		insert into limits.outcome select format('with %s bytes left, %s', free, about), state where round = 2;
	end loop;
end $$;

-- Calls of it with little and more left, with claims and with a token: some, or all.
create function limits.brimful_calls(limit_kb int, every boolean) returns setof text language sql as $$
	select format('call limits.brimful(%s, %s, %L, %L, %s, %L)', limit_kb, free, about, setting, value, statement)
	from unnest(array[0, 50000, 100000, 300000, 1000000, 4000000, 16000000]) free,
		lateral (
			select format('%s, %s, %s', call, shape, size) as about, 'request.jwt.claims' as setting, format('limits.claims(%L, %s)', shape, size) as value,
				format('select count(*) from %s() r', call) as statement
			from unnest(array[700, 100000, 1048500]) size,
				unnest(array['a long id', 'members', 'empty permissions', 'characters beyond ASCII', 'an end too early']) shape,
				unnest(array['workos_user_id', 'workos_permissions', 'workos_claims']) call
			where call = 'workos_user_id' or shape = 'empty permissions'
			union all
			select 'workos_verify', 'request.jwt.claims', '''''', 'select limits.refused()'
		) calls
	where every or free in (100000, 4000000, 16000000) and about !~ ', members|beyond|workos_claims'
	union all
	-- Enough for Postgres to hand the argument over, and not for a copy of it.
	select format('call limits.brimful(%s, 9500000, %L, ''limits.value'', repeat(''x'', 4000000), %L)', limit_kb, call || ' of a long text', 'select ' || call)
	from unnest(array['limits.refused_long()', 'limits.compared_long()']) call
	union all
	-- Every function, in a session, but for those of workos_lint(), which need more than is left before they call anything of ours
	select format('call limits.brimful(%s, %s, %L, ''request.jwt.claims'', %s, %L)', limit_kb, free, f.name || ' in a session', 'limits.claims(''permissions'', 100000)', limits.call(f.oid, null))
	from limits.function f, unnest(array[0, 100000, 1000000]) free
	where not f.is_trigger and f.name !~ 'lint' and (every or free = 100000)
$$;
-- The same for a token that is valid. With nothing left, Postgres itself can lack the memory to call anything.
create function limits.brimful_verifications(limit_kb int) returns setof text language sql as $$
	select format('call limits.brimful(%s, %s, ''a valid token'', ''request.jwt.claims'', '''', ''select workos_verify(token) from limits.token'')', limit_kb, free)
	from unnest(array[10000, 30000, 50000, 70000, 100000, 200000, 300000, 1000000]) free
$$;
-- For limits.sh: a token that is valid
create table limits.token (token text);
create function limits.refused() returns text language plpgsql as $$
begin
	return workos_verify(limits.text('a token', 1000));
exception when invalid_authorization_specification then
	return sqlerrm;
end $$;

create function limits.refused_long() returns text language plpgsql as $$
begin
	return workos_verify(current_setting('limits.value', true));
exception when invalid_authorization_specification then
	return sqlerrm;
end $$;
create function limits.compared_long() returns text language plpgsql as $$
begin
	return workos_has_permission(current_setting('limits.value', true));
end $$;

-- A helper, with claims that it has not seen, and a token, at each depth that PL/pgSQL reaches.
create procedure limits.recurse(depth int) language plpgsql as $$
begin
	perform set_config('request.jwt.claims', limits.claims('permissions', 1000 + depth % 7), true);
	perform workos_permissions(), workos_claims(), workos_has_any_permission('a', 'b');
	perform limits.refused();
	call limits.recurse(depth + 1);
end $$;
