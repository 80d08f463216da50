-- Reading the claims.
--
-- Claims are read in one of two ways. `_workos_quick()` reads the claims that gateways set, in a few microseconds.
-- It answers only where it is certain, and is itself made of two steps: one for the most usual claims, and one for others. Everything else, such as malformed claims, goes the thorough way:
-- `_workos_thorough()` and its like, which also raise the errors.
--
-- The helpers call `_workos_ordinary()`, and where that is NULL `_workos_odd()`. While the token decides, these are the quick way and
-- the thorough way. While the directory decides, `_workos_ordinary()` is always NULL, and `_workos_odd()` also asks the directory.
--
-- A body in standard SQL (RETURN) is bound to the functions that it calls when it is created. A body in PL/pgSQL finds
-- functions by name when it runs, so none of them calls a function of this file: where the schema is renamed, nobody
-- can put another function in the place of one of these.

-- the ordinary way

-- The current claims, if they are ordinary: those of a session only, or of any kind (of_session is false), unless they are
-- of an application and name an audience, which is to be compared with the accepted ones. NULL for of_session leaves that to
-- the caller. JSON null if there are no claims, and NULL if the claims are not ordinary.
-- With a list and an element, only if this list of them has the element.
--
-- In each transaction, Postgres prepares every expression of this function that is reached, and every function in it, once
-- more. So the usual case reaches few.
create function @extschema@._workos_quick(of_session boolean, list text, element text) returns jsonb
	language plpgsql stable parallel safe as $$
declare
	value constant pg_catalog.text := case
		when (pg_catalog.current_setting('workos.claims_source', true) operator(pg_catalog.=) any (array['', 'request'])) is not false
			and pg_catalog.getdatabaseencoding() operator(pg_catalog.=) 'UTF8'
		then coalesce(pg_catalog.current_setting('request.jwt.claims', true), '') end;
	-- NULL if this is not JSON that jsonb can represent. A cast that fails would print a part of the value, and an exception
	-- block is not allowed in a parallel plan. So the pattern is such that every text that matches it can be cast: an object
	-- whose members are strings without escapes, natural numbers, true, false, null and lists of strings.
	claims pg_catalog.jsonb := /* with Postgres 17 other, below */ case
		when pg_catalog.octet_length(value) operator(pg_catalog.<=) 16384 and pg_catalog.starts_with(value, '{')
			and value operator(pg_catalog.~) $q$^(?:(?:^\{|,)"[^"\\\x01-\x1f]*":(?:"[^"\\\x01-\x1f]*"|[1-9][0-9]*|true|false|null|\[(?:"[^"\\\x01-\x1f]*"(?:,"[^"\\\x01-\x1f]*")*)?\]))+\}\Z$q$
		then value::pg_catalog.jsonb end;
