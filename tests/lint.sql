-- workos_lint(): each rule finds its mistakes and does not report good policies. Each remedy runs, and after it no
-- caller sees or may do more than before.
-- Run by the superuser, who can make the schema auth of Supabase.
\set ON_ERROR_STOP on
begin;
select no_plan();
set local client_min_messages = warning;
select not exists (select from pg_extension where extname = 'pg_workos') as portable \gset

-- What Supabase's own linter looks for in an installation.
select is_empty($$select oid::regprocedure from pg_proc where proname ~ '^_?workos_' and (prosecdef or proleakproof) and oid is distinct from to_regprocedure('extensions._workos_addressed(jsonb, boolean)')$$, 'nothing runs with the rights of another, but for the audiences of the portable edition');
select is_empty($$select oid::regprocedure from pg_proc where proname ~ '^_?workos_' and pronamespace <> 'extensions'::regnamespace$$, 'nothing stands elsewhere, where it could be an endpoint');
select is_empty($$select oid::regprocedure from pg_proc where proname ~ '^_workos_' and pronamespace = 'extensions'::regnamespace and proconfig is null and prosqlbody is null and prolang <> (select oid from pg_language where lanname = 'c')
	and proname <> all ('{_workos_ordinary,_workos_quick,_workos_kind,_workos_application,_workos_string,_workos_delegation,_workos_with,_workos_list,_workos_role,_workos_instant}')$$, 'what policies do not call for each row has a fixed search_path, or a body in standard SQL');

-- The example application, as it is and mended: every caller sees and may the same.
create function pg_temp.example() returns text language plpgsql as $$
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
select pg_temp.example() as before \gset
do $$
declare
	statement text;
begin
	for statement in select distinct l.remedy from workos_lint() l where l.remedy is not null loop
		execute statement;
	end loop;
end $$;
select is_empty($$select * from workos_lint() where object !~ ' (demo|tap)\.' and rule <> 'summary'$$, 'after the remedies the example has no findings');
select matches(:'before'::text, 'Eddy, editor at Acme: 1 yes', 'the results of the callers were recorded');
select is(pg_temp.example(), :'before'::text, '... and every caller gets the same results');
-- It is not needed any more, and reading it takes time.
drop table organizations, projects, documents, comments cascade;
drop schema demo cascade;

create schema auth;
create function auth.role() returns text language sql stable as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' $$;
create function auth.jwt() returns jsonb language sql stable as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.uid() returns uuid language sql stable as $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
grant usage on schema auth to public;
create schema "Shop";
grant usage on schema "Shop" to public;
create table "Shop".thing ();

-- The callers, each with a role and claims.
create table "Shop".comer (who text primary key, role text, claims text);
insert into "Shop".comer values
	('a caller without claims', 'anon', null),
	('an anonymous request', 'anon', '{"role":"anon"}'),
	('a user whose request is treated as anon', 'anon', token('{"sub":"user_1","org_id":"org_1","role":"anon"}')),
	('a connection without claims', 'authenticated', null),
	('a user of Supabase Auth', 'authenticated', '{"sub":"8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11","role":"authenticated"}'),
	('a user', 'authenticated', token('{"sub":"user_1","org_id":"org_1","user_role":"editor","permissions":["p","a"]}')),
	('a user elsewhere', 'authenticated', token('{"sub":"user_2","org_id":"org_2","user_role":"app_admin","permissions":[]}')),
	('a user whose role in WorkOS is called service_role', 'authenticated', token('{"sub":"user_2","user_role":"service_role","roles":["service_role"],"role":"authenticated"}')),
	('a user whose role in WorkOS stands in role', 'authenticated', token('{"sub":"user_3","role":"app_admin","user_role":"app_admin"}')),
	('a user whose token has expired', 'authenticated', token('{"sub":"user_1","org_id":"org_1","exp":1}')),
	('a user whose claims are broken', 'authenticated', '{');

-- The rows that each caller sees, and the commands that each may run, as {"caller, command": rows or SQLSTATE}.
create function pg_temp.outcomes() returns jsonb language plpgsql as $$
declare
	comer record;
	seen jsonb := '{}';
	said text;
begin
	for comer in select * from "Shop".comer loop
		perform as_claims(comer.claims), set_config('role', comer.role, true);
		begin
			select coalesce(string_agg(id::text, ',' order by id), '') into said from "Shop".thing;
		exception when others then
			said := sqlstate;
		end;
		seen := seen || jsonb_build_object(comer.who || ', reading', said);
		begin
			insert into "Shop".thing (id, org_id, owner_id, need) values (9, 'org_1', 'user_1', 'p');
			raise exception using errcode = 'YES00';
		exception when others then
			seen := seen || jsonb_build_object(comer.who || ', adding', sqlstate);
		end;
		perform set_config('role', 'none', true);
	end loop;
	perform as_claims('');
	return seen;
