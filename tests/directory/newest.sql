-- workos_configure(membership => 'newest'): each state of the directory with each age of the token, through all helpers. As
-- keeper.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();

\ir setup/states.sql
select is(array_agg(distinct feed.apply(format('event_%s_%s', lpad(s.n::text, 2, '0'), e.place), e.event ->> 0,
		case when e.event -> 1 ? 'membership' then feed.membership(format('%s_%s', e.event -> 1 ->> 'membership', s.n), 'user_' || s.n, 'org_' || s.n, (e.event -> 1) - 'membership') else e.event -> 1 end,
		case e.event ->> 2 when '0' then '2026-01-01T00:00:00.000Z' else '2026-01-01T12:00:00.500Z' end)), '{applied}', 'the states are made')
	from state s, jsonb_array_elements(replace(s.events::text, '_N', '_' || s.n)::jsonb) with ordinality e(event, place);
update state s set says = replace(s.says::text, '_N', '_' || s.n)::jsonb;

create temp table token (age text, iat jsonb, is_newer boolean) on commit drop;
insert into token values ('an hour before', '1767265200', false), ('in the same second', '1767268800', false), ('at that very time', '1767268800.5', false), ('a tenth of a second later', '1767268800.6', true),
	('in the next second', '1767268801', true), ('an hour after', '1767272400', true), ('without iat', null, false), ('with iat null', 'null', false), ('with iat as a text', '"1767272400"', false);

-- The answers of all helpers to these claims.
create function pg_temp.answers(claims jsonb) returns jsonb language plpgsql as $$
begin
	perform set_config('request.jwt.claims', coalesce(claims::text, ''), true);
	return (select jsonb_object_agg(h.call, tap.value(h.call)) from tap.helper h) || jsonb_build_object('all of q and s', tap.value('workos_has_all_permissions(''q'', ''s'')'));
end $$;
create temp table pair on commit drop as
	select s.n, s.name, s.says, t.age, t.is_newer, c.claims,
		case when s.says = '"final"' or s.says = '"ended"' and not t.is_newer then null
			when t.is_newer or s.says = '"token"' then c.claims
			else c.claims || s.says end as as_good_as
	from state s, token t, lateral (select tap.full_token(jsonb_build_object('sub', 'user_' || s.n, 'sid', 'session_' || s.n, 'org_id', 'org_' || s.n, 'user_role', 'r', 'iat', null))::jsonb
		|| case when t.iat is null then '{}' else jsonb_build_object('iat', t.iat) end as claims) c;
create temp table wanted on commit drop as select p.*, pg_temp.answers(p.as_good_as) as answers from pair p;
-- Claims of the template are the token's.
update wanted w set answers = w.answers || jsonb_build_object('workos_claims()', w.claims::text) where w.as_good_as is not null;

select throws_ok($$select workos_configure('sometimes')$$, '22023', 'membership is neither "token" nor "newest"', 'there are two values');
select throws_ok($$select workos_configure(null)$$, '22023', 'membership is neither "token" nor "newest"', '... NULL is none of them');
set local role stranger;
select throws_ok($$select workos_configure('newest')$$, '42501', null, 'a stranger may not configure');
select throws_ok($$select workos_configure('token')$$, '42501', null, '... neither value');
reset role;
select lives_ok($$select workos_configure(membership => 'newest')$$, 'the newer of token and directory decides');
set local role authenticated;
select lives_ok($$select workos_is_authenticated()$$, '... for everybody');
reset role;
select is(pg_temp.answers(w.claims), w.answers, format('%s, and a token %s', w.name, w.age)) from wanted w order by w.n, w.age;
-- What the other edition, the doctor and workos_explain() ask, says the same.
create function pg_temp.standing(claims jsonb) returns jsonb language plpgsql as $$
begin
	perform set_config('request.jwt.claims', claims::text, true);
	return workos._standing();
end $$;
select is(case when pg_temp.standing(w.claims) is null then 'token' when pg_temp.standing(w.claims) ? 'ended' then 'ended' else 'directory' end,
		case when w.as_good_as is null then 'ended' when w.as_good_as = w.claims then 'token' else 'directory' end, format('workos._standing(): %s, and a token %s', w.name, w.age)) from wanted w
	where w.as_good_as is null or w.as_good_as = w.claims or w.says -> 'roles' <> w.claims -> 'roles' order by w.n, w.age;

-- Sessions without an organization, and other kinds of token
create function pg_temp.as_user(n int, more jsonb default '{}') returns text language sql as $$
	select set_config('request.jwt.claims', (jsonb_build_object('sub', 'user_' || n, 'sid', 'session_' || n, 'org_id', 'org_' || n, 'iat', 1767272400) || more)::text, true)
