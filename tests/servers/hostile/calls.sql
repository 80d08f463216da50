-- Calls every function of the extension in the given schema, as a superuser whose search_path begins with the hostile
-- schema. psql variable: schema.
set search_path = pg_catalog, pg_temp;
create schema auth;
create function auth.uid() returns uuid language sql as 'select null::uuid';
create function auth.jwt() returns jsonb language sql as $$select '{}'::jsonb$$;
create table public.documents (id uuid, org_id text, author text);
alter table public.documents enable row level security;
create policy a on public.documents using (author = :"schema".workos_user_id() or :"schema".workos_has_permission('a'));
create policy b on public.documents using (id = auth.uid() or auth.jwt() ->> 'role' = 'b');
create policy c on public.documents to signed_in using (:"schema".workos_is_member(org_id) and org_id = (select :"schema".workos_org_with_role('c')));
create table public.unprotected (org_id text);
set request.jwt.claims = '{"sid": "session_1", "sub": "user_1", "org_id": "org_1", "user_role": "r", "roles": ["r", "s"], "permissions": ["p"], "act": {"sub": "a"}, "iat": 1, "exp": 9999999999.5e0, "auth_time": 1, "x": "\ud83d\ude00"}';

select 'set search_path = hostile, pg_catalog'
union all
select * from (
	select format('select * from %I.%I(%s)', :'schema', p.proname,
		(select string_agg(format('%s%L::pg_catalog.%s', case when p.provariadic <> 0 then 'variadic ' end, case t::regtype::text when 'text[]' then '{a,b}' when 'interval' then '1 hour' when 'regclass' then 'public.unprotected' when 'regprocedure' then 'pg_catalog.pg_backend_pid()' when 'regprocedure[]' then '{pg_catalog.pg_backend_pid()}' when 'oid[]' then '{}' when 'aclitem[]' then '{}' when 'integer' then '1' when 'integer[]' then '{1}' when 'boolean[]' then '{true}'
			when 'name' then case when n = 2 then 'org_id' else 'signed_in' end when 'boolean' then 'true' when 'jsonb' then '{}' when 'oid' then '1259' when 'json' then current_setting('request.jwt.claims')
			else case when p.proname = 'workos_configure' then 'token' when p.proname !~ 'workos_explain' then 'workos_org_id() = org_id' when n = 1 then 'public.documents' when n = 2 then 'select' else 'public' end end,
			replace(replace(t::regtype::text, 'boolean', 'bool'), 'integer', 'int4')), ', ' order by n)
		from unnest(p.proargtypes) with ordinality a(t, n)))
	from pg_proc p
	where p.pronamespace = :'schema'::regnamespace and p.proname ~ '^_?workos_' and p.proowner <> 'attacker'::regrole and p.prorettype <> 'trigger'::regtype
	order by p.proname, p.oid) calls
\gexec
drop table public.documents, public.unprotected;
drop schema auth cascade;
