-- workos_test, run by the role that installed it: each argument has its effect, and each assertion can pass and fail.
\set ON_ERROR_STOP on

-- Each assertion, passing and failing. This is a separate transaction, so failures here are not counted below.
begin;
create temp table verdict (caller text, assertion text, passes boolean, said text, tells text);
grant select, update on verdict to public;
insert into verdict (caller, assertion, passes) values
	('user', $$sees('select id from notes.note', '{1}')$$, true),
	('user', $$sees('select id from notes.note', '{1,2}')$$, false),
	('user', $$sees('select id from notes.note', '{}')$$, false),
	('anon', $$sees('select id from notes.note', '{}')$$, false),
	('user', $$sees_nothing('select from notes.note where id = 2')$$, true),
	('user', $$sees_nothing('select from notes.note')$$, false),
	('anon', $$sees_nothing('select id from notes.note')$$, true),
	('user', $$may('update notes.note set id = 3')$$, true),
	('user', $$may('update notes.note set id = 3 where id = 2')$$, false),
	('user', $$may('insert into notes.note values (3, ''user_2'')')$$, false),
	('user', $$may_not('update notes.note set id = 3 where id = 2')$$, true),
	('user', $$may_not('insert into notes.note values (3, ''user_2'')')$$, true),
	('user', $$may_not('delete from notes.note')$$, true),
	('user', $$may_not('update notes.note set id = 3')$$, false),
	('user', $$may_not('update notes.note set no_such_column = 3')$$, false),
	('user', $$may('truncate notes.log')$$, true),
	('user', $$may_not('truncate notes.log')$$, false),
	('user', $$may_not('/* a */ (select from notes.note where id = 2) -- b')$$, true),
	('user', $$may('/* a */ (select from notes.note where id = 2) -- b')$$, false),
	('user', $$may_not('select workos_user_id() from set_config(''request.jwt.claims'', ''{'', true)')$$, false),
	('user', $$may_not('commit')$$, false),
	('user', $$sees('select id from notes.note -- a comment', '{1}')$$, true),
	('user', $$sees('select id from notes.note', null)$$, false),
	('user', $$sees('select id from notes.note', '{1}', 'nothing was changed')$$, true);
-- may() says why not.
insert into verdict (caller, assertion, passes, tells) values
	('user', $$may('delete from notes.note')$$, false, 'denied, a privilege is missing: permission denied for table note'),
	('anon', $$may('insert into notes.note values (1, ''user_1'')')$$, false, 'denied, a privilege is missing: permission denied for table note'),
	('user', $$may('drop table notes.log')$$, false, 'denied, a privilege is missing: must be owner of table log'),
	('user', $$may('insert into notes.note values (4, ''user_2'')')$$, false, 'denied by a policy: new row violates row-level security policy for table "note"'),
	('user', $$may('update notes.note set owner = ''user_2'' where id = 1')$$, false, 'denied by a policy: new row violates row-level security policy for table "note"'),
	('user', $$may('update notes.note set id = 4 where id = 2')$$, false, 'no row: a policy hides them; without policies there are 1'),
	('user', $$may('update notes.note set id = 4 where id = 99')$$, false, 'no row: there is none for this command, also without policies'),
	('user', $$may('update notes.forced set id = 4')$$, false, 'no row; whether a policy hides one is not known, because policies apply to developer, too, or the command fails: query would be affected by row-level security policy for table "forced"'),
	('user', $$may('do $q$ begin raise insufficient_privilege; end $q$')$$, false, 'denied: insufficient_privilege'),
	('user', $$may('select 1 / 0')$$, false, 'error: division by zero'),
	('user', $$sees('select id || current_user || workos_user_id() from notes.note', '{1authenticateduser_1}', 'the role and the claims are as before')$$, true, null);
create schema notes;
create table notes.note (id int, owner text);
insert into notes.note values (1, 'user_1'), (2, 'user_2');
alter table notes.note enable row level security;
create policy p on notes.note to authenticated using (owner = workos_user_id());
create table notes.forced (id int);
insert into notes.forced values (1);
alter table notes.forced enable row level security, force row level security;
grant select, update on notes.forced to authenticated;
create table notes.log (id int);
grant truncate on notes.log to authenticated;
grant usage on schema notes to authenticated, anon;
grant select, insert, update on notes.note to authenticated;
select no_plan() \g /dev/null
do $$
declare
	v record;
	heard text;
