-- workos_lint(): policies, views and functions that read the tables of the directory. As keeper, the owner of both.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();
select coalesce(string_agg(l.object, ', '), '') as before from workos_lint() l where l.rule <> 'summary' and l.object ~ '\mworkos\.' \gset
select is(:'before'::text, '', 'the directory itself has no finding');

create table feed.page (id int, org_id text, user_id text, status text, deleted_at timestamptz);
alter table feed.page enable row level security;
create index on feed.page (org_id);
create index on feed.page (user_id);
grant select on feed.page to authenticated;
-- The finding for a policy with this condition, as "rule severity: problem"; empty without one.
create function pg_temp.says(condition text) returns text language plpgsql as $$
begin
	set local client_min_messages = error;
	drop policy if exists p on feed.page;
	execute format('create policy p on feed.page for select to authenticated using (%s)', condition);
	return coalesce((select string_agg(concat(l.rule, ' ', l.severity, ': ', l.problem, l.remedy), ' & ' order by l.problem) from workos_lint() l where l.object = 'policy p on feed.page' and l.rule <> 'call_per_row'), '');
end $$;

select matches(pg_temp.says(condition), '^ended_rows problem: it reads workos\.memberships without status = ''active'', so [^&]*$', condition) from unnest(array[
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()))',
	'exists (select from workos.memberships where memberships.organization_id = page.org_id and memberships.user_id = (select workos_user_id()))',
	'org_id in (select organization_id from workos.memberships where user_id = workos_user_id())',
	'org_id = any (array(select m.organization_id from workos.memberships m where m.user_id = (select workos_user_id()) and m.deleted_at is null))',
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and m.status <> ''inactive'')',
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and m.status in (''active'', ''pending''))',
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and page.status = ''active'')',
	'status = ''active'' and exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()))',
	'exists (select from workos.memberships a, workos.memberships b where a.organization_id = b.organization_id and a.user_id = (select workos_user_id()) and b.user_id = page.user_id and a.status = ''active'')',
	'exists (select from workos.memberships m where m.status = ''active'' and m.user_id = (select workos_user_id())) and org_id in (select n.organization_id from workos.memberships n)',
	'exists (select from workos.memberships m join workos.organizations o on o.id = m.organization_id and o.deleted_at is null where o.id = page.org_id and m.user_id = (select workos_user_id()))']) condition;
select is(pg_temp.says(condition), '', condition) from unnest(array[
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and m.status = ''active'')',
	'exists (select from workos.memberships where organization_id = page.org_id and memberships.user_id = (select workos_user_id()) and memberships.status = ''active'')',
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and ''active'' = m.status)',
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and coalesce(m.status, '''') = ''active'')',
	'exists (select from workos.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()) and m.status in (''active''))',
	'exists (select from workos.memberships m join workos.users u on u.id = m.user_id where m.organization_id = page.org_id and u.id = (select workos_user_id()) and m.status = ''active'' and u.deleted_at is null)',
	'exists (select from workos.memberships a join workos.memberships b using (organization_id) where a.user_id = (select workos_user_id()) and b.user_id = page.user_id and a.status = ''active'' and b.status = ''active'')',
	'org_id = any ((select workos_org_ids())::text[])',
	'org_id = (select workos_org_id()) and status <> ''workos.memberships''']) condition;
select matches(pg_temp.says(condition), wanted, condition) from (values
	('exists (select from workos.users u where u.id = page.user_id and u.id = (select workos_user_id()))', '^ended_rows problem: it reads workos\.users without deleted_at IS NULL, so a user who was deleted [^&]*$'),
	('exists (select from workos.organizations o where o.id = page.org_id and o.id = (select workos_org_id()) and page.deleted_at is null)', '^ended_rows problem: it reads workos\.organizations without deleted_at IS NULL, [^&]*$'),
	('exists (select from workos.roles r where r.organization_id = page.org_id and r.slug = any ((select workos_user_roles())::text[]))', 'ended_rows problem: it reads workos\.roles without deleted_at IS NULL, ')) v(condition, wanted);
select is(pg_temp.says(condition), '', condition) from unnest(array[
	'exists (select from workos.users u where u.id = page.user_id and u.id = (select workos_user_id()) and u.deleted_at is null)',
	'exists (select from workos.organizations o where o.id = page.org_id and o.id = (select workos_org_id()) and not (o.deleted_at is not null))']) condition;
-- A second table of the same name in another schema is none of the directory's.
create table feed.memberships (user_id text, organization_id text);
select is(pg_temp.says('exists (select from feed.memberships m where m.organization_id = page.org_id and m.user_id = (select workos_user_id()))'), '', 'a table of the same name elsewhere');

-- Views and functions, where end users reach them
create function pg_temp.said(object text) returns text language sql as $$
	select coalesce(string_agg(l.rule || ' ' || l.severity, ' ' order by l.rule), '') from workos_lint() l where l.object = said.object
$$;
create view feed.all_members as select m.user_id, m.organization_id from workos.memberships m;
select is(pg_temp.said('view feed.all_members'), '', 'a view that nobody else may read');
grant select on feed.all_members to authenticated;
select is(pg_temp.said('view feed.all_members'), 'ended_rows problem', 'a view of all memberships that end users may read');
create or replace view feed.all_members as select m.user_id, m.organization_id from workos.memberships m where m.status = 'active';
select is(pg_temp.said('view feed.all_members'), '', '... of the active ones');
create function feed.is_member(org_id text) returns boolean language sql stable security definer set search_path = '' as
	'select exists (select 1 from workos.memberships as m where m.organization_id = org_id and m.user_id = extensions.workos_user_id())';
select is(pg_temp.said('function feed.is_member(text)'), 'ended_rows problem', 'a function that end users may call, with the rights of its owner');
create or replace function feed.is_member(org_id text) returns boolean language sql stable security definer set search_path = '' as
	'select exists (select 1 from workos.memberships as m where m.organization_id = org_id and m.user_id = extensions.workos_user_id() and m.status = ''active'')';
select is(pg_temp.said('function feed.is_member(text)'), '', '... that asks for the status');
create or replace function feed.is_member(org_id text) returns boolean language plpgsql stable security definer set search_path = '' as
	$$ begin return exists (select from "workos"."memberships" m where m.organization_id = org_id and m.user_id = extensions.workos_user_id()); end $$;
select is(pg_temp.said('function feed.is_member(text)'), 'ended_rows problem', '... in PL/pgSQL, with quoted names');
alter function feed.is_member(text) security invoker;
select is(pg_temp.said('function feed.is_member(text)'), '', '... with the rights of the caller, who may not read the table');
alter function feed.is_member(text) security definer;
revoke execute on function feed.is_member(text) from public;
select is(pg_temp.said('function feed.is_member(text)'), '', '... that end users may not call');
create function feed.forget() returns void language sql security definer set search_path = '' as 'delete from workos.users where id = extensions.workos_user_id()';
select is(pg_temp.said('function feed.forget()'), '', 'a function that deletes rows reads none');

-- Privileges on the tables themselves
grant select on workos.users to authenticated;
select is(pg_temp.said('table workos.users'), 'table_exposed problem', 'a table of the directory that end users may read');
select matches(l.problem, 'authenticated may use the table: .* Revoke the privileges\. .*workos\.members', '... and what to do') from workos_lint() l where l.object = 'table workos.users';
revoke select on workos.users from authenticated;
grant select on workos.members to authenticated;
select is(pg_temp.said('table workos.users') || pg_temp.said('view workos.members'), '', 'the view workos.members may be granted');
select * from finish();
rollback;
