-- Functions for pgTAP tests of your own policies: sign in as any user within a transaction, and assert which rows
-- this user sees and which commands this user may run. docs/how-to/testing-policies.md shows a whole test file.
--
-- For development databases only. Run this file after pg_workos (either edition), as the role that will run the
-- tests; it needs no superuser. It can be run again, by the same role. `drop schema workos_test cascade` removes it.
--
-- In case it was installed by mistake:
-- - Nobody but the role that installed it has a privilege on anything in the schema workos_test. login() and
--   as_anon() grant what the test needs to the role that the test goes on as. A transaction in which they were
--   called cannot be committed, so these grants never last, and no other connection ever sees them.
-- - Every function refuses connections that signed in as another role, as those of a gateway do, and roles that the
--   transaction became by other means.
--
-- This is one statement: if it refuses, nothing of it is installed.

do $install$
declare
	caller_path constant pg_catalog.text := pg_catalog.current_setting('search_path');
	entry record;
begin
	-- No name below is found through the search_path of the role that runs this file.
	perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);

	-- Whoever can become the owner can call everything. That must be nobody whom a gateway serves.
	for entry in
		select r.rolname from pg_roles r
		where r.rolname in ('anon', 'authenticated', 'service_role', 'authenticator') and pg_has_role(r.oid, current_user, 'member')
	loop
		raise exception using errcode = '42501', message = format('workos_test cannot belong to %I: requests through a gateway can run as this role', current_user),
			detail = format('The role %I is it, or is a member of it.', entry.rolname),
			hint = 'Install it as the role that runs the tests, in a development database (on Supabase: postgres).';
	end loop;

	-- Another owner would keep the functions after CREATE OR REPLACE, and could change them.
	for entry in
		select o.name, r.rolname from (
			select 'schema workos_test', n.nspowner from pg_namespace n where n.nspname = 'workos_test'
			union all
			select 'routine ' || p.oid::regprocedure, p.proowner from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'workos_test'
			union all
			select 'table ' || c.oid::regclass, c.relowner from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'workos_test'
		) o (name, owner) join pg_roles r on r.oid = o.owner
		where r.rolname <> current_user
	loop
		raise exception using errcode = '42501', message = format('%s belongs to another role, %I', entry.name, entry.rolname),
			hint = format('Install it as %I, or remove what is there: drop schema workos_test cascade.', entry.rolname);
	end loop;

	-- Made anew below. This waits for the tests that are running.
	if to_regclass('workos_test.granted') is not null then
		drop table workos_test.granted;
	end if;

	if not exists (select from pg_namespace where nspname = 'workos_test') then
		create schema workos_test;
	end if;
	execute format('grant all on schema workos_test to %I', current_user);
	comment on schema workos_test is 'tests of policies; for development databases only';

	create or replace function workos_test._must_roll_back() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
	begin
		raise exception using errcode = '2D000', message = 'a transaction that called workos_test.login or workos_test.as_anon cannot be committed',
			hint = 'Call them after BEGIN, and end the test in ROLLBACK. Instead of SET CONSTRAINTS ALL IMMEDIATE, name the constraints.';
	end $$;

	-- Refuses connections that signed in as any role but the one that installed workos_test, a member of it, or a
	-- superuser: a gateway signs in as a role of its own. Refuses also roles that such a connection became by other
	-- means than login() and as_anon(). This holds whatever has been granted.
	create or replace function workos_test._refuse_others() returns void language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		if not exists (select from pg_namespace n where n.nspname = 'workos_test' and pg_has_role(session_user, n.nspowner, 'member')) then
			raise exception using errcode = '42501', message = 'workos_test refuses a connection that did not sign in as the role that installed it',
				hint = 'Connect as that role to run tests. If this is no development database, remove it: drop schema workos_test cascade.';
		elsif exists (select from pg_namespace n where n.nspname = 'workos_test' and pg_has_role(current_user, n.nspowner, 'member')) then
			return;
		elsif not exists (select from workos_test.granted g where g.postgres_role = current_user) then
			raise exception using errcode = '42501', message = 'workos_test refuses a role that the transaction became by other means than workos_test.login or workos_test.as_anon',
				hint = 'Call workos_test.login(postgres_role => ...) before, as the role that the connection signed in as.';
		end if;
	end $$;

	-- Makes a role the current one for the rest of the transaction, and lets it call workos_test meanwhile.
	-- Another test that comes here waits until this transaction has ended.
	create or replace function workos_test._become(postgres_role name) returns void language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		perform workos_test._refuse_others();
		perform set_config('role', (select r.rolname from pg_roles r join pg_namespace n on n.nspowner = r.oid where n.nspname = 'workos_test'), true);
		if not exists (select from workos_test.granted g where g.postgres_role = _become.postgres_role) then
			-- Concurrent GRANTs alone would wait in ways that deadlock with savepoints.
			lock table workos_test.granted in exclusive mode;
			insert into workos_test.granted values (_become.postgres_role);
			execute format('grant usage on schema workos_test to %I', postgres_role);
			execute format('grant execute on all functions in schema workos_test to %I', postgres_role);
			execute format('grant select on workos_test.granted to %I', postgres_role);
		end if;
		perform set_config('role', postgres_role, true);
	end $$;

	-- A pgTAP assertion, by pgTAP's own functions. They find each other through the search_path.
	create or replace function workos_test._assert(passes boolean, description text, said text) returns text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		pgtap constant name := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pgtap');
		result text;
	begin
		perform workos_test._refuse_others();
		if pgtap is null then
			raise exception using errcode = '42883', message = 'the extension pgtap is not installed in this database',
				hint = 'create extension pgtap; a pgTAP that was loaded as plain SQL is not found.';
		end if;
		perform set_config('search_path', format('pg_catalog, %I, pg_temp', pgtap), true);
		execute format('select %1$I.ok($1, $2) || case when $1 then '''' else chr(10) || %1$I.diag($3) end', pgtap) into result using passes, description, said;
		return result;
	end $$;

	create or replace function workos_test._same(have text[], want text[], description text) returns text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		have := array(select h from unnest(have) h order by h);
		want := array(select w from unnest(want) w order by w);
		return workos_test._assert(have = want, description, format(e'        have: %s\n        want: %s', have, want));
	end $$;

	create or replace function workos_test._outcome_is(outcome text, want text[], description text) returns text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		return workos_test._assert(outcome = any (want), description, format(e'        have: %s\n        want: %s', outcome, array_to_string(want, ' or ')));
	end $$;

	-- Signs a user in for the rest of the transaction, with the claims that the JWT template for Supabase gives.
	-- An argument that is NULL gives no claim. `claims` adds others, and overrides.
	create or replace function workos_test.login(
		user_id text default 'user_test',
		org_id text default null,
		role text default null,
		permissions text[] default null,
		roles text[] default null,
		entitlements text[] default null,
		feature_flags text[] default null,
		impersonator text default null,
		auth_time timestamptz default null,
		session_id text default 'session_test',
		expired boolean default false,
		claims jsonb default '{}',
		postgres_role text default 'authenticated'
	) returns void language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		issued constant bigint := floor(extract(epoch from statement_timestamp())) - case when expired then 3600 else 0 end;
	begin
		perform workos_test._become(postgres_role);
		perform set_config('request.jwt.claims', (jsonb_strip_nulls(jsonb_build_object(
			'iss', 'https://api.workos.com/user_management/client_test',
			'sub', user_id,
			'sid', session_id,
			'jti', 'test',
			'role', postgres_role,
			'org_id', org_id,
			'user_role', role,
			'roles', coalesce(roles, array_remove(array[role], null)),
			'permissions', permissions,
			'entitlements', entitlements,
			'feature_flags', feature_flags,
			'act', case when impersonator is not null then jsonb_build_object('sub', impersonator) end,
			'auth_time', floor(extract(epoch from auth_time)),
			'iat', issued,
			'exp', issued + 300
		)) || claims)::text, true);
	end $$;

	-- Becomes the role that the connection signed in as, without claims.
	create or replace function workos_test.logout() returns void language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		perform workos_test._refuse_others();
		perform set_config('role', 'none', true);
		perform set_config('request.jwt.claims', '', true);
	end $$;

	-- Becomes a visitor without a token, as the Supabase Data API presents one.
	create or replace function workos_test.as_anon() returns void language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		perform workos_test._become('anon');
		perform set_config('request.jwt.claims', '{"role":"anon"}', true);
	end $$;

	-- The functions below run the test's commands with the test's own search_path. So they set none, and name the
	-- schema of everything in their own text.

	-- What a command does for the current caller: done, no row, denied (SQLSTATE 42501), or the error. It is undone.
	-- Commands that change or return no rows, such as TRUNCATE, are done when they raise no error.
	create or replace function workos_test.outcome(command text) returns text language plpgsql volatile as $$
	declare
		counts_rows constant pg_catalog.bool := pg_catalog.regexp_like(command, $q$^(\s|--[^\n]*\n|/\*([^*]|\*+[^*/])*\*+/|\()*(select|values|table|with|insert|update|delete|merge)\M$q$, 'i');
		affected pg_catalog.int8;
	begin
		perform workos_test._refuse_others();
		begin
			execute command;
			get diagnostics affected = row_count;
			raise exception using errcode = 'P0001', message = 'undo';
		exception
			when insufficient_privilege then
				return 'denied';
			when others or assert_failure then
				return case
					when affected is null then pg_catalog.concat('error: ', sqlerrm)
					when counts_rows and affected operator(pg_catalog.=) 0 then 'no row'
					else 'done'
				end;
		end;
	end $$;

	-- Passes when the query's first column holds exactly these values for the current caller, in any order.
	create or replace function workos_test.sees(query text, want text[], description text default null) returns text language plpgsql volatile as $$
	declare
		have pg_catalog.text[];
	begin
		perform workos_test._refuse_others();
		begin
			execute pg_catalog.format(e'select pg_catalog.array_agg(seen.value::pg_catalog.text) from (%s\n) seen(value)', query) into have;
		exception when insufficient_privilege then
			return workos_test._assert(false, coalesce(description, pg_catalog.concat('sees ', query)), pg_catalog.concat('denied: ', sqlerrm));
		end;
		return workos_test._same(have, want, coalesce(description, pg_catalog.concat('sees ', query)));
	end $$;

	-- Passes when the query gives the current caller no row, or is denied.
	create or replace function workos_test.sees_nothing(query text, description text default null) returns text language plpgsql volatile as $$
	declare
		have pg_catalog.int8 := 0;
	begin
		perform workos_test._refuse_others();
		begin
			execute pg_catalog.format(e'select pg_catalog.count(*) from (%s\n) seen', query) into have;
		exception when insufficient_privilege then
			null;
		end;
		return workos_test._assert(have operator(pg_catalog.=) 0, coalesce(description, pg_catalog.concat('sees nothing of ', query)), pg_catalog.concat('rows: ', have));
	end $$;

	-- Passes when the command does something for the current caller. It is undone.
	create or replace function workos_test.may(command text, description text default null) returns text language plpgsql volatile as $$
	begin
		return workos_test._outcome_is(workos_test.outcome(command), '{done}', coalesce(description, pg_catalog.concat('may ', command)));
	end $$;

	-- Passes when policies or privileges keep the current caller from it. It fails on an error of another sort.
	create or replace function workos_test.may_not(command text, description text default null) returns text language plpgsql volatile as $$
	begin
		return workos_test._outcome_is(workos_test.outcome(command), '{denied,no row}', coalesce(description, pg_catalog.concat('may not ', command)));
	end $$;

	comment on function workos_test.login is 'signs a user in for the rest of the transaction';
	comment on function workos_test.logout is 'signs out';
	comment on function workos_test.as_anon is 'becomes a visitor without a token';
	comment on function workos_test.outcome is 'done, no row, denied, or the error of a command, which is undone';
	comment on function workos_test.sees is 'passes when the caller sees exactly these values in the first column';
	comment on function workos_test.sees_nothing is 'passes when the caller sees no row';
	comment on function workos_test.may is 'passes when the command does something for the caller; it is undone';
	comment on function workos_test.may_not is 'passes when the caller is kept from the command; it is undone';

	-- The roles that login() and as_anon() have granted access to in the running transaction. No row is ever
	-- committed, so each transaction sees only its own.
	create table workos_test.granted (postgres_role name not null);
	comment on table workos_test.granted is 'roles with access to workos_test until the end of the running transaction';

	-- Everything is for the owner alone, whatever the default privileges are, and whatever was granted before.
	for entry in
		select o.name, case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
		from (
			select 'schema workos_test', n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)) from pg_namespace n where n.nspname = 'workos_test'
			union all
			select 'routine ' || p.oid::regprocedure, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
				from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'workos_test'
			union all
			select 'table ' || c.oid::regclass, c.relowner, coalesce(c.relacl, acldefault('r', c.relowner))
				from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'workos_test'
		) o (name, owner, acl), aclexplode(o.acl) a
		where a.grantee <> o.owner
		group by 1, 2
	loop
		execute format('revoke all on %s from %s cascade', entry.name, entry.grantee);
	end loop;
	execute format('grant all on all functions in schema workos_test to %I', current_user);
	execute format('grant all on workos_test.granted to %I', current_user);

	-- Fires at COMMIT, also with session_replication_role = replica.
	create constraint trigger must_roll_back after insert on workos_test.granted deferrable initially deferred
		for each row execute function workos_test._must_roll_back();
	alter table workos_test.granted enable always trigger must_roll_back;

	if not exists (select from pg_extension where extname = 'pgtap') then
		raise warning using message = 'the extension pgtap is not installed here, and the assertions of workos_test need it',
			hint = 'In a development database: create extension pgtap (`supabase test db` does so itself). In any other: drop schema workos_test cascade.';
	end if;

	perform set_config('search_path', caller_path, true);
end $install$;
