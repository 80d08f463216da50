-- The first load, and what is old enough to go. As keeper, the owner of the directory.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, pg_catalog;
select no_plan();

create function pg_temp.list(variadic objects jsonb[] default '{}') returns jsonb language sql as $$
	select jsonb_build_object('object', 'list', 'data', (select coalesce(jsonb_agg('{"created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z"}'::jsonb || o order by n), '[]') from unnest(objects) with ordinality u(o, n)))
$$;
select throws_ok($$select workos.import('{"data": []}')$$, '55000', 'no import has begun', 'without begin_import() nothing is imported');
select throws_ok($$select workos.end_import()$$, '55000', 'no import has begun', '... and nothing ended');

-- What was there before
select lives_ok($$select feed.apply('event_01', 'user.created', '{"id": "user_gone", "email": "gone@example.com"}'), feed.apply('event_02', 'user.created', '{"id": "user_1", "email": "old@example.com"}'),
	feed.apply('event_03', 'user.updated', '{"id": "user_2", "email": "newer@example.com"}', '2026-01-02T00:00:00.000Z'), feed.apply('event_04', 'user.deleted', '{"id": "user_3"}'),
	feed.apply('event_05', 'organization.created', '{"id": "org_gone", "name": "Gone"}'), feed.apply('event_06', 'organization_membership.created', feed.membership('om_gone', 'user_1', 'org_1')),
	feed.apply('event_07', 'role.created', '{"slug": "gone", "permissions": ["p"]}'), feed.apply('event_08', 'organization_role.created', '{"organization_id": "org_1", "slug": "kept", "permissions": ["p"]}'),
	feed.apply('event_09', 'user.created', '{"id": "user_late"}'), feed.apply('event_0a', 'user.created', '{"id": "user_touched"}')$$, 'there are objects already');
select is(workos.begin_import('event_50')::text, '', 'an import begins');
select is(workos.import(pg_temp.list('{"object": "user", "id": "user_1", "email": "same@example.com"}', '{"object": "user", "id": "user_2", "email": "older@example.com"}',
	'{"object": "user", "id": "user_3", "email": "back@example.com"}', '{"object": "user", "id": "user_4", "email": "new@example.com"}')), 1::bigint, 'what is new or newer is written, and counted');
select results_eq($$select id, email, deleted_at is null from workos.users where id in ('user_1', 'user_2', 'user_3', 'user_4') order by id$$,
	$$values ('user_1', 'old@example.com', true), ('user_2', 'newer@example.com', true), ('user_3', null, false), ('user_4', 'new@example.com', true)$$, '... and nothing else: an event of the same time is newer than a list');
select is(workos.import(pg_temp.list('{"object": "user", "id": "user_1", "email": "latest@example.com", "updated_at": "2026-01-03T00:00:00.000Z"}')), 1::bigint, 'what is newer in a list is written');
select is(workos.import(pg_temp.list('{"object": "organization", "id": "org_1", "name": "Acme"}')), 1::bigint, 'organizations');
select is(workos.import(pg_temp.list(feed.membership('om_1', 'user_1', 'org_1', '{"status": "pending", "user": {"id": "user_1"}}'))), 1::bigint, 'memberships');
select is(workos.import(pg_temp.list('{"object": "role", "type": "EnvironmentRole", "slug": "admin", "permissions": ["a"]}', '{"object": "role", "type": "OrganizationRole", "slug": "org-x", "permissions": ["b"]}'), 'org_1'), 2::bigint,
	'the roles of an organization');
select results_eq($$select organization_id, slug, permissions from workos.roles where deleted_at is null order by organization_id, slug collate "C"$$,
	$$values ('', 'admin', '{a}'::text[]), ('', 'gone', '{p}'), ('org_1', 'kept', '{p}'), ('org_1', 'org-x', '{b}')$$, '... whose list names no organization, and holds those of the environment');
