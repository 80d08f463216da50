-- workos_test.isolation_report(): finds each of these leaks, calls nothing isolated that it could not prove, and finds none in sound
-- tables. Each case is one table lab2.t, or what the case makes of it. Run by developer, who owns the tables and is no superuser, and
-- by a superuser.
\set ON_ERROR_STOP on
-- The assertion, in a transaction of its own, so that its numbers are not counted below.
begin;
select no_plan() \g /dev/null
set local client_min_messages = error;
create schema lab2;
grant usage on schema lab2 to authenticated, anon;
create table lab2.doc (id int generated always as identity primary key, org_id text not null default workos_org_id(), title text, public boolean not null default false);
alter table lab2.doc enable row level security;
grant select, insert, update, delete on lab2.doc to authenticated;
create policy p on lab2.doc to authenticated using (org_id = workos_org_id() and workos_claim('pl' || 'an') = 'gold');
insert into lab2.doc (org_id) values ('org_a'), ('org_b'), ('org_b');
create function pg_temp.asserted(call text, out passed boolean, out said text) language plpgsql as $$
begin
	execute 'select workos_test.' || call into said;
	passed := said ~ '^ok ';
	raise exception using errcode = 'UNDO0';
exception when sqlstate 'UNDO0' then
	null;
end $$;
create temp table asserted (about text, want text, said text);
insert into asserted select c.about, c.want, a.said from (values
	('nobody has the claim that the policy asks for', E'^not ok .*not proved: lab2.doc, select, member with everything: A member of the other organization could not do it either \\(0 rows\\)', $$isolates('lab2.doc')$$),
	('with the claim', '^ok \d+ - lab2.doc isolates organizations$', $$isolates('lab2.doc', claims => '{"plan": "gold"}')$$),
	('with organizations that are named', '^ok ', $$isolates('lab2.doc', claims => '{"plan": "gold"}', organizations => '{org_a,org_x}')$$),
	('with callers that have the claim', '^ok ', $$isolates('lab2.doc', callers => '{"Ann": {"org_id": "org_a", "plan": "gold"}, "Bob": {"org_id": "org_b", "plan": "gold"}}', description => 'x')$$)) c (about, want, call), pg_temp.asserted(c.call) a;
create policy q on lab2.doc for select to authenticated using (public or workos_user_id() = 'user_01' || 'ZOE');
insert into asserted select c.about, c.want, a.said from (values
	('a user who is special, and who is passed', '^not ok .*leak: lab2.doc, select, Zoe: 4 rows', $$isolates('lab2.doc', claims => '{"plan": "gold"}', callers => '{"Zoe": {"sub": "user_01ZOE", "org_id": "org_a"}}')$$)) c (about, want, call), pg_temp.asserted(c.call) a;
insert into lab2.doc (org_id, public) values ('org_a', true), ('org_b', true);
insert into asserted select c.about, c.want, a.said from (values
	('rows that everybody reads', '^not ok .*leak: lab2.doc, select', $$isolates('lab2.doc', claims => '{"plan": "gold"}')$$),
	('... and are meant to be', '^ok ', $$isolates('lab2.doc', claims => '{"plan": "gold"}', shared_rows => 'public')$$),
	('a condition that raises an error', '^not ok .*not proved', $$isolates('lab2.doc', claims => '{"plan": "gold"}', shared_rows => 'no_such_column')$$)) c (about, want, call), pg_temp.asserted(c.call) a;
select jsonb_agg(a) as asserted from asserted a \gset
rollback;

begin;
select no_plan();
set local client_min_messages = error;
create schema lab2;
grant usage on schema lab2 to authenticated, anon, service_role;

