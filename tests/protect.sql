-- workos_protect(): prints the statements, runs them on request, and refuses tables that it does not support.
-- Run by the superuser, with the helpers of sql/testing.
\set ON_ERROR_STOP on
begin;
select no_plan();
create schema "Shop";
grant usage on schema "Shop" to public;
create table "Shop"."Order" (id int primary key, org_id text, note text);
grant select, insert, update, delete on "Shop"."Order" to authenticated;

create function pg_temp.protects(call text) returns text language plpgsql as $$
declare
	said text;
begin
	execute format('select string_agg(s, e''\n'') from %s s', call) into said;
	return said;
end $$;
select is(pg_temp.protects($$workos_protect('"Shop"."Order"', read_permission => 'orders:read', write_permission => 'orders:write', impersonated_writes => false)$$),
$$ALTER TABLE "Shop"."Order" ALTER COLUMN org_id SET DEFAULT extensions.workos_org_id();
ALTER TABLE "Shop"."Order" ALTER COLUMN org_id SET NOT NULL;
CREATE INDEX ON "Shop"."Order" (org_id);
ALTER TABLE "Shop"."Order" ENABLE ROW LEVEL SECURITY;
-- FORCE: the policies apply to the owner of the table as well, who then sees and inserts no rows without claims. For seeds and migrations by the owner, set the claims, or use a role with BYPASSRLS.
ALTER TABLE "Shop"."Order" FORCE ROW LEVEL SECURITY;
CREATE POLICY "members read" ON "Shop"."Order" FOR SELECT TO authenticated USING (org_id = extensions.workos_org_with_permission('orders:read'));
CREATE POLICY "members add" ON "Shop"."Order" FOR INSERT TO authenticated WITH CHECK (org_id = (SELECT extensions.workos_org_with_permission('orders:write')));
CREATE POLICY "members change" ON "Shop"."Order" FOR UPDATE TO authenticated USING (org_id = extensions.workos_org_with_permission('orders:write')) WITH CHECK (org_id = (SELECT extensions.workos_org_with_permission('orders:write')));
CREATE POLICY "members delete" ON "Shop"."Order" FOR DELETE TO authenticated USING (org_id = extensions.workos_org_with_permission('orders:write'));
CREATE POLICY "impersonators add nothing" ON "Shop"."Order" AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT NOT extensions.workos_is_impersonated()));
CREATE POLICY "impersonators change nothing" ON "Shop"."Order" AS RESTRICTIVE FOR UPDATE USING ((SELECT NOT extensions.workos_is_impersonated()));
CREATE POLICY "impersonators delete nothing" ON "Shop"."Order" AS RESTRICTIVE FOR DELETE USING ((SELECT NOT extensions.workos_is_impersonated()));
-- INSERT ... RETURNING, and UPDATE and DELETE that read a column (WHERE, RETURNING), also need the permission 'orders:read'.$$, 'workos_protect() prints the statements');
select is_empty($$select from pg_policy where polrelid = '"Shop"."Order"'::regclass$$, 'without apply it runs none of them');
select lives_ok($$select workos_protect('"Shop"."Order"', read_permission => 'orders:read', write_permission => 'orders:write', impersonated_writes => false, apply => true)$$, 'apply => true runs the statements');
select is_empty($$select * from workos_lint() where object like '%"Shop"."Order"'$$, 'workos_lint() has no findings for the table');

select workos_test.login('user_1', 'org_1', permissions => '{orders:read,orders:write}');
insert into "Shop"."Order" values (1), (2);
select workos_test.login('user_2', 'org_2', permissions => '{orders:read,orders:write}');
insert into "Shop"."Order" values (3);
select workos_test.sees('select id from "Shop"."Order"', '{3}');
select workos_test.may('update "Shop"."Order" set note = ''x''');
select workos_test.may('delete from "Shop"."Order"');
select workos_test.may_not('update "Shop"."Order" set org_id = ''org_1''', 'a member cannot move a row to another organization');
select workos_test.may_not('insert into "Shop"."Order" values (4, ''org_1'')', 'a member cannot add a row to another organization');
select workos_test.may_not('delete from "Shop"."Order" where id = 1', 'a member cannot delete a row of another organization');
select workos_test.login('user_1', 'org_1', permissions => '{orders:read}');
select workos_test.sees('select id from "Shop"."Order"', '{1,2}', 'a user with the read permission reads the rows');
select workos_test.may_not('insert into "Shop"."Order" values (4)', 'a user without the write permission adds no row');
select workos_test.may_not('update "Shop"."Order" set note = ''x''', 'a user without the write permission changes no row');
select workos_test.login('user_1', 'org_1', permissions => '{orders:write}');
select workos_test.may('insert into "Shop"."Order" values (4)', 'a user without the read permission adds a row');
select workos_test.may_not('insert into "Shop"."Order" values (4) returning id', '... but not with RETURNING, as the comment says');
select workos_test.sees_nothing('select from "Shop"."Order"', 'a user without the read permission sees no row');
select workos_test.login('user_1', 'org_1', permissions => '{orders:read,orders:write}', impersonator => 'staff@example.com');
select workos_test.sees('select id from "Shop"."Order"', '{1,2}', 'an impersonator reads the rows');
select workos_test.may_not('insert into "Shop"."Order" values (4)', 'an impersonator adds no row');
select workos_test.may_not('update "Shop"."Order" set note = ''x''', 'an impersonator changes no row');
select workos_test.may_not('delete from "Shop"."Order"', 'an impersonator deletes no row');
select workos_test.logout();

