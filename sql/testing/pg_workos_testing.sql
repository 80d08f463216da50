-- Tests for your own policies: become any caller inside a transaction, and say in pgTAP what she sees and may.
--
-- For development databases only: run it after pg_workos (either edition) and pgTAP. It can be run again;
-- `drop schema workos_test cascade` takes it away. docs/testing-policies.md shows a whole test file.

create schema if not exists workos_test;
comment on schema workos_test is 'tests of policies; not for production';
grant usage on schema workos_test to public;

-- Signs a user in for the rest of the transaction, with the claims that the JWT template for Supabase gives.
-- What is NULL is not in the token. `claims` adds others, and overrides.
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
) returns void language plpgsql volatile as $$
declare
	issued constant bigint := floor(extract(epoch from statement_timestamp())) - case when expired then 3600 else 0 end;
begin
	perform set_config('role', postgres_role, true);
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

-- Signs out, and is the role again that the connection signed in as.
create or replace function workos_test.logout() returns void language plpgsql volatile as $$
begin
	perform set_config('role', 'none', true);
	perform set_config('request.jwt.claims', '', true);
end $$;

-- A visitor without a token, as the Supabase Data API presents one.
create or replace function workos_test.as_anon() returns void language plpgsql volatile as $$
begin
	perform set_config('role', 'anon', true);
	perform set_config('request.jwt.claims', '{"role":"anon"}', true);
end $$;

-- What becomes of a command. Whatever it did is undone.
create or replace function workos_test.outcome(command text) returns text language plpgsql volatile as $$
declare
	affected bigint;
begin
	begin
		execute command;
		get diagnostics affected = row_count;
		raise exception using errcode = 'WTEST';
	exception
		when sqlstate 'WTEST' then
			return case when affected > 0 then 'done' else 'no row' end;
		when insufficient_privilege then
			return 'denied';
		when others then
			return 'error: ' || sqlerrm;
	end;
end $$;

-- pgTAP: the query's first column holds these values for the current caller, in whatever order.
create or replace function workos_test.sees(query text, want text[], description text default null) returns text language plpgsql volatile as $$
declare
	have text[];
begin
	begin
		execute format('select coalesce(array_agg(seen.value::text order by seen.value::text), ''{}'') from (%s) seen(value)', query) into have;
	exception when insufficient_privilege then
		return fail(coalesce(description, 'sees ' || query)) || e'\n' || diag('denied: ' || sqlerrm);
	end;
	return is(have, array(select w from unnest(want) w order by w), coalesce(description, 'sees ' || query));
end $$;

-- pgTAP: the current caller sees no row, or may not even ask.
create or replace function workos_test.sees_nothing(query text, description text default null) returns text language plpgsql volatile as $$
declare
	have bigint := 0;
begin
	begin
		execute format('select count(*) from (%s) seen', query) into have;
	exception when insufficient_privilege then
		null;
	end;
	return is(have, 0::bigint, coalesce(description, 'sees nothing of ' || query));
end $$;

-- pgTAP: the command does something for the current caller. It is undone.
create or replace function workos_test.may(command text, description text default null) returns text language plpgsql volatile as $$
begin
	return is(workos_test.outcome(command), 'done', coalesce(description, 'may ' || command));
end $$;

-- pgTAP: policies or privileges keep the current caller from it. An error of another sort is a failure.
create or replace function workos_test.may_not(command text, description text default null) returns text language plpgsql volatile as $$
declare
	outcome constant text := workos_test.outcome(command);
begin
	return matches(outcome, '^(denied|no row)$', coalesce(description, 'may not ' || command));
end $$;

comment on function workos_test.login is 'signs a user in for the rest of the transaction';
comment on function workos_test.logout is 'signs out';
comment on function workos_test.as_anon is 'becomes a visitor without a token';
comment on function workos_test.outcome is 'done, no row, denied, or the error of a command, which is undone';
comment on function workos_test.sees is 'passes when the caller sees exactly these values in the first column';
comment on function workos_test.sees_nothing is 'passes when the caller sees no row';
comment on function workos_test.may is 'passes when the command does something for the caller; it is undone';
comment on function workos_test.may_not is 'passes when the caller is kept from the command; it is undone';
