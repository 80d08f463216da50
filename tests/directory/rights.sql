-- Nobody but the owner may read, write or feed the directory. As keeper, the owner, who becomes others.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, extensions, pg_catalog;
select no_plan();

select is(nspowner::regrole::text, 'keeper', 'the role that installed the directory owns its schema') from pg_namespace where nspname = 'workos';
select is(relowner::regrole::text, 'keeper', '... and ' || relname) from pg_class where relnamespace = 'workos'::regnamespace and relkind in ('r', 'v');
select is(proowner::regrole::text, 'keeper', '... and ' || oid::regprocedure) from pg_proc where pronamespace = 'workos'::regnamespace and prosecdef;
select is(count(*), 15::bigint, 'so many functions run with its rights') from pg_proc where pronamespace = 'workos'::regnamespace and prosecdef;
select ok(p.proconfig = '{"search_path=pg_catalog, pg_temp"}' or not p.prosecdef and l.lanname = 'c' or p.prosqlbody is not null and not p.prosecdef, p.oid::regprocedure || ' finds no name through the search_path of the caller')
	from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = 'workos'::regnamespace;
select isnt(obj_description(c.oid, 'pg_class'), null, c.relname || ' has a comment') from pg_class c where relnamespace = 'workos'::regnamespace and relkind in ('r', 'v');
select isnt(obj_description(p.oid, 'pg_proc'), null, p.oid::regprocedure || ' has a comment') from pg_proc p where pronamespace = 'workos'::regnamespace and prosecdef;

create temp view open_to as
	select r.rolname, o.name from (values ('stranger'), ('authenticated'), ('anon'), ('service_role'), ('authenticator')) r(rolname), (
		select oid, oid::regprocedure::text as name, true as is_function from pg_proc where pronamespace = 'workos'::regnamespace
		union all select oid, relname, false from pg_class where relnamespace = 'workos'::regnamespace and relkind in ('r', 'v')) o
	where case when o.is_function then has_function_privilege(r.rolname, o.oid, 'execute')
		else has_table_privilege(r.rolname, o.oid, 'select, insert, update, delete, truncate, references, trigger') or has_any_column_privilege(r.rolname, o.oid, 'select, insert, update, references') end;
select bag_eq('select distinct name from open_to', $$values ('workos._org_ids(text,text)'), ('workos._standing()'), ('workos._known()'), ('workos._delegate_may(text,text,text)'), ('workos._current_user_id()'), ('workos._current_session_id()'), ('workos._current_org_id()')$$, 'others may call the functions that answer for their own claims, and nothing else');
select ok(not has_schema_privilege('stranger', 'workos', 'create'), '... and create nothing in the schema');
set local role stranger;
select throws_ok('select * from workos.' || t, '42501', null, 'a stranger may not read ' || t) from unnest(array['users', 'organizations', 'memberships', 'roles', 'deleted_permissions', 'revoked_sessions', 'sync', 'import_run', 'settings', 'webhook_secrets', 'members']) t;
select throws_ok('select ' || c, '42501', null, 'a stranger may not call ' || c) from unnest(array['workos.apply_event(''{"event": "x"}'')', 'workos.apply_events(''{"data": []}'', null)', 'workos.receive_webhook(''''::text, '''')', 'workos.receive_webhook(''''::bytea, '''')',
	'workos.add_webhook_secret(''whsec_0123456789abcdef'')', 'workos.remove_webhook_secret(''x'')', 'workos.begin_import()', 'workos.import(''{"data": []}'')', 'workos.end_import()', 'workos.prune()', 'workos.configure(null)', 'workos._apply_event(''{"event": "x"}'')',
	'workos._org_ids_of(''user_1'', ''all'', '''')', 'workos._is_mac('''', '''', '''')', 'workos._put(''user'', true, ''{"id": "user_1"}'', '''', null, null)']) c;
select throws_ok($$delete from workos.memberships$$, '42501', null, 'a stranger may not delete');
select throws_ok($$insert into workos.webhook_secrets values ('x', now())$$, '42501', null, 'a stranger may not add a secret');
select throws_ok($$drop view workos.members$$, '42501', null, 'a stranger may not drop the view');
select throws_ok($$create or replace function workos._org_ids(which text, slug text) returns text[] language sql as 'select array[''org_1'']'$$, '42501', null, 'a stranger may not replace a function');

-- A role that may only hand on webhooks
set local role keeper;
grant execute on function workos.receive_webhook(text, text) to stranger;
select lives_ok($$select workos.add_webhook_secret('whsec_0123456789abcdef')$$, 'there is a secret');
create temp table hook as select e as body, feed.sign(convert_to(e, 'UTF8'), 'whsec_0123456789abcdef') as signature from (select feed.event('event_1', 'user.created', '{"id": "user_1"}')::text as e) b;
grant select on hook to stranger;
set local role stranger;
select throws_ok($$select workos.receive_webhook('{}', 't=1, v1=2')$$, '28000', null, 'a role that may only receive webhooks: one that is not signed is refused');
select is(workos.receive_webhook(body, signature), 'applied', '... one that is signed is applied') from hook;
select throws_ok($$select workos.apply_event('{"event": "x"}')$$, '42501', null, '... and that is all');
select throws_ok($$select * from workos.users$$, '42501', null, '... it reads nothing');

-- Names that a caller puts in the way
set local role keeper;
create schema shadow;
grant all on schema shadow to stranger;
set local role stranger;
create function shadow.jsonb_typeof(jsonb) returns text language plpgsql as $$ begin raise exception 'shadow.jsonb_typeof'; end $$;
create function shadow.clock_timestamp() returns timestamptz language plpgsql as $$ begin raise exception 'shadow.clock_timestamp'; end $$;
create function shadow.equal(text, text) returns boolean language plpgsql as $$ begin raise exception 'shadow.='; end $$;
create operator shadow.= (leftarg = text, rightarg = text, function = shadow.equal);
create temp table users (id text);
create temp table memberships (user_id text, organization_id text, status text, deleted_at timestamptz, roles text[]);
insert into memberships values ('user_1', 'org_victim', 'active', null, '{admin}');
create type pg_temp.jsonb as (x int);
set local search_path = shadow, pg_temp, pg_catalog;
select workos.receive_webhook(body, signature) as received from hook \gset
select pg_catalog.set_config('request.jwt.claims', '{"sub": "user_1", "sid": "session_1"}', true) as claims, extensions.workos_org_ids() as org_ids, extensions.workos_org_ids_with_role('admin') as admin \gset
set local search_path = tap, pg_catalog;
select is(:'received'::text, 'stale', 'functions, operators and temporary tables of the caller change nothing');
select is(:'org_ids'::text, '{}', '... nor do they in workos_org_ids()');
select is(:'admin'::text, '{}', '... and its sisters');
select * from finish();
rollback;
