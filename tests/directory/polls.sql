-- Answers of the Events API, and the cursor. As keeper, the owner of the directory.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, pg_catalog;
select no_plan();

create function pg_temp.user(id text, at text default '2026-01-01T00:00:00.000Z') returns jsonb language sql as $$
	select feed.event('event_' || id, 'user.created', jsonb_build_object('id', 'user_' || id), at)
$$;
select is(workos.apply_events(answer(), 'event_x'), null, 'an answer to a request with an unknown cursor is not applied');
select is(workos.apply_events(answer(pg_temp.user('01')), 'event_x'), null, '... and the cursor to ask with is returned: none');
select is(count(*), 0::bigint, '... and nothing is written') from workos.users;
select results_eq('select cursor, polled_at, reached_end_at from workos.sync', $$values (null::text, null::timestamptz, null::timestamptz)$$, '... not even that there was an answer');
select is(workos.apply_events(answer(), null), null, 'an empty answer keeps the cursor');
select results_eq('select cursor, polled_at is not null, reached_end_at is not null from workos.sync', $$values (null::text, true, true)$$, '... and the end was reached');
select is(workos.apply_events(answer(pg_temp.user('01'), pg_temp.user('02', '2026-01-02T00:00:00.000Z')), null), 'event_02', 'the id of the last event is the new cursor');
select is(array_agg(id order by id), '{user_01,user_02}', '... and all events are applied') from workos.users;
select is(workos.apply_events(answer(pg_temp.user('03', '2026-01-03T00:00:00.000Z')), null), 'event_02', 'an answer to a request with an old cursor is not applied');
select is(workos.apply_events(answer(pg_temp.user('03', '2026-01-03T00:00:00.000Z')), 'event_01'), 'event_02', '... whichever it was');
select is(count(*), 2::bigint, '... and nothing is written') from workos.users;
select is(workos.apply_events(answer(feed.event('event_03', 'dsync.activated', '{}', '2026-01-03T00:00:00.000Z'), feed.event('event_04', 'user.created', '{"id": "user_01"}', '2026-01-03T00:00:00.000Z')), 'event_02'),
	'event_04', 'events that are ignored move the cursor, too');
select is(workos.apply_events(answer(feed.event('event_05', 'user.updated', '{"id": "user_02", "updated_at": "2025-01-01T00:00:00.000Z"}', '2026-01-03T00:00:00.000Z')), 'event_04'), 'event_05', '... and stale ones');
select is(workos.apply_events(answer(pg_temp.user('08', '2026-01-05T00:00:00.000Z'), pg_temp.user('09', '2026-01-04T00:00:00.000Z'), pg_temp.user('0a', '2026-01-05T00:00:00.000Z')), 'event_05'), 'event_0a',
	'events whose times are a little out of order are not refused');
select matches(complaint($$select workos.apply_events(feed.answer(pg_temp.user('0c', '2026-01-07T00:00:00.000Z'), pg_temp.user('0b', '2026-01-06T00:00:00.000Z')), 'event_0a')$$), '^22023 \| the events are in descending order \| HINT .*order=asc', 'a descending answer is refused');
select matches(complaint($$select workos.apply_events(feed.answer(pg_temp.user('02', '2026-01-02T00:00:00.000Z')), 'event_0a')$$), '^22023 \| the events are in descending order', '... also one of a single event that is older than the last');
select is(workos.apply_events(jsonb_build_object('data', jsonb_build_array('{"id": "wh_9", "event": "user.created", "data": {"id": "user_w", "updated_at": "2020-01-01T00:00:00Z"}}'::jsonb)), 'event_0a'), 'wh_9', 'events may lack their time');
select is(cursor, 'wh_9', 'the cursor is kept') from workos.sync;
select isnt(last_event_at, null, '... and when the last event was') from workos.sync;
select is(count(*), 1::bigint, '... in one row') from workos.sync;

