-- The same random and hostile claims for both editions: every function must answer alike, or refuse alike.
-- Environment: CASES, how many (default 2000); SEED, to repeat a run, which each failure prints.
\set ON_ERROR_STOP on
\set cases 2000
\getenv cases CASES
select floor(random() * 1000000) as seed \gset
\getenv seed SEED

create function pg_temp.one_of(pool text[]) returns text language sql volatile as $$
	select pool[1 + floor(random() * cardinality(pool))]
$$;

create function pg_temp.string() returns text language plpgsql volatile as $$
begin
	if random() < 0.6 then
		return pg_temp.one_of(array['"user_1"', '"client_1"', '"session_1"', '"widget_session_1"', '"org_1"', '"p1"', '"p2"', '"r1"', '""',
			'"editor"', '"anon"', '"authenticated"', '"service_role"', '"user_"', '"User_1"', '"us\u0065r_2"', '"1"', '"null"', '"{}"', '" "']);
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
		'auth_time', 'scope', 'role', 'email', 'Sub', 'sub ', '', '\u0073ub', 's\u0075b', 'ex\u0070', 'urn:x']) || '"' else pg_temp.string() end
$$;

create function pg_temp.object(depth int, members int) returns text language sql volatile as $$
	select '{' || coalesce(string_agg(pg_temp.space() || pg_temp.name() || pg_temp.space() || ':' || pg_temp.space() || pg_temp.value(depth) || pg_temp.space(), ','), pg_temp.space()) || '}'
	from generate_series(1, members)
$$;

-- Most are objects that hold a session; some are cut, stretched or swapped at a random place.
create function pg_temp.claims() returns text language plpgsql volatile as $$
declare
	pick constant double precision := random();
	text text;
	at int;
begin
	if pick < 0.05 then
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

-- What an edition answers, in one line of text; or how it refuses.
select format($f$
	create function pg_temp.%1$s(name text, p text, q text) returns text language plpgsql volatile as $$
	declare
		answer text; message text; hint text;
	begin
		answer := row(%1$s.workos_user_id(), %1$s.workos_session_id(), %1$s.workos_org_id(), %1$s.workos_user_role(), %1$s.workos_user_roles(), %1$s.workos_permissions(),
			%1$s.workos_entitlements(), %1$s.workos_feature_flags(), %1$s.workos_impersonator(), %1$s.workos_issued_at(), %1$s.workos_expires_at(), %1$s.workos_authenticated_at(),
			%1$s.workos_claim(name), %1$s.workos_claim('exp'), %1$s.workos_token_kind(), %1$s.workos_application_id(), %1$s.workos_application_org_id(), %1$s.workos_is_authenticated(),
			%1$s.workos_is_member('org_1'), %1$s.workos_has_role(p), %1$s.workos_has_any_role(p, q), %1$s.workos_has_permission(p), %1$s.workos_has_any_permission(p, q),
			%1$s.workos_has_all_permissions(p, q), %1$s.workos_has_entitlement(p), %1$s.workos_has_feature_flag(q), %1$s.workos_is_impersonated(), %1$s.workos_authenticated_within('1 hour'),
			%1$s.workos_org_with_permission(p), %1$s.workos_org_with_role(q))::text;
		begin
			return answer || coalesce(%1$s.workos_claims()::text, '');
		exception when others then
			get stacked diagnostics message = message_text, hint = pg_exception_hint;
			return concat_ws(' | ', answer, sqlstate, message, hint);
		end;
	exception when others then
		get stacked diagnostics message = message_text, hint = pg_exception_hint;
		return concat_ws(' | ', sqlstate, message, hint);
	end $$ $f$, edition)
from unnest(array['native', 'extensions']) edition \gexec

create type pg_temp.outcome as (claims text, native text, portable text);
create function pg_temp.compare(cases int) returns setof pg_temp.outcome language plpgsql volatile as $$
declare
	found pg_temp.outcome;
	name text; p text; q text;
	signed_in int := 0; refused int := 0;
begin
	for i in 1 .. cases loop
		found.claims := pg_temp.claims();
		name := pg_temp.one_of(array['sub', 'email', 'role', 'act', 'roles', '', 'scope', 'nbf', null]);
		p := pg_temp.one_of(array['p1', 'p2', 'r1', '', null]);
		q := pg_temp.one_of(array['p1', 'r1', 'p3', null]);
		perform set_config('request.jwt.claims', found.claims, true);
		found.native := pg_temp.native(name, p, q);
		found.portable := pg_temp.extensions(name, p, q);
		signed_in := signed_in + (found.native ~ '^\(\w')::int;
		refused := refused + (found.native ~ '^22023')::int;
		if found.native is distinct from found.portable then
			return next found;
		end if;
	end loop;
	raise notice '% cases: % of a session, % refused', cases, signed_in, refused;
	if signed_in < cases / 20 or refused < cases / 20 then
		raise exception 'these cases are of no use';
	end if;
end $$;

begin;
select no_plan();
select setseed(:seed / 1000000.0);
select is_empty('select * from pg_temp.compare(' || :'cases' || ') limit 10', :'cases' || ' random claims, both editions, SEED=' || :'seed');

-- What both editions share is the same text.
select is(replace(p.prosrc, 'extensions', 'native'), n.prosrc, n.proname || ' is the same in both editions')
	from pg_proc n join pg_proc p on p.proname = n.proname and p.pronamespace = 'extensions'::regnamespace
	where n.pronamespace = 'native'::regnamespace and n.proname in ('workos_doctor', 'workos_lint', '_workos_pieces', '_workos_calls', '_workos_read_elsewhere', 'workos_protect');
select * from finish();
rollback;
