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
create function @extschema@._workos_facts(tokens text[], names text[], kinds text[], closers int[], parents int[], helpers text[], uuids text[], out fact text, out detail text) returns setof record
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
create function @extschema@._workos_explained(fact text, detail text) returns text
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
