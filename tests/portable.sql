-- The portable edition, as a migration installs it: by a role that is no superuser. Twice, as it may be.
do $$
begin
	if to_regrole('migrator') is null then
		create role migrator;
	end if;
end $$;
grant create on schema extensions to migrator;
set role migrator;
\ir ../sql/portable/pg_workos.sql
\ir ../sql/portable/pg_workos.sql
reset role;
