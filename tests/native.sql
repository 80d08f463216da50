-- The native edition, as Supabase installs extensions.
create extension pg_workos with schema extensions;
