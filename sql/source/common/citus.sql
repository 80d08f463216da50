-- Citus: what it distributes over several servers, how the claims reach them, and what it makes of policies.
-- docs/how-to/scaling.md has the whole.

-- The tables that Citus distributes or replicates; none in a database without Citus. Only superusers create objects in
-- pg_catalog.
create function @extschema@._workos_distributed() returns oid[]
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	tables oid[];
begin
	if to_regclass('pg_catalog.pg_dist_partition') is not null then
		execute 'select array_agg(d.logicalrelid::oid) from pg_catalog.pg_dist_partition d' into tables;
	end if;
	return coalesce(tables, '{}');
end $$;

-- Citus sends a setting to the other servers when it sees the command SET LOCAL, alone in its text, and set_config() is
-- none. Each text below is one command.
create function @extschema@.workos_propagate_claims() returns void
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	setting text;
	value text;
begin
	if not exists (select from pg_extension e where e.extname = 'citus') then
		return; -- The tables are where the claims are.
	end if;
	set local citus.propagate_set_commands = 'local';
	if current_setting('citus.propagate_set_commands') <> 'local' then
		raise exception using errcode = '55000', message = 'Citus does not send settings to the other servers, so the claims would not reach them',
			hint = 'Put citus into shared_preload_libraries, and use a version that has citus.propagate_set_commands.';
	end if;
	foreach setting in array array['request.jwt.claims', 'workos.access_token'] loop
		value := current_setting(setting, true);
		-- An empty value, too: earlier ones of this transaction must not stay there.
		if value is not null then
			execute format('set local %s = %L', setting, value);
		end if;
	end loop;
end $$;
comment on function @extschema@.workos_propagate_claims() is
	'sends the claims of this transaction to all servers of Citus; call it after they are set, in the same transaction; without Citus it does nothing';

-- What the doctor says about Citus; no row in a database without distributed tables.
create function @extschema@._workos_citus_doctor(out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable rows 1 set search_path = pg_catalog, pg_temp as $$
declare
	caller constant name := current_user;
	claims constant boolean := coalesce(current_setting('request.jwt.claims', true), '') <> '' or coalesce(current_setting('workos.access_token', true), '') <> '';
begin
	if @extschema@._workos_distributed() = '{}' then
		return;
	elsif not exists (select from pg_roles r where r.rolname = caller and r.rolcanlogin) then
		status := 'problem';
		detail := format('Citus signs in to the other servers as the role of the statement, and %I may not sign in (NOLOGIN): every statement on a distributed table fails.', caller);
		remedy := 'Give the role LOGIN on every server, and let pg_hba.conf accept it from the servers of Citus only. docs/how-to/scaling.md shows it.';
	elsif claims and coalesce(current_setting('citus.propagate_set_commands', true), '') <> 'local' then
		status := 'problem';
		detail := 'The claims are on this server only, and not on the others that hold rows of distributed tables: those return no rows, so the result can be a part of the rows, without an error.';
		remedy := 'Call this in the transaction, after the claims are set: select @extschema@.workos_propagate_claims();';
	else
		status := 'ok';
		detail := 'Citus distributes tables of this database. Whether the claims were sent to the other servers cannot be seen here: workos_propagate_claims() does it, in each transaction.';
	end if;
	return next;
end $$;

-- The findings of workos_lint() about Citus
create function @extschema@._workos_lint_citus(out rule text, out severity text, out object text, out problem text, out remedy text) returns setof record
	language plpgsql stable rows 10 set search_path = pg_catalog, pg_temp as $$
declare
	distributed constant oid[] := @extschema@._workos_distributed();
	item record;
begin
	if distributed = '{}' then
		return;
	end if;
	remedy := null; -- Each of these needs a decision.
	for item in
		select p.polname, p.polrelid::regclass::text as relation, p.polpermissive, strpos(concat(p.polqual::text, p.polwithcheck::text), '{SUBLINK ') > 0 as has_sub_select
		from pg_policy p where p.polrelid = any (distributed) order by relation, p.polname
	loop
		object := format('policy %I on %s', item.polname, item.relation);
		severity := 'problem';
		if not item.polpermissive then
			rule := 'citus_restrictive';
			problem := 'the table is distributed by Citus, which creates a RESTRICTIVE policy on the shards as a PERMISSIVE one. There it takes no row away, and lets through every row for which it is true. Write its condition into each permissive policy, with AND, and drop it';
			return next;
		end if;
		if item.has_sub_select then
			rule := 'citus_sub_select';
			problem := 'the table is distributed by Citus, which refuses a policy with a sub-select, such as (select workos_org_id()), on the other servers. Call the functions without SELECT, and compare with a column of the table itself';
			return next;
		end if;
	end loop;

	severity := 'problem';
	for item in
		select distinct r.rolname from unnest(@extschema@._workos_end_users()) u(id) join pg_roles r on r.oid = u.id
		where not r.rolcanlogin and exists (select from unnest(distributed) d(id) where has_any_column_privilege(r.oid, d.id, 'select, insert, update'))
		order by r.rolname
	loop
		rule := 'citus_login';
		object := format('role %I', item.rolname);
		problem := 'Citus signs in to the other servers as the role of the statement, and this one may not sign in (NOLOGIN): its statements on distributed tables fail. Give it LOGIN on every server, and let pg_hba.conf accept it from the servers of Citus only';
		return next;
	end loop;

	severity := 'warning';
	for item in
		select c.oid::regclass::text as name, n.nspname = 'workos' as of_directory from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and c.oid <> all (distributed) and (n.oid = '@extschema@'::regnamespace and c.relname in ('workos_issuers', 'workos_audiences', 'workos_configuration')
			or n.nspname = 'workos' and c.relname = 'memberships' and (n.nspowner = (select p.proowner from pg_proc p where p.oid = '@extschema@.workos_lint()'::regprocedure)
				or exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = 'pg_workos_directory')))
		order by name
	loop
		rule := 'citus_local';
		object := 'table ' || item.name;
		problem := case when item.of_directory then 'the directory is on this server alone. The policies of distributed tables run on the other servers, whose own directory decides there. Feed it there, too'
			else 'the table is on this server alone. The policies of distributed tables run on the other servers, whose own table decides there. Make the same change on every server' end;
		return next;
	end loop;
end $$;

