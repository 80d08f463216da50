-- Splits an expression, as Postgres prints it, into pieces: string literals, qualified names, numbers, operators
-- and single characters, each with the white space after it. Joined, the pieces give the expression again.
create function @extschema@._workos_pieces(expression text) returns text[]
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
create function @extschema@._workos_calls(pieces text[], helpers text[], others text[], out name text, out start int, out stop int, out term_start int, out term_stop int, out arguments text, out compared text, out constant boolean, out once boolean, out source boolean) returns setof record
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
			if name ^@ '@extschema@.workos_is_member' then
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

create function @extschema@.workos_lint(out severity text, out object text, out problem text, out remedy text) returns setof record
	-- These settings print expressions without loss, in a form that every session reads in the same way.
	language plpgsql stable set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' as $$
declare
	-- In the native edition the planner hook computes a call once per query.
	per_row_matters constant boolean := not exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = '@extschema@'::regnamespace);
	longest constant int := 200000;
	helpers constant text[] := array(select '@extschema@.' || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' group by p.proname having bool_and(p.provolatile <> 'v'));
	lists constant text[] := array(select '@extschema@.' || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' and p.prorettype = 'text[]'::regtype);
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
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
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
			pieces := @extschema@._workos_pieces(clause.expression);
			ambiguous := ambiguous or exists (select from unnest(pieces) p where p ^@ '''' and strpos(p, e'\\') > 0);
			wrapped := 0;
			for call in
				-- If one index condition finds the rows, other comparisons run for these rows only.
				select c.*, i.indexed, coalesce(bool_or(i.indexed) over (), false) as has_index
				from @extschema@._workos_calls(pieces, helpers, '{auth.uid,auth.jwt}'::text[]) c left join lateral (
					select exists (select from pg_index x where x.indrelid = a.attrelid and x.indkey[0] = a.attnum and x.indpred is null and x.indisvalid) as indexed
					from pg_attribute a join pg_type t on t.oid = a.atttypid
					where a.attrelid = policy.polrelid and quote_ident(a.attname) = c.compared and not a.attisdropped and clause.keyword = 'USING'
						and coalesce(nullif(t.typbasetype, 0), t.oid) in ('text'::regtype, 'varchar'::regtype)
						-- workos_is_member() compares with the default collation.
						and (c.name <> '@extschema@.workos_is_member' or a.attcollation = 'pg_catalog."default"'::regcollation)
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
						short := format('%s(%s) runs once per row', substr(call.name, length('@extschema@.') + 1),
							case when length(call.arguments) > 100 then left(call.arguments, 100) || ' ...' else call.arguments end);
						if call.constant then
							slow := slow || short;
							wrapped := call.stop;
							pieces[call.start] := '( SELECT ' || pieces[call.start];
							-- Without the cast, ANY would take the sub-select as a set of rows.
							pieces[call.stop] := '))' || case when call.name = any (lists) then '::text[]' else '' end || substr(pieces[call.stop], 2);
						else
							by_row := by_row || (short || '. ' || case
								when call.name = '@extschema@.workos_is_member' then
									'If the argument is a column of type text with the default collation, compare it with (select workos_org_id()) instead'
								when call.name in ('@extschema@.workos_has_role', '@extschema@.workos_has_permission', '@extschema@.workos_has_entitlement', '@extschema@.workos_has_feature_flag') then
									format('If the argument is a column of type text with the default collation, write coalesce(... = any ((select %s())::text[]), false) instead',
										case call.name when '@extschema@.workos_has_role' then 'workos_user_roles' else replace(substr(call.name, length('@extschema@.') + 1), 'has_', '') || 's' end)
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
			remedy := case when to_regrole('authenticated') is not null and mistakes = '{}' and not policy.too_long and not @extschema@._workos_read_elsewhere(policy.polrelid) then
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
		remedy := case when not @extschema@._workos_read_elsewhere(policy.oid) then format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', policy.relation) end;
		if remedy is null then
			problem := problem || '. Other policies, views or functions read the table. First check what they return when rows of the table are hidden, then enable row security';
		end if;
		return next;
	end loop;
end $$;
comment on function @extschema@.workos_lint() is
	'finds mistakes and slow expressions in the policies of this database; a remedy is a statement after which nobody sees more rows; run it only if other roles cannot create objects in the schemas of your search_path';
