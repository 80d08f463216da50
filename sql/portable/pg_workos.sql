-- pg_workos, portable edition: the functions of the extension in SQL and PL/pgSQL, for Postgres 15 and up.
--
-- Run this file once, as a migration or with `psql -1 -v ON_ERROR_STOP=1 -f`, as any role that may create functions
-- in the schema "extensions"; no superuser, no extension, no library. It can be run again, by the same role. For
-- another schema, replace the word "extensions" by its name throughout. `uninstall.sql` beside this file takes
-- everything away again.
--
-- Supabase uses the schema "extensions" for software of others. Its roles may use that schema and find it in
-- their search_path, and its functions do not become endpoints, as functions in "public" do.
--
-- Functions whose name starts with an underscore are called by the other functions only.

-- No name below is looked up in the caller's search_path, because other roles may create objects in its schemas.
-- The last statement restores the search_path.
do $$
begin
	perform pg_catalog.set_config('pg_workos.search_path', pg_catalog.current_setting('search_path'), false);
end $$;
set search_path = pg_catalog, pg_temp;

-- Until the checks below have passed, nothing can be created, also where psql goes on after an error.
do $$
begin
	perform set_config('pg_workos.read_only', current_setting('default_transaction_read_only'), false);
	perform set_config('pg_workos.checked', 'nothing', false);
end $$;
set default_transaction_read_only = on;

do $$
begin
	if exists (select from pg_extension where extname = 'pg_workos') then
		raise exception using errcode = '55000', message = 'the extension pg_workos is installed here',
			hint = 'The extension has the same functions. Keep it, or drop it first.';
	end if;
	perform set_config('pg_workos.checked', 'the extension', false);
end $$;

-- The owner of a function, or of its schema, can replace the function. So all functions must belong to the role
-- that runs this file, and the schema must not belong to another ordinary role.
do $$
declare
	other record;
begin
	select n.nspname, n.nspowner::regrole as owner into other
		from pg_namespace n join pg_roles r on r.oid = n.nspowner, pg_database d
		where n.oid = to_regnamespace('extensions') and d.datname = current_database() and not r.rolsuper
			and r.rolname not in (current_user, 'pg_database_owner') and n.nspowner <> d.datdba;
	if found then
		raise exception using errcode = '42501', message = format('schema %I belongs to the role %s', other.nspname, other.owner),
			hint = format('That role could replace the functions. Run this file as %s, or give the schema to a role that you trust: ALTER SCHEMA %I OWNER TO ...', other.owner, other.nspname);
	end if;
	select p.oid::regprocedure as name, p.proowner::regrole as owner into other
		from pg_proc p join pg_roles r on r.oid = p.proowner
		where p.pronamespace = to_regnamespace('extensions') and p.proname = any ('{_workos_application,_workos_calls,_workos_checked,_workos_current,_workos_depth,_workos_fits_jsonb,_workos_instant,_workos_is_json,_workos_kind,_workos_list,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_ordinary,_workos_pieces,_workos_read_elsewhere,_workos_reduced,_workos_role,_workos_set_claims,_workos_well_formed,_workos_whole,_workos_with,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_doctor,workos_entitlements,workos_expires_at,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_protect,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]) and r.rolname <> current_user
		order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('function %s belongs to the role %s', other.name, other.owner),
			hint = format('That role could replace it. Run this file as %s if it is yours; else drop the function first.', other.owner);
	end if;
	if current_setting('pg_workos.checked') <> 'nothing' then
		perform set_config('pg_workos.checked', 'everything', false);
	end if;
end $$;

do $$
begin
	if current_setting('pg_workos.checked') = 'everything' then
		perform set_config('default_transaction_read_only', 'off', false);
	end if;
end $$;

do $$
begin
	if to_regnamespace('extensions') is null then
		create schema extensions;
		grant usage on schema extensions to public;
	end if;
	-- Functions that exist already keep their privileges, because an administrator may have changed them.
	perform set_config('pg_workos.there_before', coalesce(array_agg(p.oid)::text, '{}'), false)
		from pg_proc p where p.pronamespace = 'extensions'::regnamespace and p.proname = any ('{_workos_application,_workos_calls,_workos_checked,_workos_current,_workos_depth,_workos_fits_jsonb,_workos_instant,_workos_is_json,_workos_kind,_workos_list,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_ordinary,_workos_pieces,_workos_read_elsewhere,_workos_reduced,_workos_role,_workos_set_claims,_workos_well_formed,_workos_whole,_workos_with,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_doctor,workos_entitlements,workos_expires_at,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_protect,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]);
end $$;

-- Reading the claims.
--
-- Claims are read in one of two ways. `_workos_ordinary()` reads the claims that gateways set, in a few microseconds.
-- It answers only where it is certain. Everything else, such as malformed claims, goes the thorough way:
-- `_workos_odd()` and its like, which also raise the errors.
--
-- A body in standard SQL (RETURN) is bound to the functions that it calls when it is created. A body in PL/pgSQL finds
-- functions by name when it runs, so none of them calls a function of this file: where the schema is renamed, nobody
-- can put another function in the place of one of these.

-- the ordinary way

-- The current claims, if they are ordinary: those of any kind of token, or only of a session. JSON null if there are
-- none, and NULL if the claims are not ordinary.
create or replace function extensions._workos_ordinary(of_session boolean) returns jsonb
	language plpgsql stable parallel safe as $$
declare
	value constant pg_catalog.text := case
		when coalesce(pg_catalog.current_setting('workos.claims_source', true), '') operator(pg_catalog.=) any (array['', 'request'])
			and pg_catalog.getdatabaseencoding() operator(pg_catalog.=) 'UTF8'
		then coalesce(pg_catalog.current_setting('request.jwt.claims', true), '') end;
	claims pg_catalog.jsonb;
begin
	if value operator(pg_catalog.=) '' then
		return 'null'::pg_catalog.jsonb;
	elsif value is null or pg_catalog.octet_length(value) operator(pg_catalog.>) 16384 then
		return null;
	elsif pg_catalog.current_setting('server_version_num')::pg_catalog.int4 operator(pg_catalog.>=) 170000 then
		-- At most 256 levels.
		if pg_catalog.octet_length(value) operator(pg_catalog.-) pg_catalog.octet_length(pg_catalog.replace(pg_catalog.replace(value, '[', ''), '{', '')) operator(pg_catalog.<=) 256 then
			begin
				claims := value::pg_catalog.jsonb;
			exception when data_exception or program_limit_exceeded then
				return null;
			end;
		end if;
	-- Postgres 15 and 16 allow no exception block in a parallel plan. Of this form, every text is JSON, and jsonb can
	-- represent it: an object whose members are strings without escapes, numbers without exponent, true, false, null,
	-- lists of strings, and objects of such members except lists.
	elsif value operator(pg_catalog.~) $q$^\{(?:"[^"\\\x01-\x1f]*": ?(?:"[^"\\\x01-\x1f]*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null|\[(?:"[^"\\\x01-\x1f]*"(?:, ?"[^"\\\x01-\x1f]*")*)?\]|\{(?:"[^"\\\x01-\x1f]*": ?(?:"[^"\\\x01-\x1f]*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null)(?:, ?(?=")|(?=\})))*\})(?:, ?(?=")|\}\Z))+\Z$q$ then
		claims := value::pg_catalog.jsonb;
	end if;
	return case
		when (pg_catalog.jsonb_typeof(claims) operator(pg_catalog.=) 'object') is not true then null
		-- A time that is a whole number is compared with the clock here.
		when claims operator(pg_catalog.?) 'exp' and case
			when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'exp') operator(pg_catalog.=) 'number'
			then pg_catalog.scale((claims operator(pg_catalog.->) 'exp')::pg_catalog.numeric) operator(pg_catalog.>) 0 else true end then null
		when claims operator(pg_catalog.?) 'nbf' and case
			when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'nbf') operator(pg_catalog.=) 'number'
			then pg_catalog.scale((claims operator(pg_catalog.->) 'nbf')::pg_catalog.numeric) operator(pg_catalog.>) 0 else true end then null
		when (claims operator(pg_catalog.->) 'exp')::pg_catalog.numeric operator(pg_catalog.<=) (extract(epoch from pg_catalog.statement_timestamp()) operator(pg_catalog.-) 30)
			or (claims operator(pg_catalog.->) 'nbf')::pg_catalog.numeric operator(pg_catalog.>) (extract(epoch from pg_catalog.statement_timestamp()) operator(pg_catalog.+) 30) then 'null'::pg_catalog.jsonb
		when not of_session then claims
		when claims operator(pg_catalog.?) 'scope'
			or pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sub', 'user_') is not true
			or pg_catalog.starts_with(claims operator(pg_catalog.->>) 'sid', 'session_') is not true then 'null'::pg_catalog.jsonb
		-- Both are absent, or strings that can be returned as they are.
		when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'org_id') operator(pg_catalog.<>) 'string'
			or pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'user_role') operator(pg_catalog.<>) 'string'
			or claims operator(pg_catalog.->>) 'org_id' operator(pg_catalog.=) ''
			or claims operator(pg_catalog.->>) 'user_role' operator(pg_catalog.=) any (array['', 'anon', 'authenticated', 'service_role']) then null
		else claims
	end;
