-- Each parallel worker verifies the token.
\set ON_ERROR_STOP on
begin;
create table lab.event (org_id text, n int);
insert into lab.event select case when g % 4 = 0 then 'org_01' else 'org_02' end, g from generate_series(1, 40000) g;
commit;
analyze lab.event;
select token as alice from minted where name = 'valid' \gset
select token as forged from minted where name = 'a key of another issuer' \gset

begin;
select no_plan();
set local parallel_setup_cost = 0;
set local parallel_tuple_cost = 0;
set local min_parallel_table_scan_size = 0;
set local max_parallel_workers_per_gather = 4;
set local parallel_leader_participation = off;
select workos_authenticate(:'alice') \g /dev/null
prepare rows as select count(*) from lab.event where org_id || '' = workos_org_id() and workos_has_permission('documents:read');
select matches(plan_of('execute rows', ', analyze, timing off, summary off'), 'Workers Launched: [1-9]', 'parallel workers run the query');
execute rows \gset
select is(:'count'::text, '10000', 'each worker uses the identity of the token');
savepoint forged;
select set_config('workos.access_token', :'forged', true) \g /dev/null
select throws_ok('execute rows', '28000', 'access token has a bad signature', 'a worker refuses a forged token');
rollback to forged;
select set_config('workos.access_token', '', true) \g /dev/null
select as_claims(token('{"org_id": "org_01"}')) \g /dev/null
execute rows \gset
select is(:'count'::text, '0', 'a worker ignores claims that were not verified');
select * from finish();
rollback;
drop table lab.event;
