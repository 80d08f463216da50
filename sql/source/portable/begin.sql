-- pg_workos, portable edition: the functions of the extension in SQL and PL/pgSQL, for Postgres 15 and up.
--
-- Run this file once, as a migration or with psql, as any role that may create functions in the schema
-- "extensions"; no superuser, no extension, no library. It can be run again, by the same role. For another
-- schema, replace the word "extensions" by its name throughout. `uninstall.sql` beside this file takes
-- everything away again.
--
-- Why "extensions": there Supabase puts what comes from elsewhere. Its roles may use it and find its names
-- unqualified, and nothing in it becomes an endpoint, as every function in "public" does.
--
-- Functions whose name starts with an underscore are for the other functions only.

@include portable/pin.sql@

do $$
begin
	if exists (select from pg_extension where extname = 'pg_workos') then
		raise exception using errcode = '55000', message = 'the extension pg_workos is installed here',
			hint = 'It has all these functions. Drop it first, or stay with it.';
	end if;
	if to_regnamespace('@extschema@') is null then
		create schema @extschema@;
		grant usage on schema @extschema@ to public;
	end if;
	-- Those that are there already keep their privileges: an administrator may have changed them.
	perform set_config('pg_workos.there_before', coalesce(array_agg(p.oid)::text, '{}'), false)
		from pg_proc p where p.pronamespace = '@extschema@'::regnamespace and p.proname = any ('{@names@}'::name[]);
end $$;

@include portable/owners.sql@
