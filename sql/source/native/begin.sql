-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos" to load this file. \quit

-- When the owner of a database installs the extension, this script runs as the bootstrap superuser. The target
-- schema can belong to any role. So no name below is looked up in that schema: a function there that matches
-- better would be called with the privileges of a superuser.
SET LOCAL search_path = pg_catalog, pg_temp;
