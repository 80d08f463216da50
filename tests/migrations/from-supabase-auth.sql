insert into auth.users values ('11111111-1111-4111-8111-111111111111'), ('22222222-2222-4222-8222-222222222222');
-- block 1
insert into notes (user_id, body) values
	('11111111-1111-4111-8111-111111111111', 'ann 1'), ('11111111-1111-4111-8111-111111111111', 'ann 2'), ('22222222-2222-4222-8222-222222222222', 'ben');
create temp table seen (notes text[]);
grant all on seen to authenticated;
select workos_test.login('user_01ANN', session_id => null, claims => '{"sub": "11111111-1111-4111-8111-111111111111"}');
insert into seen select array_agg(body order by body) from notes;
select is((select notes from seen), '{ann 1,ann 2}', 'before: a user sees her own rows');
select workos_test.login('user_01ANN');
select throws_ok('select from notes', '22P02', null, 'before: a user of WorkOS gets an error');

select workos_test.logout();
-- block 2
insert into user_ids values ('11111111-1111-4111-8111-111111111111', 'user_01ANN');
-- block 3
select results_eq($$select count(*) from notes where user_id !~ '^user_'$$, array[1::bigint], 'a user without a WorkOS id is found');

select workos_test.login('user_01ANN');
select results_eq('select array_agg(body order by body) from notes', 'select notes from seen', 'after: the same user sees the same rows');
select workos_test.may($$insert into notes (body) values ('x')$$, 'after: and adds');
select workos_test.may_not($$insert into notes (user_id, body) values ('user_01BEN', 'x')$$, 'after: in her own name only');
select workos_test.login('user_01BEN');
select workos_test.sees_nothing('select from notes', 'after: others see nothing');
