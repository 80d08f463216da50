-- setting up a table

create function @extschema@.workos_protect(
	relation regclass,
	org_column name default 'org_id',
	read_permission text default null,
	write_permission text default null,
	impersonated_writes boolean default true,
	to_role name default 'authenticated',
	apply boolean default false
) returns setof text
	language plpgsql volatile rows 10 set search_path = pg_catalog, pg_temp as $$
declare
	kind record;
	org record;
	reads text;
	writes text;
	statements text[] := '{}'::text[];
	partitions regclass[] := '{}'::regclass[];
	statement text;
	lacks text;
	part record;
	without bigint;
	distributed constant boolean := relation = any (@extschema@._workos_distributed()); -- by Citus
	checked text; -- the condition on new rows
	others text := ''; -- what a restrictive policy would say
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	select c.relkind, c.relnamespace, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_inherits i where c.oid = i.inhrelid or c.relkind <> 'p' and c.oid = i.inhparent) as inherits,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies
		into kind from pg_class c where c.oid = relation;
	select a.attnum, a.attnotnull, a.attgenerated, a.atttypid::regtype as type, pg_get_expr(d.adbin, d.adrelid) as preset into org
		from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
		where a.attrelid = relation and a.attname = org_column and a.attnum > 0 and not a.attisdropped;
	if relation is null or org_column is null or to_role is null or impersonated_writes is null or apply is null then
		raise exception using errcode = '22004', message = 'only read_permission and write_permission may be NULL';
	elsif kind.relkind is distinct from 'r' and kind.relkind is distinct from 'p' then
		raise exception using errcode = '42809', message = format('%s is not a table', relation),
			hint = 'Protect the tables that a view reads, and create the view WITH (security_invoker = true).';
	elsif kind.relispartition then
		raise exception using errcode = '0A000', message = format('%s is a partition', relation),
			hint = format('Protect the table that it is a partition of: workos_protect(''%s''). This closes its partitions as well.', pg_partition_root(relation));
	elsif kind.inherits then
		raise exception using errcode = '0A000', message = format('%s takes part in inheritance', relation),
			hint = 'Row security of a table does not apply to queries that name a table that inherits from it. Write by hand, for each of these tables: ALTER TABLE ... ENABLE ROW LEVEL SECURITY; CREATE POLICY ... USING (...).';
	elsif kind.has_policies then
		raise exception using errcode = '55000', message = format('%s has policies already', relation),
			hint = 'Permissive policies are combined with OR, so another one could only grant more access. Check the existing policies with workos_lint().';
	elsif org.attnum is null then
		raise exception using errcode = '42703', message = format('%s has no column %I', relation, org_column),
			-- An argument by position can be a permission that was meant for another argument.
			hint = case when org_column ~ '^[a-z_][a-z0-9_]*$' then format('If the table has no column for the organization yet: ALTER TABLE %s ADD COLUMN %I text. ', relation, org_column) else '' end
				|| 'The second argument is the name of this column. Pass permissions by name: read_permission => ''...'', write_permission => ''...''.';
	elsif org.type not in ('text'::regtype, 'varchar'::regtype) or org.attgenerated <> '' then
		raise exception using errcode = '42804', message = format('column %I of %s is not a plain column of text', org_column, relation),
			hint = 'The id of a WorkOS organization is text, such as org_01EXAMPLE. It is not a UUID.';
	elsif org.preset <> '@extschema@.workos_org_id()' then
		raise exception using errcode = '55000', message = format('column %I of %s has another default', org_column, relation),
			hint = 'Drop the default if each row belongs to the organization of the user who inserts it.';
	elsif to_regrole(quote_ident(to_role)) is null then
		raise exception using errcode = '42704', message = format('role %I does not exist', to_role),
			hint = 'Pass the Postgres role of signed-in users: to_role => ''...''';
	end if;

	for part in
		select t.relid::regclass as name, c.relkind, exists (select from pg_policy p where p.polrelid = t.relid) as has_policies
		from pg_partition_tree(relation) t join pg_class c on c.oid = t.relid where kind.relkind = 'p' and t.relid <> relation order by t.level, t.relid::regclass::text
	loop
		if part.has_policies then
			raise exception using errcode = '55000', message = format('the partition %s has policies already', part.name),
				hint = 'They apply to queries that name the partition. Check them with workos_lint(), and drop those that are not needed.';
		elsif part.relkind not in ('r', 'p') then
			raise exception using errcode = '0A000', message = format('the partition %s is not a table', part.name), hint = 'Row security cannot be enabled for a foreign table. Revoke the privileges on it, and detach it before.';
		end if;
		partitions := partitions || part.name;
	end loop;
	if not org.attnotnull then
		begin
			execute format('select count(*) from %s where %I is null', relation, org_column) into without;
		exception when insufficient_privilege then
			without := 0; -- Who may not read the table cannot run the statements either.
		end;
		if without > 0 then
			raise exception using errcode = '23502', message = format('%s rows of %s belong to no organization: %I is NULL', without, relation, org_column),
				hint = format('Say which organization they belong to, and call this again: UPDATE %s SET %I = ''org_...'' WHERE %2$I IS NULL', relation, org_column);
		end if;
	end if;

	reads := case when read_permission is null then '@extschema@.workos_org_id()' else format('@extschema@.workos_org_with_permission(%L)', read_permission) end;
	writes := case when write_permission is null then '@extschema@.workos_org_id()' else format('@extschema@.workos_org_with_permission(%L)', write_permission) end;

	checked := format('(SELECT %s)', writes);
	if distributed then
		-- Citus refuses a sub-select in a policy, and makes RESTRICTIVE policies PERMISSIVE.
		checked := writes;
		others := case when impersonated_writes then '' else ' AND NOT @extschema@.workos_is_impersonated()' end;
	end if;

	if org.preset is null then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT @extschema@.workos_org_id()', relation, org_column);
	end if;
	if not org.attnotnull then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, org_column);
	end if;
	if not exists (select from pg_index i where i.indrelid = relation and i.indkey[0] = org.attnum and i.indpred is null and i.indisvalid) then
		statements := statements || format('CREATE INDEX ON %s (%I)', relation, org_column);
	end if;
	statements := statements || format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
	if partitions <> '{}' then
		statements := statements || '-- Without policies, a query that names a partition gets no rows. Enable this for each partition that you add later.'::text
			|| array(select format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p) from unnest(partitions) p);
	end if;
	statements := statements || array[
		'-- FORCE: the policies apply to the owner of the table as well, who then sees and inserts no rows without claims. For seeds and migrations by the owner, set the claims, or use a role with BYPASSRLS.',
		format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation),
		format('CREATE POLICY "members read" ON %s FOR SELECT TO %I USING (%I = %s)', relation, to_role, org_column, reads),
		format('CREATE POLICY "members add" ON %s FOR INSERT TO %I WITH CHECK (%I = %s%s)', relation, to_role, org_column, checked, others),
		format('CREATE POLICY "members change" ON %s FOR UPDATE TO %I USING (%I = %s%s) WITH CHECK (%3$I = %6$s%5$s)', relation, to_role, org_column, writes, others, checked),
		format('CREATE POLICY "members delete" ON %s FOR DELETE TO %I USING (%I = %s%s)', relation, to_role, org_column, writes, others)];
	if not impersonated_writes and not distributed then
		statements := statements || array[
			format('CREATE POLICY "impersonators add nothing" ON %s AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT NOT @extschema@.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators change nothing" ON %s AS RESTRICTIVE FOR UPDATE USING ((SELECT NOT @extschema@.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators delete nothing" ON %s AS RESTRICTIVE FOR DELETE USING ((SELECT NOT @extschema@.workos_is_impersonated()))', relation)];
	end if;
	if read_permission is distinct from write_permission and read_permission is not null then
		statements := statements || format('-- INSERT ... RETURNING, and UPDATE and DELETE that read a column (WHERE, RETURNING), also need the permission %s.', quote_literal(read_permission));
	end if;
	-- Policies take rows away from what the privileges allow. These are for you to grant.
	lacks := concat_ws(' ',
		case when not has_schema_privilege(to_role, kind.relnamespace, 'usage') then format('GRANT USAGE ON SCHEMA %s TO %I;', kind.relnamespace::regnamespace, to_role) end,
		(select format('GRANT %s ON %s TO %I;', string_agg(p, ', ' order by n), relation, to_role) from unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) with ordinality u(p, n)
			-- Privileges of some columns are left as they are.
			where not has_table_privilege(to_role, relation, p) and not (p <> 'DELETE' and has_any_column_privilege(to_role, relation, p)) having count(*) > 0),
		(select string_agg(format('GRANT USAGE ON SEQUENCE %s TO %I;', s.oid::regclass, to_role), ' ' order by s.oid::regclass::text)
			from pg_attrdef d join pg_depend e on e.classid = 'pg_attrdef'::regclass and e.objid = d.oid and e.refclassid = 'pg_class'::regclass join pg_class s on s.oid = e.refobjid and s.relkind = 'S'
			where d.adrelid = relation and case when s.relkind = 'S' then not has_sequence_privilege(to_role, s.oid, 'usage') and not has_sequence_privilege(to_role, s.oid, 'update') end));
	if lacks <> '' then
		statements := statements || format('-- workos_protect() grants nothing, and %I lacks privileges. Grant those that it should have: %s', to_role, lacks);
	end if;
	foreach statement in array statements loop
		-- Comments say what to know, and are not run.
		if starts_with(statement, '-- ') then
			return next regexp_replace(statement, '[[:cntrl:]]', ' ', 'g');
			continue;
		end if;
		if apply then
			execute statement;
		end if;
		return next statement || ';';
	end loop;
end $$;
comment on function @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) is
	'prints, and with apply => true runs, the statements that make a table multi-tenant';
revoke execute on function @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) from public;
