-- The portable edition as an extension of SQL alone, as pg_tle and database.dev have it. By a role that is no
-- superuser, which could create nothing in C and nothing LEAKPROOF.
do $$
begin
	if to_regrole('migrator') is null then
		create role migrator;
	end if;
end $$;
grant create on schema extensions to migrator;
set role migrator;
create extension pg_workos_portable with schema extensions;
reset role;
