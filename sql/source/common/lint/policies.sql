-- The rules about policies: each one for itself, with the restrictive ones of its table, and with those that it leads to.
-- The last row says how many policies were looked at; it has no rule.
create function @extschema@._workos_lint_policies(out rule text, out severity text, out object text, out problem text, out remedy text, out looked_at bigint) returns setof record
	language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp as $$
declare
	-- In the native edition the planner hook computes a call once per query.
	per_row_matters constant boolean := not exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = '@extschema@'::regnamespace);
	longest constant int := 200000; -- of the stored form of an expression, and of a body
	prefix constant text := case '@extschema@' when 'pg_catalog' then '' else '@extschema@.' end;
	helpers constant text[] := @extschema@._workos_names_of_helpers();
	lists constant text[] := array(select prefix || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' and p.prorettype = 'text[]'::regtype);
	end_users constant oid[] := @extschema@._workos_end_users();
	tenant_names constant text[] := '{org_id,organization_id,organisation_id,workos_org_id,workos_organization_id,tenant_id}'::text[];
	foreign_tables constant oid[] := @extschema@._workos_foreign('pg_catalog.pg_class'::regclass);
	distributed constant oid[] := @extschema@._workos_distributed(); -- Citus refuses a sub-select in their policies.
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
				findings := findings || array[short, case short when 'session_setting' then 'warning' else 'problem' end, @extschema@._workos_explained(short, name)];
			end loop;
			for name in select distinct @extschema@._workos_ended_rows_explained(e.relation, e.lacks) from @extschema@._workos_ended_rows(tokens, names, kinds, closers, parents) e order by 1 loop
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
			mistaken := mistaken or @extschema@._workos_explained(rule, ''::text) is not null;
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
			remedy := case when to_regrole('authenticated') is not null and not mistaken and not shared and not policy.too_long and not @extschema@._workos_read_elsewhere(policy.polrelid) then
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
