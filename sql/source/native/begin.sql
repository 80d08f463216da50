-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos" to load this file. \quit

-- This script runs as the bootstrap superuser when the owner of a database installs the extension, and the
-- schema that it installs into can belong to anybody. So no name below is found through that schema: a more
-- exact match there would be called with a superuser's rights.
SET LOCAL search_path = pg_catalog, pg_temp;
