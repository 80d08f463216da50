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
