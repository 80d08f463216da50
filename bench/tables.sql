-- The tables, functions and claims that the benchmark uses. psql variables: rows; portable: the
-- portable edition, for the schema portable.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
create schema if not exists extensions;
create schema auth;
create schema bench;
create schema portable;
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
grant usage on schema extensions, auth, bench, portable to authenticated;
\i :portable
create extension pg_workos with schema extensions;
set search_path = bench, extensions;

-- Supabase's function, and a helper as one often sees it
create function auth.jwt() returns jsonb language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$$;
create function bench.my_org() returns text language plpgsql stable as $$
begin
	return current_setting('request.jwt.claims', true)::json ->> 'org_id';
end $$;

-- Without white space, as gateways write it.
create function bench.claims(padding int default 0, permissions text[] default '{documents:read,documents:write,org_7,org_8}') returns text language sql as $$
	select replace(replace(json_build_object('iss', 'https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ',
		'sub', 'user_01HBEQKA6K4QJAS93VPE39W1JT', 'sid', 'session_01HQSXZGF8FHF7A9ZZFCW4387R', 'jti', '01HQSXZXPPFPKMDD32RKTFY6PV',
		'org_id', 'org_7', 'role', 'authenticated', 'user_role', 'editor', 'roles', array['editor'],
		'permissions', permissions, 'iat', 1790000000, 'exp', 4102444800, 'pad', repeat('x', padding))::text, ' : ', ':'), ', ', ',')
$$;

create table plain (id int primary key, org_id text, n int, is_public boolean);
insert into plain select g, 'org_' || g % 100, g, false from generate_series(1, :rows) g;
create table indexed (like plain);
insert into indexed table plain;
alter table indexed add primary key (id);
create index on indexed (org_id);
-- Half of the rows are of one tenant, so the planner reads the whole table in spite of the index.
create table half (like plain);
insert into half select id, case when id % 2 = 0 then 'org_7' else org_id end, n, is_public from plain;
create index on half (org_id);
create table hashed (like plain) partition by hash (org_id);
create table hashed_indexed (like plain) partition by hash (org_id);
create table listed (like plain) partition by list (org_id);
create table ranged (like plain) partition by range (org_id);
do $$ begin
	for i in 0 .. 7 loop
		execute format('create table hashed_%s partition of hashed for values with (modulus 8, remainder %1$s)', i);
		execute format('create table hashed_indexed_%s partition of hashed_indexed for values with (modulus 8, remainder %1$s)', i);
		execute format('create table ranged_%s partition of ranged for values from (%s) to (%s)', i,
			case i when 0 then 'minvalue' else quote_literal('org_' || i) end, case i when 7 then 'maxvalue' else quote_literal('org_' || i + 1) end);
	end loop;
	for i in 0 .. 99 loop
		execute format('create table listed_%s partition of listed for values in (%L)', i, 'org_' || i);
	end loop;
end $$;
insert into hashed table plain;
insert into hashed_indexed table plain;
create index on hashed_indexed (org_id);
insert into listed table plain;
insert into ranged table plain;
create table members (user_id text, org_id text, primary key (user_id, org_id));
insert into members select 'user_' || g, 'org_' || g % 100 from generate_series(1, 1000) g;
insert into members values ('user_01HBEQKA6K4QJAS93VPE39W1JT', 'org_7'), ('user_01HBEQKA6K4QJAS93VPE39W1JT', 'org_8');
-- Rows are written to this one. It has the indexes that such a table usually has.
create table written (id int primary key, org_id text, n int, is_public boolean);
insert into written select g, 'org_7', g, false from generate_series(1, 10000) g;
create index on written (org_id);
create index on written (org_id, n);
create table kinds (like plain);
insert into kinds select id, org_id, n % 100, is_public from plain where id <= 100000;
grant all on all tables in schema bench to authenticated;
do $$
declare t regclass;
begin
	for t in select oid from pg_class where relnamespace = 'bench'::regnamespace and relkind in ('r', 'p') and not relispartition and relname <> 'members' loop
		execute format('alter table %s enable row level security', t);
	end loop;
end $$;
vacuum (analyze, freeze);