end $$;

-- the thorough way

-- The depth of nested objects and lists; NULL if the numbers of opening and closing brackets differ. The JSON
-- parser of Postgres is recursive, and fails when its stack is full.
create or replace function extensions._workos_depth(value text) returns int
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
create or replace function extensions._workos_is_json(value text) returns boolean
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
create or replace function extensions._workos_well_formed(value text) returns boolean
	language sql stable parallel safe
	return case
		when octet_length(value) <= 1048576 and coalesce(extensions._workos_depth(value), 0) <= 256
		then extensions._workos_depth(value) is not null and extensions._workos_is_json(value)
	end;

-- The setting as a claims object; NULL for an anonymous request. A string that Postgres cannot store makes the
-- whole text invalid. Otherwise one reader could skip the string and another could truncate it, and they would
-- see two different users.
create or replace function extensions._workos_checked(value text, well_formed boolean) returns json
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

create or replace function extensions._workos_set_claims() returns json
	language sql stable parallel safe
	return extensions._workos_checked(current_setting('request.jwt.claims', true), extensions._workos_well_formed(current_setting('request.jwt.claims', true)));

-- The claims that the functions below read, each with the type that it should have or absent, if the claims are in
-- force (RFC 7519, sections 4.1.4 and 4.1.5) and, where only a session is wanted, of a session. Else JSON null.
-- `reads` names a claim that will be returned: it must not hold a character that the encoding of the database lacks.
create or replace function extensions._workos_reduced(claims json, of_session boolean, reads text) returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
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
	foreach name in array array['sub', 'sid', 'org_id', 'user_role'] loop
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
		reduced := reduced || '{"scope": true}';
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
		else reduced -> reads end::text, $q$\\$q$, '') like $q$%\\u001a%$q$
	then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" holds a character that the encoding of the database lacks',
			hint = 'Remove such claims from the token, or use a database with the encoding UTF8.';
	end if;
	return reduced;
end $$;

