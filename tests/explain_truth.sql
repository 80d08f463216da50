-- workos_explain(): what is said of a policy is true: where it "lets nothing through", no row is seen, whatever the rows are, where it
-- "lets everything through", each is, and where it "raises" an error, the query does. And it is found out: for each
-- expression, what is said to the callers below, in their order: n, e, r, or s where the row decides.
\set ON_ERROR_STOP on
begin;
select no_plan();
set local client_min_messages = warning;
create schema test;
create schema auth;
grant usage on schema test, auth, tap to public;
set local search_path = test, public, extensions, tap;
-- As Supabase has them.
create function auth.uid() returns uuid language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid $$;
create function auth.jwt() returns jsonb language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
create function auth.role() returns text language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'))::text $$;
create table test.caller (n int, claims text);
insert into test.caller values
	(1, ''),
	(2, '{"sid":"session_1","sub":"user_1","role":"authenticated"}'),
	(3, '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","user_role":"admin","permissions":["p","q"],"entitlements":["e"],"auth_time":1}'),
	(4, '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","permissions":[],"act":{"sub":"a@b.c"}}'),
	(5, '{"sub":"client_1","org_id":"org_1","role":"authenticated"}'),
	(6, '{"sub":"8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11","role":"authenticated"}'),
	(7, '{"sub":');
create table test.other (user_id text, org_id text, level text);
insert into test.other values ('user_1', 'org_1', 'a'), ('user_2', 'org_1', null), (null, null, null);
create table test.thing (id int, org_id text, n text, yes boolean, u uuid, tags text[], data jsonb);
insert into test.thing
	select row_number() over (), o, n, y, u::uuid, case y when true then array[n] when false then '{}' end, jsonb_build_object('org_id', o)
	from unnest('{org_1,org_2,null}'::text[]) o, unnest('{p,user_1,admin,null}'::text[]) n, unnest('{true,false,null}'::boolean[]) y, unnest('{8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11,null}'::text[]) u;
