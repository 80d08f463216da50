-- The calls of helpers in an expression as Postgres prints it: from where to where, with which arguments;
-- the column of its own table that such a call is compared with as a condition on its own, which an index
-- can answer; and whether it stands in a sub-select without FROM, which runs once.
create function @extschema@._workos_calls(expression text, out name text, out start int, out stop int, out arguments text, out compared text, out once boolean) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	identifier constant text := '(?:"(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)';
	token text;
	before text := '';
	position int := 1;
	parens int := 0;
	opened int[] := '{}'; -- the parentheses that are open, by number
	kind text[] := '{}'; -- of each: plain, call, select (without FROM), query
	words text[] := '{}'; -- the AND, OR, NOT, CASE in it
	closed int[] := '{}';
	found jsonb := '[]';
	call jsonb;
	around int[];
begin
	for token in
		select m[1] from regexp_matches(expression, format($re$('(?:[^']|'')*'|%1$s(?:\.%1$s)*|\s+|.)$re$, identifier), 'g') with ordinality r(m, n) order by n
	loop
		if token = '(' then
			parens := parens + 1;
			kind[parens] := case when before ~ '^["[:alpha:]_]' then 'call' else 'plain' end;
			words[parens] := '';
			if starts_with(before, '@extschema@.workos_') then
				found := found || jsonb_build_object('name', substr(before, length('@extschema@.') + 1), 'start', position - length(before), 'paren', parens, 'around', opened);
			end if;
			opened := opened || parens;
		elsif token = ')' then
			closed[opened[cardinality(opened)]] := position;
			opened := trim_array(opened, 1);
		elsif cardinality(opened) > 0 then
			if token = 'SELECT' then
				kind[opened[cardinality(opened)]] := 'select';
			elsif token = 'FROM' and kind[opened[cardinality(opened)]] = 'select' then
				kind[opened[cardinality(opened)]] := 'query';
			elsif token in ('AND', 'OR', 'NOT', 'CASE') then
				words[opened[cardinality(opened)]] := words[opened[cardinality(opened)]] || token;
			end if;
		end if;
		position := position + length(token);
		before := token;
	end loop;
	for call in select jsonb_array_elements(found) loop
		name := call ->> 'name';
		start := call -> 'start';
		stop := closed[(call -> 'paren')::int];
		arguments := substr(expression, start + length('@extschema@.' || name || '('), stop - start - length('@extschema@.' || name || '('));
		around := array(select jsonb_array_elements_text(call -> 'around')::int);
		once := exists (select from unnest(around) a where kind[a] = 'select')
			and regexp_replace(arguments, $re$'(?:[^']|'')*'|::[[:alpha:] ]+(?:\[\])?|VARIADIC|ARRAY|NULL|true|false$re$, '', 'g') !~ '[[:alpha:]_"]';
		if name = 'workos_is_member' then
			compared := substring(arguments from format('^(%s)$', identifier));
			compared := coalesce(compared, substring(arguments from format('^\((%s)\)::text$', identifier)));
		else
			compared := coalesce(
				substring(left(expression, start - 1) from format('\((%s) = $', identifier)),
				substring(left(expression, start - 1) from format('\(\((%s)\)::text = $', identifier)),
				substring(substr(expression, stop + 1) from format('^ = (%s)\)', identifier)),
				substring(substr(expression, stop + 1) from format('^ = \((%s)\)::text\)', identifier)));
			if words[around[cardinality(around)]] <> '' then
				compared := null;
			end if;
			around := trim_array(around, least(cardinality(around), 1));
		end if;
		if cardinality(around) > 1 or cardinality(around) = 1 and (kind[around[1]] <> 'plain' or words[around[1]] !~ '^(AND)+$') then
			compared := null;
		end if;
		return next;
	end loop;
end $$;

create function @extschema@.workos_lint(out severity text, out object text, out problem text, out remedy text) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	-- The native edition computes a call once by itself.
	per_row_matters constant boolean := not exists (select from pg_extension where extname = 'pg_workos');
	policy record;
	clause record;
	call record;
	mended text;
	mends text;
	complaints text[];
	complaint text;
	indexed text[];
	has_index boolean;
	unindexed text[];
	name text;
begin
	for policy in
		select p.oid, p.polname, p.polrelid, p.polpermissive, p.polroles, c.relrowsecurity, p.polrelid::regclass::text as relation,
			format('policy %I on %s', p.polname, p.polrelid::regclass) as title,
			pg_get_expr(p.polqual, p.polrelid) as visible, pg_get_expr(p.polwithcheck, p.polrelid) as writable,
			exists (select from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass and d.refobjid = to_regprocedure('auth.uid()')) as uses_uid,
			exists (select from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass and d.refobjid = to_regprocedure('auth.jwt()')) as uses_jwt,
			-- the columns of type uuid in it, of whatever table
			array(select quote_ident(a.attname) from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
				where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass and a.atttypid = 'uuid'::regtype) as uuids
		from pg_policy p join pg_class c on c.oid = p.polrelid
		order by p.polrelid::regclass::text, p.polname
	loop
		complaints := '{}';
		unindexed := '{}';
		mends := '';
		for clause in select * from (values ('USING', policy.visible), ('WITH CHECK', policy.writable)) v(keyword, expression) where expression is not null loop
			mended := clause.expression;
			if policy.uses_uid and mended ~ '\mauth\.uid\(\)' then
				complaints := complaints || 'problem: auth.uid() raises an error for every WorkOS id, which is no uuid'::text;
				mended := regexp_replace(mended, '\( SELECT auth\.uid\(\) AS uid\)|\mauth\.uid\(\)', '( SELECT @extschema@.workos_user_id() AS workos_user_id)', 'g');
			end if;
			if policy.uses_jwt and mended ~ $re$\mauth\.jwt\(\)( AS jwt\))? ->> 'role'::text\)$re$ then
				complaints := complaints || 'problem: the claim role in auth.jwt() is the Postgres role, never the role in WorkOS'::text;
				mended := regexp_replace(mended, $re$\((?:\( SELECT auth\.jwt\(\) AS jwt\)|auth\.jwt\(\)) ->> 'role'::text\)$re$, '( SELECT @extschema@.workos_user_role() AS workos_user_role)', 'g');
			end if;
			if mended ~ '\((?:@extschema@\.workos_\w+\(\)|\( SELECT @extschema@\.workos_\w+\(\) AS \w+\))\)::uuid' then
				complaints := complaints || 'problem: a WorkOS id is no uuid, and the cast raises an error'::text;
				mended := regexp_replace(mended, '\((@extschema@\.workos_\w+\(\)|\( SELECT @extschema@\.workos_\w+\(\) AS \w+\))\)::uuid', '\1', 'g');
			end if;
			if mended <> clause.expression then
				-- uuid = text does not exist. Such a column can hold no WorkOS id anyway.
				foreach name in array policy.uuids loop
					mended := regexp_replace(mended, format('([(.])(%s) = (\(? ?(?:SELECT )?@extschema@\.workos_)', name), '\1\2::text = \3', 'g');
					mended := regexp_replace(mended, format('(@extschema@\.workos_\w+\(\)(?: AS \w+\))? = )((?:\w+\.)?%s)\)', name), '\1\2::text)', 'g');
				end loop;
			end if;
			-- One index condition finds the rows; what else is compared is looked at in those rows only.
			indexed := array(select quote_ident(a.attname) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
				where i.indrelid = policy.polrelid and i.indpred is null and i.indisvalid);
			has_index := exists (select from @extschema@._workos_calls(mended) c where c.compared = any (indexed));
			for call in select * from @extschema@._workos_calls(mended) order by start desc loop
				if clause.keyword = 'USING' and call.compared is not null and call.compared <> all (policy.uuids) and not call.once and (call.compared = any (indexed) or not has_index) then
					if not has_index then
						unindexed := unindexed || call.compared;
					end if;
				elsif per_row_matters and not call.once then
					complaints := complaints || format('warning: %s(%s) runs once per row', call.name, call.arguments);
					mended := left(mended, call.start - 1) || case
						when call.name = 'workos_is_member' then format('(%s = ( SELECT @extschema@.workos_org_id()))', call.arguments)
						when call.name ~ '^workos_has_(role|permission|entitlement|feature_flag)$' and call.arguments !~ '^''' then
							format('COALESCE(%s = ANY (( SELECT @extschema@.%s())::text[]), false)', call.arguments,
								case call.name when 'workos_has_role' then 'workos_user_roles' else replace(call.name, 'has_', '') || 's' end)
						else format('( SELECT %s)', substr(mended, call.start, call.stop - call.start + 1))
						end || substr(mended, call.stop + 1);
				end if;
			end loop;
			if mended <> clause.expression then
				mends := mends || format(' %s (%s)', clause.keyword, mended);
			end if;
		end loop;

		-- One statement mends the whole policy.
		foreach complaint in array array(select distinct c from unnest(complaints) c order by c) loop
			severity := substring(complaint from '^\w+');
			object := policy.title;
			problem := substring(complaint from ': (.*)');
			remedy := format('ALTER POLICY %I ON %s%s', policy.polname, policy.relation, mends);
			return next;
		end loop;
		foreach name in array array(select distinct u from unnest(unindexed) u order by u) loop
			severity := 'warning';
			object := policy.title;
			problem := format('the column %s is compared with a claim, and no index begins with it', name);
			remedy := format('CREATE INDEX ON %s (%s)', policy.relation, name);
			return next;
		end loop;
		if policy.polpermissive and policy.polroles = '{0}' then
			severity := 'warning';
			object := policy.title;
			problem := 'the policy is for PUBLIC: it runs, and may let in, without a sign-in';
			remedy := format('ALTER POLICY %I ON %s TO %s', policy.polname, policy.relation, coalesce(to_regrole('authenticated')::text, '<the role of signed-in users>'));
			return next;
		end if;
	end loop;

	for policy in
		select distinct c.oid::regclass::text as relation from pg_policy p join pg_class c on c.oid = p.polrelid where not c.relrowsecurity order by 1
	loop
		severity := 'problem';
		object := 'table ' || policy.relation;
		problem := 'the table has policies, but row security is off: everybody with a grant sees every row';
		remedy := format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', policy.relation);
		return next;
	end loop;
end $$;
comment on function @extschema@.workos_lint() is
	'what is wrong or slow in the policies of this database, each with the statement that mends it';
