-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos_directory" to load this file. \quit

-- When the owner of a database installs the extension, this script runs as the bootstrap superuser. No name below is
-- looked up in a schema in which others may create objects.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Not IF NOT EXISTS: a schema of this name that exists belongs to somebody else.
CREATE SCHEMA workos;
