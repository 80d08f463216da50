-- Documents belong to organizations of WorkOS. The ids of WorkOS are text, never uuid.
create table public.documents (
  id bigint generated always as identity primary key,
  org_id text not null default extensions.workos_org_id(),
  author_id text not null default extensions.workos_user_id(),
  title text not null check (length(title) between 1 and 200),
  is_public boolean not null default false,
  created_at timestamptz not null default now()
);

create index on public.documents (org_id);
create index on public.documents (id) where is_public;

alter table public.documents enable row level security;

-- What each role may do at all, whatever the default privileges of the project say. The policies choose the rows.
revoke all on public.documents from anon, authenticated;
grant select on public.documents to anon, authenticated;
grant insert (title, is_public), update (title, is_public), delete on public.documents to authenticated;
grant select, insert, update, delete on public.documents to service_role;

create policy "visitors read what is public" on public.documents for select to anon
  using (is_public);

create policy "members read" on public.documents for select to authenticated
  using (is_public or org_id = (select extensions.workos_org_id()));

create policy "writers create" on public.documents for insert to authenticated
  with check (org_id = (select extensions.workos_org_with_permission('documents:write')));

create policy "writers change" on public.documents for update to authenticated
  using (org_id = extensions.workos_org_with_permission('documents:write'));

create policy "writers delete" on public.documents for delete to authenticated
  using (org_id = extensions.workos_org_with_permission('documents:write'));

-- Your own staff, when they impersonate a user from the dashboard of WorkOS, look and change nothing.
create policy "impersonators write nothing" on public.documents as restrictive
  using (true) with check (not (select extensions.workos_is_impersonated()));
create policy "impersonators delete nothing" on public.documents as restrictive for delete
  using (not (select extensions.workos_is_impersonated()));

-- Who the database says that the caller is.
create function public.whoami() returns json language sql stable security invoker set search_path = '' as $$
  select json_build_object(
    'user', extensions.workos_user_id(),
    'organization', extensions.workos_org_id(),
    'role', extensions.workos_user_role(),
    'permissions', extensions.workos_permissions(),
    'token', extensions.workos_token_kind(),
    'postgres_role', current_user)
$$;
