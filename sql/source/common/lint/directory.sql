-- Where an expression or a body reads a table of the directory and lets rows pass that have ended. tokens, names, kinds,
-- closers and parents are columns of _workos_tokens(). Deleted rows stay in the tables as tombstones for 90 days, and
-- memberships that are inactive or pending are rows, too. Each table is looked at in the SELECT that reads it: a condition
-- on its columns must stand there. Tables are found by the name with the schema, as Postgres prints it in policies and views.
create function @extschema@._workos_ended_rows(tokens text[], names text[], kinds text[], closers int[], parents int[], out relation text, out lacks text) returns setof record
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
create function @extschema@._workos_ended_rows_explained(relation text, lacks text) returns text
	language sql immutable set search_path = pg_catalog, pg_temp as $$
	select format(case relation
		when 'workos.memberships' then 'it reads %s without %s, so members who were deactivated or invited count as members. Compare the column of the organization with the ids that workos_org_ids(), workos_org_ids_with_role(...) or workos_org_ids_with_permission(...) returns, which also know of users and organizations that were deleted; or add the condition'
		when 'workos.users' then 'it reads %s without %s, so a user who was deleted still counts: the row stays for 90 days. Add the condition; to show members to each other, read the view workos.members'
		when 'workos.organizations' then 'it reads %s without %s, so an organization that was deleted still counts: the row stays for 90 days. Add the condition'
		else 'it reads %s without %s, so a role that was deleted still counts: the row stays for 90 days. Add the condition, or compare with the ids that workos_org_ids_with_role(...) or workos_org_ids_with_permission(...) returns' end, relation, lacks)
$$;
