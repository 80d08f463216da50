-- What an expression or a function body says about the caller, for the rules of workos_lint(). tokens, names, kinds,
-- closers and parents are columns of _workos_tokens(); helpers are the names under which the helpers are called; uuids
-- are the columns of type uuid.
--
-- fact and detail: one of
-- id: an id of WorkOS is read; its detail is user or org.
-- uuid_cast: such an id is cast to uuid; what is cast. uuid_column: it is compared with a column of type uuid.
-- auth_uid: auth.uid() is called.
-- raw_claim: a claim of WorkOS is read past the helpers of sessions; which. supabase_claim: a claim that only Supabase
-- Auth has. any_claim: another claim.
-- role_clash: the claim role is not compared with Postgres roles. postgres_role: a Postgres role is taken for a role in
-- WorkOS. empty_string: the result of a helper is compared with ''.
create function @extschema@._workos_facts(tokens text[], names text[], kinds text[], closers int[], parents int[], helpers text[], uuids text[], out fact text, out detail text) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	comparison constant text[] := '{=,<>,!=}';
	postgres_roles constant text[] := '{''anon'',''authenticated'',''service_role''}';
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

-- Does a part of a condition, from one token to another, let rows pass without looking at them, and without naming
-- callers? Then it says who may do something, but not with which rows. A function or a table that is not known here may
-- look at the rows.
create function @extschema@._workos_open(tokens text[], names text[], kinds text[], closers int[], first int, last int, helpers text[]) returns boolean
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
					opens := opens or @extschema@._workos_open(tokens, names, kinds, closers, arm, i - 1, helpers);
				else
					opens := opens and @extschema@._workos_open(tokens, names, kinds, closers, arm, i - 1, helpers);
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
create function @extschema@._workos_calls(tokens text[], helpers text[], out name text, out start int, out stop int, out term_start int, out term_stop int, out compared text, out constant boolean, out once boolean, out source boolean) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	column_name constant text := '^(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)$';
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
	cases int[] := '{0}'; -- how many CASE are open in it
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
			if name = '@extschema@.workos_is_member' then
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
create function @extschema@._workos_read_elsewhere(relation oid) returns boolean
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
	return exists (
		select from pg_depend d left join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
		where d.refclassid = 'pg_class'::regclass and d.refobjid = relation
			and (d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass) or p.polrelid <> relation));
end $$;

