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
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
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
