-- reading the claims

-- The depth of nested objects and lists; NULL if the numbers of opening and closing brackets differ. The JSON
-- parser of Postgres is recursive, and fails when its stack is full.
create function @extschema@._workos_depth(value text) returns int
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if length(value) - length(translate(value, '[{', '')) <= 256 then
		return 0; -- shallow enough
	end if;
	return case when sum(step) = 0 and min(depth) >= 0 then max(depth) end from (
		select step, sum(step) over (order by position) as depth
		from string_to_table(regexp_replace(regexp_replace(value, $q$"(?:[^"\\]|\\.)*"$q$, '', 'g'), '[^][{}]+', '', 'g'), null)
				with ordinality as brackets(bracket, position),
			lateral (select case when bracket in ('[', '{') then 1 else -1 end as step) steps) depths;
end $$;

-- Is this JSON? An exception block is not allowed in a parallel plan, and a cast that fails would print a part of
-- the value. Postgres 15 has no function for this. So there each JSON token is replaced by one character, and then
-- objects and lists are replaced by one character each, from the innermost on, until one value is left. Each pass
-- takes three levels. It shortens long lists and objects first, so that later passes have less to read.
create function @extschema@._workos_is_json(value text) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	name constant text := e'\x01'; -- a string, as a name or as a value
	scalar constant text := e'\x02'; -- any other value
	-- A comma without a value before and after it, two values without a comma, a colon without a name. Also any other
	-- character, and a member of an object next to an element of a list: these are found early, to save passes.
	misplaced constant text := $q$[[,],|,[]}]|[]}\x01\x02][\x01\x02{[]|[^\x01]:|[^]\x01\x02{}[,:]|:[\x01\x02],(?:[^\x01]|\x01[^:])|[,[][\x01\x02],\x01:$q$;
	-- If nothing is misplaced, this pattern is enough to find a list or an object of values.
	nested constant text := $q$\[(?:%1$s|,)*\]|\{(?:\x01:%1$s,?)*\}$q$;
	nested_or_scalar constant text := $q$(?:[\x01\x02]|$q$ || nested || ')';
	innermost constant text := format(nested, format(nested_or_scalar, format(nested_or_scalar, $q$[\x01\x02]$q$)));
	rest text;
	before text;
begin
	if current_setting('server_version_num')::int >= 160000 then
		return pg_input_is_valid(value, 'json');
	end if;
	if value ~ $q$[\x01-\x08\x0b\x0c\x0e-\x1f]$q$ then
		return false;
	end if;
	rest := regexp_replace(value, $q$"(?:[^"\\\x01-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"$q$, name, 'g');
	rest := regexp_replace(rest, $q$-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null$q$, scalar, 'g');
	rest := translate(rest, e' \t\r\n', '');
	while rest not in (name, scalar) loop
		if rest = before or rest ~ misplaced then
			return false;
		end if;
		before := rest;
		-- One element stays, so a text that is not JSON does not become JSON.
		rest := regexp_replace(rest, $q$,(?:[\x01\x02],)+$q$, ',' || scalar || ',', 'g');
		rest := regexp_replace(rest, $q$,(?:\x01:[\x01\x02],)+$q$, ',' || name || ':' || scalar || ',', 'g');
		rest := regexp_replace(rest, innermost, scalar, 'g');
	end loop;
	return true;
end $$;

create function @extschema@._workos_refuse(complaint text, remedy text) returns void
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	raise exception using errcode = '22023', message = 'setting "request.jwt.claims" ' || complaint, hint = remedy;
end $$;

-- The setting as a claims object; NULL for an anonymous request. A string that Postgres cannot store makes the
-- whole text invalid. Otherwise one reader could skip the string and another could truncate it, and they would
-- see two different users.
create function @extschema@._workos_set_claims() returns json
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	value constant text := current_setting('request.jwt.claims', true);
	encoding constant text := getdatabaseencoding();
	depth int;
	content text;
	misfit text;
begin
	if coalesce(current_setting('workos.claims_source', true), '') not in ('', 'request') then
		raise exception using errcode = '55000', message = 'setting "workos.claims_source" asks for verified tokens, which the portable edition cannot verify',
			hint = 'Install the extension pg_workos. If a gateway verifies every token, remove the setting: ALTER DATABASE ... RESET workos.claims_source.';
	end if;
	if value is null or value = '' then
		return null;
	end if;
	if octet_length(value) > 1048576 then
		perform @extschema@._workos_refuse('is longer than 1 MiB', 'The gateway must set it to the claims of a verified token as one JSON object, or to an empty string for an anonymous visitor.');
	end if;
	-- With SQL_ASCII Postgres accepts any byte.
	if encoding = 'SQL_ASCII' and value !~ $q$^(?:[\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*\Z$q$ then
		perform @extschema@._workos_refuse('is not valid in the encoding of the database', 'The gateway must set client_encoding to the encoding of the text that it sends.');
	end if;
	depth := @extschema@._workos_depth(value);
	if depth > 256 then
		perform @extschema@._workos_refuse('is nested too deeply', 'The portable edition reads claims of up to 256 levels. Remove deeper claims from the token.');
	end if;
	if depth is null or not @extschema@._workos_is_json(value) then
		perform @extschema@._workos_refuse('is not valid JSON', 'The gateway must set it to the claims of a verified token as one JSON object, or to an empty string for an anonymous visitor.');
	end if;
	content := btrim(value, e' \t\r\n');
	if content = 'null' then
		return null;
	end if;
	if left(content, 1) <> '{' then
		perform @extschema@._workos_refuse('is not a JSON object', 'The gateway must set it to the claims of a verified token as one JSON object, or to an empty string for an anonymous visitor.');
	end if;
	if strpos(content, $q$\u$q$) > 0 then
		-- After escaped backslashes are removed, each backslash starts an escape.
		misfit := substring(replace(content, $q$\\$q$, '__')
			from $q$\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]$q$);
		if misfit = $q$\u0000$q$ then
			perform @extschema@._workos_refuse($q$holds a string with \u0000$q$, 'Postgres text cannot hold that character. Refuse such tokens at the gateway.');
		elsif misfit is not null then
			perform @extschema@._workos_refuse('holds a string with half of a surrogate pair', 'Half of a surrogate pair is not a character. Refuse such tokens at the gateway.');
		end if;
		if encoding = 'SQL_ASCII' then
			if replace(content, $q$\\$q$, '__') ~ $q$\\u(?!00[0-7])$q$ then
				perform @extschema@._workos_refuse('holds a character that the encoding of the database lacks', 'Remove such claims from the token, or use a database with the encoding UTF8.');
			end if;
		elsif encoding <> 'UTF8' then
			-- A character that the encoding lacks becomes U+001A, which _workos_spell() refuses when the claim is
			-- read. A conversion could fail and print the value. Without one, SQL knows only which characters
			-- ASCII and LATIN1 have.
			content := replace(regexp_replace(replace(content, $q$\\$q$, e'\x01'),
				case encoding when 'LATIN1' then $q$\\u(?!00)....$q$ else $q$\\u(?!00[0-7])....$q$ end, $q$\\u001a$q$, 'g'), e'\x01', $q$\\$q$);
		end if;
	end if;
	return content;
end $$;

-- A string claim. '' is treated as absent: a JWT template that quotes a missing value renders ''.
create function @extschema@._workos_string(claims json, name text) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case json_typeof(claims -> name) when 'string' then nullif(claims ->> name, '') end;
end $$;

-- Refuses text with a character that the encoding of the database lacks: see _workos_set_claims().
create function @extschema@._workos_spell(value text) returns text
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if strpos(value, e'\x1a') > 0 and getdatabaseencoding() <> 'UTF8' then
		perform @extschema@._workos_refuse('holds a character that the encoding of the database lacks', 'Remove such claims from the token, or use a database with the encoding UTF8.');
	end if;
	return value;
end $$;

create function @extschema@._workos_spell(list text[]) returns text[]
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_spell(array_to_string(list, ''));
	return list;
end $$;

-- The same check for JSON text.
create function @extschema@._workos_lacks(value json) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return getdatabaseencoding() <> 'UTF8' and replace(value::text, $q$\\$q$, '') like $q$%\\u001a%$q$;
end $$;

-- A list claim. A value that is not an array of strings only is treated as absent, so the list is empty.
create function @extschema@._workos_list(claims json, name text) returns text[]
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	list constant json := claims -> name;
begin
	if claims is null then
		return null;
	end if;
	if json_typeof(list) <> 'array' or exists (select from json_array_elements(list) e where json_typeof(e) <> 'string') then
		return '{}';
	end if;
	return array(select json_array_elements_text(list));
end $$;

-- A NumericDate (RFC 7519, section 2). A number that does not fit into a timestamptz becomes infinity or -infinity.
create function @extschema@._workos_instant(claims json, name text) returns timestamptz
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	number constant text := case json_typeof(claims -> name) when 'number' then claims ->> name end;
	parts text[];
	digits text;
	magnitude numeric; -- the number is 0.DIGITS times ten to this power
	seconds double precision;
begin
	if number is null then
		return null;
	elsif number ~ '^[1-9][0-9]{0,14}$' then
		seconds := number;
	else
		parts := regexp_match(number, $q$^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)0*([0-9]*))?\Z$q$);
		digits := ltrim(parts[2] || coalesce(parts[3], ''), '0');
		magnitude := length(ltrim(parts[2], '0'))
			- case when parts[2] = '0' then length(coalesce(parts[3], '')) - length(digits) else 0 end
			+ case when length(parts[5]) > 9 then 999999999 else coalesce(nullif(parts[5], ''), '0')::numeric end
				* case parts[4] when '-' then -1 else 1 end;
		seconds := case
			when digits = '' or magnitude < -30 then '0'
			when magnitude > 30 then parts[1] || 'infinity'
			else parts[1] || '0.' || left(digits, 800) || 'e' || magnitude
		end;
	end if;
	return case
		when seconds < -210866803200 then '-infinity'
		when seconds >= 9224318016000 then 'infinity'
		else to_timestamp(seconds)
	end;
end $$;

-- The current claims: those of the setting, unless they are expired or not valid yet (RFC 7519, sections 4.1.4 and
-- 4.1.5).
create function @extschema@._workos_current_claims() returns json
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	claims constant json := @extschema@._workos_set_claims();
	grace constant interval := '30 seconds';
begin
	if (claims -> 'exp') is not null
		and coalesce(@extschema@._workos_instant(claims, 'exp') <= statement_timestamp() - grace, true)
		or (claims -> 'nbf') is not null
		and coalesce(@extschema@._workos_instant(claims, 'nbf') > statement_timestamp() + grace, true)
	then
		return null;
	end if;
	return claims;
end $$;

create function @extschema@._workos_kind(claims json) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	sub constant text := coalesce(@extschema@._workos_string(claims, 'sub'), '');
	sid constant text := coalesce(@extschema@._workos_string(claims, 'sid'), '');
begin
	return case
		when claims is null then null
		when starts_with(sid, 'widget_session_') then 'widget'
		when starts_with(sub, 'client_') then 'application'
		when not starts_with(sub, 'user_') then 'other'
		when (claims -> 'scope') is not null then 'oauth'
		when starts_with(sid, 'session_') then 'session'
		-- An ID token, which WorkOS signs with the same key.
		when sid = '' then 'other'
		else 'oauth'
	end;
end $$;

-- The claims of a user session, the only kind that gives a user identity.
create function @extschema@._workos_session() returns json
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	claims constant json := @extschema@._workos_current_claims();
begin
	return case @extschema@._workos_kind(claims) when 'session' then claims end;
end $$;

create function @extschema@._workos_application() returns json
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	claims constant json := @extschema@._workos_current_claims();
begin
	return case @extschema@._workos_kind(claims) when 'application' then claims end;
end $$;

create function @extschema@._workos_role(session json) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	roles constant text[] := @extschema@._workos_list(session, 'roles');
	role text := @extschema@._workos_string(session, 'user_role');
begin
	-- These are Postgres roles. Supabase and PostgREST use them as values of the claim role.
	if coalesce(role in ('anon', 'authenticated', 'service_role'), true) then
		role := case cardinality(roles) when 1 then (select r from unnest(roles) r) end;
	end if;
	return case when role not in ('', 'anon', 'authenticated', 'service_role') then role end;
end $$;

create function @extschema@._workos_roles(session json) returns text[]
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	roles constant text[] := @extschema@._workos_list(session, 'roles');
	role constant text := @extschema@._workos_role(session);
begin
	return case when role is not null and role <> all (roles) then roles || role else roles end;
end $$;
