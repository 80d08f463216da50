-- Single events: what each kind does, and what wins. As keeper, the owner of the directory.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, pg_catalog;
select no_plan();

-- users
select is(apply('event_01', 'user.created', '{"object": "user", "id": "user_1", "email": "ann@example.com", "email_verified": true, "first_name": "Ann", "last_name": null,
	"profile_picture_url": "https://example.com/a.png", "locale": "fr-FR", "external_id": "7", "metadata": {"a": "b"}, "last_sign_in_at": "2026-01-01T00:00:00.000Z", "name": "Ann", "x": [1]}'),
	'applied', 'a user is created');
select results_eq($$select id, email, email_verified, first_name, last_name, profile_picture_url, locale, external_id, metadata, last_sign_in_at, created_at, updated_at, deleted_at from workos.users$$,
	$$values ('user_1', 'ann@example.com', true, 'Ann', null, 'https://example.com/a.png', 'fr-FR', '7', '{"a": "b"}'::jsonb, timestamptz '2026-01-01 00:00+00', timestamptz '2026-01-01 00:00+00', timestamptz '2026-01-01 00:00+00', null::timestamptz)$$,
	'... with all its columns');
select is(apply('event_01', 'user.created', '{"id": "user_1", "email": "other@example.com"}'), 'stale', 'the same event again is stale');
select is(apply('event_00', 'user.updated', '{"id": "user_1", "email": "other@example.com"}'), 'stale', 'at the same time, a smaller event id is stale');
select is(apply('event_09', 'user.updated', '{"id": "user_1", "email": "other@example.com"}', '2025-12-31T23:59:59.999Z'), 'stale', 'an older update is stale');
select is(email, 'ann@example.com', '... and changes nothing') from workos.users;
select is(apply('event_02', 'user.updated', '{"id": "user_1", "email": "ann@example.org"}'), 'applied', 'at the same time, a greater event id is applied');
select is(apply('event_02', 'user.updated', '{"id": "user_1", "email": "ann@example.net"}', '2026-01-01T00:00:00.001Z'), 'applied', 'a later update is applied');
select results_eq('select email, first_name, metadata from workos.users', $$values ('ann@example.net', null::text, null::jsonb)$$, '... as a whole: what it lacks becomes NULL');
select is(apply('event_03', 'user.deleted', '{"id": "user_1", "email": "ann@example.net"}', '2025-01-01T00:00:00.000Z'), 'applied', 'a deletion is applied, also an old one');
select results_eq('select email, deleted_at from workos.users', $$values (null::text, timestamptz '2025-01-01 00:00+00')$$, '... and leaves a tombstone without content');
select is(apply('event_04', 'user.updated', '{"id": "user_1", "email": "ann@example.net"}', '2027-01-01T00:00:00.000Z'), 'stale', 'an id that ended stays ended, however late the update');
select is(apply('event_05', 'user.created', '{"id": "user_1", "email": "ann@example.net"}', '2027-01-01T00:00:00.000Z'), 'stale', '... or the creation');
select is(apply('event_06', 'user.deleted', '{"id": "user_2"}'), 'applied', 'a deletion can come before the creation');
select is(apply('event_07', 'user.created', '{"id": "user_2", "email": "bob@example.com"}', '2026-01-02T00:00:00.000Z'), 'stale', '... which is stale then');
select is(workos.apply_event('{"id": "event_08", "event": "user.deleted", "data": {"id": "user_3"}}'), 'applied', 'a deletion may lack all times');

