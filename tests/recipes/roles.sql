insert into invoices (org_id, amount) values ('org_01ACME', 1), ('org_01GLOBEX', 2);

select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'accountant');
select workos_test.sees('select amount from invoices', '{1}', 'an accountant reads');
select workos_test.may_not('delete from invoices', 'an accountant deletes nothing');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'owner');
select workos_test.sees('select amount from invoices', '{1}', 'an owner reads');
select workos_test.may('delete from invoices where amount = 1', 'an owner deletes');
select workos_test.may_not('delete from invoices where amount = 2', 'but nothing of another organization');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'member');
select workos_test.sees_nothing('select from invoices', 'a member reads nothing');
