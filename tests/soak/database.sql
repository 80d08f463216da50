-- The database of `make soak`: tables of many organizations, a directory, and two roles that applications connect as. `gateway` sets claims, as PostgREST
-- does; `app` signs in with tokens.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;

create schema extensions;
grant usage on schema extensions to public;
create extension pg_workos with schema extensions;
create extension pg_workos_directory;
select format('alter database %I set search_path = public, extensions', current_database()) \gexec
set search_path = public, extensions;

create role anon;
create role authenticated;
create role gateway noinherit login;
create role app noinherit login;
grant anon, authenticated to gateway, app;
alter role app set workos.claims_source = token;

-- Each organization has ten documents. Only who may write adds notes, in the own name.
create table documents (id int primary key, org_id text not null, title text);
insert into documents select g, 'org_' || g % :orgs, 'document ' || g from generate_series(0, :orgs * 10 - 1) g;
create index on documents (org_id);
create table notes (id bigint generated always as identity primary key, org_id text not null, author_id text not null);
alter table documents enable row level security;
alter table notes enable row level security;
create policy "members read" on documents to authenticated using (org_id = workos_org_id());
create policy "an arm without an index" on documents to authenticated using (workos_is_authenticated() and org_id = workos_org_id() and workos_user_id() is not null);
create policy "writers write" on notes to authenticated using (org_id = workos_org_with_permission('documents:write'))
	with check (org_id = workos_org_with_permission('documents:write') and author_id = workos_user_id());
grant select on documents to anon, authenticated;
grant select, insert on notes to authenticated;

-- What every transaction asks: who, and which rows. One statement has one answer.
create view who with (security_invoker = on) as
	select workos_user_id() as user_id, workos_org_id() as org_id, workos_is_authenticated() as is_authenticated, workos_has_permission('documents:write') as writes,
		workos_has_permission('of the token') as stale, d.number, d.first, d.last
	from (select count(*) as number, min(org_id) as first, max(org_id) as last from documents) d;
grant select on who to anon, authenticated;

-- As Supabase Realtime: within one statement, one prepared statement for each of many claims.
create function subscribers(claims text[]) returns text[] language plpgsql as $$
declare
	seen text[] := '{}';
	one text;
	answer text;
begin
	-- A cancelled call leaves it behind.
	if exists (select from pg_prepared_statements where name = 'walrus') then
		deallocate walrus;
	end if;
	prepare walrus as select workos_user_id() || ' ' || count(*) || ' ' || min(org_id) || ' ' || max(org_id) from documents;
	foreach one in array claims loop
		perform set_config('role', 'authenticated', true), set_config('request.jwt.claims', one, true);
		execute 'execute walrus' into answer;
		seen := seen || coalesce(answer, '-');
	end loop;
	deallocate walrus;
	return seen;
end $$;

-- A helper in the middle of which a statement is ended: with many arguments, or claims, or verifications.
create view long_helpers as select count(*) filter (where workos_has_permission('documents:' || g)) as n from generate_series(1, 2000000) g;
create function long_claims(claims text) returns bigint language plpgsql as $$
declare
	n bigint := 0;
begin
	for i in 1 .. 200000 loop
		perform set_config('request.jwt.claims', overlay(claims placing lpad(i::text, 6, '0') from position('000000' in claims) for 6), true);
		n := n + length(coalesce(workos_claim('padding'), ''));
	end loop;
	return n;
end $$;
create function long_verification(token text) returns bigint language sql as $$
	select count(workos_verify(token)) from generate_series(1, 100000)
$$;
grant select on long_helpers to anon, authenticated;
