-- workos_configure(membership => 'newest') with tokens that the extension has verified: each state of the directory with each
-- age of the token. As keeper, who owns both extensions; the claims source of the database is token.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();
\ir ../../directory/setup/states.sql

-- The tokens are all of user_1 and session_1 in org_1, and differ in iat only. So one state after the other is made of them,
-- and taken back. As a gateway could set them, other claims stand in request.jwt.claims, which are not looked at.
create function pg_temp.helpers() returns jsonb language sql as $$
	select jsonb_build_object('user', workos_user_id(), 'org', workos_org_id(), 'session', workos_session_id(), 'role', workos_user_role(), 'roles', workos_user_roles(), 'permissions', workos_permissions(),
		'authenticated', workos_is_authenticated(), 'member', workos_is_member('org_1'), 'kind', workos_token_kind(), 'claims', workos_claims() is not null, 'sub', workos_claim('sub'),
		'gate', workos_org_with_permission('documents:read'), 'by role', workos_org_with_role('member'), 'has p', workos_has_permission('p'), 'has role', workos_has_any_role('member', 'x'), 'entitlements', workos_entitlements())
$$;
create temp table answer (state text, says jsonb, age text, is_newer boolean, decides text, got jsonb) on commit drop;
select set_config('request.jwt.claims', '{"sub": "user_other", "sid": "session_other", "org_id": "org_1", "roles": ["admin"], "permissions": ["p", "documents:read"], "iat": 1767272400}', true) is null as is_set;
do $$
declare
	token record;
	state record;
	event record;
	answers jsonb;
begin
	for token in select * from tap.aged_token loop
		perform set_config('workos.access_token', token.token, true);
		insert into answer values ('nobody asks the directory', '"token"', token.age, token.is_newer, 'token', pg_temp.helpers());
	end loop;
	perform extensions.workos_configure('newest');
	for state in select * from pg_temp.state loop
		begin
			for event in select e.event, e.place from jsonb_array_elements(replace(state.events::text, '_N', '_1')::jsonb) with ordinality e(event, place) loop
				perform feed.apply('event_' || event.place, event.event ->> 0,
					case when event.event -> 1 ? 'membership' then feed.membership((event.event -> 1 ->> 'membership') || '_1', 'user_1', 'org_1', (event.event -> 1) - 'membership') else event.event -> 1 end,
					case event.event ->> 2 when '0' then '2026-01-01T00:00:00.000Z' else '2026-01-01T12:00:00.500Z' end);
			end loop;
			answers := '[]';
			for token in select * from tap.aged_token loop
				perform set_config('workos.access_token', token.token, true);
				answers := answers || jsonb_build_array(jsonb_build_array(token.age, token.is_newer, pg_temp.helpers()));
			end loop;
			raise exception using errcode = 'P0099';
		exception when sqlstate 'P0099' then
			insert into answer select state.name, replace(state.says::text, '_N', '_1')::jsonb, a ->> 0, (a -> 1)::boolean, null, a -> 2 from jsonb_array_elements(answers) a;
		end;
	end loop;
end $$;
update answer set decides = case when says = '"final"' or says = '"ended"' and not is_newer then 'nobody' when is_newer or says = '"token"' then 'token' else 'directory' end where decides is null;
select is(count(*), (1 + (select count(*) from state)) * (select count(*) from tap.aged_token), 'all pairs were asked') from answer;
select cmp_ok((select count(*) from tap.aged_token where is_newer), '>', 2::bigint, '... of newer tokens') union all select cmp_ok((select count(*) from tap.aged_token where not is_newer), '>', 3::bigint, '... and of older ones');

-- The token has the claims role (member) and permissions (documents:read).
select is(a.got, w.answers, format('%s, and a token %s: %s', a.state, a.age, case a.decides when 'nobody' then 'no session' else 'the ' || a.decides || ' decides' end))
	from answer a, lateral (select coalesce(a.says ->> 'user_role', case when jsonb_array_length(a.says -> 'roles') = 1 then a.says -> 'roles' ->> 0 end) as role where a.decides = 'directory' union all select 'member' where a.decides <> 'directory') r,
	lateral (select case a.decides
		when 'nobody' then jsonb_build_object('user', null, 'org', null, 'session', null, 'role', null, 'roles', null, 'permissions', null, 'authenticated', false, 'member', null, 'kind', null, 'claims', false, 'sub', null,
			'gate', null, 'by role', null, 'has p', false, 'has role', false, 'entitlements', null)
		when 'token' then jsonb_build_object('user', 'user_1', 'org', 'org_1', 'session', 'session_1', 'role', 'member', 'roles', '["member"]'::jsonb, 'permissions', '["documents:read"]'::jsonb, 'authenticated', true, 'member', true,
			'kind', 'session', 'claims', true, 'sub', 'user_1', 'gate', 'org_1', 'by role', 'org_1', 'has p', false, 'has role', true, 'entitlements', '[]'::jsonb)
		else jsonb_build_object('user', 'user_1', 'org', 'org_1', 'session', 'session_1', 'role', r.role, 'roles', a.says -> 'roles', 'permissions', a.says -> 'permissions', 'authenticated', true, 'member', true,
			'kind', 'session', 'claims', true, 'sub', 'user_1', 'gate', null, 'by role', case when a.says -> 'roles' ? 'member' then 'org_1' end, 'has p', a.says -> 'permissions' ? 'p',
			'has role', a.says -> 'roles' ?| '{member,x}', 'entitlements', '[]'::jsonb) end as answers) w
	order by a.state, a.age;

-- In parallel workers, which verify the token for themselves
create table feed.many as select g as id, 'org_1' as org_id from generate_series(1, 20000) g;
alter table feed.many enable row level security;
create policy tenant on feed.many to authenticated using (org_id = workos_org_id());
grant select on feed.many to authenticated;
analyze feed.many;
select workos_configure('newest') is null as is_set;
select feed.apply('event_1', 'organization_membership.created', feed.membership('om_1', 'user_1', 'org_1')) as applied;
select set_config('workos.access_token', t.token, true) is null as is_set from tap.aged_token t where t.age = 'an hour before';
set local min_parallel_table_scan_size = 0;
set local parallel_setup_cost = 0;
set local parallel_tuple_cost = 0;
set local role authenticated;
select matches(tap.plan_of('select count(*) from feed.many'), 'Parallel Seq Scan', 'a parallel plan');
select is(count(*), 20000::bigint, '... shows a member the rows') from feed.many;
reset role;
select feed.apply('event_2', 'organization_membership.deleted', feed.membership('om_1', 'user_1', 'org_1'), '2026-01-01T12:00:00.500Z') as applied;
set local role authenticated;
select is(count(*), 0::bigint, '... and none after the membership was deleted') from feed.many;
reset role;
select * from finish();
rollback;