end $$;

-- The findings about the table. Rules about which rows a policy shows are tested by lint/policies.sql.
create function pg_temp.findings() returns table (rule text, severity text, object text, problem text, remedy text) language sql as $$
	select l.* from workos_lint() l where l.object like '%"Shop".thing' and l.rule not in ('not_tied', 'author_alone', 'restrictive_alone')
$$;

-- Creates a table with one policy, and returns the findings of workos_lint(), without the remedies.
create function pg_temp.says(command text) returns text language plpgsql as $$
declare
	said text;
begin
	drop table "Shop".thing;
	create table "Shop".thing (id int, org_id text, owner_id text, old_id uuid, need text, "Odd ""one" text, at interval, tags text[],
		"(" text, "(id" uuid, "( ... ) :: uuid" text, "( ... ->> 'role' :: text )" text, "( ... ->> 'role' :: text ) = 'anon' :: text )" text, "auth.uid()" text, "a|b' \ ->> 'role'" text, short varchar(40), binary_order text collate "C");
	create index on "Shop".thing (org_id);
	alter table "Shop".thing enable row level security;
	grant select, insert on "Shop".thing to anon, authenticated;
	insert into "Shop".thing (id, org_id, owner_id, old_id, need, tags) values
		(0, 'org_1', 'user_2', null, 'a', '{a}'), (1, 'org_1', 'user_1', '8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11', 'p', '{p,x}'),
		(2, 'org_2', 'user_2', null, 'q', '{}'), (3, null, null, null, null, null);
	execute 'create policy p on "Shop".thing ' || command;
	select string_agg(severity || ': ' || problem, ' & ' order by problem) into said from pg_temp.findings();
	return said;
end $$;

-- Runs the remedies. Returns NULL, or which caller then gets another result. TO authenticated and ENABLE ROW LEVEL
-- SECURITY may hide rows, but they must not show more rows or hide an error.
create function pg_temp.harm() returns text language plpgsql as $$
declare
	statement text;
	before jsonb;
	said text;
begin
	for statement in select distinct l.remedy from workos_lint() l where l.object like '%"Shop".thing' and l.remedy is not null loop
		before := pg_temp.outcomes();
		execute statement;
		select concat(said, string_agg(format('%s: %s became %s; ', b.key, b.value, a.value), '')) into said
			from jsonb_each_text(before) b join jsonb_each_text(pg_temp.outcomes()) a using (key)
			where a.value <> b.value and not (statement ~ ' (TO authenticated|ENABLE ROW LEVEL SECURITY);$' and case
				when b.key like '%, adding' then b.value = 'YES00' and a.value = '42501'
				else b.value !~ '^[0-9A-Z]{5}$' and string_to_array(a.value, ',') <@ string_to_array(b.value, ',') end);
	end loop;
	return nullif(said, '');
end $$;

-- Asserts that workos_lint() finds a mistake, that each remedy is harmless, and that it removes the finding.
create function pg_temp.mends(command text, want text) returns setof text language plpgsql as $$
begin
	return next matches(pg_temp.says(command), want, command);
	return next is(pg_temp.harm(), null, '... and the remedy is harmless');
	return next is_empty($q$select * from pg_temp.findings()$q$, '... and the remedy removes the finding');
end $$;
-- Asserts that workos_lint() finds a mistake and prints no statement, because the change needs a decision.
create function pg_temp.explains(command text, want text) returns setof text language plpgsql as $$
begin
	return next matches(pg_temp.says(command), want, command);
	return next is_empty($q$select remedy from workos_lint() where object like '%"Shop".thing' and remedy is not null$q$, '... and prints no statement');
end $$;
create function pg_temp.likes(command text) returns text language sql as $$
	select is(pg_temp.says(command), null, 'no findings for: ' || command)
$$;

-- The test can fail: earlier remedies that were harmful are detected.
create function pg_temp.changes(command text, statement text) returns text language plpgsql as $$
declare
	before jsonb;
	said text;
begin
	perform pg_temp.says(command);
	before := pg_temp.outcomes();
	execute statement;
	select string_agg(format('%s: %s became %s', b.key, b.value, a.value), '; ' order by b.key) into said
		from jsonb_each_text(before) b join jsonb_each_text(pg_temp.outcomes()) a using (key) where a.value <> b.value;
	return said;
end $$;
select matches(pg_temp.changes(format('to anon, authenticated using (%s)', condition), format('alter policy p on "Shop".thing using (%s)', replace(condition, 'auth.jwt() ->> ''role''', 'workos_user_role()'))), said, 'the WorkOS role instead of the Postgres role: ' || condition)
	from (values
		('(auth.jwt() ->> ''role'') is distinct from ''anon''', 'an anonymous request, reading:  became 0,1,2,3'),
		('coalesce(auth.jwt() ->> ''role'', ''none'') <> ''anon''', 'an anonymous request, reading:  became 0,1,2,3'),
		('(auth.jwt() ->> ''role'' = ''anon'') is not true', 'an anonymous request, reading:  became 0,1,2,3'),
		('(auth.jwt() ->> ''role'') in (''service_role'', ''app_admin'')', 'a user elsewhere, reading:  became 0,1,2,3'),
		('auth.jwt() ->> ''role'' = ''authenticated''', 'a user, reading: 0,1,2,3 became ')) t(condition, said);

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