select is(workos.import(pg_temp.list('{"object": "organization_role", "organization_id": "org_1", "slug": "kept", "permissions": ["p"]}')), 0::bigint, 'a role that names its organization');
select is(workos.import(pg_temp.list()), 0::bigint, 'an empty list');
select is(apply('event_60', 'user.updated', '{"id": "user_touched", "email": "t@example.com"}', '2026-01-05T00:00:00.000Z'), 'applied', 'an event meanwhile');
select matches(complaint('select workos.import($1::jsonb)', a), '^22023 \| .*HINT \w', 'refused: ' || a) from unnest(array['null', '[]', '{}', '{"data": {}}', '{"data": [1]}', '{"data": [{}]}', '{"data": [{"object": "event"}]}', '{"data": [{"object": "directory_user", "id": "secret"}]}',
	'{"data": [{"object": 1}]}', '{"data": [{"object": "user"}]}', '{"data": [{"object": "role", "type": "OrganizationRole", "slug": "x", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}]}',
	'{"data": [{"object": "organization_role", "slug": "x", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}]}', '{"data": [{"object": "user", "id": "user_x"}]}']) a;
select is(workos.end_import(), 5::bigint, 'what the lists lacked, and no event touched, has ended');
select bag_eq($$select 'user ' || id from workos.users where deleted_at is not null union all select 'organization ' || id from workos.organizations where deleted_at is not null
	union all select 'membership ' || id || ' of ' || user_id from workos.memberships where deleted_at is not null union all select 'role ' || slug || permissions::text from workos.roles where deleted_at is not null$$,
	$$values ('user user_gone'), ('user user_late'), ('user user_3'), ('organization org_gone'), ('membership om_gone of user_1'), ('role gone{}')$$, '... that, and what had ended before');
select is(email, null, '... without its content') from workos.users where id = 'user_gone';
select results_eq('select cursor, last_event_at from workos.sync', $$values ('event_50', null::timestamptz)$$, 'polls go on after the given event');
select throws_ok($$select workos.end_import()$$, '55000', 'no import has begun', 'the import has ended');

-- What only a list has ended
select is(apply('event_0b', 'user.updated', '{"id": "user_late", "email": "l@example.com"}', '2026-01-02T00:00:00.000Z'), 'stale', 'an event from before the import does not bring back what the list lacked');
select is(apply('event_70', 'user.updated', '{"id": "user_late", "email": "l@example.com"}', '2999-01-02T00:00:00.000Z'), 'applied', '... but one from after it, because the list was wrong then');
select is(deleted_at, null, '... and it is there again') from workos.users where id = 'user_late';
select is(apply('event_71', 'organization_membership.deleted', '{"id": "om_gone"}'), 'applied', 'a real deletion');
select is(apply('event_72', 'organization_membership.updated', membership('om_gone', 'user_1', 'org_1'), '2999-01-01T00:00:00.000Z'), 'stale', '... is final there, too');
select lives_ok($$select workos.begin_import()$$, 'another import begins');
select is(workos.import(pg_temp.list('{"object": "organization", "id": "org_gone", "name": "Back"}', '{"object": "role", "slug": "gone", "permissions": ["q"]}')), 2::bigint, 'a later list that has them brings them back');
select results_eq($$select name, null::text[] from workos.organizations where id = 'org_gone' and deleted_at is null union all select null, permissions from workos.roles where slug = 'gone' and deleted_at is null$$, $$values ('Back', null::text[]), (null, '{q}')$$, '... with what it says');
select is(workos.import(pg_temp.list('{"object": "user", "id": "user_3"}')), 0::bigint, 'but not what an event had ended');
select lives_ok($$select workos.begin_import('event_80')$$, 'an import that has begun can begin again');
select is(workos.end_import(), 0::bigint, 'without any list nothing ends');
select is(cursor, 'event_80', '... and the cursor is the last that was given') from workos.sync;

-- An empty list does not say of which kind it is.
select lives_ok($$select feed.apply('event_90', 'organization_membership.created', feed.membership('om_90', 'user_1', 'org_90')), feed.apply('event_91', 'organization.created', '{"id": "org_90"}'),
	feed.apply('event_92', 'role.created', '{"slug": "r90"}'), feed.apply('event_93', 'user.created', '{"id": "user_90"}')$$, 'there is something of each kind');
create temp view living as select 'user ' || id as what from workos.users where deleted_at is null union all select 'organization ' || id from workos.organizations where deleted_at is null
	union all select 'membership ' || id from workos.memberships where deleted_at is null union all select 'role ' || slug from workos.roles where deleted_at is null;
