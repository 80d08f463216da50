-- A small multi-tenant application: organizations have projects, projects have documents, documents have
-- comments. A row belongs to the WorkOS organization in org_id. Permissions decide what a user may do.

create table organizations (
	id text primary key,                               -- the id in WorkOS, org_…
	name text not null
);

create table projects (
	id int generated always as identity primary key,
	org_id text not null default workos_org_id() references organizations on delete cascade,
	name text not null,
	unique (id, org_id)
);
create index on projects (org_id);

create table documents (
	id int generated always as identity primary key,
	org_id text not null default workos_org_id(),
	project_id int not null,
	author_id text default workos_user_id(),           -- the id in WorkOS, user_…
	title text not null,
	is_public boolean not null default false,
	unique (id, org_id),
	-- Row security does not apply to foreign keys. With the organization in the key, no reference leads to another tenant.
	foreign key (project_id, org_id) references projects (id, org_id) on delete cascade
);
create index on documents (org_id);
-- Policies are combined with OR. If one arm has no index, the query becomes a sequential scan.
create index on documents (id) where is_public;

create table comments (
	id int generated always as identity primary key,
	org_id text not null default workos_org_id(),
	document_id int not null,
	author_id text default workos_user_id(),
	body text not null,
	foreign key (document_id, org_id) references documents (id, org_id) on delete cascade
);
create index on comments (org_id);

alter table organizations enable row level security;
alter table projects enable row level security;
alter table documents enable row level security;
alter table comments enable row level security;

grant select on documents to anon;
grant select, insert, update, delete on organizations, projects, documents, comments to authenticated;

-- Organizations: members read theirs, managers rename it, and an owner who has just signed in deletes it.

create policy "members read their organization" on organizations for select to authenticated
	using (workos_is_member(id));
create policy "managers change their organization" on organizations for update to authenticated
	using (id = workos_org_with_permission('organization:manage'));
create policy "owners close it, freshly signed in" on organizations for delete to authenticated
	using (id = workos_org_with_role('owner') and workos_authenticated_within('10 minutes'));

-- Projects

create policy "members read projects" on projects for select to authenticated
	using (org_id = workos_org_id());
create policy "managers manage projects" on projects for all to authenticated
	using (org_id = workos_org_with_permission('projects:manage'));

-- Documents: a gate is one index condition. For a user without the permission, no row is read.

create policy "everybody reads public documents" on documents for select to anon, authenticated
	using (is_public);
create policy "readers read" on documents for select to authenticated
	using (org_id = workos_org_with_permission('documents:read'));
create policy "writers add in their own name" on documents for insert to authenticated
	with check (org_id = workos_org_with_permission('documents:write') and author_id = workos_user_id());
create policy "writers change" on documents for update to authenticated
	using (org_id = workos_org_with_permission('documents:write'));
create policy "deleters delete" on documents for delete to authenticated
	using (org_id = workos_org_with_permission('documents:delete'));

-- Machine-to-machine tokens have no membership. Allow them by client id.
create policy "the search indexer reads" on documents for select to authenticated
	using (org_id = workos_application_org_id() and workos_application_id() = 'client_01SEARCHINDEXER');

-- Comments: users who may read documents comment in their own name, and delete only their own comments.

create policy "readers read comments" on comments for select to authenticated
	using (org_id = workos_org_with_permission('documents:read'));
create policy "readers comment in their own name" on comments for insert to authenticated
	with check (org_id = workos_org_with_permission('documents:read') and author_id = workos_user_id());
create policy "authors take back" on comments for delete to authenticated
	using (org_id = workos_org_id() and author_id = workos_user_id());

-- Support staff who impersonate a user may read, but not write. A restrictive policy is combined with the others by AND.

create policy "impersonators write nothing" on organizations as restrictive using (true) with check (not workos_is_impersonated());
create policy "impersonators delete nothing" on organizations as restrictive for delete using (not workos_is_impersonated());
create policy "impersonators write nothing" on projects as restrictive using (true) with check (not workos_is_impersonated());
create policy "impersonators delete nothing" on projects as restrictive for delete using (not workos_is_impersonated());
create policy "impersonators write nothing" on documents as restrictive using (true) with check (not workos_is_impersonated());
create policy "impersonators delete nothing" on documents as restrictive for delete using (not workos_is_impersonated());
create policy "impersonators write nothing" on comments as restrictive using (true) with check (not workos_is_impersonated());
create policy "impersonators delete nothing" on comments as restrictive for delete using (not workos_is_impersonated());