alter table test.thing enable row level security;
grant select on test.thing, test.other, test.caller to authenticated;
create table test.expression (n int generated always as identity, expression text, said text);
insert into test.expression (expression, said) values
	('true', 'eeeeeee'), ('false', 'nnnnnnn'), ('null', 'nnnnnnn'), ('yes', 'sssssss'), ('not yes', 'sssssss'), ('(true)', 'eeeeeee'), ('null::boolean', 'nnnnnnn'),
	('org_id = workos_org_id()', 'nnssnnr'), ('workos_org_id() = org_id', 'nnssnnr'), ('org_id = (select workos_org_id())', 'nnssnnr'), ('org_id <> workos_org_id()', 'nnssnnr'),
	('org_id in (select workos_org_id())', 'nnssnnr'), ('org_id not in (select workos_org_id())', 'nnssnnr'), ('org_id is not distinct from workos_org_id()', 'ssssssr'),
	('org_id = coalesce(workos_org_id(), workos_application_org_id())', 'nnsssnr'), ('coalesce(org_id = workos_org_id(), false)', 'nnssnnr'), ('coalesce(org_id = workos_org_id(), true)', 'eesseer'),
	('workos_is_member(org_id)', 'nnssnnr'), ('(select workos_is_member(''org_1''))', 'nneennr'), ('not workos_is_member(org_id)', 'nnssnnr'),
	('org_id = workos_org_with_permission(''p'')', 'nnsnnnr'), ('org_id = workos_org_with_permission(n)', 'nnsnnnr'), ('org_id = workos_org_with_role(''admin'')', 'nnsnnnr'),
	('workos_has_permission(''p'')', 'nnennnr'), ('workos_has_permission(''x'')', 'nnnnnnr'), ('workos_has_permission(n)', 'nnsnnnr'), ('not workos_has_permission(n)', 'eeseeer'),
	('workos_has_any_permission(''x'', ''p'')', 'nnennnr'), ('workos_has_all_permissions(''q'', ''p'')', 'nnennnr'), ('workos_has_any_permission(variadic tags)', 'nnsnnnr'),
	('workos_has_any_permission(variadic ''{x,q}'')', 'nnennnr'), ('workos_has_any_permission(variadic array[''x'', ''q''])', 'nnennnr'), ('workos_has_permission(permission => ''p'')', 'nnennnr'),
	('workos_has_any_role(''admin'', n)', 'nnsnnnr'), ('workos_has_role(''admin'') and org_id = workos_org_id()', 'nnsnnnr'), ('workos_has_role(''admin'') or org_id = workos_org_id()', 'nnesnnr'),
	('workos_has_entitlement(''e'') and yes', 'nnsnnnr'), ('workos_has_feature_flag(n)', 'nnnnnnr'), ('workos_authenticated_within(''10 minutes'')', 'nnnnnnr'), ('workos_authenticated_within(interval ''100 years'')', 'nnennnr'),
	('not workos_is_impersonated()', 'eeeneer'), ('(select not workos_is_impersonated())', 'eeeneer'), ('workos_is_impersonated() is not true', 'eeeneer'), ('workos_is_authenticated() is false', 'ennneer'),
	('''p'' = any (workos_permissions())', 'nnennnr'), ('n = any (workos_permissions())', 'nnsnnnr'), ('n = any ((select workos_permissions())::text[])', 'nnsnnnr'), ('n <> all (workos_permissions())', 'nesennr'),
	('workos_permissions() && array[''p'', ''x'']', 'nnennnr'), ('workos_permissions() @> ''{p,q}''', 'nnennnr'), ('tags && workos_permissions()', 'nsssnnr'), ('workos_permissions() && tags', 'nsssnnr'),
	('workos_token_kind() = ''session''', 'neeennr'), ('workos_token_kind() in (''session'', ''application'')', 'neeeenr'), ('workos_user_role() = ''admin''', 'nnennnr'), ('workos_user_role() <> ''admin''', 'nnnnnnr'),
	('workos_user_role() is null', 'eeneeer'), ('workos_user_role() is not null and yes', 'nnsnnnr'), ('workos_user_role() is distinct from ''admin''', 'eeneeer'),
	('n = workos_user_id()', 'nsssnnr'), ('n = workos_claim(''sub'')', 'nsssssr'), ('workos_claim(''role'') = ''authenticated''', 'neeeeer'), ('workos_claims() ->> ''org_id'' = org_id', 'nnsssnr'), ('(workos_claims() -> ''permissions'') ? ''p''', 'nnennnr'),
	('workos_org_id()::uuid = u', 'nnrrnnr'), ('(select workos_org_id())::uuid = u', 'nnrrnnr'), ('u = auth.uid()', 'nrrrrsr'), ('u = (select auth.uid())', 'nrrrrsr'), ('auth.uid() is not null', 'nrrrrer'),
	('(auth.jwt() ->> ''org_id'') = org_id', 'nnsssnr'), ('((auth.jwt() ->> ''org_id'')::uuid) = u', 'nnrrrnr'), ('(auth.jwt() -> ''permissions'') ? ''p''', 'nnennnr'), ('((select auth.jwt()) ->> ''sub'') = n', 'nsssssr'),
	('auth.role() = ''authenticated''', 'neeeeer'), ('auth.role() = ''anon''', 'nnnnnnr'), ('(current_setting(''request.jwt.claims'', true)::json ->> ''org_id'') = org_id', 'rnsssnr'),
	('(nullif(current_setting(''request.jwt.claims'', true), '''')::json ->> ''org_id'') = org_id', 'nnsssnr'), ('current_setting(''server_version_num'') = ''1''', 'sssssss'),
	('exists (select 1 from test.other o where o.org_id = thing.org_id and o.user_id = workos_user_id())', 'nsssnnr'), ('org_id in (select o.org_id from test.other o where o.user_id = workos_user_id())', 'nsssnnr'),
	('not exists (select 1 from test.other o where o.user_id = workos_user_id())', 'essseer'), ('org_id not in (select o.org_id from test.other o where o.user_id = workos_user_id())', 'essseer'),
	('exists (select count(*) from test.other o where o.user_id = workos_user_id())', 'ssssssr'), ('0 = (select count(*) from test.other o where o.user_id = workos_user_id())', 'ssssssr'),
	('exists (select 1 from test.other o where o.user_id = workos_user_id() union all select 2)', 'ssssssr'), ('exists (select 1 from test.other o where o.user_id = workos_user_id() or o.level is null)', 'ssssssr'),
	('case when workos_has_permission(''p'') then yes else false end', 'ssssssr'), ('yes and case when workos_has_permission(''p'') then yes else false end and workos_has_role(''admin'')', 'nnsnnnr'),
	('(workos_has_permission(''p'') = true) and yes', 'nnsnnnr'), ('(org_id = workos_org_id()) is true', 'nnssnnr'), ('(org_id = workos_org_id()) is not true', 'eesseer'), ('(org_id = workos_org_id()) is unknown', 'eesseer'),
	('org_id like workos_org_id()', 'nnssnnr'), ('org_id || ''x'' = workos_org_id() || ''x''', 'ssssssr'), ('lower(org_id) = lower(workos_org_id())', 'ssssssr'), ('org_id = any (array[workos_org_id(), ''org_2''])', 'ssssssr'),
	('org_id = ''org_1'' and n = ''it''''s workos_org_id()''', 'sssssss'), ('n = ''extensions.workos_org_id()'' or n = $$) and workos_org_id() is null -- $$', 'sssssss'), ('current_user = ''authenticated''', 'eeeeeee'), ('session_user = ''authenticated''', 'nnnnnnn'),
	('(data ->> ''org_id'') = workos_org_id()', 'nnssnnr'), ('nullif(workos_org_id(), ''org_1'') = org_id', 'nnnnnnr'), ('workos_expires_at() > now() and yes', 'nnnnnnr'), ('org_id = workos_org_id()::varchar(3)', 'nnssnnr'), ('n = workos_user_role()::varchar', 'nnsnnnr'),
	('workos_is_authenticated() and (workos_has_permission(''q'') or workos_has_role(''owner'')) and not workos_is_impersonated()', 'nnennnr'), ('(workos_org_id() = ''org_1'') or null', 'nneennr'), ('not (yes or workos_is_authenticated())', 'snnnssr');

