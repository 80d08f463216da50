select workos_test.login('user_01ANN', claims => '{"sub": null, "sid": null, "role": "service_role"}', postgres_role => 'service_role');
select throws_ok($$insert into imports (payload) values ('{}')$$, '23502', null, 'a job must name the organization');
select workos_test.may($$insert into imports (org_id, payload) values ('org_01ACME', '{}')$$, 'and then adds');
insert into imports (org_id, payload) values ('org_01ACME', '{}'), ('org_01GLOBEX', '{}');
select workos_test.sees('select org_id from imports', '{org_01ACME,org_01GLOBEX}', 'a job reads all');
select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees('select org_id from imports', '{org_01ACME}', 'a member reads those of her organization');
select workos_test.may_not($$insert into imports (payload) values ('{}')$$, 'and adds nothing');