-- both editions: findings that need a decision have no statement
select pg_temp.explains(c, '^problem: auth.uid\(\) raises an error for every WorkOS id') from unnest(array[
	'to authenticated using (auth.uid() = old_id)',
	'to authenticated using ((select auth.uid()) = old_id)',
	'to authenticated using (old_id = auth.uid() and id > 0)',
	'to authenticated using ("(id" = auth.uid())',
	'to authenticated using (auth.uid()::text = owner_id)',
	'to authenticated using ("(" = owner_id and auth.uid()::text = "auth.uid()")',
	'for insert to authenticated with check (auth.uid()::text = owner_id)',
	'to authenticated using (auth.uid()::text = owner_id or workos_has_permission(''a''))']) c;
select pg_temp.explains('using (auth.uid()::text = owner_id)', '^problem: auth.uid\(\) raises.*& warning: the policy is for PUBLIC, .*name their role with TO$');
select pg_temp.explains(format('to authenticated using (%s)', condition), '^problem: the claim role is the Postgres role') from unnest(array[
	'auth.jwt() ->> ''role'' = ''admin''',
	'(select auth.jwt()) ->> ''role'' = ''admin''',
	'''admin'' = auth.jwt() ->> ''role''',
	'auth.jwt() ->> ''role'' = owner_id',
	'auth.jwt() ->> ''role'' = ''authenticated'' or auth.jwt() ->> ''role'' = ''admin''',
	'auth.jwt() ->> ''role'' <> ''anonymous''',
	'auth.jwt() ->> ''role'' > ''anon''',
	'auth.jwt() ->> ''role'' = "( ... ->> ''role'' :: text ) = ''anon'' :: text )"',
	'coalesce(auth.jwt() ->> ''role'', ''none'') <> ''admin''',
	'auth.jwt() ->> ''role'' in (''service_role'', ''app_admin'')',
	'(select auth.jwt() ->> ''role'') = ''app_admin''']) condition;
select pg_temp.explains(format('to authenticated using (%s)', condition), 'problem: the cast of workos_user_id\(\) to uuid raises an error') from unnest(array[
	'old_id = (workos_user_id())::uuid',
	'old_id = (select workos_user_id())::uuid']) condition;

-- These comparisons mean the Postgres role.
select pg_temp.likes(format('to anon, authenticated using (%s)', condition)) from unnest(array[
	'(auth.jwt() ->> ''role'') is distinct from ''anon''',
	'(auth.jwt() ->> ''role'') is not distinct from ''service_role''',
	'((select auth.jwt()) ->> ''role'') is distinct from ''anon''',
	'(auth.jwt() ->> ''role'' = ''anon'') is not true',
	'coalesce(auth.jwt() ->> ''role'', ''none'') <> ''anon''',
	'(select auth.jwt() ->> ''role'') = ''anon''',
	'auth.jwt() ->> ''role'' in (''anon'', ''authenticated'')',
	'auth.jwt() ->> ''role'' = ''authenticated''',
	'''authenticated'' = auth.jwt() ->> ''role''',
	'''anon'' <> auth.jwt() ->> ''role'' and auth.jwt() ->> ''role'' = ''authenticated''',
	'auth.jwt() ->> ''email'' = owner_id']) condition;

-- Names and literals that look like code
select pg_temp.likes(format('to authenticated using (%s)', condition)) from unnest(array[
	'"auth.uid()" = ''auth.uid()'' and "(" = '') or workos_has_role(need) (''',
	'"(" = (select workos_user_id())',
	'org_id = workos_org_id() and need <> ''( ... ) :: uuid''',
	'"( ... ->> ''role'' :: text )" = (auth.jwt() ->> ''email'')',
	'"( ... ) :: uuid" = (select workos_user_id())',
	$$"a|b' \ ->> 'role'" = 'it''s (auth.jwt() ->> ''role''::text) = 1'$$,
	$$org_id = workos_org_id() and "auth.uid()" = E'\\(''auth.uid()'$$]) condition;

-- Findings whose remedy only makes a policy faster, or stricter
select pg_temp.mends(format('to authenticated using (%s)', condition), format('^warning: the column %s is compared with a claim, and no index begins with it$', name)) from (values
	('owner_id = workos_user_id()', 'owner_id'),
	('workos_is_member(owner_id)', 'owner_id'),
	('short = workos_user_id()', 'short'),
	('workos_user_id() = short', 'short'),
	('workos_is_member(short)', 'short'),
	('binary_order = workos_user_id() and (id > 0 and old_id is null)', 'binary_order'),
	('"Odd ""one" = workos_user_id()', '"Odd ""one"'),
	('"(" = workos_user_id()', '"\("')) t(condition, name);