create table test.result as
	select e.n, e.expression, e.said, c.n as caller, c.claims, null::text as verdict, null::text as reality from test.expression e, test.caller c;
grant select, update on test.result to authenticated;
do $$
declare
	e record;
	r record;
	explained text;
	real text;
begin
	for e in select * from test.expression order by n loop
		execute format('create policy p on test.thing to authenticated using (%s)', e.expression);
		for r in select * from test.result where n = e.n order by caller loop
			perform set_config('request.jwt.claims', r.claims, true), set_config('role', 'authenticated', true);
			explained := (select x.detail from workos_explain('test.thing') x where x.step = 'policy for SELECT');
			begin
				real := (select case count(*) when 0 then 'n' when 72 then 'e' else 's' end from test.thing);
			exception when others then
				real := 'r';
			end;
			perform set_config('role', 'none', true), set_config('request.jwt.claims', '', true);
			update test.result set reality = real,
				verdict = case when explained ^@ 'p raises' then 'r' when explained ^@ 'p lets nothing' then 'n' when explained ^@ 'p lets everything' then 'e' when explained ^@ 'p decides row by row' then 's' end
				where n = e.n and caller = r.caller;
		end loop;
		drop policy p on test.thing;
	end loop;
end $$;
select is(string_agg(verdict, '' order by caller), min(said), expression) from test.result group by n, expression order by n;
select is_empty('select expression, claims, verdict, reality from test.result where verdict in (''n'', ''e'') and verdict <> reality', 'what is said of nothing and everything is true');
select is_empty('select expression, claims, verdict, reality from test.result where verdict = ''r'' and reality <> ''r''', 'what is said to raise an error does');
select * from finish();
rollback;