begin
	-- In force, and of a session whose organization and role can be returned as they are. In the strict mode, an operator
	-- finds nothing in a value of another type, and whether an absent member exists is unknown.
	if pg_catalog.jsonb_path_match(claims, case when of_session then 'strict $.sub starts with "user_" && $.sid starts with "session_" && $.exp > $now
				&& (exists ($.nbf)) is unknown && (exists ($.scope)) is unknown
				&& ($.org_id > "" || (exists ($.org_id)) is unknown)
				&& (exists ($.user_role ? (@ > "" && @ != "anon" && @ != "authenticated" && @ != "service_role")) || (exists ($.user_role)) is unknown)'::pg_catalog.jsonpath
			when of_session is null then 'strict $.exp > $now && (exists ($.nbf)) is unknown'::pg_catalog.jsonpath
			else 'strict $.exp > $now && (exists ($.nbf)) is unknown && (exists ($.aud)) is unknown'::pg_catalog.jsonpath end,
		pg_catalog.jsonb_build_object('now', extract(epoch from pg_catalog.statement_timestamp())), true) is not true
	then
		-- less usual
		if value operator(pg_catalog.=) '' then
			return 'null'::pg_catalog.jsonb;
		-- The same with spaces, any number without exponent, and objects of such members except lists and objects
		elsif claims is null and pg_catalog.octet_length(value) operator(pg_catalog.<=) 16384
			and value operator(pg_catalog.~) $q$^\{(?:"[^"\\\x01-\x1f]*": ?(?:"[^"\\\x01-\x1f]*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null|\[(?:"[^"\\\x01-\x1f]*"(?:, ?"[^"\\\x01-\x1f]*")*)?\]|\{(?:"[^"\\\x01-\x1f]*": ?(?:"[^"\\\x01-\x1f]*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null)(?:, ?(?=")|(?=\})))*\})(?:, ?(?=")|\}\Z))+\Z$q$
		then
			claims := value::pg_catalog.jsonb;
		end if;
		-- Certainly in force, with times in whole seconds.
		if pg_catalog.jsonb_path_match(claims, case when of_session then '$.type() == "object"
					&& ($.exp.type() == "number" && $.exp.floor() == $.exp && $.exp > $now - 30 || !exists($.exp))
					&& (!exists($.nbf) || $.nbf.type() == "number" && $.nbf.floor() == $.nbf && $.nbf <= $now + 30)
					&& $.sub.type() == "string" && $.sub starts with "user_" && $.sid.type() == "string" && $.sid starts with "session_" && !exists($.scope)
					&& ($.org_id.type() == "string" || $.org_id.type() == "null" || !exists($.org_id))
					&& ($.user_role.type() == "string" || $.user_role.type() == "null" || !exists($.user_role))'::pg_catalog.jsonpath
				when of_session is null then '$.type() == "object"
					&& ($.exp.type() == "number" && $.exp.floor() == $.exp && $.exp > $now - 30 || !exists($.exp))
					&& (!exists($.nbf) || $.nbf.type() == "number" && $.nbf.floor() == $.nbf && $.nbf <= $now + 30)'::pg_catalog.jsonpath
				else '$.type() == "object"
					&& ($.exp.type() == "number" && $.exp.floor() == $.exp && $.exp > $now - 30 || !exists($.exp))
					&& (!exists($.nbf) || $.nbf.type() == "number" && $.nbf.floor() == $.nbf && $.nbf <= $now + 30)
					&& (!exists($.aud) || $.sub.type() == "string" && !($.sub starts with "client_")
						&& (!($.sub starts with "user_") || $.sid.type() == "string" && $.sid starts with "session_" && !exists($.scope)))'::pg_catalog.jsonpath end,
			pg_catalog.jsonb_build_object('now', extract(epoch from pg_catalog.statement_timestamp())), true)
			and (of_session and claims operator(pg_catalog.->>) 'org_id' operator(pg_catalog.=) '') is not true
			and (of_session and claims operator(pg_catalog.->>) 'user_role' operator(pg_catalog.=) any (array['', 'anon', 'authenticated', 'service_role'])) is not true
		then
			null; -- They are asked below.
		-- Certainly not in force, or of another kind.
		elsif pg_catalog.jsonb_path_match(claims, case when of_session then '$.type() == "object"
					&& ($.exp.type() == "number" && $.exp.floor() == $.exp && $.exp <= $now - 30
						|| $.nbf.type() == "number" && $.nbf.floor() == $.nbf && $.nbf > $now + 30
						|| !($.sub.type() == "string" && $.sub starts with "user_") || !($.sid.type() == "string" && $.sid starts with "session_") || exists($.scope))'::pg_catalog.jsonpath
				else '$.type() == "object"
					&& ($.exp.type() == "number" && $.exp.floor() == $.exp && $.exp <= $now - 30
						|| $.nbf.type() == "number" && $.nbf.floor() == $.nbf && $.nbf > $now + 30)'::pg_catalog.jsonpath end,
			pg_catalog.jsonb_build_object('now', extract(epoch from pg_catalog.statement_timestamp())), true)
		then
			return 'null'::pg_catalog.jsonb;
		else
			return null;
		end if;
	end if;
	if list is null then
		return claims;
	-- A list that is not an array of strings only is absent.
	elsif pg_catalog.jsonb_path_match(claims operator(pg_catalog.->) list, 'strict exists ($[*] ? (@ == $element)) && !(exists ($[*] ? (@.type() != "string")))'::pg_catalog.jsonpath,
		pg_catalog.jsonb_build_object('element', element), true)
	then
		return claims;
	end if;
	-- The role of the user counts as one of the roles.
	return case when list operator(pg_catalog.=) 'roles' and claims operator(pg_catalog.->>) 'user_role' operator(pg_catalog.=) element then claims else 'null' end;
end $$;

-- Postgres 17 can cast a text without an error: as the content of a JSON string, in JSON_QUERY. Of at most 256 levels, because
-- its parser is recursive. A function that was made by an older Postgres works as well.
do $do$
begin
	if current_setting('server_version_num')::int >= 170000 then
		execute regexp_replace(replace(pg_get_functiondef('@extschema@._workos_quick(boolean, text, text)'::regprocedure), '$function$', '$body$'), $q$:= /\* with Postgres 17 .*? end;$q$,
			$q$:= json_query(pg_catalog.to_jsonb(case
		when pg_catalog.octet_length(value) operator(pg_catalog.<=) least(16384, 256 operator(pg_catalog.+) pg_catalog.octet_length(pg_catalog.replace(pg_catalog.replace(value, '[', ''), '{', '')))
		then value end), '$' returning pg_catalog.jsonb omit quotes null on error);$q$);
	end if;
end $do$;

-- the thorough way

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

-- NULL for a text that is too long or too deep to be parsed.
create function @extschema@._workos_well_formed(value text) returns boolean
	language sql stable parallel safe
	return case
		when octet_length(value) <= 1048576 and coalesce(@extschema@._workos_depth(value), 0) <= 256
		then @extschema@._workos_depth(value) is not null and @extschema@._workos_is_json(value)
	end;

-- The setting as a claims object; NULL for an anonymous request. A string that Postgres cannot store makes the
-- whole text invalid. Otherwise one reader could skip the string and another could truncate it, and they would
-- see two different users.
create function @extschema@._workos_checked(value text, well_formed boolean) returns json
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	encoding constant text := getdatabaseencoding();
	one_object constant text := 'The gateway must set it to the claims of a verified token as one JSON object, or to an empty string for an anonymous visitor.';
	content text := btrim(value, e' \t\r\n');
	misfit text;
	complaint text;
	remedy text;
begin
	if coalesce(current_setting('workos.claims_source', true), '') not in ('', 'request') then
		raise exception using errcode = '55000', message = 'setting "workos.claims_source" asks for verified tokens, which the portable edition cannot verify',
			hint = 'Install the extension pg_workos. If a gateway verifies every token, remove the setting: ALTER DATABASE ... RESET workos.claims_source.';
	end if;
	if value is null or value = '' then
		return null;
	elsif octet_length(value) > 1048576 then
		complaint := 'is longer than 1 MiB';
		remedy := one_object;
	-- With SQL_ASCII Postgres accepts any byte.
	elsif encoding = 'SQL_ASCII' and value !~ $q$^(?:[\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*\Z$q$ then
		complaint := 'is not valid in the encoding of the database';
		remedy := 'The gateway must set client_encoding to the encoding of the text that it sends.';
	elsif well_formed is null then
		complaint := 'is nested too deeply';
		remedy := 'The portable edition reads claims of up to 256 levels. Remove deeper claims from the token.';
	elsif not well_formed then
		complaint := 'is not valid JSON';
		remedy := one_object;
	elsif content = 'null' then
		return null;
	elsif left(content, 1) <> '{' then
		complaint := 'is not a JSON object';
		remedy := one_object;
	elsif strpos(content, $q$\u$q$) > 0 then
		-- After escaped backslashes are removed, each backslash starts an escape.
		misfit := substring(replace(content, $q$\\$q$, '__')
			from $q$\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]$q$);
		if misfit = $q$\u0000$q$ then
			complaint := $q$holds a string with \u0000$q$;
			remedy := 'Postgres text cannot hold that character. Refuse such tokens at the gateway.';
		elsif misfit is not null then
			complaint := 'holds a string with half of a surrogate pair';
			remedy := 'Half of a surrogate pair is not a character. Refuse such tokens at the gateway.';
		elsif encoding = 'SQL_ASCII' and replace(content, $q$\\$q$, '__') ~ $q$\\u(?!00[0-7])$q$ then
			complaint := 'holds a character that the encoding of the database lacks';
			remedy := 'Remove such claims from the token, or use a database with the encoding UTF8.';
		elsif encoding not in ('SQL_ASCII', 'UTF8') then
			-- A character that the encoding lacks becomes U+001A, which is refused when the claim is read. A conversion
			-- could fail and print the value. Without one, SQL knows only which characters ASCII and LATIN1 have.
			content := replace(regexp_replace(replace(content, $q$\\$q$, e'\x01'),
				case encoding when 'LATIN1' then $q$\\u(?!00)....$q$ else $q$\\u(?!00[0-7])....$q$ end, $q$\\u001a$q$, 'g'), e'\x01', $q$\\$q$);
		end if;
	end if;
	if complaint is not null then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" ' || complaint, hint = remedy;
	end if;
	return content;
end $$;

create function @extschema@._workos_set_claims() returns json
	language sql stable parallel safe
	return @extschema@._workos_checked(current_setting('request.jwt.claims', true), @extschema@._workos_well_formed(current_setting('request.jwt.claims', true)));

-- The claims that the functions below read, each with the type that it should have or absent, if the claims are in
-- force (RFC 7519, sections 4.1.4 and 4.1.5) and, where only a session is wanted, of a session. Else JSON null.
-- `reads` names a claim that will be returned: it must not hold a character that the encoding of the database lacks.
-- The setting extra_float_digits would round the times.
create function @extschema@._workos_reduced(claims json, of_session boolean, reads text) returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp set extra_float_digits = 1 as $$
declare
	postgres_roles constant text[] := array['anon', 'authenticated', 'service_role'];
	reduced jsonb := '{}';
	name text;
	claim json;
	parts text[];
	digits text;
	magnitude numeric; -- the number is 0.DIGITS times ten to this power
	seconds double precision;
begin
	if claims is null then
		return 'null';
	end if;
	-- A string that is '' is absent: a JWT template that quotes a missing value renders ''.
	foreach name in array array['sub', 'sid', 'org_id', 'user_role', 'client_id'] loop
		if json_typeof(claims -> name) = 'string' and claims ->> name <> '' then
			reduced := reduced || jsonb_build_object(name, claims ->> name);
		end if;
	end loop;
	foreach name in array array['roles', 'permissions', 'entitlements', 'feature_flags'] loop
		claim := claims -> name;
		if json_typeof(claim) = 'array' then
			if not exists (select from json_array_elements(claim) e where json_typeof(e) <> 'string') then
				reduced := reduced || jsonb_build_object(name, array(select json_array_elements_text(claim)));
			end if;
		end if;
	end loop;
	if (claims -> 'scope') is not null then
		reduced := reduced || jsonb_build_object('scope', case when json_typeof(claims -> 'scope') = 'string' then claims ->> 'scope' else '' end);
	end if;
	claim := claims -> 'aud';
	if claim is not null then
		reduced := reduced || jsonb_build_object('aud', case when json_typeof(claim) = 'string' then json_build_array(claim) else '[]' end);
		if json_typeof(claim) = 'array' then
			if not exists (select from json_array_elements(claim) e where json_typeof(e) <> 'string') then
				reduced := reduced || jsonb_build_object('aud', array(select json_array_elements_text(claim)));
			end if;
		end if;
	end if;
	claim := claims -> 'act';
	if claim::text not in ('null', '""') then
		reduced := reduced || jsonb_build_object('act', case
			when json_typeof(claim) <> 'object' then '{}'
			when json_typeof(claim -> 'sub') = 'string' then jsonb_build_object('sub', claim ->> 'sub')
			else '{}' end);
	end if;
	-- NumericDates (RFC 7519, section 2). Numbers that are too large for a timestamptz only have to stay so.
	foreach name in array array['iat', 'exp', 'nbf', 'auth_time'] loop
		claim := claims -> name;
		if json_typeof(claim) = 'number' then
			parts := regexp_match(claim::text, $q$^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)0*([0-9]*))?\Z$q$);
			digits := ltrim(parts[2] || coalesce(parts[3], ''), '0');
			magnitude := length(ltrim(parts[2], '0'))
				- case when parts[2] = '0' then length(coalesce(parts[3], '')) - length(digits) else 0 end
				+ case when length(parts[5]) > 9 then 999999999 else coalesce(nullif(parts[5], ''), '0')::numeric end
					* case parts[4] when '-' then -1 else 1 end;
			seconds := case
				when digits = '' or magnitude < -30 then '0'
				when magnitude > 30 then parts[1] || '1e30'
				else parts[1] || '0.' || left(digits, 800) || 'e' || magnitude
			end;
			reduced := reduced || jsonb_build_object(name, seconds);
		elsif claim is not null and name in ('exp', 'nbf') then
			return 'null';
		end if;
		if name = 'exp' and to_timestamp(least(greatest(seconds, 0), 99999999999)) <= statement_timestamp() - interval '30 seconds' and claim is not null
			or name = 'nbf' and to_timestamp(least(greatest(seconds, 0), 99999999999)) > statement_timestamp() + interval '30 seconds' and claim is not null
		then
			return 'null';
		end if;
	end loop;
	if of_session then
		if not (coalesce(reduced ->> 'sub', '') ^@ 'user_' and coalesce(reduced ->> 'sid', '') ^@ 'session_') or reduced ? 'scope' then
			return 'null';
		end if;
		-- Supabase and PostgREST use Postgres roles as values of the claim role.
		if reduced ->> 'user_role' = any (postgres_roles) then
			reduced := reduced - 'user_role';
		end if;
	end if;
	if getdatabaseencoding() <> 'UTF8' and replace(case
		when reads = 'user_role' and reduced ->> reads is null then case when jsonb_array_length(reduced -> 'roles') = 1 then reduced -> 'roles' end
		when reads = 'roles' then jsonb_build_array(reduced -> reads, reduced -> 'user_role')
		when reads = 'session' then jsonb_build_array(reduced -> 'sub', reduced -> 'sid', reduced -> 'org_id')
		else reduced -> reads end::text, $q$\\$q$, '') like $q$%\\u001a%$q$
	then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" holds a character that the encoding of the database lacks',
			hint = 'Remove such claims from the token, or use a database with the encoding UTF8.';
	end if;
	return reduced;