-- forms
select is(workos.apply_event('{"id": "wh_1", "event": "user.created", "data": {"id": "user_4", "updated_at": "2023-04-28 20:05:31.093"}}'), 'applied', 'a time may lack T and Z, and the event its time');
select results_eq($$select updated_at, created_at from workos.users where id = 'user_4'$$, $$values (timestamptz '2023-04-28 20:05:31.093+00', null::timestamptz)$$, '... and is in UTC then');
set local timezone = 'America/New_York';
set local datestyle = 'SQL, DMY';
select is(workos.apply_event('{"id": "wh_2", "event": "user.updated", "data": {"id": "user_4", "updated_at": "2023-04-28 20:05:31.094"}}'), 'applied', 'whatever the time zone and the date style are');
select is(updated_at, timestamptz '2023-04-28 20:05:31.094+00', '... it is the same time') from workos.users where id = 'user_4';
reset timezone;
reset datestyle;
select is(workos.apply_event('{"id": "wh_3", "event": "user.updated", "data": {"id": "user_4", "updated_at": "2023-04-28T22:05:31.095+02:00"}}'), 'applied', 'a time may have an offset');
select is(updated_at, timestamptz '2023-04-28 20:05:31.095+00', '... which counts') from workos.users where id = 'user_4';
select is(apply('event_10', 'user.created', '{"id": "user_5", "email": 5, "email_verified": "yes", "first_name": {"a": "b"}, "metadata": [], "last_sign_in_at": "yesterday", "created_at": "2026-02-30T00:00:00Z"}'), 'applied',
	'what has another type is as good as absent');
select results_eq($$select email, email_verified, first_name, metadata, last_sign_in_at, created_at from workos.users where id = 'user_5'$$,
	$$values (null::text, null::boolean, null::text, null::jsonb, null::timestamptz, null::timestamptz)$$, '... and becomes NULL');

-- organizations
select is(apply('event_11', 'organization.created', '{"id": "org_1", "name": "Acme", "external_id": "8", "stripe_customer_id": "cus_1", "domains": [{"domain": "acme.com"}], "metadata": {"tier": "gold"}}'), 'applied', 'an organization is created');
select results_eq('select id, name, external_id, stripe_customer_id, domains, metadata from workos.organizations', $$values ('org_1', 'Acme', '8', 'cus_1', '[{"domain": "acme.com"}]'::jsonb, '{"tier": "gold"}'::jsonb)$$, '... with all its columns');
select is(apply('event_12', 'organization.updated', '{"id": "org_1", "name": "Acme Ltd"}'), 'applied', '... and updated');
select is(apply('event_13', 'organization.deleted', '{"id": "org_1", "name": "Acme Ltd"}'), 'applied', '... and deleted');
select results_eq('select name, deleted_at is not null from workos.organizations', $$values (null::text, true)$$, '... and leaves a tombstone');
select is(apply('event_14', 'organization.updated', '{"id": "org_1", "name": "Acme"}', '2027-01-01T00:00:00.000Z'), 'stale', '... for good');

-- memberships
select is(apply('event_20', 'organization_membership.created', membership('om_1', 'user_9', 'org_9', '{"roles": [{"slug": "editor"}, {"slug": "admin"}, "viewer", 7, {"slug": 1}], "custom_attributes": {"a": 1}}')), 'applied', 'a membership is created');
select results_eq('select id, user_id, organization_id, status, role, roles, custom_attributes from workos.memberships', $$values ('om_1', 'user_9', 'org_9', 'active', 'member', '{member,editor,admin,viewer}'::text[], '{"a": 1}'::jsonb)$$,
	'... with all its columns; the role is among the roles');
