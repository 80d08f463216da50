-- What a person does first with a new installation, and that it keeps two organizations apart. Run it as a superuser of a
-- scratch database, with psql -v ON_ERROR_STOP=1. It leaves the database and two roles behind.
create schema extensions;
grant usage on schema extensions to public;
create extension pg_workos with schema extensions;
set search_path = public, extensions;

create role authenticated;
create table documents (
    id bigint generated always as identity primary key,
    org_id text not null default workos_org_id(),
    title text not null
);
create index on documents (org_id);
alter table documents enable row level security;
grant select, insert on documents to authenticated;
create policy "readers read" on documents for select to authenticated
    using (org_id = workos_org_with_permission('documents:read'));
create policy "writers add" on documents for insert to authenticated
    with check (org_id = workos_org_with_permission('documents:write'));

create function pg_temp.act(org text, permissions text) returns void language sql as $$
    select set_config('role', 'authenticated', true), set_config('request.jwt.claims', format(
        '{"sub": "user_01ANN", "sid": "session_01", "org_id": "%s", "permissions": [%s]}', org, permissions), true)
$$;
do $$
begin
    perform pg_temp.act('org_01ACME', '"documents:read", "documents:write"');
    insert into public.documents (title) values ('Hello');
    assert (select count(*) from public.documents) = 1, 'a member does not see the row';
end $$;
do $$
begin
    perform pg_temp.act('org_01OTHER', '"documents:read", "documents:write"');
    assert not exists (select from public.documents), 'another organization sees the row';
    perform pg_temp.act('org_01ACME', '');
    assert not exists (select from public.documents), 'a member without the permission sees the row';
    begin
        insert into public.documents (title) values ('No');
        assert false, 'a member without the permission added a row';
    exception when insufficient_privilege then null;
    end;
end $$;

create extension pg_workos_directory;
\o /dev/null
select * from workos_doctor();
\o
select extname, extversion from pg_extension where extname like 'pg_workos%' order by 1;
