-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos_portable" to load this file. \quit

-- No name below is looked up in the target schema, because other roles may be able to create objects there.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL pg_workos.there_before = '{}';
