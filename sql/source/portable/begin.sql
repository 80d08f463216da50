-- pg_workos, portable edition: the functions of the extension in SQL and PL/pgSQL, for Postgres 15 and up.
--
-- Run this file once, as a migration or with `psql -1 -v ON_ERROR_STOP=1 -f`, as any role that may create functions
-- in the schema "extensions"; no superuser, no extension, no library. It can be run again, by the same role. For
-- another schema, replace the word "extensions" by its name throughout. `uninstall.sql` beside this file takes
-- everything away again.
--
-- Supabase uses the schema "extensions" for software of others. Its roles may use that schema and find it in
-- their search_path, and its functions do not become endpoints, as functions in "public" do.
--
-- Functions whose name starts with an underscore are called by the other functions only.

@include portable/pin.sql@

-- Until the checks below have passed, nothing can be created, also where psql goes on after an error.
do $$
begin
	perform set_config('pg_workos.read_only', current_setting('default_transaction_read_only'), false);
	perform set_config('pg_workos.checked', 'nothing', false);
end $$;
set default_transaction_read_only = on;

do $$
begin
	if exists (select from pg_extension where extname = 'pg_workos') then
		raise exception using errcode = '55000', message = 'the extension pg_workos is installed here',
			hint = 'The extension has the same functions. Keep it, or drop it first.';
	end if;
	perform set_config('pg_workos.checked', 'the extension', false);
end $$;

@include portable/owners.sql@

do $$
begin
	if current_setting('pg_workos.checked') = 'everything' then
		perform set_config('default_transaction_read_only', 'off', false);
	end if;
end $$;

do $$
begin
	if to_regnamespace('@extschema@') is null then
		create schema @extschema@;
		grant usage on schema @extschema@ to public;
	end if;
	-- What exists already keeps its privileges, because an administrator may have changed them.
	perform set_config('pg_workos.there_before', coalesce(array_agg(o.oid)::text, '{}'), false) from (
		select p.oid from pg_proc p where p.pronamespace = '@extschema@'::regnamespace and p.proname = any ('{@names@}'::name[])
		union all
		select c.oid from pg_class c where c.relnamespace = '@extschema@'::regnamespace and c.relname = 'workos_audiences') o;
end $$;
