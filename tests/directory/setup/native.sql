-- The native edition with its directory. The role keeper, who is no superuser, owns the database, installs the directory and owns it.
\ir ../../native.sql
\ir keeper.sql
select format('alter database %I owner to keeper', current_database()) \gexec
set role keeper;
create extension pg_workos_directory;
reset role;
\ir helpers.sql
