
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

-- delegated access, to no more than the user may do

create function @extschema@.workos_delegated_org_id(scope text, client text, permission text) returns text
	language plpgsql stable parallel safe cost 100 set search_path = pg_catalog, pg_temp as $$
begin
	perform @extschema@._workos_check_directory();
	return case when permission is not null and workos._delegate_may(coalesce(scope, ''), coalesce(client, ''), permission)
		then @extschema@.workos_delegated_org_id(scope, client) end;
end $$;
-- what the directory decides

-- The session of the token, whatever the directory says of it: what the directory is asked for.
create function @extschema@._workos_ids(claims jsonb) returns text[]
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return case jsonb_typeof(claims) when 'object' then array[claims ->> 'sub', claims ->> 'sid', coalesce(claims ->> 'org_id', '')] end;
end $$;

create function @extschema@._workos_token_session() returns text[]
	language sql stable parallel safe
	return @extschema@._workos_ids(@extschema@._workos_undecided(true, 'session'));

create function @extschema@._workos_token_issued_at() returns timestamptz
	language sql stable parallel safe
	return @extschema@._workos_instant(@extschema@._workos_undecided(true, null), 'iat');

-- The claims with what the directory says of their session, while the directory decides; JSON null if the session does not
-- count. ours: a function whose owner must own the directory. It finds the directory by name when it runs. If a body were
-- bound to the directory, DROP SCHEMA workos CASCADE would also drop the helpers, and with them each policy that calls one,
-- restrictive ones too. So the helpers raise an error.
create function @extschema@._workos_decided(claims jsonb, ours regprocedure) returns jsonb
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
	standing jsonb;
begin
	if jsonb_typeof(claims) is distinct from 'object' then
		return claims;
	end if;
	perform from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_standing' and p.proargtypes = ''::oidvector and p.prosecdef
			and n.nspowner = (select o.proowner from pg_proc o where o.oid = ours);
	if not found then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'It decides who is a member. Run pg_workos_directory.sql as the same role as pg_workos.sql, or let the token decide: workos_configure(membership => ''token'').';
	end if;
	standing := workos._standing();
	return case
		when standing is null then claims
		when standing ? 'ended' then 'null'
		else claims - array['user_role', 'roles', 'permissions'] || jsonb_build_object('roles', standing -> 'roles', 'permissions', standing -> 'permissions')
			-- The last three are Postgres roles.
			|| case when standing ->> 'role' <> all (array['', 'anon', 'authenticated', 'service_role']) then jsonb_build_object('user_role', standing -> 'role') else '{}' end
	end;
end $$;

-- functions: _workos_ordinary, _workos_odd, and those that their bodies call: _workos_quick, _workos_thorough,
-- _workos_undecided, _workos_decided.
create function @extschema@._workos_configure(membership text, functions regprocedure[]) returns void
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	owner constant oid := (select p.proowner from pg_proc p where p.oid = functions[1]);
	names text[];
begin
	if (membership in ('token', 'newest')) is not true then
		raise exception using errcode = '22023', message = 'membership is neither "token" nor "newest"',
			hint = 'With token, the token decides. With newest, the newer of token and directory decides.';
	elsif exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = functions[1] and d.deptype = 'e') then
		raise exception using errcode = '55000', message = 'an extension in SQL only cannot keep its configuration in a dump',
			hint = 'Run sql/portable/pg_workos.sql instead, or install the extension pg_workos.';
	elsif not pg_has_role(owner, 'usage') then
		raise exception using errcode = '42501', message = 'only the owner of pg_workos may configure it',
			hint = format('Do it as the role %s.', owner::regrole);
	elsif membership = 'newest' and not exists (
		select from pg_namespace n join pg_proc p on p.pronamespace = n.oid and p.proowner = n.nspowner
		where n.nspname = 'workos' and p.proname = '_standing' and p.pronargs = 0 and p.prosecdef and n.nspowner = owner)
	then
		raise exception using errcode = '55000', message = 'there is no directory in this database',
			hint = 'Run pg_workos_directory.sql, as the same role as pg_workos.sql, and feed it with the events of WorkOS.';
	end if;
	select array_agg(format('%I.%I', n.nspname, p.proname) order by f.place) into names
		from unnest(functions) with ordinality f(id, place) join pg_proc p on p.oid = f.id join pg_namespace n on n.oid = p.pronamespace;
	if membership = 'token' then
		execute replace(pg_get_functiondef(functions[3]), names[3], names[1]);
	else
		execute format('create or replace function %s(of_session boolean, list text, element text) returns jsonb language sql stable parallel safe return null::jsonb', names[1]);
	end if;
	execute format('create or replace function %s(of_session boolean, reads text) returns jsonb language sql stable parallel safe set search_path = pg_catalog, pg_temp return %s', names[2],
		case membership when 'token' then format('%s(of_session, reads)', names[4])
			else format('%s(%s(of_session, reads), %L::regprocedure)', names[6], names[5], functions[5]) end);
	-- A note for workos_doctor(), in a schema that every dump takes along.
	if to_regclass('workos.settings') is not null and (select n.nspowner from pg_namespace n where n.nspname = 'workos') = owner then
		execute format('comment on column workos.settings.one is %L', case membership when 'newest' then 'the newer of token and directory decides' end);
	end if;
end $$;

create function @extschema@.workos_configure(membership text) returns void
	language sql volatile
	return @extschema@._workos_configure(membership, array['@extschema@._workos_ordinary(boolean, text, text)'::regprocedure, '@extschema@._workos_odd(boolean, text)'::regprocedure,
		'@extschema@._workos_quick(boolean, text, text)'::regprocedure, '@extschema@._workos_thorough(boolean, text)'::regprocedure,
		'@extschema@._workos_undecided(boolean, text)'::regprocedure, '@extschema@._workos_decided(jsonb, regprocedure)'::regprocedure]);
comment on function @extschema@.workos_configure(text) is
	'membership => ''token'': the token decides who is a member, as after installation; ''newest'': the newer of token and directory; from the next statement on in every connection';