select is(apply('event_21', 'organization_membership.updated', membership('om_1', 'user_9', 'org_9', '{"status": "inactive", "role": "admin"}')), 'applied', 'the role may be a string');
select results_eq('select status, role, roles from workos.memberships', $$values ('inactive', 'admin', '{admin}'::text[])$$, '... and roles may be absent');
select is(apply('event_22', 'organization_membership.updated', membership('om_1', 'user_9', 'org_9', '{"role": null, "status": null}')), 'applied', 'role and status may be absent');
select results_eq('select status, role, roles from workos.memberships', $$values (null::text, null::text, '{}'::text[])$$, '... and then there is none');
select is(apply('event_23', 'organization_membership.deleted', membership('om_1', 'user_9', 'org_9')), 'applied', 'the payload of a deletion says "active", and it is a deletion all the same');
select results_eq('select user_id, organization_id, status, role, deleted_at is not null from workos.memberships', $$values ('user_9', 'org_9', null::text, null::text, true)$$, '... whose tombstone says whose membership it was');
select is(apply('event_24', 'organization_membership.updated', membership('om_1', 'user_9', 'org_9'), '2027-01-01T00:00:00.000Z'), 'stale', 'a late update does not bring it back');
select is(apply('event_25', 'organization_membership.created', membership('om_2', 'user_9', 'org_9')), 'applied', 'who is added again has a new membership');
select is(workos.apply_event('{"id": "event_26", "event": "organization_membership.deleted", "data": {"id": "om_3"}}'), 'applied', 'a deletion may name only the id');
select is(apply('event_27', 'organization_membership.created', membership('om_3', 'user_8', 'org_8')), 'stale', '... and a late creation');
select results_eq($$select user_id, organization_id, status, deleted_at is not null from workos.memberships where id = 'om_3'$$, $$values ('user_8', 'org_8', null::text, true)$$, '... says whose it was');
select is(apply('event_28', 'organization_membership.added', membership('om_4', 'user_8', 'org_8')), 'applied', 'the former name of a creation');
select is(apply('event_29', 'organization_membership.removed', membership('om_4', 'user_8', 'org_8')), 'applied', '... and of a deletion');
select is(deleted_at is not null, true, '... which is one') from workos.memberships where id = 'om_4';

-- roles
select is(apply('event_30', 'role.created', '{"slug": "admin", "resource_type_slug": "organization", "permissions": ["a", "b", 3, null]}'), 'applied', 'a role of the environment is created');
select results_eq('select organization_id, slug, permissions, name from workos.roles', $$values ('', 'admin', '{a,b}'::text[], null::text)$$, '... with its permissions');
select is(apply('event_31', 'organization_role.created', '{"organization_id": "org_9", "slug": "admin", "name": "Admin", "permissions": ["c"]}'), 'applied', 'a role of an organization is created');
select results_eq($$select slug, permissions, name from workos.roles where organization_id = 'org_9'$$, $$values ('admin', '{c}'::text[], 'Admin')$$, '... beside that of the environment');
select is(apply('event_32', 'role.created', '{"slug": "owner", "resource_type_slug": "project", "permissions": ["a"]}'), 'ignored', 'a role on another resource is ignored');
select is(apply('event_33', 'organization_role.created', '{"organization_id": "org_9", "slug": "owner", "resource_type_slug": null, "permissions": ["a"]}'), 'ignored', '... also on no resource');
select is(count(*), 0::bigint, '... and not kept') from workos.roles where slug = 'owner';
select is(apply('event_34', 'role.updated', '{"slug": "admin"}', '2026-01-02T00:00:00.000Z'), 'applied', 'a role without permissions');
select is(permissions, '{}', '... has none') from workos.roles where organization_id = '';
select is(apply('event_35', 'role.deleted', '{"slug": "admin"}', '2026-01-02T00:00:00.000Z'), 'applied', 'a role is deleted');
select is(apply('event_36', 'role.updated', '{"slug": "admin", "permissions": ["a"]}', '2026-01-03T00:00:00.000Z'), 'stale', '... and does not come back by a late update');
select is(apply('event_37', 'role.created', '{"slug": "admin", "permissions": ["z"], "created_at": "2026-02-01T00:00:00.000Z"}', '2026-02-01T00:00:00.000Z'), 'applied', '... but by a later creation');
select is(apply('event_38', 'role.deleted', '{"slug": "admin"}', '2026-03-01T00:00:00.000Z'), 'stale', 'a late deletion of the former role changes nothing');
select results_eq($$select permissions, deleted_at from workos.roles where organization_id = ''$$, $$values ('{z}'::text[], null::timestamptz)$$, '... of the new one');
select is(workos.apply_event('{"id": "event_39", "event": "organization_role.deleted", "created_at": "2026-01-05T00:00:00.000Z", "data": {"organization_id": "org_9", "slug": "admin"}}'), 'applied', 'a deletion without times');
select is(apply('event_3a', 'organization_role.updated', '{"organization_id": "org_9", "slug": "admin", "permissions": ["c"]}', '2026-01-06T00:00:00.000Z'), 'stale', '... deletes what was created before it');
select is(apply('event_3b', 'organization_role.created', '{"organization_id": "org_9", "slug": "admin", "permissions": ["d"], "created_at": "2026-01-06T00:00:00.000Z"}', '2026-01-06T00:00:00.000Z'), 'applied', '... and not what was created after it');

