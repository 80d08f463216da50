insert into organizations values ('org_01ACME', 'Acme'), ('org_01GLOBEX', 'Globex');

select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'owner', auth_time => now() - interval '1 minute');
select workos_test.may($$delete from organizations where id = 'org_01ACME'$$, 'an owner who has just signed in');
select workos_test.may_not($$delete from organizations where id = 'org_01GLOBEX'$$, 'not another organization');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'owner', auth_time => now() - interval '1 hour');
select workos_test.may_not($$delete from organizations where id = 'org_01ACME'$$, 'not after an hour');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'owner');
select workos_test.may_not($$delete from organizations where id = 'org_01ACME'$$, 'not without the claim auth_time');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', role => 'member', auth_time => now());
select workos_test.may_not($$delete from organizations where id = 'org_01ACME'$$, 'not a member');
