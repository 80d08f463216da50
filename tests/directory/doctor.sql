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

select pg_temp.as_user('user_1', 'org_1') is null as is_set;
select matches(pg_temp.feed(), '^ok: [^|]*$', 'of a user and an organization that it knows, it says nothing');
select pg_temp.as_user('user_1', null) is null as is_set;
select matches(pg_temp.feed(), '^ok: [^|]*$', '... nor of no organization');
select pg_temp.as_user('user_2', 'org_1') is null as is_set;
select matches(pg_temp.feed(), '\| warning: The directory does not know the user of the token\.', 'an unknown user');
select pg_temp.as_user('user_1', 'org_2') is null as is_set;
select matches(pg_temp.feed(), '\| warning: The directory does not know the organization of the token\.', 'an unknown organization');
select pg_temp.as_user('user_2', 'org_2') is null as is_set;
select matches(pg_temp.feed(), '\| warning: The directory does not know the user and the organization of the token\.', 'both');

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
