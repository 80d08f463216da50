-- The database that the pgTAP tests run in: Supabase's roles and schemas, and the edition under test.
-- psql variable: edition, the file that installs it into schema extensions.
-- Tests connect as authenticator, which is not a superuser, as PostgREST does. Tests of workos_test connect as developer,
-- who is not a superuser and installs it.

\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;

do $$
begin
	if to_regrole('authenticator') is null then
		create role anon;
		create role authenticated;
		create role service_role bypassrls;
		create role authenticator noinherit login;
		grant anon, authenticated, service_role to authenticator;
		create role app_owner;
		create role developer login;
		grant anon, authenticated, service_role to developer;
	end if;
	execute format('grant create on database %I to developer', current_database());
	execute format('alter database %I set search_path = public, extensions, tap', current_database());
end $$;

create schema extensions;
create schema tap;
-- The role that runs the tests may create tables only in this schema.
create schema lab authorization authenticator;
grant usage on schema extensions, tap to public;
set search_path = public, extensions, tap;

create extension pgtap with schema tap;
\i :edition
\ir helpers.sql

-- The audiences that mean this database, in each schema that has an edition.
select format('do $$begin perform %1$s.workos_accept_audience(%2$L), %1$s.workos_accept_audience(%3$L); end$$', p.pronamespace::regnamespace, 'https://db.example/mcp', 'client_01ENVIRONMENT')
	from pg_proc p where p.proname = 'workos_accept_audience' \gexec

-- The example application.
\ir ../examples/multi-tenant/schema.sql
\ir ../examples/multi-tenant/data.sql
\ir ../examples/multi-tenant/callers.sql
\ir ../examples/multi-tenant/attempts.sql