begin
	for v in select * from verdict loop
		if v.caller = 'user' then
			perform workos_test.login('user_1');
		else
			perform workos_test.as_anon();
		end if;
		execute 'select workos_test.' || v.assertion into heard;
		update verdict set said = heard where assertion = v.assertion and caller = v.caller;
	end loop;
end $$;
select workos_test.logout() \g /dev/null
select coalesce(string_agg(assertion || ': ' || coalesce(said, 'nothing'), '; '), '') as wrong from verdict
	where case when passes then said ~ '^ok \d+ - \w' else said ~ '^not ok \d+ - \w' end is not true
		or position(concat(e'\n#         have: ', tells, e'\n#         want: done') in said) = 0 and tells is not null \gset
select count(*) as verdicts from verdict \gset
rollback;

-- The search_path of the test finds these first: functions and operators that raise, and types and tables in pg_temp.
begin;
create schema notes;
create table notes.note (id text);
insert into notes.note values ('one');
create schema evil;
grant usage on schema notes, evil to authenticated, anon;
grant select, delete on notes.note to authenticated;
do $$
declare
	signature text;
begin
	for signature in select regexp_split_to_table('array_agg(text) array_remove(text[],text) array_to_string(text[],text) concat(text,text) count() current_setting(text) current_setting(text,boolean) diag(text) fail(text)
		floor(numeric) format(text,text) format(text,name) is(text,text,text) is(text[],text[],text) is(bigint,bigint,text) jsonb_strip_nulls(jsonb) matches(text,text,text) ok(boolean,text) pg_has_role(name,oid,text)
		regexp_like(text,text,text) session_user() set_config(text,text,boolean) statement_timestamp() _todo() _get(text) unnest(text[]) equal(text,text) equal(bigint,int) equal(name,name) joined(text,text) joined(jsonb,jsonb)', e'\\s+')
	loop
		execute format('create function evil.%s returns %s language plpgsql as $f$ begin raise exception ''misled by %1$s''; end $f$', signature, case when signature like '%equal(%' then 'boolean' else 'text' end);
	end loop;
end $$;
create operator evil.= (function = evil.equal, leftarg = text, rightarg = text);
create operator evil.= (function = evil.equal, leftarg = bigint, rightarg = int);
create operator evil.= (function = evil.equal, leftarg = name, rightarg = name);
create operator evil.|| (function = evil.joined, leftarg = text, rightarg = text);
select no_plan() \g /dev/null
create domain pg_temp.int8 as bool;
create domain pg_temp.bool as int;
create domain pg_temp.name as int;
create domain pg_temp.text as int;
create temp table pg_namespace as select 1 as evil;
create temp table pg_roles as select 1 as evil;
create temp table pg_extension as select 1 as evil;
set local search_path = pg_temp, evil, notes, pg_catalog;
select workos_test.login('user_1', 'org_1', 'editor') \g /dev/null
select workos_test.sees('select id from note', '{one}') as sees, workos_test.sees('select id from note', '{two}') as sees_other, workos_test.sees_nothing('select from note where id > ''one''') as sees_nothing,
	workos_test.may('delete from note') as may, workos_test.may_not('delete from note where id > ''one''') as may_not, workos_test.may_not('update note set id = null') as denied,
	workos_test.outcome('select set_config(''x.y'', ''z'', true)') as misled \gset
select workos_test.as_anon() \g /dev/null
select workos_test.sees('select id from note', '{1}') as anon_sees, current_user as became \gset
select workos_test.logout() \g /dev/null
rollback;

begin;
select no_plan();

select workos_test.login('user_1', 'org_1', 'editor', '{p,q}', entitlements => '{e}', feature_flags => '{f}', impersonator => 'staff@example.com',
	auth_time => '2026-01-02 03:04:05+00', session_id => 'session_1', claims => '{"email": "eve@example.com"}');
select is(current_user, 'authenticated', 'login() sets the Postgres role');
select is(row(workos_user_id(), workos_org_id(), workos_user_role(), workos_user_roles(), workos_permissions(), workos_entitlements(), workos_feature_flags(),
		workos_impersonator(), workos_authenticated_at() at time zone 'UTC', workos_session_id(), workos_claim('email'), workos_expires_at() > now())::text,
	'(user_1,org_1,editor,{editor},"{p,q}",{e},{f},staff@example.com,"2026-01-02 03:04:05",session_1,eve@example.com,t)', 'login() uses each argument');
select is((select count(*) from workos_doctor() where status <> 'ok'), 0::bigint, 'workos_doctor() reports no problem for the claims of login()');
select workos_test.login();
select is(row(workos_user_id(), workos_org_id(), workos_user_role(), workos_user_roles(), workos_impersonator(), workos_authenticated_at())::text, '(user_test,,,{},,)', 'login() without arguments signs in a user without an organization');
select workos_test.login(roles => '{a,b}');
select is(workos_user_roles(), '{a,b}', 'login() with several roles');
select workos_test.login(expired => true);
select is(workos_is_authenticated(), false, 'login() with an expired token gives no session');
select workos_test.login('client_1', session_id => null);
select is(workos_token_kind(), 'application', 'login() with a machine-to-machine token');
select throws_ok($$select workos_test.login('eve')$$, '22023', 'user_id is no id of a WorkOS user: it does not begin with user_', 'login() with an id that gives no session');
select throws_ok($$select workos_test.login('user_eve', session_id => 'eve')$$, '22023', 'session_id is no id of a WorkOS session: it does not begin with session_', '... or an id of a session that gives none');
select workos_test.login('eve', claims => '{"sub": "1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001", "sid": "eve"}', session_id => 'eve');
select is(workos_token_kind(), 'other', '... the argument claims takes any');
select workos_test.login(claims => '{"sid": "session_1", "sub": "user_2"}', postgres_role => 'anon');
select is(workos_user_id() || ' ' || current_user, 'user_2 anon', 'the argument claims replaces claims, and the Postgres role can be chosen');
select workos_test.as_anon();
select is(current_user || ' ' || workos_token_kind(), 'anon other', 'as_anon() makes the request anonymous');
select workos_test.logout();
select is(current_user::text, session_user::text, 'logout() resets the role');
select is(workos_token_kind(), null, 'logout() clears the claims');

-- The outcome of commands, whose changes are rolled back.
select workos_test.login('user_1');
select is(workos_test.outcome(command), want, 'the outcome of ' || command) from (values
	('select 1', 'done'),
	('select 1 where false', 'no row'),
	('with n as (select 1 where false) table n', 'no row'),
	('create temp table made (id int)', 'done'),
	('do $$ begin raise insufficient_privilege; end $$', 'denied'),
	('do $$ begin assert false, ''no''; end $$', 'error: no'),
	('do $$ begin raise exception ''undo''; end $$', 'error: undo'),
	('do $$ begin raise exception using errcode = ''WTEST''; end $$', 'error: WTEST'),
	('do $$ begin commit; end $$', 'error: invalid transaction termination'),
	('commit', 'error: EXECUTE of transaction commands is not implemented'),
	('set constraints all immediate', 'error: a transaction that called workos_test.login or workos_test.as_anon cannot be committed'),
	('set role none', 'done'),
	('select set_config(''role'', ''none'', false)', 'done'),
	('select set_config(''request.jwt.claims'', ''{}'', false)', 'done')) v (command, want);
select is(row(current_user, workos_user_id(), to_regclass('made'))::text, '(authenticated,user_1,)', 'after outcome() the role, the claims and the tables are unchanged');
select workos_test.logout();

select ok(:'misled' like 'error: misled by set_config%', 'the search_path changes what an unqualified call of the test finds');
select matches(:'sees'::text, '^ok 1 - sees', 'sees() is not affected by search_path');
select alike(:'sees_other'::text, 'not ok 2 - sees %have: {one}%want: {two}', 'sees() can fail with this search_path');
select matches(:'sees_nothing'::text, '^ok 3 - sees nothing of', 'sees_nothing() is not affected by search_path');
select matches(:'may'::text, '^ok 4 - may delete', 'may() is not affected by search_path');
select matches(:'may_not'::text, '^ok 5 - may not delete', 'may_not() is not affected by search_path');
select matches(:'denied'::text, '^ok 6 - may not update', 'may_not() of a denied command is not affected by search_path');
select matches(:'anon_sees'::text, '^not ok 7 - sees select.*\n# denied: permission denied', 'sees() of a denied query is not affected by search_path');
select is(:'became'::text, 'anon', 'as_anon() is not affected by search_path');

select is(:'wrong'::text, '', :'verdicts' || ' assertions pass and fail as they should');
select * from finish();
rollback;