select is(count(*), 4::bigint, '... that an import can end') from living where what ~ '90$';
select lives_ok($$select workos.begin_import('event_94'), workos.import('{"data": []}')$$, 'an import of an empty list');
select throws_ok(format('select workos.end_import(%L)', c), '22023', 'a kind in "complete" is none of user, organization, organization_membership, role and organization_role', 'no kinds: ' || c) from unnest(array['{users}', '{user,NULL}', '{""}', '{roles}']) c;
select is(workos.end_import(complete => '{organization_membership}') > 0, true, 'the caller says that the list of memberships was complete');
select bag_eq($$select what from living where what ~ '90$'$$, $$values ('user user_90'), ('organization org_90'), ('role r90')$$, '... so these have ended, and nothing else');
select lives_ok($$select workos.begin_import('event_94'), workos.import(pg_temp.list('{"object": "user", "id": "user_91"}'))$$, 'an import of one user');
select is(workos.end_import(complete => '{}'), 0::bigint, 'of which the caller says that nothing is complete');
select ok(exists (select from living where what = 'user user_90'), '... ends nothing');
select lives_ok($$select workos.begin_import('event_94'), workos.import(pg_temp.list('{"object": "user", "id": "user_91"}'))$$, 'the same again');
select is(workos.end_import(complete => '{user,organization,organization_membership,role,organization_role}') > 0, true, '... with everything complete');
select bag_eq('select what from living', $$values ('user user_91')$$, '... ends everything but that user');

-- Pruning
delete from workos.users; delete from workos.organizations; delete from workos.memberships; delete from workos.roles;
select is(workos.prune(), 0::bigint, 'from nothing, nothing goes');
select lives_ok($$
	select feed.apply('event_' || n, name, data, '2020-01-01T00:00:00.000Z') from (values
		(1, 'user.deleted', '{"id": "user_dead"}'::jsonb), (2, 'organization_membership.created', feed.membership('om_1', 'user_dead', 'org_1')),
		(3, 'organization.deleted', '{"id": "org_dead"}'), (4, 'organization_membership.created', feed.membership('om_2', 'user_1', 'org_dead')), (5, 'organization_role.created', '{"organization_id": "org_dead", "slug": "r"}'),
		(6, 'organization_membership.deleted', feed.membership('om_3', 'user_1', 'org_1')), (7, 'organization_membership.created', feed.membership('om_4', 'user_1', 'org_1', '{"role": "used"}')),
		(8, 'organization_role.deleted', '{"organization_id": "org_1", "slug": "used"}'), (9, 'organization_role.deleted', '{"organization_id": "org_1", "slug": "unused"}'), (10, 'role.deleted', '{"slug": "env"}'),
		(11, 'permission.deleted', '{"slug": "p"}'), (12, 'session.revoked', '{"id": "session_1"}'), (13, 'user.created', '{"id": "user_1"}'), (14, 'role.created', '{"slug": "kept"}'), (15, 'organization.created', '{"id": "org_1"}')) e(n, name, data)$$, 'there are old tombstones');
select is(workos.prune(), 0::bigint, 'what was written only now stays, however old it says it is');
update workos.users set seen_at = seen_at - interval '89 days 23 hours'; update workos.organizations set seen_at = seen_at - interval '89 days 23 hours'; update workos.memberships set seen_at = seen_at - interval '89 days 23 hours';
update workos.roles set seen_at = seen_at - interval '89 days 23 hours'; update workos.revoked_sessions set seen_at = seen_at - interval '89 days 23 hours'; update workos.deleted_permissions set seen_at = seen_at - interval '89 days 23 hours';
select is(workos.prune(), 0::bigint, '... for 90 days');
update workos.users set seen_at = seen_at - interval '2 hours'; update workos.organizations set seen_at = seen_at - interval '2 hours'; update workos.roles set seen_at = seen_at - interval '2 hours';
update workos.revoked_sessions set seen_at = seen_at - interval '2 hours'; update workos.deleted_permissions set seen_at = seen_at - interval '2 hours';
select is(workos.prune(), 5::bigint, 'then tombstones of roles, permissions and sessions go');
select bag_eq('select id from workos.users union all select id from workos.organizations', $$values ('user_dead'), ('user_1'), ('org_dead'), ('org_1')$$, '... but those that end a membership which stays');
select is(array_agg(slug), '{kept,used}', '... and that of a role which a membership names') from (select slug from workos.roles order by slug collate "C") r;
update workos.memberships set seen_at = seen_at - interval '2 hours';
select is(workos.prune(), 5::bigint, 'then those memberships go, and with them what ended them');
select results_eq('select id from workos.users union all select id from workos.organizations union all select id from workos.memberships', $$values ('user_1'), ('org_1'), ('om_4')$$, '... and what lives stays');
select * from finish();
rollback;
