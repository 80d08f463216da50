-- workos_explain(): what row security does with a statement of the caller, and why

-- A value of a claim as it is shown to its owner: quoted, on one line, not too long, and no e-mail address.
create function @extschema@._workos_shown(value text) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case
		when value is null then 'NULL'
		when strpos(value, '@') > 0 then '(hidden: it seems to be an e-mail address)'
		else '''' || regexp_replace(left(value, 100), '[[:cntrl:]]', '?', 'g') || case when length(value) > 100 then '...' else '' end || '''' end
$$;

-- A list of them.
create function @extschema@._workos_shown(list text[]) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case when list is null then 'NULL' else '{' || coalesce((select string_agg(case when n <= 20 then trim('''' from @extschema@._workos_shown(e)) else '...' end, ', ' order by n)
		from unnest(list) with ordinality u(e, n) where n <= 21), '') || '}' end
$$;

-- The first ten different ones, joined.
create function @extschema@._workos_few(list text[], separator text) returns text
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select coalesce(string_agg(case when n <= 10 then e else '...' end, separator order by n), '')
	from (select e, row_number() over (order by min(o)) as n from unnest(list) with ordinality u(e, o) group by e) u where n <= 11
$$;

-- The helpers of this library, whatever other functions the schema has. They write nothing, and their results depend
-- on the claims and the arguments.
create function @extschema@._workos_helpers() returns oid[]
	language sql stable set search_path = pg_catalog, pg_temp as $$
	select coalesce(array_agg(p.oid), '{}') from pg_proc p
	where p.pronamespace = '@extschema@'::regnamespace and p.proname = any ('{@names@}'::name[]) and p.proname ^@ 'workos_'
		and p.provolatile = 's' and not p.proretset and p.prokind = 'f'
		and p.proname not in ('workos_verify', 'workos_library_version')
		and case when exists (select from pg_extension e where e.extname in ('pg_workos', 'pg_workos_portable') and e.extnamespace = p.pronamespace)
			then exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid
				where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname in ('pg_workos', 'pg_workos_portable'))
			else p.proowner = (select f.proowner from pg_proc f where f.oid = '@extschema@._workos_helpers()'::regprocedure) end
$$;

-- Why a helper has its value, and what changes that.
create function @extschema@._workos_reason(helper text, arguments text[], value text, out reason text, out remedy text)
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	kind constant text := @extschema@.workos_token_kind();
	org constant text := @extschema@.workos_org_id();
	wanted constant text := array_to_string(arguments, ', ');
	lacks constant boolean := value is null or value in ('false', '{}');
	passes boolean; -- a delegated gate, without the permission
begin
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
	elsif kind is null then
		reason := 'there are no claims in force';
		remedy := 'select * from @extschema@.workos_doctor();';
	elsif helper ^@ 'workos_delegated' or helper = 'workos_application_org_id' and cardinality(arguments) = 1 then
		passes := case when helper ^@ 'workos_delegated' then @extschema@.workos_delegated_user_id(arguments[1], arguments[2]) else @extschema@.workos_application_org_id(arguments[1]) end is not null;
		if coalesce(arguments[1], arguments[2]) is null then
			reason := 'the gate names neither a scope nor a client id';
			remedy := 'Name the scope that the application must have been granted, or its client id.';
		elsif kind <> (case when helper ^@ 'workos_delegated' then 'oauth' else 'application' end) then
			reason := format('the token is of the kind %s, and not of %s', kind, case when helper ^@ 'workos_delegated' then 'an application that acts for a user' else 'a machine' end);
		elsif arguments[1] is not null and not @extschema@.workos_has_scope(arguments[1]) then
			reason := 'scopes are ' || @extschema@._workos_shown(@extschema@.workos_scopes());
			remedy := format('Let the application ask for the scope %s, and sign in again.', arguments[1]);
		elsif arguments[2] is not null and arguments[2] is distinct from @extschema@.workos_client_id() then
			reason := 'the client id is ' || @extschema@._workos_shown(@extschema@.workos_client_id());
		elsif @extschema@.workos_claim('org_id') is null and helper <> 'workos_delegated_user_id' then
			reason := 'the token has no claim org_id';
			remedy := 'Let the user choose an organization when the application signs in.';
		elsif not passes then
			reason := 'the token names no accepted audience';
			remedy := 'select * from @extschema@.workos_doctor();';
		elsif cardinality(arguments) = 3 then
			reason := 'the directory has no active membership of the user in the organization of the token with a role that has the permission';
			remedy := format('See whether the directory is up to date, and whether the user has the permission %s in WorkOS.', arguments[3]);
		end if;
	elsif helper in ('workos_has_scope', 'workos_scopes') then
		reason := case when kind in ('oauth', 'application') then 'scopes are ' || @extschema@._workos_shown(@extschema@.workos_scopes()) else format('the token is of the kind %s, which has no scopes', kind) end;
	elsif helper = 'workos_client_id' then
		reason := 'the token has no such claim';
	elsif helper ^@ 'workos_application' then
		reason := case when kind = 'application' then 'the token has no such claim' else format('the token is of the kind %s, and not of a machine', kind) end;
	elsif kind <> 'session' then
		reason := format('the token is of the kind %s, and not of a user session', kind);
		remedy := 'select * from @extschema@.workos_doctor();';
	elsif helper ^@ 'workos_org_ids' then
		reason := 'the directory has no such membership of the user';
		remedy := 'These organizations come from the directory, and not from the token. See whether the directory is up to date, and whether the user has the membership, role or permission in WorkOS.';
	elsif helper ~ 'permission' then
		reason := 'permissions are ' || @extschema@._workos_shown(@extschema@.workos_permissions());
		remedy := format('In WorkOS, give the role of the user %s %s; then let the client refresh the token.', case when cardinality(arguments) < 2 then 'the permission'
			when helper ~ '_all_' then 'the permissions' else 'one of the permissions' end, wanted);
		-- A claim of another type counts as missing. WorkOS cannot mend that.
		if @extschema@.workos_permissions() = '{}' and @extschema@.workos_claim('permissions') !~ $q$^\[\s*\]\Z$q$ then
			reason := reason || ', because the claim permissions is not a list of texts only';
			remedy := 'select * from @extschema@.workos_doctor();';
		end if;
	elsif helper ~ 'role' then
		reason := 'roles are ' || @extschema@._workos_shown(@extschema@.workos_user_roles());
		remedy := format('In WorkOS, give the user %s %s; then let the client refresh the token.', case when cardinality(arguments) < 2 then 'the role' else 'one of the roles' end, wanted);
		if @extschema@.workos_user_roles() = '{}' then
			remedy := remedy || ' If the user has it there, the token does not carry it, and workos_doctor() says why.';
		end if;
	elsif helper ~ 'entitlement' then
		reason := 'entitlements are ' || @extschema@._workos_shown(@extschema@.workos_entitlements());
		remedy := format('In WorkOS, give the organization the entitlement %s; then let the client refresh the token.', wanted);
	elsif helper ~ 'flag' then
		reason := 'feature flags are ' || @extschema@._workos_shown(@extschema@.workos_feature_flags());
		remedy := format('In WorkOS, turn on the feature flag %s; then let the client refresh the token.', wanted);
	elsif helper = 'workos_authenticated_within' then
		reason := coalesce('the user signed in at ' || @extschema@.workos_authenticated_at(), 'the token has no claim auth_time');
		remedy := 'Let the user sign in again.';
	elsif helper = 'workos_is_member' and org is not null then
		reason := 'the organization is ' || @extschema@._workos_shown(org);
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
create function @extschema@._workos_evaluate(expression text, helpers oid[], out truth int, out shown text, out reasons text[], out remedies text[], out failure text)
	language plpgsql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on set quote_all_identifiers = off as $$
declare
	text_types constant text[] := '{text,varchar,character varying,name,bpchar,character}';
	uuid_pattern constant text := $q$^\{?([0-9A-Fa-f]{4}-?){8}\}?\Z$q$;
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	-- Operators that give NULL when one side is NULL, whatever the types are: all of these names in pg_catalog.
	null_in_null_out constant text[] := '{=,<>,<,<=,>,>=,~~,!~~,~~*,!~~*,~,!~,~*,!~*,->,->>,#>,#>>,?,?|,?&,@>,<@,&&,+,*,/,%,@@}';
	-- The stack. kinds: value, name (of a column, a function or a type), word (of SQL), operator, comma, open.
	-- tokens: as written; for a value, its type if it is known. known: a constant, or a value of the caller.
	-- claims: the value comes from the claims. single: a sub-select.
	kinds text[] := '{}';
	tokens text[] := '{}';
	vals text[] := '{}';
	knowns boolean[] := '{}';
	truths int[] := '{}';
	claimed boolean[] := '{}';
	selects boolean[] := '{}';
	starts int[] := '{}';
	stops int[] := '{}';
	top int := 0;
	opened int[] := '{}'; -- where on the stack the open parentheses are
	level int := 0; -- how many are open
	in_type boolean := false; -- The last token belongs to the name of a type.
	-- parts of the expression to be replaced
	from_positions int[] := '{}';
	to_positions int[] := '{}';
	replacements text[] := '{}';
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
	for t in select k.*, k.start - 1 as at from @extschema@._workos_tokens('(' || expression || ')') k order by k.n loop
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
							failure := coalesce(failure, format('22P02: invalid input syntax for type uuid, because %s is not a UUID', @extschema@._workos_shown(vals[x])));
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
							replacements := replacements || @extschema@._workos_shown(vals[x]);
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
						where p.oid = any (helpers) and '@extschema@.' || p.proname = word
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
								execute format('select (@extschema@.%I(%s))::text', f.proname, one) into as_value using arguments;
								if f.spreads then
									arguments := arguments[1]::text[];
								end if;
								as_truth := case when as_value is null then 4 when f.result <> 'boolean' then 7 when as_value = 'true' then 1 else 2 end;
								call := format('%s(%s)', f.proname, (select string_agg(@extschema@._workos_shown(a), ', ' order by number) from unnest(arguments) with ordinality u(a, number)));
								select r.reason, r.remedy into one, two from @extschema@._workos_reason(f.proname, arguments, as_value) r;
								if f.result = 'boolean' then
									as_value := case as_value when 'true' then 'true' when 'false' then 'false' end;
								end if;
								message := case when f.result in ('text', 'text[]') and f.proname <> 'workos_impersonator' or as_value is null then
										case when f.result = 'text[]' and as_value is not null then @extschema@._workos_shown(as_value::text[]) else @extschema@._workos_shown(as_value) end
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
								remedies := remedies || coalesce(nullif(hint, ''), 'select * from @extschema@.workos_doctor();');
								as_known := false;
								as_value := null;
							end;
						elsif f.result = 'boolean' or f.proname ^@ 'workos_org_with_' then
							-- The argument depends on the row, but not everything does.
							begin
								ok := case
									when f.proname = 'workos_is_member' or f.proname ^@ 'workos_org_with_' and @extschema@.workos_org_id() is null then @extschema@.workos_org_id() is null
									when f.proname ~ 'permission' then coalesce(@extschema@.workos_permissions(), '{}') = '{}'
									when f.proname ~ 'role' then coalesce(@extschema@.workos_user_roles(), '{}') = '{}'
									when f.proname ~ 'entitlement' then coalesce(@extschema@.workos_entitlements(), '{}') = '{}'
									when f.proname ~ 'flag' then coalesce(@extschema@.workos_feature_flags(), '{}') = '{}'
									else false end;
								select r.reason, r.remedy into one, two from @extschema@._workos_reason(f.proname, '{"that the row names"}',
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
								remedies := remedies || coalesce(nullif(hint, ''), 'select * from @extschema@.workos_doctor();');
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
							json_value := setting;
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
							message := @extschema@._workos_shown(as_value);
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
							failure := coalesce(failure, format('42704: unrecognized configuration parameter %s', @extschema@._workos_shown(arguments[1])));
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
					json_value := vals[y];
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
							message := @extschema@._workos_shown(as_value);
							from_positions := from_positions || starts[first - 1];
							to_positions := to_positions || t.at;
							replacements := replacements || message;
							reasons := reasons || format('the claim %s is %s', @extschema@._workos_shown(vals[z]), message);
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
create function @extschema@._workos_explain(relation text, command text, path text, out step text, out status text, out detail text, out remedy text) returns setof record
	-- The other settings print expressions in a form that _workos_evaluate() reads.
	language plpgsql stable set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set standard_conforming_strings = on
	set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' as $$
declare
	longest constant int := 100000; -- of a stored expression
	helpers constant oid[] := @extschema@._workos_helpers();
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
	letters "char"[] := '{}'; -- the commands whose policies apply
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
	steps text[] := '{}';
	cures text[];
	cures_of_privileges text[];
	cures_of_failures text[] := '{}';
	cures_of_blocked text[] := '{}'; -- where other policies may let something through
	said text;
	-- of all of them
	problem text; -- the first reason why nothing is let through
	problem_remedy text;
	summary text[] := '{}';
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	if relation is null or command is null then
		raise exception using errcode = '22004', message = 'the arguments of workos_explain() may not be NULL',
			hint = 'select * from workos_explain(''documents'', ''select'');';
	elsif asked not in ('select', 'insert', 'insert returning', 'update', 'delete') then
		raise exception using errcode = '22023', message = 'workos_explain() does not know this command',
			hint = 'The commands are select, insert, insert returning, update and delete.';
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
		kind := @extschema@.workos_token_kind();
		org := @extschema@.workos_org_id();
		if kind = 'session' then
			detail := detail || format(' The user is %s, the organization %s, roles %s, permissions %s.', @extschema@._workos_shown(@extschema@.workos_user_id()),
				coalesce(@extschema@._workos_shown(org), 'none'), @extschema@._workos_shown(@extschema@.workos_user_roles()), @extschema@._workos_shown(@extschema@.workos_permissions()));
			if org is null then
				status := 'warning';
			end if;
		else
			status := 'warning';
			detail := detail || case when kind is null then ' There are no claims in force: the request is anonymous.' else format(' The claims are of the kind %s, and not of a user session.', kind) end;
			remedy := 'select * from @extschema@.workos_doctor();';
		end if;
	exception when invalid_parameter_value or invalid_authorization_specification or object_not_in_prerequisite_state then
		get stacked diagnostics more = message_text, names = returned_sqlstate;
		status := 'problem';
		detail := detail || format(' The claims cannot be read: %s: %s', names, more);
		remedy := 'select * from @extschema@.workos_doctor();';
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
		remedy := 'select * from @extschema@.workos_doctor();';
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
	for item in select * from (values (1, upper(split_part(asked, ' ', 1))), (2, case when asked in ('insert returning', 'update', 'delete') then 'SELECT' end)) v(n, privilege) where privilege is not null loop
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
					case when item.n = 1 then '.' when asked = 'insert returning' then ': RETURNING reads the row.' else ' where the statement reads columns: in WHERE, in RETURNING, or to compute the new values.' end);
				remedy := coalesce(instead_of_grants, if_wanted || format('GRANT %s ON %s TO %I;', item.privilege, rel.oid::regclass, caller));
				refused := coalesce(refused, format('%I does not have the privilege %s on %s', caller, item.privilege, rel.oid::regclass));
				refused_remedy := coalesce(refused_remedy, remedy);
			end if;
		end if;
		return next;
	end loop;
	if asked ^@ 'insert' then
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
				select e.* into found from @extschema@._workos_evaluate(item.preset, array(select h from unnest(helpers) h join pg_depend x
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
		select string_agg(b.name, ', ' order by b.name), string_agg(format('select * from @extschema@.workos_explain(%L, %L);', b.name, asked), ' ' order by b.name) filter (where b.n <= 5)
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
			then 'set local role authenticated;' else 'select * from @extschema@.workos_doctor();' end;
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
				select e.* into found from @extschema@._workos_evaluate(pg_get_expr(policy.tree, rel.oid), array(select h from unnest(helpers) h join pg_depend x
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
			when passes = '{}' and failures = '{}' then format('each permissive policy for %s lets nothing through: %s', clause.name, @extschema@._workos_few(blocked, ', '))
			when blocking <> '{}' then format('a restrictive policy for %s lets nothing through: %s', clause.name, @extschema@._workos_few(blocking, ', ')) end;
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
			problem_remedy := coalesce(problem_remedy, @extschema@._workos_few(cures, ' '));
		end if;
		summary := summary || format('%s: %s%s%s.', clause.name || case when clause.is_using then '' else ', new values' end,
			case when everything then 'there is a policy that lets everything through' else 'rows pass where one of these policies is true: ' || @extschema@._workos_few(passes, ', ') end,
			case when conditions <> '{}' then ', and each of these restrictive ones: ' || @extschema@._workos_few(conditions, ', ') else '' end,
			case when blocked <> '{}' and not everything then '. These let nothing through: ' || @extschema@._workos_few(blocked, ', ') else '' end);
		every_row := every_row and everything and conditions = '{}';
		cures_of_blocked := cures_of_blocked || case when everything then '{}' else cures end;
	end loop;
	refused_remedy := coalesce(refused_remedy, nullif(@extschema@._workos_few(cures_of_failures, ' '), ''));

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
		remedy := nullif(@extschema@._workos_few(cures_of_blocked, ' '), '');
		if some_columns then
			status := 'warning';
			detail := detail || ' But the privilege is for some columns only: see the step privilege.';
		end if;
		if every_row and asked <> 'insert' then
			detail := detail || ' So the policies keep no organization''s rows apart.';
		elsif org is not null and asked <> 'insert' then
			detail := detail || format(' If there is none, the table has no such row for the organization %s.', @extschema@._workos_shown(org));
			remedy := coalesce(remedy || ' ', '') || 'For rows of another organization, let the user switch to it: switchToOrganization({ organizationId }) in AuthKit.';
		end if;
	end if;
	return next;
end $$;

-- The search_path of the caller finds the table.
create function @extschema@.workos_explain(relation text, command text default 'select', out step text, out status text, out detail text, out remedy text) returns setof record
	language sql stable rows 20
	begin atomic
		select e.step, e.status, e.detail, e.remedy from @extschema@._workos_explain(relation, command, current_setting('search_path')) e;
	end;
comment on function @extschema@.workos_explain(text, text) is
	'why do I see no rows of this table? What privileges, row security and policies make of a statement of mine';

create function @extschema@.workos_explain(relation regclass, command text default 'select', out step text, out status text, out detail text, out remedy text) returns setof record
	language sql stable rows 20
	begin atomic
		select e.step, e.status, e.detail, e.remedy from @extschema@._workos_explain(relation::oid::text, command, '') e;
	end;
comment on function @extschema@.workos_explain(regclass, text) is
	'why do I see no rows of this table? What privileges, row security and policies make of a statement of mine';
