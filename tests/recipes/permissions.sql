insert into notes (org_id, body) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g');

select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{notes:read}');
select workos_test.sees('select body from notes', '{a}', 'a reader reads');
select workos_test.may_not($$insert into notes (body) values ('x')$$, 'a reader adds nothing');
select workos_test.may_not($$update notes set body = 'x'$$, 'a reader changes nothing');
select workos_test.may_not('delete from notes', 'a reader deletes nothing');

select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{notes:read,notes:write}');
select workos_test.may($$insert into notes (body) values ('x') returning body$$, 'a writer adds');
select workos_test.may($$update notes set body = 'x'$$, 'a writer changes');
select workos_test.may('delete from notes', 'a writer deletes');
select workos_test.may_not($$insert into notes (org_id, body) values ('org_01GLOBEX', 'x')$$, 'but not in another organization');
select workos_test.may_not($$update notes set org_id = 'org_01GLOBEX'$$, 'and moves nothing there');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees_nothing('select from notes', 'a member without permissions reads nothing');