create temp table isolation_case (about text, expected text, command text, setup text, report text default '{}');
insert into isolation_case (about, expected, command, setup) values
	-- leaks
	('row security is off', 'leak', 'select', $$alter table lab2.t disable row level security$$),
	('using (true)', 'leak', 'select', $$create policy p on lab2.t using (true)$$),
	('a permission without the organization', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (workos_has_permission('docs:read'))$$),
	('a role without the organization', 'leak', 'delete', $$create policy p on lab2.t to authenticated using (workos_has_role('support'))$$),
	('the single role without the organization', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id() or workos_user_role() = 'superadmin')$$),
	('any of two permissions', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id() or workos_has_any_permission('a:b', 'c:d'))$$),
	('permissions in an array literal', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id() or workos_permissions() @> '{x:y,z:w}')$$),
	('an entitlement', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id() or workos_has_entitlement('all-tenants'))$$),
	('a feature flag', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id() or workos_has_feature_flag('beta'))$$),
	('being signed in', 'leak', 'select', $$create policy p on lab2.t for select to authenticated using (workos_is_authenticated())$$),
	('having an organization', 'leak', 'update', $$create policy p on lab2.t to authenticated using (workos_org_id() is not null)$$),
	('no organization sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (workos_org_id() is null or org_id = workos_org_id())$$),
	('a coalesce that opens', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = coalesce(workos_org_id(), org_id))$$),
	('anon reads', 'leak', 'select', $$create policy p on lab2.t for select to anon using (true); create policy q on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('an impersonator sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_is_impersonated())$$),
	('a fresh sign-in sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_authenticated_within('5 minutes'))$$),
	('any machine sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_application_id() is not null)$$),
	('one machine sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_application_id() = 'client_01ROBOT')$$),
	('one user sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_user_id() = 'user_01BOSS')$$),
	('one organization sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_org_id() = 'org_01STAFF')$$),
	('a claim sees all', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() or workos_claim('email') = 'root@example.com')$$),
	('an expired token counts', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = current_setting('request.jwt.claims', true)::json ->> 'org_id')$$),
	('the author alone', 'leak', 'delete', $$create policy p on lab2.t to authenticated using (author_id = workos_user_id()); create policy q on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('insert is not checked', 'leak', 'insert', $$create policy p on lab2.t for insert to authenticated with check (workos_has_permission('docs:write')); create policy q on lab2.t for select to authenticated using (org_id = workos_org_id())$$),
	('insert checks the author alone', 'leak', 'insert', $$create policy p on lab2.t for insert to authenticated with check (author_id = workos_user_id())$$),
	('a blind update', 'leak', 'update', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id()); create policy q on lab2.t for update to authenticated using (true)$$),
	('a blind delete', 'leak', 'delete', $$create policy p on lab2.t for select to authenticated using (org_id = workos_org_id()); create policy q on lab2.t for delete to authenticated using (true)$$),
	('rows can be given away', 'leak', 'move', $$create policy p on lab2.t for update to authenticated using (org_id = workos_org_id()) with check (true); create policy q on lab2.t for select to authenticated using (org_id = workos_org_id())$$),
	('rows can be taken', 'leak', 'move', $$create policy p on lab2.t for update to authenticated using (true) with check (org_id = workos_org_id()); create policy q on lab2.t for select to authenticated using (org_id = workos_org_id())$$),
	('two permissive policies', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create policy q on lab2.t for select to authenticated using (workos_user_id() is not null)$$),
	('a policy for another command', 'leak', 'delete', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create policy q on lab2.t for delete using (workos_has_permission('docs:purge'))$$),
	('a helper function', 'leak', 'select', $$create function lab2.may() returns boolean language sql stable as 'select workos_has_permission(''deep:read'')'; create policy p on lab2.t to authenticated using (org_id = workos_org_id() or lab2.may())$$),
	('a helper function of a helper function', 'leak', 'select', $$create function lab2.inner_check() returns boolean language plpgsql stable as 'begin return workos_has_permission(''deeper:read''); end'; create function lab2.may() returns boolean language sql stable as 'select lab2.inner_check()'; create policy p on lab2.t to authenticated using (org_id = workos_org_id() or lab2.may())$$),
	('half of an organization id', 'leak', 'select', $$create policy p on lab2.t to authenticated using (left(org_id, 4) = left(workos_org_id(), 4))$$),
	('not equal instead of equal', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id <> workos_org_id())$$),
	('only some columns are readable', 'leak', 'select', $$revoke all on lab2.t from authenticated; grant select (title) on lab2.t to authenticated; create policy p on lab2.t to authenticated using (true)$$),
	('only one column is writable', 'leak', 'update', $$revoke all on lab2.t from authenticated; grant update (title) on lab2.t to authenticated; create policy p on lab2.t to authenticated using (true)$$),
	('the role has BYPASSRLS', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); grant select on lab2.t to service_role$$),
	('a view with the rights of its owner', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create view lab2.v as select * from lab2.t; grant select on lab2.v to authenticated$$),
	('a view that can be written', 'leak', 'delete', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create view lab2.v as select * from lab2.t; grant delete on lab2.v to authenticated$$),
	('a materialized view', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); insert into lab2.t (org_id) values ('org_1'), ('org_2'); create materialized view lab2.v as select * from lab2.t; grant select on lab2.v to authenticated$$),
	('a partition that can be named', 'leak', 'select', $$drop table lab2.t; create table lab2.t (id int, org_id text not null, title text) partition by list (org_id); create table lab2.rest partition of lab2.t default; alter table lab2.t enable row level security;
		grant all on lab2.t, lab2.rest to authenticated; create policy p on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('an inheriting table', 'leak', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create table lab2.child () inherits (lab2.t); grant select on lab2.child to authenticated; insert into lab2.child (id, org_id) overriding system value values (1, 'org_1'), (2, 'org_2')$$),
	('a statement trigger deletes the rows of others', 'leak', 'delete', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create function lab2.f() returns trigger language plpgsql security definer as 'begin if pg_trigger_depth() = 1 then delete from lab2.t; end if; return null; end';
		create trigger tr after delete on lab2.t for each statement execute function lab2.f()$$),
	('a trigger that gives the row to another organization', 'leak', 'insert', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create function lab2.f() returns trigger language plpgsql security definer as 'begin if current_setting(''role'') = ''authenticated'' then update lab2.t set org_id = org_id || ''x''; end if; return null; end';
		create trigger tr after insert on lab2.t for each statement execute function lab2.f()$$),
	('a deferred constraint trigger would refuse it later', 'leak', 'insert', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin raise exception ''too late''; end';
		create constraint trigger tr after insert on lab2.t deferrable initially deferred for each row execute function lab2.f()$$),
	('rows with a flag are open, and exist', 'leak', 'select', $$alter table lab2.t add open boolean not null default false; insert into lab2.t (org_id, open) values ('org_1', true), ('org_2', true); create policy p on lab2.t to authenticated using (open or org_id = workos_org_id())$$),
	('the organization is one row of a table', 'leak', 'update', $$drop table lab2.t; create table lab2.t (org_id text primary key, title text); alter table lab2.t enable row level security; grant all on lab2.t to authenticated; create policy p on lab2.t to authenticated using (workos_is_authenticated())$$),
	('a table with parents', 'leak', 'insert', $$create table lab2.o (id text primary key); create table lab2.p (id int generated always as identity primary key, org_id text not null references lab2.o, unique (id, org_id));
		create table lab2.c (id uuid primary key default gen_random_uuid(), org_id text not null, p int not null, n int not null check (n > 0), kind text not null check (kind in ('a', 'b')), foreign key (p, org_id) references lab2.p (id, org_id));
		alter table lab2.c enable row level security; grant all on lab2.c to authenticated; create policy p on lab2.c for insert to authenticated with check (workos_is_authenticated());
		create policy q on lab2.c for select to authenticated using (org_id = workos_org_id())$$),

	-- what fools the attempts: never isolated
	('nobody of the organization may either', 'not proved', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() and workos_claim('no such' || ' claim') = 'x')$$),
	('a table of members, without the made-up user', 'not proved', 'select', $$create table lab2.m (person text, org text); grant select on lab2.m to authenticated; create policy p on lab2.t to authenticated using (exists (select from lab2.m where person = workos_user_id() and org = org_id))$$),
	('a trigger that discards the delete', 'not proved', 'delete', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin return null; end'; create trigger tr before delete on lab2.t for each row execute function lab2.f()$$),
	('a trigger that discards the update', 'not proved', 'update', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin return null; end'; create trigger tr before update on lab2.t for each row execute function lab2.f()$$),
	('a trigger that discards the insert', 'not proved', 'insert', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin if current_setting(''role'') = ''authenticated'' then return null; end if; return new; end'; create trigger tr before insert on lab2.t for each row execute function lab2.f()$$),
	('... and one whose name sorts before the trigger of the attempts', 'not proved', 'delete', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin return null; end'; do 'begin execute format(''create trigger %I before delete on lab2.t for each row execute function lab2.f()'', chr(1)); end'$$),
	('a rule instead of the delete', 'not proved', 'delete', $$create policy p on lab2.t to authenticated using (true); create rule r as on delete to lab2.t do instead nothing$$),
	('a rule instead of the update', 'not proved', 'update', $$create policy p on lab2.t to authenticated using (true); create rule r as on update to lab2.t do instead nothing$$),
	('a rule instead of the insert', 'not proved', 'insert', $$create policy p on lab2.t to authenticated using (true); create rule r as on insert to lab2.t where current_setting('role') = 'authenticated' do instead nothing$$),
	('a trigger that raises an error', 'not proved', 'delete', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin raise exception ''no''; end'; create trigger tr before delete on lab2.t for each row execute function lab2.f()$$),
	('a trigger that raises 42501', 'not proved', 'delete', $$create policy p on lab2.t to authenticated using (true); create function lab2.f() returns trigger language plpgsql as 'begin raise insufficient_privilege; end'; create trigger tr before delete on lab2.t for each row execute function lab2.f()$$),
	('a policy that raises an error', 'not proved', 'select', $$create policy p on lab2.t to authenticated using (org_id::uuid = workos_org_id()::uuid)$$),
	('a policy that raises 42501', 'not proved', 'select', $$create table lab2.secret (org_id text); create policy p on lab2.t to authenticated using (org_id in (select s.org_id from lab2.secret s))$$),
	('an id that is a uuid', 'not proved', 'select', $$alter table lab2.t alter org_id type uuid using null; create policy p on lab2.t to authenticated using (org_id::text = workos_org_id())$$),
	('no row can be made', 'not proved', 'select', $$alter table lab2.t add check (title ~ '^\d{4}-[A-Z]+$' and title is not null); create policy p on lab2.t to authenticated using (true)$$),
	('a view that shows nothing', 'not proved', 'select', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create view lab2.v as select * from lab2.t where false; grant select on lab2.v to authenticated$$),
	('a view with an INSTEAD OF trigger', 'not proved', 'delete', $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create view lab2.v with (security_invoker) as select * from lab2.t; grant select, delete on lab2.v to authenticated; create function lab2.f() returns trigger language plpgsql as 'begin return null; end';
		create trigger tr instead of delete on lab2.v for each row execute function lab2.f()$$),
	('a constraint refuses what the policies let pass', 'not proved', 'delete', $$insert into lab2.t (org_id) values ('org_1'), ('org_2'); create function lab2.f() returns trigger language plpgsql as 'begin raise foreign_key_violation; end'; create trigger tr after delete on lab2.t for each row execute function lab2.f(); create policy p on lab2.t to authenticated using (true)$$),

	-- sound tables
	('the organization', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('a permission there', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_with_permission('docs:write'))$$),
	('a role there', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_with_role('admin'))$$),
	('the single role there', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() and workos_user_role() = 'admin')$$),
	('the author in the organization', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id() and author_id = workos_user_id())$$),
	('all permissions, freshly signed in', 'isolated', null, $$create policy p on lab2.t to authenticated using (workos_is_member(org_id) and workos_has_all_permissions('a', 'b') and workos_authenticated_within('1 minute'))$$),
	('no impersonators', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create policy q on lab2.t as restrictive using (true) with check (not workos_is_impersonated()); create policy r on lab2.t as restrictive for delete using (not workos_is_impersonated())$$),
	('a machine of the organization', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create policy q on lab2.t for select to authenticated using (org_id = workos_application_org_id() and workos_application_id() = 'client_01ROBOT')$$),
	('no policy', 'isolated', null, $$select$$),
	('using (false)', 'isolated', null, $$create policy p on lab2.t using (false)$$),
	('no privilege', 'isolated', null, $$revoke all on lab2.t from authenticated, anon; create policy p on lab2.t using (true)$$),
	('no usage of the schema', 'isolated', null, $$create policy p on lab2.t using (true); revoke usage on schema lab2 from authenticated, anon$$),
	('forced for the owner', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); alter table lab2.t force row level security$$),
	('read only', 'isolated', null, $$revoke all on lab2.t from authenticated; grant select on lab2.t to authenticated; create policy p on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('some columns', 'isolated', null, $$revoke all on lab2.t from authenticated; grant select (title), insert (title, org_id), update (title) on lab2.t to authenticated; create policy p on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('a trigger that sets the organization', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create function lab2.f() returns trigger language plpgsql as 'begin new.org_id = workos_org_id(); return new; end'; create trigger tr before insert on lab2.t for each row execute function lab2.f()$$),
	('a view with the rights of its caller', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create view lab2.v with (security_invoker) as select * from lab2.t; grant select on lab2.v to authenticated$$),
	('a view that filters', 'isolated', null, $$create policy p on lab2.t to authenticated using (org_id = workos_org_id()); create view lab2.v with (security_barrier) as select * from lab2.t where org_id = workos_org_id(); grant select on lab2.v to authenticated$$),
	('partitions without privileges', 'isolated', null, $$drop table lab2.t; create table lab2.t (id int, org_id text not null, title text) partition by hash (org_id); create table lab2.t0 partition of lab2.t for values with (modulus 2, remainder 0); create table lab2.t1 partition of lab2.t for values with (modulus 2, remainder 1);
		alter table lab2.t enable row level security; grant all on lab2.t to authenticated; create policy p on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('one row for each organization', 'isolated', null, $$drop table lab2.t; create table lab2.t (org_id text primary key, title text); insert into lab2.t values ('org_1'), ('org_2'); alter table lab2.t enable row level security; grant all on lab2.t to authenticated; create policy p on lab2.t to authenticated using (org_id = workos_org_id())$$),
	('parents, checks and generated columns', 'isolated', null, $$create table lab2.o (id text primary key); create table lab2.p (id int generated always as identity primary key, org_id text not null references lab2.o, unique (id, org_id)); create type lab2.kind as enum ('x', 'y'); create domain lab2.short as varchar(5) not null;
		create table lab2.c (id uuid primary key default gen_random_uuid(), org_id text not null, p int not null, n int not null check (n > 0), kind text not null check (kind in ('a', 'b')), twice int generated always as (n * 2) stored, e lab2.kind not null, s lab2.short unique, at timestamptz not null, tags text[] not null,
			foreign key (p, org_id) references lab2.p (id, org_id));
		alter table lab2.c enable row level security; alter table lab2.p enable row level security; grant all on lab2.c, lab2.p to authenticated; create policy p on lab2.c to authenticated using (org_id = workos_org_id());
		create policy p on lab2.p to authenticated using (org_id = workos_org_id())$$),
	('a name that needs quotes', 'isolated', null, $$create table lab2."it's ""t"" <b>" (id int, org_id text, "new" text); alter table lab2."it's ""t"" <b>" enable row level security; grant all on lab2."it's ""t"" <b>" to authenticated; create policy p on lab2."it's ""t"" <b>" to authenticated using (org_id = workos_org_id())$$);

create function pg_temp.result(setup text, out results text, out commands text, out said text) language plpgsql as $$
begin
	create table lab2.t (id int generated always as identity primary key, org_id text not null, author_id text default workos_user_id(), title text);
	alter table lab2.t enable row level security;
	grant all on lab2.t to authenticated;
	grant select on lab2.t to anon;
	execute setup;
	select string_agg(distinct result, ' '), string_agg(distinct command, ' ') filter (where result = 'leak'), string_agg(distinct concat_ws(' ', relation, command, caller, result, detail), '; ') filter (where result in ('not proved', 'leak'))
		into results, commands, said
		from workos_test.isolation_report(relations => array(select c.oid::regclass from pg_class c join pg_attribute a on attrelid = c.oid and attname = 'org_id' where relnamespace = 'lab2'::regnamespace and relkind in ('r', 'p', 'v', 'm') and c.relname <> 'secret'),
			postgres_role => case when setup like '%to service_role' then 'service_role' else 'authenticated' end)
		where result <> 'not tried';
	raise exception using errcode = 'UNDO0';
exception when sqlstate 'UNDO0' then
	null;
end $$;
create temp table isolation_said as select c.*, r.* from isolation_case c, pg_temp.result(c.setup) r;
select ok(case expected
		when 'leak' then results ~ 'leak' and command = any (string_to_array(commands, ' '))
		when 'not proved' then results ~ 'not proved' or results ~ 'leak'
		else results = 'isolated' end, format('%s: %s', expected, about))
	|| case when (case expected when 'leak' then command = any (string_to_array(commands, ' ')) when 'not proved' then results ~ 'not proved|leak' else results = 'isolated' end) is not true then e'\n' || diag(concat_ws(' ', results, commands, left(said, 1500))) else '' end
	from isolation_said;

-- The assertion, its arguments, and that nothing is left.
create table lab2.doc (id int generated always as identity primary key, org_id text not null default workos_org_id(), title text, public boolean not null default false);
alter table lab2.doc enable row level security;
grant select, insert, update, delete on lab2.doc to authenticated;
create policy p on lab2.doc to authenticated using (org_id = workos_org_id() and workos_claim('pl' || 'an') = 'gold');
insert into lab2.doc (org_id) values ('org_a'), ('org_b'), ('org_b');
create function pg_temp.database() returns text language sql as $$
	select md5(string_agg(x, ' ')) from (select x::text from lab2.doc x union all select p::text from pg_trigger p union all select p.oid::text || p.relacl::text || p.relrowsecurity || p.relforcerowsecurity from pg_class p where relnamespace = 'lab2'::regnamespace
		union all select a::text from workos_test.attempt a union all select current_user || coalesce(current_setting('request.jwt.claims', true), '') || current_setting('search_path') || current_setting('row_security') order by 1) x (x)
$$;
create temp table before as select pg_temp.database() as whole;
select matches(said, want, 'isolates(): ' || about) from jsonb_to_recordset(:'asserted') a (about text, want text, said text);
create temp table reported as select * from workos_test.isolation_report(relations => '{lab2.doc}');
select isnt(count(*), 0::bigint, 'a report') from reported;
select throws_ok($$select workos_test.isolates('lab2.doc', 'tenant')$$, '42703', 'lab2.doc has no column tenant', 'a table without the column');
select throws_ok($$select workos_test.isolates('lab2.doc', postgres_role => 'nobody at all')$$, '42704', 'role "nobody at all" does not exist', 'a role that does not exist');
select throws_ok($$select set_config('workos.claims_source', 'token', true), workos_test.isolates('lab2.doc')$$, null, null, 'the claims source token')
	where exists (select from pg_extension where extname = 'pg_workos') and (select rolsuper from pg_roles where rolname = current_user);
select is((select whole from before), pg_temp.database(), 'rows, triggers, privileges, role, claims, search_path: nothing is left');

-- The matrix, as the example's callers have it.
select is(array(select concat_ws(' ', caller, "select", "insert", "update", move, "delete") from workos_test.access_matrix(relations => '{lab2.doc}', claims => '{"plan": "gold"}') where caller in ('member with everything', 'machine', 'expired token', 'anonymous visitor')),
	'{member with everything own own own no own,machine no no no no no,expired token no no no no no,anonymous visitor no no no no no}', 'access_matrix()');
select is(count(*), 5::bigint, 'access_matrix(): callers of one''s own') from workos_test.isolation_report(relations => '{lab2.doc}', callers => '{"Ann": {"org_id": "org_a", "plan": "gold"}}') where caller = 'Ann' and access = any (case command when 'move' then '{no,?}'::text[] else '{own,?}' end);

-- What a policy compares with a column is no permission and no role of the callers. What stands where one of them stands is.
create policy q on lab2.doc as restrictive to authenticated using (title is null or title = 'draft' or title <> 'secret' or workos_has_permission('docs:read') or workos_user_role() = 'editor');
create temp table made as select c.* from workos_test._callers('{org_a,org_b}', 'user_1', '{}', '{}', '{}', '{}', 'authenticated', 'anon') c;
select is(array(select caller from made where (token || caller) ~ 'draft|secret'), '{}', 'no caller has a value of a column');
select ok(bool_or(token::jsonb -> 'permissions' ? 'docs:read'), 'a permission that the policy asks for is one of the callers'' permissions') from made where token ^@ '{';
select ok('editor' = any (array_agg(token::jsonb ->> 'user_role')), 'a role that the policy asks for is the role of a caller') from made where token ^@ '{';
drop policy q on lab2.doc;

-- After login(), and with objects in the search_path that take the names of those of Postgres.
select workos_test.login('user_1', 'org_a');
select is((select string_agg(distinct result, ' ') from workos_test.isolation_report(relations => '{lab2.doc}', claims => '{"plan": "gold"}') where result <> 'not tried'), 'isolated', 'after login()');
select is(current_user || ' ' || workos_user_id(), 'authenticated user_1', '... the caller is who it was');
select workos_test.logout();
create schema evil2;
create function evil2.fooled() returns boolean language plpgsql as $$ begin raise exception 'fooled'; end $$;
create function evil2.equal(text, text) returns boolean language sql as 'select evil2.fooled()';
create operator evil2.= (function = evil2.equal, leftarg = text, rightarg = text);
create operator evil2.<> (function = evil2.equal, leftarg = text, rightarg = text);
create function evil2.to_jsonb(anyelement) returns jsonb language sql as 'select to_jsonb(evil2.fooled())';
create function evil2.count() returns bigint language sql as 'select evil2.fooled()::int::bigint';
create function evil2.set_config(text, text, boolean) returns text language sql as 'select evil2.fooled()::text';
create function evil2.jsonb_populate_record(anyelement, jsonb) returns anyelement language sql as 'select $1 from evil2.fooled()';
create function evil2.max(text) returns text language sql as 'select evil2.fooled()::text';
create function evil2.concat(text, text) returns text language sql as 'select evil2.fooled()::text';
grant usage on schema evil2 to authenticated, anon;
create temp table path as select set_config('search_path', 'evil2, tap, extensions, pg_catalog, pg_temp', true);
create temp table evil_said as select * from workos_test.access_matrix(relations => '{lab2.doc}', claims => '{"plan": "gold"}');
set local search_path = public, extensions, tap;
select is((select string_agg("select" || "insert" || "update" || move || "delete", ' ') from evil_said where caller = 'member with everything'), 'ownownownnoown', 'no object of the search_path misleads the matrix');
select * from finish();
rollback;
