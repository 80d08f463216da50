-- The native edition with its directory. The role keeper, who is no superuser, installs the directory and owns it.
\ir ../../native.sql
\ir keeper.sql
set role keeper;
create extension pg_workos_directory;
reset role;
\ir helpers.sql
