-- workos_doctor(): what it says of the feed, and to whom. As keeper, the owner of the directory.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();

create function pg_temp.feed() returns text language sql as $$
	select string_agg(d.status || ': ' || d.detail, ' | ' order by d.status, d.detail) from workos_doctor() d where d.check_name = 'feed'
$$;
create function pg_temp.as_user(id text, org_id text) returns text language sql as $$
	select set_config('request.jwt.claims', jsonb_build_object('sub', id, 'sid', 'session_1', 'org_id', org_id, 'exp', 99999999999)::text, true)
$$;
select matches(pg_temp.feed(), '^warning: Nothing seems to feed the directory: .* \(membership: token\)\.$', 'neither a secret nor a poll: not fed');
select workos_configure('newest') is null as is_set;
select matches(pg_temp.feed(), '^warning: Nothing seems .* \(membership: newest\)\.$', '... and who decides');
savepoint by_webhooks;
select workos.add_webhook_secret('whsec_0123456789abcdef') is null as added;
select matches(pg_temp.feed(), '^ok: Webhooks feed the directory\. ', 'with a secret, webhooks feed it');
select is(count(*), 0::bigint, '... and no row holds the secret') from workos_doctor() d where d::text ~ 'whsec';
rollback to by_webhooks;

select is(workos.apply_events(answer(feed.event('event_1', 'organization.created', '{"id": "org_1"}'), feed.event('event_2', 'user.created', '{"id": "user_1"}')), null), 'event_2', 'events are polled');
select matches(pg_temp.feed(), '^warning: The last poll that reached the end of the events was never, and the last event of a poll .+ ago \(membership: newest\)\. .* stay until their tokens expire\.$', 'a poll that has not reached the end');
select is(workos.apply_events(answer(), 'event_2'), 'event_2', 'the end is reached');
select matches(pg_temp.feed(), '^ok: The last poll that reached the end of the events was \S+ ago', '... and all is well');
update workos.sync set reached_end_at = now() - interval '61 minutes';
select matches(pg_temp.feed(), '^warning: The last poll that reached the end of the events was \S+ ago.* stay until', 'an hour later, nothing is');
select workos_configure('token') is null as is_set;
select matches(pg_temp.feed(), '^ok: The last poll that reached the end of the events was \S+ ago.* \(membership: token\)\.$', '... unless the token decides');
update workos.sync set reached_end_at = now() - interval '50 minutes';
select workos_configure('newest') is null as is_set;
select matches(pg_temp.feed(), '^ok: [^|]*$', '... or some minutes less');

-- What it does not know of the caller's own token, everybody is told.
create function pg_temp.known() returns text language sql as $$
	select string_agg(d.status || ': ' || d.detail, ' | ') from workos_doctor() d where d.check_name = 'directory'
$$;
create temp table unknown (user_id text, org_id text, what text) on commit drop;
insert into unknown values ('user_1', 'org_1', 'a membership of the user in the organization'), ('user_2', 'org_1', 'the user'), ('user_1', 'org_2', 'the organization'), ('user_2', 'org_2', 'the user and the organization');
grant select on unknown to authenticated;
select is(pg_temp.as_user(u.user_id, u.org_id) is null or pg_temp.known() = format('warning: The directory does not know %s of the token. Of a membership that it does not know, the token decides.', u.what), true, 'to its owner: ' || u.what) from unknown u order by what;
set local role authenticated;
select is(pg_temp.as_user(u.user_id, u.org_id) is null or pg_temp.known() = format('warning: The directory does not know %s of the token. Of a membership that it does not know, the token decides.', u.what), true, 'to a signed-in user: ' || u.what) from unknown u order by what;
select is(pg_temp.as_user('user_1', null) is null or pg_temp.known() is null, true, '... but nothing where it knows the user, and no organization is selected');
select is(set_config('request.jwt.claims', '{"sub": "user_9", "sid": "session_1", "org_id": "org_9", "scope": "x"}', true) is null or pg_temp.known() is null, true, '... nor of another kind of token');
select is(set_config('request.jwt.claims', '{"sub": "user_9", "sid": "session_1", "org_id": "org_9", "exp": 1}', true) is null or pg_temp.known() is null, true, '... nor of a token that has expired');
select is(set_config('request.jwt.claims', '', true) is null or pg_temp.known() is null, true, '... nor to a request without a token');
select is(workos._known(), null, '... and the function that it asks answers for a session only');
set local role keeper;
select is(apply('event_3', name, data), 'applied', name) from (values ('organization_membership.created', feed.membership('om_1', 'user_1', 'org_1')), ('organization_membership.created', feed.membership('om_2', 'user_3', 'org_1')),
	('organization_membership.deleted', feed.membership('om_2', 'user_3', 'org_1')), ('user.created', '{"id": "user_3"}')) e(name, data);
