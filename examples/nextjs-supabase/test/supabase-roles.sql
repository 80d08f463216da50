-- What a Supabase project has before the first migration, for a Postgres without it: the roles with their privileges,
-- the schema `extensions`, the search paths and the default privileges. Run by a superuser.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
create role supabase_admin login superuser;
-- The role that people connect as is no superuser.
create role postgres login nosuperuser createrole createdb replication bypassrls;
grant anon, authenticated, service_role to postgres with admin option;

alter database postgres owner to postgres;
alter schema public owner to postgres;
grant usage on schema public to anon, authenticated, service_role;
create schema extensions;
grant all on schema extensions to postgres with grant option;
create extension pgcrypto with schema extensions;
grant usage on schema extensions to anon, authenticated, service_role;
alter role postgres set search_path = "$user", public, extensions;

-- The older default of Supabase, by which everything in `public` is for everybody until it is revoked.
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
