insert into notes (org_id, body) values ('org_01ACME', 'a');

select workos_test.login('user_01ANN', org_id => 'org_01ACME', impersonator => 'support@example.com');
select workos_test.sees('select body from notes', '{a}', 'an impersonator reads');
select throws_ok($$insert into notes (body) values ('x')$$, '42501', null, 'an impersonator who adds gets an error');
select throws_ok($$update notes set body = 'x'$$, '42501', null, 'an impersonator who changes gets an error');
select is(workos_test.outcome('delete from notes'), 'no row', 'an impersonator who deletes finds no row');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.may($$insert into notes (body) values ('x')$$, 'the user herself adds');
select workos_test.may($$update notes set body = 'x'$$, '... changes');
select workos_test.may('delete from notes', '... and deletes');

select workos_test.login('user_01ANN', org_id => 'org_01GLOBEX');
select workos_test.sees_nothing('select from notes', 'the restrictive policies open nothing');
