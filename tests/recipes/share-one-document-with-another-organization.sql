insert into documents (org_id, title) values ('org_01ACME', 'shared'), ('org_01ACME', 'private'), ('org_01GLOBEX', 'theirs');
insert into document_shares (document_id, org_id, shared_with) select id, org_id, 'org_01GLOBEX' from documents where title = 'shared';

select workos_test.login('user_01GIL', org_id => 'org_01GLOBEX', permissions => '{documents:share}');
select workos_test.sees('select title from documents', '{shared,theirs}', 'the other organization reads what is shared');
select workos_test.may_not($$update documents set title = 'x' where title = 'shared'$$, 'and does not change it');
select workos_test.may_not($$delete from document_shares$$, 'nor end the share');
select is(left(workos_test.outcome($$insert into document_shares (document_id, shared_with) select id, 'org_01INITECH' from documents where title = 'shared'$$), 6),
	'error:', 'nor share it further: the foreign key refuses it');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{documents:share}');
select workos_test.may($$insert into document_shares (document_id, shared_with) select id, 'org_01INITECH' from documents where title = 'private'$$, 'a sharer shares');
select workos_test.may('delete from document_shares', 'and ends shares');
select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.may_not($$insert into document_shares (document_id, shared_with) select id, 'org_01INITECH' from documents$$, 'not without the permission');
select workos_test.login('user_01INA', org_id => 'org_01INITECH');
select workos_test.sees_nothing('select from documents', 'a third organization sees nothing');