-- This and the next two have a SET clause so that they do not become a part of the caller's plan.
create or replace function extensions._workos_odd(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return extensions._workos_reduced(extensions._workos_set_claims(), of_session, reads);

-- Would the cast to jsonb succeed? Only a number can be outside the range of jsonb: at most 131072 digits before
-- the decimal point and 16383 after it.
create or replace function extensions._workos_fits_jsonb(claims json) returns boolean
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

create or replace function extensions._workos_whole(claims json, fits boolean) returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if not fits then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" holds a value that jsonb cannot represent',
			hint = 'A number is out of range, or a value is nested too deeply. Read single claims with workos_claim().';
	end if;
	return claims;
end $$;

create or replace function extensions._workos_odd_claims() returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return case jsonb_typeof(extensions._workos_reduced(extensions._workos_set_claims(), false, null))
		when 'object' then extensions._workos_whole(extensions._workos_set_claims(), extensions._workos_fits_jsonb(extensions._workos_set_claims()))
		else 'null' end;

create or replace function extensions._workos_one(claims json, name text) returns text
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if getdatabaseencoding() <> 'UTF8' and replace((claims -> name)::text, $q$\\$q$, '') like $q$%\\u001a%$q$ then
		raise exception using errcode = '22023', message = 'setting "request.jwt.claims" holds a character that the encoding of the database lacks',
			hint = 'Remove such claims from the token, or use a database with the encoding UTF8.';
	end if;
	return nullif(claims ->> name, '');
end $$;

create or replace function extensions._workos_odd_claim(name text) returns text
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return case jsonb_typeof(extensions._workos_reduced(extensions._workos_set_claims(), false, null))
		when 'object' then extensions._workos_one(extensions._workos_set_claims(), name) end;

-- either way

create or replace function extensions._workos_current(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe
	return coalesce(extensions._workos_ordinary(of_session), extensions._workos_odd(of_session, reads));

create or replace function extensions._workos_kind(claims jsonb) returns text
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
create or replace function extensions._workos_kind(claims json) returns text
	language sql immutable parallel safe
	return extensions._workos_kind(claims::jsonb);

create or replace function extensions._workos_application(claims jsonb, name text) returns text
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
create or replace function extensions._workos_with(session jsonb, list text, element text) returns jsonb
	language plpgsql immutable parallel safe as $$
begin
	return case when
		pg_catalog.jsonb_typeof(session operator(pg_catalog.->) list) operator(pg_catalog.=) 'array'
			and session operator(pg_catalog.->) list operator(pg_catalog.?) element
			and not pg_catalog.jsonb_path_exists(session operator(pg_catalog.->) list, 'strict $[*] ? (@.type() != "string")'::pg_catalog.jsonpath)
		or list operator(pg_catalog.=) 'roles' and session operator(pg_catalog.->>) 'user_role' operator(pg_catalog.=) element
		then session end;
end $$;

create or replace function extensions._workos_list(session jsonb, name text) returns text[]
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
create or replace function extensions._workos_role(session jsonb) returns text
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
create or replace function extensions._workos_instant(session jsonb, name text) returns timestamptz
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

-- user and organization: NULL without a session, or if the claim is absent

create or replace function extensions.workos_user_id() returns text
	language sql stable parallel safe
	return extensions._workos_current(true, 'sub') ->> 'sub';

create or replace function extensions.workos_session_id() returns text
	language sql stable parallel safe
	return extensions._workos_current(true, 'sid') ->> 'sid';

create or replace function extensions.workos_org_id() returns text
	language sql stable parallel safe
	return extensions._workos_current(true, 'org_id') ->> 'org_id';

create or replace function extensions.workos_user_role() returns text
	language sql stable parallel safe
	return extensions._workos_role(extensions._workos_current(true, 'user_role'));

create or replace function extensions.workos_user_roles() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(extensions._workos_current(true, 'roles'), 'roles');

create or replace function extensions.workos_permissions() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(extensions._workos_current(true, 'permissions'), 'permissions');

create or replace function extensions.workos_entitlements() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(extensions._workos_current(true, 'entitlements'), 'entitlements');

create or replace function extensions.workos_feature_flags() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(extensions._workos_current(true, 'feature_flags'), 'feature_flags');

create or replace function extensions.workos_impersonator() returns text
	language sql stable parallel safe
	return jsonb_path_query_first(extensions._workos_current(true, 'act'), 'strict $.act.sub ? (@.type() == "string" && @ != "")', '{}', true) #>> '{}';

create or replace function extensions.workos_issued_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(extensions._workos_current(true, null), 'iat');

create or replace function extensions.workos_expires_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(extensions._workos_current(true, null), 'exp');

create or replace function extensions.workos_authenticated_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(extensions._workos_current(true, null), 'auth_time');

-- any kind of token

create or replace function extensions.workos_claims() returns jsonb
	language sql stable parallel safe
	return nullif(coalesce(extensions._workos_ordinary(false), extensions._workos_odd_claims()), 'null');

create or replace function extensions.workos_claim(name text) returns text
	language sql stable parallel safe
	return case when name is not null then
		case jsonb_typeof(extensions._workos_ordinary(false))
			when 'object' then nullif(current_setting('request.jwt.claims', true)::json ->> name, '')
			when 'null' then null
			else extensions._workos_odd_claim(name)
		end end;

create or replace function extensions.workos_token_kind() returns text
	language sql stable parallel safe
	return extensions._workos_kind(extensions._workos_current(false, null));

create or replace function extensions.workos_application_id() returns text
	language sql stable parallel safe
	return extensions._workos_application(extensions._workos_current(false, 'sub'), 'sub');

create or replace function extensions.workos_application_org_id() returns text
	language sql stable parallel safe
	return extensions._workos_application(extensions._workos_current(false, 'org_id'), 'org_id');

-- checks: never NULL, except workos_is_member(NULL); a NULL argument gives false

create or replace function extensions.workos_is_authenticated() returns boolean
	language sql stable parallel safe
	return jsonb_typeof(extensions._workos_current(true, null)) = 'object';

create or replace function extensions.workos_is_member(org_id text) returns boolean
	language sql stable parallel safe
	return org_id = extensions.workos_org_id();

create or replace function extensions.workos_has_role(role text) returns boolean
	language sql stable parallel safe
	return case when role is null then false else extensions._workos_with(extensions._workos_current(true, null), 'roles', role) is not null end;

create or replace function extensions.workos_has_any_role(variadic roles text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic roles) > 0 then coalesce(roles && extensions._workos_list(extensions._workos_current(true, null), 'roles'), false) else false end;

create or replace function extensions.workos_has_permission(permission text) returns boolean
	language sql stable parallel safe
	return case when permission is null then false else extensions._workos_with(extensions._workos_current(true, null), 'permissions', permission) is not null end;

create or replace function extensions.workos_has_any_permission(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic permissions) > 0 then coalesce(permissions && extensions._workos_list(extensions._workos_current(true, null), 'permissions'), false) else false end;

create or replace function extensions.workos_has_all_permissions(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic permissions) > 0 and num_nulls(variadic permissions) = 0
		then coalesce(permissions <@ extensions._workos_list(extensions._workos_current(true, null), 'permissions'), false) else false end;

create or replace function extensions.workos_has_entitlement(entitlement text) returns boolean
	language sql stable parallel safe
	return case when entitlement is null then false else extensions._workos_with(extensions._workos_current(true, null), 'entitlements', entitlement) is not null end;

create or replace function extensions.workos_has_feature_flag(flag text) returns boolean
	language sql stable parallel safe
	return case when flag is null then false else extensions._workos_with(extensions._workos_current(true, null), 'feature_flags', flag) is not null end;

-- A claim act of any shape means that another person acts as the user.
create or replace function extensions.workos_is_impersonated() returns boolean
	language sql stable parallel safe
	return coalesce(extensions._workos_current(true, null) -> 'act' not in ('null', '""'), false);

create or replace function extensions.workos_authenticated_within(max_age interval) returns boolean
	language sql stable parallel safe
	return case when max_age >= interval '0' then coalesce(extensions.workos_authenticated_at()
		<@ tstzrange(statement_timestamp() - max_age, statement_timestamp() + interval '30 seconds', '[]'), false) else false end;

-- gates: one indexable comparison that also checks

create or replace function extensions.workos_org_with_permission(permission text) returns text
	language sql stable parallel safe
	return case when permission is not null then extensions._workos_with(extensions._workos_current(true, 'org_id'), 'permissions', permission) ->> 'org_id' end;

create or replace function extensions.workos_org_with_role(role text) returns text
	language sql stable parallel safe
	return case when role is not null then extensions._workos_with(extensions._workos_current(true, 'org_id'), 'roles', role) ->> 'org_id' end;

-- descriptions of the helpers, which psql's \df+ shows

comment on function extensions.workos_user_id() is
	'id of the signed-in user: claim sub';
comment on function extensions.workos_session_id() is
	'id of the session: claim sid';
comment on function extensions.workos_org_id() is
	'id of the selected organization: claim org_id';
comment on function extensions.workos_user_role() is
	'role in the organization: claim user_role, else the only element of roles, else claim role of a token that this extension has verified';
comment on function extensions.workos_user_roles() is
	'roles in the organization: claim roles, and workos_user_role(); empty when there are none';
comment on function extensions.workos_permissions() is
	'permissions in the organization: claim permissions; empty when there are none';
comment on function extensions.workos_entitlements() is
	'entitlements of the organization: claim entitlements; empty when there are none';
comment on function extensions.workos_feature_flags() is
	'feature flags: claim feature_flags; empty when there are none';
comment on function extensions.workos_impersonator() is
	'e-mail of the dashboard user who impersonates the user: claim act.sub';
comment on function extensions.workos_issued_at() is
	'when the token was issued: claim iat';
comment on function extensions.workos_expires_at() is
	'when the token expires: claim exp';
comment on function extensions.workos_authenticated_at() is
	'when the user last signed in actively: claim auth_time';
comment on function extensions.workos_claims() is
	'all current claims, unchanged, of any kind of token; NULL for an anonymous request';
comment on function extensions.workos_claim(text) is
	'one top-level claim of any kind of token: a string unquoted, anything else as JSON text; NULL when absent, null or empty';
comment on function extensions.workos_token_kind() is
	'kind of the token: session, application, oauth, widget or other; NULL for an anonymous request';
comment on function extensions.workos_application_id() is
	'id of the application: claim sub of a machine-to-machine token; NULL for other kinds';
comment on function extensions.workos_application_org_id() is
	'organization of the application: claim org_id of a machine-to-machine token; NULL for other kinds';
comment on function extensions.workos_is_authenticated() is
	'true when a user is signed in';
comment on function extensions.workos_is_member(text) is
	'true when the selected organization is this one; inlined, so an index on the column is used; NULL if the argument is NULL';
comment on function extensions.workos_has_role(text) is
	'true when the role is among workos_user_roles()';
comment on function extensions.workos_has_any_role(text[]) is
	'true when one of the roles is among workos_user_roles()';
comment on function extensions.workos_has_permission(text) is
	'true when the permission is among workos_permissions(); * is a literal character';
comment on function extensions.workos_has_any_permission(text[]) is
	'true when one of the permissions is among workos_permissions()';
comment on function extensions.workos_has_all_permissions(text[]) is
	'true when each of the permissions is among workos_permissions(); false for an empty array';
comment on function extensions.workos_has_entitlement(text) is
	'true when the entitlement is among workos_entitlements()';
comment on function extensions.workos_has_feature_flag(text) is
	'true when the flag is among workos_feature_flags()';
comment on function extensions.workos_is_impersonated() is
	'true when another person acts as the user: there is a claim act';
comment on function extensions.workos_authenticated_within(interval) is
	'true when the user signed in actively within this interval before the statement; an auth_time up to 30 seconds ahead of the clock of the server is accepted as now';
comment on function extensions.workos_org_with_permission(text) is
	'id of the selected organization if the session has the permission there, else NULL';
comment on function extensions.workos_org_with_role(text) is
	'id of the selected organization if the session has the role there, else NULL';

-- diagnosis: the same text in both editions

create or replace function extensions.workos_doctor(out check_name text, out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	template constant text := 'In the WorkOS dashboard, under Authentication, give the JWT template the line {"role": "authenticated", "user_role": {{organization_membership.role}}}.';
	-- The portable edition does not verify tokens and has no trusted issuers.
	native constant boolean := exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = 'extensions'::regnamespace);
	issuers constant oid := (select c.oid from pg_class c where c.relnamespace = 'extensions'::regnamespace and c.relname = 'workos_issuers');
	by_token boolean := false;
	claims jsonb;
	sub text;
	sid text;
	kind text;
	ends timestamptz;
	begins timestamptz;
	own text;
	trusted bigint; -- the number of trusted issuers, if the caller may read them
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('extensions')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	check_name := 'claims';
	status := null;
	begin
		perform extensions.workos_token_kind();
	exception when invalid_parameter_value or invalid_authorization_specification or object_not_in_prerequisite_state then
		get stacked diagnostics detail = message_text, remedy = pg_exception_hint;
		status := 'problem';
	end;
	-- The call above loads the library, which drops a value that the client may not set.
	by_token := native and coalesce(current_setting('workos.claims_source', true) = 'token', false);
	begin
		if status = 'problem' then
			null;
		elsif by_token then
			claims := extensions.workos_claims();
			status := case when claims is null then 'problem' else 'ok' end;
			detail := case when claims is null then 'There is no token in workos.access_token, or the token has expired. The request is anonymous.' else 'The claims are those of a token that the extension has verified.' end;
			remedy := case when claims is null then 'Call workos_authenticate(token) in the transaction, with a new token. The setting request.jwt.claims is ignored here.' end;
		elsif setting is null then
			status := 'problem';
			detail := 'The setting request.jwt.claims is empty. The request is anonymous, and every function returns NULL or false.';
			remedy := 'Send the request through a gateway that verifies the token and sets the claims, such as the Supabase Data API, with the WorkOS access token. In psql: begin; select set_config(''request.jwt.claims'', ''{"sid": "session_1", "sub": "user_1", "org_id": "org_1"}'', true);';
		else
			claims := setting;
			claims := nullif(claims, 'null');
			status := case when claims is null then 'problem' else 'ok' end;
			detail := case when claims is null then 'The setting request.jwt.claims holds null. The request is anonymous.' else 'The setting request.jwt.claims holds a JSON object.' end;
			remedy := case when claims is null then 'Sign in, and send the access token with the request.' end;
		end if;
	exception when others then -- The message of jsonb would repeat a part of the claims.
		status := 'problem';
		detail := 'The claims hold a number that is out of range, or are nested too deeply.';
		remedy := 'Remove such values from the JWT template.';
	end;
	return next;

	if native then
		execute 'select extensions.workos_library_version()' into own;
		if own <> (select extversion from pg_extension where extname = 'pg_workos') then
			check_name := 'version';
			status := 'problem';
			detail := format('The library has version %s, but the SQL functions have another version.', own);
			remedy := 'ALTER EXTENSION pg_workos UPDATE; then connect again.';
			return next;
		end if;
	end if;
	if native and has_table_privilege(issuers, 'select') then
		-- The row "*" is not an issuer. It means that claims of any issuer are accepted.
		execute 'select count(*) from extensions.workos_issuers where issuer <> ''*''' into trusted;
	end if;
	if by_token and trusted = 0 then
		check_name := 'keys';
		status := 'problem';
		detail := 'No issuer is trusted, so no token can be verified.';
		remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks).';
		return next;
	end if;

	-- If this is the first statement of the transaction, no earlier one can have set the claims for it alone.
	check_name := 'lifetime';
	if setting is not null and not by_token and statement_timestamp() = transaction_timestamp() then
		status := 'warning';
		detail := 'The claims were set before this transaction began. They seem to be set for the whole session. In a connection pool, the next client would run with them.';
		remedy := 'Set them with set_config(''request.jwt.claims'', claims, true) inside a transaction, and clear them with RESET request.jwt.claims or ALTER ROLE ... RESET.';
	else
		status := 'ok';
		detail := 'The claims, if there are any, are set for this transaction only.';
		remedy := null;
	end if;
	return next;

	check_name := 'policies apply';
	if (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user) then
		status := 'warning';
		detail := format('Row security does not apply to the role %I, which is a superuser or has BYPASSRLS. This role sees every row.', current_user);
		remedy := 'Test policies as another role: set local role authenticated;';
	else
		-- Only the first five are named.
		select string_agg(case when t.n <= 5 then t.name else '...' end, ', ' order by t.n) into own from (
			select c.oid::regclass::text as name, row_number() over (order by c.oid::regclass::text) as n from pg_class c
			where c.relrowsecurity and not c.relforcerowsecurity and pg_has_role(current_user, c.relowner, 'usage')) t
			where t.n <= 6;
		status := 'ok';
		detail := format('Row security applies to the role %I.', current_user);
		remedy := null;
		if own is not null then
			status := 'warning';
			detail := format('Row security does not apply to the owner of a table, and %I has the rights of the owner of %s.', current_user, own);
			remedy := 'ALTER TABLE ... FORCE ROW LEVEL SECURITY, or test policies as another role.';
		end if;
	end if;
	return next;

	if claims is null then
		return;
	end if;
	-- The checks below also examine claims that are expired or otherwise ignored.
	sub := coalesce(case jsonb_typeof(claims -> 'sub') when 'string' then claims ->> 'sub' end, '');
	sid := coalesce(case jsonb_typeof(claims -> 'sid') when 'string' then claims ->> 'sid' end, '');
	kind := extensions._workos_kind(claims::json);

	check_name := 'token';
	status := case kind when 'session' then 'ok' else 'problem' end;
	remedy := 'Send the access token of the WorkOS session: accessToken: () => authkit.getAccessToken().';
	case
		when kind = 'session' then
			detail := 'The claims are those of a user session.';
			remedy := null;
		when kind = 'application' then
			detail := 'This is a machine-to-machine token, not the token of a user: sub is a client id.';
			remedy := 'Machine-to-machine tokens have no membership. Allow them by client id in a policy, with workos_application_id() and workos_application_org_id().';
		when kind = 'widget' then
			detail := 'The token is for WorkOS widgets. It gives no user identity here.';
		when kind = 'oauth' then
			detail := 'The token was issued to an application that acts for a user: it has a claim scope, or its sid is not the id of a session. It gives no user identity here.';
		when sub ^@ 'user_' then
			detail := 'The claim sid is missing or empty. This seems to be an ID token, which gives no user identity here.';
			remedy := 'Send the access token of the WorkOS session, not the ID token: accessToken: () => authkit.getAccessToken(). Claims that you write by hand need a sid, such as session_1.';
		when sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
			detail := 'The token comes from Supabase Auth: sub is a UUID, not the id of a WorkOS user.';
			remedy := 'Add WorkOS under Authentication, Third-party auth, and give the client accessToken: () => authkit.getAccessToken().';
		when not claims ? 'sub' and claims ->> 'role' = 'anon' then
			detail := 'The request has no access token. The claims are those of an anonymous request.';
		else
			detail := 'WorkOS did not issue this token: sub is not the id of a WorkOS user.';
	end case;
	return next;

	check_name := 'time';
	status := 'problem';
	remedy := 'Let the client refresh the token before it sends it, and check the clocks of both machines.';
	-- Numbers beyond the range of dates are replaced by a very early or a very late date.
	ends := case when jsonb_typeof(claims -> 'exp') = 'number' then to_timestamp(least(greatest((claims ->> 'exp')::numeric, 0), 99999999999)::double precision) end;
	begins := case when jsonb_typeof(claims -> 'nbf') = 'number' then to_timestamp(least(greatest((claims ->> 'nbf')::numeric, 0), 99999999999)::double precision) end;
	if claims ? 'exp' and ends is null or claims ? 'nbf' and begins is null then
		detail := 'The claim exp or nbf is not a number, so the claims are ignored.';
		remedy := 'Remove exp and nbf from the JWT template.';
	elsif ends <= statement_timestamp() - interval '30 seconds' then
		detail := format('The token expired %s ago. The request is treated as anonymous.', date_trunc('second', statement_timestamp() - ends));
	elsif begins > statement_timestamp() + interval '30 seconds' then
		detail := format('The token is not valid yet. It becomes valid in %s.', date_trunc('second', begins - statement_timestamp()));
	else
		status := 'ok';
		detail := 'The claims are valid at this time.';
		remedy := null;
	end if;
	return next;

	check_name := 'issuer';
	if status = 'ok' then
		if not native then
			detail := 'The gateway alone decides which issuers are accepted.';
		elsif extensions.workos_token_kind() is not null then
			detail := 'The issuer of the claims is trusted, or any issuer is accepted.';
		else
			status := 'problem';
			detail := 'The claims are valid at this time, but ' || case
				when trusted = 0 then 'no issuer is trusted. Perhaps the trusted issuers were left out of a restore'
				when trusted > 0 then 'their issuer is not a trusted issuer'
				else 'their issuer is not a trusted issuer, or no issuer is trusted'
				end || '. The request is treated as anonymous.';
			remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks), with the claim iss of these tokens and the keys of that issuer. If a gateway verifies all tokens, and any issuer may be accepted: select workos_trust_any_issuer().';
		end if;
		return next;
	end if;

	if kind <> 'session' then
		return;
	end if;

	check_name := 'postgres role';
	status := 'problem';
	remedy := template;
	if by_token then
		status := 'ok';
		detail := 'The Postgres role is that of the connection. The token does not choose it.';
		remedy := null;
	elsif claims ->> 'role' = 'authenticated' and current_user <> 'anon' then
		status := 'ok';
		detail := 'The claim role is authenticated, as Supabase requires.';
		remedy := null;
	elsif claims ->> 'role' = 'anon' or current_user = 'anon' then
		detail := 'The user is signed in, but Supabase treats the request as anon: the token does not name the Postgres role authenticated. Policies TO authenticated do not apply.';
	elsif coalesce(claims ->> 'role', '') = '' then
		detail := 'The token has no claim role, and Supabase chooses the Postgres role by that claim. The JWT template seems to be missing.';
		status := 'warning';
	else
		detail := 'The claim role is not authenticated. It seems to hold the role in WorkOS, and Supabase would look for a Postgres role of that name.';
	end if;
	return next;

	check_name := 'organization';
	status := 'ok';
	detail := 'An organization is selected.';
	remedy := null;
	if jsonb_typeof(claims -> 'org_id') is distinct from 'string' or claims ->> 'org_id' = '' then
		status := 'problem';
		detail := 'The token names no organization, so workos_org_id() is NULL, and there are no roles or permissions.';
		remedy := 'Let the user select one: switchToOrganization({ organizationId }) in AuthKit, or organization_id when the session is refreshed.';
	end if;
	return next;

	check_name := 'user role';
	status := 'problem';
	remedy := template;
	if claims ->> 'user_role' = '' then
		detail := 'The claim user_role is empty: the JWT template puts quotes around {{organization_membership.role}}, or the user has no role.';
	elsif claims ->> 'user_role' in ('anon', 'authenticated', 'service_role') then
		detail := 'The claim user_role names a Postgres role, not the role in WorkOS.';
	elsif jsonb_typeof(claims -> 'user_role') not in ('string', 'null') then
		detail := 'The claim user_role is not a string.';
	elsif claims ->> 'user_role' <> '' or jsonb_typeof(claims -> 'roles') = 'array' and jsonb_array_length(claims -> 'roles') > 0
			or extensions.workos_user_role() is not null then -- the claim role of a verified token
		status := 'ok';
		detail := 'The token holds the role of the user.';
		remedy := null;
	else
		status := 'warning';
		detail := 'The token has neither user_role nor roles, so workos_user_role() is NULL.';
	end if;
	return next;
