insert into documents (org_id, title) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g');

select workos_test.login('client_01INDEXER', org_id => 'org_01ACME', session_id => null);
select workos_test.sees('select title from documents', '{a}', 'the indexer reads the organization of its token');
select workos_test.may_not($$insert into documents (org_id, title) values ('org_01ACME', 'x')$$, 'and writes nothing');
select workos_test.login('client_01OTHER', org_id => 'org_01ACME', session_id => null);
select workos_test.sees_nothing('select from documents', 'another machine reads nothing');
select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.may($$insert into documents (title) values ('x')$$, 'a member adds');
