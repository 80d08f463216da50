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
							message := @extschema@._workos_shown(as_value);
							from_positions := from_positions || starts[first - 1];
							to_positions := to_positions || t.at;
							replacements := replacements || message;
							reasons := reasons || format('the claim %s is %s', @extschema@._workos_shown(vals[z]), message);
							if as_value is null then
								remedies := remedies || case when vals[z] in ('app_metadata', 'user_metadata', 'aal', 'amr', 'session_id', 'is_anonymous')
									then format('The claim %s is one of Supabase Auth. The token of a WorkOS session has it only if your JWT template adds it. Ask for the roles, permissions or claims of WorkOS instead.', vals[z])
									else format('The token has no claim %s. If it should have it, add it to the JWT template in the WorkOS dashboard, and let the client refresh the token.', @extschema@._workos_shown(vals[z])) end;
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
