-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos_directory" to load this file. \quit

-- When the owner of a database installs the extension, this script runs as the bootstrap superuser. No name below is
-- looked up in a schema in which others may create objects.
SET LOCAL search_path = pg_catalog, pg_temp;

-- The owner of the directory decides what workos_org_ids() answers to everybody. A privilege to create schemas, which is
-- enough to install a trusted extension, is not enough for that.
do $$
begin
	if not exists (
		select from pg_extension e, pg_extension w, pg_database d
		where e.extname = 'pg_workos_directory' and w.extname = 'pg_workos' and d.datname = current_database()
			and (pg_has_role(e.extowner, w.extowner, 'member') or pg_has_role(e.extowner, d.datdba, 'member')))
	then
		raise exception using errcode = '42501', message = 'the directory may not belong to this role',
			hint = 'Install it as the owner of the extension pg_workos, as the owner of the database, or as a superuser.';
	end if;
end $$;

-- Not IF NOT EXISTS: a schema of this name that exists belongs to somebody else.
CREATE SCHEMA workos;
