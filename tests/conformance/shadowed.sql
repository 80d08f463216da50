-- A caller who creates functions, operators and types of the same names, and sets search_path, does not change what a
-- helper returns.
\set ON_ERROR_STOP on
begin;
create function lab.yes(text, text) returns boolean language sql immutable as 'select true';
create operator lab.= (function = lab.yes, leftarg = text, rightarg = text);
create function lab.no(text, text) returns boolean language sql immutable as 'select false';
create operator lab.<> (function = lab.no, leftarg = text, rightarg = text);
create operator lab.!~ (function = lab.yes, leftarg = text, rightarg = text);
create function lab.current_setting(text, boolean) returns text language sql as $$ select '{"sid":"session_1","sub":"user_evil","org_id":"org_evil"}'::text $$;
create function lab.statement_timestamp() returns timestamptz language sql as $$ select timestamptz '2000-01-01' $$;
create function lab.starts_with(text, text) returns boolean language sql as 'select true';
create domain pg_temp.json as int;
create domain pg_temp.timestamptz as int;
create type pg_temp.text as (a int);

select as_claims('{"sid":"session_1","sub":"user_1","org_id":"org_1","permissions":["p"]}');
set local search_path = lab, pg_catalog, pg_temp;
select extensions.workos_user_id() as user_id, extensions.workos_org_id() as org_id, extensions.workos_has_permission('q') as q, extensions.workos_has_any_permission('q') as any_q,
	extensions.workos_has_all_permissions('p', 'q') as all_q, extensions.workos_has_role('r') as r, extensions.workos_is_member('org_2') as org_2,
	extensions.workos_org_with_permission('q') is null as gated, extensions.workos_has_permission('p') as p, 'org_1' = 'org_2' as misled \gset
select set_config('request.jwt.claims', '{"sid":"session_1","sub":"user_1","exp":1000000000}', true) \g /dev/null
select extensions.workos_is_authenticated() as expired \gset
select set_config('request.jwt.claims', '{"sub":"client_1"}', true) \g /dev/null
select extensions.workos_token_kind() as kind \gset
-- Numbers of unusual forms are read in another way.
select set_config('request.jwt.claims', '{"sid":"session_1","sub":"user_1","permissions":["p"],"n":1e2}', true) \g /dev/null
select coalesce(extensions.workos_user_id(), 'nobody') as unusual_user_id, extensions.workos_has_permission('q') as unusual_q, extensions.workos_has_permission('p') as unusual_p, coalesce(extensions.workos_claim('n'), 'none') as unusual_claim \gset
select set_config('request.jwt.claims', '{"sid":"session_1","sub":"user_1","exp":1000000000.5}', true) \g /dev/null
select extensions.workos_is_authenticated() as unusual_expired \gset
select coalesce(left(tap.complaint('[1e2]', 'extensions.workos_user_id()'), 5), 'none') as list, coalesce(left(tap.complaint('{"n":1e2', 'extensions.workos_user_id()'), 5), 'none') as half,
	coalesce(left(tap.complaint('{"n":1e999999}', 'extensions.workos_claims()'), 5), 'none') as number \gset refused_
rollback;

begin;
select no_plan();
select ok(:'misled', 'the operator in search_path changes the result of a plain comparison');
select is(:'user_id'::text, 'user_1', 'workos_user_id is not affected by search_path');
select is(:'org_id'::text, 'org_1', 'workos_org_id is not affected by search_path');
select ok(not :'q', 'workos_has_permission is not affected by search_path');
select ok(:'p', 'workos_has_permission still returns true for a permission of the user');
select ok(not :'any_q', 'workos_has_any_permission is not affected by search_path');
select ok(not :'all_q', 'workos_has_all_permissions is not affected by search_path');
select ok(not :'r', 'workos_has_role is not affected by search_path');
select ok(not :'org_2', 'workos_is_member is not affected by search_path');
select ok(:'gated', 'workos_org_with_permission is not affected by search_path');
select ok(not :'expired', 'expired claims are ignored, whatever search_path is');
select is(:'kind'::text, 'application', 'workos_token_kind is not affected by search_path');
select is(:'unusual_user_id'::text, 'user_1', 'workos_user_id of unusual claims is not affected by search_path');
select ok(:'unusual_p' and not :'unusual_q', 'workos_has_permission of unusual claims is not affected by search_path');
select is(:'unusual_claim'::text, '1e2', 'workos_claim of unusual claims is not affected by search_path');
select ok(not :'unusual_expired', 'unusual claims that have expired are ignored, whatever search_path is');
select is(:'refused_list'::text, '22023', 'a list is refused, whatever search_path is');
select is(:'refused_half'::text, '22023', 'malformed claims are refused, whatever search_path is');
select is(:'refused_number'::text, '22023', 'a number outside of the range of jsonb is refused, whatever search_path is');
select * from finish();
rollback;
