-- plpgsql_check, over every function in PL/pgSQL that the database has of this project. Run by the superuser, on the major
-- version that Debian has the package for.
\set ON_ERROR_STOP on
begin;
select no_plan();
set local client_min_messages = warning;
create extension plpgsql_check with schema tap;

-- The findings that are accepted, and why.
create temp table accepted (function text, finding text, why text);
insert into accepted values
	('_workos_(fits_jsonb|is_json)', 'function pg_input_is_valid.* does not exist', 'the branch is for Postgres 16 and later'),
	('(workos_(org_ids.*|delegated_org_id)|_workos_(reason|decided))', 'schema "workos" does not exist|unused parameter', 'the branch is for databases with a directory, which these functions look for'),
	('_workos_distributed', 'relation "pg_catalog.pg_dist_partition" does not exist', 'the branch is for databases with Citus'),
	('_workos_(checked|reduced)', 'target type is different type than source type', 'the literals and texts become arrays and JSON in the assignment');
create temp table finding as
	select p.proname, c.lineno, c.level, c.message, c.query
	from pg_proc p join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql' join pg_namespace n on n.oid = p.pronamespace
		left join lateral (select t.tgrelid from pg_trigger t where t.tgfoid = p.oid limit 1) t on true,
		lateral tap.plpgsql_check_function_tb(p.oid, relid => coalesce(t.tgrelid, 0), fatal_errors => false, other_warnings => true, extra_warnings => true, performance_warnings => false) c
	where (n.nspname = 'extensions' and p.proname ~ '^_?workos_' or n.nspname = 'workos_test')
		and (p.prorettype <> 'trigger'::regtype or t.tgrelid is not null)
		-- plpgsql_check 2.3 ends the server over this function.
		and p.proname <> 'workos_doctor';
select is_empty($$select f.* from finding f where not exists (select from accepted a where f.proname ~ ('^' || a.function || '$') and f.message ~ a.finding)$$, 'plpgsql_check finds nothing but what is explained');
-- It can find something.
create function pg_temp.faulty() returns int language plpgsql as $$ declare unused int; begin return (select no_such_column from pg_class limit 1); end $$;
select isnt_empty($$select from tap.plpgsql_check_function_tb('pg_temp.faulty()', fatal_errors => false) where level = 'error'$$, '... and it finds a column that does not exist');
select * from finish();
rollback;
