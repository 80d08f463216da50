-- pg_workos_directory, portable edition: the directory of users, organizations, memberships and roles in SQL and
-- PL/pgSQL, for Postgres 15 and up.
--
-- Run this file after `pg_workos.sql`, once, as a migration or with `psql -1 -v ON_ERROR_STOP=1 -f`, as the role that
-- ran that file and that may create a schema. It needs the extension pgcrypto, in any schema. It can be run again, by
-- the same role. If the functions of pg_workos are in another schema than "extensions", replace that word by the name
-- of the schema throughout. `uninstall_directory.sql` beside this file takes everything away again.
--
-- Do not expose the schema "workos" to the Data API. Functions whose name starts with an underscore are called by the
-- other functions only.

@include portable/pin.sql@

-- Until the checks below have passed, nothing can be created, also where psql goes on after an error.
do $$
begin
	perform set_config('pg_workos.read_only', current_setting('default_transaction_read_only'), false);
	perform set_config('pg_workos.checked', 'nothing', false);
end $$;
set default_transaction_read_only = on;

do $$
declare
	other record;
begin
	if exists (select from pg_extension e where e.extname = 'pg_workos_directory') then
		raise exception using errcode = '55000', message = 'the extension pg_workos_directory is installed here',
			hint = 'The extension has the same functions. Keep it, or drop it first.';
	elsif exists (select from pg_extension e where e.extname = 'pg_workos') then
		raise exception using errcode = '55000', message = 'the extension pg_workos is installed here',
			hint = 'Its directory is an extension, too: create extension pg_workos_directory.';
	elsif not exists (select from pg_proc p where p.oid = to_regprocedure('extensions.workos_org_ids()') and pg_get_userbyid(p.proowner) = current_user) then
		raise exception using errcode = '55000', message = 'the portable edition of pg_workos is missing in the schema extensions, or belongs to another role',
			hint = 'Run pg_workos.sql first, as the same role.';
	elsif not exists (select from pg_extension e where e.extname = 'pgcrypto') then
		raise exception using errcode = '55000', message = 'the extension pgcrypto is missing',
			hint = 'It checks the signatures of webhooks. Run this first: create extension pgcrypto with schema extensions.';
	end if;
	select n.nspowner::regrole as owner, obj_description(n.oid, 'pg_namespace') as about into other from pg_namespace n where n.nspname = 'workos';
	if found and (other.owner::text <> quote_ident(current_user) or other.about is distinct from 'the directory of pg_workos') then
		raise exception using errcode = '42P06', message = 'there is a schema workos already, which is not the directory of this role',
			hint = format('It belongs to %s. If it is the directory, run this file as that role; else rename that schema first.', other.owner);
	end if;
	-- The owner of a function can replace it, and the owner of a table can add triggers to it.
	select * into other from (
		select p.oid::regprocedure::text as name, p.proowner as owner from pg_proc p where p.pronamespace = to_regnamespace('workos')
		union all
		select c.oid::regclass::text, c.relowner from pg_class c where c.relnamespace = to_regnamespace('workos')) o
		where pg_get_userbyid(o.owner) <> current_user order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('%s belongs to the role %s', other.name, other.owner::regrole),
			hint = 'That role could change it. Drop it, or give it to the role that runs this file.';
	end if;
	perform set_config('pg_workos.checked', 'everything', false);
end $$;

do $$
begin
	if current_setting('pg_workos.checked') = 'everything' then
		perform set_config('default_transaction_read_only', 'off', false);
	end if;
end $$;

do $$
begin
	if to_regnamespace('workos') is null then
		create schema workos;
		comment on schema workos is 'the directory of pg_workos';
	end if;
	-- What exists already keeps its privileges, because an administrator may have changed them.
	perform set_config('pg_workos.there_before', coalesce(array_agg(o.oid)::text, '{}'), false) from (
		select p.oid from pg_proc p where p.pronamespace = 'workos'::regnamespace
		union all
		select c.oid from pg_class c where c.relnamespace = 'workos'::regnamespace) o;
end $$;