select pg_temp.mends('using (org_id = workos_org_id())', '^warning: the policy is for PUBLIC');
select pg_temp.mends('using (workos_is_authenticated() and org_id = workos_org_id())', 'the policy is for PUBLIC');
-- Rows that everybody sees can be meant for visitors.
select matches(pg_temp.says('for select using (true)'), 'the policy is for PUBLIC.* If it is meant for visitors, too, name both roles', 'public rows');
select is(remedy, null, '... without a statement that hides them from visitors') from (values (1)) v left join workos_lint() on object = 'policy p on "Shop".thing' and rule = 'for_public';

create table "Shop".open (id int);
create policy p on "Shop".open to authenticated using (true);
select is(severity || ' ' || problem || ' > ' || remedy, 'problem the table has policies, but row security is off: every role with a privilege on the table sees every row > ALTER TABLE "Shop".open ENABLE ROW LEVEL SECURITY;', 'a table with policies whose row security is off is found')
	from (values (1)) v left join workos_lint() on object = 'table "Shop".open';
alter table "Shop".open enable row level security;
select is_empty('select * from workos_lint() where object = ''table "Shop".open''', 'a table whose row security is on is not found');

-- Hiding rows can show others elsewhere. If something else reads the table, there is no statement.
do $$ begin perform pg_temp.says('using (org_id = workos_org_id())'); end $$;
create table "Shop".list (id int);
alter table "Shop".list enable row level security;
create policy p on "Shop".list to anon, authenticated using (not exists (select from "Shop".thing t where t.id = list.id));
select is(concat(problem, remedy), 'the policy is for PUBLIC, so it also applies to requests of users who are not signed in. If it is meant for signed-in users only, name their role with TO', 'no statement if a policy of another table reads the table') from (values (1)) v left join workos_lint() on object = 'policy p on "Shop".thing' and rule = 'for_public';
alter policy p on "Shop".thing using (true);
alter table "Shop".thing disable row level security;
select matches(concat(problem, remedy), 'row security is off.* First check what they return .* then enable row security$', '... also not to enable row security') from (values (1)) v left join workos_lint() on object = 'table "Shop".thing';
drop table "Shop".list;
create view "Shop".seen as select * from "Shop".thing;
select matches(concat(problem, remedy), 'row security is off.* then enable row security$', 'no statement if a view reads the table') from (values (1)) v left join workos_lint() on object = 'table "Shop".thing';
drop view "Shop".seen;
select is(remedy, 'ALTER TABLE "Shop".thing ENABLE ROW LEVEL SECURITY;', 'a statement if nothing else reads the table') from (values (1)) v left join workos_lint() on object = 'table "Shop".thing';
select is(pg_temp.harm(), null, '... which does not show more rows to anybody');

-- An argument that depends on the row. The type or the collation of a column could change the meaning.
select pg_temp.explains(c, '^warning: workos_\w+\(.*\) has an argument that depends on the row, .*(If the argument is a column|Decide whether)') from unnest(array[
	'to authenticated using (workos_has_permission(need))',
	'to authenticated using (workos_has_permission(short))',
	'to authenticated using (workos_has_role(need) and not workos_has_entitlement(need))',
	'to authenticated using (workos_has_any_permission(variadic tags))',
	'to authenticated using (workos_authenticated_within(at))',
	'to authenticated using (workos_is_member(binary_order))',
	'to authenticated using (workos_is_member(org_id) or id = 0)',
	'to authenticated using (workos_is_member(org_id) is true)',
	'to authenticated using (workos_has_permission(''a'' collate "C"))',
	'to authenticated using (workos_has_permission(current_setting(''request.path'', true)))',
	'to authenticated using (workos_is_member((select c.who from "Shop".comer c limit 1)))']) c;
-- The check of a new row runs once for that row.
select pg_temp.likes(c) from unnest(array[
	'to authenticated with check (org_id = workos_org_id())',
	'for insert to authenticated with check (workos_is_member(org_id))',
	'for insert to authenticated with check (workos_has_permission(need))',
	'for update to authenticated using (org_id = workos_org_id()) with check (workos_is_member(org_id) and workos_has_permission(''a''))']) c;

