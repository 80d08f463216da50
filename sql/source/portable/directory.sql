
-- all organizations of the user: NULL without a session, an error without a directory

-- The directory must belong to the owner of these functions. Anybody who may create schemas could create one of its name.
create function @extschema@._workos_check_directory() returns void
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if not exists (
		select from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_org_ids' and p.proargtypes = '25 25'::oidvector and p.prosecdef
			and n.nspowner = (select o.proowner from pg_proc o where o.oid = '@extschema@._workos_check_directory()'::regprocedure))
	then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'Run pg_workos_directory.sql, as the same role as pg_workos.sql, and feed it with the events of WorkOS.';
	end if;
end $$;

create function @extschema@.workos_org_ids() returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when @extschema@.workos_is_authenticated() then workos._org_ids('all', '') end;
end $$;

create function @extschema@.workos_org_ids_with_permission(permission text) returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when @extschema@.workos_is_authenticated() and permission is not null then workos._org_ids('permission', permission) end;
end $$;

create function @extschema@.workos_org_ids_with_role(role text) returns text[]
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when @extschema@.workos_is_authenticated() and role is not null then workos._org_ids('role', role) end;
end $$;

-- what the directory decides

-- The session of the token, whatever the directory says of it: what the directory is asked for.
create function @extschema@._workos_token_session() returns text[]
	language sql stable parallel safe
	return case jsonb_typeof(@extschema@._workos_undecided(true, 'sub')) when 'object' then array[
		@extschema@._workos_undecided(true, 'sub') ->> 'sub', @extschema@._workos_undecided(true, 'sid') ->> 'sid',
		coalesce(@extschema@._workos_undecided(true, 'org_id') ->> 'org_id', '')] end;

create function @extschema@._workos_token_issued_at() returns timestamptz
	language sql stable parallel safe
	return @extschema@._workos_instant(@extschema@._workos_undecided(true, null), 'iat');

-- Claims with what the directory says of their session: NULL leaves them as they are.
create function @extschema@._workos_merged(claims jsonb, standing jsonb) returns jsonb
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case
		when standing is null or jsonb_typeof(claims) is distinct from 'object' then claims
		when standing ? 'ended' then 'null'
		else claims - array['user_role', 'roles', 'permissions'] || jsonb_build_object('roles', standing -> 'roles', 'permissions', standing -> 'permissions')
			-- The last three are Postgres roles.
			|| case when standing ->> 'role' <> all (array['', 'anon', 'authenticated', 'service_role']) then jsonb_build_object('user_role', standing -> 'role') else '{}' end
	end;
end $$;

-- The bodies are bound to the function of the directory, so that nobody can put another one in its place, and nobody can
-- drop the directory meanwhile.
create function @extschema@._workos_configure(membership text, decided regprocedure, counts regprocedure, merged regprocedure) returns void
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	name_of constant text := 'select format(''%I.%I'', n.nspname, p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = $1';
	decided_name text;
	counts_name text;
	merged_name text;
begin
	if (membership in ('token', 'newest')) is not true then
		raise exception using errcode = '22023', message = 'membership is neither "token" nor "newest"',
			hint = 'token: the token decides. newest: the newer of token and directory decides.';
	elsif exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = decided and d.deptype = 'e') then
		raise exception using errcode = '55000', message = 'an extension in SQL only cannot keep its configuration in a dump',
			hint = 'Run sql/portable/pg_workos.sql instead, or install the extension pg_workos.';
	elsif not pg_has_role((select p.proowner from pg_proc p where p.oid = decided), 'usage') then
		raise exception using errcode = '42501', message = 'only the owner of pg_workos may configure it',
			hint = format('Do it as the role %s.', (select p.proowner::regrole from pg_proc p where p.oid = decided));
	elsif membership = 'newest' and not exists (
		select from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_standing' and p.pronargs = 0 and p.prosecdef
			and n.nspowner = (select o.proowner from pg_proc o where o.oid = decided))
	then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'Run pg_workos_directory.sql, as the same role as pg_workos.sql, and feed it with the events of WorkOS.';
	end if;
	execute name_of into decided_name using decided;
	execute name_of into counts_name using counts;
	execute name_of into merged_name using merged;
	execute format('create or replace function %s(claims jsonb) returns jsonb language sql stable parallel safe return %s', decided_name,
		case membership when 'token' then 'claims' else format('case jsonb_typeof(claims) when ''object'' then %s(claims, workos._standing()) else claims end', merged_name) end);
	execute format('create or replace function %s() returns boolean language sql stable parallel safe return %s', counts_name,
		case membership when 'token' then 'true' else 'not coalesce(workos._standing() ? ''ended'', false)' end);
end $$;

create function @extschema@.workos_configure(membership text) returns void
	language sql volatile
	return @extschema@._workos_configure(membership, '@extschema@._workos_decided(jsonb)'::regprocedure, '@extschema@._workos_counts()'::regprocedure, '@extschema@._workos_merged(jsonb, jsonb)'::regprocedure);
comment on function @extschema@.workos_configure(text) is
	'membership => ''token'': the token decides who is a member, as after installation; ''newest'': the newer of token and directory; from the next statement on in every connection';
