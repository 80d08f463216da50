-- Both editions side by side: the portable one in schema extensions, the native one in schema native.
\ir portable.sql
create schema native;
grant usage on schema native to public;
create extension pg_workos with schema native;
