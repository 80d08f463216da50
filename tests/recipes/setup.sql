-- Where the recipes run, as developer: a schema of their own, and what Supabase has in the schemas storage and realtime.
create schema recipes authorization developer;
grant usage on schema recipes to anon, authenticated, service_role;

create schema storage;
grant usage on schema storage to authenticated, developer;
create table storage.objects (bucket_id text, name text);
alter table storage.objects owner to developer;
alter table storage.objects enable row level security;
grant select, insert on storage.objects to authenticated;
-- The folders of a path: all parts but the last.
create function storage.foldername(name text) returns text[] language sql immutable
	begin atomic
		select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1];
	end;

create schema realtime;
set client_min_messages = error; -- wal_level need not be logical: nobody subscribes.
create publication supabase_realtime;
reset client_min_messages;
alter publication supabase_realtime owner to developer;
grant usage on schema realtime to authenticated, developer;
create table realtime.messages (topic text, inserted_at timestamptz default now());
alter table realtime.messages owner to developer;
alter table realtime.messages enable row level security;
grant select, insert on realtime.messages to authenticated;
create function realtime.topic() returns text language sql stable
	begin atomic
		select nullif(current_setting('realtime.topic', true), '');
	end;

-- As Supabase defines them.
create schema auth;
grant usage on schema auth to anon, authenticated, service_role, developer;
create table auth.users (id uuid primary key);
grant select, references, insert on auth.users to developer;
create function auth.jwt() returns jsonb language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid
$$;
