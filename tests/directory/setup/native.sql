-- The native edition with its directory. The role keeper, who is no superuser, owns the database, installs both and owns
-- them.
\ir keeper.sql
grant create on schema extensions to keeper;
select format('alter database %I owner to keeper', current_database()) \gexec
set role keeper;
create extension pg_workos with schema extensions;
create extension pg_workos_directory;
reset role;
\ir helpers.sql
