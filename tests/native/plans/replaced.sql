-- Run as a superuser: a plan depends on what was inlined into it, and is made anew when that changes.
\set ON_ERROR_STOP on
begin;
select plan(2);
set local search_path = plans, extensions, tap;
set local plan_cache_mode = force_generic_plan;
select as_claims(token('{"org_id": "org_1"}'));
select workos_org_id() is not null as loaded \gset
create table guarded (org_id text);
insert into guarded values ('org_1'), ('org_2');
grant select on guarded to authenticated;
alter table guarded enable row level security;
create policy p on guarded using (workos_is_member(org_id));
set local role authenticated;
prepare remembered as select count(*) from guarded;
execute remembered \gset before_
reset role;
create or replace function extensions.workos_is_member(org_id text) returns boolean language sql stable parallel safe
	return org_id = extensions.workos_org_id() and org_id like '%2';
set local role authenticated;
execute remembered \gset after_
reset role;
select is(:before_count, 1, 'a prepared statement');
select is(:after_count, 0, '... is planned anew when the function that was inlined into it changes');
select * from finish();
rollback;