end $$;
comment on function extensions.workos_doctor() is
	'why do I see no rows? What is wrong with the claims of this transaction, and what to do';

-- Splits an expression, as Postgres prints it, into pieces: string literals, qualified names, numbers, operators
-- and single characters, each with the white space after it. Joined, the pieces give the expression again.
create or replace function extensions._workos_pieces(expression text) returns text[]
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	name constant text := '(?:"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*)';
	pattern constant text := format($re$((?:'(?:[^']|'')*'|%1$s(?:\.%1$s)*|[0-9][0-9A-Za-z.]*|::|[-+*/<>=~!@#%%^&|?`]+|.)\s*)$re$, name);
begin
	return array(select m[1] from regexp_matches(expression, pattern, 'g') with ordinality r(m, n) order by n);
end $$;

-- Finds the calls of some functions in an expression, by the numbers of the pieces where they start and stop.
-- The result of a function in helpers depends only on its arguments and on the statement.
--
-- term_start, term_stop: the call, or the sub-select that consists of the call only.
-- compared: the column that the call is compared with, if an index can evaluate the comparison.
-- constant: the arguments do not depend on the row.
-- once: the call is in a sub-select that does not depend on the row, so it runs once.
-- source: the call is in FROM.
create or replace function extensions._workos_calls(pieces text[], helpers text[], others text[], out name text, out start int, out stop int, out term_start int, out term_stop int, out arguments text, out compared text, out constant boolean, out once boolean, out source boolean) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	column_name constant text := '^(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)$';
	tokens constant text[] := array(select rtrim(p, e' \t\r\n') from unnest(pieces) with ordinality u(p, n) order by n);
	token text;
	before text := '';
	in_type boolean := false; -- The token is part of a type name, which can have several words.
	parens int := 1; -- The first pair encloses the whole expression.
	here int := 1; -- the innermost open one
	-- for each pair of parentheses, by number
	around int[] := '{1}';
	opened int[] := '{0}';
	closed int[] := '{0}';
	varies boolean[] := '{false}'; -- It depends on the row, or may depend on it.
	selects boolean[] := '{false}'; -- It is a sub-select.
	conjunct boolean[] := '{true}'; -- It is at a place where a whole condition, or conditions joined by AND, can be.
	mixed boolean[] := '{false}'; -- It contains more than calls and conditions joined by AND.
	runs_once boolean[] := '{false}';
begin
	for i in 1 .. cardinality(tokens) loop
		token := tokens[i];
		in_type := before = '::' or in_type and token ~ '^[a-z]+$';
		if token = '(' then
			parens := parens + 1;
			around[parens] := here;
			opened[parens] := i;
			varies[parens] := false;
			selects[parens] := false;
			conjunct[parens] := before in ('', '(', 'AND');
			mixed[parens] := false;
			here := parens;
		elsif token = ')' then
			closed[here] := i;
			varies[around[here]] := varies[around[here]] or varies[here];
			here := around[here];
		elsif token = any (helpers) and pieces[i + 1] ^@ '(' then
			null;
		elsif token <> 'AND' then
			mixed[here] := true;
			varies[here] := varies[here] or case
				when in_type then token !~ '^[a-z0-9_]+$' -- The cast may depend on anything.
				when token ~ '^[A-Z]' then token in ('COLLATE', 'WITH') or token = 'FROM' and not (before = 'DISTINCT' and tokens[i - 2] in ('IS', 'NOT'))
				when token ~ '^["a-z_]' then before <> 'AS' and token not in ('true', 'false')
				else false
			end;
			selects[here] := selects[here] or token = 'SELECT';
		end if;
		before := token;
	end loop;
	for p in 2 .. parens loop
		runs_once[p] := runs_once[around[p]] or selects[p] and not varies[p];
		conjunct[p] := conjunct[p] and conjunct[around[p]] and not mixed[around[p]];
		start := opened[p] - 1;
		name := tokens[start];
		if (name = any (helpers) or name = any (others)) and pieces[start] = name then
			stop := closed[p];
			term_start := start;
			term_stop := stop;
			if concat(tokens[start - 2], tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(SELECTAS)' then
				term_start := start - 2;
				term_stop := stop + 3;
			end if;
			arguments := coalesce((select string_agg(pieces[i], '' order by i) from generate_series(start + 2, stop - 1) i), '');
			constant := not varies[p];
			once := runs_once[p];
			source := coalesce(tokens[stop + 1] ~ '^(?:["a-z_]|WITH$)' or tokens[opened[around[p]] - 1] = 'FROM', false);
			compared := null;
			if name ^@ 'extensions.workos_is_member' then
				if conjunct[around[p]] and not mixed[around[p]] then
					compared := case
						when stop = start + 3 then tokens[start + 2]
						when concat(tokens[start + 2], tokens[start + 4], tokens[start + 5], tokens[start + 6]) = '()::text' and stop = start + 7 then tokens[start + 3]
					end;
				end if;
			elsif conjunct[around[p]] then
				compared := case
					when concat(tokens[start - 3], tokens[start - 1], tokens[stop + 1]) = '(=)' then tokens[start - 2]
					when concat(tokens[start - 7], tokens[start - 6], tokens[start - 4], tokens[start - 3], tokens[start - 2], tokens[start - 1], tokens[stop + 1]) = '(()::text=)' then tokens[start - 5]
					when concat(tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(=)' then tokens[stop + 2]
					when concat(tokens[start - 1], tokens[stop + 1], tokens[stop + 2], tokens[stop + 4], tokens[stop + 5], tokens[stop + 6], tokens[stop + 7]) = '(=()::text)' then tokens[stop + 3]
				end;
			end if;
			compared := case when compared ~ column_name then compared end;
			return next;
		end if;
	end loop;
end $$;

-- Does a policy of another table, a view or a function read the table? Then hiding rows of the table could show
-- more rows elsewhere, for example with NOT EXISTS. Functions whose body is a string are not found.
create or replace function extensions._workos_read_elsewhere(relation oid) returns boolean
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
	return exists (
		select from pg_depend d left join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
		where d.refclassid = 'pg_class'::regclass and d.refobjid = relation
			and (d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass) or p.polrelid <> relation));
end $$;

create or replace function extensions.workos_lint(out severity text, out object text, out problem text, out remedy text) returns setof record
	-- These settings print expressions without loss, in a form that every session reads in the same way.
	language plpgsql stable set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' as $$
declare
	-- In the native edition the planner hook computes a call once per query.
	per_row_matters constant boolean := not exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = 'extensions'::regnamespace);
	longest constant int := 200000;
	helpers constant text[] := array(select 'extensions.' || p.proname from pg_proc p
		where p.pronamespace = 'extensions'::regnamespace and p.proname ^@ 'workos_' group by p.proname having bool_and(p.provolatile <> 'v'));
	lists constant text[] := array(select 'extensions.' || p.proname from pg_proc p
		where p.pronamespace = 'extensions'::regnamespace and p.proname ^@ 'workos_' and p.prorettype = 'text[]'::regtype);
	policy record;
	clause record;
	call record;
	pieces text[];
	around text;
	short text;
	wrapped int; -- where the last call ends that the remedy wraps in a sub-select
	mends text;
	mistakes text[];
	slow text[];
	ambiguous boolean;
	by_row text[];
	unindexed text[];
	name text;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('extensions')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	for policy in
		select p.polname, p.polrelid, p.polpermissive, p.polroles, p.polrelid::regclass::text as relation,
			case when length(p.polqual::text) <= longest then pg_get_expr(p.polqual, p.polrelid) end as visible,
			case when length(p.polwithcheck::text) <= longest then pg_get_expr(p.polwithcheck, p.polrelid) end as writable,
			coalesce(greatest(length(p.polqual::text), length(p.polwithcheck::text)) > longest, false) as too_long,
			exists (select from pg_depend d join pg_type t on t.oid = d.refobjid left join pg_type e on e.oid = t.typelem
				where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_type'::regclass
					and t.typnamespace <> 'pg_catalog'::regnamespace and coalesce(e.typtype, t.typtype) in ('d', 'c', 'r', 'm')) as checked_types
		from pg_policy p join pg_class c on c.oid = p.polrelid
		-- A temporary table's name would mean another table in another session.
		where not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		order by relation, p.polname
	loop
		object := format('policy %I on %s', policy.polname, policy.relation);
		mistakes := '{}';
		slow := '{}';
		ambiguous := false;
		by_row := '{}';
		unindexed := '{}';
		mends := '';
		for clause in select * from (values ('USING', policy.visible), ('WITH CHECK', policy.writable)) v(keyword, expression) where expression is not null loop
			pieces := extensions._workos_pieces(clause.expression);
			ambiguous := ambiguous or exists (select from unnest(pieces) p where p ^@ '''' and strpos(p, e'\\') > 0);
			wrapped := 0;
			for call in
				-- If one index condition finds the rows, other comparisons run for these rows only.
				select c.*, i.indexed, coalesce(bool_or(i.indexed) over (), false) as has_index
				from extensions._workos_calls(pieces, helpers, '{auth.uid,auth.jwt}'::text[]) c left join lateral (
					select exists (select from pg_index x where x.indrelid = a.attrelid and x.indkey[0] = a.attnum and x.indpred is null and x.indisvalid) as indexed
					from pg_attribute a join pg_type t on t.oid = a.atttypid
					where a.attrelid = policy.polrelid and quote_ident(a.attname) = c.compared and not a.attisdropped and clause.keyword = 'USING'
						and coalesce(nullif(t.typbasetype, 0), t.oid) in ('text'::regtype, 'varchar'::regtype)
						-- workos_is_member() compares with the default collation.
						and (c.name <> 'extensions.workos_is_member' or a.attcollation = 'pg_catalog."default"'::regcollation)
					) i on true
				order by c.start
			loop
				-- The pieces around the call, for the patterns below. Quoted names and literals could look like a
				-- pattern, so they are left out.
				around := (select string_agg(case
						when i = call.term_start then '...'
						when pieces[i] ^@ '"' or pieces[i] ^@ '''' and pieces[i] !~ '^''(role|anon|authenticated|service_role)''' then '_'
						else rtrim(pieces[i], e' \t\r\n') end, ' ' order by i)
					from generate_series(greatest(call.term_start - 8, 1), call.term_stop + 12) i
					where i <= call.term_start or i > call.term_stop);
				if call.name = 'auth.uid' and call.arguments = '' then
					mistakes := mistakes || 'auth.uid() raises an error for every WorkOS id, because a WorkOS id is not a UUID. Compare workos_user_id() with a column of type text that holds WorkOS ids. A column of type uuid cannot hold them'::text;
				elsif call.name = 'auth.jwt' and around ~ $re$\( \.\.\. ->> 'role' :: text \)$re$
					-- These comparisons mean the Postgres role.
					and around !~ $re$\( \.\.\. ->> 'role' :: text \) (=|<>|IS (NOT )?DISTINCT FROM) '(anon|authenticated|service_role)' :: text \)$re$
					and around !~ $re$\( '(anon|authenticated|service_role)' :: text (=|<>|IS (NOT )?DISTINCT FROM) \( \.\.\. ->> 'role' :: text \) \)$re$
				then
					mistakes := mistakes || 'the claim role in auth.jwt() is the Postgres role, never the role in WorkOS. If you mean the Postgres role, compare it with anon, authenticated or service_role, using =, <> or IS DISTINCT FROM for each. If you mean the role in WorkOS, use workos_has_role()'::text;
				elsif call.name = any (helpers) then
					if call.arguments = '' and around ~ $re$\( \.\.\. \) :: uuid\M$re$ then
						mistakes := mistakes || 'a WorkOS id is not a UUID, and the cast raises an error. Remove the cast, and compare the id with a column of type text'::text;
					end if;
					if call.indexed is not null and not call.once and (call.indexed or not call.has_index) then
						if not call.has_index then
							unindexed := unindexed || call.compared;
						end if;
					elsif per_row_matters and not call.once and not call.source and call.start > wrapped then
						short := format('%s(%s) runs once per row', substr(call.name, length('extensions.') + 1),
							case when length(call.arguments) > 100 then left(call.arguments, 100) || ' ...' else call.arguments end);
						if call.constant then
							slow := slow || short;
							wrapped := call.stop;
							pieces[call.start] := '( SELECT ' || pieces[call.start];
							-- Without the cast, ANY would take the sub-select as a set of rows.
							pieces[call.stop] := '))' || case when call.name = any (lists) then '::text[]' else '' end || substr(pieces[call.stop], 2);
						else
							by_row := by_row || (short || '. ' || case
								when call.name = 'extensions.workos_is_member' then
									'If the argument is a column of type text with the default collation, compare it with (select workos_org_id()) instead'
								when call.name in ('extensions.workos_has_role', 'extensions.workos_has_permission', 'extensions.workos_has_entitlement', 'extensions.workos_has_feature_flag') then
									format('If the argument is a column of type text with the default collation, write coalesce(... = any ((select %s())::text[]), false) instead',
										case call.name when 'extensions.workos_has_role' then 'workos_user_roles' else replace(substr(call.name, length('extensions.') + 1), 'has_', '') || 's' end)
								else 'Its arguments depend on the row, so it cannot be computed once'
								end);
						end if;
					end if;
				end if;
			end loop;
			if wrapped > 0 then
				mends := mends || format(' %s (%s)', clause.keyword, array_to_string(pieces, ''));
			end if;
		end loop;

		remedy := null;
		severity := 'problem';
		for problem in select distinct m from unnest(mistakes) m order by m loop
			return next;
		end loop;
		severity := 'warning';
		if policy.too_long then
			problem := format('an expression of the policy is too long, so workos_lint() did not check it: its stored form has more than %s characters', longest);
			return next;
		end if;
		for problem in select distinct r from unnest(by_row) r order by r loop
			return next;
		end loop;
		-- One statement mends the whole policy. A sub-select around a call with constant arguments changes no answer,
		-- but could change when an error is raised.
		-- Not where a literal of a type of others stands in it: Postgres checks such a literal when it reads the statement,
		-- and so runs code of the type's owner, with the rights of whoever runs the statement.
		-- Nor with a backslash in a literal, which standard_conforming_strings reads in one way or the other.
		remedy := case when mistakes = '{}' and not policy.checked_types and not ambiguous then format('ALTER POLICY %I ON %s%s', policy.polname, policy.relation, mends) end;
		for problem in select distinct s from unnest(slow) s order by s loop
			return next;
		end loop;
		for name in select distinct u from unnest(unindexed) u order by u loop
			problem := format('the column %s is compared with a claim, and no index begins with it', name);
			remedy := format('CREATE INDEX ON %s (%s)', policy.relation, name);
			return next;
		end loop;
		if policy.polpermissive and policy.polroles = '{0}' then
			problem := 'the policy is for PUBLIC, so it also applies to requests of users who are not signed in';
			-- If the policy has mistakes, the remedy would hide an error that a caller gets now.
			remedy := case when to_regrole('authenticated') is not null and mistakes = '{}' and not policy.too_long and not extensions._workos_read_elsewhere(policy.polrelid) then
				format('ALTER POLICY %I ON %s TO authenticated', policy.polname, policy.relation) end;
			if remedy is null then
				problem := problem || '. If it is meant for signed-in users only, name their role with TO';
			end if;
			return next;
		end if;
	end loop;

	for policy in
		select c.oid, c.oid::regclass::text as relation from pg_class c
		where not c.relrowsecurity and not pg_is_other_temp_schema(c.relnamespace) and exists (select from pg_policy p where p.polrelid = c.oid)
		order by relation
	loop
		severity := 'problem';
		object := 'table ' || policy.relation;
		problem := 'the table has policies, but row security is off: every role with a privilege on the table sees every row';
		remedy := case when not extensions._workos_read_elsewhere(policy.oid) then format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', policy.relation) end;
		if remedy is null then
			problem := problem || '. Other policies, views or functions read the table. First check what they return when rows of the table are hidden, then enable row security';
		end if;
		return next;
	end loop;
end $$;
comment on function extensions.workos_lint() is
	'finds mistakes and slow expressions in the policies of this database; a remedy is a statement after which nobody sees more rows; run it only if other roles cannot create objects in the schemas of your search_path';

-- setting up a table

create or replace function extensions.workos_protect(
	relation regclass,
	org_column name default 'org_id',
	read_permission text default null,
	write_permission text default null,
	impersonated_writes boolean default true,
	to_role name default 'authenticated',
	apply boolean default false
) returns setof text
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	kind record;
	org record;
	reads text;
	writes text;
	statements text[] := '{}';
	statement text;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('extensions')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	select c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inherits,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies
		into kind from pg_class c where c.oid = relation;
	select a.attnum, a.attnotnull, a.attgenerated, a.atttypid::regtype as type, pg_get_expr(d.adbin, d.adrelid) as preset into org
		from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
		where a.attrelid = relation and a.attname = org_column and a.attnum > 0 and not a.attisdropped;
	if relation is null or org_column is null or to_role is null or impersonated_writes is null or apply is null then
		raise exception using errcode = '22004', message = 'only read_permission and write_permission may be NULL';
	elsif kind.relkind is distinct from 'r' and kind.relkind is distinct from 'p' then
		raise exception using errcode = '42809', message = format('%s is not a table', relation),
			hint = 'Protect the tables that a view reads, and create the view WITH (security_invoker = true).';
	elsif kind.relkind = 'p' or kind.inherits then
		raise exception using errcode = '0A000', message = format('%s is partitioned, or takes part in inheritance', relation),
			hint = 'The row security of a table does not apply to queries that name one of its partitions. Write policies for each partition by hand.';
	elsif kind.has_policies then
		raise exception using errcode = '55000', message = format('%s has policies already', relation),
			hint = 'Permissive policies are combined with OR, so another one could only grant more access. Check the existing policies with workos_lint().';
	elsif org.attnum is null then
		raise exception using errcode = '42703', message = format('%s has no column %I', relation, org_column),
			hint = format('ALTER TABLE %s ADD COLUMN %I text', relation, org_column);
	elsif org.type not in ('text'::regtype, 'varchar'::regtype) or org.attgenerated <> '' then
		raise exception using errcode = '42804', message = format('column %I of %s is not a plain column of text', org_column, relation),
			hint = 'The id of a WorkOS organization is text, such as org_01EXAMPLE. It is not a UUID.';
	elsif org.preset <> 'extensions.workos_org_id()' then
		raise exception using errcode = '55000', message = format('column %I of %s has another default', org_column, relation),
			hint = 'Drop the default if each row belongs to the organization of the user who inserts it.';
	elsif to_regrole(quote_ident(to_role)) is null then
		raise exception using errcode = '42704', message = format('role %I does not exist', to_role),
			hint = 'Pass the Postgres role of signed-in users: to_role => ''...''';
	end if;

	reads := case when read_permission is null then 'extensions.workos_org_id()' else format('extensions.workos_org_with_permission(%L)', read_permission) end;
	writes := case when write_permission is null then 'extensions.workos_org_id()' else format('extensions.workos_org_with_permission(%L)', write_permission) end;

	if org.preset is null then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT extensions.workos_org_id()', relation, org_column);
	end if;
	if not org.attnotnull then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, org_column);
	end if;
	if not exists (select from pg_index i where i.indrelid = relation and i.indkey[0] = org.attnum and i.indpred is null and i.indisvalid) then
		statements := statements || format('CREATE INDEX ON %s (%I)', relation, org_column);
	end if;
	statements := statements || array[
		format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation),
		format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation),
		format('CREATE POLICY "members read" ON %s FOR SELECT TO %I USING (%I = %s)', relation, to_role, org_column, reads),
		format('CREATE POLICY "members add" ON %s FOR INSERT TO %I WITH CHECK (%I = (SELECT %s))', relation, to_role, org_column, writes),
		format('CREATE POLICY "members change" ON %s FOR UPDATE TO %I USING (%I = %s) WITH CHECK (%3$I = (SELECT %4$s))', relation, to_role, org_column, writes),
		format('CREATE POLICY "members delete" ON %s FOR DELETE TO %I USING (%I = %s)', relation, to_role, org_column, writes)];
	if not impersonated_writes then
		statements := statements || array[
			format('CREATE POLICY "impersonators add nothing" ON %s AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT NOT extensions.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators change nothing" ON %s AS RESTRICTIVE FOR UPDATE USING ((SELECT NOT extensions.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators delete nothing" ON %s AS RESTRICTIVE FOR DELETE USING ((SELECT NOT extensions.workos_is_impersonated()))', relation)];
	end if;
	foreach statement in array statements loop
		if apply then
			execute statement;
		end if;
		return next statement || ';';
	end loop;
