-- What users may ask: workos_org_ids() and its sisters, and the view of members. As keeper, who becomes authenticated.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();

select lives_ok($$select feed.apply('event_01', name, data) from (values
	('organization_membership.created', feed.membership('om_1', 'user_1', 'org_1', '{"roles": ["member", "editor"]}')), ('organization_membership.created', feed.membership('om_2', 'user_1', 'org_2')),
	('organization_membership.created', feed.membership('om_3', 'user_1', 'org_3', '{"status": "pending"}')), ('organization_membership.created', feed.membership('om_4', 'user_1', 'org_4', '{"status": "inactive"}')),
	('organization_membership.created', feed.membership('om_5', 'user_1', 'org_5', '{"status": "on leave"}')), ('organization_membership.created', feed.membership('om_6', 'user_1', 'org_6', '{"status": null}')),
	('organization_membership.deleted', feed.membership('om_7', 'user_1', 'org_7')), ('organization_membership.created', feed.membership('om_8', 'user_1', 'org_8')), ('organization.deleted', '{"id": "org_8"}'),
	('organization_membership.created', feed.membership('om_9', 'user_2', 'org_1', '{"role": "unknown"}')), ('organization_membership.created', feed.membership('om_a', 'user_2', 'org_9')),
	('organization_membership.created', feed.membership('om_b', 'user_3', 'org_1')), ('user.deleted', '{"id": "user_3"}'),
	('user.created', '{"id": "user_1", "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "profile_picture_url": "https://example.com/a.png"}'),
	('role.created', '{"slug": "member", "permissions": ["read"]}'), ('role.created', '{"slug": "editor", "permissions": ["read", "write", "*"]}'), ('organization_role.created', '{"organization_id": "org_2", "slug": "member", "permissions": ["admin"]}'),
	('session.revoked', '{"id": "session_revoked", "user_id": "user_1"}')) e(name, data)$$, 'there is a directory');
grant select on workos.members to authenticated, anon;
set local role authenticated;
create temp table given (n int) on commit drop;

select is(workos_org_ids(), null, 'without a session: NULL');
select is(workos_org_ids_with_role('member'), null, '... for a role');
select is(workos_org_ids_with_permission('read'), null, '... for a permission');
select is(count(*), 0::bigint, '... and no members') from workos.members;
create function pg_temp.as_user(id text, more jsonb default '{}') returns text language sql as $$
	select set_config('request.jwt.claims', (jsonb_build_object('sub', id, 'sid', 'session_1', 'org_id', 'org_1', 'exp', 99999999999) || more)::text, true)
$$;
select lives_ok($$select pg_temp.as_user('user_1')$$, 'a user is signed in');
select is(workos_org_ids(), '{org_1,org_2}', 'the organizations of active memberships: none that is pending, inactive, of another status, deleted, or whose organization was deleted');
select is(workos_org_ids_with_role('member'), '{org_1,org_2}', 'with a role');
select is(workos_org_ids_with_role('editor'), '{org_1}', '... that only one of them gives');
select is(workos_org_ids_with_role(r), '{}', 'with no such role: ' || left(r, 20)) from unnest(array['', 'Member', 'memb', '%', repeat('x', 100000), repeat('x', 2000000)]) r;
select is(workos_org_ids_with_permission(repeat('x', 2000000)), '{}', '... and no permission of that length');
select is(workos_org_ids_with_permission('read'), '{org_1}', 'with a permission: an organization''s role hides that of the environment');
select is(workos_org_ids_with_permission('admin'), '{org_2}', '... and has its own');
select is(workos_org_ids_with_permission('*'), '{org_1}', '... exactly that one');
select is(workos_org_ids_with_permission(p), '{}', 'with no such permission: ' || p) from unnest(array['', 'rea', 'READ', 'delete']) p;
select is(workos_org_ids_with_permission(null), null, 'NULL in, NULL out');
select is(workos_org_ids_with_role(null), null, '... for roles, too');
select results_eq('select * from workos.members order by id', $$values ('user_1', 'ann@example.com', 'Ann', 'Lee', 'https://example.com/a.png', 'member'), ('user_2', null, null, null, null, 'unknown')$$,
	'the members of the current organization; one who was deleted is none');
