insert into orders (org_id, amount) values ('org_01ACME', 1), ('org_01ACME', 2), ('org_01GLOBEX', 10);

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select results_eq('select org_id, total from order_totals', $$values ('org_01ACME', 3::numeric)$$, 'the view applies the policies of the caller');
select workos_test.login('user_01ANN');
select workos_test.sees_nothing('select from order_totals', 'without an organization: nothing');
