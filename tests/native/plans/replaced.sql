-- Run as a superuser: a plan depends on the functions that were inlined into it, and is made again when they change.
\set ON_ERROR_STOP on
begin;
select plan(11);
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
savepoint s;
create or replace function extensions.workos_is_member(org_id text) returns boolean language sql stable parallel safe
	return org_id = extensions.workos_org_id() and org_id like '%2';
set local role authenticated;
execute remembered \gset after_
rollback to s;
select is(:before_count, 1, 'a prepared statement returns the rows of the tenant');
select is(:after_count, 0, '... it is planned again when the function that was inlined into it changes');

-- A plan also depends on what could be inlined at the same time: other functions in SQL, and constraints of a domain.
create function inner_part(org text) returns text language sql stable as 'select org';
create function outer_part(org text) returns text language sql stable as 'select plans.inner_part(org)';
create domain org as text;
create table by_function (org_id text);
create table by_domain (org_id text);
insert into by_function values ('org_1');
insert into by_domain values ('org_1');
grant select on by_function, by_domain to authenticated;
alter table by_function enable row level security;
alter table by_domain enable row level security;
create policy p on by_function using (workos_is_member(outer_part(org_id)));
create policy p on by_domain using (workos_is_member(org_id::org));
set local role authenticated;
prepare by_function_remembered as select count(*) from by_function;
prepare by_domain_remembered as select count(*) from by_domain;
execute by_function_remembered \gset function_before_
execute by_domain_remembered \gset domain_before_
reset role;
create or replace function inner_part(org text) returns text language sql stable as 'select null::text';
alter domain org add check (value <> 'org_1');
set local role authenticated;
execute by_function_remembered \gset function_after_
select throws_ok('execute by_domain_remembered', '23514', null, 'a plan with a cast to a domain is made again when the domain gets a constraint');
reset role;
select is(:function_before_count, 1, 'a policy that calls a function in SQL returns the row');
select is(:function_after_count, 0, '... its plan is made again when a function that is called indirectly changes');
select is(:domain_before_count, 1, 'a policy that casts to a domain returns the row');

-- If there is little stack, statements are planned without the hook.
create table nested (org_id text);
insert into nested values ('org_1'), ('org_2');
grant select on nested to authenticated;
alter table nested enable row level security;
select format('create policy p on nested using (%sworkos_is_member(org_id)%s)', repeat('(org_id is null or (org_id is not null and ', 40), repeat('))', 40)) \gexec
set local max_stack_depth = '100kB';
set local workos.plan_once = off;
set local role authenticated;
select lives_ok('select * from nested', 'a deeply nested policy works with the smallest stack, without the hook');
reset role;
set local workos.plan_once = on;
set local role authenticated;
select lives_ok('select * from nested', '... and with the hook');
reset role;
reset max_stack_depth;

-- COPY
grant pg_read_server_files, pg_write_server_files to authenticated;
create function copied(statement text) returns bigint language plpgsql as $$
declare n bigint;
begin
	execute statement;
	get diagnostics n = row_count;
	return n;
end $$;
create table to_copy (pub boolean, org_id text);
insert into to_copy select g % 4 = 0, 'org_' || g % 2 from generate_series(1, 40) g;
grant all on to_copy to authenticated;
alter table to_copy enable row level security;
create policy p on to_copy using (pub or org_id = workos_org_id()) with check (org_id = workos_org_id());
set local role authenticated;
select is(copied('copy to_copy to ''/dev/null'''), 30::bigint, 'COPY TO copies the rows of the tenant');
select is(copied('copy (select * from to_copy where not pub) to ''/dev/null'''), 20::bigint, '... also from a query');
select throws_ok('copy to_copy from ''/dev/null''', '0A000', 'COPY FROM not supported with row-level security', 'COPY FROM is refused, as without the extension');
reset role;
select * from finish();
rollback;
