-- workos_lint(): each rule finds what it is for and leaves good policies alone; each remedy works.
-- Run by the superuser, who can make the schema auth of Supabase.
\set ON_ERROR_STOP on
begin;
select no_plan();
select not exists (select from pg_extension where extname = 'pg_workos') as portable \gset

-- What Supabase's own linter looks for in an installation.
select is_empty($$select oid::regprocedure from pg_proc where proname ~ '^_?workos_' and (prosecdef or proleakproof)$$, 'nothing runs with the rights of another');
select is_empty($$select oid::regprocedure from pg_proc where proname ~ '^_?workos_' and pronamespace <> 'extensions'::regnamespace$$, 'nothing stands elsewhere, where it could be an endpoint');
select is_empty($$select oid::regprocedure from pg_proc where proname ~ '^_workos_' and pronamespace = 'extensions'::regnamespace and proconfig is null$$, 'what is not for policies has a fixed search_path');

create schema auth;
create function auth.jwt() returns jsonb language sql stable as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.uid() returns uuid language sql stable as $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
grant usage on schema auth to public;
create schema "Shop";
grant usage on schema "Shop" to public;

-- A table with one policy; what the lint says of it, but for the remedy.
create function pg_temp.says(command text) returns text language plpgsql as $$
declare
	said text;
begin
	drop table if exists "Shop".thing;
	create table "Shop".thing (id int, org_id text, owner_id text, old_id uuid, need text, "Odd ""one" text, at interval);
	create index on "Shop".thing (org_id);
	alter table "Shop".thing enable row level security;
	grant select, insert on "Shop".thing to authenticated;
	execute 'create policy p on "Shop".thing ' || command;
	select string_agg(severity || ': ' || problem, ' & ' order by problem) into said from workos_lint() where object like '%"Shop".thing';
	return said;
end $$;

-- Runs the remedies; what the lint says after that.
create function pg_temp.after_remedies() returns text language plpgsql as $$
declare
	said text;
begin
	for said in select distinct remedy from workos_lint() where object like '%"Shop".thing' loop
		execute said;
	end loop;
	select string_agg(problem || ' > ' || remedy, ' & ') into said from workos_lint() where object like '%"Shop".thing';
	return said;
end $$;

create function pg_temp.finds(command text, want text) returns setof text language plpgsql as $$
begin
	return next matches(pg_temp.says(command), want, command);
	return next is(pg_temp.after_remedies(), null, '... and the remedy mends it');
end $$;
create function pg_temp.likes(command text) returns text language sql as $$
	select is(pg_temp.says(command), null, 'nothing against: ' || command)
$$;

select pg_temp.likes(c) from unnest(array[
	'to authenticated using (org_id = workos_org_id())',
	'to authenticated using (workos_org_id() = org_id)',
	'to authenticated using (workos_is_member(org_id))',
	'to authenticated using (org_id = workos_org_with_permission(''documents:read''))',
	'to authenticated using (org_id = workos_org_id() and owner_id = (select workos_user_id()))',
	'to authenticated using ((select workos_has_permission(''a'')) or (select workos_has_any_permission(''b'', ''c'')))',
	'to authenticated using (org_id = (select workos_org_id()))',
	'to authenticated with check (org_id = (select workos_org_id()))',
	'to authenticated using (owner_id = ''workos_org_id() auth.uid() ('')',
	'as restrictive using ((select not workos_is_impersonated()))']) c;

-- both editions
select pg_temp.finds('to authenticated using (auth.uid() = old_id)', '^problem: auth.uid\(\) raises an error');
select pg_temp.finds('to authenticated using ((select auth.uid()) = old_id)', '^problem: auth.uid\(\) raises');
select pg_temp.finds('to authenticated using (old_id = auth.uid() and id > 0)', '^problem: auth.uid\(\) raises');
select pg_temp.finds('to authenticated using (auth.uid()::text = owner_id)', '^problem: auth.uid\(\) raises');
select pg_temp.finds('to authenticated using (auth.jwt() ->> ''role'' = ''admin'')', '^problem: the claim role in auth.jwt\(\) is the Postgres role');
select pg_temp.finds('to authenticated using ((select auth.jwt()) ->> ''role'' = ''admin'')', '^problem: the claim role');
select pg_temp.finds('to authenticated using (old_id = (workos_user_id())::uuid)', 'problem: a WorkOS id is no uuid');
select pg_temp.finds('to authenticated using (old_id = (select workos_user_id())::uuid)', '^problem: a WorkOS id is no uuid');
select pg_temp.finds('using (org_id = workos_org_id())', '^warning: the policy is for PUBLIC');
select pg_temp.finds('to authenticated using (owner_id = workos_user_id())', '^warning: the column owner_id .* no index');
select pg_temp.finds('to authenticated using (workos_is_member(owner_id))', '^warning: the column owner_id .* no index');
select pg_temp.finds('to authenticated using ("Odd ""one" = workos_user_id())', '^warning: the column "Odd ""one" .* no index');
select pg_temp.likes('to authenticated using (auth.jwt() ->> ''email'' = owner_id)');

