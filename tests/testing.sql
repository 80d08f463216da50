-- workos_test, run by the role that installed it: each argument reaches its function, and each assertion can fail.
\set ON_ERROR_STOP on

-- Each assertion, passing and failing; a transaction of its own, so that no failure is counted below.
begin;
create temp table verdict (caller text, assertion text, passes boolean, said text);
grant select, update on verdict to public;
insert into verdict values
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
create schema notes;
create table notes.note (id int, owner text);
insert into notes.note values (1, 'user_1'), (2, 'user_2');
alter table notes.note enable row level security;
create policy p on notes.note to authenticated using (owner = workos_user_id());
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
	where case when passes then said ~ '^ok \d+ - \w' else said ~ '^not ok \d+ - \w' end is not true \gset
select count(*) as verdicts from verdict \gset
rollback;

-- What the test's own search_path finds first: functions and operators that raise, types and tables of pg_temp.
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
select is(current_user, 'authenticated', 'the Postgres role');
select is(row(workos_user_id(), workos_org_id(), workos_user_role(), workos_user_roles(), workos_permissions(), workos_entitlements(), workos_feature_flags(),
		workos_impersonator(), workos_authenticated_at() at time zone 'UTC', workos_session_id(), workos_claim('email'), workos_expires_at() > now())::text,
	'(user_1,org_1,editor,{editor},"{p,q}",{e},{f},staff@example.com,"2026-01-02 03:04:05",session_1,eve@example.com,t)', 'each argument');
select is((select count(*) from workos_doctor() where status <> 'ok'), 0::bigint, 'a token that the doctor likes');
select workos_test.login();
select is(row(workos_user_id(), workos_org_id(), workos_user_role(), workos_user_roles(), workos_impersonator(), workos_authenticated_at())::text, '(user_test,,,{},,)', 'no argument: a user and nothing else');
select workos_test.login(roles => '{a,b}');
select is(workos_user_roles(), '{a,b}', 'several roles');
select workos_test.login(expired => true);
select is(workos_is_authenticated(), false, 'an expired token');
select workos_test.login('client_1', session_id => null);
select is(workos_token_kind(), 'application', 'a machine');
select workos_test.login(claims => '{"sid": "session_1", "sub": "user_2"}', postgres_role => 'anon');
select is(workos_user_id() || ' ' || current_user, 'user_2 anon', 'claims override, and the Postgres role can be chosen');
select workos_test.as_anon();
select is(current_user || ' ' || workos_token_kind(), 'anon other', 'a visitor');
select workos_test.logout();
select is(current_user::text, session_user::text, 'out');
select is(workos_token_kind(), null, 'out, with no claims');

-- What a command does, and that nothing of it is left.
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
select is(row(current_user, workos_user_id(), to_regclass('made'))::text, '(authenticated,user_1,)', '... is undone');
select workos_test.logout();

select ok(:'misled' like 'error: misled by set_config%', 'the search_path misleads the test itself');
select matches(:'sees'::text, '^ok 1 - sees', 'and not sees');
select alike(:'sees_other'::text, 'not ok 2 - sees %have: {one}%want: {two}', '... which fails as it should');
select matches(:'sees_nothing'::text, '^ok 3 - sees nothing of', 'nor sees_nothing');
select matches(:'may'::text, '^ok 4 - may delete', 'nor may');
select matches(:'may_not'::text, '^ok 5 - may not delete', 'nor may_not');
select matches(:'denied'::text, '^ok 6 - may not update', '... for a command that is denied');
select matches(:'anon_sees'::text, '^not ok 7 - sees select.*\n# denied: permission denied', 'nor a query that is denied');
select is(:'became'::text, 'anon', 'nor as_anon');

select is(:'wrong'::text, '', :'verdicts' || ' assertions pass and fail as they should');
select * from finish();
rollback;
