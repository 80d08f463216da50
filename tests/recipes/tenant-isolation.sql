insert into notes (org_id, body) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees('select body from notes', '{a}', 'a member reads the rows of her organization');
select workos_test.may($$insert into notes (body) values ('x')$$, 'a member adds');
select workos_test.may($$update notes set body = 'x' where body = 'a'$$, 'a member changes');
select workos_test.may($$delete from notes where body = 'a'$$, 'a member deletes');
select workos_test.may_not($$update notes set body = 'x' where body = 'g'$$, 'not a row of another organization');
select workos_test.may_not($$delete from notes where body = 'g'$$, 'nor does she delete one');
select workos_test.may_not($$insert into notes (org_id, body) values ('org_01GLOBEX', 'x')$$, 'nor add one');
select workos_test.may_not($$update notes set org_id = 'org_01GLOBEX'$$, 'nor move one there');

select workos_test.login('user_01ANN');
select workos_test.sees_nothing('select from notes', 'without an organization: nothing');
select workos_test.login('client_01', org_id => 'org_01ACME', session_id => null);
select workos_test.sees_nothing('select from notes', 'a machine: nothing');
select workos_test.as_anon();
select workos_test.sees_nothing('select from notes', 'an anonymous visitor: nothing');
