-- The Postgres roles that Supabase has, and one that owns the tables; and the schema of the functions.
create role anon;
create role authenticated;
create role service_role bypassrls;
-- Owns the tables. As postgres on Supabase, it is no superuser.
create role developer bypassrls;
create schema extensions;
grant usage on schema extensions to public;