create function @extschema@.workos_lint(out rule text, out severity text, out object text, out problem text, out remedy text) returns setof record
	-- These settings print expressions without loss, in a form that every session reads in the same way.
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' set standard_conforming_strings = on as $$
declare
	-- In the native edition the planner hook computes a call once per query.
	per_row_matters constant boolean := not exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = '@extschema@'::regnamespace);
	longest constant int := 200000; -- of the stored form of an expression, and of a body
	prefix constant text := case '@extschema@' when 'pg_catalog' then '' else '@extschema@.' end;
	helpers constant text[] := array(select prefix || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' group by p.proname having bool_and(p.provolatile <> 'v' and not p.proretset));
	-- In a body the search_path finds them without their schema, too.
	helpers_in_bodies constant text[] := helpers || array(select substr(h, length(prefix) + 1) from unnest(helpers) h);
	lists constant text[] := array(select prefix || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' and p.prorettype = 'text[]'::regtype);
	-- Postgres roles that requests of end users run as, PUBLIC among them
	end_users constant oid[] := array(select 0::oid union all select r.oid from pg_roles r left join pg_roles g on g.rolname = 'authenticator'
		where r.rolname in ('anon', 'authenticated') or pg_has_role(g.oid, r.oid, 'member') and not r.rolbypassrls and not r.rolsuper and r.rolname not in ('service_role', 'authenticator'));
	tenant_names constant text[] := '{org_id,organization_id,organisation_id,workos_org_id,workos_organization_id,tenant_id}';
	-- Schemas of Supabase and of Postgres, whose functions, views and defaults nobody changes
	managed constant text[] := '{pg_catalog,information_schema,auth,storage,realtime,vault,graphql,graphql_public,pgbouncer,cron,net,supabase_functions,supabase_migrations,workos_test}';
	-- Tables that belong to an extension are left alone.
	foreign_tables constant oid[] := array(select d.objid from pg_depend d where d.classid = 'pg_class'::regclass and d.deptype = 'e');
	foreign_functions constant oid[] := array(select d.objid from pg_depend d where d.classid = 'pg_proc'::regclass and d.deptype = 'e');
	explanations constant jsonb := jsonb_build_object(
		'uuid_cast', 'the cast of %s to uuid raises an error for every WorkOS id, because a WorkOS id is text such as org_01EXAMPLE and not a UUID. Remove the cast, and compare the id with a column of type text',
		'uuid_column', 'the column %s has the type uuid and is compared with a WorkOS id, which is never a UUID, so the comparison is never true. The column must become text and hold WorkOS ids; a cast does not help',
		'auth_uid', 'auth.uid() raises an error for every WorkOS id, because a WorkOS id is not a UUID. Compare workos_user_id() with a column of type text that holds WorkOS ids. A column of type uuid cannot hold them',
		'raw_claim', 'the claim %s is read directly, so tokens of machines and widgets, ID tokens, tokens of applications that act for a user, and claims that have expired pass here as users. Use %s',
		'supabase_claim', 'the claim %s is one of Supabase Auth. The token of a WorkOS session has it only if your JWT template adds it; otherwise this is NULL for every user. Use the roles, permissions and claims of WorkOS',
		'role_clash', 'the claim role is the Postgres role, such as authenticated, and never the role in WorkOS. If you mean the role in WorkOS, use workos_has_role(). If you mean the Postgres role, compare it with anon, authenticated or service_role',
		'postgres_role', '%s is a Postgres role and never a role in WorkOS, so this is never true. To compare the Postgres role, use auth.role() or name the role with TO',
		'empty_string', '%s is never an empty string: what is missing is NULL. Compare with IS NULL or IS NOT NULL');
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
	self_readers oid[] := '{}'; -- policies that read their own table in a sub-select
	by_row text[];
	unindexed text[];
	name text;
	policies bigint := 0;
	tables bigint := 0;
	defaults bigint := 0;
	views bigint := 0;
	functions bigint := 0;
	total bigint := 0;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;

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
				from @extschema@._workos_tokens(expression) t;

			for_service := for_service or '''service_role''' = any (tokens);
			-- Only in FROM, names of tables have a schema.
			if policy.relation = any (names) then
				self_readers := self_readers || policy.oid;
			end if;

			-- What it says about the caller
			select coalesce(array_agg(distinct f.fact || ' ' || coalesce(f.detail, '')), '{}'), coalesce(bool_or(f.fact = 'id'), false), coalesce(bool_or(f.fact = 'id' and f.detail = 'user'), false)
				into found_facts, ids, users
				from @extschema@._workos_facts(tokens, names, kinds, closers, parents, helpers, uuids) f;
			mentioned := array(select distinct case when n.name ^@ (policy.alias || '.') then substr(n.name, length(policy.alias) + 2) else n.name end
				from unnest(names, tokens, kinds) with ordinality n(name, token, kind, i)
				where n.kind = 'name' and tokens[n.i + 1] is distinct from '(' and tokens[n.i - 1] is distinct from '::' and tokens[n.i - 1] is distinct from 'AS'
					and case when n.name ^@ (policy.alias || '.') then substr(n.name, length(policy.alias) + 2) else n.name end = any (columns)
					and not coalesce(tokens[n.i + 1] = 'IS' and (tokens[n.i + 2] = 'NULL' or tokens[n.i + 2] = 'NOT' and tokens[n.i + 3] = 'NULL'), false));
			open := @extschema@._workos_open(tokens, names, kinds, closers, 1, cardinality(tokens), helpers);
			for name in select f from unnest(found_facts) f where split_part(f, ' ', 1) not in ('id', 'any_claim') loop
				short := split_part(name, ' ', 1);
				name := substr(name, length(short) + 2);
				findings := findings || array[short, 'problem', format(explanations ->> short, name,
					case when name in ('sub', 'act') then case name when 'sub' then 'workos_user_id(), or workos_delegated_user_id() for applications' else 'workos_impersonator() or workos_is_impersonated()' end
						when name = 'org_id' then 'workos_org_id(), or workos_delegated_org_id() for applications, or workos_application_org_id() for machines'
						when name = 'sid' then 'workos_session_id()'
						when name = 'permissions' then 'workos_has_permission() or workos_org_with_permission()'
						when name in ('roles', 'user_role') then 'workos_has_role() or workos_org_with_role()'
						when name = 'entitlements' then 'workos_has_entitlement()'
						when name = 'feature_flags' then 'workos_has_feature_flag()'
						else 'workos_authenticated_within()' end)];
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
					findings := findings || array['author_alone', 'problem', format('new rows are tied to their author alone, and not to the organization in %s: a user may put rows into every organization. Compare %1$s with workos_org_id(), too', tenants[1])];
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
				from @extschema@._workos_calls(tokens, helpers) c left join lateral (
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
			mistaken := mistaken or explanations ? rule;
			-- Once, if both clauses have it
			if not exists (select from generate_series(0, i - 1) j where findings[3 * j + 1 : 3 * j + 3] = array[rule, severity, problem]) then
				total := total + 1;
				return next;
			end if;
		end loop;
		severity := 'warning';
		if policy.too_long or unread then
			rule := 'not_read';
			problem := case when policy.too_long then format('an expression of the policy is too long, so workos_lint() did not check it: its stored form has more than %s characters', longest)
				else 'an expression of the policy was not understood, so workos_lint() did not check it in full' end;
			total := total + 1;
			return next;
		end if;
		rule := 'argument_is_column';
		for problem in select distinct r from unnest(by_row) r order by r loop
			total := total + 1;
			return next;
		end loop;
		-- One statement mends the whole policy. A sub-select around a call with constant arguments changes no answer,
		-- but could change when an error is raised.
		-- Not where a literal of a type of others stands in it: Postgres checks such a literal when it reads the statement,
		-- and so runs code of the type's owner, with the rights of whoever runs the statement.
		-- Nor with a backslash in a literal, which standard_conforming_strings reads in one way or the other.
		rule := 'call_per_row';
		remedy := case when not mistaken and not policy.checked_types and not ambiguous then format('ALTER POLICY %I ON %s%s;', policy.polname, policy.relation, mends) end;
		for problem in select distinct s from unnest(slow) s order by s loop
			total := total + 1;
			return next;
		end loop;
		rule := 'no_index';
		for name in select distinct u from unnest(unindexed) u order by u loop
			problem := format('the column %s is compared with a claim, and no index begins with it', name);
			remedy := format('CREATE INDEX ON %s (%s);', policy.relation, name);
			total := total + 1;
			return next;
		end loop;
		if policy.polpermissive and policy.polroles = '{0}' and not for_service then
			rule := 'for_public';
			problem := 'the policy is for PUBLIC, so it also applies to requests of users who are not signed in';
			-- If the policy has mistakes, the remedy would hide an error that a caller gets now. If it lets all rows through,
			-- they can be meant for visitors.
			remedy := case when to_regrole('authenticated') is not null and not mistaken and not shared and not policy.too_long and not @extschema@._workos_read_elsewhere(policy.polrelid) then
				format('ALTER POLICY %I ON %s TO authenticated;', policy.polname, policy.relation) end;
			if remedy is null then
				problem := problem || '. If it is meant for signed-in users only, name their role with TO' || case when shared then '. If it is meant for visitors, too, name both roles' else '' end;
			end if;
			total := total + 1;
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
		total := total + 1;
		return next;
	end loop;

	-- Tables
	for policy in
		select c.oid, c.oid::regclass::text as relation, c.relrowsecurity as secured, n.nspname = any (managed) as managed,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies,
			exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive) as has_permissive,
			(select string_agg(distinct case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end, ', ') from aclexplode(c.relacl) x
				where x.grantee = any (end_users) and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
					and (x.grantee = 0 or has_schema_privilege(x.grantee, c.relnamespace, 'usage'))) as grantees
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and c.oid <> all (foreign_tables) and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
			and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		order by relation
	loop
		tables := tables + 1;
		object := 'table ' || policy.relation;
		remedy := null;
		if policy.has_policies and not policy.secured then
			rule := 'row_security_off';
			severity := 'problem';
			problem := 'the table has policies, but row security is off: every role with a privilege on the table sees every row';
			remedy := case when not @extschema@._workos_read_elsewhere(policy.oid) then format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', policy.relation) end;
			if remedy is null then
				problem := problem || '. Other policies, views or functions read the table. First check what they return when rows of the table are hidden, then enable row security';
			end if;
		elsif policy.managed or policy.grantees is null then
			continue;
		elsif not policy.secured then
			rule := 'table_exposed';
			severity := 'problem';
			problem := format('row security is off, and %s may use the table: they reach every row of every organization. Enable row security and write policies, or revoke the privileges', policy.grantees);
		elsif not policy.has_policies then
			rule := 'no_policy';
			severity := 'warning';
			problem := format('row security is on, and there is no policy: %s may use the table but reach no row, without an error. Write policies, or revoke the privileges if nobody is meant to reach it', policy.grantees);
		elsif not policy.has_permissive then
			rule := 'restrictive_alone';
			severity := 'warning';
			problem := format('all policies are restrictive. They only take rows away from what permissive policies let through, so %s reach no row. Write a permissive policy', policy.grantees);
		else
			continue;
		end if;
		total := total + 1;
		return next;
	end loop;

	-- Column defaults, views and functions: what they say about the caller
	remedy := null;
	for policy in
		select 'd' as kind, format('default of column %I of %s', a.attname, a.attrelid::regclass) as object, pg_get_expr(d.adbin, d.adrelid) as text, null as finding, null as about
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
						else 'ALTER VIEW ... SET (security_invoker = true), after you have checked that these roles have the privileges on the tables' end end
			from pg_class c join pg_namespace n on n.oid = c.relnamespace
			cross join lateral (select string_agg(distinct t.oid::regclass::text, ', ') as relations from pg_rewrite r
				join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
				join pg_class t on t.oid = d.refobjid and t.oid <> c.oid and t.relrowsecurity and t.relkind in ('r', 'p')
				where r.ev_class = c.oid and (c.relkind = 'm' or not coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false))) protected
			cross join lateral (select string_agg(distinct case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end, ', ') as roles from aclexplode(c.relacl) x
				where x.grantee = any (end_users) and (x.grantee = 0 or has_schema_privilege(x.grantee, c.relnamespace, 'usage'))) granted
			where c.relkind in ('v', 'm') and c.oid <> all (foreign_tables) and n.nspname <> all (managed)
				and not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		union all
		select 'f', 'function ' || p.oid::regprocedure, case when p.prosqlbody is null then p.prosrc else pg_get_function_sqlbody(p.oid) end,
				case when p.prosecdef and granted.roles is not null then 'definer_function' end, granted.roles
			from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
			cross join lateral (select string_agg(distinct case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end, ', ') as roles from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
				where x.grantee = any (end_users) and (x.grantee = 0 or has_schema_privilege(x.grantee, p.pronamespace, 'usage'))) granted
			where l.lanname in ('sql', 'plpgsql') and p.oid <> all (foreign_functions) and n.nspname <> all (managed)
				and not (p.pronamespace = '@extschema@'::regnamespace and p.proname ~ '^_?workos_')
				and not pg_is_other_temp_schema(p.pronamespace) and p.pronamespace <> pg_my_temp_schema()
		order by 1, 2
	loop
		defaults := defaults + case policy.kind when 'd' then 1 else 0 end;
		views := views + case policy.kind when 'v' then 1 else 0 end;
		functions := functions + case policy.kind when 'f' then 1 else 0 end;
		object := policy.object;
		severity := 'warning';
		if policy.kind = 'v' and policy.finding is not null then
			rule := policy.finding;
			problem := policy.about;
			total := total + 1;
			return next;
		end if;
		if length(policy.text) > longest then
			rule := 'not_read';
			problem := format('it is too long, so workos_lint() did not check it: it has more than %s characters', longest);
			total := total + 1;
			return next;
			continue;
		end if;
		continue when policy.text !~* $q$\m(uid|jwt|role)\M|workos_|request\.jwt$q$ and policy.finding is distinct from 'definer_function';
		select array_agg(t.token order by t.n), array_agg(t.name order by t.n), array_agg(t.kind order by t.n), array_agg(t.closes order by t.n), array_agg(t.parent order by t.n)
			into tokens, names, kinds, closers, parents from @extschema@._workos_tokens(policy.text) t;
		for rule, name in
			select distinct f.fact, f.detail from @extschema@._workos_facts(tokens, names, kinds, closers, parents, helpers_in_bodies, '{}'::text[]) f
			where f.fact not in ('id', 'any_claim') order by 1, 2
		loop
			severity := 'problem';
			problem := format(explanations ->> rule, name, 'the helper for it');
			total := total + 1;
			return next;
		end loop;
		if policy.finding = 'definer_function' and not exists (select from unnest(names) n where n = any (helpers_in_bodies)) then
			-- Tables whose policies use the helpers, by their names in the body
			select string_agg(distinct t.relation, ', ') into short from (
				select c.oid::regclass::text as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace
				where c.relrowsecurity and c.relkind in ('r', 'p') and (quote_ident(c.relname) = any (names) or quote_ident(n.nspname) || '.' || quote_ident(c.relname) = any (names))
					and exists (select from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
						join pg_proc f on f.oid = d.refobjid and f.pronamespace = '@extschema@'::regnamespace and f.proname ^@ 'workos_' where p.polrelid = c.oid)) t;
			if short is not null then
				rule := 'definer_function';
				severity := 'warning';
				problem := format('the function names %s, runs with the rights of its owner, whom the policies may not bind, and asks for no claim, and %s may call it. Check that it returns and changes only what the caller may see, or revoke EXECUTE', short, policy.about);
				total := total + 1;
				return next;
			end if;
		end if;
	end loop;

	rule := 'summary';
	severity := 'info';
	object := 'database ' || quote_ident(current_database());
	remedy := null;
	problem := format('%s looked at: %s policies, %s tables, %s column defaults, %s views and %s functions in SQL and PL/pgSQL. Not looked at: SQL that functions put together as strings, functions in other languages, which tables a function reads, check constraints, triggers and their conditions, temporary objects, what belongs to an extension or to a schema of Supabase but for its policies, and whether the permissions and roles in the policies exist in WorkOS. No finding does not mean that tenants are apart: try it, as docs/how-to/testing-policies.md shows',
		case total when 0 then 'No findings;' when 1 then 'One finding;' else total || ' findings;' end, policies, tables, defaults, views, functions);
	return next;
end $$;
comment on function @extschema@.workos_lint() is
	'finds mistakes and slow expressions in the policies, column defaults, views and functions of this database; a remedy is a statement after which nobody sees more rows; run it only if other roles cannot create objects in the schemas of your search_path';
