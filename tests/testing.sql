-- The helpers for people's own tests: each argument reaches its function, and each assertion can fail.
\set ON_ERROR_STOP on

-- Each assertion, passing and failing; a transaction of its own, so that no failure is counted below.
begin;
create temp table verdict (caller text, assertion text, passes boolean, said text);
grant select, update on verdict to public;
insert into verdict values
	('user', $$sees('select id from lab.note', '{1}')$$, true),
	('user', $$sees('select id from lab.note', '{1,2}')$$, false),
	('user', $$sees('select id from lab.note', '{}')$$, false),
	('anon', $$sees('select id from lab.note', '{}')$$, false),
	('user', $$sees_nothing('select from lab.note where id = 2')$$, true),
	('user', $$sees_nothing('select from lab.note')$$, false),
	('anon', $$sees_nothing('select id from lab.note')$$, true),
	('user', $$may('update lab.note set id = 3')$$, true),
	('user', $$may('update lab.note set id = 3 where id = 2')$$, false),
	('user', $$may('insert into lab.note values (3, ''user_2'')')$$, false),
	('user', $$may_not('update lab.note set id = 3 where id = 2')$$, true),
	('user', $$may_not('insert into lab.note values (3, ''user_2'')')$$, true),
	('user', $$may_not('delete from lab.note')$$, true),
	('user', $$may_not('update lab.note set id = 3')$$, false),
	('user', $$may_not('update lab.note set no_such_column = 3')$$, false),
	('user', $$sees('select id from lab.note', '{1}', 'nothing was changed')$$, true);
create table lab.note (id int, owner text);
insert into lab.note values (1, 'user_1'), (2, 'user_2');
alter table lab.note enable row level security;
create policy p on lab.note to authenticated using (owner = workos_user_id());
grant usage on schema lab to authenticated, anon;
grant select, insert, update on lab.note to authenticated;
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

select is(:'wrong'::text, '', :'verdicts' || ' assertions pass and fail as they should');
select * from finish();
rollback;