end $$;

-- This and the next two have a SET clause so that they do not become a part of the caller's plan.
create function @extschema@._workos_thorough(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return @extschema@._workos_reduced(@extschema@._workos_set_claims(), of_session, reads);

-- The current claims, whatever the directory says of them.
create function @extschema@._workos_undecided(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe
	return coalesce(@extschema@._workos_quick(of_session, null, null), @extschema@._workos_thorough(of_session, reads));

@include portable/decided.sql@

-- Would the cast to jsonb succeed? Only a number can be outside the range of jsonb: at most 131072 digits before
-- the decimal point and 16383 after it.
create function @extschema@._workos_fits_jsonb(claims json) returns boolean
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	numbers text;
begin
	if claims is null then
		return true;
	end if;
	if getdatabaseencoding() <> 'UTF8' and replace(claims::text, $q$\\$q$, '') like $q$%\\u001a%$q$ then
		return false;
	end if;
	if current_setting('server_version_num')::int >= 160000 then
		return pg_input_is_valid(claims::text, 'jsonb');
	end if;
	numbers := regexp_replace(claims::text, $q$"(?:[^"\\]|\\.)*"$q$, '', 'g');
	if length(numbers) < 16000 and numbers !~ '[eE][+-]?[0-9]{4}' then
		return true;
	end if;
	return not exists (
		select from regexp_matches(numbers, $q$([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)0*([0-9]*))?$q$, 'g') as part,
			coalesce(part[2], '') as fraction,
			ltrim(part[1] || fraction, '0') as digits,
			cast(left(coalesce(part[3], '') || coalesce(nullif(part[4], ''), '0'), 11) as numeric) as exponent
		where length(fraction) - exponent > 16383
			or abs(exponent) >= 1073741823
			or digits <> '' and length(digits) - length(fraction) + exponent > 131072);
end $$;

create function @extschema@._workos_whole(claims json, fits boolean) returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if not fits then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" holds a value that jsonb cannot represent',
			hint = 'A number is out of range, or a value is nested too deeply. Read single claims with workos_claim().';
	end if;
	return claims;
end $$;

-- Called where _workos_odd() is an object, so these do not ask again whether the session counts.
create function @extschema@._workos_odd_claims() returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return case jsonb_typeof(@extschema@._workos_reduced(@extschema@._workos_set_claims(), false, null))
		when 'object' then @extschema@._workos_whole(@extschema@._workos_set_claims(), @extschema@._workos_fits_jsonb(@extschema@._workos_set_claims()))
		else 'null' end;

create function @extschema@._workos_one(claims json, name text) returns text
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if getdatabaseencoding() <> 'UTF8' and replace((claims -> name)::text, $q$\\$q$, '') like $q$%\\u001a%$q$ then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" holds a character that the encoding of the database lacks',
			hint = 'Remove such claims from the token, or use a database with the encoding UTF8.';
	end if;
	return nullif(claims ->> name, '');
end $$;

create function @extschema@._workos_odd_claim(name text) returns text
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return case jsonb_typeof(@extschema@._workos_reduced(@extschema@._workos_set_claims(), false, null))
		when 'object' then @extschema@._workos_one(@extschema@._workos_set_claims(), name) end;

-- either way

create function @extschema@._workos_kind(claims jsonb) returns text
	language plpgsql immutable parallel safe as $$
begin
	return case
		when (pg_catalog.jsonb_typeof(claims) operator(pg_catalog.=) 'object') is not true then null
		when pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sid', 'widget_session_') then 'widget'
		when pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sub', 'client_') then 'application'
		when pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sub', 'user_') is not true then 'other'
		when claims operator(pg_catalog.?) 'scope' then 'oauth'
		when pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sid', 'session_') then 'session'
		when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'sid') operator(pg_catalog.=) 'string' and claims operator(pg_catalog.->>) 'sid' operator(pg_catalog.<>) '' then 'oauth'
		else 'other' -- an ID token has no sid
	end;
