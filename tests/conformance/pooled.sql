-- A pooled connection between two clients: claims that a transaction set are gone after it ends.
\set ON_ERROR_STOP on
begin;
select as_claims(token());
select workos_user_id() is not null as before \gset
commit;
select workos_user_id() is null as after_commit, current_setting('request.jwt.claims') = '' as empty \gset
begin;
select as_claims(token());
rollback;
select workos_user_id() is null as after_rollback \gset
begin;
select as_claims(token());
savepoint nested;
select as_claims(token('{"sid": "session_1", "sub": "user_inner"}'));
select workos_user_id() = 'user_inner' as in_savepoint \gset
rollback to nested;
select workos_user_id() = 'user_01HBEQKA6K4QJAS93VPE39W1JT' as after_rollback_to \gset
commit;

begin;
select plan(7);
select ok(:'before', 'signed in inside the transaction');
select ok(:'empty', 'after COMMIT the setting is an empty string');
select ok(:'after_commit', 'after COMMIT the request is anonymous');
select ok(:'after_rollback', 'after ROLLBACK the request is anonymous');
select ok(:'in_savepoint', 'another user inside a savepoint');
select ok(:'after_rollback_to', 'after ROLLBACK TO the claims are those from before the savepoint');
select is(count(*), 0::bigint, 'after COMMIT every function returns its value for an anonymous request')
	from helper where answer('', call) is distinct from anonymous;
select * from finish();
rollback;