create table "Shop".open (id int);
create policy p on "Shop".open to authenticated using (true);
select is(severity || ' ' || problem || ' > ' || remedy, 'problem the table has policies, but row security is off: everybody with a grant sees every row > ALTER TABLE "Shop".open ENABLE ROW LEVEL SECURITY', 'row security is off')
	from (values (1)) v left join workos_lint() on object = 'table "Shop".open';
alter table "Shop".open enable row level security;
select is_empty('select * from workos_lint() where object = ''table "Shop".open''', 'row security is on');

-- what runs per row
\if :portable
select pg_temp.finds(c, '^warning: workos_\w+\(.*\) runs once per row( & warning: workos_\w+\(.*\) runs once per row)?$') from unnest(array[
	'to authenticated using (workos_has_permission(''a''))',
	'to authenticated using (workos_has_any_permission(''a (b'', ''c''))',
	'to authenticated using (not workos_is_impersonated())',
	'to authenticated using (org_id = workos_org_id() or id = 0)',
	'to authenticated using (workos_is_member(org_id) or id = 0)',
	'to authenticated using (org_id = workos_org_id() and owner_id = workos_user_id())',
	'to authenticated using (org_id = coalesce(workos_org_id(), ''x''))',
	'to authenticated using (workos_has_permission(need))',
	'to authenticated using (workos_has_role(need) and not workos_has_entitlement(need))',
	'to authenticated using (exists (select from pg_class c where c.relname = workos_org_id()))',
	'to authenticated using ((select workos_has_permission(''a'') from pg_class limit 1))',
	'to authenticated using (case when workos_is_authenticated() then org_id = workos_org_id() end)',
	'to authenticated with check (org_id = workos_org_id())',
	'for insert to authenticated with check (workos_is_member(org_id))']) c;
select matches(pg_temp.says('to authenticated using (workos_authenticated_within(at))'), 'runs once per row', 'a column as the argument');
\else
select pg_temp.likes(c) from unnest(array['to authenticated using (workos_has_permission(''a''))', 'to authenticated using (org_id = workos_org_id() or id = 0)']) c;
\endif

-- A remedy means the same, and the plan is better.
select is(pg_temp.says('to authenticated using (owner_id = auth.uid()::text or workos_has_permission(need))') is null, false, 'two findings in one policy');
insert into "Shop".thing (id, owner_id, need) values (1, 'user_1', null), (2, 'user_2', 'p'), (3, 'user_2', 'q'), (4, 'user_2', null);
select is(pg_temp.after_remedies(), null, '... are mended by one statement');
select set_config('role', 'authenticated', true), as_claims('{"sid":"session_1","sub":"user_1","permissions":["p"]}');
select is((select array_agg(id order by id) from "Shop".thing), '{1,2}', '... which lets the same rows through');
\if :portable
select unalike(plan_of('select * from "Shop".thing'), '%Filter%workos_%', '... and calls nothing per row');
\endif
reset role;

-- The example application, as it is and mended: every caller sees and may the same.
create function pg_temp.outcomes() returns text language plpgsql as $$
declare
	caller record;
	said text := '';
	part text;
begin
	for caller in select * from demo.caller order by n loop
		perform set_config('role', caller.role, true), as_claims(caller.claims);
		select string_agg(n || ' ' || demo.outcome(command), ', ' order by n) into part from demo.attempt;
		said := said || concat(caller.who, ': ', part, ', ', demo.seen('select string_agg(id::text, '','' order by id) from documents'), '; ');
		perform set_config('role', 'none', true);
	end loop;
	return said;
end $$;
select pg_temp.outcomes() as before \gset
do $$
declare
	statement text;
begin
	for statement in select distinct remedy from workos_lint() loop
		execute statement;
	end loop;
end $$;
select is_empty('select * from workos_lint()', 'the example, mended, is clean');
select matches(:'before'::text, 'Eddy, editor at Acme: 1 yes', 'what each caller may');
select is(pg_temp.outcomes(), :'before'::text, '... and does the same for every caller');
select * from finish();
rollback;