end $$;

-- For workos_doctor().
create function @extschema@._workos_kind(claims json) returns text
	language sql immutable parallel safe
	return @extschema@._workos_kind(claims::jsonb);

create function @extschema@._workos_application(claims jsonb, name text) returns text
	language plpgsql immutable parallel safe as $$
begin
	return case
		when pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sid', 'widget_session_') then null
		when pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sub', 'client_')
			and pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) name) operator(pg_catalog.=) 'string'
			and claims operator(pg_catalog.->>) name operator(pg_catalog.<>) ''
		then claims operator(pg_catalog.->>) name
	end;
end $$;

-- The session, if this list of it has the element; else NULL. A list that is not an array of strings only is absent.
-- The role of the user counts as one of the roles.
create function @extschema@._workos_with(session jsonb, list text, element text) returns jsonb
	language plpgsql immutable parallel safe as $$
begin
	return case when
		pg_catalog.jsonb_typeof(session operator(pg_catalog.->) list) operator(pg_catalog.=) 'array'
			and session operator(pg_catalog.->) list operator(pg_catalog.?) element
			and not pg_catalog.jsonb_path_exists(session operator(pg_catalog.->) list, 'strict $[*] ? (@.type() != "string")'::pg_catalog.jsonpath)
		or list operator(pg_catalog.=) 'roles' and session operator(pg_catalog.->>) 'user_role' operator(pg_catalog.=) element
		then session end;