-- calls that run once per row
\if :portable
select pg_temp.mends(c, '^warning: workos_\w+\(.*\) runs once per row( & warning: workos_\w+\(.*\) runs once per row)?$') from unnest(array[
	'to authenticated using (workos_has_permission(''a''))',
	'to authenticated using (workos_has_any_permission(''a (b'', ''c''))',
	'to authenticated using (not workos_is_impersonated())',
	'to authenticated using (org_id = workos_org_id() or id = 0)',
	'to authenticated using (workos_is_member(''org_1'') or id = 0)',
	'to authenticated using (org_id = workos_org_id() and owner_id = workos_user_id())',
	'to authenticated using (org_id = coalesce(workos_org_id(), ''x''))',
	'to authenticated using (exists (select from pg_class c where c.relname = workos_org_id()))',
	'to authenticated using ((select workos_has_permission(''a'') from pg_class limit 1))',
	'to authenticated using (case when workos_is_authenticated() then org_id = workos_org_id() end)',
	'to authenticated using (workos_has_any_permission(variadic array[''a'', ''b'']))',
	'to authenticated using (workos_has_any_permission(variadic ''{a,b}''))',
	'to authenticated using (workos_has_role(workos_user_role()))',
	'to authenticated using (workos_has_any_role(variadic workos_user_roles()))',
	'to authenticated using (need = any (workos_permissions()))',
	'to authenticated using (need <> all (workos_permissions()))',
	'to authenticated using (need = any (array[workos_org_id(), ''p'']))',
	'to authenticated using ((workos_permissions())[1] = need)',
	'to authenticated using (workos_claims() ->> ''a'' = owner_id)',
	'to authenticated using (workos_authenticated_within(''1 day -02:03:04.5''))',
	'to authenticated using ((select workos_has_permission(''a'') and thing.need = ''p''))',
	'to authenticated using (exists (select workos_org_id() from pg_class group by workos_org_id() having count(*) > 0 order by workos_org_id()))',
	'to authenticated using ((owner_id = workos_user_id()) is null)',
	'to authenticated using (id > 0.1 and workos_has_permission(''it''''s "a" (b'') is not null)',
	$$to authenticated using ("(" is null and "a|b' \ ->> 'role'" is null and workos_has_permission('a'))$$]) c;
select pg_temp.likes(format('to authenticated using (%s)', condition)) from unnest(array[
	'need = any ((select workos_permissions())::text[])',
	'(select workos_has_role(workos_user_role()))',
	'(select workos_org_id() is distinct from ''x'')',
	'exists (select from workos_claim(''a'') c(a) where a = owner_id)',
	'exists (select from workos_claim(''a'') with ordinality c(a, n) where a = owner_id)',
	'exists (select from rows from (workos_claim(''a''), workos_claim(''b'')) c(a, b) where a = owner_id)']) condition;
-- The expression that the finding suggests has the same meaning.
select is(pg_temp.changes(format('to authenticated using (%s)', condition), format('alter policy p on "Shop".thing using (%s)', advice)), null, 'the suggested expression has the same meaning: ' || advice) from (values
	('workos_is_member(org_id) or id = 0', 'org_id = (select workos_org_id()) or id = 0'),
	('not workos_has_permission(need)', 'not coalesce(need = any ((select workos_permissions())::text[]), false)'),
	('workos_has_role(need)', 'coalesce(need = any ((select workos_user_roles())::text[]), false)')) t(condition, advice);

-- The remedy improves the plan and changes nothing else, whatever the format of constants in the session is.
do $$ begin perform pg_temp.says('to authenticated using (workos_has_permission(''a'') and id > 0.1::float8 / 3 and current_date > ''2024-02-01'' and at is distinct from ''1 day -2:3:4'')'); end $$;
create function pg_temp.tree() returns text language sql as $$ select regexp_replace(pg_get_expr(polqual, polrelid), '\( SELECT (workos_\w+\(''a''::text\)) AS \w+\)', '\1') from pg_policy where polrelid = '"Shop".thing'::regclass $$;
select pg_temp.tree() as before \gset
set local extra_float_digits = -10;
set local datestyle = 'SQL, DMY';
set local intervalstyle = 'sql_standard';
set local quote_all_identifiers = on;
select remedy as mend from workos_lint() where object like '%"Shop".thing' \gset
set local datestyle = 'ISO, MDY';
:mend
reset extra_float_digits;
reset datestyle;
reset intervalstyle;
reset quote_all_identifiers;
select is(pg_temp.tree(), :'before'::text, 'the policy is unchanged, except for the sub-select');
select set_config('role', 'authenticated', true), as_claims('{"sid":"session_1","sub":"user_1","permissions":["p"]}');
select unalike(plan_of('select * from "Shop".thing'), '%Filter%workos_%', '... and calls no helper per row');
reset role;
\else
select pg_temp.likes(c) from unnest(array['to authenticated using (workos_has_permission(''a''))', 'to authenticated using (org_id = workos_org_id() or id = 0)']) c;
\endif


-- A policy that is too long is reported. Thousands of policies are all checked.
do $$ begin perform pg_temp.says(format('to authenticated using (%s)', (select string_agg(format('workos_has_permission(%L)', 'p' || g), ' or ') from generate_series(1, 4000) g))); end $$;
select results_eq('select severity, problem, remedy from workos_lint() where object like ''%"Shop".thing''',
	$$values ('warning', 'an expression of the policy is too long, so workos_lint() did not check it: its stored form has more than 200000 characters', null)$$, 'a policy with 4,000 calls is reported as too long');
do $$
begin
	for t in 1 .. 20 loop
		execute format('create table "Shop".many_%s (org_id text)', t);
		for p in 1 .. 100 loop
			execute format('create policy p%s on "Shop".many_%s to authenticated using (auth.uid() is not null and workos_has_permission(%1$L))', p, t);
		end loop;
	end loop;
end $$;
select is(count(*), 2000::bigint, 'thousands of policies are checked') from workos_lint() where object like 'policy p% on "Shop".many_%' and problem like 'auth.uid() raises%';
create temp table comer as select * from "Shop".comer;
drop schema "Shop" cascade;

-- Run by a role that has no privilege on other schemas.
do $$
declare
	f regprocedure;
begin
	for f in select p.oid from pg_proc p where p.proname ~ '^_?workos_' loop
		execute format('grant execute on function %s to app_owner', f);
	end loop;
end $$;
create table public.uuids (id uuid);
alter table public.uuids enable row level security;
create policy p on public.uuids to authenticated using (id = auth.uid());
revoke usage on schema auth, public from public;
set local role app_owner;
select throws_ok('select auth.uid()', '42501', null, 'the role may not use the schema auth');
select matches(problem, '^auth.uid\(\) raises', '... but workos_lint() finds calls of its functions') from (values (1)) v left join workos_lint() on object = 'policy p on public.uuids';
reset role;
grant usage on schema auth, public to public;
drop table public.uuids;

-- Postgres checks a literal of a domain when it reads a statement: who ran a remedy with one would run the check of
-- whoever owns the domain.
create schema trap;
create domain trap.org as int check (value > 0);
create table trap.trapped (org_id text);
alter table trap.trapped enable row level security;
create policy literal on trap.trapped to authenticated using (workos_has_permission('p') and '{1}'::trap.org[] is not null);
select is_empty($$select remedy from workos_lint() where object = 'policy literal on trap.trapped' and remedy is not null$$, 'no statement for a policy with a literal of a domain');
select is(exists (select from workos_lint() where object = 'policy literal on trap.trapped' and problem like '%runs once per row%'), :'portable', '... though there is something to say in the portable edition');
create table trap.spelled (org_id text);
alter table trap.spelled enable row level security;
create policy spelled on trap.spelled to authenticated using (workos_has_permission('p') and org_id <> 'a\b');
select is_empty($$select remedy from workos_lint() where object = 'policy spelled on trap.spelled' and remedy is not null$$, 'no statement for a policy with a backslash in a literal, which a session can read in two ways');
drop schema trap cascade;

-- Policies as people write them
create schema "Shop";
grant usage on schema "Shop" to public;
create table "Shop".comer as select * from pg_temp.comer;
create table "Shop".thing ();
\ir lint/policies.sql
create function pg_temp.make(policy text) returns void language plpgsql as $$
begin
	drop table "Shop".thing cascade;
	create table "Shop".thing (id int, org_id text, owner_id text, need text, old_id uuid, team_id uuid, tags text[], is_public boolean, status text, email text, published_at timestamptz, deleted_at timestamptz, "auth.uid()" text);
	create index on "Shop".thing (org_id);
	create index on "Shop".thing (owner_id);
	alter table "Shop".thing enable row level security;
	grant select, insert on "Shop".thing to anon, authenticated;
	insert into "Shop".thing (id, org_id, owner_id, team_id, need, tags, is_public) values
		(0, 'org_1', 'user_2', null, 'a', '{a}', true), (1, 'org_1', 'user_1', '8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11', 'p', '{p,x}', false), (2, 'org_2', 'user_2', null, 'q', '{}', false), (3, null, null, null, null, null, true);
	execute 'create policy p on "Shop".thing ' || policy;
end $$;
-- What is found, and what a remedy changes for a caller
create function pg_temp.results(out n int, out policy text, out rules text, out harm text) returns setof record language plpgsql as $$
declare
	mends boolean;
begin
	for n, policy in select e.n, e.policy from "Shop".example e order by e.n loop
		perform pg_temp.make(policy);
		select coalesce(string_agg(distinct l.rule, ' ' order by l.rule), ''), bool_or(l.remedy is not null) into rules, mends from workos_lint() l where l.object like '%"Shop".thing';
		harm := case when mends then pg_temp.harm() end;
		return next;
	end loop;
end $$;
create temp table results as select * from pg_temp.results();
select is(r.rules, array_to_string(array(select w from unnest(string_to_array(concat_ws(' ', nullif(e.rules, ''), case when :'portable' then nullif(e.portable, '') end), ' ')) w order by w), ' '), e.policy)
	from "Shop".example e join results r using (n) order by n;
select is_empty('select policy, harm from results where harm is not null', 'no remedy shows a caller more, or hides an error');
select cmp_ok(count(*), '>=', 120::bigint, 'there are enough policies') from "Shop".example;
-- What is said of new rows that a sub-select ties to the user: not that they are tied to their author.
create function pg_temp.problem_of(command text) returns text language plpgsql as $$
begin
	perform pg_temp.make(command);
	return (select l.problem from workos_lint() l where l.object like '%"Shop".thing' and l.rule = 'author_alone');
end $$;
select matches(pg_temp.problem_of('for insert to authenticated with check (exists (select from "Shop".team_member t where t.team_id = thing.team_id and t.role = (select workos_user_id())))'), '^new rows are tied to the user through a sub-select, and nothing compares the organization in org_id');
select matches(pg_temp.problem_of('for insert to authenticated with check (owner_id = workos_user_id())'), '^new rows are tied to their author alone');
drop schema "Shop" cascade;

-- Tables, defaults, views and functions, and policies of several tables
create schema "Shop";
grant usage on schema "Shop" to authenticated;
create function pg_temp.said(object text) returns text language sql as $$
	select string_agg(rule, ' ' order by rule) from workos_lint() l where l.object = $1 or l.object like '% on ' || $1
$$;
create table "Shop".plain (id int);
select is(pg_temp.said('table "Shop".plain'), null, 'a table that nobody may use');
grant insert on "Shop".plain to authenticated;
select is(pg_temp.said('table "Shop".plain'), 'table_exposed', 'row security off, and a privilege');
alter table "Shop".plain enable row level security;
select is(pg_temp.said('table "Shop".plain'), 'no_policy', 'no policy');
revoke insert on "Shop".plain from authenticated;
grant all on "Shop".plain to service_role;
select is(pg_temp.said('table "Shop".plain'), null, 'no policy, and only the service may use it');
create schema hidden;
create table hidden.plain (id int);
grant select on hidden.plain to authenticated;
select is(pg_temp.said('table hidden.plain'), null, 'a schema that authenticated may not use');
create table hidden.job (id int, org_id text);
grant usage on schema hidden to authenticated;
grant select on hidden.job to authenticated;
create policy p on hidden.job to authenticated using (auth.uid() is not null);
select is(pg_temp.said('table hidden.job'), 'row_security_off', 'row security off, with a policy');
select is(pg_temp.said('hidden.job'), 'auth_uid not_tied', '... and the policy');
alter extension pgtap add table hidden.job;
select is(concat(pg_temp.said('table hidden.job'), pg_temp.said('hidden.job')), '', 'what belongs to an extension is left alone');

create table "Shop".doc (id int, org_id text default workos_org_id(), owner_id uuid default auth.uid(), team uuid default ((auth.jwt() ->> 'org_id')::uuid), by_claim text default (auth.jwt() ->> 'sub'), fine text default workos_user_id());
create index on "Shop".doc (org_id);
alter table "Shop".doc enable row level security;
grant select, insert, update on "Shop".doc to authenticated;
create policy p on "Shop".doc to authenticated using (org_id = workos_org_id());
select is((select string_agg(l.rule || ' ' || l.object, '; ' order by l.rule, l.object) from workos_lint() l where l.object like 'default of column%'),
	'auth_uid default of column owner_id of "Shop".doc; raw_claim default of column by_claim of "Shop".doc; raw_claim default of column team of "Shop".doc; uuid_cast default of column team of "Shop".doc', 'column defaults');
-- With a restrictive policy that looks at the row, the permissive ones need not.
create policy q on "Shop".doc for select to authenticated using (true);
select is(pg_temp.said('"Shop".doc'), 'not_tied', 'a permissive policy that shows every row');
create policy r on "Shop".doc as restrictive to authenticated using (org_id = workos_org_id());
select is(pg_temp.said('"Shop".doc'), null, '... and a restrictive one that looks at the row');
alter policy r on "Shop".doc using (true);
select is(pg_temp.said('"Shop".doc'), 'not_tied', '... or does not');
alter policy r on "Shop".doc to service_role using (org_id = workos_org_id());
select is(pg_temp.said('"Shop".doc'), 'not_tied', '... or is for another role');
drop policy q on "Shop".doc;
drop policy r on "Shop".doc;
select is(pg_temp.said('"Shop".doc'), null, 'no finding for the policy that is left');

create view "Shop".seen as select * from "Shop".doc;
select is(pg_temp.said('view "Shop".seen'), null, 'a view that nobody may read');
grant select on "Shop".seen to authenticated;
select is(pg_temp.said('view "Shop".seen'), 'view_as_owner', 'a view that authenticated may read');
alter view "Shop".seen set (security_invoker = true);
select is(pg_temp.said('view "Shop".seen'), null, '... with security_invoker');
create view "Shop".mine with (security_invoker = on) as select * from "Shop".doc where owner_id = auth.uid();
select is(pg_temp.said('view "Shop".mine'), 'auth_uid', 'auth.uid() in a view');
create materialized view "Shop".kept as select * from "Shop".doc;
grant select on "Shop".kept to authenticated;
select is(pg_temp.said('materialized view "Shop".kept'), 'view_as_owner', 'a materialized view');

create function "Shop".f1() returns setof "Shop".doc language sql security definer set search_path = '' as $$ select * from "Shop".doc $$;
create function "Shop".f2(org text) returns bigint language plpgsql security definer set search_path = '' as $$ begin return (select count(*) from "Shop".doc d where d.org_id = extensions.workos_org_id()); end $$;
create function "Shop".f3() returns uuid language plpgsql as $$
-- auth.uid() in a comment, and 'auth.uid()' in a string
declare x text := 'auth.uid()';
begin
	return (select auth.jwt() ->> 'org_id')::uuid;
end $$;
create function "Shop".f4() returns uuid language sql return auth.uid();
create function "Shop".f5() returns uuid language sql as 'select cast(workos_user_id() as uuid)';
create function "Shop".f6() returns boolean language plpgsql as $$ begin if (auth.jwt() ->> 'role') = 'admin' then return true; end if; return current_setting('request.jwt.claims')::json ->> 'sub' = 'x'; end $$;
create function "Shop".f7() returns text language sql as $q$ select $$ auth.uid() $$ || /* auth.uid() */ workos_user_id() $q$;
create function "Shop".f8() returns bigint language sql security definer as 'select count(*) from "Shop".doc';
revoke execute on function "Shop".f8() from public;
create function "Shop".f9() returns text language sql as $q$ select current_setting('request.headers')::json ->> 'x' || current_setting('app.tenant') || workos_user_id() $q$;
select is(pg_temp.said('function ' || f), rules, 'function ' || f) from (values
	('"Shop".f1()', 'definer_function'), ('"Shop".f2(text)', null), ('"Shop".f3()', 'raw_claim uuid_cast'), ('"Shop".f4()', 'auth_uid'), ('"Shop".f5()', 'uuid_cast'),
	('"Shop".f6()', 'raw_claim role_clash'), ('"Shop".f7()', null), ('"Shop".f8()', null), ('"Shop".f9()', null)) t(f, rules);

-- Recursion through another table, which Postgres refuses
create table "Shop".team (id text, org_id text);
create table "Shop".member (team_id text, user_id text, org_id text);
alter table "Shop".team enable row level security;
alter table "Shop".member enable row level security;
grant select, insert on "Shop".team, "Shop".member to authenticated;
create policy p on "Shop".team for select to authenticated using (exists (select from "Shop".member m where m.team_id = id and m.user_id = (select workos_user_id())));
select is(pg_temp.said('"Shop".team'), null, 'a policy that reads another table');
create policy p on "Shop".member for select to authenticated using (exists (select from "Shop".team t where t.id = team_id));
select is(concat(pg_temp.said('"Shop".team'), ' ', pg_temp.said('"Shop".member')), 'recursion recursion', '... whose policy reads this one');
set local role authenticated;
select throws_ok('select from "Shop".team', '42P17', null, '... as Postgres says');
reset role;
drop policy p on "Shop".member;
create policy p on "Shop".member for select to authenticated using (user_id = workos_user_id());
create policy a on "Shop".member for insert to authenticated with check (exists (select from "Shop".member m where m.team_id = member.team_id));
select is(pg_temp.said('"Shop".member'), 'no_index', 'a check that reads its own table, whose policies read none');
set local role authenticated;
select throws_ok($$insert into "Shop".member values ('t', 'u')$$, '42501', null, '... which Postgres runs');
reset role;
alter policy p on "Shop".member using (user_id = (select workos_user_id()));
select is(pg_temp.said('"Shop".member'), 'recursion', '... or have a sub-select');
set local role authenticated;
select throws_ok($$insert into "Shop".member values ('t', 'u')$$, '42P17', null, '... which Postgres refuses');
reset role;
select matches(problem, '^\d+ findings; looked at: \d+ policies, \d+ tables, \d+ column defaults, \d+ views and \d+ functions .*Not looked at: ', 'the last row says what was looked at') from workos_lint() where rule = 'summary';
select is((select array_agg(rule) from (select rule from workos_lint() offset (select count(*) - 1 from workos_lint())) l), '{summary}', '... and it is the last');
select is_empty($$select * from workos_lint() where severity not in ('problem', 'warning', 'info') or remedy !~ ';$' or problem is null or object is null$$, 'every row is complete');
alter extension pgtap drop table hidden.job;
drop schema "Shop", hidden cascade;

select * from finish();
rollback;
