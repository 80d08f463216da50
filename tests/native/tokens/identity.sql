-- The identity after each event that changes or ends a setting.
\set ON_ERROR_STOP on
select token as alice from minted where name = 'valid' \gset
select token as bob from minted where name = 'bob' \gset
select token as forged from minted where name = 'a key of another issuer' \gset

begin;
select workos_authenticate(:'alice') as signed_in \gset
select coalesce(workos_user_id(), 'nobody') as inside \gset
commit;
select coalesce(workos_user_id(), 'nobody') as after_commit \gset
begin;
select workos_authenticate(:'alice') \g /dev/null
rollback;
select coalesce(workos_user_id(), 'nobody') as after_rollback \gset

begin;
select workos_authenticate(:'alice') \g /dev/null
savepoint nested;
select workos_authenticate(:'bob') \g /dev/null
select coalesce(workos_user_id(), 'nobody') as in_savepoint \gset
rollback to nested;
select coalesce(workos_user_id(), 'nobody') as after_rollback_to \gset
savepoint released;
select workos_authenticate(:'bob') \g /dev/null
release released;
select coalesce(workos_user_id(), 'nobody') as after_release \gset
commit;
select coalesce(workos_user_id(), 'nobody') as after_nested_commit \gset

-- A token that is set for the session.
select set_config('workos.access_token', :'alice', false) \g /dev/null
select coalesce(workos_user_id(), 'nobody') as session_level \gset
begin;
select workos_authenticate(:'bob') \g /dev/null
select coalesce(workos_user_id(), 'nobody') as local_over_session \gset
commit;
select coalesce(workos_user_id(), 'nobody') as session_level_again \gset
reset all;
select coalesce(workos_user_id(), 'nobody') as after_reset_all \gset
select set_config('workos.access_token', :'alice', false) \g /dev/null
discard all;
select coalesce(workos_user_id(), 'nobody') as after_discard_all \gset

-- READ ONLY transactions, PL/pgSQL that catches the error, and one statement with several users.
begin read only;
select workos_authenticate(:'bob') \g /dev/null
select coalesce(workos_user_id(), 'nobody') as read_only \gset
commit;

begin;
select no_plan();
select is(:'signed_in'::text, 'user_01', 'workos_authenticate() returns the user id');
select is(:'inside'::text, 'user_01', 'signed in inside the transaction');
select is(:'after_commit'::text, 'nobody', 'anonymous after COMMIT');
select is(:'after_rollback'::text, 'nobody', 'anonymous after ROLLBACK');
select is(:'in_savepoint'::text, 'user_02', 'another user inside a savepoint');
select is(:'after_rollback_to'::text, 'user_01', 'the first user after ROLLBACK TO');
select is(:'after_release'::text, 'user_02', 'the second user after RELEASE');
select is(:'after_nested_commit'::text, 'nobody', 'anonymous after COMMIT of a transaction with savepoints');
select is(:'session_level'::text, 'user_01', 'a token set by set_config(…, false) lasts for the session');
select is(:'local_over_session'::text, 'user_02', 'workos_authenticate() takes precedence in its transaction');
select is(:'session_level_again'::text, 'user_01', '... and the token of the session is used again after it');
select is(:'after_reset_all'::text, 'nobody', 'anonymous after RESET ALL');
select is(:'after_discard_all'::text, 'nobody', 'anonymous after DISCARD ALL');
select is(:'read_only'::text, 'user_02', 'a user signs in in a READ ONLY transaction');

create function pg_temp.try(token text) returns text language plpgsql as $$
begin
	return workos_authenticate(token);
exception when invalid_authorization_specification then
	return coalesce(workos_user_id(), 'nobody');
end $$;
select is(pg_temp.try(:'forged'), 'nobody', 'after a failed sign-in the request is anonymous');
select is(workos_user_id(), null, 'after the caught error the request is anonymous');
select is(pg_temp.try(:'alice'), 'user_01', 'a valid token signs in a user');
select is(pg_temp.try(:'forged'), 'user_01', 'after a failed sign-in the earlier user is still signed in');
select is(workos_user_id(), 'user_01', 'after the caught error the earlier user is still signed in');
select is((select string_agg(workos_authenticate(token) || ' ' || workos_user_id(), ', ' order by name) from minted where name in ('bob', 'valid') group by 1 = 1),
	'user_02 user_02, user_01 user_01', 'several users sign in within one statement');

-- More users than the cache of verified tokens holds, several times.
select is(count(*), 0::bigint, 'each of 300 users gets the right identity each time')
	from generate_series(1, 3), minted where name like 'pool %' and workos_authenticate(token) || workos_user_id() <> repeat('user_' || replace(name, ' ', '_'), 2);

-- A cursor keeps its rows, as with any other setting. The next query uses the current identity.
create temp table document (id int, org_id text);
insert into document select g, case when g % 2 = 0 then 'org_01' else 'org_02' end from generate_series(1, 20000) g;
analyze document;
select workos_authenticate(:'alice') \g /dev/null
declare reader cursor for select id from document where org_id = workos_org_id();
fetch 1 from reader \g /dev/null
select set_config('workos.access_token', '', true) \g /dev/null
select is(workos_org_id(), null, 'anonymous while a cursor of another user is open');
select is((select count(*) from document where org_id = workos_org_id()), 0::bigint, 'an anonymous request sees no rows');
close reader;
select * from finish();
rollback;