-- permissions
select is(apply('event_40', 'role.created', '{"slug": "r1", "permissions": ["p", "q"]}'), 'applied', 'a role has two permissions');
select is(apply('event_41', 'permission.deleted', '{"id": "perm_1", "slug": "p", "updated_at": "2025-01-01T00:00:00.000Z"}', '2026-01-10T00:00:00.000Z'), 'applied', 'one of them is deleted');
select is(permissions, '{q}', '... and removed from the role') from workos.roles where slug = 'r1';
select is(apply('event_42', 'role.updated', '{"slug": "r1", "permissions": ["q", "p", "s"]}', '2026-01-09T00:00:00.000Z'), 'applied', 'an update from before the deletion');
select is(permissions, '{q,s}', '... does not bring it back') from workos.roles where slug = 'r1';
select is(apply('event_43', 'role.updated', '{"slug": "r1", "permissions": ["p"]}', '2026-01-11T00:00:00.000Z'), 'applied', 'one from after it');
select is(permissions, '{p}', '... has a new permission of that slug') from workos.roles where slug = 'r1';
select is(apply('event_44', 'permission.deleted', '{"slug": "p"}', '2026-01-10T00:00:00.000Z'), 'stale', 'an old deletion is stale');
select is(permissions, '{p}', '... and removes nothing') from workos.roles where slug = 'r1';
select is(apply('event_45', 'permission.created', '{"slug": "p"}'), 'ignored', 'other events of permissions are ignored');

-- sessions
select is(apply('event_50', 'session.created', '{"id": "session_1", "user_id": "user_1", "status": "active"}'), 'ignored', 'sign-ins are ignored');
select is(apply('event_51', 'session.revoked', '{"id": "session_1", "user_id": "user_1", "status": "active"}'), 'applied', 'a session is revoked, whatever its status says');
select results_eq('select id, user_id, revoked_at from workos.revoked_sessions', $$values ('session_1', 'user_1', timestamptz '2026-01-01 00:00+00')$$, '... and kept');
select is(apply('event_51', 'session.revoked', '{"id": "session_1", "user_id": "user_1"}'), 'stale', '... once');

-- other kinds, known and unknown
select is(workos.apply_event(e::jsonb), 'ignored', 'ignored: ' || e) from unnest(array[
	'{"id": "event_60", "event": "dsync.user.created", "data": {"id": "directory_user_1"}}', '{"event": "user.merged"}', '{"event": ""}', '{"event": "user"}',
	'{"event": "user.deleted.x", "data": {"id": "user_4"}}', '{"event": "xuser.deleted"}', '{"event": "User.deleted"}', '{"event": "role.revoked"}', '{"event": "user.deleted\n"}']) e;
select is(deleted_at, null, '... and no user is deleted') from workos.users where id = 'user_4';

