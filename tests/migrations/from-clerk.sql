-- block 1
insert into notes (org_id, body) values ('org_2A', 'a'), ('org_2A', 'b'), ('org_2B', 'other');
create temp table seen (notes text[]);
grant all on seen to authenticated;
select workos_test.login('user_2A', session_id => null, claims => '{"o": {"id": "org_2A", "rol": "admin"}}');
insert into seen select array_agg(body order by body) from notes;
select is((select notes from seen), '{a,b}', 'before: a member sees the rows of the organization');

select workos_test.logout();
-- block 2
insert into org_ids values ('org_2A', 'org_01ACME'), ('org_2B', 'org_01GLOBEX');
-- block 3

select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'admin');
select results_eq('select array_agg(body order by body) from notes', 'select notes from seen', 'after: a member sees the same rows');
select workos_test.may($$insert into notes (body) values ('x')$$, 'after: an admin adds');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'member');
select workos_test.may_not($$insert into notes (body) values ('x')$$, 'after: a member does not');
select workos_test.login('user_2A', session_id => null, claims => '{"o": {"id": "org_2A", "rol": "admin"}}');
select workos_test.sees_nothing('select from notes', 'after: the old tokens see nothing');
