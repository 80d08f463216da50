-- Ids are text, and no table refers to another, because events arrive in any order.
--
-- Each table has these columns, too:
--   deleted_at  when the object ended; such a row is a tombstone, without the content of the object
--   event_id    the last event that was applied to the row; empty if it was imported, or ended by end_import()
--   seen_at     when the row was written, or was last in a list that was imported

create table workos.users (
	id text primary key,
	email text,
	email_verified boolean,
	first_name text,
	last_name text,
	profile_picture_url text,
	locale text,
	external_id text,
	metadata jsonb,
	last_sign_in_at timestamptz,
	created_at timestamptz,
	updated_at timestamptz not null,
	deleted_at timestamptz,
	event_id text collate "C" not null,
	seen_at timestamptz not null
) using heap;

create table workos.organizations (
	id text primary key,
	name text,
	external_id text,
	stripe_customer_id text,
	domains jsonb,
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz not null,
	deleted_at timestamptz,
	event_id text collate "C" not null,
	seen_at timestamptz not null
) using heap;

create table workos.memberships (
	id text primary key,
	user_id text,
	organization_id text,
	status text,
	role text,
	roles text[],
	custom_attributes jsonb,
	created_at timestamptz,
	updated_at timestamptz not null,
	deleted_at timestamptz,
	event_id text collate "C" not null,
	seen_at timestamptz not null
) using heap;
create index memberships_of_user on workos.memberships (user_id, organization_id);
create index memberships_of_organization on workos.memberships (organization_id);

create table workos.roles (
	organization_id text,
	slug text,
	name text,
	permissions text[] not null,
	-- the permissions that the last event gave it, and that were deleted after that event
	deleted_permissions text[] not null default '{}',
	created_at timestamptz not null,
	updated_at timestamptz not null,
	-- also by the end of one of its permissions, which leaves updated_at as it is
	changed_at timestamptz not null,
	deleted_at timestamptz,
	event_id text collate "C" not null,
	seen_at timestamptz not null,
	primary key (organization_id, slug)
) using heap;

-- A role that was changed before its permission was deleted lacks the permission, whichever event arrives first.
create table workos.deleted_permissions (
	slug text primary key,
	deleted_at timestamptz not null,
	seen_at timestamptz not null
) using heap;

create table workos.revoked_sessions (
	id text primary key,
	user_id text,
	created_at timestamptz,
	updated_at timestamptz not null,
	revoked_at timestamptz not null,
	event_id text collate "C" not null,
	seen_at timestamptz not null
) using heap;

-- These have at most one row.

create table workos.sync (
	one boolean primary key default true check (one),
	cursor text,
	last_event_at timestamptz,
	polled_at timestamptz,
	reached_end_at timestamptz
) using heap;

create table workos.import_run (
	one boolean primary key default true check (one),
	began_at timestamptz not null,
	cursor text,
	kinds text[] not null
) using heap;

create table workos.settings (
	one boolean primary key default true check (one),
	after_event text
) using heap;

create table workos.webhook_secrets (
	secret text collate "C" primary key,
	added_at timestamptz not null
) using heap;

comment on table workos.users is 'the users of the WorkOS environment';
comment on table workos.organizations is 'the organizations of the WorkOS environment';
comment on table workos.memberships is 'who is a member of which organization; only the status active counts';
comment on table workos.roles is 'the roles and their permissions; organization_id is empty for the roles of the environment';
comment on table workos.deleted_permissions is 'the permissions that were deleted, which no role has any longer';
comment on table workos.revoked_sessions is 'the sessions that were revoked';
comment on table workos.sync is 'up to which event the Events API was read; no row before the first answer';
comment on table workos.import_run is 'the import that has begun and not ended, if there is one';
comment on table workos.settings is 'what configure() was given';
comment on table workos.webhook_secrets is 'the secrets of the webhook endpoints; they are in no dump of the extension';
