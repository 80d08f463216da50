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
		where p.pronamespace = to_regnamespace('extensions') and p.proname = any ('{_workos_addressed,_workos_any,_workos_application,_workos_calls,_workos_check_directory,_workos_checked,_workos_checked_audience,_workos_citus_doctor,_workos_configure,_workos_decided,_workos_delegation,_workos_depth,_workos_distributed,_workos_end_users,_workos_ended_rows,_workos_ended_rows_explained,_workos_evaluate,_workos_explain,_workos_explained,_workos_facts,_workos_few,_workos_fits_jsonb,_workos_foreign,_workos_granted,_workos_helpers,_workos_ids,_workos_instant,_workos_is_json,_workos_kind,_workos_lint_citus,_workos_lint_definitions,_workos_lint_policies,_workos_lint_tables,_workos_list,_workos_managed,_workos_names_of_helpers,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_open,_workos_ordinary,_workos_quick,_workos_read_elsewhere,_workos_reason,_workos_reduced,_workos_role,_workos_set_claims,_workos_shown,_workos_string,_workos_strings,_workos_thorough,_workos_token_issued_at,_workos_token_session,_workos_tokens,_workos_undecided,_workos_well_formed,_workos_whole,_workos_with,workos_accept_audience,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_client_id,workos_configure,workos_delegated_org_id,workos_delegated_user_id,workos_doctor,workos_entitlements,workos_expires_at,workos_explain,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_has_scope,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_ids,workos_org_ids_with_permission,workos_org_ids_with_role,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_propagate_claims,workos_protect,workos_refuse_audience,workos_scopes,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]) and r.rolname <> current_user
		order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('function %s belongs to the role %s', other.name, other.owner),
			hint = format('That role could replace it. Run this file as %s if it is yours; else drop the function first.', other.owner);
	end if;
	select c.oid::regclass as name, c.relowner::regrole as owner into other
		from pg_class c join pg_roles r on r.oid = c.relowner
		where c.relnamespace = to_regnamespace('extensions') and c.relname = 'workos_audiences' and (r.rolname <> current_user or c.relkind <> 'r');
	if found then
		raise exception using errcode = '42501', message = format('%s is not a table of this role, but belongs to the role %s', other.name, other.owner),
			hint = format('That role could change which audiences are accepted. Run this file as %s if it is yours; else drop it first.', other.owner);
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
	-- What exists already keeps its privileges, because an administrator may have changed them.
	perform set_config('pg_workos.there_before', coalesce(array_agg(o.oid)::text, '{}'), false) from (
		select p.oid from pg_proc p where p.pronamespace = 'extensions'::regnamespace and p.proname = any ('{_workos_addressed,_workos_any,_workos_application,_workos_calls,_workos_check_directory,_workos_checked,_workos_checked_audience,_workos_citus_doctor,_workos_configure,_workos_decided,_workos_delegation,_workos_depth,_workos_distributed,_workos_end_users,_workos_ended_rows,_workos_ended_rows_explained,_workos_evaluate,_workos_explain,_workos_explained,_workos_facts,_workos_few,_workos_fits_jsonb,_workos_foreign,_workos_granted,_workos_helpers,_workos_ids,_workos_instant,_workos_is_json,_workos_kind,_workos_lint_citus,_workos_lint_definitions,_workos_lint_policies,_workos_lint_tables,_workos_list,_workos_managed,_workos_names_of_helpers,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_open,_workos_ordinary,_workos_quick,_workos_read_elsewhere,_workos_reason,_workos_reduced,_workos_role,_workos_set_claims,_workos_shown,_workos_string,_workos_strings,_workos_thorough,_workos_token_issued_at,_workos_token_session,_workos_tokens,_workos_undecided,_workos_well_formed,_workos_whole,_workos_with,workos_accept_audience,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_client_id,workos_configure,workos_delegated_org_id,workos_delegated_user_id,workos_doctor,workos_entitlements,workos_expires_at,workos_explain,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_has_scope,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_ids,workos_org_ids_with_permission,workos_org_ids_with_role,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_propagate_claims,workos_protect,workos_refuse_audience,workos_scopes,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[])
		union all
		select c.oid from pg_class c where c.relnamespace = 'extensions'::regnamespace and c.relname = 'workos_audiences') o;
end $$;

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
create or replace function extensions._workos_quick(of_session boolean, list text, element text) returns jsonb
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
		execute regexp_replace(replace(pg_get_functiondef('extensions._workos_quick(boolean, text, text)'::regprocedure), '$function$', '$body$'), $q$:= /\* with Postgres 17 .*? end;$q$,
			$q$:= json_query(pg_catalog.to_jsonb(case
		when pg_catalog.octet_length(value) operator(pg_catalog.<=) least(16384, 256 operator(pg_catalog.+) pg_catalog.octet_length(pg_catalog.replace(pg_catalog.replace(value, '[', ''), '{', '')))
		then value end), '$' returning pg_catalog.jsonb omit quotes null on error);$q$);
	end if;
end $do$;

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
-- The setting extra_float_digits would round the times.
create or replace function extensions._workos_reduced(claims json, of_session boolean, reads text) returns jsonb
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
create or replace function extensions._workos_thorough(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return extensions._workos_reduced(extensions._workos_set_claims(), of_session, reads);

-- The current claims, whatever the directory says of them.
create or replace function extensions._workos_undecided(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe
	return coalesce(extensions._workos_quick(of_session, null, null), extensions._workos_thorough(of_session, reads));

-- The functions whose bodies workos_configure() replaces. As they are here, the token decides. Where the file is run again,
-- the configuration stays.

do $$
declare
	-- A copy of _workos_quick() is in PL/pgSQL.
	asks_directory constant boolean := exists (select from pg_proc p join pg_language l on l.oid = p.prolang
		where p.oid = to_regprocedure('extensions._workos_ordinary(boolean, text, text)') and l.lanname = 'sql');
begin
	if not asks_directory then
		execute $q$
create or replace function extensions._workos_ordinary(of_session boolean, list text, element text) returns jsonb
	language sql stable parallel safe
	return null::jsonb
		$q$;
		execute replace(pg_get_functiondef('extensions._workos_quick(boolean, text, text)'::regprocedure), '_workos_quick', '_workos_ordinary');
		execute $q$
create or replace function extensions._workos_odd(of_session boolean, reads text) returns jsonb
	language sql stable parallel safe set search_path = pg_catalog, pg_temp
	return extensions._workos_thorough(of_session, reads)
		$q$;
	end if;
end $$;

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

-- Called where _workos_odd() is an object, so these do not ask again whether the session counts.
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

-- The accepted audiences: resource indicators, or client ids of WorkOS environments, that mean this database. One issuer
-- signs the tokens of many resources, so a token of an application gives an identity only if it names one of these.
create table if not exists extensions.workos_audiences (
	audience text collate "C" primary key,
	constraint workos_audiences_fit check (audience ~ '^[!-~]+$' and octet_length(audience) <= 2048)
) using heap;
comment on table extensions.workos_audiences is
	'the accepted audiences of access tokens that were issued to applications; without a row, there is no delegated access';

create or replace function extensions._workos_checked_audience(audience text) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if (audience ~ '^[!-~]+$' and octet_length(audience) <= 2048) is not true then
		raise exception using errcode = '22023', message = 'audience is not a resource indicator or a client id',
			hint = 'Pass the claim "aud" of your tokens, for example https://db.example.com/mcp or client_01....';
	end if;
	return audience;
end $$;

create or replace function extensions.workos_accept_audience(audience text) returns void
	language sql volatile parallel unsafe
	begin atomic
		insert into extensions.workos_audiences (audience) values (extensions._workos_checked_audience($1)) on conflict do nothing;
	end;
comment on function extensions.workos_accept_audience(text) is
	'accepts tokens of applications for this audience, a resource indicator or the client id of an environment, from the next statement on; from then on, those for other audiences count nowhere';

create or replace function extensions.workos_refuse_audience(audience text) returns boolean
	language sql volatile parallel unsafe
	begin atomic
		with gone as (
			delete from extensions.workos_audiences a where a.audience = $1 returning 1
		)
		select exists (select from gone);
	end;
comment on function extensions.workos_refuse_audience(text) is
	'removes an accepted audience, from the next statement on in every connection; false if it was not accepted; after the last one is removed, there is no delegated access';

-- The audience of a token that was issued to an application. The functions in the list above are called with the rights
-- of whoever asks, who may not read the table of accepted audiences. So this one function runs with the rights of the
-- owner. It says no more than whether the claims that it is given are for an accepted audience.
--
-- Returns the claims if they are. If not: NULL for delegated access, and otherwise JSON null, but only once an audience is
-- accepted and only for a token of an application that names an audience.
create or replace function extensions._workos_addressed(claims jsonb, delegated boolean) returns jsonb
	language sql stable strict parallel safe security definer set search_path = pg_catalog, pg_temp
	return case
		when not delegated and (claims ? 'aud' and extensions._workos_kind(claims) in ('oauth', 'application')) is not true then claims
		else case (select bool_or(case jsonb_typeof(claims -> 'aud')
				when 'string' then claims ->> 'aud' = a.audience
				when 'array' then claims -> 'aud' ? a.audience and not jsonb_path_exists(claims -> 'aud', 'strict $[*] ? (@.type() != "string")')
				else false end) from extensions.workos_audiences a)
			when true then claims
			when false then case when not delegated then 'null'::jsonb end
			else case when not delegated then claims end end
	end;

-- The current claims of any kind, but for tokens of applications for other audiences.
create or replace function extensions._workos_any(reads text) returns jsonb
	language sql stable parallel safe
	return coalesce(extensions._workos_ordinary(false, null, null), extensions._workos_addressed(extensions._workos_odd(false, reads), false));

-- user and organization: NULL without a session, or if the claim is absent

create or replace function extensions.workos_user_id() returns text
	language sql stable parallel safe
	return coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'sub')) ->> 'sub';

create or replace function extensions.workos_session_id() returns text
	language sql stable parallel safe
	return coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'sid')) ->> 'sid';

create or replace function extensions.workos_org_id() returns text
	language sql stable parallel safe
	return coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'org_id')) ->> 'org_id';

create or replace function extensions.workos_user_role() returns text
	language sql stable parallel safe
	return extensions._workos_role(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'user_role')));

create or replace function extensions.workos_user_roles() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'roles')), 'roles');

create or replace function extensions.workos_permissions() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'permissions')), 'permissions');

create or replace function extensions.workos_entitlements() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'entitlements')), 'entitlements');

create or replace function extensions.workos_feature_flags() returns text[]
	language sql stable parallel safe
	return extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'feature_flags')), 'feature_flags');

create or replace function extensions.workos_impersonator() returns text
	language sql stable parallel safe
	return jsonb_path_query_first(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, 'act')), 'strict $.act.sub ? (@.type() == "string" && @ != "")', '{}', true) #>> '{}';

create or replace function extensions.workos_issued_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)), 'iat');

create or replace function extensions.workos_expires_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)), 'exp');

create or replace function extensions.workos_authenticated_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)), 'auth_time');

-- any kind of token

create or replace function extensions.workos_claims() returns jsonb
	language sql stable parallel safe
	return nullif(coalesce(extensions._workos_ordinary(false, null, null), case jsonb_typeof(extensions._workos_addressed(extensions._workos_odd(false, null), false))
		when 'object' then extensions._workos_odd_claims() end), 'null');

create or replace function extensions.workos_claim(name text) returns text
	language sql stable parallel safe
	return case when name is not null then
		case jsonb_typeof(extensions._workos_ordinary(false, null, null))
			when 'object' then nullif(current_setting('request.jwt.claims', true)::json ->> name, '')
			when 'null' then null
			else case jsonb_typeof(extensions._workos_addressed(extensions._workos_odd(false, null), false))
				when 'object' then extensions._workos_odd_claim(name) end
		end end;

create or replace function extensions.workos_token_kind() returns text
	language sql stable parallel safe
	return extensions._workos_kind(extensions._workos_any(null));

create or replace function extensions.workos_application_id() returns text
	language sql stable parallel safe
	return extensions._workos_application(extensions._workos_any('sub'), 'sub');

create or replace function extensions.workos_application_org_id() returns text
	language sql stable parallel safe
	return extensions._workos_application(extensions._workos_any('org_id'), 'org_id');

-- checks: never NULL, except workos_is_member(NULL); a NULL argument gives false

create or replace function extensions.workos_is_authenticated() returns boolean
	language sql stable parallel safe
	return jsonb_typeof(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null))) = 'object';

create or replace function extensions.workos_is_member(org_id text) returns boolean
	language sql stable parallel safe
	return org_id = extensions.workos_org_id();

create or replace function extensions.workos_has_role(role text) returns boolean
	language sql stable parallel safe
	return case when role is null then false else coalesce(jsonb_typeof(coalesce(extensions._workos_ordinary(true, 'roles', role), extensions._workos_with(extensions._workos_odd(true, null), 'roles', role))) = 'object', false) end;

create or replace function extensions.workos_has_any_role(variadic roles text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic roles) > 0 then coalesce(roles && extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)), 'roles'), false) else false end;

create or replace function extensions.workos_has_permission(permission text) returns boolean
	language sql stable parallel safe
	return case when permission is null then false else coalesce(jsonb_typeof(coalesce(extensions._workos_ordinary(true, 'permissions', permission), extensions._workos_with(extensions._workos_odd(true, null), 'permissions', permission))) = 'object', false) end;

create or replace function extensions.workos_has_any_permission(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic permissions) > 0 then coalesce(permissions && extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)), 'permissions'), false) else false end;

create or replace function extensions.workos_has_all_permissions(variadic permissions text[]) returns boolean
	language sql stable parallel safe
	return case when num_nonnulls(variadic permissions) > 0 and num_nulls(variadic permissions) = 0
		then coalesce(permissions <@ extensions._workos_list(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)), 'permissions'), false) else false end;

create or replace function extensions.workos_has_entitlement(entitlement text) returns boolean
	language sql stable parallel safe
	return case when entitlement is null then false else coalesce(jsonb_typeof(coalesce(extensions._workos_ordinary(true, 'entitlements', entitlement), extensions._workos_with(extensions._workos_odd(true, null), 'entitlements', entitlement))) = 'object', false) end;

create or replace function extensions.workos_has_feature_flag(flag text) returns boolean
	language sql stable parallel safe
	return case when flag is null then false else coalesce(jsonb_typeof(coalesce(extensions._workos_ordinary(true, 'feature_flags', flag), extensions._workos_with(extensions._workos_odd(true, null), 'feature_flags', flag))) = 'object', false) end;

-- A claim act of any shape means that another person acts as the user.
create or replace function extensions.workos_is_impersonated() returns boolean
	language sql stable parallel safe
	return coalesce(coalesce(extensions._workos_ordinary(true, null, null), extensions._workos_odd(true, null)) -> 'act' not in ('null', '""'), false);

create or replace function extensions.workos_authenticated_within(max_age interval) returns boolean
	language sql stable parallel safe
	return case when max_age >= interval '0' then coalesce(extensions.workos_authenticated_at()
		<@ tstzrange(statement_timestamp() - max_age, statement_timestamp() + interval '30 seconds', '[]'), false) else false end;

-- gates: one indexable comparison that also checks

create or replace function extensions.workos_org_with_permission(permission text) returns text
	language sql stable parallel safe
	return case when permission is not null then coalesce(extensions._workos_ordinary(true, 'permissions', permission), extensions._workos_with(extensions._workos_odd(true, 'org_id'), 'permissions', permission)) ->> 'org_id' end;

create or replace function extensions.workos_org_with_role(role text) returns text
	language sql stable parallel safe
	return case when role is not null then coalesce(extensions._workos_ordinary(true, 'roles', role), extensions._workos_with(extensions._workos_odd(true, 'org_id'), 'roles', role)) ->> 'org_id' end;

-- delegated access: what a token says that was issued to an application. A gate must name a scope or a client, and gives
-- an identity only for an accepted audience.

create or replace function extensions._workos_string(claims jsonb, name text) returns text
	language plpgsql immutable parallel safe as $$
begin
	return case when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) name) operator(pg_catalog.=) 'string'
			and claims operator(pg_catalog.->>) name operator(pg_catalog.<>) ''
		then claims operator(pg_catalog.->>) name end;
end $$;

-- What a token of this kind says, if it was granted the scope and given to the client, as far as these are named; else
-- NULL. If no kind is named, it is that of either, with its scopes. A claim scope that does not have the form of RFC 6749,
-- section 3.3, grants none.
create or replace function extensions._workos_delegation(claims jsonb, kind text, scope text, client text) returns jsonb
	language plpgsql immutable parallel safe as $$
declare
	sub constant pg_catalog.text := claims operator(pg_catalog.->>) 'sub';
	sid constant pg_catalog.text := case when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'sid') operator(pg_catalog.=) 'string' then claims operator(pg_catalog.->>) 'sid' else '' end;
	own_kind constant pg_catalog.text := case
		when pg_catalog.starts_with(sid, 'widget_session_') then null
		when pg_catalog.starts_with(sub, 'client_') then 'application'
		when pg_catalog.starts_with(sub, 'user_') and (claims operator(pg_catalog.?) 'scope' or sid operator(pg_catalog.<>) '' and not pg_catalog.starts_with(sid, 'session_')) then 'oauth'
	end;
	granted pg_catalog.text;
begin
	if own_kind is null or kind operator(pg_catalog.<>) own_kind then
		return null;
	end if;
	if pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'scope') operator(pg_catalog.=) 'string' then
		granted := claims operator(pg_catalog.->>) 'scope';
		if not (granted operator(pg_catalog.~) '^[!-~]+( [!-~]+)*$' and pg_catalog.strpos(granted, '"') operator(pg_catalog.=) 0 and pg_catalog.strpos(granted, $q$\$q$) operator(pg_catalog.=) 0) then
			granted := null;
		end if;
	end if;
	if scope is not null and (scope operator(pg_catalog.=) any (pg_catalog.string_to_array(granted, ' '))) is not true
		or client is not null and (client operator(pg_catalog.<>) '' and claims operator(pg_catalog.->) 'client_id' operator(pg_catalog.=) pg_catalog.to_jsonb(client)) is not true
	then
		return null;
	elsif kind is null then
		return pg_catalog.jsonb_build_object('scopes', coalesce(pg_catalog.string_to_array(granted, ' '), array[]::pg_catalog.text[]));
	end if;
	return pg_catalog.jsonb_build_object('aud', claims operator(pg_catalog.->) 'aud', 'sub', sub,
		'org_id', case when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'org_id') operator(pg_catalog.=) 'string' and claims operator(pg_catalog.->>) 'org_id' operator(pg_catalog.<>) '' then claims operator(pg_catalog.->) 'org_id' end);
end $$;

create or replace function extensions.workos_delegated_user_id(scope text default null, client text default null) returns text
	language sql stable parallel safe
	return case when num_nonnulls(scope, client) > 0 then
		extensions._workos_addressed(extensions._workos_delegation(coalesce(extensions._workos_ordinary(null::boolean, null, null), extensions._workos_odd(null::boolean, 'sub')), 'oauth', scope, client), true) ->> 'sub' end;

create or replace function extensions.workos_delegated_org_id(scope text default null, client text default null) returns text
	language sql stable parallel safe
	return case when num_nonnulls(scope, client) > 0 then
		extensions._workos_addressed(extensions._workos_delegation(coalesce(extensions._workos_ordinary(null::boolean, null, null), extensions._workos_odd(null::boolean, 'org_id')), 'oauth', scope, client), true) ->> 'org_id' end;

create or replace function extensions.workos_application_org_id(scope text) returns text
	language sql stable parallel safe
	return case when scope is not null then
		extensions._workos_addressed(extensions._workos_delegation(coalesce(extensions._workos_ordinary(null::boolean, null, null), extensions._workos_odd(null::boolean, 'org_id')), 'application', scope, null), true) ->> 'org_id' end;

create or replace function extensions.workos_client_id() returns text
	language sql stable parallel safe
	return extensions._workos_string(extensions._workos_any('client_id'), 'client_id');

create or replace function extensions.workos_scopes() returns text[]
	language sql stable parallel safe
	return coalesce(extensions._workos_list(extensions._workos_delegation(extensions._workos_any(null), null, null, null), 'scopes'), '{}');

create or replace function extensions.workos_has_scope(scope text) returns boolean
	language sql stable parallel safe
	return case when scope is null then false else extensions._workos_delegation(extensions._workos_any(null), null, scope, null) is not null end;


-- all organizations of the user: NULL without a session, an error without a directory

-- The directory must belong to the owner of these functions. Anybody who may create schemas could create one of its name.
create or replace function extensions._workos_check_directory() returns void
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if not exists (
		select from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_org_ids' and p.proargtypes = '25 25'::oidvector and p.prosecdef
			and n.nspowner = (select o.proowner from pg_proc o where o.oid = 'extensions._workos_check_directory()'::regprocedure))
	then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'Run pg_workos_directory.sql, as the same role as pg_workos.sql, and feed it with the events of WorkOS.';
	end if;
end $$;

create or replace function extensions.workos_org_ids() returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform extensions._workos_check_directory();
	return case when extensions.workos_is_authenticated() then workos._org_ids('all', '') end;
end $$;

create or replace function extensions.workos_org_ids_with_permission(permission text) returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform extensions._workos_check_directory();
	return case when extensions.workos_is_authenticated() and permission is not null then workos._org_ids('permission', permission) end;
end $$;

create or replace function extensions.workos_org_ids_with_role(role text) returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform extensions._workos_check_directory();
	return case when extensions.workos_is_authenticated() and role is not null then workos._org_ids('role', role) end;
end $$;

-- delegated access, to no more than the user may do

create or replace function extensions.workos_delegated_org_id(scope text, client text, permission text) returns text
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform extensions._workos_check_directory();
	return case when permission is not null and workos._delegate_may(coalesce(scope, ''), coalesce(client, ''), permission)
		then extensions.workos_delegated_org_id(scope, client) end;
end $$;
-- what the directory decides

-- The session of the token, whatever the directory says of it: what the directory is asked for.
create or replace function extensions._workos_ids(claims jsonb) returns text[]
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case jsonb_typeof(claims) when 'object' then array[claims ->> 'sub', claims ->> 'sid', coalesce(claims ->> 'org_id', '')] end;
end $$;

create or replace function extensions._workos_token_session() returns text[]
	language sql stable parallel safe
	return extensions._workos_ids(extensions._workos_undecided(true, 'session'));

create or replace function extensions._workos_token_issued_at() returns timestamptz
	language sql stable parallel safe
	return extensions._workos_instant(extensions._workos_undecided(true, null), 'iat');

-- The claims with what the directory says of their session, while the directory decides; JSON null if the session does not
-- count. ours: a function whose owner must own the directory. It finds the directory by name when it runs. If a body were
-- bound to the directory, DROP SCHEMA workos CASCADE would also drop the helpers, and with them each policy that calls one,
-- restrictive ones too. So the helpers raise an error.
create or replace function extensions._workos_decided(claims jsonb, ours regprocedure) returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	standing jsonb;
begin
	if jsonb_typeof(claims) is distinct from 'object' then
		return claims;
	end if;
	perform from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_standing' and p.proargtypes = ''::oidvector and p.prosecdef
			and n.nspowner = (select o.proowner from pg_proc o where o.oid = ours);
	if not found then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'It decides who is a member. Run pg_workos_directory.sql as the same role as pg_workos.sql, or let the token decide: workos_configure(membership => ''token'').';
	end if;
	standing := workos._standing();
	return case
		when standing is null then claims
		when standing ? 'ended' then 'null'
		else claims - array['user_role', 'roles', 'permissions'] || jsonb_build_object('roles', standing -> 'roles', 'permissions', standing -> 'permissions')
			-- The last three are Postgres roles.
			|| case when standing ->> 'role' <> all (array['', 'anon', 'authenticated', 'service_role']) then jsonb_build_object('user_role', standing -> 'role') else '{}' end
	end;
end $$;

-- functions: _workos_ordinary, _workos_odd, and those that their bodies call: _workos_quick, _workos_thorough,
-- _workos_undecided, _workos_decided.
create or replace function extensions._workos_configure(membership text, functions regprocedure[]) returns void
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	owner constant oid := (select p.proowner from pg_proc p where p.oid = functions[1]);
	names text[];