end $$;
comment on function extensions.workos_protect(regclass, name, text, text, boolean, name, boolean) is
	'prints, and with apply => true runs, the statements that make a table multi-tenant';
revoke execute on function extensions.workos_protect(regclass, name, text, text, boolean, name, boolean) from public;

-- The owner of a function, or of its schema, can replace the function. So all functions must belong to the role
-- that runs this file, and the schema must not belong to another ordinary role.
do $$
declare
	other record;
begin
	select n.nspname, n.nspowner::regrole as owner into other
		from pg_namespace n join pg_roles r on r.oid = n.nspowner, pg_database d
		where n.oid = to_regnamespace('extensions') and d.datname = current_database() and not r.rolsuper
			and r.rolname not in (current_user, 'pg_database_owner') and n.nspowner <> d.datdba;
	if found then
		raise exception using errcode = '42501', message = format('schema %I belongs to the role %s', other.nspname, other.owner),
			hint = format('That role could replace the functions. Run this file as %s, or give the schema to a role that you trust: ALTER SCHEMA %I OWNER TO ...', other.owner, other.nspname);
	end if;
	select p.oid::regprocedure as name, p.proowner::regrole as owner into other
		from pg_proc p join pg_roles r on r.oid = p.proowner
		where p.pronamespace = to_regnamespace('extensions') and p.proname = any ('{_workos_application,_workos_calls,_workos_checked,_workos_current,_workos_depth,_workos_fits_jsonb,_workos_instant,_workos_is_json,_workos_kind,_workos_list,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_ordinary,_workos_pieces,_workos_read_elsewhere,_workos_reduced,_workos_role,_workos_set_claims,_workos_well_formed,_workos_whole,_workos_with,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_doctor,workos_entitlements,workos_expires_at,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_protect,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]) and r.rolname <> current_user
		order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('function %s belongs to the role %s', other.name, other.owner),
			hint = format('That role could replace it. Run this file as %s if it is yours; else drop the function first.', other.owner);
	end if;
	if current_setting('pg_workos.checked') <> 'nothing' then
		perform set_config('pg_workos.checked', 'everything', false);
	end if;
end $$;

-- privileges
--
-- Everybody may call the functions in this list. Only the owner may call any other function. The default
-- privileges of the installing role and of the schema do not change this. A function that existed before keeps
-- its privileges.

do $$
declare
	everybody constant oid[] := array[
		'extensions.workos_user_id()',
		'extensions.workos_session_id()',
		'extensions.workos_org_id()',
		'extensions.workos_user_role()',
		'extensions.workos_user_roles()',
		'extensions.workos_permissions()',
		'extensions.workos_entitlements()',
		'extensions.workos_feature_flags()',
		'extensions.workos_impersonator()',
		'extensions.workos_issued_at()',
		'extensions.workos_expires_at()',
		'extensions.workos_authenticated_at()',
		'extensions.workos_claims()',
		'extensions.workos_claim(text)',
		'extensions.workos_token_kind()',
		'extensions.workos_application_id()',
		'extensions.workos_application_org_id()',
		'extensions.workos_is_authenticated()',
		'extensions.workos_is_member(text)',
		'extensions.workos_has_role(text)',
		'extensions.workos_has_any_role(text[])',
		'extensions.workos_has_permission(text)',
		'extensions.workos_has_any_permission(text[])',
		'extensions.workos_has_all_permissions(text[])',
		'extensions.workos_has_entitlement(text)',
		'extensions.workos_has_feature_flag(text)',
		'extensions.workos_is_impersonated()',
		'extensions.workos_authenticated_within(interval)',
		'extensions.workos_org_with_permission(text)',
		'extensions.workos_org_with_role(text)',
		'extensions.workos_doctor()',
		'extensions._workos_ordinary(boolean)',
		'extensions._workos_depth(text)',
		'extensions._workos_is_json(text)',
		'extensions._workos_well_formed(text)',
		'extensions._workos_checked(text, boolean)',
		'extensions._workos_set_claims()',
		'extensions._workos_reduced(json, boolean, text)',
		'extensions._workos_odd(boolean, text)',
		'extensions._workos_fits_jsonb(json)',
		'extensions._workos_whole(json, boolean)',
		'extensions._workos_odd_claims()',
		'extensions._workos_one(json, text)',
		'extensions._workos_odd_claim(text)',
		'extensions._workos_current(boolean, text)',
		'extensions._workos_kind(jsonb)',
		'extensions._workos_kind(json)',
		'extensions._workos_application(jsonb, text)',
		'extensions._workos_with(jsonb, text, text)',
		'extensions._workos_list(jsonb, text)',
		'extensions._workos_role(jsonb)',
		'extensions._workos_instant(jsonb, text)'
	]::regprocedure[];
	made record;
	grantee text;
begin
	for made in
		select p.oid, p.oid::regprocedure::text as name, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
		from pg_proc p
		where p.oid = any (
			select p.oid from pg_proc p
			where p.pronamespace = 'extensions'::regnamespace and p.proname = any ('{_workos_application,_workos_calls,_workos_checked,_workos_current,_workos_depth,_workos_fits_jsonb,_workos_instant,_workos_is_json,_workos_kind,_workos_list,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_ordinary,_workos_pieces,_workos_read_elsewhere,_workos_reduced,_workos_role,_workos_set_claims,_workos_well_formed,_workos_whole,_workos_with,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_doctor,workos_entitlements,workos_expires_at,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_protect,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[])
				and p.oid <> all (current_setting('pg_workos.there_before')::oid[])
		)
	loop
		for grantee in select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end from aclexplode(made.acl) a where a.grantee <> made.proowner loop
			execute 'revoke all on function ' || made.name || ' from ' || grantee;
		end loop;
		if made.oid = any (everybody) then
			execute 'grant execute on function ' || made.name || ' to public';
		end if;
	end loop;
end $$;

do $$
begin
	perform pg_catalog.set_config('default_transaction_read_only', pg_catalog.current_setting('pg_workos.read_only'), false);
	perform pg_catalog.set_config('search_path', pg_catalog.current_setting('pg_workos.search_path'), false);
end $$;
