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
	if to_regclass('workos_test.attempt') is not null then
		drop table workos_test.attempt;
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

	-- Signs a user in for the rest of the transaction, with the claims that the JWT template for Supabase gives.
	-- An argument that is NULL gives no claim. `claims` adds others, and overrides, also with values that WorkOS never gives.
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
		perform workos_test._refuse_others();
		-- Other ids give no session, and a test that then sees no rows would prove nothing.
		if user_id !~ '^(user|client)_' and not claims ? 'sub' then
			raise exception using errcode = '22023', message = 'user_id is no id of a WorkOS user: it does not begin with user_',
				hint = 'Write for example workos_test.login(''user_eve''). A machine is ''client_...'' with session_id => null. Any other subject: claims => ''{"sub": "..."}''.';
		elsif session_id !~ '^session_' and not claims ? 'sid' then
			raise exception using errcode = '22023', message = 'session_id is no id of a WorkOS session: it does not begin with session_',
				hint = 'Leave it out, or write for example session_id => ''session_1''. Any other value: claims => ''{"sid": "..."}''.';
		end if;
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
	-- Commands that change or return no rows, such as TRUNCATE, are done when they raise no error. said: the outcome,
	-- with what denied it. In another language than English a message of Postgres is shown, and not told apart.
	create or replace function workos_test._try(command text, out outcome text, out said text) language plpgsql volatile as $$
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
				outcome := 'denied';
				said := pg_catalog.concat(case
					when pg_catalog.regexp_like(sqlerrm, 'row-level security policy') then 'denied by a policy: '
					when pg_catalog.regexp_like(sqlerrm, '^(permission denied|must be owner)') then 'denied, a privilege is missing: '
					else 'denied: '
				end, sqlerrm);
				return;
			when others or assert_failure then
				outcome := case
					when affected is null then pg_catalog.concat('error: ', sqlerrm)
					when counts_rows and affected operator(pg_catalog.=) 0 then 'no row'
					else 'done'
				end;
				said := outcome;
		end;
	end $$;

	create or replace function workos_test.outcome(command text) returns text language plpgsql volatile as $$
	begin
		return (select t.outcome from workos_test._try(command) t);
	end $$;

	-- Why a command found no row: runs it again, as the role that the connection signed in as, where no policy applies to
	-- that role. It is undone.
	create or replace function workos_test._why_no_row(command text) returns text language plpgsql volatile as $$
	declare
		affected pg_catalog.int8;
	begin
		perform workos_test._refuse_others();
		begin
			perform pg_catalog.set_config('role', 'none', true), pg_catalog.set_config('row_security', 'off', true);
			execute command;
			get diagnostics affected = row_count;
			raise exception using errcode = 'P0001', message = 'undo';
		exception when others or assert_failure then
			return case
				when affected is null then pg_catalog.concat('no row; whether a policy hides one is not known, because policies apply to ', session_user, ', too, or the command fails: ', sqlerrm)
				when affected operator(pg_catalog.=) 0 then 'no row: there is none for this command, also without policies'
				else pg_catalog.concat('no row: a policy hides them; without policies there are ', affected)
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
	-- Otherwise it says whether a privilege was missing or a policy refused.
	create or replace function workos_test.may(command text, description text default null) returns text language plpgsql volatile as $$
	declare
		tried constant record := workos_test._try(command);
		said constant pg_catalog.text := case when tried.outcome operator(pg_catalog.=) 'no row' then workos_test._why_no_row(command) else tried.said end;
	begin
		return workos_test._assert(tried.outcome operator(pg_catalog.=) 'done', coalesce(description, pg_catalog.concat('may ', command)), pg_catalog.format(e'        have: %s\n        want: done', said));
	end $$;

	-- Passes when policies or privileges keep the current caller from it. It fails on an error of another sort.
	create or replace function workos_test.may_not(command text, description text default null) returns text language plpgsql volatile as $$
	declare
		outcome constant pg_catalog.text := workos_test.outcome(command);
	begin
		return workos_test._assert(outcome operator(pg_catalog.=) 'denied' or outcome operator(pg_catalog.=) 'no row', coalesce(description, pg_catalog.concat('may not ', command)),
			pg_catalog.format(e'        have: %s\n        want: denied or no row', outcome));
	end $$;

	-- Isolation. isolation_report(), isolates() and access_matrix() act as made-up callers on copies of rows, and undo
	-- everything. docs/how-to/testing-policies.md says what they try, what they do not, and what each result means.
	--
	-- Each attempt is a subtransaction. Its effect is measured by what the table holds afterwards, not by what the
	-- command says. A trigger, made before the attempts and undone with them, sees which rows the policies let a command
	-- reach, before any other trigger can discard them.

	-- One row at most: the attempt that is being made. No row is ever committed.
	create table workos_test.attempt (command text not null, own_org text, on_own boolean not null, target jsonb, reached int not null, hit boolean not null);
	comment on table workos_test.attempt is 'the attempt that isolation_report is making';

	-- Counts the rows that the policies let an UPDATE or DELETE reach, and lets only the target pass.
	create or replace function workos_test._probe() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
	declare
		mine record;
		org constant text := to_jsonb(old) ->> tg_argv[0];
	begin
		select * into mine from workos_test.attempt;
		if found and mine.command = tg_op then
			if org is null or (org is not distinct from mine.own_org) <> mine.on_own then
				return null;
			end if;
			update workos_test.attempt set reached = mine.reached + 1, hit = mine.hit or to_jsonb(old) is not distinct from mine.target;
			if to_jsonb(old) is distinct from mine.target then
				return null;
			end if;
		end if;
		return case tg_op when 'DELETE' then old else new end;
	end $$;

	-- An id as WorkOS makes them, so that no policy can tell a made-up caller by its id.
	create or replace function workos_test._id(prefix text) returns text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		perform workos_test._refuse_others();
		return prefix || '01' || (select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + floor(random() * 32)::int, 1), '') from generate_series(1, 24));
	end $$;

	-- The texts that decide about access: policies, and the functions that they call, and those that these name.
	create or replace function workos_test._texts() returns setof text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	begin
		perform workos_test._refuse_others();
		return query
			with recursive mine as materialized (
				select p.oid, p.proname, case when p.prosqlbody is null then p.prosrc else pg_get_functiondef(p.oid) end as body
				from pg_proc p
				where p.pronamespace <> all (array(select n.oid from pg_namespace n where n.nspname in ('pg_catalog', 'information_schema', 'workos_test')))
					and p.proname !~ '^_?workos_' and p.prokind in ('f', 'p')
					and p.oid <> all (array(select d.objid from pg_depend d where d.classid = 'pg_proc'::regclass and d.deptype = 'e'))
			), called (oid, depth) as (
				select m.oid, 1 from mine m join pg_depend d on d.refclassid = 'pg_proc'::regclass and d.refobjid = m.oid
					where d.classid in ('pg_policy'::regclass, 'pg_rewrite'::regclass)
				union
				select m.oid, c.depth + 1 from called c join mine t on t.oid = c.oid join mine m on m.oid <> t.oid and position(m.proname in t.body) > 0 where c.depth < 3
			)
			select concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) from pg_policy p
			union
			select regexp_replace(m.body, '--[^\n]*', '', 'g') from mine m where m.oid in (select c.oid from called c)
			union
			select pg_get_viewdef(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace
				where c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'workos_test')
					and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
	end $$;

	-- The string literals of a text, and the elements of those that are arrays.
	create or replace function workos_test._literals(source text) returns text[] language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		literal text;
		found text[] := '{}'::text[];
	begin
		perform workos_test._refuse_others();
		for literal in select replace(m[1], '''''', '''') from regexp_matches(source, $q$'((?:[^']|'')*)'$q$, 'g') m loop
			found := found || literal;
			if literal ~ '^\{.*\}$' then
				begin
					found := found || literal::text[];
				exception when others then
					null;
				end;
			end if;
		end loop;
		return coalesce((select array_agg(distinct f) from unnest(found) f where f <> '' and length(f) <= 200), '{}');
	end $$;

	-- The literals of a text that stand where a role in WorkOS stands: arguments of the helpers for roles, and what the
	-- claim of the role is compared with.
	create or replace function workos_test._roles(source text) returns text[] language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		one constant text := $q$'(?:[^']|'')*'(?:::[a-z ]+)?$q$;
		list constant text := format($q$(?:%s\s*,?\s*)+$q$, one);
	begin
		perform workos_test._refuse_others();
		return array(
			select r from (
				select m[1] as part from regexp_matches(source, format($q$workos_(?:has_role|has_any_role|org_with_role|org_ids_with_role)\((?:\s*VARIADIC)?\s*(?:ARRAY\[)?(%s)$q$, list), 'gi') m
				union all
				select m[1] from regexp_matches(source, format($q$(?:workos_user_roles?\(\)|'(?:user_role|roles?)'(?:::text)?)[^'=<?&@]{0,80}(?:=|<>|IN|\?[|&]?|&&|@>)[^'=<]{0,20}(%s)$q$, list), 'gi') m
				union all
				select m[1] from regexp_matches(source, format($q$(%s) (?:=|<>|IN) [^'=]{0,80}(?:workos_user_roles?\(|->>? '(?:user_)?roles?')$q$, one), 'gi') m) found,
				lateral unnest(workos_test._literals(found.part)) r);
	end $$;

	-- The made-up callers: name, Postgres role, home (the organization whose rows are the caller's own, or NULL), claims.
	create or replace function workos_test._callers(orgs text[], user_id text, permissions text[], roles text[], claims jsonb, callers jsonb, postgres_role name, anonymous_role name)
		returns table (caller text, home text, role name, token text) language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		issued constant bigint := floor(extract(epoch from statement_timestamp()));
		source text;
		literals text[] := '{}'::text[];
		single_roles text[] := roles;
		every text[] := '{}'::text[]; -- the literals, as often as they are written
		compared text[] := '{}'::text[]; -- those that are compared with a column
		pairs jsonb := '[]'::jsonb;
		base jsonb;
		member jsonb;
		org text;
		value text;
		pair jsonb;
	begin
		perform workos_test._refuse_others();
		for source in select t from workos_test._texts() t loop
			literals := literals || workos_test._literals(source);
			single_roles := single_roles || workos_test._roles(source);
			every := every || array(select m[1] from regexp_matches(source, $q$'((?:[^']|'')*)'$q$, 'g') m);
			-- A literal that is compared with a column, such as status = 'draft', is neither a permission nor a role.
			compared := compared || array(select m[2] from regexp_matches(source, $q$(?:^|[( ])([a-z_][a-z0-9_.]*)\)?(?:::[a-z]+)? (?:=|<>) '((?:[^']|'')*)'$q$, 'g') m
				where m[1] !~ 'role|perm|scope|plan|flag|entitle|claim');
			select pairs || coalesce(jsonb_agg(jsonb_build_array(m[1], m[2])), '[]') into pairs
				from regexp_matches(source, $q$'([^']+)'(?:::text)?\)* = \(?'([^']*)'$q$, 'g') m;
		end loop;
		-- Whatever else is written as a literal may be a permission, a role, an entitlement, a flag or a scope.
		literals := array(select l from unnest(literals) l where (select count(*) from unnest(compared) c where c = l) < (select count(*) from unnest(every) e where e = l) or l <> all (every));
		literals := array(select distinct l from unnest(literals || permissions || roles) l where l not in ('anon', 'authenticated', 'service_role') order by 1 limit 500);
		single_roles := array(select s from (select s, min(n) as n from unnest(single_roles) with ordinality u (s, n) where s ~ '^[A-Za-z][\w.:-]*$'
			and s not in ('anon', 'authenticated', 'service_role', 'role', 'user_role') and s !~ '^(user|org|client|session|request|t|f)_|^(true|false|text|public)$' group by 1) o order by n limit 12);
		base := jsonb_build_object('iss', 'https://api.workos.com/user_management/' || workos_test._id('client_'), 'sid', workos_test._id('session_'), 'jti', workos_test._id(''),
			'role', postgres_role, 'sub', user_id, 'auth_time', issued, 'iat', issued, 'exp', issued + 300);
		role := postgres_role;
		foreach org in array orgs loop
			home := org;
			member := base || jsonb_build_object('org_id', org, 'roles', literals, 'permissions', literals, 'entitlements', literals, 'feature_flags', literals);
			caller := 'member with everything'; token := member || claims; return next;
			caller := 'member with nothing'; token := base || jsonb_build_object('org_id', org, 'permissions', '{}'::text[]) || claims; return next;
			foreach value in array single_roles loop
				caller := 'member with the role ' || value; token := member || jsonb_build_object('user_role', value) || claims; return next;
			end loop;
			caller := 'impersonator'; token := member || '{"act": {"sub": "staff@example.com"}}' || claims; return next;
			caller := 'machine'; token := base - 'sid' || jsonb_build_object('sub', workos_test._id('client_'), 'org_id', org, 'scope', array_to_string(literals, ' ')) || claims; return next;
			caller := 'application for a user'; token := member || jsonb_build_object('scope', array_to_string(literals, ' '), 'client_id', workos_test._id('client_')) || claims; return next;
			for value in select l from unnest(literals) l where l ~ '^client_\w+$' limit 12 loop
				caller := 'machine ' || value; token := base - 'sid' || jsonb_build_object('sub', value, 'org_id', org, 'scope', array_to_string(literals, ' ')) || claims; return next;
				caller := 'application ' || value || ' for a user'; token := member || jsonb_build_object('scope', array_to_string(literals, ' '), 'client_id', value) || claims; return next;
			end loop;
			for value in select l from unnest(literals) l where l ~ '^user_\w+$' and l <> 'user_role' limit 12 loop
				caller := 'user ' || value; token := member || jsonb_build_object('sub', value) || claims; return next;
			end loop;
			for pair in select p from jsonb_array_elements(pairs) p where p ->> 0 not in ('iss', 'sub', 'sid', 'org_id', 'exp', 'iat', 'nbf', 'role', 'permissions', 'roles', 'act') group by p limit 12 loop
				caller := format('member with %s = %s', pair ->> 0, pair ->> 1); token := member || jsonb_build_object(pair ->> 0, pair ->> 1) || claims; return next;
			end loop;
			if org = orgs[1] then
				home := null;
				caller := 'expired token'; token := member || jsonb_build_object('iat', issued - 3600, 'exp', issued - 3300) || claims || jsonb_build_object('exp', issued - 3300); return next;
				caller := 'user without an organization'; token := (member - 'org_id') || claims - 'org_id'; return next;
				caller := 'no claims'; token := ''; return next;
				if to_regrole(quote_ident(anonymous_role)) is not null then
					caller := 'anonymous visitor'; role := anonymous_role; token := jsonb_build_object('role', anonymous_role); return next;
					role := postgres_role;
				end if;
			end if;
		end loop;
		for value in select l from unnest(literals) l where l ~ '^org_\w+$' and l <> 'org_id' and l <> all (orgs) limit 12 loop
			home := value; caller := 'member of ' || value; token := member || jsonb_build_object('org_id', value) || claims; return next;
		end loop;
		for caller, pair in select * from jsonb_each(callers) loop
			home := pair ->> 'org_id'; role := coalesce(pair ->> 'role', postgres_role); token := base || pair || jsonb_build_object('role', role); return next;
		end loop;
	end $$;

	-- The values of a new row of an organization, and of a user where a column names one. Rows that its foreign keys need
	-- are made as well. It copies a row of the organization, or else any row, or else takes values by type.
	-- Given to the table: what has no default and is not generated. New in each row: columns of unique indexes.
	create or replace function workos_test._new_row(relation regclass, org_column name, org text, user_id text, fixed jsonb default '{}', depth int default 0) returns jsonb
		language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		sample jsonb;
		made jsonb := '{}'::jsonb;
		a record;
		fk record;
		wanted jsonb;
		parent jsonb;
		parent_column name;
		by_user boolean;
		user_columns text[] := '{}'::text[];
	begin
		perform workos_test._refuse_others();
		if depth > 5 then
			raise exception using errcode = '54001', message = 'the foreign keys lead further than five tables';
		end if;
		if org_column is not null then
			execute format('select to_jsonb(t.*) from %s t where t.%I::text = $1 limit 1', relation, org_column) into sample using org;
		end if;
		if sample is null then
			execute format('select to_jsonb(t.*) from %s t limit 1', relation) into sample;
		end if;
		for a in
			select c.attname, c.attnotnull or t.typnotnull as must, c.attidentity, c.atthasdef or t.typdefault is not null as preset, pg_get_expr(d.adbin, d.adrelid) as preset_text,
				coalesce(nullif(t.typbasetype, 0), t.oid) as type, t.typtype, t.oid as own_type, case when greatest(c.atttypmod, t.typtypmod) > 4 then greatest(c.atttypmod, t.typtypmod) - 4 end as len,
				exists (select from pg_index x where x.indrelid = relation and x.indisunique and c.attnum = any (x.indkey::int2[])) as is_unique,
				exists (select from pg_constraint k where k.conrelid = relation and k.contype = 'f' and c.attnum = any (k.conkey)) as refers
			from pg_attribute c join pg_type t on t.oid = c.atttypid left join pg_attrdef d on d.adrelid = c.attrelid and d.adnum = c.attnum
			where c.attrelid = relation and c.attnum > 0 and not c.attisdropped and c.attgenerated = '' and c.attidentity <> 'a'
		loop
			by_user := user_id is not null and a.type in ('text'::regtype, 'varchar'::regtype)
				and (coalesce(a.preset_text, '') ~ 'workos_user_id' or coalesce(sample ->> a.attname, '') ~ '^user_' or (a.attname ~ '(^|_)(user|author|owner|creator|member)(_?id)?$' and a.attname <> coalesce(org_column, '')));
			if fixed ? a.attname then
				made := made || jsonb_build_object(a.attname, fixed -> a.attname);
			elsif a.attname = org_column then
				made := made || jsonb_build_object(a.attname, org);
			elsif by_user and not (a.is_unique and a.attname !~ '(user|author|owner|member)') then
				made := made || jsonb_build_object(a.attname, user_id);
				user_columns := user_columns || a.attname::text;
			elsif a.is_unique and not a.refers then
				if not a.preset and a.attidentity = '' then
					made := made || jsonb_build_object(a.attname, case
						when a.type in ('int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'float8'::regtype) then to_jsonb(1000000000 + floor(random() * 1000000000)::int)
						when a.type = 'int2'::regtype then to_jsonb(20000 + floor(random() * 12000)::int)
						when a.type in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype) then to_jsonb(left(md5(random()::text), coalesce(a.len, 32)))
						when a.type = 'uuid'::regtype then to_jsonb(gen_random_uuid())
						when a.type in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) then to_jsonb(now() - random() * interval '10000 days')
						else sample -> a.attname end);
				end if;
			elsif sample is not null then
				made := made || jsonb_build_object(a.attname, sample -> a.attname);
			elsif a.must and not a.preset and not a.refers then
				made := made || jsonb_build_object(a.attname, case
					when a.typtype = 'e' then to_jsonb((select e.enumlabel from pg_enum e where e.enumtypid = a.type order by e.enumsortorder limit 1))
					when a.type in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype) then to_jsonb(left(coalesce(
						(select m[1] from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid), $q$'([^']*)'$q$) m
							where k.contype = 'c' and (k.contypid = a.own_type or k.conrelid = relation and pg_get_constraintdef(k.oid) like '%' || quote_ident(a.attname) || '%') limit 1), 'test'), coalesce(a.len, 100)))
					when a.type in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'float4'::regtype, 'float8'::regtype) then to_jsonb(1)
					when a.type = 'bool'::regtype then to_jsonb(false)
					when a.type = 'uuid'::regtype then to_jsonb(gen_random_uuid())
					when a.type in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype, 'time'::regtype) then to_jsonb(now())
					when a.type = 'interval'::regtype then to_jsonb('1 hour'::text)
					when a.type in ('json'::regtype, 'jsonb'::regtype) then '{}'::jsonb
					when (select y.typcategory from pg_type y where y.oid = a.type) = 'A' then '[]'::jsonb
				end);
			end if;
		end loop;
		for fk in
			select k.confrelid::regclass as parent, array(select attname from unnest(k.conkey) with ordinality u (n, o) join pg_attribute on attrelid = relation and attnum = n order by o) as mine,
				array(select attname from unnest(k.confkey) with ordinality u (n, o) join pg_attribute on attrelid = k.confrelid and attnum = n order by o) as theirs,
				(select bool_or(attnotnull) from pg_attribute where attrelid = relation and attnum = any (k.conkey) and attname is distinct from org_column) as must
			from pg_constraint k where k.conrelid = relation and k.contype = 'f' and k.conparentid = 0
			order by cardinality(k.conkey)
		loop
			if fk.parent = relation then
				-- To itself: no parent, where that is allowed.
				for i in 1 .. cardinality(fk.mine) loop
					if not fk.must and fk.mine[i] is distinct from org_column then made := made || jsonb_build_object(fk.mine[i], null); end if;
				end loop;
				continue;
			end if;
			parent_column := case when org_column = any (fk.mine) then fk.theirs[array_position(fk.mine, org_column)]
				else (select attname from pg_attribute where attrelid = fk.parent and attname = org_column and not attisdropped) end;
			wanted := coalesce((select jsonb_object_agg(fk.theirs[n], made -> fk.mine[n]::text) from generate_subscripts(fk.mine, 1) n
				where fk.mine[n] = org_column or fk.mine[n]::text = any (user_columns) or fixed ? fk.mine[n]), '{}');
			if wanted = '{}' and parent_column is null and (select bool_and(made ->> m is not null) from unnest(fk.mine) m) then
				continue; -- the parent of the copied row, which belongs to no organization
			elsif sample is not null and not coalesce(fk.must, false) and (select bool_or(made ->> m is null) from unnest(fk.mine) m) then
				continue; -- the copied row has no parent
			elsif sample is null and not coalesce(fk.must, false) and not (org_column = any (fk.mine) or fk.mine::text[] && user_columns) then
				continue;
			end if;
			if parent_column is not null then
				wanted := wanted || jsonb_build_object(parent_column, org);
			end if;
			execute format('select to_jsonb(t.*) from %s t where to_jsonb(t.*) @> $1 limit 1', fk.parent) into parent using wanted;
			if parent is null then
				parent := workos_test._insert(fk.parent, workos_test._new_row(fk.parent, parent_column, org, user_id, wanted, depth + 1));
			end if;
			for i in 1 .. cardinality(fk.mine) loop
				made := made || jsonb_build_object(fk.mine[i], parent -> fk.theirs[i]::text);
			end loop;
		end loop;
		return made;
	end $$;

	-- The text of an INSERT of the row $1, a jsonb, with these of its columns.
	create or replace function workos_test._insert_text(relation regclass, columns text[]) returns text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		name constant text := (select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation);
		list constant text := (select string_agg(quote_ident(c), ', ') from unnest(columns) c);
	begin
		perform workos_test._refuse_others();
		return case when list is null then format('insert into %s default values', name)
			else format('insert into %1$s (%2$s) select %2$s from pg_catalog.jsonb_populate_record(null::%1$s, $1)', name, list) end;
	end $$;

	create or replace function workos_test._insert(relation regclass, made jsonb) returns jsonb language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		statement text;
		result jsonb;
	begin
		perform workos_test._refuse_others();
		statement := workos_test._insert_text(relation, array(select jsonb_object_keys(made)))
			|| format(' returning pg_catalog.to_jsonb(%s.*)', (select quote_ident(c.relname) from pg_class c where c.oid = relation));
		-- Triggers and defaults find what they find for a caller.
		perform set_config('search_path', current_setting('workos_test.search_path'), true);
		execute statement into result using made;
		perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		if result is null then
			raise exception using errcode = '55000', message = format('a trigger or rule of %s discarded the row', relation);
		end if;
		return result;
	end $$;

	-- What the tables hold of one organization (on_own), or of all others.
	create or replace function workos_test._contents(tables regclass[], org_column name, own_org text, on_own boolean) returns text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		relation regclass;
		part text;
		whole text := '';
	begin
		perform workos_test._refuse_others();
		foreach relation in array tables loop
			execute format('select concat_ws('' '', count(*), sum(hashtextextended(t.tableoid::text || t.ctid::text || t.*::text, 0)::numeric)) from %s t where t.%I is not null and (t.%2$I::text is not distinct from $1) = $2', relation, org_column)
				into part using own_org, on_own;
			whole := concat(whole, relation::oid, ' ', part, '; ');
		end loop;
		return whole;
	end $$;

	-- Makes one attempt, and undoes it. outcome: yes, no or unknown. reached: rows that the policies showed to the command.
	create or replace function workos_test._attempt(command text, relation regclass, tables regclass[], org_column name, home text, on_own boolean, role name, token text,
		statement text, row_given jsonb, target jsonb, clear_org text, caller_path text, out outcome text, out reached int, out hit boolean, out said text, out state text)
		language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		runner constant text := current_setting('role');
		others_before text;
		others_after text;
		own_before text;
		own_after text;
		affected bigint;
		shown bigint;
		finished boolean := false;
		cleared regclass;
	begin
		perform workos_test._refuse_others();
		begin
			if command = 'select' and not has_table_privilege(role, relation, 'select') and has_any_column_privilege(role, relation, 'select') then
				-- Which rows are visible does not depend on the columns. Their organization can be asked for with this.
				execute format('grant select on %s to %I', relation, role);
				if not has_table_privilege(role, relation, 'select') then
					raise exception using errcode = '55000', message = 'only some columns are readable, and this role cannot grant the others';
				end if;
			end if;
			if clear_org is not null then
				foreach cleared in array tables loop
					execute format('delete from %s t where t.%I::text = $1', cleared, org_column) using clear_org;
				end loop;
			end if;
			if command <> 'select' then
				others_before := workos_test._contents(tables, org_column, home, false);
				own_before := workos_test._contents(tables, org_column, home, true);
			end if;
			delete from workos_test.attempt;
			insert into workos_test.attempt values (upper(command), home, on_own, target, 0, false);
			perform set_config('row_security', 'on', true);
			perform set_config('request.jwt.claims', token, true);
			perform set_config('role', role, true);
			perform set_config('search_path', caller_path, true);
			if command operator(pg_catalog.=) 'select' then
				execute statement into shown;
			else
				execute statement using row_given;
				get diagnostics affected = row_count;
			end if;
			perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
			perform set_config('role', runner, true);
			perform set_config('request.jwt.claims', '', true);
			perform set_config('row_security', 'off', true);
			select a.reached, a.hit into reached, hit from workos_test.attempt a;
			if command <> 'select' then
				others_after := workos_test._contents(tables, org_column, home, false);
				own_after := workos_test._contents(tables, org_column, home, true);
			end if;
			finished := true;
			raise exception using errcode = 'P0001', message = 'undo';
		exception when others or assert_failure then
			if not finished then
				state := sqlstate;
				outcome := case when state = '42501' then 'no' else 'unknown' end;
				said := format('SQLSTATE %s: %s', state, sqlerrm);
				return;
			end if;
		end;
		if command = 'select' then
			outcome := case when shown > 0 then 'yes' else 'no' end;
			said := shown || case when shown = 1 then ' row' else ' rows' end;
		elsif others_before <> others_after then
			outcome := case when on_own then 'spilled' else 'yes' end;
			said := 'rows of another organization changed';
		elsif on_own and own_before <> own_after then
			outcome := 'yes';
		elsif command = 'insert' then
			outcome := case when affected > 0 and own_before <> own_after then 'no' else 'unknown' end;
			said := case when outcome = 'no' then 'the row went to the organization of the caller' else 'no error, and no new row: a trigger or rule changed or discarded it' end;
		elsif hit then
			outcome := 'unknown';
			said := 'the policies let the command reach a row, and a trigger or rule discarded the change';
		elsif affected > 0 and reached = 0 then
			outcome := 'unknown';
			said := 'the command reports rows, and the table is unchanged: a trigger or rule changed the command';
		else
			outcome := 'no';
			said := 'the row was not reached';
		end if;
	end $$;

	-- All attempts on one table or view, undone.
	-- result: isolated, leak or not proved. access: yes (rows of other organizations too), own, no, or ? for not known.
	create or replace function workos_test._isolation(relation regclass, org_column name, shared_rows text, organizations text[], permissions text[], roles text[], claims jsonb, callers jsonb,
		postgres_role name, anonymous_role name, caller_path text)
		returns table (caller text, command text, result text, access text, detail text) language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		probe constant name := chr(1) || 'workos_test';
		commands constant text[] := '{select,insert,update,move,delete}'::text[];
		kind constant record := (select c from pg_class c where c.oid = relation);
		name constant text := (select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation);
		shared constant text := coalesce(' and (' || shared_rows || ') is not true', '');
		user_id constant text := workos_test._id('user_');
		root regclass;
		tables regclass[];
		child regclass;
		orgs text[];
		org text;
		reason text := '';
		targets jsonb := '{}'::jsonb;
		rows_of jsonb;
		new_rows jsonb := '{}'::jsonb;
		changed name;
		who record;
		attempt record;
		tries jsonb := '[]'::jsonb;
		this_command text;
		scope boolean;
		other text;
		target jsonb;
		statement text;
		columns text[];
		privileged boolean;
		permitted boolean;
		opaque boolean;
		outcome text;
		said text;
		own_outcome text;
		own_said text;
		clear boolean := false;
		hits int;
		finished boolean := false;
	begin
		perform workos_test._refuse_others();
		begin
			perform set_config('workos_test.search_path', caller_path, true);
			root := coalesce(case when kind.relispartition then pg_partition_root(relation) end, relation);
			if kind.relkind in ('r', 'p', 'f') then
				tables := array[relation];
			else
				-- The tables that a view reads, also through other views.
				tables := array(
					with recursive reads (oid) as (
						select relation::oid
						union
						select d.refobjid from reads r join pg_rewrite w on w.ev_class = r.oid join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
					)
					select c.oid::regclass from reads r join pg_class c on c.oid = r.oid
						where c.relkind in ('r', 'p') and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = org_column and not a.attisdropped));
			end if;
			foreach child in array tables || root loop
				if row_security_active(child) then
					-- The owner of a table with FORCE ROW LEVEL SECURITY.
					execute format('alter table %s no force row level security', child);
				end if;
				if row_security_active(child) then
					raise exception using errcode = '42501', message = format('the role %I does not see all rows of %s: run this as the owner of the table, a superuser or a role with BYPASSRLS', current_user, child);
				end if;
			end loop;
			perform set_config('row_security', 'off', true);

			-- Two organizations: those with most rows, or else made-up ones.
			orgs := organizations;
			foreach child in array tables loop
				exit when cardinality(orgs) >= 2;
				execute format('select $1 || array(select t.%1$I::text from %2$s t where t.%1$I is not null and t.%1$I::text <> all ($1) group by 1 order by count(*) desc, 1 limit 2)', org_column, child) into orgs using orgs;
			end loop;
			while cardinality(orgs) < 2 loop
				orgs := orgs || workos_test._id('org_');
			end loop;
			orgs := orgs[1:2];

			-- Rows of both, for the made-up user and for another.
			foreach org in array orgs loop
				perform set_config('request.jwt.claims', jsonb_build_object('sub', user_id, 'sid', workos_test._id('session_'), 'org_id', org)::text, true);
				rows_of := '[]';
				foreach child in array case when kind.relkind in ('r', 'p', 'f') then array[root] else tables end loop
					for i in 1 .. 2 loop
						begin
							rows_of := rows_of || workos_test._insert(child, workos_test._new_row(child, org_column, org, case when i = 1 then user_id else workos_test._id('user_') end));
						exception when others or assert_failure then
							reason := format('No row of an organization could be added to %s (SQLSTATE %s: %s). ', child, sqlstate, sqlerrm);
						end;
					end loop;
				end loop;
				foreach child in array tables loop
					execute format('select $1 || coalesce((select jsonb_agg(to_jsonb(r.*)) from (select t.* from %s t where t.%I::text = $2 limit 5) r), ''[]'')', child, org_column) into rows_of using rows_of, org;
				end loop;
				targets := targets || jsonb_build_object(org, rows_of);
				if kind.relkind <> 'm' then
					begin
						new_rows := new_rows || jsonb_build_object(org, case when kind.relkind in ('r', 'p', 'f') then workos_test._new_row(relation, org_column, org, user_id)
							else workos_test._new_row(tables[1], org_column, org, user_id) end);
					exception when others or assert_failure then
						new_rows := new_rows || jsonb_build_object(org, coalesce(rows_of -> 0, jsonb_build_object(org_column, org)));
					end;
				end if;
			end loop;
			perform set_config('request.jwt.claims', '', true);
			if kind.relkind in ('r', 'p', 'f') and not exists (select from jsonb_each(targets) e where e.value <> '[]') and reason = '' then
				reason := 'The table has no rows. ';
			end if;

			for child in select c.oid::regclass from unnest(tables) t cross join lateral (
					select t::oid as oid union select i.inhrelid from pg_inherits i where i.inhparent = t
				) f join pg_class c on c.oid = f.oid where c.relkind in ('r', 'p') and (c.oid = t or not c.relispartition)
			loop
				execute format('create trigger %I before update or delete on %s for each row execute function workos_test._probe(%L)', probe, child, org_column);
			end loop;

			for who in select * from workos_test._callers(orgs, user_id, permissions, roles, claims, callers, postgres_role, anonymous_role) loop
				other := case when who.home = orgs[2] then orgs[1] else orgs[2] end;
				-- What an UPDATE in place sets: a column of no key, to the value it has in some row; the organization last.
				changed := (select a.attname from pg_attribute a
					where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a' and has_column_privilege(who.role, relation, a.attnum, 'update')
					order by a.attname = org_column,
						exists (select from pg_index x where x.indrelid = relation and x.indisunique and a.attnum = any (x.indkey::int2[])),
						exists (select from pg_constraint k where k.conrelid = relation and k.contype = 'f' and a.attnum = any (k.conkey)),
						(new_rows -> other ->> a.attname) is not distinct from user_id,
						a.atttypid <> 'text'::regtype, a.attnum limit 1);
				foreach this_command in array commands loop
					privileged := has_schema_privilege(who.role, kind.relnamespace, 'usage') and case this_command
						when 'select' then has_any_column_privilege(who.role, relation, 'select')
						when 'insert' then has_any_column_privilege(who.role, relation, 'insert')
						when 'update' then changed is not null
						when 'move' then coalesce(has_column_privilege(who.role, relation, org_column, 'update'), false)
						else has_table_privilege(who.role, relation, 'delete') end;
					permitted := not kind.relrowsecurity or exists (
						select from pg_policy p
						where p.polrelid = relation and p.polpermissive and p.polcmd in ('*', case this_command when 'select' then 'r' when 'insert' then 'a' when 'delete' then 'd' else 'w' end)
							and (0 = any (p.polroles) or exists (select from unnest(p.polroles) r where pg_has_role(who.role, r, 'usage')))
							and coalesce(pg_get_expr(case when this_command = 'insert' then coalesce(p.polwithcheck, p.polqual) else p.polqual end, p.polrelid), 'true') <> 'false')
						or coalesce((select r.rolbypassrls or r.rolsuper from pg_roles r where r.rolname = who.role), false) or pg_has_role(who.role, kind.relowner, 'usage');
					opaque := exists (select from pg_rewrite w where w.ev_class = any (tables || relation) and w.rulename <> '_RETURN'
							and w.ev_type = case this_command when 'select' then '1' when 'insert' then '3' when 'delete' then '4' else '2' end)
						or exists (select from pg_trigger g where g.tgrelid = any (tables || relation) and not g.tgisinternal and g.tgtype & 64 <> 0)
						or exists (select from pg_trigger g where g.tgrelid = any (tables) and not g.tgisinternal and g.tgtype & 3 = 3 and g.tgname::text collate "C" < probe::text collate "C");
					hits := 0;
					-- On rows of others, and then, for those who have an organization, on their own.
					own_outcome := 'no';
					own_said := '';
					foreach scope in array case when who.home is null then '{f}'::boolean[] else '{f,t}'::boolean[] end loop
						outcome := 'no';
						said := null;
						if this_command = 'select' then
							statement := format('select pg_catalog.count(*) from %s where %I is not null and (%2$I::pg_catalog.text operator(pg_catalog.=) %L) is %s true%s', name, org_column, coalesce(who.home, ''),
								case when scope then '' else 'not' end, case when scope then '' else shared end);
							select * into attempt from workos_test._attempt('select', relation, tables, org_column, who.home, scope, who.role, who.token, statement, null, null, null, caller_path);
							outcome := attempt.outcome;
							said := attempt.said;
						elsif this_command = 'insert' then
							target := coalesce(new_rows -> case when scope then who.home else other end, jsonb_build_object(org_column, who.home));
							columns := array(select a.attname from pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and target ? a.attname::text
								and has_column_privilege(who.role, relation, a.attnum, 'insert'));
							statement := workos_test._insert_text(relation, columns);
							for n in 1 .. 2 loop
								select * into attempt from workos_test._attempt('insert', relation, tables, org_column, who.home, scope, who.role, who.token, statement, target, null,
									case when clear then case when scope then who.home else other end end, caller_path);
								exit when clear or attempt.state is distinct from '23505';
								clear := true; -- one row for each organization: the old one is deleted before
							end loop;
							outcome := attempt.outcome;
							said := attempt.said;
						elsif this_command = 'move' and scope then
							null;
						else
							statement := case when this_command = 'delete' then format('delete from %s', name)
								when this_command = 'update' then format('update %s set %I = (pg_catalog.jsonb_populate_record(null::%1$s, $1)).%2$I', name, coalesce(changed, org_column))
								else format('update %s set %s', name, (select string_agg(format('%I = (pg_catalog.jsonb_populate_record(null::%s, $1)).%1$I', c, name), ', ') from (
									select org_column as c
									union
									select a.attname from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
									where k.conrelid = relation and k.contype = 'f' and has_column_privilege(who.role, relation, a.attnum, 'update')
										and exists (select from pg_attribute o where o.attrelid = relation and o.attname = org_column and o.attnum = any (k.conkey))) s)) end;
							-- Rows of others, taken over or changed; and, where rows are moved, own ones given away.
							for target, rows_of in
								select t.value, case when this_command = 'move' then new_rows -> coalesce(who.home, orgs[1]) else new_rows -> o.key end
									from jsonb_each(targets) o, jsonb_array_elements(o.value) t where (o.key is not distinct from who.home) = scope
							loop
								select * into attempt from workos_test._attempt(case this_command when 'move' then 'update' else this_command end, relation, tables, org_column, who.home, scope, who.role, who.token,
									statement, coalesce(rows_of, jsonb_build_object(org_column, who.home)), target, null, caller_path);
								if scope and attempt.outcome = 'unknown' and attempt.state like '23%' then
									attempt.outcome := 'yes'; -- the policies let it pass, and a constraint did not
								end if;
								if outcome = 'no' or attempt.outcome in ('yes', 'spilled') then
									outcome := attempt.outcome;
									said := attempt.said;
								end if;
								hits := hits + (attempt.state is not null or attempt.hit)::int;
								exit when outcome in ('yes', 'spilled') or attempt.state is null and attempt.reached = 0;
							end loop;
							if not scope and outcome = 'no' and hits > 0 then
								-- Some rows were reached, and refused. Are there more?
								select * into attempt from workos_test._attempt(case this_command when 'move' then 'update' else this_command end, relation, tables, org_column, who.home, scope, who.role, who.token,
									statement, coalesce(new_rows -> other, '{}'), null, null, caller_path);
								if attempt.state <> '42501' or attempt.reached > hits then
									outcome := 'unknown';
									said := coalesce(attempt.said, format('%s rows were reached, and only %s of them were tried', attempt.reached, hits));
								end if;
							end if;
							if this_command = 'move' and outcome <> 'yes' and who.home is not null then
								for target in select t from jsonb_array_elements(targets -> who.home) t loop
									-- The table of the attempt: own rows pass. Leaked: rows of others appear.
									select * into attempt from workos_test._attempt('update', relation, tables, org_column, who.home, true, who.role, who.token,
										statement, coalesce(new_rows -> other, jsonb_build_object(org_column, other)), target, null, caller_path);
									-- An own row that left is a row of others that appeared.
									if attempt.outcome = 'spilled' then
										attempt.outcome := 'yes';
										attempt.said := 'a row was given to another organization';
									elsif attempt.outcome = 'yes' then
										attempt.outcome := 'no'; -- it stayed in its organization
									end if;
									if outcome = 'no' or attempt.outcome = 'yes' then
										outcome := attempt.outcome;
										said := attempt.said;
									end if;
									exit when outcome = 'yes' or attempt.state is null and attempt.reached = 0;
								end loop;
							end if;
						end if;
						if outcome = 'unknown' and not scope and (not privileged or not permitted) and this_command = 'insert' and attempt.state = '23514' and kind.relispartition then
							outcome := 'no'; -- a row that the partition does not take, which is asked first; no policy or privilege would let it pass
						end if;
						if opaque and outcome = 'no' and attempt.state is distinct from '42501' and not scope then
							outcome := 'unknown';
							said := 'a rule, an INSTEAD OF trigger, or a trigger that fires before that of this test, can discard the change';
						end if;
						if scope then
							own_outcome := replace(outcome, 'spilled', 'yes');
							own_said := said;
							if outcome = 'spilled' then
								tries := jsonb_set(jsonb_set(tries, '{-1,other}', '"yes"'), '{-1,said}', '"a command on rows of its own organization changed rows of another"');
							end if;
						else
							tries := tries || jsonb_build_array(jsonb_build_object('caller', who.caller, 'home', who.home, 'command', this_command, 'other', outcome, 'said', said,
								'closed', case when not privileged then 'no privilege' when not permitted then 'no policy permits it' end));
						end if;
					end loop;
					tries := jsonb_set(jsonb_set(tries, '{-1,own}', to_jsonb(own_outcome)), '{-1,own_said}', to_jsonb(coalesce(own_said, '')));
				end loop;
			end loop;
			finished := true;
			raise exception using errcode = 'P0001', message = 'undo';
		exception when others or assert_failure then
			if not finished then
				caller := 'all';
				result := 'not proved';
				access := '?';
				detail := format('SQLSTATE %s: %s', sqlstate, sqlerrm);
				foreach command in array commands loop
					return next;
				end loop;
				return;
			end if;
		end;

		-- A refusal proves something only if somebody of the other organization may do the same with its rows, or if no
		-- privilege or no policy permits the command at all.
		return query
			with tried as (
				select t ->> 'caller' as caller, t ->> 'home' as home, t ->> 'command' as command, t ->> 'other' as other, t ->> 'own' as own, t ->> 'said' as said, t ->> 'own_said' as own_said,
					t ->> 'closed' as closed, o as place
				from jsonb_array_elements(tries) with ordinality e (t, o)
			), owned as (
				select t.home, t.command, bool_or(t.own = 'yes') as works, max(t.own_said) filter (where t.own <> 'yes' and t.caller = 'member with everything') as why from tried t where t.home is not null group by 1, 2
			), judged as (
				select t.*, case
					when t.other = 'yes' then 'leak'
					when t.other = 'unknown' then 'not proved'
					when t.closed is not null then 'isolated'
					when exists (select from owned w where w.works and w.home is distinct from t.home and w.home = any (orgs) and w.command = replace(t.command, 'move', 'update'))
						and (t.command <> 'move' or t.home is null or exists (select from owned w where w.works and w.command = 'update')) then 'isolated'
					else 'not proved' end as result,
					(select w.why from owned w where w.home is distinct from t.home and w.home = any (orgs) and w.command = replace(t.command, 'move', 'update') limit 1) as why
				from tried t
			), merged as (
				select j.caller, j.command, min(j.place) as place, (array_agg(j.result order by array_position('{leak,not proved,isolated}', j.result), j.place))[1] as result,
					bool_or(j.own = 'yes') as own, bool_or(j.own = 'unknown') as own_unknown,
					(array_agg(case j.result
						when 'isolated' then coalesce(j.closed, 'refused')
						when 'leak' then j.said
						when 'not proved' then case when j.other = 'unknown' then j.said
							else reason || format('A member of the other organization could not do it either (%s), so the refusal proves nothing: pass the permissions, roles or claims that the policies ask for.', coalesce(nullif(j.why, ''), 'it has no row')) end
						end order by array_position('{leak,not proved,isolated}', j.result), j.place))[1] as detail
				from judged j group by 1, 2
			)
			select m.caller, m.command, m.result,
				case when m.result = 'leak' then 'yes' when m.result = 'not proved' then '?' when m.own then 'own' when m.own_unknown then '?' else 'no' end, m.detail
			from merged m order by m.place;
	end $$;

	-- Other roads to the rows of a table, which are not tried.
	create or replace function workos_test._not_tried(relation regclass, org_column name, postgres_role name, anonymous_role name) returns setof text language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		r name;
		found record;
	begin
		perform workos_test._refuse_others();
		foreach r in array array[postgres_role, anonymous_role] loop
			continue when to_regrole(quote_ident(r)) is null;
			if (select relkind in ('r', 'p') from pg_class where oid = relation) and has_table_privilege(r, relation, 'truncate') then
				return next format('%I has the privilege TRUNCATE, to which row security does not apply', r);
			end if;
			for found in
				select p.oid::regprocedure as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
				where p.prosecdef and p.prokind in ('f', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'workos_test') and p.prorettype <> 'trigger'::regtype and has_function_privilege(r, p.oid, 'execute')
					and position((select relname from pg_class where oid = relation) in pg_get_functiondef(p.oid)) > 0
			loop
				return next format('%I may call the SECURITY DEFINER function %s, which names the table', r, found.name);
			end loop;
			for found in
				select distinct w.ev_class::regclass as name from pg_depend d join pg_rewrite w on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
				where d.refclassid = 'pg_class'::regclass and d.refobjid = relation and w.ev_class <> relation and has_any_column_privilege(r, w.ev_class, 'select')
					and not exists (select from pg_attribute a where a.attrelid = w.ev_class and a.attname = org_column and not a.attisdropped)
			loop
				return next format('%I may read the view %s, which has no column %I', r, found.name, org_column);
			end loop;
		end loop;
		for found in
			select k.conname, k.conrelid::regclass as name from pg_constraint k
			where k.contype = 'f' and relation in (k.conrelid, k.confrelid) and k.conparentid = 0
				and exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname = org_column and not a.attisdropped)
				and not exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname = org_column and a.attnum = any (k.confkey))
		loop
			return next format('the foreign key %I of %s does not hold the organization, and row security does not apply to it', found.conname, found.name);
		end loop;
		if exists (select from pg_attribute a where a.attrelid = relation and a.attname = org_column and not a.attnotnull) and (select relkind in ('r', 'p') from pg_class where oid = relation) then
			return next format('the column %I may be NULL, and rows without an organization are nobody''s here', org_column);
		end if;
	end $$;

	create or replace function workos_test._isolation_report(org_column name, relations regclass[], shared_rows jsonb, organizations text[], permissions text[], roles text[], claims jsonb, callers jsonb,
		postgres_role name, anonymous_role name, caller_path text)
		returns table (relation text, caller text, command text, result text, access text, detail text) language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
	declare
		saved constant text := current_setting('role');
		-- Gucs of the caller, which _attempt() changes
		saved_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
		r regclass;
	begin
		perform workos_test._refuse_others();
		if to_regrole(quote_ident(postgres_role)) is null then
			raise exception using errcode = '42704', message = format('role %I does not exist', postgres_role), hint = 'Pass the Postgres role of signed-in users: postgres_role => ''...''';
		elsif current_setting('workos.claims_source', true) = 'token' then
			raise exception using errcode = '55000', message = 'the claims source of this database is token, and claims can be made up for the source request alone',
				hint = 'Use a development database in which workos.claims_source is request.';
		end if;
		foreach r in array coalesce(relations, '{}') loop
			if not exists (select from pg_attribute a where a.attrelid = r and a.attname = org_column and a.attnum > 0 and not a.attisdropped) then
				raise exception using errcode = '42703', message = format('%s has no column %I', r, org_column), hint = 'Name the column that holds the organization: org_column => ''...''';
			end if;
		end loop;
		-- After login(): back to the role that the connection signed in as.
		if not exists (select from pg_namespace n where n.nspname = 'workos_test' and pg_has_role(current_user, n.nspowner, 'member')) then
			perform set_config('role', 'none', true);
		end if;
		for r in
			select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema', 'workos_test')
				and case when relations is not null then c.oid = any (relations::oid[])
						or exists (with recursive f (oid) as (select unnest(relations)::oid union select i.inhrelid from f join pg_inherits i on i.inhparent = f.oid) select from f where f.oid = c.oid)
					else not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') end
				and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = org_column and a.attnum > 0 and not a.attisdropped)
			order by n.nspname, c.relname
		loop
			return query select r::text, i.* from workos_test._isolation(r, org_column, coalesce(shared_rows ->> r::text, shared_rows ->> (select relname::text from pg_class where oid = r)), coalesce(organizations, '{}'), permissions, roles, claims, callers, postgres_role, anonymous_role, caller_path) i;
			return query select r::text, null::text, null::text, 'not tried', null::text, n from workos_test._not_tried(r, org_column, postgres_role, anonymous_role) n;
		end loop;
		perform set_config('role', saved, true);
		perform set_config('request.jwt.claims', saved_claims, true);
	end $$;

	-- What made-up callers can do with rows of other organizations, for each table with the column.
	create or replace function workos_test.isolation_report(org_column name default 'org_id', relations regclass[] default null, shared_rows jsonb default '{}', organizations text[] default '{}',
		permissions text[] default '{}', roles text[] default '{}', claims jsonb default '{}', callers jsonb default '{}', postgres_role name default 'authenticated', anonymous_role name default 'anon')
		returns table (relation text, caller text, command text, result text, access text, detail text) language sql volatile as $$
		select * from workos_test._isolation_report(org_column, relations, shared_rows, organizations, permissions, roles, claims, callers, postgres_role, anonymous_role, pg_catalog.current_setting('search_path'))
	$$;

	-- Passes when no made-up caller reads, adds, changes, moves or deletes rows of another organization, and when that was proved.
	create or replace function workos_test.isolates(relation regclass, org_column name default 'org_id', shared_rows text default null, organizations text[] default '{}',
		permissions text[] default '{}', roles text[] default '{}', claims jsonb default '{}', callers jsonb default '{}', postgres_role name default 'authenticated', anonymous_role name default 'anon',
		description text default null) returns text language plpgsql volatile as $$
	declare
		relation_name constant pg_catalog.text := (select c.relname from pg_catalog.pg_class c where c.oid operator(pg_catalog.=) relation);
		wrong pg_catalog.text;
		tried pg_catalog.int8;
	begin
		perform workos_test._refuse_others();
		select pg_catalog.string_agg(pg_catalog.concat(r.result, ': ', r.relation, ', ', r.command, ', ', r.caller, ': ', r.detail), e'\n        ' order by r.result)
				filter (where r.result operator(pg_catalog.<>) 'isolated'), pg_catalog.count(*)
			into wrong, tried
			from workos_test.isolation_report(org_column, array[relation], coalesce(pg_catalog.jsonb_build_object(relation_name, shared_rows), '{}'), organizations, permissions, roles, claims, callers, postgres_role, anonymous_role) r
			where r.result operator(pg_catalog.<>) 'not tried';
		return workos_test._assert(wrong is null and tried operator(pg_catalog.>) 0, coalesce(description, pg_catalog.concat(relation::pg_catalog.text, ' isolates organizations')),
			coalesce(pg_catalog.concat('        ', wrong), '        nothing could be tried'));
	end $$;

	-- Who may do what: yes (with rows of other organizations too), own (with those of the own organization), no, or ? for not known.
	create or replace function workos_test.access_matrix(org_column name default 'org_id', relations regclass[] default null, shared_rows jsonb default '{}', organizations text[] default '{}',
		permissions text[] default '{}', roles text[] default '{}', claims jsonb default '{}', callers jsonb default '{}', postgres_role name default 'authenticated', anonymous_role name default 'anon')
		returns table (relation text, caller text, "select" text, "insert" text, "update" text, "move" text, "delete" text) language sql volatile as $$
		select r.relation, r.caller, pg_catalog.max(r.access) filter (where r.command operator(pg_catalog.=) 'select'), pg_catalog.max(r.access) filter (where r.command operator(pg_catalog.=) 'insert'),
			pg_catalog.max(r.access) filter (where r.command operator(pg_catalog.=) 'update'), pg_catalog.max(r.access) filter (where r.command operator(pg_catalog.=) 'move'),
			pg_catalog.max(r.access) filter (where r.command operator(pg_catalog.=) 'delete')
		from (select i.*, pg_catalog.row_number() over () as place
			from workos_test.isolation_report(org_column, relations, shared_rows, organizations, permissions, roles, claims, callers, postgres_role, anonymous_role) i) r
		where r.caller is not null
		group by r.relation, r.caller
		order by pg_catalog.min(r.place)
	$$;

	comment on function workos_test.login is 'signs a user in for the rest of the transaction';
	comment on function workos_test.logout is 'signs out';
	comment on function workos_test.as_anon is 'becomes a visitor without a token';
	comment on function workos_test.outcome is 'done, no row, denied, or the error of a command, which is undone';
	comment on function workos_test.sees is 'passes when the caller sees exactly these values in the first column';
	comment on function workos_test.sees_nothing is 'passes when the caller sees no row';
	comment on function workos_test.may is 'passes when the command does something for the caller; it is undone';
	comment on function workos_test.may_not is 'passes when the caller is kept from the command; it is undone';
	comment on function workos_test.isolation_report is 'what made-up callers can do with rows of other organizations; everything is undone';
	comment on function workos_test.isolates is 'passes when it is proved that the table keeps organizations apart; everything is undone';
	comment on function workos_test.access_matrix is 'what made-up callers may do with each table: yes, own, no, or ? for not known; everything is undone';

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
	execute format('grant all on workos_test.granted, workos_test.attempt to %I', current_user);

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
