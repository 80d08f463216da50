insert into orders (org_id, amount) values ('org_01ACME', 1), ('org_01ACME', 2), ('org_01GLOBEX', 10);

select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{orders:read}');
select is(order_total(), 3::numeric, 'a reader adds up the orders of her organization');
select is(order_count(), 2::bigint, 'and counts them');
select workos_test.login('user_01BEN', org_id => 'org_01ACME');
select is(order_total(), 0::numeric, 'without the permission there is nothing to add up');
select is(order_count(), 2::bigint, 'but a member counts');
select workos_test.login('user_01BEN');
select is(order_count(), 0::bigint, 'without an organization there is nothing to count');
select workos_test.as_anon();
select throws_ok('select order_count()', '42501', null, 'an anonymous visitor may not call it');
