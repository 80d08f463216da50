-- workos_explain(): a session that the directory has ended. As keeper, who becomes authenticated.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();

select feed.apply('event_1', name, data) is null as applied from (values
	('organization_membership.created', feed.membership('om_1', 'user_1', 'org_1', '{"status": "inactive"}')),
	('organization_membership.created', feed.membership('om_2', 'user_2', 'org_1')),
	('session.revoked', '{"id": "session_revoked", "user_id": "user_2"}'::jsonb)) e(name, data);
create table feed.document (org_id text, owner_id text);
alter table feed.document enable row level security;
create policy readers on feed.document to authenticated using (org_id = (select workos_org_with_permission('read')));
create policy everywhere on feed.document to authenticated using (org_id = any ((select workos_org_ids_with_role('none'))::text[]));
create policy owners on feed.document to authenticated using (owner_id = (select workos_user_id()));
grant select on feed.document to authenticated;
create function pg_temp.explained(claims jsonb) returns text language plpgsql as $$
begin
	perform set_config('request.jwt.claims', coalesce(claims::text, ''), true);
	return (select string_agg(concat_ws(' | ', e.step, e.detail, e.remedy), E'\n' order by e.step, e.detail) from workos_explain('feed.document') e);
end $$;
create function pg_temp.claims(id text, more jsonb default '{}') returns jsonb language sql as $$
	select jsonb_build_object('sub', id, 'sid', 'session_1', 'org_id', 'org_1', 'exp', 99999999999) || more
$$;

set local role authenticated;
select doesnt_match(pg_temp.explained(pg_temp.claims('user_1')), 'the directory says', 'where the token decides, the directory is no reason');
set local role keeper;
select workos_configure('newest') is null as is_set;
set local role authenticated;
select matches(pg_temp.explained(pg_temp.claims('user_1')), 'workos_org_with_permission\(''read''\) is NULL: the directory says that the membership is inactive since 2026-01-01 ', 'a gate says what the directory says');
select matches(pg_temp.explained(pg_temp.claims('user_1')), 'workos_user_id\(\) is NULL: the directory says that the membership is inactive since 2026-01-01 ', '... and a getter');
select matches(pg_temp.explained(pg_temp.claims('user_1')), 'verdict .*select \* from extensions\.workos_doctor\(\);', '... and workos_doctor() says more');
select matches(pg_temp.explained(pg_temp.claims('user_2', '{"sid": "session_revoked"}')), 'workos_user_id\(\) is NULL: the directory says that the session was revoked since ', 'so it is for a session that was revoked');
select doesnt_match(pg_temp.explained(pg_temp.claims('user_2')), 'the directory says', 'of a session that counts, the directory says nothing');
select doesnt_match(pg_temp.explained(pg_temp.claims('user_1', '{"iat": 1767312000}')), 'the directory says', '... nor with a newer token');
select matches(pg_temp.explained(pg_temp.claims('user_1', '{"exp": 1}')), 'is NULL: there are no claims in force', '... nor with one that has expired');
select matches(pg_temp.explained(null), 'is NULL: there are no claims in force', '... nor without one');
-- Why workos_org_ids_with_role() is empty
select matches(pg_temp.explained(pg_temp.claims('user_1')), 'workos_org_ids_with_role\(''none''\) is NULL: the directory says that the membership is inactive', 'it has no value for a session that does not count');
select matches(pg_temp.explained(pg_temp.claims('user_2')), 'workos_org_ids_with_role\(''none''\) is \{\}: the directory does not know the user', 'a user without events of their own is unknown');
reset role;
select feed.apply('event_2', 'user.created', '{"id": "user_2"}') is null as applied;
set local role authenticated;
select matches(pg_temp.explained(pg_temp.claims('user_2')), 'workos_org_ids_with_role\(''none''\) is \{\}: the directory has no such membership of the user', '... a known one has no such role');
reset role;
select * from finish();
rollback;