-- refusals
select matches(complaint('select workos.apply_event($1::jsonb)', e), '^22023 \| .*HINT \w', 'refused: ' || coalesce(left(e, 100), 'NULL')) from unnest(array[null,
	'null', '1', '"user.created"', '[]', '{}', '[{"event": "user.created"}]', '{"event": 1}', '{"event": null}', '{"event": ["user.created"]}',
	'{"id": "event_1", "event": "user.created"}', '{"id": "event_1", "event": "user.created", "data": null}', '{"id": "event_1", "event": "user.created", "data": []}', '{"id": "event_1", "event": "user.created", "data": "secret"}',
	'{"event": "user.created", "data": {"id": "user_secret", "updated_at": "2026-01-01T00:00:00Z"}}', '{"id": 1, "event": "user.created", "data": {"id": "user_secret", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "", "event": "user.created", "data": {"id": "user_secret", "updated_at": "2026-01-01T00:00:00Z"}}', '{"id": "event_1", "event": "user.created", "data": {"updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "user.created", "data": {"id": "", "updated_at": "2026-01-01T00:00:00Z"}}', '{"id": "event_1", "event": "user.created", "data": {"id": ["secret"], "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "user.created", "data": {"id": "user_secret"}}', '{"id": "event_1", "event": "user.created", "created_at": "secret", "data": {"id": "user_secret", "updated_at": "2026-13-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "user.created", "data": {"id": "user_secret", "updated_at": "now"}}', '{"id": "event_1", "event": "user.created", "data": {"id": "user_secret", "updated_at": "infinity"}}',
	'{"id": "event_1", "event": "user.created", "data": {"id": "user_secret", "updated_at": 1767225600}}', '{"id": "event_1", "event": "user.created", "data": {"id": "user_secret", "updated_at": "294277-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "user.deleted", "data": {}}',
	'{"id": "event_1", "event": "organization_membership.created", "data": {"id": "om_secret", "organization_id": "org_1", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "organization_membership.created", "data": {"id": "om_secret", "user_id": "user_1", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "organization_membership.updated", "data": {"id": "om_secret", "user_id": "user_1", "organization_id": "", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "role.created", "data": {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "role.created", "data": {"slug": "secret", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "organization_role.created", "data": {"slug": "secret", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}}',
	'{"id": "event_1", "event": "permission.deleted", "data": {"id": "perm_1"}}', '{"id": "event_1", "event": "session.revoked", "data": {}}',
	jsonb_build_object('id', repeat('secret', 50), 'event', 'user.created', 'data', '{"id": "user_1", "updated_at": "2026-01-01T00:00:00Z"}'::jsonb)::text,
	jsonb_build_object('id', 'event_1', 'event', 'user.created', 'data', jsonb_build_object('id', repeat('secret', 2000), 'updated_at', '2026-01-01T00:00:00Z'))::text,
	jsonb_build_object('id', 'event_1', 'event', 'organization_membership.deleted', 'data', jsonb_build_object('id', 'om_1', 'user_id', repeat('secret', 2000)))::text,
	jsonb_build_object('id', 'event_1', 'event', 'role.created', 'data', jsonb_build_object('slug', repeat('secret', 2000), 'created_at', '2026-01-01T00:00:00Z', 'updated_at', '2026-01-01T00:00:00Z'))::text]) e;
select unalike(complaint('select workos.apply_event($1::jsonb)', '{"id": "event_1", "event": "user.created", "data": {"id": "user_secret", "email": "secret@example.com"}}'), '%secret%', 'no refusal repeats the event');
select is(apply('event_70', 'user.created', jsonb_build_object('id', repeat('x', 255), 'email', repeat('long', 100000), 'metadata', jsonb_build_object(repeat('k', 1000), repeat('v', 100000)))), 'applied', 'an id of 255 bytes and a long content are written');
select is(length(email), 400000, '... as they came') from workos.users where id = repeat('x', 255);

-- isolation
commit;
begin isolation level repeatable read;
set local search_path = feed, tap, pg_catalog;
select matches(complaint($$select workos.apply_event('{"event": "x"}')$$), '^55000 \| .*REPEATABLE READ.*HINT', 'REPEATABLE READ is refused');
commit;
begin isolation level serializable;
set local search_path = feed, tap, pg_catalog;
select is(apply('event_80', 'user.created', '{"id": "user_80"}'), 'applied', 'SERIALIZABLE is not');
select * from finish();
rollback;
truncate workos.users, workos.organizations, workos.memberships, workos.roles, workos.deleted_permissions, workos.revoked_sessions, workos.sync;