$$;
select is(pg_temp.as_user(s.n, '{"org_id": null}') is null or workos_is_authenticated(), s.name !~ 'user who was deleted|session that', 'without an organization: ' || s.name) from state s order by s.n;
select is(pg_temp.as_user(s.n, '{"scope": "x"}') is null or workos_token_kind() = 'oauth', true, 'a token of another kind is none of the directory''s: ' || s.name) from state s where s.says = '"final"' order by s.n;
select is(pg_temp.as_user(s.n) is null or workos_org_ids() is null, true, 'a session that does not count has no organizations: ' || s.name) from state s where s.says = '"final"' order by s.n;
select set_config('request.jwt.claims', '', true) is not null as is_set;
select is(workos_is_authenticated(), false, 'anonymous stays anonymous');

-- workos_doctor() says why.
create function pg_temp.doctor(n int, more jsonb) returns text language sql as $$
	select pg_temp.as_user(n, more);
	select coalesce(string_agg(d.status || ': ' || d.detail, ' ' order by d.detail), 'nothing') from workos_doctor() d where d.check_name in ('directory', 'issuer') and d.status = 'problem'
$$;
select matches(pg_temp.doctor(s.n, '{"iat": 1767265200}'), format('^problem: The directory says that %s \(since 2026-01-0[12] .*\)\. The session does not count', r.why), 'workos_doctor(): ' || s.name)
	from state s join (values ('a membership that was deleted', 'the membership was deleted'), ('an inactive membership', 'the membership is inactive'), ('a pending membership', 'the membership is pending'),
		('a membership of another status', 'the membership is not active'), ('a user who was deleted', 'the user was deleted'), ('an organization that was deleted', 'the organization was deleted'),
		('a session that was revoked', 'the session was revoked')) r(name, why) using (name) order by s.n;
select is(pg_temp.doctor(s.n, '{"iat": 1767265200}'), 'nothing', '... and nothing: ' || s.name) from state s where s.says = '"token"' or s.says ? 'roles' order by s.n;
select is(pg_temp.doctor(s.n, '{"iat": 1767272400}'), 'nothing', '... nor with a newer token: ' || s.name) from state s where s.says <> '"final"' order by s.n;
select set_config('request.jwt.claims', '', true) is not null as is_set;

-- In one transaction: what is taken back does not count.
select is(pg_temp.as_user(2, '{"iat": 1767265200}') is null or workos_is_authenticated(), true, 'a member');
savepoint removed;
select is(apply('event_z1', 'organization_membership.deleted', membership('om_2', 'user_2', 'org_2'), '2026-01-02T00:00:00Z'), 'applied', 'is removed');
select is(workos_is_authenticated(), false, '... and is none from the next statement on');
rollback to removed;
select is(workos_is_authenticated(), true, '... but again when that is taken back');
do $$
begin
	begin
		perform feed.apply('event_z1', 'organization_membership.deleted', feed.membership('om_2', 'user_2', 'org_2'), '2026-01-02T00:00:00Z');
		if extensions.workos_is_authenticated() then raise exception 'removed, and still a member'; end if;
		raise exception using errcode = 'P0099';
	exception when sqlstate 'P0099' then
		if not extensions.workos_is_authenticated() then raise exception 'the removal was taken back'; end if;
	end;
end $$;
select pass('... also inside one statement of the client');

-- Back again
select is(pg_temp.as_user(3, '{"iat": 1767265200}') is null or workos_is_authenticated(), false, 'one whose membership was deleted');
savepoint configured;
select lives_ok($$select workos_configure('token')$$, 'the token decides again');
select is(workos_is_authenticated(), true, '... who is in again, then');
rollback to configured;
select is(workos_is_authenticated(), false, '... and that can be taken back');

-- Only what belongs to the directory is asked.
set local role stranger;
create temp table memberships (id text, user_id text, organization_id text, status text, role text, roles text[], created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
insert into memberships values ('om_3', 'user_3', 'org_3', 'active', 'admin', '{admin}', now(), now(), null);
create function pg_temp._standing() returns jsonb language sql as 'select null::jsonb';
set local search_path = pg_temp, feed, tap, extensions, pg_catalog;
select is(workos_is_authenticated(), false, 'a table of the same name in the search_path is not asked');
select throws_ok($$select * from workos.memberships$$, '42501', null, '... and the tables of the directory stay closed');
reset role;
select * from finish();
rollback;