-- A table that already has a default, NOT NULL and an index, with another column, and without permissions.
create table "Shop".done (tenant varchar(40) not null default workos_org_id() primary key);
select is(pg_temp.protects($$workos_protect('"Shop".done', 'tenant', to_role => 'anon')$$), $$ALTER TABLE "Shop".done ENABLE ROW LEVEL SECURITY;
-- FORCE: the policies apply to the owner of the table as well, who then sees and inserts no rows without claims. For seeds and migrations by the owner, set the claims, or use a role with BYPASSRLS.
ALTER TABLE "Shop".done FORCE ROW LEVEL SECURITY;
CREATE POLICY "members read" ON "Shop".done FOR SELECT TO anon USING (tenant = extensions.workos_org_id());
CREATE POLICY "members add" ON "Shop".done FOR INSERT TO anon WITH CHECK (tenant = (SELECT extensions.workos_org_id()));
CREATE POLICY "members change" ON "Shop".done FOR UPDATE TO anon USING (tenant = extensions.workos_org_id()) WITH CHECK (tenant = (SELECT extensions.workos_org_id()));
CREATE POLICY "members delete" ON "Shop".done FOR DELETE TO anon USING (tenant = extensions.workos_org_id());
-- workos_protect() grants nothing, and anon lacks privileges. Grant those that it should have: GRANT SELECT, INSERT, UPDATE, DELETE ON "Shop".done TO anon;$$, 'only the missing statements are printed');

-- What the role lacks besides: privileges of the table, of the sequence of a serial column, of the schema.
create table "Shop".numbered (id serial, org_id text);
grant select (id), insert on "Shop".numbered to authenticated;
select alike(pg_temp.protects($$workos_protect('"Shop".numbered')$$), '%Grant those that it should have: GRANT UPDATE, DELETE ON "Shop".numbered TO authenticated; GRANT USAGE ON SEQUENCE "Shop".numbered_id_seq TO authenticated;', 'the privileges that are missing are said, and not those of some columns');
select lives_ok($$select workos_protect('"Shop".numbered', apply => true)$$, 'apply runs the rest');
select is(has_table_privilege('authenticated', '"Shop".numbered', 'delete'), false, '... and grants nothing');
create table "Shop".granted (id serial, org_id text);
grant all on "Shop".granted, "Shop".granted_id_seq to authenticated;
select unalike(pg_temp.protects($$workos_protect('"Shop".granted')$$), '%lacks privileges%', '... which is not said where nothing is missing');
create schema closed;
create table closed.granted (org_id text);
grant all on closed.granted to authenticated;
select alike(pg_temp.protects($$workos_protect('closed.granted')$$), '%it should have: GRANT USAGE ON SCHEMA closed TO authenticated;', 'the schema, too');

-- An index that CREATE INDEX CONCURRENTLY has left behind is not valid, so it is not enough.
create table "Shop".half (org_id text);
create index half_index on "Shop".half (org_id);
select unalike(pg_temp.protects($$workos_protect('"Shop".half')$$), '%CREATE INDEX%', 'a valid index is enough');
update pg_index set indisvalid = false where indexrelid = '"Shop".half_index'::regclass;
select alike(pg_temp.protects($$workos_protect('"Shop".half')$$), '%CREATE INDEX%', 'an index that is not valid is not enough');

