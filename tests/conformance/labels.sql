-- Volatility, privileges, comments and names of the functions in the catalog.
\set ON_ERROR_STOP on
begin;
select no_plan();

create temp view helper_function as
	select p.*, p.oid::regprocedure::text as signature from pg_proc p
		where p.proname in (select substring(h.call from '^\w+') from helper h) and p.pronamespace = 'extensions'::regnamespace
			and p.oid <> 'extensions.workos_delegated_org_id(text, text, text)'::regprocedure; -- for a directory

select is(count(*), (select count(*) from helper), 'every helper of the contract exists, and only once') from helper_function;
select is(provolatile, 's', signature || ' is STABLE') from helper_function;
select is(proparallel, 's', signature || ' is PARALLEL SAFE') from helper_function;
select is(prosecdef, false, signature || ' is SECURITY INVOKER') from helper_function;
select is(proconfig, null, signature || ' has no SET clause, which would forbid inlining') from helper_function;
select is(proleakproof, false, signature || ' is not LEAKPROOF, which only a superuser could set') from helper_function;
select matches(obj_description(oid, 'pg_proc'), '\w{3}', signature || ' has a comment') from helper_function;
select ok(has_function_privilege('anon', oid, 'execute'), signature || ' may be called by everybody') from helper_function;
select isnt(proowner, 'authenticator'::regrole::oid, signature || ' is not owned by the role that runs the tests') from helper_function;
select throws_ok(format('create or replace function extensions.workos_org_id() returns text language sql as %L', 'select ''org_1''::text'), '42501', null, 'a user cannot replace a helper');
select throws_ok('drop function extensions.workos_org_id()', '42501', null, 'a user cannot drop a helper');
select throws_ok('alter function extensions.workos_org_id() rename to x', '42501', null, 'a user cannot rename a helper');
select is(to_regnamespace('auth'), null, 'the schema auth is not created');
select is(workos_user_id(), null, 'a helper was called, so the library is loaded');
select is((select count(*) from pg_settings where name like 'request.%'), 0::bigint, 'no setting of the prefix request is defined');
select lives_ok('set request.jwt.anything = 1', 'the prefix request is not reserved');
select is(current_setting('request.jwt.claims', true), null, 'claims that were never set are NULL');
select * from finish();
rollback;
