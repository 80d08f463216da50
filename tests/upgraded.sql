-- The native edition, from the made-up version of tests/servers/upgrade.sh.
create extension pg_workos with schema extensions version '0.0.0-made-up';
alter extension pg_workos update;
