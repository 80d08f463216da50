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
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	kind record;
	org record;
	reads text;
	writes text;
	statements text[] := '{}';
	statement text;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	select c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inherits,
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
	elsif kind.relkind = 'p' or kind.inherits then
		raise exception using errcode = '0A000', message = format('%s is partitioned, or takes part in inheritance', relation),
			hint = 'The row security of a table does not apply to queries that name one of its partitions. Write policies for each partition by hand.';
	elsif kind.has_policies then
		raise exception using errcode = '55000', message = format('%s has policies already', relation),
			hint = 'Permissive policies are combined with OR, so another one could only grant more access. Check the existing policies with workos_lint().';
	elsif org.attnum is null then
		raise exception using errcode = '42703', message = format('%s has no column %I', relation, org_column),
			hint = format('ALTER TABLE %s ADD COLUMN %I text', relation, org_column);
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

	reads := case when read_permission is null then '@extschema@.workos_org_id()' else format('@extschema@.workos_org_with_permission(%L)', read_permission) end;
	writes := case when write_permission is null then '@extschema@.workos_org_id()' else format('@extschema@.workos_org_with_permission(%L)', write_permission) end;

	if org.preset is null then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT @extschema@.workos_org_id()', relation, org_column);
	end if;
	if not org.attnotnull then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, org_column);
	end if;
	if not exists (select from pg_index i where i.indrelid = relation and i.indkey[0] = org.attnum and i.indpred is null and i.indisvalid) then
		statements := statements || format('CREATE INDEX ON %s (%I)', relation, org_column);
	end if;
	statements := statements || array[
		format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation),
		format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation),
		format('CREATE POLICY "members read" ON %s FOR SELECT TO %I USING (%I = %s)', relation, to_role, org_column, reads),
		format('CREATE POLICY "members add" ON %s FOR INSERT TO %I WITH CHECK (%I = (SELECT %s))', relation, to_role, org_column, writes),
		format('CREATE POLICY "members change" ON %s FOR UPDATE TO %I USING (%I = %s) WITH CHECK (%3$I = (SELECT %4$s))', relation, to_role, org_column, writes),
		format('CREATE POLICY "members delete" ON %s FOR DELETE TO %I USING (%I = %s)', relation, to_role, org_column, writes)];
	if not impersonated_writes then
		statements := statements || array[
			format('CREATE POLICY "impersonators add nothing" ON %s AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT NOT @extschema@.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators change nothing" ON %s AS RESTRICTIVE FOR UPDATE USING ((SELECT NOT @extschema@.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators delete nothing" ON %s AS RESTRICTIVE FOR DELETE USING ((SELECT NOT @extschema@.workos_is_impersonated()))', relation)];
	end if;
	foreach statement in array statements loop
		if apply then
			execute statement;
		end if;
		return next statement || ';';
	end loop;
end $$;
comment on function @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) is
	'prints, and with apply => true runs, the statements that make a table multi-tenant';
revoke execute on function @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) from public;
