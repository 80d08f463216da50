-- The portable edition with its directory, both run twice by the role keeper, who is no superuser.
\ir keeper.sql
grant create on schema extensions to keeper;
set role keeper;
\ir ../../../sql/portable/pg_workos.sql
\ir ../../../sql/portable/pg_workos_directory.sql
\ir ../../../sql/portable/pg_workos.sql
\ir ../../../sql/portable/pg_workos_directory.sql
reset role;
\ir helpers.sql