end $$;

create function @extschema@._workos_list(session jsonb, name text) returns text[]
	language plpgsql immutable parallel safe as $$
declare
	list constant pg_catalog.jsonb := session operator(pg_catalog.->) name;
	strings pg_catalog.text[] := array[]::pg_catalog.text[];
begin
	if pg_catalog.jsonb_typeof(session) operator(pg_catalog.<>) 'object' then
		return null;
	elsif pg_catalog.jsonb_typeof(list) operator(pg_catalog.=) 'array' then
		if not pg_catalog.jsonb_path_exists(list, 'strict $[*] ? (@.type() != "string")'::pg_catalog.jsonpath) then
			if pg_catalog.strpos(list::pg_catalog.text, $q$\$q$) operator(pg_catalog.=) 0 then
				-- Without escapes, ["a", "b"] differs from the array literal {"a", "b"} only in the brackets.
				strings := ('{' operator(pg_catalog.||) pg_catalog.btrim(list::pg_catalog.text, '[]') operator(pg_catalog.||) '}')::pg_catalog.text[];
			else
				strings := array(select pg_catalog.jsonb_array_elements_text(list));
			end if;
		end if;
	end if;
	if name operator(pg_catalog.=) 'roles' and session operator(pg_catalog.->>) 'user_role' is not null
		and session operator(pg_catalog.->>) 'user_role' operator(pg_catalog.<>) all (strings)
	then
		strings := pg_catalog.array_append(strings, session operator(pg_catalog.->>) 'user_role');
	end if;
	return strings;