-- Names and values are quoted.
create table "Shop"."it's; drop" ("Org ""x" text);
select lives_ok($$select workos_protect('"Shop"."it''s; drop"', 'Org "x', read_permission => $p$a'b"c\$p$, apply => true)$$, 'names that need quotes are quoted');
select matches(pg_get_expr(polqual, polrelid), $$a''b"c$$, 'a permission with special characters is quoted') from pg_policy where polrelid = '"Shop"."it''s; drop"'::regclass and polname = 'members read';

-- Tables and arguments that are refused.
create view "Shop".seen as select * from "Shop".done;
create table "Shop".part (org_id text) partition by list (org_id);
create table "Shop".part_1 partition of "Shop".part for values in ('org_1') partition by list (org_id);
create table "Shop".part_11 partition of "Shop".part_1 default;
create table "Shop".part_2 partition of "Shop".part default;
create table "Shop".parent (org_id text);
create table "Shop".child () inherits ("Shop".parent);
create table "Shop".policed (org_id text) partition by list (org_id);
create table "Shop".policed_1 partition of "Shop".policed default;
create policy p on "Shop".policed_1 using (true);
create table "Shop".unowned (org_id text);
insert into "Shop".unowned values ('org_1'), (null), (null);
create table "Shop".plain (id int);
create table "Shop".uuids (org_id uuid);
create table "Shop".preset (org_id text default 'org_1');
select throws_ok(format('select workos_protect(%s)', arguments), state, message, message) from (values
	('''"Shop"."Order"''', '55000', '"Shop"."Order" has policies already'),
	('''"Shop".seen''', '42809', '"Shop".seen is not a table'),
	('''"Shop".part_1''', '0A000', '"Shop".part_1 is a partition'),
	('''"Shop".part_11''', '0A000', '"Shop".part_11 is a partition'),
	('''"Shop".parent''', '0A000', '"Shop".parent takes part in inheritance'),
	('''"Shop".child''', '0A000', '"Shop".child takes part in inheritance'),
	('''"Shop".policed''', '55000', 'the partition "Shop".policed_1 has policies already'),
	('''"Shop".unowned''', '23502', '2 rows of "Shop".unowned belong to no organization: org_id is NULL'),
	('''"Shop".plain''', '42703', '"Shop".plain has no column org_id'),
	('''"Shop".uuids''', '42804', 'column org_id of "Shop".uuids is not a plain column of text'),
	('''"Shop".preset''', '55000', 'column org_id of "Shop".preset has another default'),
	('''"Shop".done'', ''tenant'', to_role => ''nobody at all''', '42704', 'role "nobody at all" does not exist'),
	('''"Shop".done'', apply => null', '22004', 'only read_permission and write_permission may be NULL')) t(arguments, state, message);

-- What a hint says can be run as it is.
create function pg_temp.hint(call text) returns text language plpgsql as $$
declare
	said text;
begin
	execute call;
	return 'no error';
exception when others then
	get stacked diagnostics said = pg_exception_hint;
	return said;
end $$;
select is(pg_temp.hint($$select workos_protect('"Shop".unowned')$$),
	'Say which organization they belong to, and call this again: UPDATE "Shop".unowned SET org_id = ''org_...'' WHERE org_id IS NULL', 'rows without an organization: the hint is the statement that gives them one');
update "Shop".unowned set org_id = 'org_1' where org_id is null;
select lives_ok($$select workos_protect('"Shop".unowned', apply => true)$$, '... after which the table is protected');
select is(pg_temp.hint($$select workos_protect('"Shop".plain')$$), 'If the table has no column for the organization yet: ALTER TABLE "Shop".plain ADD COLUMN org_id text. '
	|| 'The second argument is the name of this column. Pass permissions by name: read_permission => ''...'', write_permission => ''...''.', 'a table without the column: the hint adds it');
select is(pg_temp.hint($$select workos_protect('"Shop".plain', 'docs:read', 'docs:write')$$),
	'The second argument is the name of this column. Pass permissions by name: read_permission => ''...'', write_permission => ''...''.', 'a permission in the place of the column: the hint adds no column of that name');

-- A partitioned table: its policies, and partitions that show nothing to those who name them.
grant all on all tables in schema "Shop" to authenticated;
insert into "Shop".part values ('org_1'), ('org_2');
select lives_ok($$select workos_protect('"Shop".part', apply => true)$$, 'a partitioned table is protected');
select is(array(select relname::text from pg_class where relrowsecurity and relname like 'part%' and relkind in ('r', 'p') order by 1), '{part,part_1,part_11,part_2}', '... with all of its partitions');
select workos_test.login('user_1', 'org_1');
select workos_test.sees('select org_id from "Shop".part', '{org_1}', 'a partitioned table shows the rows of the organization');
select workos_test.sees_nothing('select from "Shop".part_11', '... a partition shows none');
select workos_test.sees_nothing('select from "Shop".part_1', '... nor does one that is partitioned itself');
select workos_test.logout();
select workos_test.isolates('"Shop".part');
select workos_test.isolates('"Shop"."Order"');

set local role authenticated;
select throws_ok($$select workos_protect('"Shop".done', 'tenant', apply => true)$$, '42501', null, 'another role may not call workos_protect()');
reset role;
select * from finish();
rollback;