select lives_ok($$select pg_temp.as_user('user_1', '{"org_id": "org_8"}')$$, 'in an organization that was deleted');
select is(count(*), 0::bigint, '... are no members') from workos.members;
select lives_ok($$select pg_temp.as_user('user_1', '{"org_id": "org_4"}')$$, 'in one where the membership is not active');
select is(count(*), 0::bigint, '... neither') from workos.members;
select lives_ok($$select pg_temp.as_user('user_1', '{"org_id": null}')$$, 'without an organization');
select is(count(*), 0::bigint, '... neither') from workos.members;
select is(workos_org_ids(), '{org_1,org_2}', '... but the user has organizations');
select lives_ok($$select pg_temp.as_user('user_1', '{"org_id": "org_9"}')$$, 'in one that has members, but not this user');
select is(count(*), 0::bigint, '... are no members') from workos.members;
select lives_ok($$select pg_temp.as_user('user_2')$$, 'another user');
select is(workos_org_ids(), '{org_1,org_9}', '... has others');
select is(workos_org_ids_with_permission('read'), '{org_9}', 'a role that the directory does not know has no permissions');
select lives_ok($$select pg_temp.as_user('user_3')$$, 'a user who was deleted');
select is(workos_org_ids(), '{}', '... has none');
select is(count(*), 0::bigint, '... and sees no members') from workos.members;
select lives_ok($$select pg_temp.as_user('user_unknown')$$, 'a user whom the directory does not know');
select is(workos_org_ids(), '{}', '... has none');
select is(count(*), 0::bigint, '... and sees no members') from workos.members;
select lives_ok($$select pg_temp.as_user('user_1', '{"sid": "session_revoked"}')$$, 'a session that was revoked');
select is(workos_org_ids(), '{}', '... has none');
select is(count(*), 0::bigint, '... and sees no members') from workos.members;
select lives_ok($$select pg_temp.as_user('user_1', '{"exp": 1}')$$, 'a session that has expired');
select is(workos_org_ids(), null, '... is none');
select lives_ok($$select pg_temp.as_user('client_1', '{"scope": ""}')$$, 'a token of another kind');
select is(workos_org_ids(), null, '... is none');

-- from the next statement on
select lives_ok($$select pg_temp.as_user('user_1')$$, 'the user again');
set local role keeper;
select is(apply('event_02', 'organization_membership.updated', membership('om_2', 'user_1', 'org_2', '{"status": "inactive"}')), 'applied', 'a membership is deactivated');
set local role authenticated;
select is(workos_org_ids(), '{org_1}', '... and does not count');
set local role keeper;
select is(apply('event_03', 'organization_role.deleted', '{"organization_id": "org_1", "slug": "editor"}'), 'applied', 'a role of the organization is deleted');
set local role authenticated;
select is(workos_org_ids_with_permission('write'), '{}', '... and that of the environment does not take its place');
set local role keeper;
select is(apply('event_04', 'permission.deleted', '{"slug": "read"}'), 'applied', 'a permission is deleted');
set local role authenticated;
select is(workos_org_ids_with_permission('read'), '{}', '... and nobody has it');

-- in a policy, as an index condition
set local role keeper;
create table feed.document (id int, org_id text);
insert into feed.document select n, 'org_' || n % 1000 from generate_series(1, 20000) n;
create index on feed.document (org_id);
analyze feed.document;
alter table feed.document enable row level security;
create policy members on feed.document to authenticated using (org_id = any ((select workos_org_ids())::text[]));
grant select on feed.document to authenticated;
create table feed.plan (org_id text);
alter table feed.plan enable row level security;
create policy planners on feed.plan to authenticated using (org_id = any ((select workos_org_ids_with_permission('nobody:has'))::text[]));
grant select on feed.plan to authenticated;
set local role authenticated;
select matches(remedy, '^These organizations come from the directory, and not from the token\.', 'workos_explain() does not take the token for the cause') from workos_explain('feed.plan') where step = 'verdict';
select matches(detail, 'is \{\}: the directory has no such membership of the user$', '... and names the cause') from workos_explain('feed.plan') where step = 'policy for SELECT';
select is(count(*), 20::bigint, 'a policy with workos_org_ids() shows the rows of the organizations') from feed.document;
create function pg_temp.plan(query text) returns text language plpgsql as $$
declare line text; plan text := '';
begin
	for line in execute 'explain (costs off) ' || query loop plan := plan || line || E'\n'; end loop;
	return plan;
end $$;
select matches(pg_temp.plan('select * from feed.document'), 'Index Cond: \(org_id = ANY \(.*\)', '... by an index condition');
select lives_ok($$select set_config('request.jwt.claims', '', true)$$, 'anonymous');
select is(count(*), 0::bigint, '... sees nothing') from feed.document;

-- in a parallel worker
set local role keeper;
select feed.apply('event_05', 'organization_membership.updated', feed.membership('om_2', 'user_1', 'org_2')) as applied \gset
set local role authenticated;
select lives_ok($$select pg_temp.as_user('user_1')$$, 'a user is signed in');
select set_config(name, case name when 'min_parallel_table_scan_size' then '0' when 'max_parallel_workers_per_gather' then '2' else '0' end, true) is null as is_set from pg_settings
	where name in ('min_parallel_table_scan_size', 'parallel_setup_cost', 'parallel_tuple_cost', 'max_parallel_workers_per_gather');
set local enable_indexscan = off;
set local enable_bitmapscan = off;
set local role keeper;
create table feed.small as select * from feed.document where id <= 200;
select matches(pg_temp.plan('select count(*) from feed.small where workos_org_ids() @> array[org_id]'), 'Parallel Seq Scan', 'workos_org_ids() may run in parallel workers');
select is(count(*), 2::bigint, '... and answers there') from feed.small where workos_org_ids() @> array[org_id];

-- labels
set local role keeper;
select is(format('%s%s%s', provolatile, proparallel, prosecdef), 'ssf', p.oid::regprocedure || ' is STABLE, PARALLEL SAFE and SECURITY INVOKER') from pg_proc p where proname ~ '^workos_org_ids';
select * from finish();
rollback;
