-- The tables of bench/compare.sql. psql variable: portable, the portable edition for the schema portable.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
create schema extensions;
create schema portable;
create schema bench;
-- In this order: the portable edition is not installed beside the extension.
\i :portable
create extension pg_workos with schema extensions;
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
grant usage on schema extensions, portable, bench to authenticated;
set search_path = bench, extensions;
-- Without white space, as gateways write it.
create function claims(n int) returns text language sql as $$
	select replace(replace(json_build_object('iss', 'https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ', 'sub', 'user_01HBEQKA6K4QJAS93VPE39W1JT',
		'sid', 'session_01HQSXZGF8FHF7A9ZZFCW4387R', 'org_id', 'org_' || n, 'role', 'authenticated', 'user_role', 'editor',
		'permissions', array['documents:read', 'documents:write'], 'iat', 1790000000, 'exp', 4102444800)::text, ' : ', ':'), ', ', ',')
$$;
-- Microseconds for one of n turns of a statement, the fastest of three series
create function microseconds(statement text, n int) returns numeric language plpgsql as $$
declare
	began timestamptz;
	took numeric;
	least_took numeric;
	r record;
begin
	for series in 0 .. 3 loop
		began := clock_timestamp();
		for i in 1 .. n loop execute statement into r; end loop;
		took := extract(epoch from clock_timestamp() - began) * 1000000 / n;
		if series > 0 then least_took := least(least_took, took); end if;
	end loop;
	return least_took;
end $$;
create table without (id int primary key, org_id text, n int);
insert into without select g, 'org_' || g % 100, g from generate_series(1, 1000) g;
create table indexed (like without including all);
insert into indexed table without;
create index on indexed (org_id);
create policy p on indexed using (org_id = workos_org_id());
create table scanned (like without including all);
insert into scanned table without;
create policy p on scanned using (org_id = workos_org_id() or n < 0);
create table hundred (like without including all);
insert into hundred table without;
do $$ begin
	for i in 1 .. 100 loop execute format('create policy p%s on hundred using (n = %1$s and workos_has_permission(''kind:%1$s''))', i); end loop;
end $$;
alter table indexed enable row level security;
alter table scanned enable row level security;
alter table hundred enable row level security;
grant select on all tables in schema bench to authenticated;
vacuum (analyze, freeze);