begin
	if (membership in ('token', 'newest')) is not true then
		raise exception using errcode = '22023', message = 'membership is neither "token" nor "newest"',
			hint = 'With token, the token decides. With newest, the newer of token and directory decides.';
	elsif exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = functions[1] and d.deptype = 'e') then
		raise exception using errcode = '55000', message = 'an extension in SQL only cannot keep its configuration in a dump',
			hint = 'Run sql/portable/pg_workos.sql instead, or install the extension pg_workos.';
	elsif not pg_has_role(owner, 'usage') then
		raise exception using errcode = '42501', message = 'only the owner of pg_workos may configure it',
			hint = format('Do it as the role %s.', owner::regrole);
	elsif membership = 'newest' and not exists (
		select from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_standing' and p.pronargs = 0 and p.prosecdef and n.nspowner = owner)
	then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'Run pg_workos_directory.sql, as the same role as pg_workos.sql, and feed it with the events of WorkOS.';
	end if;
	select array_agg(format('%I.%I', n.nspname, p.proname) order by f.place) into names
		from unnest(functions) with ordinality f(id, place) join pg_proc p on p.oid = f.id join pg_namespace n on n.oid = p.pronamespace;
	if membership = 'token' then
		execute replace(pg_get_functiondef(functions[3]), names[3], names[1]);
	else
		execute format('create or replace function %s(of_session boolean, list text, element text) returns jsonb language sql stable parallel safe return null::jsonb', names[1]);
	end if;
	execute format('create or replace function %s(of_session boolean, reads text) returns jsonb language sql stable parallel safe set search_path = pg_catalog, pg_temp return %s', names[2],
		case membership when 'token' then format('%s(of_session, reads)', names[4])
			else format('%s(%s(of_session, reads), %L::regprocedure)', names[6], names[5], functions[5]) end);
	-- A note for workos_doctor(), in a schema that every dump takes along.
	if to_regclass('workos.settings') is not null and (select n.nspowner from pg_namespace n where n.nspname = 'workos') = owner then
		execute format('comment on column workos.settings.one is %L', case membership when 'newest' then 'the newer of token and directory decides' end);
	end if;
end $$;

create or replace function extensions.workos_configure(membership text) returns void
	language sql volatile
	return extensions._workos_configure(membership, array['extensions._workos_ordinary(boolean, text, text)'::regprocedure, 'extensions._workos_odd(boolean, text)'::regprocedure,
		'extensions._workos_quick(boolean, text, text)'::regprocedure, 'extensions._workos_thorough(boolean, text)'::regprocedure,
		'extensions._workos_undecided(boolean, text)'::regprocedure, 'extensions._workos_decided(jsonb, regprocedure)'::regprocedure]);
comment on function extensions.workos_configure(text) is
	'membership => ''token'': the token decides who is a member, as after installation; ''newest'': the newer of token and directory; from the next statement on in every connection';

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
comment on function extensions.workos_org_ids() is
	'ids of all organizations in which the user is an active member, as the directory says; NULL without a session';
comment on function extensions.workos_org_ids_with_permission(text) is
	'ids of the organizations in which the user is an active member with the permission, as the directory says; NULL without a session';
comment on function extensions.workos_org_ids_with_role(text) is
	'ids of the organizations in which the user is an active member with the role, as the directory says; NULL without a session';
comment on function extensions.workos_application_org_id(text) is
	'organization of the application: claim org_id of a machine-to-machine token that was granted the scope, for an accepted audience; else NULL';
comment on function extensions.workos_delegated_user_id(text, text) is
	'id of the user for whom an application acts: claim sub of a token that was granted the scope and given to the client, for an accepted audience; else NULL';
comment on function extensions.workos_delegated_org_id(text, text) is
	'organization of the user for whom an application acts: claim org_id of a token that was granted the scope and given to the client, for an accepted audience; else NULL';
comment on function extensions.workos_delegated_org_id(text, text, text) is
	'the same, if the user is an active member of that organization whose roles have the permission, as the directory says; else NULL';
comment on function extensions.workos_client_id() is
	'id of the application that a token of any kind was issued to: claim client_id';
comment on function extensions.workos_scopes() is
	'scopes of a token that was issued to an application: claim scope, split at spaces; empty for other kinds';
comment on function extensions.workos_has_scope(text) is
	'true when the scope is among workos_scopes()';

-- reading the text of SQL: what workos_explain() and workos_lint() share. Nothing here evaluates anything.

-- The tokens of an expression or a function body, without white space and comments. It reads what pg_get_expr(),
-- pg_get_viewdef() and pg_get_functiondef() print, and bodies that people write. Callers pin the search_path, so that
-- the names of all other schemas than pg_catalog are printed with their schema, and standard_conforming_strings.
--
-- n: the number of the token.
-- start: the position of its first character in the text.
-- kind: name (also a keyword, and a qualified name as one token), string, number, operator (also ::, := and =>),
-- open, close, comma, other.
-- token: as it stands in the text. name: for a name, as Postgres would print it, so that quoted and unquoted forms of
-- the same name are equal; parts are joined by points, without white space.
-- depth: how many parentheses and brackets are open around the token.
-- parent: the number of the innermost of these; 0 outside of all. A closing one has the depth and parent of its opening one.
-- closes: for an opening one, the number of the token that closes it; NULL if nothing does.
create or replace function extensions._workos_tokens(expression text, out n int, out start int, out kind text, out token text, out name text, out depth int, out parent int, out closes int) returns setof record
	language plpgsql immutable parallel safe rows 60 set search_path = pg_catalog, pg_temp set quote_all_identifiers = off as $$
declare
	letter constant text := $re$[^\u0001-\u0040\u005b-\u005e\u0060\u007b-\u007f]$re$; -- A-Z, a-z, _ and all beyond ASCII
	part constant text := format($re$(?:(?:[uU]&)?"(?:[^"]|"")*"|%1$s(?:%1$s|[0-9$])*)$re$, letter);
	pattern constant text := concat_ws('|',
		$re$[ \t\n\r\f\v]+$re$,
		$re$--[^\r\n]*$re$,
		$re$/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/$re$, -- a comment without others in it
		$re$/\*$re$, -- another comment
		$re$[$][$](?:[^$]|[$](?![$]))*[$][$]$re$,
		format($re$[$]%s(?:%1$s|[0-9])*[$]$re$, letter), -- where a string with a tag begins
		$re$(?:[nN]|[uU]&)?'(?:[^']|'')*'$re$,
		$re$[bBxX]'[^']*'$re$,
		$re$[eE]'(?:[^'\\]|\\.|'')*'$re$,
		format($re$%s(?:[ \t\n\r\f\v]*\.[ \t\n\r\f\v]*%1$s)*$re$, part),
		$re$\.?[0-9](?:[0-9A-Za-z_]|\.(?!\.)|[eE][-+](?=[0-9]))*$re$,
		$re$::|:=|=>|\.\.$re$,
		$re$(?:[+*<>=~!@#%^&|`?]|-(?!-)|/(?!\*))+$re$,
		$re$.$re$);
	found record;
	-- The text is read in pieces, because what follows a comment or a string is known only when its end was found.
	shortest constant int := 200;
	size int := shortest;
	base int := 0; -- how many characters stand before the piece
	piece text;
	whole boolean; -- The piece reaches the end of the text.
	first text;
	stop int;
	level int;
	a int;
	b int;
	opens int[] := '{}'::int[]; -- the open parentheses
	-- The result, since the row of an opening parenthesis is complete only when the closing one was found.
	starts int[] := '{}'::int[];
	kinds text[] := '{}'::text[];
	tokens text[] := '{}'::text[];
	depths int[] := '{}'::int[];
	parents int[] := '{}'::int[];
	closers int[] := '{}'::int[];
begin
	n := 0;
	depth := 0;
	<<pieces>>
	loop
		piece := substr(expression, base + 1, size);
		whole := coalesce(length(piece), 0) < size;
		for found in
			select m[1] as token, base + sum(length(m[1])) over (order by o) as stop
			from regexp_matches(piece, pattern, 'g') with ordinality r(m, o) order by o
		loop
			token := found.token;
			first := left(token, 1);
			stop := found.stop;
			start := stop - length(token) + 1;
			if not whole and (stop = base + size or token in ('''', '"', '$')) then
				-- The token may be longer than the piece, and what stands before it may be its beginning.
				while n > 0 and starts[n] > base and kinds[n] not in ('open', 'close', 'comma')
					and (starts[n] + length(tokens[n]) = start or kinds[n] = 'name' or tokens[n] = '.') loop
					start := starts[n];
					n := n - 1;
				end loop;
				base := start - 1;
				size := 2 * size;
				continue pieces;
			end if;
			if first in (' ', e'\n', e'\t', e'\r', e'\f', e'\x0b') or token ^@ '--' or token ^@ '/*' and token <> '/*' then
				continue;
			end if;
			if token = '/*' then
				-- Comments can contain comments. One that does not end takes all the rest.
				level := 1;
				while level > 0 loop
					piece := substr(expression, stop + 1);
					a := strpos(piece, '/*');
					b := strpos(piece, '*/');
					exit pieces when b = 0;
					level := level + case when a between 1 and b - 1 then 1 else -1 end;
					stop := stop + case when a between 1 and b - 1 then a else b end + 1;
				end loop;
				base := stop;
				size := shortest;
				continue pieces;
			end if;
			kind := case
				when first = '(' or first = '[' then 'open'
				when first = ')' or first = ']' then 'close'
				when first = ',' then 'comma'
				when length(token) = 1 and first in ('''', '"') then 'other' -- It does not end.
				when first = '''' or first = '$' and length(token) > 1 then 'string'
				when first ~ '[0-9]' or first = '.' and length(token) > 1 and token <> '..' then 'number'
				when first ~ '[-+*/<>=~!@#%^&|`?:]' then 'operator'
				when first = '"' then 'name'
				when first ~ letter then case when right(token, 1) = '''' then 'string' else 'name' end
				else 'other'
			end;
			if first = '$' and kind = 'string' and token !~ '^[$][$].*[$][$]$' then
				-- A string with a tag ends at the same tag. One that does not end takes all the rest.
				a := strpos(substr(expression, stop + 1), token);
				token := case when a > 0 then substr(expression, start, a - 1 + 2 * length(token)) else substr(expression, start) end;
				stop := start + length(token) - 1;
			end if;
			n := n + 1;
			starts[n] := start;
			kinds[n] := kind;
			tokens[n] := token;
			closers[n] := null;
			if kind = 'close' and depth > 0 then
				parent := opens[depth];
				closers[parent] := n;
				depth := depth - 1;
			end if;
			depths[n] := depth;
			parents[n] := case when depth > 0 then opens[depth] else 0 end;
			if kind = 'open' then
				depth := depth + 1;
				opens[depth] := n;
			end if;
			if stop > found.stop then
				base := stop;
				size := shortest;
				continue pieces;
			end if;
		end loop;
		exit when whole;
	end loop;
	for i in 1 .. n loop
		n := i;
		start := starts[i];
		kind := kinds[i];
		token := tokens[i];
		depth := depths[i];
		parent := parents[i];
		closes := closers[i];
		name := null;
		if kind = 'name' then
			name := case when token ~ '^[a-z0-9_$.]+$' then token else (
				select string_agg(case when right(m[1], 1) = '"' then quote_ident(replace(substr(m[1], 2, length(m[1]) - 2), '""', '"')) else lower(m[1]) end, '.' order by o)
				from regexp_matches(token, part, 'g') with ordinality r(m, o)) end;
		end if;
		return next;
	end loop;
end $$;

-- workos_explain(): what row security does with a statement of the caller, and why

-- A value of a claim as it is shown to its owner: quoted, on one line, not too long, and no e-mail address.
create or replace function extensions._workos_shown(value text) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case
		when value is null then 'NULL'
		when strpos(value, '@') > 0 then '(hidden: it seems to be an e-mail address)'
		else '''' || regexp_replace(left(value, 100), '[[:cntrl:]]', '?', 'g') || case when length(value) > 100 then '...' else '' end || '''' end
$$;

-- A list of them.
create or replace function extensions._workos_shown(list text[]) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case when list is null then 'NULL' else '{' || coalesce((select string_agg(case when n <= 20 then trim('''' from extensions._workos_shown(e)) else '...' end, ', ' order by n)
		from unnest(list) with ordinality u(e, n) where n <= 21), '') || '}' end
$$;

-- The first ten different ones, joined.
create or replace function extensions._workos_few(list text[], separator text) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select coalesce(string_agg(case when n <= 10 then e else '...' end, separator order by n), '')
	from (select e, row_number() over (order by min(o)) as n from unnest(list) with ordinality u(e, o) group by e) u where n <= 11
$$;

-- The helpers of this library, whatever other functions the schema has. They write nothing, and their results depend
-- on the claims and the arguments.
create or replace function extensions._workos_helpers() returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select coalesce(array_agg(p.oid), '{}') from pg_proc p
	where p.pronamespace = 'extensions'::regnamespace and p.proname = any ('{_workos_addressed,_workos_any,_workos_application,_workos_calls,_workos_check_directory,_workos_checked,_workos_checked_audience,_workos_citus_doctor,_workos_configure,_workos_decided,_workos_delegation,_workos_depth,_workos_distributed,_workos_end_users,_workos_ended_rows,_workos_ended_rows_explained,_workos_evaluate,_workos_explain,_workos_explained,_workos_facts,_workos_few,_workos_fits_jsonb,_workos_foreign,_workos_granted,_workos_helpers,_workos_ids,_workos_instant,_workos_is_json,_workos_kind,_workos_lint_citus,_workos_lint_definitions,_workos_lint_policies,_workos_lint_tables,_workos_list,_workos_managed,_workos_names_of_helpers,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_open,_workos_ordinary,_workos_quick,_workos_read_elsewhere,_workos_reason,_workos_reduced,_workos_role,_workos_set_claims,_workos_shown,_workos_string,_workos_strings,_workos_thorough,_workos_token_issued_at,_workos_token_session,_workos_tokens,_workos_undecided,_workos_well_formed,_workos_whole,_workos_with,workos_accept_audience,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_client_id,workos_configure,workos_delegated_org_id,workos_delegated_user_id,workos_doctor,workos_entitlements,workos_expires_at,workos_explain,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_has_scope,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_ids,workos_org_ids_with_permission,workos_org_ids_with_role,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_propagate_claims,workos_protect,workos_refuse_audience,workos_scopes,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]) and p.proname ^@ 'workos_'
		and p.provolatile = 's' and not p.proretset and p.prokind = 'f'
		and p.proname not in ('workos_verify', 'workos_library_version')
		and case when exists (select from pg_extension e where e.extname in ('pg_workos', 'pg_workos_portable') and e.extnamespace = p.pronamespace)
			then exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid
				where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname in ('pg_workos', 'pg_workos_portable'))
			else p.proowner = (select f.proowner from pg_proc f where f.oid = 'extensions._workos_helpers()'::regprocedure) end
$$;

-- Why a helper has its value, and what changes that.
create or replace function extensions._workos_reason(helper text, arguments text[], value text, out reason text, out remedy text)
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	kind constant text := extensions.workos_token_kind();
	org constant text := extensions.workos_org_id();
	wanted constant text := array_to_string(arguments, ', ');
	lacks constant boolean := value is null or value in ('false', '{}');
	passes boolean; -- a delegated gate, without the permission
	standing jsonb; -- what the directory says, if therefore the session does not count
begin
	if kind is null and lacks and extensions._workos_token_session() is not null then
		execute 'select workos._standing()' into standing;
	end if;
	if not lacks then
		if helper = 'workos_is_impersonated' then
			reason := 'the token has a claim act';
			remedy := 'End the impersonation, and sign in as the user.';
		end if;
	elsif helper = 'workos_is_impersonated' then
		null;
	elsif helper in ('workos_claims', 'workos_claim', 'workos_token_kind') and kind is not null then
		reason := case helper when 'workos_claim' then 'the token has no such claim' end;
		remedy := case helper when 'workos_claim' then 'Add the claim to the JWT template in the WorkOS dashboard, and let the client refresh the token.' end;
	elsif standing ? 'ended' then
		reason := format('the directory says that %s since %s', standing ->> 'ended', coalesce((standing ->> 'since')::timestamptz::text, 'an unknown time'));
		remedy := 'select * from extensions.workos_doctor();';
	elsif kind is null then
		reason := 'there are no claims in force';
		remedy := 'select * from extensions.workos_doctor();';
	elsif helper ^@ 'workos_delegated' or helper = 'workos_application_org_id' and cardinality(arguments) = 1 then
		passes := case when helper ^@ 'workos_delegated' then extensions.workos_delegated_user_id(arguments[1], arguments[2]) else extensions.workos_application_org_id(arguments[1]) end is not null;
		if coalesce(arguments[1], arguments[2]) is null then
			reason := 'the gate names neither a scope nor a client id';
			remedy := 'Name the scope that the application must have been granted, or its client id.';
		elsif kind <> (case when helper ^@ 'workos_delegated' then 'oauth' else 'application' end) then
			reason := format('the token is of the kind %s, and not of %s', kind, case when helper ^@ 'workos_delegated' then 'an application that acts for a user' else 'a machine' end);
		elsif arguments[1] is not null and not extensions.workos_has_scope(arguments[1]) then
			reason := 'scopes are ' || extensions._workos_shown(extensions.workos_scopes());
			remedy := format('Let the application ask for the scope %s, and sign in again.', arguments[1]);
		elsif arguments[2] is not null and arguments[2] is distinct from extensions.workos_client_id() then
			reason := 'the client id is ' || extensions._workos_shown(extensions.workos_client_id());
		elsif extensions.workos_claim('org_id') is null and helper <> 'workos_delegated_user_id' then
			reason := 'the token has no claim org_id';
			remedy := 'Let the user choose an organization when the application signs in.';
		elsif not passes then
			reason := 'the token names no accepted audience';
			remedy := 'select * from extensions.workos_doctor();';
		elsif cardinality(arguments) = 3 then
			reason := 'the directory has no active membership of the user in the organization of the token with a role that has the permission';
			remedy := format('See whether the directory is up to date, and whether the user has the permission %s in WorkOS.', arguments[3]);
		end if;
	elsif helper in ('workos_has_scope', 'workos_scopes') then
		reason := case when kind in ('oauth', 'application') then 'scopes are ' || extensions._workos_shown(extensions.workos_scopes()) else format('the token is of the kind %s, which has no scopes', kind) end;
	elsif helper = 'workos_client_id' then
		reason := 'the token has no such claim';
	elsif helper ^@ 'workos_application' then
		reason := case when kind = 'application' then 'the token has no such claim' else format('the token is of the kind %s, and not of a machine', kind) end;
	elsif kind <> 'session' then
		reason := format('the token is of the kind %s, and not of a user session', kind);
		remedy := 'select * from extensions.workos_doctor();';
	elsif helper ^@ 'workos_org_ids' then
		-- Without the directory of this library, the helper has raised an error.
		execute 'select workos._known()' into standing;
		reason := case when standing -> 'unknown' ? 'user' then 'the directory does not know the user' else 'the directory has no such membership of the user' end;
		remedy := 'These organizations come from the directory, and not from the token. See whether the directory is up to date, and whether the user has the membership, role or permission in WorkOS.';
	elsif helper ~ 'permission' then
		reason := 'permissions are ' || extensions._workos_shown(extensions.workos_permissions());
		remedy := format('In WorkOS, give the role of the user %s %s; then let the client refresh the token.', case when cardinality(arguments) < 2 then 'the permission'
			when helper ~ '_all_' then 'the permissions' else 'one of the permissions' end, wanted);
		-- A claim of another type counts as missing. WorkOS cannot mend that.
		if extensions.workos_permissions() = '{}' and extensions.workos_claim('permissions') !~ $q$^\[\s*\]\Z$q$ then
			reason := reason || ', because the claim permissions is not a list of texts only';
			remedy := 'select * from extensions.workos_doctor();';
		end if;
	elsif helper ~ 'role' then
		reason := 'roles are ' || extensions._workos_shown(extensions.workos_user_roles());
		remedy := format('In WorkOS, give the user %s %s; then let the client refresh the token.', case when cardinality(arguments) < 2 then 'the role' else 'one of the roles' end, wanted);
		if extensions.workos_user_roles() = '{}' then
			remedy := remedy || ' If the user has it there, the token does not carry it, and workos_doctor() says why.';
		end if;
	elsif helper ~ 'entitlement' then
		reason := 'entitlements are ' || extensions._workos_shown(extensions.workos_entitlements());
		remedy := format('In WorkOS, give the organization the entitlement %s; then let the client refresh the token.', wanted);
	elsif helper ~ 'flag' then
		reason := 'feature flags are ' || extensions._workos_shown(extensions.workos_feature_flags());
		remedy := format('In WorkOS, turn on the feature flag %s; then let the client refresh the token.', wanted);
	elsif helper = 'workos_authenticated_within' then
		reason := coalesce('the user signed in at ' || extensions.workos_authenticated_at(), 'the token has no claim auth_time');
		remedy := 'Let the user sign in again.';
	elsif helper = 'workos_is_member' and org is not null then
		reason := 'the organization is ' || extensions._workos_shown(org);
	end if;
	if org is null and kind = 'session' and lacks and helper !~ '^workos_org_ids' and (helper ~ '_org_|_member' or helper ~ 'role|permission' and value is not distinct from 'false') then
		reason := concat_ws('; ', 'no organization is selected', reason);
		remedy := 'Let the user select an organization: switchToOrganization({ organizationId }) in AuthKit, or organization_id when the session is refreshed.';
	end if;
end $$;

-- What is known of an expression without its row: for the caller, with his claims.
--
-- helpers: the functions that may be called. Nothing else in the expression is evaluated: casts, comparisons, AND, OR
-- and the like are computed here, where they mean those of Postgres, and all the rest counts as unknown.
--
-- truth: which results the expression can have, whatever the row is: the sum of 1 for true, 2 for false and 4 for NULL.
-- shown: the expression, in which the calls are replaced by their values.
-- reasons: for each call its value, and why it has this value. remedies: what changes these values.
-- failure: the error that a part of the expression raises.
create or replace function extensions._workos_evaluate(expression text, helpers oid[], out truth int, out shown text, out reasons text[], out remedies text[], out failure text)
	language plpgsql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on set quote_all_identifiers = off as $$
declare
	text_types constant text[] := '{text,varchar,character varying,name,bpchar,character}'::text[];
	uuid_pattern constant text := $q$^\{?([0-9A-Fa-f]{4}-?){8}\}?\Z$q$;
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	-- Operators that give NULL when one side is NULL, whatever the types are: all of these names in pg_catalog.
	null_in_null_out constant text[] := '{=,<>,<,<=,>,>=,~~,!~~,~~*,!~~*,~,!~,~*,!~*,->,->>,#>,#>>,?,?|,?&,@>,<@,&&,+,*,/,%,@@}'::text[];
	-- The stack. kinds: value, name (of a column, a function or a type), word (of SQL), operator, comma, open.
	-- tokens: as written; for a value, its type if it is known. known: a constant, or a value of the caller.
	-- claims: the value comes from the claims. single: a sub-select.
	kinds text[] := '{}'::text[];
	tokens text[] := '{}'::text[];
	vals text[] := '{}'::text[];
	knowns boolean[] := '{}'::boolean[];
	truths int[] := '{}'::int[];
	claimed boolean[] := '{}'::boolean[];
	selects boolean[] := '{}'::boolean[];
	starts int[] := '{}'::int[];
	stops int[] := '{}'::int[];
	top int := 0;
	opened int[] := '{}'::int[]; -- where on the stack the open parentheses are
	level int := 0; -- how many are open
	in_type boolean := false; -- The last token belongs to the name of a type.
	-- parts of the expression to be replaced
	from_positions int[] := '{}'::int[];
	to_positions int[] := '{}'::int[];
	replacements text[] := '{}'::text[];
	t record;
	f record;
	x int;
	y int;
	z int;
	first int;
	word text;
	n int;
	ok boolean;
	-- the value that takes the place of a part
	as_type text;
	as_value text;
	as_known boolean;
	as_truth int;
	as_claim boolean;
	as_select boolean;
	as_start int;
	arguments text[];
	argument_types text[];
	argument_names text[]; -- NULL where the argument is not named
	all_known boolean;
	call text;
	one text;
	two text;
	elements text[];
	json_value jsonb;
	state text;
	message text;
	hint text;
begin
	reasons := '{}';
	remedies := '{}';
	truth := 7;
	shown := expression;
	-- One more pair of parentheses encloses the whole. Positions are counted without it.
	for t in select k.*, k.start - 1 as at from extensions._workos_tokens('(' || expression || ')') k order by k.n loop
		if in_type then
			if t.kind = 'name' and t.token in ('varying', 'precision', 'without', 'with', 'time', 'zone') then
				tokens[top] := tokens[top] || ' ' || t.token;
				stops[top] := t.at + length(t.token) - 1;
				continue;
			elsif t.kind <> 'open' then
				in_type := false;
			end if;
		end if;
		if t.kind <> 'close' then
			top := top + 1;
			kinds[top] := 'word';
			tokens[top] := t.token;
			vals[top] := null;
			knowns[top] := false;
			truths[top] := 7;
			claimed[top] := false;
			selects[top] := false;
			starts[top] := t.at;
			stops[top] := t.at + length(t.token) - 1;
		end if;
		case t.kind
		when 'string' then
			kinds[top] := 'value';
			tokens[top] := '';
			if t.token ^@ '''' and t.token ~ '''$' then
				knowns[top] := true;
				tokens[top] := 'text';
				vals[top] := replace(substr(t.token, 2, length(t.token) - 2), '''''', '''');
			end if;
		when 'number' then
			kinds[top] := 'value';
			tokens[top] := 'number';
		when 'comma' then kinds[top] := 'comma';
		when 'operator' then kinds[top] := 'operator';
		when 'name' then
			if t.token in ('true', 'false') then
				kinds[top] := 'value';
				tokens[top] := 'boolean';
				knowns[top] := true;
				vals[top] := t.token;
				truths[top] := case t.token when 'true' then 1 else 2 end;
			elsif t.token = 'NULL' then
				kinds[top] := 'value';
				tokens[top] := 'text';
				knowns[top] := true;
				truths[top] := 4;
			elsif t.token in ('CURRENT_USER', 'CURRENT_ROLE', 'USER', 'SESSION_USER') then
				kinds[top] := 'value';
				tokens[top] := 'name';
				knowns[top] := true;
				vals[top] := case t.token when 'SESSION_USER' then session_user else current_user end;
			elsif t.token !~ '^[A-Z]' then
				kinds[top] := 'name';
				tokens[top] := t.name;
				-- The result of a cast.
				if top > 2 and kinds[top - 1] = 'operator' and tokens[top - 1] = '::' then
					x := top - 2;
					top := x;
					in_type := true;
					kinds[x] := 'value';
					stops[x] := t.at + length(t.token) - 1;
					tokens[x] := t.name;
					selects[x] := false;
					-- The name may go on. What it means is decided when the type is used, but for these two.
					if claimed[x] and knowns[x] then
						if t.name = 'uuid' and vals[x] !~ uuid_pattern then
							failure := coalesce(failure, format('22P02: invalid input syntax for type uuid, because %s is not a UUID', extensions._workos_shown(vals[x])));
							remedies := remedies || 'Remove the cast to uuid, and compare with a column of type text, which holds WorkOS ids.'::text;
							knowns[x] := false;
						end if;
						if t.name in ('json', 'jsonb') and vals[x] is not null then
							begin
								vals[x] := vals[x]::jsonb::text;
							exception when others then -- The message would repeat a part of the claims.
								failure := coalesce(failure, '22P02: invalid input syntax for type json');
								knowns[x] := false;
							end;
						elsif t.name = any (text_types) then
							from_positions := from_positions || starts[x];
							to_positions := to_positions || stops[x];
							replacements := replacements || extensions._workos_shown(vals[x]);
						end if;
					end if;
					if t.name = 'boolean' and knowns[x] and vals[x] in ('true', 'false') then
						truths[x] := case vals[x] when 'true' then 1 else 2 end;
					elsif vals[x] is not null or not knowns[x] then
						truths[x] := 7;
					end if;
					-- A type of others may compute anything.
					if strpos(t.name, '.') > 0 then
						knowns[x] := false;
						truths[x] := 7;
					end if;
				end if;
			end if;
		when 'open' then
			kinds[top] := 'open';
			selects[top] := in_type; -- a modifier of the type, such as (20) or []
			in_type := false;
			level := level + 1;
			opened[level] := top;
		when 'close' then
			if level = 0 then
				return; -- The text was not understood.
			end if;
			x := opened[level];
			level := level - 1;
			first := x + 1;
			n := top - x;
			if selects[x] then
				if tokens[x] = '[' then
					tokens[x - 1] := tokens[x - 1] || '[]';
					if knowns[x - 1] and tokens[x - 1] = 'text[]' and vals[x - 1] is not null then
						begin
							vals[x - 1] := vals[x - 1]::text[]::text;
						exception when others then
							knowns[x - 1] := false;
						end;
					end if;
				else
					knowns[x - 1] := knowns[x - 1] and vals[x - 1] is null;
				end if;
				top := x - 1;
				stops[top] := t.at;
				in_type := true;
				continue;
			end if;
			as_type := '';
			as_value := null;
			as_known := false;
			as_truth := 7;
			as_claim := false;
			as_select := false;
			as_start := starts[x];
			word := case when x > 1 and kinds[x - 1] in ('name', 'word') then tokens[x - 1] end;
			if word is not null and (kinds[x - 1] = 'name' or word in ('COALESCE', 'NULLIF', 'ARRAY')) then
				as_start := starts[x - 1];
				-- The arguments: ok if each is one value.
				ok := true;
				arguments := '{}';
				argument_types := '{}';
				argument_names := '{}';
				y := first;
				z := 0; -- the number of arguments that are known
				call := '';
				while y <= top loop
					one := null;
					if kinds[y] = 'word' and tokens[y] = 'VARIADIC' then
						y := y + 1;
					elsif kinds[y] = 'name' and y + 1 < top and tokens[y + 1] = '=>' then
						call := call || tokens[y] || ' => ';
						one := tokens[y];
						y := y + 2;
					end if;
					ok := ok and kinds[y] in ('value', 'name') and (y = top or kinds[y + 1] = 'comma');
					exit when not ok;
					arguments := array_append(arguments, vals[y]);
					argument_names := array_append(argument_names, one);
					argument_types := argument_types || tokens[y];
					z := z + case when kinds[y] = 'value' and knowns[y] then 1 else 0 end;
					y := y + 2;
				end loop;
				ok := ok and (n = 0 or y = top + 2);
				if word = 'ARRAY' then
					as_known := ok and z = cardinality(arguments) and argument_types <@ text_types;
					as_type := 'text[]';
					as_value := case when as_known then arguments::text end;
				elsif word = 'COALESCE' and ok then
					as_truth := 0;
					as_known := true;
					for y in first .. top by 2 loop
						as_truth := (as_truth & 3) | truths[y];
						as_known := as_known and knowns[y];
						as_type := tokens[y];
						as_value := case when as_known then vals[y] end;
						as_claim := as_claim or claimed[y];
						exit when truths[y] & 4 = 0 or knowns[y] and vals[y] is not null;
					end loop;
				elsif word = 'NULLIF' and ok and z = 2 and argument_types <@ text_types then
					as_known := true;
					as_type := argument_types[1];
					as_value := nullif(arguments[1], arguments[2]);
					as_claim := claimed[first];
				elsif kinds[x - 1] = 'name' then
					select p.oid, p.proname, p.proargtypes, p.proargnames[1:p.pronargs] as names, p.provariadic <> 0 as spreads, p.prorettype::regtype::text as result into f
						from pg_proc p
						where p.oid = any (helpers) and 'extensions.' || p.proname = word
							and (cardinality(arguments) between p.pronargs - p.pronargdefaults and p.pronargs or p.provariadic <> 0 and cardinality(arguments) > 0)
						order by p.pronargs <> cardinality(arguments) limit 1;
					if f.oid is not null and ok then
						all_known := z = cardinality(arguments);
						if not f.spreads and cardinality(arguments) > 0 or cardinality(f.names) > 0 and cardinality(arguments) = 0 then
							-- In the order of the function. Each default is NULL.
							arguments := array(select (select arguments[j] from generate_subscripts(arguments, 1) j where coalesce(argument_names[j] = a.name, j = a.number)) from unnest(f.names) with ordinality a(name, number) order by number);
						end if;
						if f.spreads and argument_types <> '{text[]}' then
							as_known := all_known and argument_types <@ text_types;
							arguments := case when as_known then array[arguments::text] end;
							one := 'variadic ($1)[1]::text[]';
						else
							as_known := all_known;
							one := (select string_agg(case when f.spreads then 'variadic ' else '' end || format('($1)[%s]::%s', number, type::regtype), ', ' order by number)
								from unnest(f.proargtypes::oid[]) with ordinality a(type, number));
						end if;
						as_claim := true;
						as_type := f.result;
						if as_known then
							begin
								execute format('select (extensions.%I(%s))::text', f.proname, one) into as_value using arguments;
								if f.spreads then
									arguments := arguments[1]::text[];
								end if;
								as_truth := case when as_value is null then 4 when f.result <> 'boolean' then 7 when as_value = 'true' then 1 else 2 end;
								call := format('%s(%s)', f.proname, (select string_agg(extensions._workos_shown(a), ', ' order by number) from unnest(arguments) with ordinality u(a, number)));
								select r.reason, r.remedy into one, two from extensions._workos_reason(f.proname, arguments, as_value) r;
								if f.result = 'boolean' then
									as_value := case as_value when 'true' then 'true' when 'false' then 'false' end;
								end if;
								message := case when f.result in ('text', 'text[]') and f.proname <> 'workos_impersonator' or as_value is null then
										case when f.result = 'text[]' and as_value is not null then extensions._workos_shown(as_value::text[]) else extensions._workos_shown(as_value) end
									when f.proname in ('workos_impersonator', 'workos_claims') then '(not shown)'
									else as_value end;
								if f.result <> 'jsonb' then
									from_positions := from_positions || as_start;
									to_positions := to_positions || t.at;
									replacements := replacements || message;
								end if;
								reasons := reasons || (call || ' is ' || message || coalesce(': ' || one, ''));
								if two is not null then
									remedies := remedies || two;
								end if;
							exception when others then
								get stacked diagnostics state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
								-- The message of a cast repeats what is cast. Those of the helpers themselves hold no claim.
								if state <> '22023' and exists (select from generate_series(first, top) i where claimed[i]) then
									message := format('an argument of %s(), a value of the claims, does not fit its type', f.proname);
								end if;
								failure := coalesce(failure, format('%s: %s', state, message));
								remedies := remedies || coalesce(nullif(hint, ''), 'select * from extensions.workos_doctor();');
								as_known := false;
								as_value := null;
							end;
						elsif f.result = 'boolean' or f.proname ^@ 'workos_org_with_' then
							-- The argument depends on the row, but not everything does.
							begin
								ok := case
									when f.proname = 'workos_is_member' or f.proname ^@ 'workos_org_with_' and extensions.workos_org_id() is null then extensions.workos_org_id() is null
									when f.proname ~ 'permission' then coalesce(extensions.workos_permissions(), '{}') = '{}'
									when f.proname ~ 'role' then coalesce(extensions.workos_user_roles(), '{}') = '{}'
									when f.proname ~ 'entitlement' then coalesce(extensions.workos_entitlements(), '{}') = '{}'
									when f.proname ~ 'flag' then coalesce(extensions.workos_feature_flags(), '{}') = '{}'
									else false end;
								select r.reason, r.remedy into one, two from extensions._workos_reason(f.proname, '{"that the row names"}',
									case when f.proname = 'workos_is_member' or f.result <> 'boolean' then null else 'false' end) r;
								as_truth := case when f.proname = 'workos_is_member' or f.result <> 'boolean' then case when ok then 4 else 7 end when ok then 2 else 3 end;
								as_known := ok and f.result <> 'boolean';
								reasons := reasons || (format('%s(...) depends on the row', f.proname) || coalesce(': ' || one, ''));
								if two is not null and ok then
									remedies := remedies || two;
								end if;
							exception when others then
								get stacked diagnostics state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
								failure := coalesce(failure, format('%s: %s', state, message));
								remedies := remedies || coalesce(nullif(hint, ''), 'select * from extensions.workos_doctor();');
							end;
						end if;
					-- The functions of Supabase, which read the same claims. They are recognized, but never called.
					elsif word in ('auth.uid', 'auth.jwt', 'auth.role') and n = 0 and exists (select from pg_proc p join pg_namespace s on s.oid = p.pronamespace
							where s.nspname = 'auth' and p.proname = substr(word, 6) and p.pronargs = 0 and p.prosrc ~ 'request[.]jwt[.]claim') then
						as_claim := true;
						begin
							if current_setting('request.jwt.claim', true) <> '' then
								ok := false; -- the form of old versions
							end if;
							json_value := setting::jsonb;
						exception when others then
							ok := false;
							failure := coalesce(failure, '22P02: invalid input syntax for type json');
						end;
						if not ok then
							null;
						elsif word = 'auth.jwt' then
							as_known := true;
							as_type := 'jsonb';
							as_value := json_value;
						else
							as_type := case word when 'auth.uid' then 'uuid' else 'text' end;
							as_value := case word when 'auth.uid' then coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), json_value ->> 'sub')
								else coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), json_value ->> 'role') end;
							as_known := true;
							message := extensions._workos_shown(as_value);
							if word = 'auth.uid' and as_value !~ uuid_pattern then
								failure := coalesce(failure, format('22P02: invalid input syntax for type uuid. auth.uid() raises it, because the claim sub is %s: the id of a WorkOS user is not a UUID', message));
								remedies := remedies || 'Compare workos_user_id() with a column of type text, which holds WorkOS ids, instead of auth.uid().'::text;
								as_known := false;
								as_value := null;
							else
								reasons := reasons || format('%s() is %s', word, message);
								from_positions := from_positions || as_start;
								to_positions := to_positions || t.at;
								replacements := replacements || message;
							end if;
						end if;
					elsif word = 'current_setting' and ok and z = cardinality(arguments) and arguments[1] ~* '^request[.]jwt[.]claims?([.].*)?$' then
						as_type := 'text';
						as_claim := true;
						as_value := current_setting(arguments[1], true);
						as_known := true;
						if as_value is null and arguments[2] is distinct from 'true' then
							as_known := false;
							failure := coalesce(failure, format('42704: unrecognized configuration parameter %s', extensions._workos_shown(arguments[1])));
						end if;
						-- The claims as a whole are not shown.
					end if;
				end if;
				x := x - 1;
			elsif n = 1 and kinds[first] in ('value', 'name') then
				as_type := case kinds[first] when 'value' then tokens[first] else '' end;
				as_known := knowns[first];
				as_value := vals[first];
				as_truth := truths[first];
				as_claim := claimed[first];
				as_select := selects[first];
			elsif kinds[first] = 'word' and tokens[first] = 'SELECT' then
				as_select := true;
				if kinds[first + 1] in ('value', 'name') and (n = 2 or n = 4 and tokens[first + 2] = 'AS') then
					if kinds[first + 1] = 'value' then
						as_type := tokens[first + 1];
						as_known := knowns[first + 1];
						as_value := vals[first + 1];
						as_truth := truths[first + 1];
						as_claim := claimed[first + 1];
					end if;
				elsif n > 4 and kinds[top - 1] = 'word' and tokens[top - 1] = 'WHERE' and truths[top] & 1 = 0 then
					-- No row passes. (An aggregate would give a row all the same.)
					y := array_position(tokens[first:top], 'FROM');
					if y is not null and kinds[first + y - 1] = 'word'
							and not exists (select from generate_series(first + 1, first + y - 2) i where kinds[i] = 'word' and tokens[i] <> 'AS' or kinds[i] in ('operator', 'open') or kinds[i] = 'value' and tokens[i] = '' and not knowns[i])
							and not exists (select from generate_series(first, top) i where kinds[i] = 'word' and tokens[i] in ('UNION', 'INTERSECT', 'EXCEPT', 'GROUP', 'HAVING', 'WINDOW', 'LIMIT', 'OFFSET')) then
						as_type := 'empty';
					end if;
				end if;
			elsif n >= 3 and exists (select from generate_series(first, top) i where kinds[i] = 'word' and tokens[i] in ('AND', 'OR')) then
				-- AND and OR are never mixed without parentheses.
				ok := not exists (select from generate_series(first, top) i where kinds[i] = 'word' and tokens[i] = 'OR');
				x := first; -- where the operand begins
				as_truth := case when ok then 1 else 2 end;
				for y in first .. top + 1 loop
					if y > top or kinds[y] = 'word' and tokens[y] in ('AND', 'OR') then
						n := case when y = x + 1 then truths[x] else 7 end;
						as_truth := case when ok then
								(as_truth & n & 1) | ((as_truth | n) & 2) | case when (as_truth & n & 4) > 0 or as_truth & 4 > 0 and n & 1 > 0 or n & 4 > 0 and as_truth & 1 > 0 then 4 else 0 end
							else ((as_truth | n) & 1) | (as_truth & n & 2) | case when (as_truth & n & 4) > 0 or as_truth & 4 > 0 and n & 2 > 0 or n & 4 > 0 and as_truth & 2 > 0 then 4 else 0 end end;
						x := y + 1;
					end if;
				end loop;
				x := first - 1;
				as_type := 'boolean';
			elsif n = 2 and kinds[first] = 'word' and tokens[first] = 'NOT' and kinds[top] in ('value', 'name') then
				as_truth := (truths[top] & 4) | ((truths[top] & 1) << 1) | ((truths[top] & 2) >> 1);
				as_type := 'boolean';
			elsif n >= 3 and kinds[first] in ('value', 'name') and kinds[first + 1] = 'word' and tokens[first + 1] = 'IS' then
				as_type := 'boolean';
				as_truth := 3;
				one := (select string_agg(case kinds[i] when 'word' then tokens[i] when 'value' then coalesce(upper(vals[i]), 'NULL') else 'x' end, ' ' order by i) from generate_series(first + 2, top) i);
				if one in ('NULL', 'NOT NULL') and vals[top] is null and knowns[top] then
					as_truth := case when knowns[first] then case when (vals[first] is null) = (one = 'NULL') then 1 else 2 end else 3 end;
				elsif one in ('TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN') then
					y := case when one ~ 'TRUE' then 1 when one ~ 'FALSE' then 2 else 4 end;
					as_truth := case when truths[first] & y > 0 then 1 else 0 end | case when truths[first] & (7 - y) > 0 then 2 else 0 end;
					if one ^@ 'NOT' then
						as_truth := ((as_truth & 1) << 1) | ((as_truth & 2) >> 1);
					end if;
				elsif n in (5, 6) and tokens[top - 2] = 'DISTINCT' and tokens[top - 1] = 'FROM' and knowns[first] and knowns[top]
						and (tokens[first] = any (text_types) and tokens[top] = any (text_types) or vals[first] is null or vals[top] is null) then
					as_truth := case when (vals[first] is distinct from vals[top]) = (n = 5) then 1 else 2 end;
				end if;
			elsif n in (3, 4) and kinds[first] in ('value', 'name') and kinds[top] in ('value', 'name')
					and (n = 3 and kinds[first + 1] = 'operator'
						or n = 3 and kinds[first + 1] = 'word' and tokens[first + 1] = 'IN'
						or n = 4 and kinds[first + 1] = 'operator' and kinds[first + 2] = 'word' and tokens[first + 2] in ('ANY', 'ALL')) then
				one := case when tokens[first + 1] = 'IN' then '=' else tokens[first + 1] end;
				y := first;
				z := top;
				as_claim := claimed[y] or claimed[z];
				if n = 4 or tokens[first + 1] = 'IN' then
					as_type := 'boolean';
					word := case when n = 4 then tokens[first + 2] else 'ANY' end;
					elements := case when knowns[z] and tokens[z] = 'text[]' then vals[z]::text[] end;
					if tokens[z] = 'empty' or elements = '{}' then
						as_truth := case word when 'ANY' then 2 else 1 end;
					elsif n = 4 and knowns[z] and vals[z] is null and not selects[z] then
						as_truth := 4;
					elsif n = 4 and knowns[y] and vals[y] is null and one = any (null_in_null_out) and elements <> '{}' then
						as_truth := 4;
					elsif n = 4 and elements is not null and knowns[y] and tokens[y] = any (text_types) and word = 'ANY' and one = '=' then
						as_truth := case when vals[y] = any (elements) then 1 when array_position(elements, null) is not null then 4 else 2 end;
					elsif tokens[first + 1] = 'IN' and selects[z] and knowns[z] and (vals[z] is null or knowns[y] and (vals[y] is null or tokens[y] = any (text_types) and tokens[z] = any (text_types))) then
						as_truth := case when vals[y] = vals[z] then 1 when vals[y] <> vals[z] and knowns[y] then 2 else 4 end;
					end if;
				elsif one = any (null_in_null_out) and (knowns[y] and vals[y] is null or knowns[z] and vals[z] is null) then
					as_known := true;
					as_truth := 4;
				elsif not (knowns[y] and knowns[z]) then
					null;
				elsif one in ('=', '<>') and (tokens[y] = any (text_types) and tokens[z] = any (text_types) or tokens[y] = 'boolean' and tokens[z] = 'boolean') then
					as_type := 'boolean';
					as_truth := case when (vals[y] = vals[z]) = (one = '=') then 1 else 2 end;
				elsif tokens[y] in ('json', 'jsonb') and tokens[z] = any (text_types) and one in ('->', '->>', '?') then
					json_value := vals[y]::jsonb;
					if one = '?' then
						as_type := 'boolean';
						as_truth := case when json_value ? vals[z] then 1 else 2 end;
					else
						as_known := true;
						as_type := case one when '->' then tokens[y] else 'text' end;
						as_value := case one when '->' then (json_value -> vals[z])::text else json_value ->> vals[z] end;
						as_truth := case when as_value is null then 4 else 7 end;
						-- Only what stands for itself is shown: a text, or a list.
						if claimed[y] and (one = '->>' or as_value is null or as_value ^@ '[') then
							message := extensions._workos_shown(as_value);
							from_positions := from_positions || starts[first - 1];
							to_positions := to_positions || t.at;
							replacements := replacements || message;
							reasons := reasons || format('the claim %s is %s', extensions._workos_shown(vals[z]), message);
							if as_value is null then
								remedies := remedies || case when vals[z] in ('app_metadata', 'user_metadata', 'aal', 'amr', 'session_id', 'is_anonymous')
									then format('The claim %s is one of Supabase Auth. The token of a WorkOS session has it only if your JWT template adds it. Ask for the roles, permissions or claims of WorkOS instead.', vals[z])
									else format('The token has no claim %s. If it should have it, add it to the JWT template in the WorkOS dashboard, and let the client refresh the token.', extensions._workos_shown(vals[z])) end;
							end if;
						end if;
					end if;
				elsif tokens[y] = 'text[]' and tokens[z] = 'text[]' and one in ('&&', '@>', '<@') then
					as_type := 'boolean';
					as_truth := case when case one when '&&' then vals[y]::text[] && vals[z]::text[] when '@>' then vals[y]::text[] @> vals[z]::text[] else vals[y]::text[] <@ vals[z]::text[] end
						then 1 else 2 end;
				end if;
			elsif n = 2 and kinds[first] = 'word' and tokens[first] = 'EXISTS' then
				as_type := 'boolean';
				as_truth := case when tokens[top] = 'empty' then 2 else 3 end;
			end if;
			-- A pair of parentheses, or a sub-select, around a value of the caller.
			if as_start > 0 and as_claim and as_known and (n = 1 or as_select) and to_positions[cardinality(to_positions)] = stops[first + case when as_select and n > 1 then 1 else 0 end] then
				from_positions := from_positions || as_start;
				to_positions := to_positions || t.at;
				replacements := replacements || replacements[cardinality(replacements)];
			end if;
			top := x;
			kinds[top] := 'value';
			tokens[top] := as_type;
			vals[top] := as_value;
			knowns[top] := as_known;
			truths[top] := as_truth;
			claimed[top] := as_claim;
			selects[top] := as_select;
			starts[top] := as_start;
			stops[top] := t.at;
		else
			null;
		end case;
	end loop;
	if top <> 1 or level > 0 then
		return;
	end if;
	truth := truths[1];
	reasons := array(select r from unnest(reasons) with ordinality u(r, o) group by r order by min(o));
	remedies := array(select r from unnest(remedies) with ordinality u(r, o) group by r order by min(o));
	-- The outermost replacements.
	shown := '';
	n := 1;
	for f in
		select u.a, u.b, u.r from unnest(from_positions, to_positions, replacements) u(a, b, r)
		where not exists (select from unnest(from_positions, to_positions) v(a, b) where v.a <= u.a and v.b >= u.b and (v.a, v.b) <> (u.a, u.b))
		group by u.a, u.b, u.r order by u.a
	loop
		shown := shown || substr(expression, n, f.a - n) || f.r;
		n := f.b + 1;
	end loop;
	shown := regexp_replace(shown || substr(expression, n), $q$[ \n\t]+$q$, ' ', 'g');
end $$;

-- relation: a name as in a query, or the number of a table. It may be in a schema that the caller may not use, which is
-- why it is no regclass. path: the search_path of the caller.
create or replace function extensions._workos_explain(relation text, command text, path text, out step text, out status text, out detail text, out remedy text) returns setof record
	-- The other settings print expressions in a form that _workos_evaluate() reads.
	language plpgsql stable set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set standard_conforming_strings = on
	set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' as $$
declare
	longest constant int := 100000; -- of a stored expression
	helpers constant oid[] := extensions._workos_helpers();
	caller constant name := current_user;
	asked constant text := lower(regexp_replace(btrim(command), $q$[ \t\n]+$q$, ' ', 'g'));
	schemas text[];
	parts text[];
	rel record;
	kind text;
	org text;
	elsewhere text;
	refused text; -- the error that Postgres answers, whatever the rows are
	refused_remedy text;
	applies boolean; -- row security
	is_owner boolean;
	instead_of_grants text; -- for a role that is not meant to have privileges
	if_wanted constant text := case when caller = 'anon' then 'If anonymous visitors may: ' else '' end;
	names text;
	more text;
	asks text;
	item record;
	policy record;
	found record;
	clause record;
	letters "char"[] := '{}'::"char"[]; -- the commands whose policies apply
	-- of the policies of one command
	passes text[]; -- the permissive policies that may let rows through
	everything boolean; -- one of these lets every row through
	every_row boolean := true; -- so it is for all commands, and nothing takes rows away
	some_columns boolean := false; -- the privilege is for some columns only
	blocked text[]; -- the permissive ones that let nothing through
	blocking text[]; -- the restrictive ones that let nothing through
	conditions text[]; -- the restrictive ones that may let rows through
	failures text[];
	lines text[];
	line_no int;
	verdicts text[];
	steps text[] := '{}'::text[];
	cures text[];
	cures_of_privileges text[];
	cures_of_failures text[] := '{}'::text[];
	cures_of_blocked text[] := '{}'::text[]; -- where other policies may let something through
	said text;
	-- of all of them
	problem text; -- the first reason why nothing is let through
	problem_remedy text;
	summary text[] := '{}'::text[];
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('extensions')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	if relation is null or command is null then
		raise exception using errcode = '22004', message = 'the arguments of workos_explain() may not be NULL',
			hint = 'select * from workos_explain(''documents'', ''select'');';
	elsif asked not in ('select', 'insert', 'insert returning', 'insert on conflict do update', 'update', 'delete', 'merge') then
		raise exception using errcode = '22023', message = 'workos_explain() does not know this command',
			hint = 'The commands are select, insert, insert returning, insert on conflict do update, update, delete and merge.';
	elsif length(relation) > 1000 then
		raise exception using errcode = '22023', message = 'the name of the table is too long';
	end if;

	-- The table
	if relation ~ '^[0-9]{1,10}$' and relation::numeric < 4294967296 then
		select c.oid, c.*, n.nspname into rel from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation::oid;
	else
		begin
			parts := parse_ident(relation);
		exception when invalid_parameter_value then
			raise exception using errcode = '22023', message = 'the name of the table is no valid name',
				hint = 'Write it as in a query, such as documents, app.documents or app."Documents".';
		end;
		-- As in a query: temporary tables, then the schemas of the path. Those that the caller may not use come last.
		schemas := case when cardinality(parts) > 1 then array[parts[cardinality(parts) - 1]]
			else array['pg_temp', 'pg_catalog'] || array(
				select case when m[1] = '$user' or m[2] = '$user' then caller::text else coalesce(replace(m[1], '""', '"'), lower(m[2])) end
				from regexp_matches(path, '"((?:[^"]|"")*)"|([^", ]+)', 'g') with ordinality r(m, n) order by n) end;
		select c.oid, c.*, n.nspname into rel
			from unnest(schemas) with ordinality s(name, number)
				join pg_namespace n on n.nspname = s.name or s.name = 'pg_temp' and n.oid = pg_my_temp_schema()
				join pg_class c on c.relnamespace = n.oid and c.relname = parts[cardinality(parts)]
			where cardinality(parts) < 3 or parts[1] = current_database()
			order by not has_schema_privilege(n.oid, 'usage'), s.number limit 1;
	end if;
	if rel.oid is null then
		elsewhere := (select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by n.nspname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where c.relname = parts[cardinality(parts)] and c.relkind in ('r', 'p', 'v', 'm', 'f') and not pg_is_other_temp_schema(n.oid) and cardinality(parts) = 1);
		raise exception using errcode = '42P01', message = 'the table does not exist',
			hint = coalesce('There are, in schemas outside of the search_path: ' || elsewhere || '. Name one with its schema.', 'Name it with its schema, such as app.documents.');
	elsif rel.relkind not in ('r', 'p', 'v', 'm', 'f') then
		raise exception using errcode = '42809', message = format('%s is not a table or a view', rel.oid::regclass);
	end if;

	-- The caller
	step := 'caller';
	status := 'ok';
	detail := format('The role is %I.', caller);
	remedy := null;
	begin
		kind := extensions.workos_token_kind();
		org := extensions.workos_org_id();
		if kind = 'session' then
			detail := detail || format(' The user is %s, the organization %s, roles %s, permissions %s.', extensions._workos_shown(extensions.workos_user_id()),
				coalesce(extensions._workos_shown(org), 'none'), extensions._workos_shown(extensions.workos_user_roles()), extensions._workos_shown(extensions.workos_permissions()));
			if org is null then
				status := 'warning';
			end if;
		else
			status := 'warning';
			detail := detail || case when kind is null then ' There are no claims in force: the request is anonymous.' else format(' The claims are of the kind %s, and not of a user session.', kind) end;
			remedy := 'select * from extensions.workos_doctor();';
		end if;
	exception when invalid_parameter_value or invalid_authorization_specification or object_not_in_prerequisite_state then
		get stacked diagnostics more = message_text, names = returned_sqlstate;
		status := 'problem';
		detail := detail || format(' The claims cannot be read: %s: %s', names, more);
		remedy := 'select * from extensions.workos_doctor();';
	end;
	if current_setting('role') = 'none' and exists (select from unnest('{authenticated,anon}'::text[]) r
			where to_regrole(r) is not null and pg_has_role(caller, r, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) and not pg_has_role(caller, r, 'usage')) then
		status := 'problem';
		detail := detail || ' This is the role of the connection, not of a user: it may become authenticated or anon, and has none of their rights until then.';
		remedy := 'set local role authenticated;';
		instead_of_grants := remedy;
	elsif caller = 'anon' and kind = 'session' and to_regrole('authenticated') is not null then
		-- Whoever grants something to anon here opens the table to all visitors, and not to this user alone.
		status := 'problem';
		detail := detail || ' The user is signed in, but the Postgres role is that of anonymous visitors.';
		remedy := 'select * from extensions.workos_doctor();';
		instead_of_grants := remedy;
	end if;
	return next;

	-- Privileges
	step := 'schema';
	status := 'ok';
	detail := format('%I may use the schema %I.', caller, rel.nspname);
	remedy := null;
	if not has_schema_privilege(rel.relnamespace, 'usage') then
		status := 'problem';
		detail := format('%I may not use the schema %I. Postgres answers "permission denied for schema %2$s", or that the table does not exist if it is named without the schema.', caller, rel.nspname);
		remedy := coalesce(instead_of_grants, if_wanted || format('GRANT USAGE ON SCHEMA %I TO %I;', rel.nspname, caller));
		refused := format('%I may not use the schema %I', caller, rel.nspname);
		refused_remedy := remedy;
	end if;
	return next;
	if asked = 'merge' then
		step := 'command';
		status := 'note';
		detail := 'This is about MERGE with WHEN MATCHED THEN UPDATE and WHEN NOT MATCHED THEN INSERT. For WHEN MATCHED THEN DELETE, ask about delete, too.';
		remedy := null;
		return next;
	end if;
	for item in
		select * from (values (1, case when asked = 'merge' then 'SELECT' else upper(split_part(asked, ' ', 1)) end), (2, case when asked in ('insert returning', 'insert on conflict do update', 'update', 'delete') then 'SELECT' when asked = 'merge' then 'INSERT' end),
			(3, case when asked in ('insert on conflict do update', 'merge') then 'UPDATE' end)) v(n, privilege) where privilege is not null
	loop
		step := 'privilege';
		status := 'ok';
		detail := format('%I has the privilege %s on %s.', caller, item.privilege, rel.oid::regclass);
		remedy := null;
		if not has_table_privilege(rel.oid, item.privilege) then
			-- DELETE is no privilege of columns.
			select string_agg(quote_ident(a.attname), ', ' order by a.attnum) filter (where has_column_privilege(rel.oid, a.attnum, nullif(item.privilege, 'DELETE'))),
					string_agg(quote_ident(a.attname), ', ' order by a.attnum) filter (where not has_column_privilege(rel.oid, a.attnum, nullif(item.privilege, 'DELETE')))
				into names, more from pg_attribute a where a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped;
			if names is not null then
				status := 'warning';
				detail := format('%I has the privilege %s on the columns %s of %s only, and not on %s. A statement that uses others, such as select *, is answered with "permission denied for table %s".', caller, item.privilege, names, rel.oid::regclass, more, rel.relname);
				-- Privileges of columns are often meant to hide the others.
				remedy := coalesce(instead_of_grants, format('Name only columns with the privilege in the statement. Or, if %I may use the others: GRANT %s (%s) ON %s TO %1$I;', caller, item.privilege, more, rel.oid::regclass));
				some_columns := true;
			else
				status := 'problem';
				detail := format('%I does not have the privilege %s on %s. Postgres answers "permission denied for table %s"%s', caller, item.privilege, rel.oid::regclass, rel.relname,
					case when item.n <> 2 or asked = 'merge' then '.' when asked = 'insert returning' then ': RETURNING reads the row.' when asked ^@ 'insert' then ': ON CONFLICT (...) reads these columns.' else ' where the statement reads columns: in WHERE, in RETURNING, or to compute the new values.' end);
				remedy := coalesce(instead_of_grants, if_wanted || format('GRANT %s ON %s TO %I;', item.privilege, rel.oid::regclass, caller));
				refused := coalesce(refused, format('%I does not have the privilege %s on %s', caller, item.privilege, rel.oid::regclass));
				refused_remedy := coalesce(refused_remedy, remedy);
			end if;
		end if;
		return next;
	end loop;
	if asked ^@ 'insert' or asked = 'merge' then
		for item in
			select a.attname, a.attnotnull, s.oid as sequence, pg_get_expr(d.adbin, d.adrelid) as preset, d.oid as default_oid
			from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
				left join (pg_depend e join pg_class s on s.oid = e.refobjid and s.relkind = 'S') on e.classid = 'pg_attrdef'::regclass and e.objid = d.oid and e.refclassid = 'pg_class'::regclass
			where a.attrelid = rel.oid and not a.attisdropped order by a.attnum
		loop
			step := 'default';
			if item.sequence is not null then
				if not has_sequence_privilege(item.sequence, 'usage') and not has_sequence_privilege(item.sequence, 'update') then
					status := 'problem';
					detail := format('The default of the column %I takes a number from the sequence %s, which %I may not use: "permission denied for sequence". (Identity columns need no such privilege.)', item.attname, item.sequence::regclass, caller);
					remedy := coalesce(instead_of_grants, if_wanted || format('GRANT USAGE ON SEQUENCE %s TO %I;', item.sequence::regclass, caller));
					refused := coalesce(refused, format('%I may not use the sequence %s', caller, item.sequence::regclass));
					refused_remedy := coalesce(refused_remedy, remedy);
					return next;
				end if;
			elsif length(item.preset) < 2000 then
				select e.* into found from extensions._workos_evaluate(item.preset, array(select h from unnest(helpers) h join pg_depend x
					on x.classid = 'pg_attrdef'::regclass and x.objid = item.default_oid and x.refclassid = 'pg_proc'::regclass and x.refobjid = h)) e;
				if found.failure is not null then
					status := 'problem';
					detail := format('The default of the column %I raises an error: %s.', item.attname, found.failure);
					remedy := array_to_string(found.remedies, ' ');
					return next;
				elsif found.reasons <> '{}' then
					status := case when item.attnotnull and found.shown = 'NULL' then 'warning' else 'ok' end;
					detail := format('The default of the column %I is %s, because %s.%s', item.attname, found.shown, array_to_string(found.reasons, '; '),
						case when status = 'warning' then ' The column is NOT NULL.' else '' end);
					remedy := case when status = 'warning' then nullif(array_to_string(found.remedies, ' '), '') end;
					return next;
				end if;
			end if;
		end loop;
	end if;

	-- Views and the like have no row security of their own.
	if rel.relkind in ('v', 'm', 'f') then
		step := 'row security';
		status := 'warning';
		remedy := null;
		select string_agg(b.name, ', ' order by b.name), string_agg(format('select * from extensions.workos_explain(%L, %L);', b.name, asked), ' ' order by b.name) filter (where b.n <= 5)
			into names, asks
			from (
				select distinct b.oid::regclass::text as name, dense_rank() over (order by b.oid::regclass::text) as n from pg_rewrite r
					join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> rel.oid
					join pg_class b on b.oid = d.refobjid and b.relkind in ('r', 'p', 'v', 'm', 'f')
				where r.ev_class = rel.oid) b;
		more := (select split_part(o, '=', 2) from unnest(rel.reloptions) o where o ^@ 'security_invoker=');
		if rel.relkind = 'f' then
			detail := format('%s is a foreign table. No policies apply to it here: the other server decides, by the role of the user mapping, and it does not know the claims.', rel.oid::regclass);
		elsif rel.relkind = 'm' then
			detail := format('%s is a materialized view. It holds what its owner saw when it was refreshed, and shows all of it to everybody with the privilege.', rel.oid::regclass);
		elsif lower(coalesce(more, 'false')) in ('true', 'on', 'yes', '1') then
			status := 'ok';
			detail := format('%s is a view with security_invoker: the privileges and the policies of the caller apply to the tables that it reads: %s.', rel.oid::regclass, names);
			remedy := asks;
		else
			detail := format('%s is a view without security_invoker: the tables that it reads (%s) are read with the rights of its owner, %I, and by the policies for that role.%s', rel.oid::regclass, names, rel.relowner::regrole,
				case when exists (select from pg_roles r where r.oid = rel.relowner and (r.rolsuper or r.rolbypassrls)) then ' To that role row security does not apply, so the view shows every row.' else ' To tables of the same owner row security does not apply, unless it is forced.' end);
			remedy := format('ALTER VIEW %s SET (security_invoker = true);', rel.oid::regclass);
			-- What the owner may not read, nobody reads through the view.
			asks := case asked when 'merge' then 'SELECT' else upper(split_part(asked, ' ', 1)) end;
			select string_agg(distinct b.oid::regclass::text, ', ') into more from pg_rewrite r
				join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> rel.oid
				join pg_class b on b.oid = d.refobjid and b.relkind in ('r', 'p', 'v', 'm', 'f')
				where r.ev_class = rel.oid and not has_table_privilege(rel.relowner, b.oid, asks) and not (asks <> 'DELETE' and has_any_column_privilege(rel.relowner, b.oid, nullif(asks, 'DELETE')));
			if more is not null then
				status := 'problem';
				detail := detail || format(' But %I does not have the privilege %s on %s: "permission denied for table".', rel.relowner::regrole, asks, more);
				-- Whoever may use the view gets what the owner gets. Whether that is meant, only a person can say.
				remedy := format('If everybody with a privilege on the view may see these rows: GRANT %s ON %s TO %s; If not: ALTER VIEW %s SET (security_invoker = true);', asks, more, rel.relowner::regrole, rel.oid::regclass);
				refused := coalesce(refused, format('the owner of the view, %s, does not have the privilege %s on %s', rel.relowner::regrole, asks, more));
				refused_remedy := coalesce(refused_remedy, remedy);
			end if;
		end if;
		return next;
		step := 'verdict';
		if refused is not null then
			status := 'problem';
			detail := format('%s fails: %s.', upper(asked), refused);
			remedy := refused_remedy;
		else
			detail := case status when 'ok' then 'Which rows the view shows is decided by the policies of the tables that it reads. Ask about these.'
				else 'No policy looks at the caller.' || case rel.relkind when 'v' then ' The rows are those that the owner of the view sees.' else '' end end;
		end if;
		return next;
		return;
	end if;

	-- Row security
	step := 'row security';
	is_owner := pg_has_role(caller, rel.relowner, 'usage');
	select r.rolsuper, r.rolbypassrls into item from pg_roles r where r.rolname = caller;
	applies := false;
	status := 'warning';
	remedy := null;
	if not rel.relrowsecurity then
		detail := format('Row security is off on %s: its policies, if there are any, do nothing%s.', rel.oid::regclass, case when rel.relforcerowsecurity then ', and FORCE does nothing either' else '' end);
		if exists (select from pg_policy p where p.polrelid = rel.oid) then
			remedy := format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', rel.oid::regclass);
		end if;
	elsif item.rolsuper or item.rolbypassrls then
		detail := format('Row security is on, but does not apply to %I, which %s.', caller, case when item.rolsuper then 'is a superuser' else 'has BYPASSRLS' end);
		remedy := case when to_regrole('authenticated') is not null and pg_has_role(session_user, 'authenticated', case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
			then 'set local role authenticated;' else 'select * from extensions.workos_doctor();' end;
	elsif is_owner and not rel.relforcerowsecurity then
		detail := format('Row security is on, but does not apply to %I, which has the rights of the owner, %I, and it is not forced.', caller, rel.relowner::regrole);
		remedy := format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', rel.oid::regclass);
	else
		applies := true;
		status := 'ok';
		detail := format('Row security is on%s, and applies to %I.', case when rel.relforcerowsecurity then ', and forced for the owner' else '' end, caller);
		if current_setting('row_security') = 'off' then
			status := 'problem';
			detail := detail || ' But the setting row_security is off: the statement raises an error instead of leaving rows out.';
			remedy := 'set row_security = on;';
			refused := coalesce(refused, 'the setting row_security is off, and a policy would leave rows out');
			refused_remedy := coalesce(refused_remedy, remedy);
		end if;
	end if;
	return next;

	-- Policies
	for clause in
		select v.* from (values
			('select', 1, 'r', 'SELECT', true, 'no row can be seen'),
			('insert', 1, 'a', 'INSERT', false, 'no new row is accepted ("new row violates row-level security policy")'),
			('insert returning', 1, 'a', 'INSERT', false, 'no new row is accepted ("new row violates row-level security policy")'),
			('insert returning', 2, 'r', 'SELECT', true, 'RETURNING may not show the new row ("new row violates row-level security policy")'),
			('insert on conflict do update', 1, 'a', 'INSERT', false, 'no new row is accepted, not even one that meets a row which exists ("new row violates row-level security policy")'),
			('insert on conflict do update', 2, 'r', 'SELECT', true, 'the new row may not be seen, nor the row that exists, which ON CONFLICT reads ("new row violates row-level security policy")'),
			('insert on conflict do update', 3, 'w', 'UPDATE', true, 'a row that exists may not be changed, which is an error here ("new row violates row-level security policy (USING expression)")'),
			('insert on conflict do update', 4, 'w', 'UPDATE', false, 'no new values are accepted ("new row violates row-level security policy")'),
			('merge', 1, 'r', 'SELECT', true, 'no row of the table can be seen, so no row of the source is matched'),
			('merge', 2, 'w', 'UPDATE', true, 'a row that is matched may not be changed, which is an error here ("target row violates row-level security policy (USING expression)")'),
			('merge', 3, 'w', 'UPDATE', false, 'no new values are accepted ("new row violates row-level security policy")'),
			('merge', 4, 'a', 'INSERT', false, 'no new row is accepted ("new row violates row-level security policy")'),
			('update', 1, 'w', 'UPDATE', true, 'no row can be changed'),
			('update', 2, 'w', 'UPDATE', false, 'no new values are accepted ("new row violates row-level security policy")'),
			('update', 3, 'r', 'SELECT', true, 'no row can be seen, neither before nor after the change, as WHERE, RETURNING and all other reading of columns need'),
			('delete', 1, 'd', 'DELETE', true, 'no row can be deleted'),
			('delete', 2, 'r', 'SELECT', true, 'no row can be seen, as WHERE and RETURNING need')
		) v(asked_for, n, letter, name, is_using, consequence) where asked_for = asked and applies order by n
	loop
		letters := letters || clause.letter::"char";
		passes := '{}';
		blocked := '{}';
		blocking := '{}';
		conditions := '{}';
		cures := '{}';
		failures := '{}';
		everything := false;
		lines := '{}';
		verdicts := '{}';
		line_no := 0;
		for policy in
			select p.oid, p.polname, p.polpermissive, u.is_using, case when u.is_using then p.polqual else p.polwithcheck end as tree
			from pg_policy p, lateral (select clause.is_using or p.polwithcheck is null and p.polcmd <> 'a' as is_using) u
			where p.polrelid = rel.oid and p.polcmd in (clause.letter::"char", '*')
				and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(caller, r, 'usage'))
			order by p.polpermissive desc, p.polname
		loop
			select 7 as truth, '...'::text as shown, '{}'::text[] as reasons, '{}'::text[] as remedies, null::text as failure into found;
			if policy.tree is null then
				-- A restrictive policy without an expression forbids nothing, and a permissive one allows nothing.
				found.truth := case when policy.polpermissive then 2 else 1 end;
				found.shown := 'no expression';
			elsif length(policy.tree::text) <= longest then
				select e.* into found from extensions._workos_evaluate(pg_get_expr(policy.tree, rel.oid), array(select h from unnest(helpers) h join pg_depend x
					on x.classid = 'pg_policy'::regclass and x.objid = policy.oid and x.refclassid = 'pg_proc'::regclass and x.refobjid = h)) e;
			end if;
			-- What the policy uses, and the caller may not.
			select string_agg(o.name, ', ' order by o.name), array_agg(o.cure order by o.name) into names, cures_of_privileges from (
				select format('the table %s', c.oid::regclass) as name, format('GRANT SELECT ON %s TO %I;', c.oid::regclass, caller) as cure
				from pg_depend x join pg_class c on c.oid = x.refobjid
				where x.classid = 'pg_policy'::regclass and x.objid = policy.oid and x.refclassid = 'pg_class'::regclass and x.deptype = 'n' and c.oid <> rel.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
					and not has_table_privilege(c.oid, 'select') and not has_any_column_privilege(c.oid, 'select')
				union
				select format('the function %s', f.oid::regprocedure), format('GRANT EXECUTE ON FUNCTION %s TO %I;', f.oid::regprocedure, caller)
				from pg_depend x join pg_proc f on f.oid = x.refobjid
				where x.classid = 'pg_policy'::regclass and x.objid = policy.oid and x.refclassid = 'pg_proc'::regclass and not has_function_privilege(f.oid, 'execute')) o;
			if names is not null then
				found.failure := format('42501: permission denied, since the policy uses %s, and %I may not', names, caller);
				found.remedies := case when instead_of_grants is null and if_wanted = '' then cures_of_privileges when instead_of_grants is null then array[if_wanted || array_to_string(cures_of_privileges, ' ')] else array[instead_of_grants] end;
			end if;
			if found.failure is not null then
				failures := failures || format('the policy %I raises %s', policy.polname, found.failure);
				cures_of_failures := cures_of_failures || found.remedies;
				said := 'raises ' || found.failure;
			elsif found.truth & 1 = 0 then
				said := 'lets nothing through';
				cures := cures || found.remedies;
				if policy.polpermissive then
					blocked := blocked || quote_ident(policy.polname);
				else
					blocking := blocking || quote_ident(policy.polname);
				end if;
			else
				said := case when found.truth = 1 then 'lets everything through' else 'decides row by row' end;
				everything := everything or policy.polpermissive and found.truth = 1;
				if policy.polpermissive then
					passes := passes || quote_ident(policy.polname);
				elsif found.truth <> 1 then
					conditions := conditions || quote_ident(policy.polname);
				end if;
			end if;
			more := left(found.shown, 2000) || case when length(found.shown) > 2000 then ' ...' else '' end;
			line_no := line_no + 1;
			verdicts[line_no] := said;
			lines[line_no] := format('%I %s: %s %s%s', policy.polname, said, case when policy.is_using then 'using' else 'with check' end,
				case when more ^@ '(' then more else '(' || more || ')' end, case when found.reasons <> '{}' then ', because ' || array_to_string(found.reasons, '; ') else '' end);
			steps[line_no] := format('%s for %s%s', case when policy.polpermissive then 'policy' else 'restrictive policy' end, clause.name,
				case when clause.is_using then '' else ', new values' end);
		end loop;
		-- Permissive policies are joined by OR, and restrictive ones by AND.
		said := case
			when passes = '{}' and blocked = '{}' and failures = '{}' then format('no permissive policy for %s applies to %I', clause.name, caller)
			when passes = '{}' and failures = '{}' then format('each permissive policy for %s lets nothing through: %s', clause.name, extensions._workos_few(blocked, ', '))
			when blocking <> '{}' then format('a restrictive policy for %s lets nothing through: %s', clause.name, extensions._workos_few(blocking, ', ')) end;
		for i in 1 .. cardinality(lines) loop
			step := steps[i];
			detail := lines[i];
			status := case when verdicts[i] ^@ 'raises' or verdicts[i] = 'lets nothing through' and (said is not null or step ^@ 'restrictive') then 'problem'
				when verdicts[i] = 'lets nothing through' then 'note' else 'ok' end;
			remedy := null;
			return next;
		end loop;
		if passes = '{}' and blocked = '{}' and failures = '{}' then
			step := format('policy for %s', clause.name);
			status := 'problem';
			names := (select string_agg(case when o.n <= 5 then o.name else '...' end, ', ' order by o.n) from (
				select format('%I is for %s to %s%s', p.polname, case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
						(select string_agg(case r when 0 then 'PUBLIC' else r::regrole::text end, ', ') from unnest(p.polroles) r), case when p.polpermissive then '' else ', and restrictive' end) as name,
					row_number() over (order by p.polcmd not in (clause.letter::"char", '*'), p.polname) as n
				from pg_policy p where p.polrelid = rel.oid) o where o.n <= 6);
			detail := format('No permissive policy for %s applies to %I, so nothing passes. %s', clause.name, caller,
				coalesce('The policies of the table: ' || names || '.', 'The table has no policies at all.'));
			remedy := coalesce(instead_of_grants, format('Decide whom to let through, and write a permissive policy FOR %s TO %I.', clause.name, caller));
			cures := cures || remedy;
			return next;
		end if;
		if failures <> '{}' then
			refused := coalesce(refused, failures[1]);
		elsif said is not null then
			problem := coalesce(problem, format('%s, because %s', clause.consequence, said));
			problem_remedy := coalesce(problem_remedy, extensions._workos_few(cures, ' '));
		end if;
		summary := summary || format('%s: %s%s%s.', clause.name || case when clause.is_using then '' else ', new values' end,
			case when everything then 'there is a policy that lets everything through' else 'rows pass where one of these policies is true: ' || extensions._workos_few(passes, ', ') end,
			case when conditions <> '{}' then ', and each of these restrictive ones: ' || extensions._workos_few(conditions, ', ') else '' end,
			case when blocked <> '{}' and not everything then '. These let nothing through: ' || extensions._workos_few(blocked, ', ') else '' end);
		every_row := every_row and everything and conditions = '{}';
		cures_of_blocked := cures_of_blocked || case when everything then '{}' else cures end;
	end loop;
	refused_remedy := coalesce(refused_remedy, nullif(extensions._workos_few(cures_of_failures, ' '), ''));

	-- A policy with a sub-select on a table whose policies lead back to it
	if applies then
		with recursive sub_select as (
			select distinct p.polrelid as u, d.refobjid as v, p.polcmd in ('r', '*') as reads
			from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'n'
				-- Every policy depends on the columns of its own table. Only the stored expression tells of a sub-select.
				and (d.refobjid <> p.polrelid or strpos(concat(p.polqual::text, p.polwithcheck::text), format(':relid %s ', p.polrelid)) > 0)
				join pg_class c on c.oid = d.refobjid and c.relkind in ('r', 'p') and c.relrowsecurity
			where (p.polcmd in ('r', '*') or p.polrelid = rel.oid and p.polcmd = any (letters))
				and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(caller, r, 'usage'))
				and row_security_active(p.polrelid) and row_security_active(c.oid)),
		reached(u, v) as (
			select s.u, s.v from sub_select s where s.u = rel.oid
			union
			select r.v, s.v from reached r join sub_select s on s.u = r.v and s.reads),
		closure(u, v) as (
			select r.u, r.v from reached r
			union
			select c.u, s.v from closure c join sub_select s on s.u = c.v and s.reads)
		select string_agg(distinct c.u::regclass::text, ', ') into names from closure c
		where c.u = c.v and exists (select from pg_policy p where p.polrelid = c.u and p.polcmd in ('r', '*') and strpos(concat(p.polqual::text), '{SUBLINK ') > 0
			and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(caller, r, 'usage')));
		if names is not null then
			step := 'recursion';
			status := 'problem';
			detail := format('A policy reads, in a sub-select, a table whose policies lead back to it (%s). Postgres answers "infinite recursion detected in policy for relation".', names);
			remedy := 'Let the policy ask a SECURITY DEFINER function instead of the table, or compare the row with workos_org_id(), which asks no table.';
			return next;
			refused := coalesce(refused, 'infinite recursion in the policies of ' || names);
			refused_remedy := coalesce(refused_remedy, remedy);
		end if;
	end if;

	-- What goes another way than through these policies
	if rel.relispartition or rel.relkind = 'p' or rel.relhassubclass or exists (select from pg_inherits i where i.inhrelid = rel.oid) then
		step := 'partitions';
		status := 'note';
		remedy := null;
		names := (select string_agg(i.inhparent::regclass::text, ', ') from pg_inherits i where i.inhrelid = rel.oid);
		more := (select string_agg(case when o.n <= 5 then o.name else '...' end, ', ' order by o.n) from (
			select i.inhrelid::regclass::text as name, row_number() over (order by i.inhrelid::regclass::text) as n from pg_inherits i join pg_class c on c.oid = i.inhrelid
			where i.inhparent = rel.oid and not c.relrowsecurity) o where o.n <= 6);
		detail := concat_ws(' ', 'A query is subject to the policies of the table that it names.',
			'One that names the parent, ' || names || ', uses the policies of that, and not these.',
			case when rel.relhassubclass then 'One that names a partition or a child uses the policies of that.' end,
			'Row security is off on: ' || more || '.');
		status := case when more is not null then 'warning' else status end;
		return next;
	end if;
	if applies then
		names := concat_ws('; ',
			(select 'foreign keys that lead here (they are checked for every row): ' || string_agg(case when o.n <= 5 then o.name else '...' end, ', ' order by o.n) from (
				select format('%I of %s', c.conname, c.conrelid::regclass) as name, row_number() over (order by c.conrelid::regclass::text, c.conname) as n
				from pg_constraint c where c.confrelid = rel.oid and c.contype = 'f' and c.conparentid = 0) o where o.n <= 6),
			(select 'views without security_invoker (they read as their owner): ' || string_agg(case when o.n <= 5 then o.name else '...' end, ', ' order by o.n) from (
				select v.oid::regclass::text as name, row_number() over (order by v.oid::regclass::text) as n
				from pg_class v
				where v.relkind in ('v', 'm') and not coalesce((select lower(split_part(o, '=', 2)) in ('true', 'on', 'yes', '1') from unnest(v.reloptions) o where o ^@ 'security_invoker='), false)
					and exists (select from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
						where r.ev_class = v.oid and d.refobjid = rel.oid)) o where o.n <= 6));
		if names <> '' then
			step := 'other ways';
			status := 'note';
			detail := format('These policies do not apply to %s.', names);
			remedy := null;
			return next;
		end if;
	end if;

	step := 'verdict';
	status := 'problem';
	if refused is not null then
		detail := format('%s fails: %s.', upper(asked), refused);
		remedy := refused_remedy;
	elsif not applies then
		status := 'warning';
		detail := format('%s: row security does not restrict %I here. Only the privileges count.', upper(asked), caller);
		remedy := null;
	elsif problem is not null then
		detail := format('%s: %s.', upper(asked), problem);
		remedy := nullif(problem_remedy, '');
	else
		status := 'ok';
		detail := array_to_string(summary, ' ');
		remedy := nullif(extensions._workos_few(cures_of_blocked, ' '), '');
		if some_columns then
			status := 'warning';
			detail := detail || ' But the privilege is for some columns only: see the step privilege.';
		end if;
		if every_row and asked <> 'insert' then
			detail := detail || ' So the policies keep no organization''s rows apart.';
		elsif org is not null and asked <> 'insert' then
			detail := detail || format(' If there is none, the table has no such row for the organization %s.', extensions._workos_shown(org));
			remedy := coalesce(remedy || ' ', '') || 'For rows of another organization, let the user switch to it: switchToOrganization({ organizationId }) in AuthKit.';
		end if;
	end if;
	return next;
end $$;

-- The search_path of the caller finds the table.
create or replace function extensions.workos_explain(relation text, command text default 'select', out step text, out status text, out detail text, out remedy text) returns setof record
	language sql stable rows 20
	begin atomic
		select e.step, e.status, e.detail, e.remedy from extensions._workos_explain(relation, command, current_setting('search_path')) e;
	end;
comment on function extensions.workos_explain(text, text) is
	'why do I see no rows of this table? What privileges, row security and policies make of a statement of mine';

create or replace function extensions.workos_explain(relation regclass, command text default 'select', out step text, out status text, out detail text, out remedy text) returns setof record
	language sql stable rows 20
	begin atomic
		select e.step, e.status, e.detail, e.remedy from extensions._workos_explain(relation::oid::text, command, '') e;
	end;
comment on function extensions.workos_explain(regclass, text) is
	'why do I see no rows of this table? What privileges, row security and policies make of a statement of mine';

-- Citus: what it distributes over several servers, how the claims reach them, and what it makes of policies.
-- docs/how-to/scaling.md has the whole.

-- The tables that Citus distributes or replicates; none in a database without Citus. Only superusers create objects in
-- pg_catalog.
create or replace function extensions._workos_distributed() returns oid[]
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	tables oid[];
begin
	if to_regclass('pg_catalog.pg_dist_partition') is not null then
		execute 'select array_agg(d.logicalrelid::oid) from pg_catalog.pg_dist_partition d' into tables;
	end if;
	return coalesce(tables, '{}');
end $$;

-- Citus sends a setting to the other servers when it sees the command SET LOCAL, alone in its text, and set_config() is
-- none. Each text below is one command.
create or replace function extensions.workos_propagate_claims() returns void
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	setting text;
	value text;
begin
	if not exists (select from pg_extension e where e.extname = 'citus') then
		return; -- The tables are where the claims are.
	end if;
	set local citus.propagate_set_commands = 'local';
	if current_setting('citus.propagate_set_commands') <> 'local' then
		raise exception using errcode = '55000', message = 'Citus does not send settings to the other servers, so the claims would not reach them',
			hint = 'Put citus into shared_preload_libraries, and use a version that has citus.propagate_set_commands.';
	end if;
	foreach setting in array array['request.jwt.claims', 'workos.access_token'] loop
		value := current_setting(setting, true);
		-- An empty value, too: earlier ones of this transaction must not stay there.
		if value is not null then
			execute format('set local %s = %L', setting, value);
		end if;
	end loop;
end $$;
comment on function extensions.workos_propagate_claims() is
	'sends the claims of this transaction to all servers of Citus; call it after they are set, in the same transaction; without Citus it does nothing';

-- What the doctor says about Citus; no row in a database without distributed tables.
create or replace function extensions._workos_citus_doctor(out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable rows 1 set search_path = pg_catalog, pg_temp as $$
declare
	caller constant name := current_user;
	claims constant boolean := coalesce(current_setting('request.jwt.claims', true), '') <> '' or coalesce(current_setting('workos.access_token', true), '') <> '';
begin
	if extensions._workos_distributed() = '{}' then
		return;
	elsif not exists (select from pg_roles r where r.rolname = caller and r.rolcanlogin) then
		status := 'problem';
		detail := format('Citus signs in to the other servers as the role of the statement, and %I may not sign in (NOLOGIN): every statement on a distributed table fails.', caller);
		remedy := 'Give the role LOGIN on every server, and let pg_hba.conf accept it from the servers of Citus only. docs/how-to/scaling.md shows it.';
	elsif claims and coalesce(current_setting('citus.propagate_set_commands', true), '') <> 'local' then
		status := 'problem';
		detail := 'The claims are on this server only, and not on the others that hold rows of distributed tables: those return no rows, so the result can be a part of the rows, without an error.';
		remedy := 'Call this in the transaction, after the claims are set: select extensions.workos_propagate_claims();';
	else
		status := 'ok';
		detail := 'Citus distributes tables of this database. Whether the claims were sent to the other servers cannot be seen here: workos_propagate_claims() does it, in each transaction.';
	end if;
	return next;
end $$;

-- The findings of workos_lint() about Citus
create or replace function extensions._workos_lint_citus(out rule text, out severity text, out object text, out problem text, out remedy text) returns setof record
	language plpgsql stable rows 10 set search_path = pg_catalog, pg_temp as $$
declare
	distributed constant oid[] := extensions._workos_distributed();
	item record;
begin
	if distributed = '{}' then
		return;
	end if;
	remedy := null; -- Each of these needs a decision.
	for item in
		select p.polname, p.polrelid::regclass::text as relation, p.polpermissive, strpos(concat(p.polqual::text, p.polwithcheck::text), '{SUBLINK ') > 0 as has_sub_select
		from pg_policy p where p.polrelid = any (distributed) order by relation, p.polname
	loop
		object := format('policy %I on %s', item.polname, item.relation);
		severity := 'problem';
		if not item.polpermissive then
			rule := 'citus_restrictive';
			problem := 'the table is distributed by Citus, which creates a RESTRICTIVE policy on the shards as a PERMISSIVE one. There it takes no row away, and lets through every row for which it is true. Write its condition into each permissive policy, with AND, and drop it';
			return next;
		end if;
		if item.has_sub_select then
			rule := 'citus_sub_select';
			problem := 'the table is distributed by Citus, which refuses a policy with a sub-select, such as (select workos_org_id()), on the other servers. Call the functions without SELECT, and compare with a column of the table itself';
			return next;
		end if;
	end loop;

	severity := 'problem';
	for item in
		select distinct r.rolname from unnest(extensions._workos_end_users()) u(id) join pg_roles r on r.oid = u.id
		where not r.rolcanlogin and exists (select from unnest(distributed) d(id) where has_any_column_privilege(r.oid, d.id, 'select, insert, update'))
		order by r.rolname
	loop
		rule := 'citus_login';
		object := format('role %I', item.rolname);
		problem := 'Citus signs in to the other servers as the role of the statement, and this one may not sign in (NOLOGIN): its statements on distributed tables fail. Give it LOGIN on every server, and let pg_hba.conf accept it from the servers of Citus only';
		return next;
	end loop;

	severity := 'warning';
	for item in
		select c.oid::regclass::text as name, n.nspname = 'workos' as of_directory from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and c.oid <> all (distributed) and (n.oid = 'extensions'::regnamespace and c.relname in ('workos_issuers', 'workos_audiences', 'workos_configuration')
			or n.nspname = 'workos' and c.relname = 'memberships' and (n.nspowner = (select p.proowner from pg_proc p where p.oid = 'extensions.workos_lint()'::regprocedure)
				or exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = 'pg_workos_directory')))
		order by name
	loop
		rule := 'citus_local';
		object := 'table ' || item.name;
		problem := case when item.of_directory then 'the directory is on this server alone. The policies of distributed tables run on the other servers, whose own directory decides there. Feed it there, too'
			else 'the table is on this server alone. The policies of distributed tables run on the other servers, whose own table decides there. Make the same change on every server' end;
		return next;
	end loop;
end $$;


-- workos_doctor(): what is wrong with the claims and the role of this transaction

-- A list of strings only, as an array; otherwise NULL.
create or replace function extensions._workos_strings(list jsonb) returns text[]
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case when jsonb_typeof(list) = 'array' then 
		case when not exists (select from jsonb_array_elements(list) e where jsonb_typeof(e) <> 'string') then array(select jsonb_array_elements_text(list)) end end
$$;

create or replace function extensions.workos_doctor(out check_name text, out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable rows 20 set search_path = pg_catalog, pg_temp as $$
declare
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	template constant text := 'In the WorkOS dashboard, under Authentication, give the JWT template the line {"role": "authenticated", "user_role": {{organization_membership.role}}}.';
	-- The portable edition does not verify tokens and has no trusted issuers.
	native constant boolean := exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = 'extensions'::regnamespace);
	issuers constant oid := (select c.oid from pg_class c where c.relnamespace = 'extensions'::regnamespace and c.relname = 'workos_issuers');
	by_token boolean := false;
	issuer_counts boolean; -- NULL if the caller may not read the trusted issuers
	in_force boolean;
	names_audience boolean; -- the token of an application does
	opens boolean; -- a gate for applications returns something
	valid boolean; -- by its time
	claims jsonb;
	standing jsonb; -- what the directory says, if therefore the session does not count
	session text[];
	known jsonb; -- what the directory knows of the user and the organization of the token
	token_roles text[];
	directory_roles text[];
	fed record;
	newest boolean; -- NULL if the caller may not know it
	sub text;
	sid text;
	issuer text;
	values_shown text;
	kind text;
	ends timestamptz;
	begins timestamptz;
	own text;
	trusted bigint; -- the number of trusted issuers, if the caller may read them
	any_issuer boolean;
	decided boolean; -- workos_trust_any_issuer() was called
	unconfigured boolean;
	caller constant name := current_user;
	may_become constant text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
	bypasses boolean;
	waiting boolean; -- The role of a connection that waits to become another one.
	provider text;
	role_claim text;
	own_table text;
	tables record;
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
	if status = 'problem' and setting ~* '^(bearer +)?"?eyJ[A-Za-z0-9_=-]+[.][A-Za-z0-9_=-]+[.][A-Za-z0-9_=-]*"?$' then
		detail := 'The setting request.jwt.claims holds an access token as it was sent (a text that begins with eyJ). It must hold the claims of the token, as JSON, after a gateway has verified it.';
		remedy := 'Verify the token in the gateway, and set the claims to its payload.' || case when native then ' Or let this extension verify it, on a direct connection: select workos_authenticate(token), with workos.claims_source = token.' else '' end;
	end if;
	-- The call above loads the library, which drops a value that the client may not set.
	by_token := native and coalesce(current_setting('workos.claims_source', true) = 'token', false);
	if status is null then
		session := extensions._workos_token_session();
	end if;
	if session is not null and not extensions.workos_is_authenticated() then
		execute 'select workos._standing()' into standing;
	end if;
	begin
		if status = 'problem' then
			null;
		elsif by_token then
			claims := extensions.workos_claims();
			status := case when claims is null and standing is null then 'problem' else 'ok' end;
			detail := case when standing is not null then 'There is a token that the extension has verified.' when claims is null then 'There is no token in workos.access_token, or the token has expired. The request is anonymous.' else 'The claims are those of a token that the extension has verified.' end;
			remedy := case when claims is null and standing is null then 'Call workos_authenticate(token) in the transaction, with a new token. The setting request.jwt.claims is ignored here.' end;
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

	if standing is not null then
		check_name := 'directory';
		status := 'problem';
		detail := format('The directory says that %s (since %s). The session does not count, and the request is treated as anonymous.', standing ->> 'ended', coalesce((standing ->> 'since')::timestamptz::text, 'an unknown time'));
		remedy := 'If that is wrong, look for the membership and the session in the WorkOS dashboard, and whether the directory was fed with their latest events. A user who was added again needs a new access token.';
		return next;
	elsif session is not null and exists (
		select from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspowner = p.proowner
		where n.nspname = 'workos' and p.proname = '_known' and p.proargtypes = ''::oidvector and p.prosecdef
			and case when native then exists (select from pg_depend d join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
					where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e' and e.extname = 'pg_workos_directory')
				else n.nspowner = (select o.proowner from pg_proc o where o.oid = 'extensions.workos_doctor()'::regprocedure) end)
	then
		execute 'select workos._known()' into known;
		check_name := 'directory';
		status := 'warning';
		if known -> 'unknown' <> '[]' then
			detail := format('The directory does not know %s of the token. Of a membership that it does not know, the token decides.', case
				when known -> 'unknown' @> '["user", "organization"]' then 'the user and the organization' when known -> 'unknown' ? 'user' then 'the user'
				when known -> 'unknown' ? 'organization' then 'the organization' else 'a membership of the user in the organization' end);
			remedy := 'If WorkOS has them in the environment of this directory, import again, as docs/how-to/directory.md shows, and see whether the feed runs.';
			return next;
		elsif known ->> 'status' <> 'active' then
			detail := format('The directory says that the membership is %s (since %s). The session counts all the same, because the token decides.', known ->> 'status', (known ->> 'changed_at')::timestamptz);
			remedy := 'After workos_configure(membership => ''newest''), the newer of token and directory decides. If the token is newer already, an event may be missing: import again, as docs/how-to/directory.md shows.';
			return next;
		elsif known ->> 'status' = 'active' then
			token_roles := extensions._workos_strings(claims -> 'roles');
			own := coalesce(claims ->> 'user_role', case when by_token then claims ->> 'role' end);
			token_roles := case when own is not null and own <> all (coalesce(token_roles, '{}')) then token_roles || own else token_roles end;
			directory_roles := array(select r.slug from jsonb_array_elements_text(known -> 'roles') r(slug));
		end if;
		if not (token_roles <@ directory_roles and directory_roles <@ token_roles) then
			detail := format('The token and the directory disagree: the roles are %s in the token, and %s in the directory (since %s). Those that count are %s.',
				extensions._workos_shown(token_roles), extensions._workos_shown(directory_roles), (known ->> 'changed_at')::timestamptz, extensions._workos_shown(extensions.workos_user_roles()));
			remedy := 'If the roles were changed in WorkOS, let the client refresh the token, and see whether the feed runs. Roles that a group has come without an event of the membership.';
			return next;
		end if;
	end if;

	-- Only for those who may read the tables of the directory. Anybody who may create schemas could create others of their
	-- names, and a view would run with the rights of the caller.
	if 2 = (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'workos' and c.relname in ('sync', 'webhook_secrets') and c.relkind = 'r' and c.relowner = n.nspowner
			and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
			and case when native then exists (select from pg_depend d join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
					where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e' and e.extname = 'pg_workos_directory')
				else n.nspowner = (select p.proowner from pg_proc p where p.oid = 'extensions.workos_doctor()'::regprocedure) end)
	then
		check_name := 'feed';
		-- In the portable edition, workos_configure() replaces the body of a function.
		if not native then
			newest := exists (select from pg_depend d join pg_proc p on p.oid = d.refobjid
				where d.classid = 'pg_proc'::regclass and d.objid = to_regprocedure('extensions._workos_odd(boolean, text)') and d.refclassid = 'pg_proc'::regclass and p.oid = to_regprocedure('extensions._workos_decided(jsonb, regprocedure)'));
		elsif has_table_privilege(to_regclass('extensions.workos_configuration')::oid, 'select') then
			execute 'select exists (select from extensions.workos_configuration c where c.membership = ''newest'')' into newest;
		end if;
		execute 'select exists (select from workos.webhook_secrets) as by_webhooks, exists (select from workos.sync s where s.polled_at is not null) as by_polls,
			(select s.last_event_at from workos.sync s) as last_event_at, (select s.reached_end_at from workos.sync s) as reached_end_at'
			into fed;
		values_shown := format(' (membership: %s).', case when newest then 'newest' when newest is null then 'not known' else 'token' end);
		status := 'ok';
		remedy := null;
		if not fed.by_webhooks and not fed.by_polls then
			status := 'warning';
			detail := 'Nothing seems to feed the directory: there is no secret of a webhook, and the Events API was never polled' || values_shown;
			remedy := 'As the owner of the directory, add the secret of the webhook with workos.add_webhook_secret(), or poll the Events API. If a program of yours calls workos.apply_event(), nothing is missing.';
		elsif not fed.by_polls then
			detail := 'Webhooks feed the directory. Whether they arrive, the WorkOS dashboard shows' || values_shown;
		else
			own := format('The last poll that reached the end of the events was %s, and the last event of a poll %s%s',
				coalesce(date_trunc('second', statement_timestamp() - fed.reached_end_at) || ' ago', 'never'), coalesce(date_trunc('second', statement_timestamp() - fed.last_event_at) || ' ago', 'at an unknown time'), values_shown);
			detail := own;
			if newest and (fed.reached_end_at > statement_timestamp() - interval '1 hour') is not true then
				status := 'warning';
				detail := own || ' Members who were removed since then stay until their tokens expire' || case when fed.by_webhooks then ', unless webhooks arrive.' else '.' end;
				remedy := 'See whether the poller runs, and whether its key is valid: it must call workos.apply_events() until an answer is empty.';
			end if;
		end if;
		return next;
	end if;

	if native then
		execute 'select extensions.workos_library_version()' into own;
		if own <> (select extversion from pg_extension where extname = 'pg_workos') then
			check_name := 'version';
			status := 'problem';
			detail := format('The library has version %s, but the SQL functions have another version.', own);
			remedy := 'ALTER EXTENSION pg_workos UPDATE; -- then connect again';
			return next;
		end if;
	end if;
	if native and has_table_privilege(issuers, 'select') then
		-- The row "*" is not an issuer. It means that claims of any issuer are accepted, and "-" that none is.
		execute 'select count(*) filter (where i.issuer not in (''*'', ''-'')), bool_and(i.issuer = ''*''), bool_or(i.jwks <> ''{}'') from extensions.workos_issuers i' into trusted, any_issuer, decided;
		check_name := 'issuers';
		status := 'ok';
		remedy := null;
		if trusted > 0 then
			detail := format('%s issuers are trusted, and no other counts.', trusted);
		elsif any_issuer and decided then
			detail := 'Claims of any issuer count: the gateway alone decides which tokens it accepts.';
		elsif any_issuer then
			status := 'warning';
			detail := 'Nobody has decided which issuers count, so the claims of any issuer do, as after the installation. If this database was made from migrations or from another one, the trusted issuers did not come along.';
			remedy := 'As the owner of the extension, trust the issuer of your tokens: workos_trust_issuer(issuer, jwks). If the gateway alone shall decide: select extensions.workos_trust_any_issuer();';
		else
			status := 'problem';
			detail := 'No issuer counts, so every request is anonymous. Perhaps the trusted issuers were left out of a restore, as pg_dump --schema-only and supabase db dump do.';
			remedy := 'As the owner of the extension, trust the issuer of your tokens: workos_trust_issuer(issuer, jwks). If the gateway alone shall decide: select extensions.workos_trust_any_issuer();';
		end if;
		if not (by_token and trusted = 0) then
			return next;
		end if;
	end if;
	if native and has_table_privilege(to_regclass('extensions.workos_configuration')::oid, 'select') then
		execute 'select not exists (select from extensions.workos_configuration)' into unconfigured;
		if unconfigured then
			check_name := 'configuration';
			status := 'problem';
			detail := 'The configuration was left out of a restore. If there is a directory, the newer of token and directory decides until you say otherwise.';
			remedy := 'As the owner of the extension: select extensions.workos_configure(membership => ''newest''); or ''token'', as it was in the database that was dumped.';
			return next;
		end if;
	end if;
	-- In the portable edition the functions hold the configuration, and workos_configure() leaves a note in the directory.
	if not native and to_regprocedure('workos._standing()') is not null and (select n.nspowner from pg_namespace n where n.nspname = 'workos') = (select p.proowner from pg_proc p where p.oid = 'extensions.workos_doctor()'::regprocedure)
		and col_description(to_regclass('workos.settings'), 1) = 'the newer of token and directory decides'
		and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = to_regprocedure('extensions._workos_odd(boolean, text)') and d.refclassid = 'pg_proc'::regclass and d.refobjid = to_regprocedure('extensions._workos_decided(jsonb, regprocedure)'))
	then
		check_name := 'configuration';
		status := 'problem';
		detail := 'The newer of token and directory shall decide, as a note in the directory says, but the token decides. The functions of pg_workos were left out of a restore, as supabase db dump does, and were installed again.';
		remedy := 'As the owner of the functions: select extensions.workos_configure(membership => ''newest'');';
		return next;
	end if;
	for status, detail, remedy in select c.* from extensions._workos_citus_doctor() c loop
		check_name := 'citus';
		return next;
	end loop;
	if by_token and trusted = 0 then
		check_name := 'keys';
		status := 'problem';
		detail := 'No issuer is trusted, so no token can be verified.';
		remedy := 'As the owner of the extension, trust the issuer and its keys: workos_trust_issuer(issuer, jwks).';
		return next;
	end if;

	-- If this is the first statement of the transaction, no earlier one can have set the claims for it alone. But the text
	-- that the client sent may do that itself, before it calls this function.
	check_name := 'lifetime';
	if setting is not null and not by_token and statement_timestamp() = transaction_timestamp() and current_query() !~* 'set_config|set +local' then
		status := 'warning';
		detail := 'The claims were set before this transaction began. They seem to be set for the whole session. In a connection pool, the next client would run with them.';
		remedy := 'RESET request.jwt.claims; -- then set them inside of each transaction: set_config(''request.jwt.claims'', claims, true)';
	else
		status := 'ok';
		detail := 'The claims, if there are any, are set for this transaction only.';
		remedy := null;
	end if;
	return next;

	check_name := 'role';
	waiting := current_setting('role') = 'none' and exists (select from unnest('{authenticated,anon}'::text[]) r
		where to_regrole(r) is not null and pg_has_role(caller, r, may_become) and not pg_has_role(caller, r, 'usage'));
	status := 'ok';
	detail := format('The role is %I%s.', caller, case when session_user = caller then '' else format(', and that of the connection is %I', session_user) end);
	remedy := null;
	if waiting then
		status := 'problem';
		detail := format('The role is %I, that of the connection. It may become authenticated or anon, and has none of their rights until then: it seems that the statement that sets the role is missing.', caller);
		remedy := case when to_regrole('authenticated') is not null and pg_has_role(caller, 'authenticated', may_become) then 'set local role authenticated;' else 'set local role anon;' end;
	end if;
	return next;

	check_name := 'policies apply';
	select r.rolsuper or r.rolbypassrls into bypasses from pg_roles r where r.rolname = caller;
	if bypasses then
		status := 'warning';
		detail := format('Row security does not apply to the role %I, which is a superuser or has BYPASSRLS. This role sees every row.', caller);
		remedy := case when to_regrole('authenticated') is not null and pg_has_role(session_user, 'authenticated', may_become) then 'set local role authenticated;'
			else 'Connect as a role to which policies apply. Through the Data API: send the access token of the user, and not the key of service_role.' end;
	elsif current_setting('row_security') = 'off' then
		status := 'problem';
		detail := 'The setting row_security is off: a statement to which policies apply raises an error.';
		remedy := 'set row_security = on;';
	else
		-- Only the first five are named.
		select string_agg(case when t.n <= 5 then t.name else '...' end, ', ' order by t.n), string_agg(case when t.n <= 5 then format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', t.name) end, ' ' order by t.n) into own, remedy from (
			select c.oid::regclass::text as name, row_number() over (order by c.oid::regclass::text) as n from pg_class c
			where c.relrowsecurity and not c.relforcerowsecurity and pg_has_role(caller, c.relowner, 'usage')) t
			where t.n <= 6;
		status := 'ok';
		detail := format('Row security applies to the role %I.', caller);
		if own is not null then
			status := 'warning';
			detail := format('Row security does not apply to the owner of a table, and %I has the rights of the owner of %s.', caller, own);
		end if;
	end if;
	return next;

	-- Tables that the policies were made for, and that stay empty for this role all the same.
	if not bypasses and not waiting then
		for tables in
			select k.kind, string_agg(case when k.n <= 5 then k.name else '...' end, ', ' order by k.n) filter (where k.n <= 6) as names,
				string_agg(format('GRANT SELECT ON %s TO %I;', k.name, caller), ' ' order by k.n) filter (where k.n <= 5) as grants,
				string_agg(format('select * from extensions.workos_explain(%L);', k.name), ' ' order by k.n) filter (where k.n <= 5) as asks
			from (
				select t.*, row_number() over (partition by t.kind order by t.name) as n from (
					select c.oid::regclass::text as name, case
						when not c.may_read then case when c.for_role then 'grants' end
						when not c.has_policies then 'no policy'
						when not c.for_role then 'other roles'
					end as kind
					from (
						select c.oid, has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select') as may_read,
							exists (select from pg_policy p where p.polrelid = c.oid) as has_policies,
							exists (select from pg_policy p, unnest(p.polroles) r where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
								-- A policy for PUBLIC does not say that visitors are meant.
								and case when r = 0 then caller <> 'anon' or has_table_privilege(c.oid, 'select') else pg_has_role(caller, r, 'usage') end) as for_role
						from pg_class c join pg_namespace n on n.oid = c.relnamespace
						where c.relkind in ('r', 'p') and c.relrowsecurity and not (pg_has_role(caller, c.relowner, 'usage') and not c.relforcerowsecurity)
							and has_schema_privilege(n.oid, 'usage') and not pg_is_other_temp_schema(n.oid)
							-- The tables of Supabase itself are not for the roles of users.
							and n.nspname not in ('auth', 'realtime', 'vault', 'graphql', 'pgbouncer', 'supabase_functions', 'supabase_migrations', 'cron', 'net', 'pgsodium', 'information_schema')
							and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')) c) t
				where t.kind is not null) k
			group by k.kind order by k.kind
		loop
			check_name := case tables.kind when 'grants' then 'grants' else 'policies' end;
			status := 'warning';
			if tables.kind = 'grants' then
				detail := format('Policies let %I read %s, but the privilege is missing: "permission denied for table".', caller, tables.names);
				remedy := tables.grants;
			else
				detail := case tables.kind
					when 'no policy' then format('Row security is on and there is no policy, so nobody but the owner sees a row, of: %s.', tables.names)
					else format('The policies are for other roles or other commands than SELECT, so %I sees no row, of: %s.', caller, tables.names) end;
				remedy := tables.asks;
			end if;
			return next;
		end loop;
	end if;

	<<about_claims>>
	begin
		exit about_claims when claims is null;
		-- The checks below also examine claims that are expired or otherwise ignored.
		sub := coalesce(case jsonb_typeof(claims -> 'sub') when 'string' then claims ->> 'sub' end, '');
		sid := coalesce(case jsonb_typeof(claims -> 'sid') when 'string' then claims ->> 'sid' end, '');
		kind := extensions._workos_kind(claims::json);
		issuer := coalesce(case jsonb_typeof(claims -> 'iss') when 'string' then claims ->> 'iss' end, '');
		-- A custom domain of WorkOS can have any name, so only those of others are recognized.
		provider := case
			when issuer ~ '^https://(api[.]workos[.]com|[a-z0-9.-]+[.]authkit[.]app)(/|$)' then null
			when issuer ~ '^https://[a-z0-9.-]+[.]clerk[.]accounts[.]dev/?$' or issuer ~ '^https://clerk[.]' or sid ^@ 'sess_' or sub ~ '^user_2[0-9A-Za-z]{26}$' then 'Clerk'
			when issuer ~ '^https://[a-z0-9.-]+[.]auth0[.]com/?$' or sub ~ '^(auth0|google-oauth2|samlp|waad|github|email)[|]' then 'Auth0'
			when issuer ~ '^https://[a-z0-9]+[.]supabase[.](co|in)/auth/v1' then 'Supabase Auth'
			when issuer ~ '^https://securetoken[.]google[.]com/' then 'Firebase'
			when issuer ~ '^(https://)?accounts[.]google[.]com' then 'Google'
			when issuer ~ '^https://cognito-idp[.]' then 'Amazon Cognito'
			when issuer ~ '^https://[a-z0-9.-]+[.]okta(preview)?[.]com(/|$)' then 'Okta'
			when issuer ~ '^https://(login[.]microsoftonline[.]com|sts[.]windows[.]net)/' then 'Microsoft Entra'
			when issuer ~ '^https://[a-z0-9.-]+[.](stytch|descope)[.]com(/|$)' then 'another provider'
		end;
		if sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
			provider := coalesce(provider, 'Supabase Auth');
		end if;

		opens := coalesce(extensions.workos_delegated_user_id(null::text, extensions.workos_client_id()), extensions.workos_delegated_user_id((extensions.workos_scopes())[1], null::text), extensions.workos_application_org_id((extensions.workos_scopes())[1])) is not null;
		check_name := 'token';
		status := case when (kind = 'session' or opens) and provider is null then 'ok' else 'problem' end;
		remedy := 'Send the access token of the WorkOS session: accessToken: () => authkit.getAccessToken().';
		values_shown := format(' (sub: %s, sid: %s, iss: %s%s)', shown[1], shown[2], shown[3], case when claims ? 'scope' then ', and a claim scope' else '' end)
			from (select array_agg(case when not claims ? c then 'none' when jsonb_typeof(claims -> c) = 'string' then extensions._workos_shown(claims ->> c) else 'a ' || jsonb_typeof(claims -> c) end order by n) as shown
				from unnest('{sub,sid,iss}'::text[]) with ordinality u(c, n)) v;
		case
			when kind = 'session' and provider is null then
				detail := 'The claims are those of a user session';
				remedy := null;
			when provider = 'Supabase Auth' then
				detail := 'The token comes from Supabase Auth: sub is a UUID, not the id of a WorkOS user';
				remedy := 'Add WorkOS under Authentication, Third-party auth, and give the client accessToken: () => authkit.getAccessToken().';
			when provider is not null then
				detail := format('WorkOS did not issue this token: it seems to come from %s', provider);
			when kind = 'application' then
				detail := 'This is a machine-to-machine token, not the token of a user: sub is a client id';
				remedy := 'Machine-to-machine tokens have no membership. Allow them by scope in a policy, with workos_application_org_id(scope), or by client id, with workos_application_id() and workos_application_org_id().';
			when kind = 'widget' then
				detail := 'The token is for WorkOS widgets. It gives no user identity here';
			when kind = 'oauth' then
				detail := 'The token was issued to an application that acts for a user: it has a claim scope, or its sid is not the id of a session. It gives an identity only through a gate that names a scope or a client id';
				remedy := 'For an application, use workos_delegated_org_id(scope) or workos_delegated_user_id(scope) in a policy. For a user, send the access token of the WorkOS session: accessToken: () => authkit.getAccessToken().';
			when sub ^@ 'user_' then
				detail := 'The claim sid is missing or empty. This seems to be an ID token, which gives no user identity here';
				remedy := 'Send the access token of the WorkOS session, not the ID token: accessToken: () => authkit.getAccessToken(). Claims that you write by hand need a sid, such as session_1.';
			when not claims ? 'sub' and claims ->> 'role' = 'anon' then
				detail := 'The request has no access token. The claims are those of an anonymous request';
			else
				detail := 'WorkOS did not issue this token: sub is not the id of a WorkOS user';
		end case;
		detail := detail || values_shown || '.';
		return next;

		check_name := 'time';
		status := 'problem';
		remedy := 'Let the client refresh the token before it sends it, and check the clocks of both machines.';
		-- Numbers beyond the range of dates are replaced by a very early or a very late date.
		ends := case when jsonb_typeof(claims -> 'exp') = 'number' then to_timestamp(least(greatest((claims ->> 'exp')::numeric, 0), 99999999999)::double precision) end;
		begins := case when jsonb_typeof(claims -> 'nbf') = 'number' then to_timestamp(least(greatest((claims ->> 'nbf')::numeric, 0), 99999999999)::double precision) end;
		if claims ? 'exp' and ends is null or claims ? 'nbf' and begins is null then
			detail := format('The claim exp or nbf is not a number, so the claims are ignored (%s).', concat_ws(', ', 'exp: a ' || jsonb_typeof(claims -> 'exp'), 'nbf: a ' || jsonb_typeof(claims -> 'nbf')));
			remedy := 'Remove exp and nbf from the JWT template.';
		elsif ends <= statement_timestamp() - interval '30 seconds' then
			detail := format('The token expired %s ago (exp: %s). The request is treated as anonymous.', date_trunc('second', statement_timestamp() - ends), ends);
		elsif begins > statement_timestamp() + interval '30 seconds' then
			detail := format('The token is not valid yet. It becomes valid in %s (nbf: %s).', date_trunc('second', begins - statement_timestamp()), begins);
		else
			status := 'ok';
			detail := format('The token %s.', case when ends is null then 'has no end (there is no claim exp)' else format('has not expired (exp: %s)', ends) end);
			remedy := null;
		end if;
		return next;

		-- Only the owner may read which issuers are trusted.
		if native and has_table_privilege(issuers, 'select') then
			execute 'select coalesce(bool_or(i.issuer = any ($1)), false) from extensions.workos_issuers i' using array['*', regexp_replace(issuer, '/$', '')] into issuer_counts;
		end if;
		names_audience := kind in ('oauth', 'application') and claims ? 'aud';
		in_force := extensions.workos_token_kind() is not null;
		check_name := 'issuer';
		valid := status = 'ok';
		if valid then
			own := case when issuer = '' then 'none' else extensions._workos_shown(issuer) end;
			if not native then
				detail := format('The gateway alone decides which issuers are accepted (iss: %s).', own);
			elsif standing is not null or in_force or names_audience and issuer_counts then
				detail := format('The issuer of the claims is trusted, or any issuer is accepted (iss: %s).', own);
			else
				status := 'problem';
				detail := 'The token has not expired, but ' || case
					when names_audience and issuer_counts is null then 'its issuer is not a trusted issuer, or it is for another audience than the accepted ones'
					when trusted = 0 then 'no issuer is trusted. Perhaps the trusted issuers were left out of a restore'
					when trusted > 0 then 'its issuer is not a trusted issuer'
					else 'its issuer is not a trusted issuer, or no issuer is trusted'
					end || format('. The request is treated as anonymous (iss: %s).', own);
				remedy := 'As the owner of the extension, trust the issuer and its keys: workos_trust_issuer(issuer, jwks), with the claim iss of these tokens and the keys of that issuer. If a gateway verifies all tokens, and any issuer may be accepted: select extensions.workos_trust_any_issuer();';
			end if;
			return next;
		end if;

		-- The token of an application: for which audience it is.
		if kind in ('oauth', 'application') and valid and (in_force or not native or issuer_counts) and (opens or not in_force or claims ? 'client_id' or extensions.workos_scopes() <> '{}') then
			check_name := 'audience';
			status := case when opens then 'ok' else 'problem' end;
			own := format(' (aud: %s)', case when not claims ? 'aud' then 'none' when jsonb_typeof(claims -> 'aud') = 'string' then extensions._workos_shown(claims ->> 'aud')
				else coalesce(extensions._workos_shown(extensions._workos_strings(claims -> 'aud')), 'a ' || jsonb_typeof(claims -> 'aud')) end);
			remedy := case when not opens then 'If that audience means this database, as the owner of the functions: select extensions.workos_accept_audience(''https://...'');' end;
			detail := case
				when opens then 'The token is for an accepted audience. Whether it was granted the scope that a policy asks for, workos_explain() tells'
				when not in_force then 'The token is for another audience than the accepted ones, so it counts nowhere'
				when not claims ? 'aud' then 'The token names no audience, so no gate for applications returns anything'
				else 'No audience is accepted, or the token names no organization, so no gate for applications returns anything' end || own || '.';
			return next;
		end if;

		exit about_claims when kind <> 'session' or provider is not null or standing is not null;

		check_name := 'postgres role';
		status := 'problem';
		remedy := template;
		role_claim := case when jsonb_typeof(claims -> 'role') = 'string' then claims ->> 'role' end;
		own := format(' (claim role: %s, role of Postgres: %I)', case when claims ? 'role' then coalesce(extensions._workos_shown(role_claim), 'a ' || jsonb_typeof(claims -> 'role')) else 'none' end, caller);
		if by_token then
			status := 'ok';
			detail := 'The Postgres role is that of the connection. The token does not choose it.';
			remedy := null;
		elsif role_claim = 'authenticated' and caller <> 'anon' then
			status := 'ok';
			detail := format('The claim role is authenticated, as Supabase requires%s.', own);
			remedy := null;
		elsif role_claim = 'anon' or caller = 'anon' then
			detail := format('The user is signed in, but Supabase treats the request as anon: the token does not name the Postgres role authenticated. Policies TO authenticated do not apply%s.', own);
		elsif coalesce(claims ->> 'role', '') = '' then
			detail := format('The token has no claim role, and Supabase chooses the Postgres role by that claim. The JWT template seems to be missing%s.', own);
			status := 'warning';
		else
			detail := format('The claim role is not authenticated. It seems to hold the role in WorkOS, and a gateway would look for a Postgres role of that name. %s%s.', case
				when role_claim is null then 'It is no name'
				when not exists (select from pg_roles r where r.rolname = role_claim) then format('There is none: PostgREST answers role "%s" does not exist before it runs any SQL', trim('''' from extensions._workos_shown(role_claim)))
				when not pg_has_role(session_user, role_claim, may_become) then format('There is one, but the role of the connection, %I, may not become it: permission denied to set role', session_user)
				else 'There is one' end, own);
		end if;
		return next;

		check_name := 'organization';
		status := 'ok';
		remedy := null;
		if jsonb_typeof(claims -> 'org_id') is distinct from 'string' or claims ->> 'org_id' = '' then
			status := 'problem';
			detail := format('The token names no organization, so workos_org_id() is NULL, and there are no roles or permissions (org_id: %s).',
				case when claims ? 'org_id' then case jsonb_typeof(claims -> 'org_id') when 'string' then 'empty' else 'a ' || jsonb_typeof(claims -> 'org_id') end else 'none' end);
			remedy := 'Let the user select one: switchToOrganization({ organizationId }) in AuthKit, or organization_id when the session is refreshed.';
		else
			detail := format('An organization is selected (org_id: %s). Rows of another one are not seen: the user has to switch to it.', extensions._workos_shown(claims ->> 'org_id'));
		end if;
		return next;

		check_name := 'user role';
		status := 'problem';
		remedy := template;
		own := format(' (user_role: %s, roles: %s)', case when claims ? 'user_role' then case jsonb_typeof(claims -> 'user_role') when 'string' then extensions._workos_shown(claims ->> 'user_role') else 'a ' || jsonb_typeof(claims -> 'user_role') end else 'none' end,
			case when not claims ? 'roles' then 'none' else coalesce(extensions._workos_shown(extensions._workos_strings(claims -> 'roles')), 'not a list of texts') end);
		if claims ->> 'user_role' = '' then
			detail := 'The claim user_role is empty: the JWT template puts quotes around {{organization_membership.role}}, or the user has no role';
		elsif claims ->> 'user_role' in ('anon', 'authenticated', 'service_role') then
			detail := 'The claim user_role names a Postgres role, not the role in WorkOS';
		elsif jsonb_typeof(claims -> 'user_role') not in ('string', 'null') then
			detail := 'The claim user_role is not a string';
		elsif claims ->> 'user_role' <> '' or jsonb_typeof(claims -> 'roles') = 'array' and jsonb_array_length(claims -> 'roles') > 0
				or extensions.workos_user_role() is not null then -- the claim role of a verified token
			status := 'ok';
			detail := 'The token holds the role of the user';
			remedy := null;
		else
			status := 'warning';
			detail := 'The token has neither user_role nor roles, so workos_user_role() is NULL';
		end if;
		detail := detail || own || '.';
		return next;

		check_name := 'permissions';
		remedy := null;
		if claims ? 'permissions' and extensions._workos_strings(claims -> 'permissions') is null then
			status := 'problem';
			detail := format('The claim permissions is not a list of texts only, so there are no permissions (permissions: a %s).', jsonb_typeof(claims -> 'permissions'));
			remedy := 'Remove permissions from the JWT template: WorkOS writes this claim itself.';
		elsif coalesce(extensions._workos_strings(claims -> 'permissions'), '{}') = '{}' then
			status := 'warning';
			detail := format('The token has no permissions (permissions: %s). Policies that ask for one let nothing through.', case when claims ? 'permissions' then '{}' else 'none' end);
			remedy := 'In the WorkOS dashboard, give permissions to the role of the user; then let the client refresh the token.';
		else
			status := 'ok';
			detail := format('The token has permissions (permissions: %s). Whether they are those that a policy asks for, workos_explain() tells.', extensions._workos_shown(extensions._workos_strings(claims -> 'permissions')));
		end if;
		return next;
	end about_claims;

	-- For example the first table whose policies call these functions.
	check_name := 'next';
	status := 'ok';
	own_table := (select c.oid::regclass::text from pg_policy p join pg_class c on c.oid = p.polrelid
		join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass join pg_proc f on f.oid = d.refobjid and f.pronamespace = 'extensions'::regnamespace
		where has_schema_privilege(c.relnamespace, 'usage') and not pg_is_other_temp_schema(c.relnamespace) and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))
		order by 1 limit 1);
	detail := 'What the privileges and policies of one table make of a statement, workos_explain() tells. Call it as the user who sees no rows.';
	remedy := format('select * from extensions.workos_explain(%L, ''select'');', coalesce(own_table, 'documents'));
	return next;
end $$;
comment on function extensions.workos_doctor() is
	'why do I see no rows? What is wrong with the claims of this transaction, and what to do';

-- What the rules of workos_lint() know of the database

-- The names under which a policy calls the helpers: functions of this library that write nothing and return one value.
create or replace function extensions._workos_names_of_helpers() returns text[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select array(select case 'extensions' when 'pg_catalog' then '' else 'extensions.' end || p.proname from pg_proc p
		where p.pronamespace = 'extensions'::regnamespace and p.proname ^@ 'workos_' group by p.proname having bool_and(p.provolatile <> 'v' and not p.proretset))
$$;

-- The Postgres roles that requests of end users run as, PUBLIC among them.
create or replace function extensions._workos_end_users() returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select array(select 0::oid union all select r.oid from pg_roles r left join pg_roles g on g.rolname = 'authenticator'
		where r.rolname in ('anon', 'authenticated') or pg_has_role(g.oid, r.oid, 'member') and not r.rolbypassrls and not r.rolsuper and r.rolname not in ('service_role', 'authenticator'))
$$;

-- The names of those of them that hold one of the privileges, on an object in a schema that they may use.
create or replace function extensions._workos_granted(acl aclitem[], privileges text[], schema oid, end_users oid[]) returns text
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select string_agg(distinct case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end, ', ') from aclexplode(acl) x
	where x.grantee = any (end_users) and x.privilege_type = any (privileges) and (x.grantee = 0 or has_schema_privilege(x.grantee, schema, 'usage'))
$$;

-- Schemas of Supabase and of Postgres, whose functions, views and defaults nobody changes.
create or replace function extensions._workos_managed() returns text[]
	language sql immutable set search_path = pg_catalog, pg_temp as $$
	select '{pg_catalog,information_schema,auth,storage,realtime,vault,graphql,graphql_public,pgbouncer,cron,net,supabase_functions,supabase_migrations,workos_test}'::text[]
$$;

-- What belongs to an extension is left alone.
create or replace function extensions._workos_foreign(catalog regclass) returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select array(select d.objid from pg_depend d where d.classid = catalog and d.deptype = 'e')
$$;

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

-- What an expression or a function body says about the caller, for the rules of workos_lint(). tokens, names, kinds,
-- closers and parents are columns of _workos_tokens(); helpers are the names under which the helpers are called; uuids
-- are the columns of type uuid.
--
-- fact and detail: one of
-- id: an id of WorkOS is read; its detail is user or org.
-- uuid_cast: such an id is cast to uuid; what is cast. uuid_column: it is compared with a column of type uuid.
-- auth_uid: auth.uid() is called.
-- raw_claim: a claim of WorkOS is read past the helpers of sessions; which. supabase_claim: a claim that only Supabase
-- Auth has. misnamed_claim: a claim whose name looks like one of WorkOS. any_claim: another claim.
-- session_setting: a setting that the caller can choose; which.
-- role_clash: the claim role is not compared with Postgres roles. postgres_role: a Postgres role is taken for a role in
-- WorkOS. empty_string: the result of a helper is compared with ''.
create or replace function extensions._workos_facts(tokens text[], names text[], kinds text[], closers int[], parents int[], helpers text[], uuids text[], out fact text, out detail text) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	comparison constant text[] := '{=,<>,!=}'::text[];
	postgres_roles constant text[] := '{''anon'',''authenticated'',''service_role''}'::text[];
	base text;
	source text; -- helper, jwt (the claims as JSON), role (the claim role), uid
	id text; -- user or org, if the value is an id
	key text; -- the claim that is read, if it is known
	start int;
	stop int;
	p int;
	operand int;
	literals text[];
	-- The expression asks which kind of token it is, or who issued it, as policies for several kinds of tokens must.
	asks boolean := false;
begin
	for i in 1 .. coalesce(cardinality(tokens), 0) loop
		asks := asks or kinds[i] = 'name' and names[i] = any (helpers) and names[i] ~ $q$\mworkos_token_kind\Z$q$
			or tokens[i] = '''iss''' and (tokens[i - 1] in ('->>', '->') or tokens[i - 1] = '(' and names[i - 2] ~ $q$\mworkos_claim\Z$q$);
	end loop;
	for i in 1 .. coalesce(cardinality(tokens), 0) loop
		continue when kinds[i] <> 'name' or tokens[i + 1] is distinct from '(' or closers[i + 1] is null;
		start := i;
		stop := closers[i + 1];
		base := regexp_replace(names[i], $q$^.*\.$q$, '');
		source := null;
		id := null;
		key := null;
		if names[i] = any (helpers) then
			source := 'helper';
			id := case
				when base in ('workos_user_id', 'workos_session_id', 'workos_application_id', 'workos_client_id', 'workos_delegated_user_id') then 'user'
				when base in ('workos_org_id', 'workos_application_org_id', 'workos_delegated_org_id', 'workos_org_with_permission', 'workos_org_with_role') then 'org'
			end;
			if base = 'workos_claims' then
				source := 'jwt';
			elsif base = 'workos_claim' then
				key := case when kinds[i + 2] = 'string' and tokens[i + 3] in ('::', ')') then btrim(tokens[i + 2], '''') end;
				id := case when key in ('sub', 'sid') then 'user' when key = 'org_id' then 'org' end;
				source := 'claim';
			elsif base in ('workos_has_role', 'workos_has_any_role', 'workos_org_with_role') then
				for j in i + 2 .. stop - 1 loop
					if tokens[j] = any (postgres_roles) then
						fact := 'postgres_role';
						detail := btrim(tokens[j], '''');
						return next;
					end if;
				end loop;
			end if;
		elsif names[i] = 'auth.uid' and stop = i + 2 then
			fact := 'auth_uid';
			detail := null;
			return next;
			source := 'uid';
			id := 'user';
		elsif names[i] = 'auth.jwt' and stop = i + 2 then
			source := 'jwt';
		elsif names[i] = 'auth.role' and stop = i + 2 then
			source := 'claim';
			key := 'role';
		elsif names[i] in ('current_setting', 'pg_catalog.current_setting') and kinds[i + 2] = 'string' and lower(tokens[i + 2]) in ('''request.jwt.claims''', '''request.jwt.claim''') then
			source := 'jwt';
		elsif names[i] in ('current_setting', 'pg_catalog.current_setting') and kinds[i + 2] = 'string' and lower(tokens[i + 2]) like '''request.jwt.claim.%' then
			source := 'claim';
			key := btrim(split_part(lower(tokens[i + 2]), '.', 4), '''');
			id := case when key in ('sub', 'sid') then 'user' when key = 'org_id' then 'org' end;
		elsif names[i] in ('current_setting', 'pg_catalog.current_setting') and kinds[i + 2] = 'string'
			-- Of those that gateways set, only headers and cookies are what the client sends.
			and (lower(tokens[i + 2]) in ('''request.headers''', '''request.cookies''') or tokens[i + 2] like '%.%' and lower(tokens[i + 2]) !~ $q$^'(?:request|workos|realtime|storage|pgrst)\.$q$)
		then
			fact := 'session_setting';
			detail := lower(btrim(tokens[i + 2], ''''));
			return next;
		end if;
		continue when source is null;

		-- From the call to the whole value: casts, parentheses, sub-selects without FROM, coalesce, and the path in the JSON
		loop
			if tokens[stop + 1] = '::' then
				stop := stop + 2;
				if names[stop] in ('uuid', 'pg_catalog.uuid') and id is not null and source <> 'uid' and not (asks and source <> 'helper') then
					fact := 'uuid_cast';
					detail := coalesce(case when source = 'helper' then base || '()' end, 'the claim ' || key);
					return next;
				end if;
				while kinds[stop + 1] = 'name' and tokens[stop + 1] in ('varying', 'precision', 'with', 'without', 'time', 'zone') loop
					stop := stop + 1;
				end loop;
				while tokens[stop + 1] in ('(', '[') and closers[stop + 1] is not null loop
					stop := closers[stop + 1];
				end loop;
			elsif source = 'jwt' and key is null and (tokens[stop + 1] in ('->', '->>', '#>', '#>>') or tokens[stop + 1] = '[') then
				-- Only what follows ->> and #>> is text.
				key := case when kinds[stop + 2] = 'string' then split_part(btrim(tokens[stop + 2], '''{}'), ',', 1) end;
				if key is null then
					exit;
				end if;
				if tokens[stop + 1] in ('->>', '#>>') then
					id := case when key in ('sub', 'sid') then 'user' when key = 'org_id' then 'org' end;
				end if;
				stop := case when tokens[stop + 1] = '[' then coalesce(closers[stop + 1], stop + 2) else stop + 2 end;
				while tokens[stop + 1] = '::' loop
					stop := stop + 2;
					while tokens[stop + 1] = '[' loop
						stop := closers[stop + 1];
					end loop;
				end loop;
			elsif source = 'jwt' and key is null and tokens[stop + 1] in ('?', '?|', '?&') then
				exit;
			elsif upper(tokens[stop + 1]) = 'AS' and upper(tokens[start - 1]) = 'SELECT' and tokens[stop + 3] = ')' then
				stop := stop + 2;
				start := start - 1;
			elsif upper(tokens[stop + 1]) = 'AS' and names[stop + 2] in ('uuid', 'pg_catalog.uuid') and lower(tokens[start - 2]) = 'cast' and tokens[stop + 3] = ')' and id is not null then
				fact := 'uuid_cast';
				detail := coalesce(case when source = 'helper' then base || '()' end, 'the claim ' || key);
				return next;
				exit;
			elsif tokens[stop + 1] = ')' and parents[start] > 0 and closers[parents[start]] = stop + 1
				and (parents[start] = start - 1 or parents[start] = start - 2 and upper(tokens[start - 1]) = 'SELECT')
				or tokens[stop + 1] = ',' and parents[start] = start - 1 and lower(tokens[start - 2]) in ('coalesce', 'nullif')
			then
				p := parents[start];
				exit when closers[p] is null;
				-- The argument of another function is another value.
				exit when kinds[p - 1] = 'name' and upper(tokens[p - 1]) not in ('COALESCE', 'NULLIF', 'AND', 'OR', 'NOT', 'WHERE', 'SELECT', 'IN', 'ON', 'WHEN', 'THEN', 'ELSE', 'CASE', 'RETURN', 'FROM', 'IF', 'HAVING', 'USING', 'DISTINCT', 'IS');
				stop := closers[p];
				start := case when upper(tokens[p - 1]) in ('COALESCE', 'NULLIF') then p - 1 else p end;
			else
				exit;
			end if;
		end loop;

		if source in ('jwt', 'claim') and key is not null then
			fact := case
				when key = 'role' then null
				when key in ('sub', 'sid', 'org_id', 'permissions', 'roles', 'user_role', 'entitlements', 'feature_flags', 'act', 'auth_time') then 'raw_claim'
				when key in ('app_metadata', 'user_metadata', 'aal', 'amr', 'session_id', 'is_anonymous') then 'supabase_claim'
				when key in ('organization_id', 'organisation_id', 'organizationId', 'orgId', 'user_id', 'userId') then 'misnamed_claim'
				else 'any_claim'
			end;
			detail := key;
			if fact is not null and not (asks and fact = 'raw_claim') then
				return next;
			end if;
		end if;
		if id is not null then
			fact := 'id';
			detail := id;
			return next;
		end if;

		-- What the value is compared with
		literals := '{}';
		operand := null;
		if tokens[stop + 1] = any (comparison) then
			operand := stop + 2;
		elsif upper(tokens[stop + 1]) = 'IN' then
			operand := stop + 2;
		elsif upper(tokens[stop + 1]) = 'NOT' and upper(tokens[stop + 2]) = 'IN' then
			operand := stop + 3;
		elsif upper(tokens[stop + 1]) = 'IS' and upper(tokens[stop + 2]) = 'DISTINCT' then
			operand := stop + 4;
		elsif upper(tokens[stop + 1]) = 'IS' and upper(tokens[stop + 3]) = 'DISTINCT' then
			operand := stop + 5;
		elsif upper(tokens[stop + 1]) = 'IS' then
			continue; -- IS NULL, IS NOT NULL
		end if;
		if operand is not null then
			if upper(tokens[operand]) in ('ANY', 'ALL') then
				operand := operand + 1;
			end if;
			p := case when tokens[operand] = '(' then closers[operand] else operand end;
			for j in operand .. coalesce(p, operand) loop
				if kinds[j] = 'string' then
					literals := literals || tokens[j];
				elsif kinds[j] = 'name' and tokens[j] not in ('ARRAY', 'text', 'character', 'varying', 'name') and tokens[j - 1] <> '::' then
					literals := literals || tokens[j];
				end if;
			end loop;
			-- an array as one literal
			if tokens[operand] = '(' and kinds[operand + 1] = 'string' and left(tokens[operand + 1], 2) = '''{' then
				literals := array(select quote_literal(btrim(l, '" ')) from unnest(string_to_array(btrim(tokens[operand + 1], '''{}'), ',')) l);
			end if;
			if id is not null and tokens[operand] = '(' and names[operand + 1] = any (uuids) and tokens[operand + 2] = ')' and tokens[operand + 3] = '::' then
				fact := 'uuid_column';
				detail := names[operand + 1];
				return next;
			end if;
		else
			-- the other way round: 'admin'::text = value
			p := start - 1;
			if tokens[p] = 'FROM' and tokens[p - 1] = 'DISTINCT' then
				p := p - case when tokens[p - 2] = 'NOT' then 3 else 2 end;
			end if;
			if tokens[p] = any (comparison) or tokens[p] = 'IS' then
				p := p - 1;
				if id is not null and tokens[p - 1] = '::' and tokens[p - 2] = ')' and names[p - 3] = any (uuids) and tokens[p - 4] = '(' then
					fact := 'uuid_column';
					detail := names[p - 3];
					return next;
				end if;
				while tokens[p - 1] = '::' loop
					p := p - 2;
				end loop;
				literals := literals || coalesce(tokens[p], '');
			end if;
		end if;
		if key = 'role' and source in ('jwt', 'claim') then
			if literals = '{}' or not literals <@ postgres_roles then
				fact := 'role_clash';
				detail := (select l from unnest(literals) l where l <> all (postgres_roles) limit 1);
				return next;
			end if;
		elsif source = 'helper' and base = 'workos_user_role' and literals && postgres_roles then
			fact := 'postgres_role';
			detail := (select btrim(l, '''') from unnest(literals) l where l = any (postgres_roles) limit 1);
			return next;
		elsif source = 'helper' and '''''' = any (literals) then
			fact := 'empty_string';
			detail := base || '()';
			return next;
		end if;
	end loop;
end $$;

-- What each of these facts means for a policy, a default, a view or a function. NULL for a fact that is no mistake.
create or replace function extensions._workos_explained(fact text, detail text) returns text
	language sql immutable set search_path = pg_catalog, pg_temp as $$
	select format(case fact
		when 'uuid_cast' then 'the cast of %s to uuid raises an error for every WorkOS id, because a WorkOS id is text such as org_01EXAMPLE and not a UUID. Remove the cast, and compare the id with a column of type text'
		when 'uuid_column' then 'the column %s has the type uuid and is compared with a WorkOS id, which is never a UUID, so the comparison is never true. The column must become text and hold WorkOS ids; a cast does not help'
		when 'auth_uid' then 'auth.uid() raises an error for every WorkOS id, because a WorkOS id is not a UUID. Compare workos_user_id() with a column of type text that holds WorkOS ids. A column of type uuid cannot hold them'
		when 'raw_claim' then 'the claim %s is read directly, so tokens of machines and widgets, ID tokens, tokens of applications that act for a user, and claims that have expired pass here as users. Use %s'
		when 'supabase_claim' then 'the claim %s is one of Supabase Auth. The token of a WorkOS session has it only if your JWT template adds it; otherwise this is NULL for every user. Use the roles, permissions and claims of WorkOS'
		when 'misnamed_claim' then 'the access tokens of WorkOS have no claim %s, so this is NULL for every user, unless your JWT template adds the claim. Use %s'
		when 'session_setting' then case when detail in ('request.headers', 'request.cookies') then 'the client chooses what is in %s, so anybody can send the value that this asks for. Use the claims of the token'
			else 'whoever can run SQL, for example over a direct connection, can give the setting %s any value. If the caller decides what he may see by it, use the claims of the token' end
		when 'role_clash' then 'the claim role is the Postgres role, such as authenticated, and never the role in WorkOS. If you mean the role in WorkOS, use workos_has_role(). If you mean the Postgres role, compare it with anon, authenticated or service_role'
		when 'postgres_role' then '%s is a Postgres role and never a role in WorkOS, so this is never true. To compare the Postgres role, use auth.role() or name the role with TO'
		when 'empty_string' then '%s is never an empty string: what is missing is NULL. Compare with IS NULL or IS NOT NULL'
		end, detail, case
			when detail = 'sub' then 'workos_user_id(), or workos_delegated_user_id() for applications'
			when detail = 'act' then 'workos_impersonator() or workos_is_impersonated()'
			when detail in ('organization_id', 'organisation_id', 'organizationId', 'orgId') then 'workos_org_id()'
			when detail in ('user_id', 'userId') then 'workos_user_id()'
			when detail = 'org_id' then 'workos_org_id(), or workos_delegated_org_id() for applications, or workos_application_org_id() for machines'
			when detail = 'sid' then 'workos_session_id()'
			when detail = 'permissions' then 'workos_has_permission() or workos_org_with_permission()'
			when detail in ('roles', 'user_role') then 'workos_has_role() or workos_org_with_role()'
			when detail = 'entitlements' then 'workos_has_entitlement()'
			when detail = 'feature_flags' then 'workos_has_feature_flag()'
			else 'workos_authenticated_within()' end)
$$;

-- Does a part of a condition, from one token to another, let rows pass without looking at them, and without naming
-- callers? Then it says who may do something, but not with which rows. A function or a table that is not known here may
-- look at the rows.
create or replace function extensions._workos_open(tokens text[], names text[], kinds text[], closers int[], first int, last int, helpers text[]) returns boolean
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	a int := first;
	z int := last;
	i int;
	arm int;
	ors int := 0;
	ands int := 0;
	opens boolean := true;
	ids boolean := false;
	token text;
begin
	while tokens[a] = '(' and closers[a] = z loop
		a := a + 1;
		z := z - 1;
	end loop;
	i := a;
	while i <= z loop
		if kinds[i] = 'open' then
			i := coalesce(closers[i], z);
		elsif tokens[i] = 'OR' then
			ors := ors + 1;
		elsif tokens[i] = 'AND' then
			ands := ands + 1;
		end if;
		i := i + 1;
	end loop;
	if (ors > 0 or ands > 0) and tokens[a] not in ('SELECT', 'CASE') then
		-- One open arm of OR is enough; of AND all must be open.
		opens := ors = 0;
		arm := a;
		i := a;
		while i <= z + 1 loop
			if i = z + 1 or ors > 0 and tokens[i] = 'OR' or ors = 0 and tokens[i] = 'AND' then
				if ors > 0 then
					opens := opens or extensions._workos_open(tokens, names, kinds, closers, arm, i - 1, helpers);
				else
					opens := opens and extensions._workos_open(tokens, names, kinds, closers, arm, i - 1, helpers);
				end if;
				exit when opens = (ors > 0);
				arm := i + 1;
			elsif kinds[i] = 'open' then
				i := coalesce(closers[i], z);
			end if;
			i := i + 1;
		end loop;
		return opens;
	end if;
	if a = z then
		return tokens[a] = 'true';
	end if;
	for i in a .. z loop
		token := tokens[i];
		ids := ids or kinds[i] = 'name' and names[i] = any (helpers) and names[i] ~ $q$(_id|_org_with_\w+|workos_claim)\Z$q$;
		-- A caller that is named, or the service role
		if kinds[i] = 'string' and (token = '''service_role''' or ids and token ~ '^''(user|org|client|session)_') then
			return false;
		elsif kinds[i] = 'string' and (tokens[i - 1] in ('->', '->>') or tokens[i - 1] = '(' and names[i - 2] ~ $q$\mworkos_claim\Z$q$) then
			-- A claim that is not about organizations, such as email, may name callers.
			if btrim(token, '''') not in ('role', 'sub', 'sid', 'org_id', 'permissions', 'roles', 'user_role', 'entitlements', 'feature_flags', 'aud', 'iss') then
				return false;
			end if;
		elsif kinds[i] = 'name' and token !~ '^[A-Z_]+$' then
			if tokens[i + 1] = '(' then
				if names[i] <> all (helpers) and names[i] not in ('auth.uid', 'auth.jwt', 'auth.role', 'current_setting') then
					return false;
				end if;
			elsif tokens[i - 1] in ('::', 'AS') or tokens[i - 1] = 'character' or token in ('true', 'zone', 'time') then
				null;
			else
				return false; -- a column, or false
			end if;
		elsif token in ('FROM') and tokens[i - 1] <> 'DISTINCT' or token in ('CURRENT_USER', 'SESSION_USER', 'CURRENT_ROLE') then
			return false;
		end if;
	end loop;
	return true;
end $$;

-- Finds the calls of some functions in an expression, by the numbers of the tokens where they start and stop.
-- The result of a function in helpers depends only on its arguments and on the statement.
--
-- term_start, term_stop: the call, or the sub-select that consists of the call only.
-- compared: the column that the call is compared with, if an index can evaluate the comparison.
-- constant: the arguments do not depend on the row.
-- once: the call is in a sub-select that does not depend on the row, so it runs once.
-- source: the call is in FROM.
create or replace function extensions._workos_calls(tokens text[], helpers text[], out name text, out start int, out stop int, out term_start int, out term_stop int, out compared text, out constant boolean, out once boolean, out source boolean) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	column_name constant text := '^(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)$';
	token text;
	before text := '';
	in_type boolean := false; -- The token is part of a type name, which can have several words.
	parens int := 1; -- The first pair encloses the whole expression.
	here int := 1; -- the innermost open one
	-- for each pair of parentheses, by number
	around int[] := '{1}'::int[];
	opened int[] := '{0}'::int[];
	closed int[] := '{0}'::int[];
	varies boolean[] := '{false}'::boolean[]; -- It depends on the row, or may depend on it.
	selects boolean[] := '{false}'::boolean[]; -- It is a sub-select.
	conjunct boolean[] := '{true}'::boolean[]; -- It is at a place where a whole condition, or conditions joined by AND, can be.
	mixed boolean[] := '{false}'::boolean[]; -- It contains more than calls and conditions joined by AND.
	cases int[] := '{0}'::int[]; -- how many CASE are open in it
	runs_once boolean[] := '{false}'::boolean[];
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
			cases[parens] := 0;
			here := parens;
		elsif token = ')' then
			closed[here] := i;
			varies[around[here]] := varies[around[here]] or varies[here];
			here := around[here];
		elsif token = any (helpers) and tokens[i + 1] = '(' then
			null;
		elsif token <> 'AND' then
			cases[here] := cases[here] + case token when 'CASE' then 1 when 'END' then -1 else 0 end;
			mixed[here] := mixed[here] or cases[here] = 0 and token !~ '^["a-z_]' and token not in ('END', 'NOT', 'EXISTS', 'COALESCE', 'NULLIF', 'GREATEST', 'LEAST');
			varies[here] := varies[here] or case
				when in_type then token !~ '^[a-z0-9_]+$' -- The cast may depend on anything.
				when token ~ '^[A-Z]' then token in ('COLLATE', 'WITH') or token = 'FROM' and not (before = 'DISTINCT' and tokens[i - 2] in ('IS', 'NOT'))
				when token ~ '^["a-z_]' then before <> 'AS' and token not in ('true', 'false') and tokens[i + 1] is distinct from '=>' -- the name of an argument
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
		if name = any (helpers) then
			stop := closed[p];
			term_start := start;
			term_stop := stop;
			if concat(tokens[start - 2], tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(SELECTAS)' then
				term_start := start - 2;
				term_stop := stop + 3;
			end if;
			constant := not varies[p];
			once := runs_once[p];
			source := coalesce(tokens[stop + 1] ~ '^(?:["a-z_]|WITH$)' or tokens[opened[around[p]] - 1] = 'FROM', false);
			compared := null;
			if name = 'extensions.workos_is_member' then
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

-- Where an expression or a body reads a table of the directory and lets rows pass that have ended. tokens, names, kinds,
-- closers and parents are columns of _workos_tokens(). Deleted rows stay in the tables as tombstones for 90 days, and
-- memberships that are inactive or pending are rows, too. Each table is looked at in the SELECT that reads it: a condition
-- on its columns must stand there. Tables are found by the name with the schema, as Postgres prints it in policies and views.
create or replace function extensions._workos_ended_rows(tokens text[], names text[], kinds text[], closers int[], parents int[], out relation text, out lacks text) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	alias text;
	start int;
	stop int;
	asked boolean;
begin
	for i in 1 .. coalesce(cardinality(tokens), 0) loop
		relation := names[i];
		continue when (kinds[i] = 'name' and relation in ('workos.memberships', 'workos.users', 'workos.organizations', 'workos.roles')) is not true
			or upper(tokens[i - 1]) not in ('FROM', 'JOIN', 'ONLY', ',', '(') or upper(tokens[i - 2]) = 'DELETE' or tokens[i + 1] = '(';
		-- FROM workos.memberships m, or AS m
		alias := case
			when upper(tokens[i + 1]) = 'AS' then names[i + 2]
			when kinds[i + 1] = 'name' and upper(tokens[i + 1]) not in ('WHERE', 'JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL', 'ON', 'USING', 'GROUP', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH', 'FOR', 'HAVING', 'WINDOW', 'UNION', 'EXCEPT', 'INTERSECT', 'LOOP', 'TABLESAMPLE', 'RETURNING') then names[i + 1]
			else split_part(relation, '.', 2) end;
		-- The parentheses around the SELECT; those of a join are inside.
		start := parents[i];
		while start > 0 and upper(tokens[start + 1]) not in ('SELECT', 'WITH') loop
			start := parents[start];
		end loop;
		stop := case when start > 0 then closers[start] end;
		asked := false;
		for j in coalesce(start, 0) + 1 .. coalesce(stop, cardinality(tokens)) loop
			continue when kinds[j] <> 'name' or names[j] is null;
			if relation = 'workos.memberships' then
				asked := asked or names[j] in ('status', alias || '.status', relation || '.status')
					-- status = 'active', also the other way round, with a cast after either of them, and in coalesce()
					and exists (select from generate_series(greatest(j - 5, 1), j + 9) near where tokens[near] = '''active''' and (tokens[near - 1] = '=' or tokens[near + 1] = '=' or tokens[near + 1] = '::' and tokens[near + 3] = '='));
			else
				asked := asked or names[j] in ('deleted_at', alias || '.deleted_at', relation || '.deleted_at') and upper(tokens[j + 1]) = 'IS' and upper(tokens[j + 2]) in ('NULL', 'NOT');
			end if;
		end loop;
		if not asked then
			lacks := case relation when 'workos.memberships' then 'status = ''active''' else 'deleted_at IS NULL' end;
			return next;
		end if;
	end loop;
end $$;

-- What that means. A statement that mends it is not possible without knowing what the expression is meant to say: with NOT EXISTS, one
-- condition more shows more rows.
create or replace function extensions._workos_ended_rows_explained(relation text, lacks text) returns text
	language sql immutable set search_path = pg_catalog, pg_temp as $$
	select format(case relation
		when 'workos.memberships' then 'it reads %s without %s, so members who were deactivated or invited count as members. Compare the column of the organization with the ids that workos_org_ids(), workos_org_ids_with_role(...) or workos_org_ids_with_permission(...) returns, which also know of users and organizations that were deleted; or add the condition'
		when 'workos.users' then 'it reads %s without %s, so a user who was deleted still counts: the row stays for 90 days. Add the condition; to show members to each other, read the view workos.members'
		when 'workos.organizations' then 'it reads %s without %s, so an organization that was deleted still counts: the row stays for 90 days. Add the condition'
		else 'it reads %s without %s, so a role that was deleted still counts: the row stays for 90 days. Add the condition, or compare with the ids that workos_org_ids_with_role(...) or workos_org_ids_with_permission(...) returns' end, relation, lacks)
$$;

-- The rules about policies: each one for itself, with the restrictive ones of its table, and with those that it leads to.
-- The last row says how many policies were looked at; it has no rule.
create or replace function extensions._workos_lint_policies(out rule text, out severity text, out object text, out problem text, out remedy text, out looked_at bigint) returns setof record
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp as $$
declare
	-- In the native edition the planner hook computes a call once per query.
	per_row_matters constant boolean := not exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = 'extensions'::regnamespace);
	longest constant int := 200000; -- of the stored form of an expression, and of a body
	prefix constant text := case 'extensions' when 'pg_catalog' then '' else 'extensions.' end;
	helpers constant text[] := extensions._workos_names_of_helpers();
	lists constant text[] := array(select prefix || p.proname from pg_proc p
		where p.pronamespace = 'extensions'::regnamespace and p.proname ^@ 'workos_' and p.prorettype = 'text[]'::regtype);
	end_users constant oid[] := extensions._workos_end_users();
	tenant_names constant text[] := '{org_id,organization_id,organisation_id,workos_org_id,workos_organization_id,tenant_id}'::text[];
	foreign_tables constant oid[] := extensions._workos_foreign('pg_catalog.pg_class'::regclass);
	distributed constant oid[] := extensions._workos_distributed(); -- Citus refuses a sub-select in their policies.
	policy record;
	clause record;
	call record;
	expression text;
	tokens text[];
	names text[];
	kinds text[];
	starts int[];
	closers int[];
	parents int[];
	relation oid := 0;
	columns text[];
	uuids text[];
	tenants text[];
	covered text[]; -- by restrictive policies that look at the row: command and clause
	covered_roles text[];
	commands text[];
	end_user boolean;
	mentioned text[];
	mentioned_before text[];
	users boolean;
	ids boolean;
	open boolean;
	effective boolean; -- The clause is the one that decides about new rows.
	arguments text;
	short text;
	inserted text;
	wrapped int; -- where the last call ends that the remedy wraps in a sub-select
	offsets int; -- how many characters the remedy has more than the expression
	mends text;
	found_facts text[];
	findings text[]; -- rule, severity and problem, one after the other
	slow text[];
	mistaken boolean; -- A finding is one of the explanations, so the policy may raise an error today.
	shared boolean; -- The policy lets all rows through, perhaps on purpose.
	ambiguous boolean;
	unread boolean;
	for_service boolean; -- The policy asks for the service role, so PUBLIC gains nothing.
	self_readers oid[] := '{}'::oid[]; -- policies that read their own table in a sub-select
	by_row text[];
	unindexed text[];
	name text;
	policies bigint := 0;
begin
	for policy in
		select p.oid, p.polname, p.polcmd, p.polrelid, p.polpermissive, p.polroles, p.polrelid::regclass::text as relation, quote_ident(c.relname) as alias,
			case when length(p.polqual::text) <= longest then pg_get_expr(p.polqual, p.polrelid) end as visible,
			case when length(p.polwithcheck::text) <= longest then pg_get_expr(p.polwithcheck, p.polrelid) end as writable,
			coalesce(greatest(length(p.polqual::text), length(p.polwithcheck::text)) > longest, false) as too_long,
			exists (select from pg_depend d join pg_type t on t.oid = d.refobjid left join pg_type e on e.oid = t.typelem
				where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_type'::regclass
					and t.typnamespace <> 'pg_catalog'::regnamespace and coalesce(e.typtype, t.typtype) in ('d', 'c', 'r', 'm')) as checked_types
		from pg_policy p join pg_class c on c.oid = p.polrelid
		-- A temporary table's name would mean another table in another session.
		where not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema() and c.oid <> all (foreign_tables)
		-- What restrictive policies forbid is known before the permissive ones are judged.
		order by relation, p.polpermissive, p.polname
	loop
		policies := policies + 1;
		object := format('policy %I on %s', policy.polname, policy.relation);
		if relation <> policy.polrelid then
			relation := policy.polrelid;
			covered := '{}';
			covered_roles := '{}';
			select coalesce(array_agg(quote_ident(a.attname)), '{}'),
				coalesce(array_agg(quote_ident(a.attname)) filter (where a.atttypid = 'uuid'::regtype), '{}'),
				coalesce(array_agg(quote_ident(a.attname)) filter (where a.attname = any (tenant_names) or pg_get_expr(d.adbin, d.adrelid) in (prefix || 'workos_org_id()')), '{}')
				into columns, uuids, tenants
				from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
				where a.attrelid = relation and a.attnum > 0 and not a.attisdropped;
			uuids := uuids || array(select policy.alias || '.' || u from unnest(uuids) u);
		end if;
		commands := case when policy.polcmd = '*' then '{r,a,w,d}' else array[policy.polcmd::text] end;
		end_user := policy.polroles && end_users;
		findings := '{}';
		found_facts := '{}';
		slow := '{}';
		ambiguous := false;
		unread := false;
		for_service := false;
		by_row := '{}';
		unindexed := '{}';
		mends := '';
		mentioned_before := null;
		for clause in
			select * from (values ('USING', policy.visible), ('WITH CHECK', policy.writable)) v(keyword, expression) where v.expression is not null order by keyword
		loop
			expression := clause.expression;
			select array_agg(t.token order by t.n), array_agg(t.name order by t.n), array_agg(t.kind order by t.n), array_agg(t.start order by t.n), array_agg(t.closes order by t.n), array_agg(t.parent order by t.n),
					ambiguous or bool_or(t.kind = 'string' and strpos(t.token, e'\\') > 0), unread or bool_or(t.kind = 'open' and t.closes is null or t.kind = 'other' and t.token <> '.')
				into tokens, names, kinds, starts, closers, parents, ambiguous, unread
				from extensions._workos_tokens(expression) t;

			for_service := for_service or '''service_role''' = any (tokens);
			-- Only in FROM, names of tables have a schema.
			if policy.relation = any (names) then
				self_readers := self_readers || policy.oid;
			end if;

			-- What it says about the caller
			select coalesce(array_agg(distinct f.fact || ' ' || coalesce(f.detail, '')), '{}'), coalesce(bool_or(f.fact = 'id'), false), coalesce(bool_or(f.fact = 'id' and f.detail = 'user'), false)
				into found_facts, ids, users
				from extensions._workos_facts(tokens, names, kinds, closers, parents, helpers, uuids) f;
			mentioned := array(select distinct case when n.name ^@ (policy.alias || '.') then substr(n.name, length(policy.alias) + 2) else n.name end
				from unnest(names, tokens, kinds) with ordinality n(name, token, kind, i)
				where n.kind = 'name' and tokens[n.i + 1] is distinct from '(' and tokens[n.i - 1] is distinct from '::' and tokens[n.i - 1] is distinct from 'AS'
					and case when n.name ^@ (policy.alias || '.') then substr(n.name, length(policy.alias) + 2) else n.name end = any (columns)
					and not coalesce(tokens[n.i + 1] = 'IS' and (tokens[n.i + 2] = 'NULL' or tokens[n.i + 2] = 'NOT' and tokens[n.i + 3] = 'NULL'), false));
			open := extensions._workos_open(tokens, names, kinds, closers, 1, cardinality(tokens), helpers);
			for name in select f from unnest(found_facts) f where split_part(f, ' ', 1) not in ('id', 'any_claim') loop
				short := split_part(name, ' ', 1);
				name := substr(name, length(short) + 2);
				findings := findings || array[short, case short when 'session_setting' then 'warning' else 'problem' end, extensions._workos_explained(short, name)];
			end loop;
			for name in select distinct extensions._workos_ended_rows_explained(e.relation, e.lacks) from extensions._workos_ended_rows(tokens, names, kinds, closers, parents) e order by 1 loop
				findings := findings || array['ended_rows', 'problem', name];
			end loop;

			-- Which rows pass
			if not policy.polpermissive then
				if not open and ids and mentioned <> '{}' then
					covered := covered || array(select c || clause.keyword from unnest(commands) c)
						|| case when clause.keyword = 'USING' and policy.writable is null then array(select c || 'WITH CHECK' from unnest(commands) c) else '{}' end;
					covered_roles := covered_roles || array_fill(policy.polroles::text, array[cardinality(covered) - cardinality(covered_roles)]);
				end if;
			elsif end_user then
				select array(select c from unnest(commands) c where not exists (
						select from unnest(covered, covered_roles) v(what, roles) where v.what = c || clause.keyword and (v.roles = '{0}' or policy.polroles <@ v.roles::oid[])))
					into commands;
				effective := clause.keyword = 'WITH CHECK' or policy.writable is null;
				if open and clause.keyword = 'USING' and commands && '{r,w,d}' then
					findings := findings || array['not_tied', case when commands && '{w,d}' or cardinality(tokens) > 1 and not (tokens <@ '{(,),true}') then 'problem' else 'warning' end,
						format('USING does not compare the row with the caller, so %s every row of every organization', case when commands && '{w,d}' then 'whoever passes it may read or change' else 'whoever passes it sees' end)
						|| case when exists (select from unnest(names) n where n ~ $q$\mworkos_has_$q$) then '. A role or permission holds in the selected organization only: compare its id with the column of the organization, as in org_id = workos_org_with_permission(...)'
							when tokens <@ '{(,),true}' then '. If all rows are public, keep it' else '. Compare a column with workos_org_id() or workos_user_id()' end];
				elsif open and clause.keyword = 'WITH CHECK' and commands && '{a}' and policy.polcmd in ('a', '*') then
					findings := findings || array['not_tied', 'problem', 'WITH CHECK does not compare the row with the caller, so whoever passes it may add rows for every organization and in the name of every user. Compare the column of the organization with workos_org_id(), or with workos_org_with_permission(...)'];
				elsif clause.keyword = 'WITH CHECK' and commands && '{w}' and mentioned_before && tenants and not mentioned && tenants then
					findings := findings || array['moves_tenant', 'problem', format('USING looks at the column %s, but WITH CHECK does not, so whoever may change a row may move it to another organization. Compare the column in WITH CHECK, too, or leave WITH CHECK out: then USING holds for the new row', (select t from unnest(tenants) t where t = any (mentioned_before) limit 1))];
				elsif open and clause.keyword = 'WITH CHECK' and commands && '{w}' then
					findings := findings || array['not_tied', 'problem', 'WITH CHECK does not compare the row with the caller, so whoever may change a row may give it to anybody. Leave WITH CHECK out: then USING holds for the new row'];
				elsif effective and commands && '{a,w}' and users and tenants <> '{}' and not mentioned && tenants then
					findings := findings || array['author_alone', 'problem', format(case
						when exists (select from unnest(tokens) with ordinality t(token, i) where t.token = 'FROM' and tokens[t.i - 1] is distinct from 'DISTINCT')
							then 'new rows are tied to the user through a sub-select, and nothing compares the organization in %s: whoever passes it may write the id of another organization there. Compare %1$s with workos_org_id(), too'
						else 'new rows are tied to their author alone, and not to the organization in %s: a user may put rows into every organization. Compare %1$s with workos_org_id(), too' end, tenants[1])];
				end if;
				mentioned_before := mentioned;
			end if;

			-- Calls for each row
			wrapped := 0;
			offsets := 0;
			inserted := expression;
			for call in
				-- If one index condition finds the rows, other comparisons run for these rows only.
				select c.*, i.indexed, coalesce(bool_or(i.indexed) over (), false) as has_index
				from extensions._workos_calls(tokens, helpers) c left join lateral (
					select exists (select from pg_index x where x.indrelid = a.attrelid and x.indkey[0] = a.attnum and x.indpred is null and x.indisvalid) as indexed
					from pg_attribute a join pg_type t on t.oid = a.atttypid
					where a.attrelid = policy.polrelid and quote_ident(a.attname) = c.compared and not a.attisdropped
						and coalesce(nullif(t.typbasetype, 0), t.oid) in ('text'::regtype, 'varchar'::regtype)
						-- workos_is_member() compares with the default collation.
						and (c.constant or c.name = prefix || 'workos_is_member')
						and (c.name <> prefix || 'workos_is_member' or a.attcollation = 'pg_catalog."default"'::regcollation)
					) i on true
				-- The check of a new row runs once for that row.
				where clause.keyword = 'USING'
				order by c.start
			loop
				arguments := substr(expression, starts[call.start + 1] + 1, starts[call.stop] - starts[call.start + 1] - 1);
				short := format('%s(%s)', substr(call.name, length(prefix) + 1), case when length(arguments) > 100 then left(arguments, 100) || ' ...' else arguments end);
				if call.indexed is not null and not call.once and (call.indexed or not call.has_index) then
					if not call.has_index then
						unindexed := unindexed || call.compared;
					end if;
				elsif not call.once and not call.source and call.start > wrapped then
					if not call.constant then
						by_row := by_row || (short || ' has an argument that depends on the row, so no index can help, and it runs once per row. ' || case
							when call.name = prefix || 'workos_is_member' then
								'If the argument is a column of type text with the default collation, compare it with (select workos_org_id()) instead'
							when call.name in (prefix || 'workos_has_role', prefix || 'workos_has_permission', prefix || 'workos_has_entitlement', prefix || 'workos_has_feature_flag') then
								format('If the argument is a column of type text with the default collation, write coalesce(... = any ((select %s())::text[]), false) instead',
									case substr(call.name, length(prefix) + 1) when 'workos_has_role' then 'workos_user_roles' else replace(substr(call.name, length(prefix) + 1), 'has_', '') || 's' end)
							else 'Decide whether a constant argument does'
							end);
					elsif per_row_matters then
						slow := slow || (short || ' runs once per row');
						wrapped := call.stop;
						-- Without the cast, ANY would take the sub-select as a set of rows.
						inserted := overlay(inserted placing '( SELECT ' || substr(expression, starts[call.start], starts[call.stop] - starts[call.start] + 1) || ')' || case when call.name = any (lists) then ')::text[]' else '' end
							from starts[call.start] + offsets for starts[call.stop] - starts[call.start] + 1);
						if call.name = any (lists) then
							inserted := overlay(inserted placing '(' from starts[call.start] + offsets for 0);
						end if;
						offsets := length(inserted) - length(expression);
					end if;
				end if;
			end loop;
			if wrapped > 0 then
				mends := mends || format(' %s (%s)', clause.keyword, inserted);
			end if;
		end loop;

		remedy := null;
		mistaken := false;
		shared := exists (select from unnest(findings) f where f ^@ 'USING does not' and f like '%If all rows are public, keep it');
		for i in 0 .. cardinality(findings) / 3 - 1 loop
			rule := findings[3 * i + 1];
			severity := findings[3 * i + 2];
			problem := findings[3 * i + 3];
			mistaken := mistaken or extensions._workos_explained(rule, ''::text) is not null;
			-- Once, if both clauses have it
			if not exists (select from generate_series(0, i - 1) j where findings[3 * j + 1 : 3 * j + 3] = array[rule, severity, problem]) then
				return next;
			end if;
		end loop;
		severity := 'warning';
		if policy.too_long or unread then
			rule := 'not_read';
			problem := case when policy.too_long then format('an expression of the policy is too long, so workos_lint() did not check it: its stored form has more than %s characters', longest)
				else 'an expression of the policy was not understood, so workos_lint() did not check it in full' end;
			return next;
		end if;
		rule := 'argument_is_column';
		for problem in select distinct r from unnest(by_row) r order by r loop
			return next;
		end loop;
		-- One statement mends the whole policy. A sub-select around a call with constant arguments changes no answer,
		-- but could change when an error is raised.
		-- Not where a literal of a type of others stands in it: Postgres checks such a literal when it reads the statement,
		-- and so runs code of the type's owner, with the rights of whoever runs the statement.
		-- Nor with a backslash in a literal, which standard_conforming_strings reads in one way or the other.
		rule := 'call_per_row';
		remedy := case when not mistaken and not policy.checked_types and not ambiguous and policy.polrelid <> all (distributed) then format('ALTER POLICY %I ON %s%s;', policy.polname, policy.relation, mends) end;
		for problem in select distinct s from unnest(slow) s order by s loop
			return next;
		end loop;
		rule := 'no_index';
		for name in select distinct u from unnest(unindexed) u order by u loop
			problem := format('the column %s is compared with a claim, and no index begins with it', name);
			remedy := format('CREATE INDEX ON %s (%s);', policy.relation, name);
			return next;
		end loop;
		if policy.polpermissive and policy.polroles = '{0}' and not for_service
			and not (coalesce(policy.visible, 'false') = 'false' and coalesce(policy.writable, 'false') = 'false') -- Nobody passes it.
		then
			rule := 'for_public';
			problem := 'the policy is for PUBLIC, so it also applies to requests of users who are not signed in';
			-- If the policy has mistakes, the remedy would hide an error that a caller gets now. If it lets all rows through,
			-- they can be meant for visitors.
			remedy := case when to_regrole('authenticated') is not null and not mistaken and not shared and not policy.too_long and not extensions._workos_read_elsewhere(policy.polrelid) then
				format('ALTER POLICY %I ON %s TO authenticated;', policy.polname, policy.relation) end;
			if remedy is null then
				problem := problem || '. If it is meant for signed-in users only, name their role with TO' || case when shared then '. If it is meant for visitors, too, name both roles' else '' end;
			end if;
			return next;
		end if;
	end loop;

	-- Policies that read their own table again
	remedy := null;
	rule := 'recursion';
	severity := 'problem';
	for policy in
		with recursive reads as materialized (
			select distinct p.oid as policy, p.polname, p.polrelid, p.polcmd, d.refobjid as other
			from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
			join pg_class c on c.oid = p.polrelid and c.relrowsecurity
			-- A policy depends on the columns of its own table, whether it reads the table or not.
			where p.polrelid <> all (foreign_tables) and (d.refobjid <> p.polrelid or p.oid = any (self_readers))
		), reached as (
			select r.policy, r.polname, r.polrelid, r.polcmd, r.other from reads r
			union
			-- The sub-select of a policy is a SELECT for the other table.
			select r.policy, r.polname, r.polrelid, r.polcmd, n.other from reached r join reads n on n.polrelid = r.other and n.polcmd in ('r', '*')
		)
		select r.polname, r.polrelid::regclass::text as relation, r.policy = any (self_readers) as itself from reached r join pg_class c on c.oid = r.polrelid
		where r.other = r.polrelid and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
			and (r.polcmd in ('r', '*') or exists (select from pg_policy s where s.polrelid = r.polrelid and s.polcmd in ('r', '*') and pg_get_expr(s.polqual, s.polrelid) like '%SELECT %'))
		order by relation, r.polname
	loop
		object := format('policy %I on %s', policy.polname, policy.relation);
		problem := format('the policy reads %s, so every query ends in "infinite recursion detected in policy". The organization and the role of the caller are in the token: compare them with workos_org_id() and workos_org_with_role(), or read the table in a function that is SECURITY DEFINER', case when policy.itself then 'its own table' else 'a table whose policies read this table again' end);
		return next;
	end loop;

	rule := null;
	severity := null;
	object := 'policies';
	problem := null;
	looked_at := policies;
	return next;
end $$;

-- The rules about tables: row security, and whether there are policies.
create or replace function extensions._workos_lint_tables(out rule text, out severity text, out object text, out problem text, out remedy text, out looked_at bigint) returns setof record
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp as $$
declare
	end_users constant oid[] := extensions._workos_end_users();
	managed constant text[] := extensions._workos_managed();
	foreign_tables constant oid[] := extensions._workos_foreign('pg_catalog.pg_class'::regclass);
	item record;
	tables bigint := 0;
begin
	for item in
		select c.oid, c.oid::regclass::text as relation, c.relrowsecurity as secured, n.nspname = any (managed) as managed,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies,
			exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive) as has_permissive,
			extensions._workos_granted(c.relacl, '{SELECT,INSERT,UPDATE,DELETE}'::text[], c.relnamespace, end_users) as grantees
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		-- The tables of the directory are for their owner only.
		where c.relkind in ('r', 'p') and (c.oid <> all (foreign_tables) or n.nspname = 'workos') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
			and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		order by relation
	loop
		tables := tables + 1;
		object := 'table ' || item.relation;
		remedy := null;
		if item.has_policies and not item.secured then
			rule := 'row_security_off';
			severity := 'problem';
			problem := 'the table has policies, but row security is off: every role with a privilege on the table sees every row';
			remedy := case when not extensions._workos_read_elsewhere(item.oid) then format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', item.relation) end;
			if remedy is null then
				problem := problem || '. Other policies, views or functions read the table. First check what they return when rows of the table are hidden, then enable row security';
			end if;
		elsif item.managed or item.grantees is null then
			continue;
		elsif not item.secured then
			rule := 'table_exposed';
			severity := 'problem';
			problem := format('row security is off, and %s may use the table: they reach every row of every organization. ' || case when item.relation ^@ 'workos.'
				then 'Revoke the privileges. Show members to each other by the view workos.members, and ask for memberships with workos_org_ids()'
				else 'Enable row security and write policies, or revoke the privileges' end, item.grantees);
		elsif not item.has_policies then
			rule := 'no_policy';
			severity := 'warning';
			problem := format('row security is on, and there is no policy: %s may use the table but reach no row, without an error. Write policies, or revoke the privileges if nobody is meant to reach it', item.grantees);
		elsif not item.has_permissive then
			rule := 'restrictive_alone';
			severity := 'warning';
			problem := format('all policies are restrictive. They only take rows away from what permissive policies let through, so %s reach no row. Write a permissive policy', item.grantees);
		else
			continue;
		end if;
		return next;
	end loop;

	rule := null;
	severity := null;
	object := 'tables';
	problem := null;
	remedy := null;
	looked_at := tables;
	return next;
end $$;

-- The rules about column defaults, views and functions: what they say about the caller, whose rights they have, and which rows
-- of the directory they show.
create or replace function extensions._workos_lint_definitions(out rule text, out severity text, out object text, out problem text, out remedy text, out looked_at bigint) returns setof record
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp as $$
declare
	end_users constant oid[] := extensions._workos_end_users();
	managed constant text[] := extensions._workos_managed();
	foreign_tables constant oid[] := extensions._workos_foreign('pg_catalog.pg_class'::regclass);
	foreign_functions constant oid[] := extensions._workos_foreign('pg_catalog.pg_proc'::regclass);
	longest constant int := 200000; -- of the stored form of an expression, and of a body
	-- In a body the search_path finds them without their schema, too.
	helpers constant text[] := (select array_agg(v.h) from unnest(extensions._workos_names_of_helpers()) n(h), lateral (values (n.h), (regexp_replace(n.h, $q$^.*\.$q$, ''))) v(h));
	item record;
	tokens text[];
	names text[];
	kinds text[];
	closers int[];
	parents int[];
	short text;
	name text;
	defaults bigint := 0;
	views bigint := 0;
	functions bigint := 0;
begin
	remedy := null;
	for item in
		select 'd' as kind, format('default of column %I of %s', a.attname, a.attrelid::regclass) as object, pg_get_expr(d.adbin, d.adrelid) as text, null as finding, null as about, null as open_to
			from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p') and c.oid <> all (foreign_tables) and n.nspname <> all (managed) and length(d.adbin::text) <= longest
				and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		union all
		select 'v', format('%s %s', case c.relkind when 'm' then 'materialized view' else 'view' end, c.oid::regclass), pg_get_viewdef(c.oid),
				-- Row security of what it reads does not apply to the caller, and the caller may read it.
				case when protected.relations is not null and granted.roles is not null then 'view_as_owner' end,
				case when protected.relations is not null and granted.roles is not null then
					format('%s reads %s with the rights of its owner%s, so %s may see rows that the policies hide. ', case c.relkind when 'm' then 'the materialized view' else 'the view' end,
						protected.relations, case c.relkind when 'm' then ', at the time of the last refresh' else '' end, granted.roles)
					|| case c.relkind when 'm' then 'Revoke the privilege, or filter by the caller in a view in front of it'
						else 'ALTER VIEW ... SET (security_invoker = true), after you have checked that these roles have the privileges on the tables' end end,
				granted.roles
			from pg_class c join pg_namespace n on n.oid = c.relnamespace
			cross join lateral (select string_agg(distinct t.oid::regclass::text, ', ') as relations from pg_rewrite r
				join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
				join pg_class t on t.oid = d.refobjid and t.oid <> c.oid and t.relrowsecurity and t.relkind in ('r', 'p')
				where r.ev_class = c.oid and (c.relkind = 'm' or not coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false))) protected
			cross join lateral (select extensions._workos_granted(c.relacl, '{SELECT,INSERT,UPDATE,DELETE}'::text[], c.relnamespace, end_users) as roles) granted
			where c.relkind in ('v', 'm') and c.oid <> all (foreign_tables) and n.nspname <> all (managed)
				and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		union all
		select 'f', 'function ' || p.oid::regprocedure, case when p.prosqlbody is null then p.prosrc else pg_get_function_sqlbody(p.oid) end,
				case when p.prosecdef and granted.roles is not null then 'definer_function' end, granted.roles, case when p.prosecdef then granted.roles end
			from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
			cross join lateral (select extensions._workos_granted(coalesce(p.proacl, acldefault('f', p.proowner)), '{EXECUTE}'::text[], p.pronamespace, end_users) as roles) granted
			where l.lanname in ('sql', 'plpgsql') and p.oid <> all (foreign_functions) and n.nspname <> all (managed)
				and not (p.pronamespace = 'extensions'::regnamespace and p.proname ~ '^_?workos_')
				-- the directory of the portable edition
				and not (n.nspname = 'workos' and n.nspowner = p.proowner)
				and not pg_is_other_temp_schema(p.pronamespace) and p.pronamespace <> pg_my_temp_schema()
		order by 1, 2
	loop
		defaults := defaults + case item.kind when 'd' then 1 else 0 end;
		views := views + case item.kind when 'v' then 1 else 0 end;
		functions := functions + case item.kind when 'f' then 1 else 0 end;
		object := item.object;
		severity := 'warning';
		if item.kind = 'v' and item.finding is not null then
			rule := item.finding;
			problem := item.about;
			return next;
		end if;
		if length(item.text) > longest then
			rule := 'not_read';
			problem := format('it is too long, so workos_lint() did not check it: it has more than %s characters', longest);
			return next;
			continue;
		end if;
		continue when item.text !~* $q$\m(uid|jwt|role)\M|workos_|request\.jwt|workos[" ]*\.$q$ and item.finding is distinct from 'definer_function';
		select array_agg(t.token order by t.n), array_agg(t.name order by t.n), array_agg(t.kind order by t.n), array_agg(t.closes order by t.n), array_agg(t.parent order by t.n)
			into tokens, names, kinds, closers, parents from extensions._workos_tokens(item.text) t;
		for rule, name in
			select distinct f.fact, f.detail from extensions._workos_facts(tokens, names, kinds, closers, parents, helpers, '{}'::text[]) f
			-- Functions read settings for many purposes, such as the signature in a header.
			where f.fact not in ('id', 'any_claim', 'session_setting') order by 1, 2
		loop
			severity := 'problem';
			problem := extensions._workos_explained(rule, name);
			return next;
		end loop;
		for problem in
			select distinct extensions._workos_ended_rows_explained(e.relation, e.lacks) from extensions._workos_ended_rows(tokens, names, kinds, closers, parents) e where item.open_to is not null order by 1
		loop
			rule := 'ended_rows';
			severity := 'problem';
			problem := format('%s; %s may %s it', problem, item.open_to, case item.kind when 'f' then 'call' else 'use' end);
			return next;
		end loop;
		if item.finding = 'definer_function' and not exists (select from unnest(names) n where n = any (helpers)) then
			-- Tables whose policies use the helpers, by their names in the body
			select string_agg(distinct t.relation, ', ') into short from (
				select c.oid::regclass::text as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace
				where c.relrowsecurity and c.relkind in ('r', 'p') and (quote_ident(c.relname) = any (names) or quote_ident(n.nspname) || '.' || quote_ident(c.relname) = any (names))
					and exists (select from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
						join pg_proc f on f.oid = d.refobjid and f.pronamespace = 'extensions'::regnamespace and f.proname ^@ 'workos_' where p.polrelid = c.oid)) t;
			if short is not null then
				rule := 'definer_function';
				severity := 'warning';
				problem := format('the function names %s, runs with the rights of its owner, whom the policies may not bind, and asks for no claim, and %s may call it. Check that it returns and changes only what the caller may see, or revoke EXECUTE', short, item.about);
				return next;
			end if;
		end if;
	end loop;

	rule := null;
	severity := null;
	problem := null;
	for object, looked_at in values ('column defaults', defaults), ('views', views), ('functions', functions) loop
		return next;
	end loop;
end $$;

-- workos_lint(): what all rules find, and what was looked at
create or replace function extensions.workos_lint(out rule text, out severity text, out object text, out problem text, out remedy text) returns setof record
	-- These settings print expressions without loss, in a form that every session reads in the same way.
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' set standard_conforming_strings = on as $$
declare
	total bigint := 0;
	counts jsonb := '{}'::jsonb;
	looked_at bigint;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('extensions')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;

	for rule, severity, object, problem, remedy, looked_at in
		select p.* from extensions._workos_lint_policies() p union all select t.* from extensions._workos_lint_tables() t union all select d.* from extensions._workos_lint_definitions() d
			union all select c.*, null::bigint from extensions._workos_lint_citus() c
	loop
		if rule is null then
			counts := counts || jsonb_build_object(object, looked_at);
		else
			total := total + 1;
			return next;
		end if;
	end loop;

	rule := 'summary';
	severity := 'info';
	object := 'database ' || quote_ident(current_database());
	remedy := null;
	problem := format('%s looked at: %s policies, %s tables, %s column defaults, %s views and %s functions in SQL and PL/pgSQL. Not looked at: SQL that functions put together as strings, functions in other languages, which tables a function reads, check constraints, triggers and their conditions, temporary objects, what belongs to an extension or to a schema of Supabase but for its policies, and whether the permissions and roles in the policies exist in WorkOS. No finding does not mean that tenants are apart: try it, as docs/how-to/testing-policies.md shows',
		case total when 0 then 'No findings;' when 1 then 'One finding;' else total || ' findings;' end, counts ->> 'policies', counts ->> 'tables', counts ->> 'column defaults', counts ->> 'views', counts ->> 'functions');
	return next;
end $$;
comment on function extensions.workos_lint() is
	'finds mistakes and slow expressions in the policies, column defaults, views and functions of this database; a remedy is a statement after which nobody sees more rows; run it only if other roles cannot create objects in the schemas of your search_path';

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
	language plpgsql volatile rows 10 set search_path = pg_catalog, pg_temp as $$
declare
	kind record;
	org record;
	reads text;
	writes text;
	statements text[] := '{}'::text[];
	partitions regclass[] := '{}'::regclass[];
	statement text;
	lacks text;
	part record;
	without bigint;
	distributed constant boolean := relation = any (extensions._workos_distributed()); -- by Citus
	checked text; -- the condition on new rows
	others text := ''; -- what a restrictive policy would say
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('extensions')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	select c.relkind, c.relnamespace, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_inherits i where c.oid = i.inhrelid or c.relkind <> 'p' and c.oid = i.inhparent) as inherits,
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
	elsif kind.relispartition then
		raise exception using errcode = '0A000', message = format('%s is a partition', relation),
			hint = format('Protect the table that it is a partition of: workos_protect(''%s''). This closes its partitions as well.', pg_partition_root(relation));
	elsif kind.inherits then
		raise exception using errcode = '0A000', message = format('%s takes part in inheritance', relation),
			hint = 'Row security of a table does not apply to queries that name a table that inherits from it. Write by hand, for each of these tables: ALTER TABLE ... ENABLE ROW LEVEL SECURITY; CREATE POLICY ... USING (...).';
	elsif kind.has_policies then
		raise exception using errcode = '55000', message = format('%s has policies already', relation),
			hint = 'Permissive policies are combined with OR, so another one could only grant more access. Check the existing policies with workos_lint().';
	elsif org.attnum is null then
		raise exception using errcode = '42703', message = format('%s has no column %I', relation, org_column),
			-- An argument by position can be a permission that was meant for another argument.
			hint = case when org_column ~ '^[a-z_][a-z0-9_]*$' then format('If the table has no column for the organization yet: ALTER TABLE %s ADD COLUMN %I text. ', relation, org_column) else '' end
				|| 'The second argument is the name of this column. Pass permissions by name: read_permission => ''...'', write_permission => ''...''.';
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

	for part in
		select t.relid::regclass as name, c.relkind, exists (select from pg_policy p where p.polrelid = t.relid) as has_policies
		from pg_partition_tree(relation) t join pg_class c on c.oid = t.relid where kind.relkind = 'p' and t.relid <> relation order by t.level, t.relid::regclass::text
	loop
		if part.has_policies then
			raise exception using errcode = '55000', message = format('the partition %s has policies already', part.name),
				hint = 'They apply to queries that name the partition. Check them with workos_lint(), and drop those that are not needed.';
		elsif part.relkind not in ('r', 'p') then
			raise exception using errcode = '0A000', message = format('the partition %s is not a table', part.name), hint = 'Row security cannot be enabled for a foreign table. Revoke the privileges on it, and detach it before.';
		end if;
		partitions := partitions || part.name;
	end loop;
	if not org.attnotnull then
		begin
			execute format('select count(*) from %s where %I is null', relation, org_column) into without;
		exception when insufficient_privilege then
			without := 0; -- Who may not read the table cannot run the statements either.
		end;
		if without > 0 then
			raise exception using errcode = '23502', message = format('%s rows of %s belong to no organization: %I is NULL', without, relation, org_column),
				hint = format('Say which organization they belong to, and call this again: UPDATE %s SET %I = ''org_...'' WHERE %2$I IS NULL', relation, org_column);
		end if;
	end if;

	reads := case when read_permission is null then 'extensions.workos_org_id()' else format('extensions.workos_org_with_permission(%L)', read_permission) end;
	writes := case when write_permission is null then 'extensions.workos_org_id()' else format('extensions.workos_org_with_permission(%L)', write_permission) end;

	checked := format('(SELECT %s)', writes);
	if distributed then
		-- Citus refuses a sub-select in a policy, and makes RESTRICTIVE policies PERMISSIVE.
		checked := writes;
		others := case when impersonated_writes then '' else ' AND NOT extensions.workos_is_impersonated()' end;
	end if;

	if org.preset is null then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT extensions.workos_org_id()', relation, org_column);
	end if;
	if not org.attnotnull then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, org_column);
	end if;
	if not exists (select from pg_index i where i.indrelid = relation and i.indkey[0] = org.attnum and i.indpred is null and i.indisvalid) then
		statements := statements || format('CREATE INDEX ON %s (%I)', relation, org_column);
	end if;
	statements := statements || format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
	if partitions <> '{}' then
		statements := statements || '-- Without policies, a query that names a partition gets no rows. Enable this for each partition that you add later.'::text
			|| array(select format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p) from unnest(partitions) p);
	end if;
	statements := statements || array[
		'-- FORCE: the policies apply to the owner of the table as well, who then sees and inserts no rows without claims. For seeds and migrations by the owner, set the claims, or use a role with BYPASSRLS.',
		format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation),
		format('CREATE POLICY "members read" ON %s FOR SELECT TO %I USING (%I = %s)', relation, to_role, org_column, reads),
		format('CREATE POLICY "members add" ON %s FOR INSERT TO %I WITH CHECK (%I = %s%s)', relation, to_role, org_column, checked, others),
		format('CREATE POLICY "members change" ON %s FOR UPDATE TO %I USING (%I = %s%s) WITH CHECK (%3$I = %6$s%5$s)', relation, to_role, org_column, writes, others, checked),
		format('CREATE POLICY "members delete" ON %s FOR DELETE TO %I USING (%I = %s%s)', relation, to_role, org_column, writes, others)];
	if not impersonated_writes and not distributed then
		statements := statements || array[
			format('CREATE POLICY "impersonators add nothing" ON %s AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT NOT extensions.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators change nothing" ON %s AS RESTRICTIVE FOR UPDATE USING ((SELECT NOT extensions.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators delete nothing" ON %s AS RESTRICTIVE FOR DELETE USING ((SELECT NOT extensions.workos_is_impersonated()))', relation)];
	end if;
	if read_permission is distinct from write_permission and read_permission is not null then
		statements := statements || format('-- INSERT ... RETURNING, and UPDATE and DELETE that read a column (WHERE, RETURNING), also need the permission %s.', quote_literal(read_permission));
	end if;
	-- Policies take rows away from what the privileges allow. These are for you to grant.
	lacks := concat_ws(' ',
		case when not has_schema_privilege(to_role, kind.relnamespace, 'usage') then format('GRANT USAGE ON SCHEMA %s TO %I;', kind.relnamespace::regnamespace, to_role) end,
		(select format('GRANT %s ON %s TO %I;', string_agg(p, ', ' order by n), relation, to_role) from unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) with ordinality u(p, n)
			-- Privileges of some columns are left as they are.
			where not has_table_privilege(to_role, relation, p) and not (p <> 'DELETE' and has_any_column_privilege(to_role, relation, p)) having count(*) > 0),
		(select string_agg(format('GRANT USAGE ON SEQUENCE %s TO %I;', s.oid::regclass, to_role), ' ' order by s.oid::regclass::text)
			from pg_attrdef d join pg_depend e on e.classid = 'pg_attrdef'::regclass and e.objid = d.oid and e.refclassid = 'pg_class'::regclass join pg_class s on s.oid = e.refobjid and s.relkind = 'S'
			where d.adrelid = relation and case when s.relkind = 'S' then not has_sequence_privilege(to_role, s.oid, 'usage') and not has_sequence_privilege(to_role, s.oid, 'update') end));
	if lacks <> '' then
		statements := statements || format('-- workos_protect() grants nothing, and %I lacks privileges. Grant those that it should have: %s', to_role, lacks);
	end if;
	foreach statement in array statements loop
		-- Comments say what to know, and are not run.
		if starts_with(statement, '-- ') then
			return next regexp_replace(statement, '[[:cntrl:]]', ' ', 'g');
			continue;
		end if;
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
		where p.pronamespace = to_regnamespace('extensions') and p.proname = any ('{_workos_addressed,_workos_any,_workos_application,_workos_calls,_workos_check_directory,_workos_checked,_workos_checked_audience,_workos_citus_doctor,_workos_configure,_workos_decided,_workos_delegation,_workos_depth,_workos_distributed,_workos_end_users,_workos_ended_rows,_workos_ended_rows_explained,_workos_evaluate,_workos_explain,_workos_explained,_workos_facts,_workos_few,_workos_fits_jsonb,_workos_foreign,_workos_granted,_workos_helpers,_workos_ids,_workos_instant,_workos_is_json,_workos_kind,_workos_lint_citus,_workos_lint_definitions,_workos_lint_policies,_workos_lint_tables,_workos_list,_workos_managed,_workos_names_of_helpers,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_open,_workos_ordinary,_workos_quick,_workos_read_elsewhere,_workos_reason,_workos_reduced,_workos_role,_workos_set_claims,_workos_shown,_workos_string,_workos_strings,_workos_thorough,_workos_token_issued_at,_workos_token_session,_workos_tokens,_workos_undecided,_workos_well_formed,_workos_whole,_workos_with,workos_accept_audience,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_client_id,workos_configure,workos_delegated_org_id,workos_delegated_user_id,workos_doctor,workos_entitlements,workos_expires_at,workos_explain,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_has_scope,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_ids,workos_org_ids_with_permission,workos_org_ids_with_role,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_propagate_claims,workos_protect,workos_refuse_audience,workos_scopes,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]) and r.rolname <> current_user
		order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('function %s belongs to the role %s', other.name, other.owner),
			hint = format('That role could replace it. Run this file as %s if it is yours; else drop the function first.', other.owner);
	end if;
	select c.oid::regclass as name, c.relowner::regrole as owner into other
		from pg_class c join pg_roles r on r.oid = c.relowner
		where c.relnamespace = to_regnamespace('extensions') and c.relname = 'workos_audiences' and (r.rolname <> current_user or c.relkind <> 'r');
	if found then
		raise exception using errcode = '42501', message = format('%s is not a table of this role, but belongs to the role %s', other.name, other.owner),
			hint = format('That role could change which audiences are accepted. Run this file as %s if it is yours; else drop it first.', other.owner);
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
		'extensions.workos_application_org_id(text)',
		'extensions.workos_delegated_user_id(text, text)',
		'extensions.workos_delegated_org_id(text, text)',
		'extensions.workos_delegated_org_id(text, text, text)',
		'extensions.workos_client_id()',
		'extensions.workos_scopes()',
		'extensions.workos_has_scope(text)',
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
		'extensions.workos_org_ids()',
		'extensions.workos_org_ids_with_permission(text)',
		'extensions.workos_org_ids_with_role(text)',
		'extensions.workos_doctor()',
		'extensions.workos_explain(text, text)',
		'extensions.workos_explain(regclass, text)',
		'extensions._workos_explain(text, text, text)',
		'extensions._workos_tokens(text)',
		'extensions._workos_strings(jsonb)',
		'extensions._workos_shown(text)',
		'extensions._workos_few(text[], text)',
		'extensions._workos_shown(text[])',
		'extensions._workos_helpers()',
		'extensions._workos_reason(text, text[], text)',
		'extensions._workos_evaluate(text, oid[])',
		'extensions.workos_propagate_claims()',
		'extensions._workos_distributed()',
		'extensions._workos_citus_doctor()',
		'extensions._workos_ordinary(boolean, text, text)',
		'extensions._workos_quick(boolean, text, text)',
		'extensions._workos_depth(text)',
		'extensions._workos_is_json(text)',
		'extensions._workos_well_formed(text)',
		'extensions._workos_checked(text, boolean)',
		'extensions._workos_set_claims()',
		'extensions._workos_reduced(json, boolean, text)',
		'extensions._workos_odd(boolean, text)',
		'extensions._workos_thorough(boolean, text)',
		'extensions._workos_fits_jsonb(json)',
		'extensions._workos_whole(json, boolean)',
		'extensions._workos_odd_claims()',
		'extensions._workos_one(json, text)',
		'extensions._workos_odd_claim(text)',
		'extensions._workos_undecided(boolean, text)',
		'extensions._workos_decided(jsonb, regprocedure)',
		'extensions._workos_ids(jsonb)',
		'extensions._workos_token_session()',
		'extensions._workos_token_issued_at()',
		'extensions._workos_kind(jsonb)',
		'extensions._workos_kind(json)',
		'extensions._workos_application(jsonb, text)',
		'extensions._workos_addressed(jsonb, boolean)',
		'extensions._workos_any(text)',
		'extensions._workos_string(jsonb, text)',
		'extensions._workos_delegation(jsonb, text, text, text)',
		'extensions._workos_with(jsonb, text, text)',
		'extensions._workos_list(jsonb, text)',
		'extensions._workos_role(jsonb)',
		'extensions._workos_instant(jsonb, text)',
		'extensions._workos_check_directory()'
	]::regprocedure[];
	made record;
	grantee text;
begin
	for made in
		select p.oid, p.oid::regprocedure::text as name, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
		from pg_proc p
		where p.oid = any (
			select p.oid from pg_proc p
			where p.pronamespace = 'extensions'::regnamespace and p.proname = any ('{_workos_addressed,_workos_any,_workos_application,_workos_calls,_workos_check_directory,_workos_checked,_workos_checked_audience,_workos_citus_doctor,_workos_configure,_workos_decided,_workos_delegation,_workos_depth,_workos_distributed,_workos_end_users,_workos_ended_rows,_workos_ended_rows_explained,_workos_evaluate,_workos_explain,_workos_explained,_workos_facts,_workos_few,_workos_fits_jsonb,_workos_foreign,_workos_granted,_workos_helpers,_workos_ids,_workos_instant,_workos_is_json,_workos_kind,_workos_lint_citus,_workos_lint_definitions,_workos_lint_policies,_workos_lint_tables,_workos_list,_workos_managed,_workos_names_of_helpers,_workos_odd,_workos_odd_claim,_workos_odd_claims,_workos_one,_workos_open,_workos_ordinary,_workos_quick,_workos_read_elsewhere,_workos_reason,_workos_reduced,_workos_role,_workos_set_claims,_workos_shown,_workos_string,_workos_strings,_workos_thorough,_workos_token_issued_at,_workos_token_session,_workos_tokens,_workos_undecided,_workos_well_formed,_workos_whole,_workos_with,workos_accept_audience,workos_application_id,workos_application_org_id,workos_authenticated_at,workos_authenticated_within,workos_claim,workos_claims,workos_client_id,workos_configure,workos_delegated_org_id,workos_delegated_user_id,workos_doctor,workos_entitlements,workos_expires_at,workos_explain,workos_feature_flags,workos_has_all_permissions,workos_has_any_permission,workos_has_any_role,workos_has_entitlement,workos_has_feature_flag,workos_has_permission,workos_has_role,workos_has_scope,workos_impersonator,workos_is_authenticated,workos_is_impersonated,workos_is_member,workos_issued_at,workos_lint,workos_org_id,workos_org_ids,workos_org_ids_with_permission,workos_org_ids_with_role,workos_org_with_permission,workos_org_with_role,workos_permissions,workos_propagate_claims,workos_protect,workos_refuse_audience,workos_scopes,workos_session_id,workos_token_kind,workos_user_id,workos_user_role,workos_user_roles}'::name[]) and p.proowner = (select r.oid from pg_roles r where r.rolname = current_user)
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

-- Only the owner may use the table of accepted audiences, whatever the default privileges are. If it existed before, it keeps
-- its privileges.
do $$
declare
	grantee text;
begin
	for grantee in
		select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end
		from pg_class c, aclexplode(c.relacl) a
		where c.oid = 'extensions.workos_audiences'::regclass and a.grantee <> c.relowner and c.oid <> all (current_setting('pg_workos.there_before')::oid[])
	loop
		execute 'revoke all on extensions.workos_audiences from ' || grantee;
	end loop;
end $$;

do $$
begin
	perform pg_catalog.set_config('default_transaction_read_only', pg_catalog.current_setting('pg_workos.read_only'), false);
	perform pg_catalog.set_config('search_path', pg_catalog.current_setting('pg_workos.search_path'), false);
end $$;
