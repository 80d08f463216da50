-- block 1
insert into notes (org_id, author_id, body) values
	('org_01ACME', 'user_01ANN', 'a'), ('org_01ACME', 'user_01BEN', 'b'), ('org_01GLOBEX', 'user_01GIL', 'g');
create temp table seen (who text, notes text[]);
grant all on seen to authenticated;

select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'admin', permissions => '{notes:write}');
insert into seen select 'ann', array_agg(body order by body) from notes;
select workos_test.login('client_01', org_id => 'org_01ACME', session_id => null);
select workos_test.sees('select body from notes', '{a,b}', 'before: a machine passes as a member');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', expired => true);
select workos_test.sees('select body from notes', '{a,b}', 'before: an expired token counts');

select workos_test.logout();
-- block 2

select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'admin', permissions => '{notes:write}');
select results_eq('select array_agg(body order by body) from notes', $$select notes from seen where who = 'ann'$$, 'after: a user sees the same rows');
select workos_test.may($$insert into notes (body) values ('x')$$, 'after: a writer adds');
select workos_test.may_not($$insert into notes (org_id, body) values ('org_01GLOBEX', 'x')$$, 'after: but not in another organization');
select workos_test.may_not($$insert into notes (author_id, body) values ('user_01BEN', 'x')$$, 'after: nor in the name of others');
select workos_test.may($$delete from notes where body = 'b'$$, 'after: an admin deletes');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'member');
select workos_test.may_not('delete from notes', 'after: a member does not delete');
select workos_test.may_not($$insert into notes (body) values ('x')$$, 'after: nor add without the permission');
select workos_test.login('client_01', org_id => 'org_01ACME', session_id => null);
select workos_test.sees_nothing('select from notes', 'after: a machine sees nothing');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', expired => true);
select workos_test.sees_nothing('select from notes', 'after: an expired token sees nothing');
