-- Whose identity it is, through everything that ends a setting.
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

-- A session-level setting is what it says, and ends as it says.
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

-- READ ONLY transactions, plpgsql that catches the error, and one statement with several users.
begin read only;
select workos_authenticate(:'bob') \g /dev/null
select coalesce(workos_user_id(), 'nobody') as read_only \gset
commit;

begin;
select no_plan();
select is(:'signed_in'::text, 'user_01', 'authenticate returns the user''s id');
select is(:'inside'::text, 'user_01', 'signed in inside the transaction');
select is(:'after_commit'::text, 'nobody', 'nobody after COMMIT');
select is(:'after_rollback'::text, 'nobody', 'nobody after ROLLBACK');
select is(:'in_savepoint'::text, 'user_02', 'another user inside a savepoint');
select is(:'after_rollback_to'::text, 'user_01', 'the first one after ROLLBACK TO');
select is(:'after_release'::text, 'user_02', 'the second one after RELEASE');
select is(:'after_nested_commit'::text, 'nobody', 'nobody after COMMIT');
select is(:'session_level'::text, 'user_01', 'set_config(…, false) lasts');
select is(:'local_over_session'::text, 'user_02', 'a transaction''s user goes first');
select is(:'session_level_again'::text, 'user_01', '... and is gone with it');
select is(:'after_reset_all'::text, 'nobody', 'nobody after RESET ALL');
select is(:'after_discard_all'::text, 'nobody', 'nobody after DISCARD ALL');
select is(:'read_only'::text, 'user_02', 'in a READ ONLY transaction');

create function pg_temp.try(token text) returns text language plpgsql as $$
begin
	return workos_authenticate(token);
exception when invalid_authorization_specification then
	return coalesce(workos_user_id(), 'nobody');
end $$;
select is(pg_temp.try(:'forged'), 'nobody', 'a failure leaves nobody');
select is(workos_user_id(), null, 'nobody');
select is(pg_temp.try(:'alice'), 'user_01', 'a success leaves somebody');
select is(pg_temp.try(:'forged'), 'user_01', 'a failure leaves who was there');
select is(workos_user_id(), 'user_01', 'who was there');
select is((select string_agg(workos_authenticate(token) || ' ' || workos_user_id(), ', ' order by name) from minted where name in ('bob', 'valid') group by 1 = 1),
	'user_02 user_02, user_01 user_01', 'users that take turns within one statement');

-- More users than are remembered, and back again.
select is(count(*), 0::bigint, 'each of 300 users is itself, again and again')
	from generate_series(1, 3), minted where name like 'pool %' and workos_authenticate(token) || workos_user_id() <> repeat('user_' || replace(name, ' ', '_'), 2);

-- A cursor keeps the rows it was opened for, as with any other setting, and who asks next is who is set.
create temp table document (id int, org_id text);
insert into document select g, case when g % 2 = 0 then 'org_01' else 'org_02' end from generate_series(1, 20000) g;
analyze document;
select workos_authenticate(:'alice') \g /dev/null
declare reader cursor for select id from document where org_id = workos_org_id();
fetch 1 from reader \g /dev/null
select set_config('workos.access_token', '', true) \g /dev/null
select is(workos_org_id(), null, 'nobody beside an open cursor');
select is((select count(*) from document where org_id = workos_org_id()), 0::bigint, 'who sees nothing');
close reader;
select * from finish();
rollback;