-- An event that is refused
create temp table before as select * from workos.users;
select matches(complaint('select workos.apply_events($1::jsonb, ''wh_9'')', a), '^22023 \| .*HINT \w', 'refused: ' || left(a, 100)) from unnest(array[
	'null', '[]', '{}', '{"data": null}', '{"data": {}}', '{"data": "secret"}', '{"error": "invalid_cursor", "message": "secret"}',
	'{"data": [null]}', '{"data": [1]}', '{"data": [[]]}', '{"data": [{"event": "x"}]}', '{"data": [{"event": "x", "id": 1}]}', '{"data": [{"event": "x", "id": ""}]}',
	'{"data": [{"event": "user.created", "id": "event_1", "data": {"id": "user_new", "updated_at": "2026-02-01T00:00:00Z"}}, {"event": "user.created", "id": "event_2", "data": {}}]}']) a;
select matches(complaint('select workos.apply_events(null, ''wh_9'')'), '^22023', 'refused: NULL');
select bag_eq('select * from workos.users', 'select * from before', 'a refused answer is applied as a whole or not at all');
select is(cursor, 'wh_9', '... and the cursor stays') from workos.sync;

-- The function that is called after each event
create function feed.on_event(event jsonb) returns void language plpgsql set search_path = feed, pg_catalog, pg_temp as $$
begin
	if event -> 'data' ->> 'email' = 'fails' then
		raise exception using errcode = 'P0042', message = 'on_event fails';
	end if;
	insert into seen values (event ->> 'event', event -> 'data' ->> 'id', current_user);
end $$;
create table feed.seen (event text, id text, by text);
select is(workos.configure(after_event => 'feed.on_event(jsonb)')::text, '', 'a function is configured');
select is(workos.apply_events(answer(feed.event('event_10', 'user.created', '{"id": "user_10"}', '2026-02-01T00:00:00.000Z'), feed.event('event_10', 'user.created', '{"id": "user_10"}', '2026-02-01T00:00:00.000Z'),
	feed.event('event_11', 'session.created', '{}', '2026-02-01T00:00:00.000Z'), feed.event('event_12', 'session.revoked', '{"id": "session_1"}', '2026-02-01T00:00:00.000Z')), 'wh_9'), 'event_12', 'events are applied');
select results_eq('select * from seen', $$values ('user.created', 'user_10', 'keeper'), ('session.revoked', 'session_1', 'keeper')$$, '... and it is called for each that was, in order, as the owner of the directory');
select throws_ok($$select feed.apply('event_13', 'user.created', '{"id": "user_13", "email": "fails"}')$$, 'P0042', 'on_event fails', 'its error reaches the caller');
select is(count(*), 0::bigint, '... and the event is not applied') from workos.users where id = 'user_13';
select throws_ok($$select workos.configure('feed.missing(jsonb)')$$, '22023', null, 'a function that does not exist is refused');
select throws_ok($$select workos.configure('feed.sign(bytea, text, numeric)')$$, '22023', null, '... and one with other arguments');
select throws_ok($$select workos.configure('on_event(jsonb)')$$, '22023', null, '... and a name without its schema');
select throws_ok($$select workos.configure('pg_catalog.jsonb_array_elements(jsonb)')$$, '22023', null, '... and one that returns a set');
select throws_ok($$select workos.configure('pg_catalog.jsonb_typeof(jsonb)')$$, '42501', null, '... and one of another owner');
select is(after_event, 'feed.on_event(jsonb)', '... and the former stays') from workos.settings;
drop function feed.on_event(jsonb);
select throws_ok($$select feed.apply('event_14', 'user.created', '{"id": "user_14"}')$$, '55000', null, 'where it was dropped, no event is applied');
select is(apply('event_15', 'user.created', '{"id": "user_w", "updated_at": "2019-01-01T00:00:00Z"}'), 'stale', '... and stale ones are what they are');
select is(workos.configure(null)::text, '', 'none is configured');
select is(apply('event_14', 'user.created', '{"id": "user_14"}'), 'applied', '... and events are applied again');
drop table seen;

-- A large answer
select is(workos.apply_events(jsonb_build_object('data', (select jsonb_agg(feed.event('event_2' || lpad(n::text, 6, '0'), 'user.created', jsonb_build_object('id', 'user_' || n), '2026-03-01T00:00:00.000Z') order by n) from generate_series(1, 3000) n)), 'event_12'),
	'event_2003000', 'an answer of any length is applied');
select is(count(*), 3000::bigint, '... all of it') from workos.users where id ~ '^user_[0-9]+$' and event_id ~ '^event_2';
select * from finish();
rollback;