set local role authenticated;
select pg_temp.as_user('user_1', 'org_1') is null as is_set;
select is(pg_temp.known(), null, '... nor of a membership that it knows');
select is(pg_temp.as_user('user_3', 'org_1') is null or pg_temp.known() ~ '^problem: The directory says that the membership was deleted', true, '... nor of one that has ended, which is a problem');
set local role keeper;

-- Where token and directory disagree: the token, here of a later time than the events, or the directory decides.
set local role authenticated;
create function pg_temp.compared(claims jsonb) returns text language sql as $$
	select set_config('request.jwt.claims', (jsonb_build_object('sub', 'user_1', 'sid', 'session_1', 'org_id', 'org_1', 'exp', 99999999999) || claims)::text, true);
	select string_agg(d.status || ': ' || d.detail, ' | ') from workos_doctor() d where d.check_name = 'directory'
$$;
select is(pg_temp.compared(claims), null, 'no difference: ' || claims::text) from unnest(array['{"user_role": "member"}', '{"roles": ["member"]}', '{"roles": ["member"], "user_role": "member"}', '{"roles": ["member"], "iat": 1767312000}', '{}', '{"roles": "member"}', '{"org_id": null, "roles": ["x"]}']::jsonb[]) claims;
select matches(pg_temp.compared(claims), wanted, 'a difference: ' || claims::text) from (values
	('{"roles": ["admin"]}'::jsonb, '^warning: The token and the directory disagree: the roles are \{admin\} in the token, and \{member\} in the directory \(since 2026-01-01 .*\)\. Those that count are \{member\}\.$'),
	('{"roles": ["admin"], "iat": 1767312000}', ' are \{admin\} in the token, and \{member\} in .* Those that count are \{admin\}\.$'),
	('{"roles": ["member", "admin"]}', ' are \{member, admin\} in the token, and \{member\} in '),
	('{"roles": []}', ' are \{\} in the token, and \{member\} in '),
	('{"user_role": "admin"}', ' are \{admin\} in the token, and \{member\} in ')) v(claims, wanted);
set local role keeper;
select is(apply('event_4', 'organization_membership.updated', feed.membership('om_1', 'user_1', 'org_1', '{"role": {"slug": "b"}, "roles": [{"slug": "b"}, {"slug": "a"}]}'), '2026-01-01T00:00:01Z'), 'applied', 'another role');
set local role authenticated;
select is(pg_temp.compared('{"roles": ["a", "b"]}'), null, 'the order of the roles is no difference');
select matches(pg_temp.compared('{"roles": ["b"], "iat": 1767312000}'), ' are \{b\} in the token, and \{b, a\} in the directory .* Those that count are \{b\}\.$', '... but a role that only the directory has');
set local role keeper;
select is(apply('event_5', 'organization_membership.updated', feed.membership('om_1', 'user_1', 'org_1', '{"status": "inactive"}'), '2026-01-01T00:00:02Z'), 'applied', 'the membership becomes inactive');
set local role authenticated;
select matches(pg_temp.compared('{"iat": 1767312000}'), '^warning: The directory says that the membership is inactive \(since 2026-01-01 .*\)\. The session counts all the same, because the token decides\.$', 'a newer token');
set local role keeper;

-- What is not the directory's is not read.
savepoint others;
alter table workos.sync rename to sync_before;
create view workos.sync as select 1 / 0 as reached_end_at, null::timestamptz as polled_at, null::timestamptz as last_event_at;
select is(pg_temp.feed(), null, 'a view in the place of a table is not read');
rollback to others;
alter table workos.sync rename to sync_before;
create table workos.sync as select * from workos.sync_before;
grant create on schema workos to stranger;
alter table workos.sync owner to stranger;
select is(pg_temp.feed(), null, '... nor is a table of another role');
rollback to others;
select isnt(pg_temp.feed(), null, '... but the tables of the directory are');
select pg_temp.as_user('user_9', 'org_9') is null as is_set;
select isnt(pg_temp.known(), null, '... and its function is called');
grant create on schema workos to stranger;
alter function workos._known() rename to known_before;
create function workos._known() returns jsonb language sql security definer return '{"unknown": ["user"]}'::jsonb;
alter function workos._known() owner to stranger;
select is(pg_temp.known(), null, '... but no function of another role');
alter function workos._known() owner to keeper;
alter function workos._known() security invoker;
select is(pg_temp.known(), null, '... nor one that has the rights of the caller');
rollback to others;

-- Others learn nothing of it.
set local role stranger;
select is(pg_temp.feed(), null, 'a role without rights on the directory is told nothing of the feed');
set local role authenticated;
select is(pg_temp.feed(), null, '... nor is a signed-in user');
set local role keeper;
grant select on workos.users, workos.organizations, workos.sync to authenticated;
set local role authenticated;
select is(pg_temp.feed(), null, '... also one who may read a part of it');
reset role;
select * from finish();
rollback;
