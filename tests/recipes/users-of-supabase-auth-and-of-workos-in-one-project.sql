insert into notes (user_id, supabase_user_id, body) values
	('user_01ANN', null, 'w'), (null, '11111111-1111-4111-8111-111111111111', 's'), (null, '22222222-2222-4222-8222-222222222222', 't');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees('select body from notes', '{w}', 'a user of WorkOS reads her own');
select workos_test.login('user_01ANN', session_id => null, claims => '{"sub": "11111111-1111-4111-8111-111111111111", "iss": "https://abcdefgh.supabase.co/auth/v1"}');
select workos_test.sees('select body from notes', '{s}', 'a user of Supabase Auth reads her own');
select workos_test.login('user_01ANN', session_id => null, claims => '{"sub": "11111111-1111-4111-8111-111111111111", "iss": "https://example.com"}');
select workos_test.sees_nothing('select from notes', 'a token of another issuer reads nothing');
select workos_test.login('user_01ANN', claims => '{"iss": "https://abcdefgh.supabase.co/auth/v1", "sub": "11111111-1111-4111-8111-111111111111"}', expired => true);
select workos_test.sees_nothing('select from notes', 'an expired token reads nothing');