end $$;

-- The role in the organization: user_role, else the only element of roles.
create function @extschema@._workos_role(session jsonb) returns text
	language plpgsql immutable parallel safe as $$
begin
	return coalesce(session operator(pg_catalog.->>) 'user_role', case when pg_catalog.jsonb_typeof(session operator(pg_catalog.->) 'roles') operator(pg_catalog.=) 'array' then case when
		pg_catalog.jsonb_array_length(session operator(pg_catalog.->) 'roles') operator(pg_catalog.=) 1
		and pg_catalog.jsonb_typeof(session operator(pg_catalog.->) 'roles' operator(pg_catalog.->) 0) operator(pg_catalog.=) 'string'
		-- The last three are Postgres roles.
		and session operator(pg_catalog.->) 'roles' operator(pg_catalog.->>) 0 operator(pg_catalog.<>) all (array['', 'anon', 'authenticated', 'service_role'])
		then session operator(pg_catalog.->) 'roles' operator(pg_catalog.->>) 0 end end);
end $$;

-- A number that does not fit into a timestamptz becomes infinity or -infinity.
create function @extschema@._workos_instant(session jsonb, name text) returns timestamptz
	language plpgsql stable parallel safe as $$
declare
	number constant pg_catalog.numeric := case when pg_catalog.jsonb_typeof(session operator(pg_catalog.->) name) operator(pg_catalog.=) 'number' then (session operator(pg_catalog.->) name)::pg_catalog.numeric end;
	seconds constant pg_catalog.float8 := case
		when pg_catalog.abs(number) operator(pg_catalog.<) 1e-30 then 0
		when pg_catalog.abs(number) operator(pg_catalog.>) 1e30 then pg_catalog.sign(number) operator(pg_catalog.*) 1e30
		else number end;
begin
	return case
		when seconds operator(pg_catalog.<) '-210866803200' then '-infinity'
		when seconds operator(pg_catalog.>=) '9224318016000' then 'infinity'
		else pg_catalog.to_timestamp(seconds)
	end;
end $$;
