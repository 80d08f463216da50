-- pg_workos_directory, portable edition: the directory of users, organizations, memberships and roles in SQL and
-- PL/pgSQL, for Postgres 15 and up.
--
-- Run this file after `pg_workos.sql`, once, as a migration or with `psql -1 -v ON_ERROR_STOP=1 -f`, as the role that
-- ran that file and that may create a schema. It needs the extension pgcrypto, in any schema. It can be run again, by
-- the same role. If the functions of pg_workos are in another schema than "extensions", replace that word by the name
-- of the schema throughout. `uninstall_directory.sql` beside this file takes everything away again.
--
-- Do not expose the schema "workos" to the Data API. Functions whose name starts with an underscore are called by the
-- other functions only.

-- No name below is looked up in the caller's search_path, because other roles may create objects in its schemas.
-- The last statement restores the search_path.
do $$
begin
	perform pg_catalog.set_config('pg_workos.search_path', pg_catalog.current_setting('search_path'), false);
end $$;
set search_path = pg_catalog, pg_temp;

-- Until the checks below have passed, nothing can be created, also where psql goes on after an error.
do $$
begin
	perform set_config('pg_workos.read_only', current_setting('default_transaction_read_only'), false);
	perform set_config('pg_workos.checked', 'nothing', false);
end $$;
set default_transaction_read_only = on;

do $$
declare
	other record;
begin
	if exists (select from pg_extension e where e.extname = 'pg_workos_directory') then
		raise exception using errcode = '55000', message = 'the extension pg_workos_directory is installed here',
			hint = 'The extension has the same functions. Keep it, or drop it first.';
	elsif exists (select from pg_extension e where e.extname = 'pg_workos') then
		raise exception using errcode = '55000', message = 'the extension pg_workos is installed here',
			hint = 'Its directory is an extension, too: create extension pg_workos_directory.';
	elsif not exists (select from pg_proc p where p.oid = to_regprocedure('extensions.workos_org_ids()') and pg_get_userbyid(p.proowner) = current_user) then
		raise exception using errcode = '55000', message = 'the portable edition of pg_workos is missing in the schema extensions, or belongs to another role',
			hint = 'Run pg_workos.sql first, as the same role.';
	elsif not exists (select from pg_extension e where e.extname = 'pgcrypto') then
		raise exception using errcode = '55000', message = 'the extension pgcrypto is missing',
			hint = 'It checks the signatures of webhooks. Run this first: create extension pgcrypto with schema extensions.';
	end if;
	select n.nspowner::regrole as owner, obj_description(n.oid, 'pg_namespace') as about into other from pg_namespace n where n.nspname = 'workos';
	if found and (other.owner::text <> quote_ident(current_user) or other.about is distinct from 'the directory of pg_workos') then
		raise exception using errcode = '42P06', message = 'there is a schema workos already, which is not the directory of this role',
			hint = format('It belongs to %s. If it is the directory, run this file as that role; else rename that schema first.', other.owner);
	end if;
	-- The owner of a function can replace it, and the owner of a table can add triggers to it.
	select * into other from (
		select p.oid::regprocedure::text as name, p.proowner as owner from pg_proc p where p.pronamespace = to_regnamespace('workos')
		union all
		select c.oid::regclass::text, c.relowner from pg_class c where c.relnamespace = to_regnamespace('workos')) o
		where pg_get_userbyid(o.owner) <> current_user order by 1 limit 1;
	if found then
		raise exception using errcode = '42501', message = format('%s belongs to the role %s', other.name, other.owner::regrole),
			hint = 'That role could change it. Drop it, or give it to the role that runs this file.';
	end if;
	perform set_config('pg_workos.checked', 'everything', false);
end $$;

do $$
begin
	if current_setting('pg_workos.checked') = 'everything' then
		perform set_config('default_transaction_read_only', 'off', false);
	end if;
end $$;

do $$
begin
	if to_regnamespace('workos') is null then
		create schema workos;
		comment on schema workos is 'the directory of pg_workos';
	end if;
	-- What exists already keeps its privileges, because an administrator may have changed them.
	perform set_config('pg_workos.there_before', coalesce(array_agg(o.oid)::text, '{}'), false) from (
		select p.oid from pg_proc p where p.pronamespace = 'workos'::regnamespace
		union all
		select c.oid from pg_class c where c.relnamespace = 'workos'::regnamespace) o;
end $$;

-- Bound to the function of pgcrypto, in whatever schema that extension is. The owner of an extension can add a function
-- of the same name to it, but not one in C.
do $$
declare
	hmac text;
begin
	select format('%I.%I', n.nspname, p.proname) into hmac
		from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
		join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
		where e.extname = 'pgcrypto' and p.proname = 'hmac' and p.proargtypes = '17 17 25'::oidvector
			and p.prolang = (select l.oid from pg_language l where l.lanname = 'c');
	execute format('create or replace function workos._hmac(message bytea, secret bytea) returns bytea
		language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp return %s(message, secret, ''sha256''::text)', hmac);
end $$;

-- What is compared are the HMACs of both. Nobody who lacks the secret can choose those, so the time that the
-- comparison takes says nothing.
create or replace function workos._is_mac(secret bytea, message bytea, mac bytea) returns boolean
	language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
	return secret <> '' and octet_length(mac) = 32 and workos._hmac(workos._hmac(message, secret), secret) = workos._hmac(mac, secret);

-- The session, as pg_workos says, and that of the token, whatever the directory says of it. These functions are bound to
-- those of pg_workos, whatever becomes of the name of their schema. They need no search_path, but the linter of Supabase
-- wants one, which does not look into extensions.
do $$
declare
	functions constant text := 'extensions';
	made record;
begin
	for made in select * from (values ('_current_user_id', 'text', 'workos_user_id'), ('_current_session_id', 'text', 'workos_session_id'), ('_current_org_id', 'text', 'workos_org_id'),
		('_token_session', 'text[]', '_workos_token_session'), ('_token_issued_at', 'timestamptz', '_workos_token_issued_at')) m(name, type, of_pg_workos)
	loop
		execute format('create or replace function workos.%I() returns %s language sql stable parallel safe set search_path = pg_catalog, pg_temp return %s.%I()', made.name, made.type, functions, made.of_pg_workos);
	end loop;
	for made in select * from (values ('_delegated_user_id', 'workos_delegated_user_id'), ('_delegated_org_id', 'workos_delegated_org_id')) m(name, of_pg_workos) loop
		execute format('create or replace function workos.%I(scope text, client text) returns text language sql stable parallel safe set search_path = pg_catalog, pg_temp return %s.%I(scope, client)', made.name, functions, made.of_pg_workos);
	end loop;
end $$;

-- Ids are text, and no table refers to another, because events arrive in any order.
--
-- Each table has these columns, too:
--   deleted_at  when the object ended; such a row is a tombstone, without the content of the object
--   event_id    the last event that was applied to the row; empty if it was imported, or ended by end_import()
--   seen_at     when the row was written, or was last in a list that was imported

create table if not exists workos.users (
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

create table if not exists workos.organizations (
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

create table if not exists workos.memberships (
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
create index if not exists memberships_of_user on workos.memberships (user_id, organization_id);
create index if not exists memberships_of_organization on workos.memberships (organization_id);

create table if not exists workos.roles (
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
create table if not exists workos.deleted_permissions (
	slug text primary key,
	deleted_at timestamptz not null,
	seen_at timestamptz not null
) using heap;

create table if not exists workos.revoked_sessions (
	id text primary key,
	user_id text,
	created_at timestamptz,
	updated_at timestamptz not null,
	revoked_at timestamptz not null,
	event_id text collate "C" not null,
	seen_at timestamptz not null
) using heap;

-- These have at most one row.

create table if not exists workos.sync (
	one boolean primary key default true check (one),
	cursor text,
	last_event_at timestamptz,
	polled_at timestamptz,
	reached_end_at timestamptz
) using heap;

create table if not exists workos.import_run (
	one boolean primary key default true check (one),
	began_at timestamptz not null,
	cursor text,
	kinds text[] not null
) using heap;

create table if not exists workos.settings (
	one boolean primary key default true check (one),
	after_event text
) using heap;

create table if not exists workos.webhook_secrets (
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

-- reading a payload: what is missing, and what has another type, is NULL

-- A time of WorkOS; NULL if it is none. Some lack the T and the Z, and are in UTC all the same.
create or replace function workos._time(value text) returns timestamptz
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,12})?(Z|[+-][0-9]{2}:?[0-9]{2})?$' then
		return null;
	elsif right(value, 1) = 'Z' then
		return (left(value, -1) || '+00')::timestamptz;
	elsif value ~ '[+-][0-9]{2}:?[0-9]{2}$' then
		return value::timestamptz;
	end if;
	return (value || '+00')::timestamptz;
exception when data_exception then
	return null;
end $$;

-- The slugs in an array of slugs, or of objects with a slug.
create or replace function workos._slugs(list jsonb) returns text[]
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp
	return array(
		select s.slug #>> '{}' from jsonb_array_elements(case jsonb_typeof(list) when 'array' then list else '[]' end) with ordinality e(value, place),
			lateral (select case jsonb_typeof(e.value) when 'object' then e.value -> 'slug' else e.value end as slug) s
		where jsonb_typeof(s.slug) = 'string' order by e.place);

-- An id that is fit for an index.
create or replace function workos._id(value text, name text) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if value is null or value = '' or octet_length(value) > 255 then
		raise exception using errcode = '22023', message = format('"%s" of an object of WorkOS is missing or is no text of at most 255 bytes', name),
			hint = 'Pass events and answers of the WorkOS API as they came.';
	end if;
	return value;
end $$;

create or replace function workos._refuse(what text) returns void
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	raise exception using errcode = '22023', message = what, hint = 'Pass events and answers of the WorkOS API as they came.';
end $$;

-- What another connection commits while a statement waits for a lock must be seen by the next statement.
create or replace function workos._check_isolation() returns void
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if current_setting('transaction_isolation') = 'repeatable read' then
		raise exception using errcode = '55000', message = 'the directory is not fed in a transaction with isolation level REPEATABLE READ',
			hint = 'Use READ COMMITTED, or SERIALIZABLE and try again after a serialization failure.';
	end if;
end $$;

-- what wins
--
-- An id that ended stays ended. Otherwise the greater (updated_at, event_id) wins. An object that only end_import() has
-- ended, because a list lacked it, comes back by anything newer than that list. So the rows depend on the events alone,
-- and not on their order.

-- Writes an object of an event (event_id) or of a list (listed_at: when the import began). True if the row was written,
-- false if it holds something newer, NULL if objects of that kind are not mirrored.
create or replace function workos._put(kind text, ended boolean, data jsonb, event text, event_at timestamptz, listed_at timestamptz) returns boolean
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	texts constant jsonb := (select coalesce(jsonb_object_agg(m.key, m.value), '{}') from jsonb_each(data) m where jsonb_typeof(m.value) = 'string');
	made constant timestamptz := workos._time(texts ->> 'created_at');
	changed timestamptz := coalesce(workos._time(texts ->> 'updated_at'), event_at);
	ended_at timestamptz;
	now constant timestamptz := clock_timestamp();
	own_id text;
	of_user text;
	of_organization text;
	main_role text;
	all_roles text[];
	lost text[];
	lost_at timestamptz;
	written boolean;
begin
	if ended then
		ended_at := coalesce(event_at, changed, now);
		changed := coalesce(changed, ended_at);
	elsif changed is null then
		perform workos._refuse('an object of WorkOS has no "updated_at"');
	end if;

	case kind
	when 'user' then
		own_id := workos._id(texts ->> 'id', 'id');
		if ended then
			insert into workos.users as t (id, created_at, updated_at, deleted_at, event_id, seen_at)
				values (own_id, made, changed, ended_at, event, now)
				on conflict (id) do update set email = null, email_verified = null, first_name = null, last_name = null, profile_picture_url = null, locale = null,
					external_id = null, metadata = null, last_sign_in_at = null,
					created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, event_id = excluded.event_id, seen_at = excluded.seen_at
				where t.deleted_at is null or t.event_id = '' or (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id);
		else
			insert into workos.users as t (id, email, email_verified, first_name, last_name, profile_picture_url, locale, external_id, metadata, last_sign_in_at,
					created_at, updated_at, event_id, seen_at)
				values (own_id, texts ->> 'email', case jsonb_typeof(data -> 'email_verified') when 'boolean' then (data -> 'email_verified')::boolean end,
					texts ->> 'first_name', texts ->> 'last_name', texts ->> 'profile_picture_url', texts ->> 'locale', texts ->> 'external_id',
					case jsonb_typeof(data -> 'metadata') when 'object' then data -> 'metadata' end, workos._time(texts ->> 'last_sign_in_at'), made, changed, event, now)
				on conflict (id) do update set email = excluded.email, email_verified = excluded.email_verified, first_name = excluded.first_name, last_name = excluded.last_name,
					profile_picture_url = excluded.profile_picture_url, locale = excluded.locale, external_id = excluded.external_id, metadata = excluded.metadata,
					last_sign_in_at = excluded.last_sign_in_at,
					created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = null, event_id = excluded.event_id, seen_at = excluded.seen_at
				where case when t.deleted_at is null then (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id)
					else t.event_id = '' and coalesce(listed_at, excluded.updated_at) > t.updated_at end;
		end if;
		written := found;
		if not written and listed_at is not null then
			update workos.users t set seen_at = now where t.id = own_id and t.deleted_at is null;
		end if;

	when 'organization' then
		own_id := workos._id(texts ->> 'id', 'id');
		if ended then
			insert into workos.organizations as t (id, created_at, updated_at, deleted_at, event_id, seen_at)
				values (own_id, made, changed, ended_at, event, now)
				on conflict (id) do update set name = null, external_id = null, stripe_customer_id = null, domains = null, metadata = null,
					created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, event_id = excluded.event_id, seen_at = excluded.seen_at
				where t.deleted_at is null or t.event_id = '' or (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id);
		else
			insert into workos.organizations as t (id, name, external_id, stripe_customer_id, domains, metadata, created_at, updated_at, event_id, seen_at)
				values (own_id, texts ->> 'name', texts ->> 'external_id', texts ->> 'stripe_customer_id',
					case jsonb_typeof(data -> 'domains') when 'array' then data -> 'domains' end,
					case jsonb_typeof(data -> 'metadata') when 'object' then data -> 'metadata' end, made, changed, event, now)
				on conflict (id) do update set name = excluded.name, external_id = excluded.external_id, stripe_customer_id = excluded.stripe_customer_id,
					domains = excluded.domains, metadata = excluded.metadata,
					created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = null, event_id = excluded.event_id, seen_at = excluded.seen_at
				where case when t.deleted_at is null then (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id)
					else t.event_id = '' and coalesce(listed_at, excluded.updated_at) > t.updated_at end;
		end if;
		written := found;
		if not written and listed_at is not null then
			update workos.organizations t set seen_at = now where t.id = own_id and t.deleted_at is null;
		end if;

	when 'organization_membership' then
		own_id := workos._id(texts ->> 'id', 'id');
		of_user := texts ->> 'user_id';
		of_organization := texts ->> 'organization_id';
		if not ended or of_user is not null then
			of_user := workos._id(of_user, 'user_id');
		end if;
		if not ended or of_organization is not null then
			of_organization := workos._id(of_organization, 'organization_id');
		end if;
		if ended then
			-- The payload of a deletion may lack whose membership it was. An earlier or a later event says it.
			insert into workos.memberships as t (id, user_id, organization_id, created_at, updated_at, deleted_at, event_id, seen_at)
				values (own_id, of_user, of_organization, made, changed, ended_at, event, now)
				on conflict (id) do update set user_id = coalesce(excluded.user_id, t.user_id), organization_id = coalesce(excluded.organization_id, t.organization_id),
					status = null, role = null, roles = null, custom_attributes = null,
					created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, event_id = excluded.event_id, seen_at = excluded.seen_at
				where t.deleted_at is null or t.event_id = '' or (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id);
		else
			main_role := case jsonb_typeof(data -> 'role') when 'string' then data ->> 'role'
				when 'object' then case jsonb_typeof(data -> 'role' -> 'slug') when 'string' then data -> 'role' ->> 'slug' end end;
			all_roles := workos._slugs(data -> 'roles');
			if main_role is not null and main_role <> all (all_roles) then
				all_roles := main_role || all_roles;
			end if;
			insert into workos.memberships as t (id, user_id, organization_id, status, role, roles, custom_attributes, created_at, updated_at, event_id, seen_at)
				values (own_id, of_user, of_organization, texts ->> 'status', main_role, all_roles,
					case jsonb_typeof(data -> 'custom_attributes') when 'object' then data -> 'custom_attributes' end, made, changed, event, now)
				on conflict (id) do update set user_id = excluded.user_id, organization_id = excluded.organization_id, status = excluded.status, role = excluded.role,
					roles = excluded.roles, custom_attributes = excluded.custom_attributes,
					created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = null, event_id = excluded.event_id, seen_at = excluded.seen_at
				where case when t.deleted_at is null then (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id)
					else t.event_id = '' and coalesce(listed_at, excluded.updated_at) > t.updated_at end;
		end if;
		written := found;
		if not written then
			update workos.memberships t set user_id = coalesce(t.user_id, of_user), organization_id = coalesce(t.organization_id, of_organization)
				where t.id = own_id and t.deleted_at is not null and (t.user_id is null or t.organization_id is null);
			if listed_at is not null then
				update workos.memberships t set seen_at = now where t.id = own_id and t.deleted_at is null;
			end if;
		end if;

	when 'role', 'organization_role' then
		-- Roles on other resources belong to fine-grained authorization, and are in no token.
		if data ? 'resource_type_slug' and data ->> 'resource_type_slug' is distinct from 'organization' then
			return null;
		end if;
		of_organization := case kind when 'role' then '' else workos._id(texts ->> 'organization_id', 'organization_id') end;
		own_id := workos._id(texts ->> 'slug', 'slug');
		-- A role is known by its slug, which may come back. Then it was created later.
		if made is null and not ended then
			perform workos._refuse('a role of WorkOS has no "created_at"');
		end if;
		-- A deletion of a permission that another connection has not committed yet must not be overlooked.
		lock table workos.roles in row exclusive mode;
		all_roles := case when ended then '{}' else workos._slugs(data -> 'permissions') end;
		select coalesce(array_agg(d.slug order by d.slug), '{}'), max(d.deleted_at) into lost, lost_at
			from workos.deleted_permissions d where d.slug = any (all_roles) and d.deleted_at >= changed;
		insert into workos.roles as t (organization_id, slug, name, permissions, deleted_permissions, created_at, updated_at, changed_at, deleted_at, event_id, seen_at)
			values (of_organization, own_id, case when not ended then texts ->> 'name' end,
				array(select p.slug from unnest(all_roles) with ordinality p(slug, place) where p.slug <> all (lost) order by p.place), lost,
				coalesce(made, ended_at), changed, greatest(changed, ended_at, lost_at), ended_at, event, now)
			on conflict (organization_id, slug) do update set name = excluded.name, permissions = excluded.permissions, deleted_permissions = excluded.deleted_permissions,
				created_at = excluded.created_at, updated_at = excluded.updated_at, changed_at = excluded.changed_at, deleted_at = excluded.deleted_at,
				event_id = excluded.event_id, seen_at = excluded.seen_at
			where (excluded.created_at, excluded.deleted_at is not null, excluded.updated_at, excluded.event_id)
				> (t.created_at, t.deleted_at is not null and t.event_id <> '', t.updated_at, t.event_id)
				or t.deleted_at is not null and t.event_id = '' and excluded.created_at >= t.created_at and listed_at > t.updated_at;
		written := found;
		if not written and listed_at is not null then
			update workos.roles t set seen_at = now where t.organization_id = of_organization and t.slug = own_id and t.deleted_at is null;
		end if;

	when 'permission' then
		own_id := workos._id(texts ->> 'slug', 'slug');
		lock table workos.roles in share row exclusive mode;
		insert into workos.deleted_permissions as t (slug, deleted_at, seen_at) values (own_id, ended_at, now)
			on conflict (slug) do update set deleted_at = excluded.deleted_at, seen_at = excluded.seen_at where excluded.deleted_at > t.deleted_at;
		written := found;
		update workos.roles t set permissions = array_remove(t.permissions, own_id), changed_at = greatest(t.changed_at, ended_at),
				deleted_permissions = array(select p.slug from unnest(array_remove(t.deleted_permissions, own_id) || own_id) p(slug) order by p.slug)
			where (own_id = any (t.permissions) or own_id = any (t.deleted_permissions)) and t.updated_at <= ended_at;

	when 'session' then
		own_id := workos._id(texts ->> 'id', 'id');
		insert into workos.revoked_sessions as t (id, user_id, created_at, updated_at, revoked_at, event_id, seen_at)
			values (own_id, texts ->> 'user_id', made, changed, ended_at, event, now)
			on conflict (id) do update set user_id = excluded.user_id, created_at = excluded.created_at, updated_at = excluded.updated_at,
				revoked_at = excluded.revoked_at, event_id = excluded.event_id, seen_at = excluded.seen_at
			where (excluded.updated_at, excluded.event_id) > (t.updated_at, t.event_id);
		written := found;
	end case;
	return written;
end $$;

-- events

-- Calls the function of configure(after_event => ...).
create or replace function workos._call_after_event(event jsonb) returns void
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	wanted constant text := (select s.after_event from workos.settings s);
	called record;
begin
	if wanted is null then
		return;
	end if;
	select n.nspname, p.proname into called from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where p.oid = to_regprocedure(wanted) and p.prokind = 'f' and pg_get_userbyid(p.proowner) = current_user;
	if not found then
		raise exception using errcode = '55000', message = format('the function %s is missing, or does not belong to the owner of the directory', wanted),
			hint = 'It is called after each event. Create it again, or name another one with workos.configure().';
	end if;
	execute format('select %I.%I($1)', called.nspname, called.proname) using event;
end $$;

create or replace function workos._apply_event(event jsonb) returns text
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	name constant text := case jsonb_typeof(event -> 'event') when 'string' then event ->> 'event' end;
	data constant jsonb := event -> 'data';
	event_id text;
	written boolean;
begin
	if jsonb_typeof(event) is distinct from 'object' or name is null then
		perform workos._refuse('an event of WorkOS is no object with a text "event"');
	elsif name !~ '^((user|organization|organization_membership|role|organization_role)[.](created|updated|deleted)|organization_membership[.](added|removed)|permission[.]deleted|session[.]revoked)$' then
		return 'ignored';
	elsif jsonb_typeof(data) is distinct from 'object' then
		perform workos._refuse('an event of WorkOS has no object "data"');
	end if;
	event_id := workos._id(case jsonb_typeof(event -> 'id') when 'string' then event ->> 'id' end, 'id');
	-- The name says whether it ended. The status in the payload can be that from before.
	written := workos._put(split_part(name, '.', 1), split_part(name, '.', 2) in ('deleted', 'removed', 'revoked'), data, event_id,
		case jsonb_typeof(event -> 'created_at') when 'string' then workos._time(event ->> 'created_at') end, null);
	if written then
		perform workos._call_after_event(event);
	end if;
	return case when written then 'applied' when not written then 'stale' else 'ignored' end;
end $$;

create or replace function workos.apply_event(event jsonb) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform workos._check_isolation();
	return workos._apply_event(event);
end $$;
comment on function workos.apply_event(jsonb) is
	'applies one event of WorkOS: "applied", "stale" if something newer is known, or "ignored" if objects of that kind are not mirrored';

create or replace function workos.apply_events(answer jsonb, after text) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	events constant jsonb := answer -> 'data';
	cursor_now text;
	last_event_at timestamptz;
	first_at timestamptz;
	last_at timestamptz;
	one jsonb;
begin
	perform workos._check_isolation();
	if jsonb_typeof(answer) is distinct from 'object' or jsonb_typeof(events) is distinct from 'array' then
		perform workos._refuse('the answer of the Events API is no object with an array "data"');
	end if;
	insert into workos.sync (one) values (true) on conflict do nothing;
	select s.cursor, s.last_event_at into cursor_now, last_event_at from workos.sync s for update;
	-- Another poller was here first, or the request was made with an old cursor.
	if after is distinct from cursor_now then
		return cursor_now;
	elsif jsonb_array_length(events) = 0 then
		update workos.sync s set polled_at = clock_timestamp(), reached_end_at = clock_timestamp();
		return cursor_now;
	end if;

	first_at := workos._time(events -> 0 ->> 'created_at');
	last_at := workos._time(events -> -1 ->> 'created_at');
	if last_at < first_at or last_at < last_event_at then
		raise exception using errcode = '22023', message = 'the events are in descending order',
			hint = 'Ask the Events API with order=asc. Its default is desc.';
	end if;
	-- Taken before any weaker lock on the table, so that two such transactions do not wait for each other.
	if exists (select from jsonb_array_elements(events) e(value) where e.value ->> 'event' = 'permission.deleted') then
		lock table workos.roles in share row exclusive mode;
	end if;
	for one in select e.value from jsonb_array_elements(events) with ordinality e(value, place) order by e.place loop
		perform workos._apply_event(one);
	end loop;
	cursor_now := workos._id(case jsonb_typeof(events -> -1 -> 'id') when 'string' then events -> -1 ->> 'id' end, 'id');
	update workos.sync s set cursor = cursor_now, last_event_at = coalesce(last_at, s.last_event_at), polled_at = clock_timestamp();
	return cursor_now;
end $$;
comment on function workos.apply_events(jsonb, text) is
	'applies an answer of the Events API that was asked for with the cursor "after", and returns the cursor for the next request; does nothing if that is not the current cursor';

create or replace function workos.configure(after_event text) returns void
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	called constant regprocedure := to_regprocedure(after_event);
begin
	if after_event is not null and not exists (select from pg_proc p where p.oid = called and p.prokind = 'f' and p.proargtypes = '3802'::oidvector and not p.proretset) then
		raise exception using errcode = '22023', message = 'there is no function of that name with one argument of the type jsonb',
			hint = 'Name it with its schema and its argument, for example: app.on_workos_event(jsonb).';
	elsif exists (select from pg_proc p where p.oid = called and pg_get_userbyid(p.proowner) <> current_user) then
		raise exception using errcode = '42501', message = 'the function does not belong to the owner of the directory',
			hint = format('It is called with the rights of %I. ALTER FUNCTION ... OWNER TO %1$I.', current_user);
	end if;
	insert into workos.settings as s (after_event) values (called::text) on conflict (one) do update set after_event = excluded.after_event;
end $$;
comment on function workos.configure(text) is
	'after_event: the function of the type (jsonb) that is called after each event that was applied, in the same transaction; NULL calls none';

-- webhooks

create or replace function workos._refuse_webhook(why text, what_to_do text) returns void
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	raise exception using errcode = '28000', message = why, hint = what_to_do;
end $$;

create or replace function workos.receive_webhook(body bytea, signature text) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	header constant text := 'Pass the header WorkOS-Signature as it came: t=<milliseconds>, v1=<64 hexadecimal digits>.';
	longest constant int := 1048576;
	parts text[];
	times text[];
	macs text[];
	sent_at timestamptz;
	signed boolean;
	event jsonb;
begin
	perform workos._check_isolation();
	if coalesce(signature, '') = '' then
		perform workos._refuse_webhook('the webhook has no signature', header);
	elsif body is null then
		perform workos._refuse_webhook('the webhook has no body', 'Pass the body of the request as it came, byte for byte.');
	elsif octet_length(body) > longest then
		perform workos._refuse_webhook('the webhook is longer than 1 MiB', 'Events of WorkOS are shorter.');
	elsif octet_length(signature) > 1000 then
		perform workos._refuse_webhook('the signature of the webhook is malformed', header);
	end if;
	-- Parts of later schemes are passed over.
	parts := array(select btrim(p.part) from unnest(string_to_array(signature, ',')) p(part));
	times := array(select substr(p.part, 3) from unnest(parts) p(part) where p.part like 't=%');
	macs := array(select substr(p.part, 4) from unnest(parts) p(part) where p.part like 'v1=%');
	if cardinality(times) <> 1 or cardinality(macs) <> 1 or times[1] !~ '^[0-9]{1,15}$' or macs[1] !~ '^[0-9a-f]{64}$' then
		perform workos._refuse_webhook('the signature of the webhook is malformed', header);
	elsif not exists (select from workos.webhook_secrets) then
		raise exception using errcode = '55000', message = 'there is no secret to check webhooks with',
			hint = 'Add that of the endpoint, as the WorkOS dashboard shows it: select workos.add_webhook_secret(...).';
	end if;
	sent_at := to_timestamp(times[1]::numeric::double precision / 1000);
	if sent_at < clock_timestamp() - interval '180 seconds' then
		perform workos._refuse_webhook('the webhook was sent more than 180 seconds ago', 'WorkOS sends it again. Check the clock of the server.');
	elsif sent_at > clock_timestamp() + interval '180 seconds' then
		perform workos._refuse_webhook('the webhook was sent more than 180 seconds in the future', 'Check the clock of the server.');
	end if;
	-- Each secret is tried, also after one that fits.
	select bool_or(workos._is_mac(convert_to(s.secret, 'UTF8'), convert_to(times[1] || '.', 'UTF8') || body, decode(macs[1], 'hex'))) into signed
		from workos.webhook_secrets s;
	if signed is not true then
		perform workos._refuse_webhook('the signature of the webhook is wrong',
			'The body must be as it came, byte for byte, and the secret must be that of the endpoint. Print neither of them.');
	end if;

	begin
		event := convert_from(body, 'UTF8')::jsonb;
	-- What Postgres says of a text that is not JSON repeats a part of it.
	exception when data_exception or program_limit_exceeded then
		event := null;
	end;
	if event is null then
		raise exception using errcode = '22023', message = 'the webhook is signed, but it is not JSON that this database can hold',
			hint = 'It may be nested too deeply, or hold a character that the encoding of the database lacks.';
	end if;
	return workos._apply_event(event);
end $$;
comment on function workos.receive_webhook(bytea, text) is
	'applies the event in the body of a webhook if the header WorkOS-Signature was made with one of the secrets in the last 180 seconds; otherwise raises 28000';

create or replace function workos.receive_webhook(body text, signature text) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	if getdatabaseencoding() <> 'UTF8' then
		raise exception using errcode = '55000', message = 'the encoding of the database is not UTF8, so the body of a webhook does not arrive as it was signed',
			hint = 'Pass the body as bytea.';
	end if;
	return workos.receive_webhook(convert_to(body, 'UTF8'), signature);
end $$;
comment on function workos.receive_webhook(text, text) is
	'the same with the body as text, for databases with the encoding UTF8';

create or replace function workos.add_webhook_secret(secret text) returns void
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	if secret is null or octet_length(secret) not between 16 and 255 or secret ~ '[[:space:]]' then
		raise exception using errcode = '22023', message = 'that is not the secret of a webhook endpoint',
			hint = 'Pass it as the WorkOS dashboard shows it, with any prefix: 16 to 255 bytes without spaces.';
	end if;
	insert into workos.webhook_secrets (secret, added_at) values (add_webhook_secret.secret, clock_timestamp()) on conflict do nothing;
end $$;
comment on function workos.add_webhook_secret(text) is
	'from now on webhooks that are signed with this secret are accepted, too';

create or replace function workos.remove_webhook_secret(secret text) returns boolean
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	delete from workos.webhook_secrets s where s.secret = remove_webhook_secret.secret;
	return found;
end $$;
comment on function workos.remove_webhook_secret(text) is
	'from now on webhooks that are signed with this secret are refused; false if it was not there';

-- the first load, and that after a gap

create or replace function workos.begin_import(after text default null) returns void
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	insert into workos.import_run as i (began_at, cursor, kinds) values (clock_timestamp(), after, '{}')
		on conflict (one) do update set began_at = excluded.began_at, cursor = excluded.cursor, kinds = excluded.kinds;
end $$;
comment on function workos.begin_import(text) is
	'begins to load the lists of the WorkOS API; after: the id of the newest event, taken before, after which polls go on when the import has ended';

create or replace function workos.import(answer jsonb, organization_id text default null) returns bigint
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	objects constant jsonb := answer -> 'data';
	began timestamptz;
	object jsonb;
	kind text;
	of_organization text;
	listed text[] := '{}';
	number bigint := 0;
begin
	perform workos._check_isolation();
	select i.began_at into began from workos.import_run i for share;
	if not found then
		raise exception using errcode = '55000', message = 'no import has begun', hint = 'Call workos.begin_import() first.';
	elsif jsonb_typeof(answer) is distinct from 'object' or jsonb_typeof(objects) is distinct from 'array' then
		perform workos._refuse('the answer of the API is no object with an array "data"');
	end if;
	for object in select e.value from jsonb_array_elements(objects) with ordinality e(value, place) order by e.place loop
		kind := case jsonb_typeof(object) when 'object' then object ->> 'object' end;
		if kind is null or kind not in ('user', 'organization', 'organization_membership', 'role', 'organization_role') then
			perform workos._refuse('an object in the answer is no user, organization, organization_membership or role');
		end if;
		-- The list of an organization's roles holds those of the environment, too, and names no organization.
		if kind in ('role', 'organization_role') then
			of_organization := case when kind = 'role' and object ->> 'type' = 'EnvironmentRole' then null
				when jsonb_typeof(object -> 'organization_id') = 'string' then object ->> 'organization_id' else import.organization_id end;
			if of_organization is null and (kind = 'organization_role' or object ->> 'type' = 'OrganizationRole') then
				perform workos._refuse('the answer has a role of an organization, and does not say of which: pass organization_id');
			end if;
			kind := case when of_organization is null then 'role' else 'organization_role' end;
			object := object || jsonb_build_object('organization_id', of_organization);
		end if;
		if workos._put(kind, false, object, '', null, began) then
			number := number + 1;
		end if;
		if kind <> all (listed) then
			listed := listed || kind;
		end if;
	end loop;
	update workos.import_run i set kinds = i.kinds || listed where not i.kinds @> listed;
	return number;
end $$;
comment on function workos.import(jsonb, text) is
	'writes the objects of a list of the WorkOS API, and returns how many were new or newer; organization_id: of the list of an organization''s roles';

create or replace function workos.end_import(complete text[] default null) returns bigint
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	run record;
	number bigint;
	total bigint := 0;
	known constant text[] := '{user,organization,organization_membership,role,organization_role}';
begin
	perform workos._check_isolation();
	if not complete <@ known then
		raise exception using errcode = '22023', message = 'a kind in "complete" is none of user, organization, organization_membership, role and organization_role',
			hint = 'Name the kinds of which all lists were imported, also the empty ones. Without "complete" these are the kinds of which there was an object.';
	end if;
	select * into run from workos.import_run for update;
	if not found then
		raise exception using errcode = '55000', message = 'no import has begun', hint = 'Call workos.begin_import() first.';
	end if;
	-- An empty list does not say of which kind it is.
	run.kinds := coalesce(complete, run.kinds);
	if 'user' = any (run.kinds) then
		update workos.users t set email = null, email_verified = null, first_name = null, last_name = null, profile_picture_url = null, locale = null,
				external_id = null, metadata = null, last_sign_in_at = null, updated_at = run.began_at, deleted_at = run.began_at, event_id = '', seen_at = clock_timestamp()
			where t.deleted_at is null and t.seen_at < run.began_at;
		get diagnostics number = row_count;
		total := total + number;
	end if;
	if 'organization' = any (run.kinds) then
		update workos.organizations t set name = null, external_id = null, stripe_customer_id = null, domains = null, metadata = null,
				updated_at = run.began_at, deleted_at = run.began_at, event_id = '', seen_at = clock_timestamp()
			where t.deleted_at is null and t.seen_at < run.began_at;
		get diagnostics number = row_count;
		total := total + number;
	end if;
	if 'organization_membership' = any (run.kinds) then
		update workos.memberships t set status = null, role = null, roles = null, custom_attributes = null,
				updated_at = run.began_at, deleted_at = run.began_at, event_id = '', seen_at = clock_timestamp()
			where t.deleted_at is null and t.seen_at < run.began_at;
		get diagnostics number = row_count;
		total := total + number;
	end if;
	if run.kinds && '{role,organization_role}' then
		update workos.roles t set name = null, permissions = '{}', deleted_permissions = '{}', updated_at = run.began_at, changed_at = run.began_at, deleted_at = run.began_at, event_id = '', seen_at = clock_timestamp()
			where t.deleted_at is null and t.seen_at < run.began_at and case t.organization_id when '' then 'role' else 'organization_role' end = any (run.kinds);
		get diagnostics number = row_count;
		total := total + number;
	end if;
	insert into workos.sync as s (cursor) values (run.cursor) on conflict (one) do update set cursor = excluded.cursor, last_event_at = null;
	delete from workos.import_run;
	return total;
end $$;
comment on function workos.end_import(text[]) is
	'ends what the lists lacked and no event touched since begin_import(), and returns how many objects; complete: the kinds of which all lists were imported, by default those of which there was an object';

create or replace function workos.prune() returns bigint
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	old constant timestamptz := clock_timestamp() - interval '90 days';
	number bigint;
	total bigint := 0;
begin
	-- The memberships and roles of what ended go before its tombstone. It is that which ends them.
	delete from workos.memberships t where t.seen_at < old and (t.deleted_at < old
		or exists (select from workos.users u where u.id = t.user_id and u.deleted_at < old and u.seen_at < old)
		or exists (select from workos.organizations o where o.id = t.organization_id and o.deleted_at < old and o.seen_at < old));
	get diagnostics number = row_count;
	total := total + number;
	-- While a membership names a deleted role, its tombstone keeps the environment's role of that name away.
	delete from workos.roles t where t.seen_at < old
		and (t.deleted_at < old or exists (select from workos.organizations o where o.id = t.organization_id and o.deleted_at < old and o.seen_at < old))
		and not exists (select from workos.memberships m where m.organization_id = t.organization_id and t.slug = any (m.roles));
	get diagnostics number = row_count;
	total := total + number;
	delete from workos.users t where t.deleted_at < old and t.seen_at < old and not exists (select from workos.memberships m where m.user_id = t.id);
	get diagnostics number = row_count;
	total := total + number;
	delete from workos.organizations t where t.deleted_at < old and t.seen_at < old
		and not exists (select from workos.memberships m where m.organization_id = t.id) and not exists (select from workos.roles r where r.organization_id = t.id);
	get diagnostics number = row_count;
	total := total + number;
	delete from workos.deleted_permissions t where t.deleted_at < old and t.seen_at < old;
	get diagnostics number = row_count;
	total := total + number;
	delete from workos.revoked_sessions t where t.revoked_at < old and t.seen_at < old;
	get diagnostics number = row_count;
	return total + number;
end $$;
comment on function workos.prune() is
	'deletes tombstones and revoked sessions of more than 90 days ago, and returns how many rows';

-- asking

-- The organizations in which a user is an active member: all of them, or those where the user has a role or a permission.
-- Of several memberships in one organization, only the one created last counts.
-- It has no privileges of its own: the functions below call it for the current claims.
create or replace function workos._org_ids_of(member text, which text, slug text) returns text[]
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return array(
		select distinct m.organization_id from workos.memberships m
		where m.user_id = member and m.status = 'active' and m.deleted_at is null
			and not exists (select from workos.memberships later where later.user_id = m.user_id and later.organization_id = m.organization_id and later.deleted_at is null
				and later.id <> m.id and (coalesce(later.created_at, '-infinity'), later.updated_at, later.id collate "C") > (coalesce(m.created_at, '-infinity'), m.updated_at, m.id))
			and not exists (select from workos.users u where u.id = m.user_id and u.deleted_at is not null)
			and not exists (select from workos.organizations o where o.id = m.organization_id and o.deleted_at is not null)
			and case which
				when 'all' then true
				when 'role' then _org_ids_of.slug = any (m.roles)
				-- An organization's role, also a deleted one, hides that of the environment.
				when 'permission' then exists (
					select from unnest(m.roles) has(role), lateral (
						select r.permissions, r.deleted_at from workos.roles r
						where r.slug = has.role and r.organization_id in (m.organization_id, '')
						order by r.organization_id = '' limit 1) r
					where r.deleted_at is null and _org_ids_of.slug = any (r.permissions))
				else false end
		order by 1);
end $$;

-- Those of the current user. Everybody may call it, because it answers for the current claims only.
create or replace function workos._org_ids(which text, slug text) returns text[]
	language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
begin
	if exists (select from workos.revoked_sessions s where s.id = workos._current_session_id()) then
		return '{}';
	end if;
	return workos._org_ids_of(workos._current_user_id(), which, slug);
end $$;
comment on function workos._org_ids(text, text) is
	'what the functions workos_org_ids() of pg_workos ask';

-- Only for those who are active members themselves, as the directory says: a token can be older than the end of a membership.
create or replace view workos.members with (security_barrier) as
	select m.user_id as id, u.email, u.first_name, u.last_name, u.profile_picture_url, m.role
	from workos.memberships m left join workos.users u on u.id = m.user_id
	where m.organization_id = workos._current_org_id() and m.status = 'active' and m.deleted_at is null and u.deleted_at is null
		and workos._current_org_id() = any ((select workos._org_ids('all', ''))::text[]);
comment on view workos.members is
	'the active members of the current organization, to be granted to the role of signed-in users';

-- What the directory says of the session of the token. NULL where the token decides: it is newer than what the directory
-- says of the membership, or the directory does not know the membership. Otherwise an object: "ended" says why the session
-- does not count, and "since" when that was; or "role", "roles" and "permissions" are those of the membership.
-- Everybody may call it, because it answers for the current claims only.
create or replace function workos._standing() returns jsonb
	language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
	session constant text[] := workos._token_session();
	issued constant timestamptz := workos._token_issued_at();
	member record;
	held record;
	of_role text;
	permissions text[] := '{}';
	changed_at timestamptz;
	ended_at timestamptz;
begin
	if session is null then
		return null;
	end if;
	select s.revoked_at into ended_at from workos.revoked_sessions s where s.id = session[2];
	if found then
		return jsonb_build_object('ended', 'the session was revoked', 'since', ended_at);
	end if;
	select u.deleted_at into ended_at from workos.users u where u.id = session[1] and u.deleted_at is not null;
	if found then
		return jsonb_build_object('ended', 'the user was deleted', 'since', ended_at);
	end if;
	select o.deleted_at into ended_at from workos.organizations o where o.id = session[3] and o.deleted_at is not null;
	if found then
		return jsonb_build_object('ended', 'the organization was deleted', 'since', ended_at);
	end if;
	-- Whoever is added again has a new membership. Of those that have not ended, only the one created last counts.
	select m.deleted_at, m.status, m.role, m.roles, m.updated_at,
			max(greatest(m.updated_at, m.deleted_at)) over () as changed_at into member
		from workos.memberships m where m.user_id = session[1] and m.organization_id = session[3]
		order by m.deleted_at is not null, m.created_at desc nulls last, m.updated_at desc, m.id collate "C" desc limit 1;
	if not found then
		return null;
	end if;
	changed_at := member.changed_at;
	if member.deleted_at is null then
		foreach of_role in array coalesce(member.roles, '{}') loop
			-- An organization's role, also a deleted one, hides that of the environment.
			select r.permissions, r.deleted_at, r.changed_at into held from workos.roles r where r.organization_id = session[3] and r.slug = of_role;
			if not found then
				select r.permissions, r.deleted_at, r.changed_at into held from workos.roles r where r.organization_id = '' and r.slug = of_role;
			end if;
			changed_at := greatest(changed_at, held.changed_at);
			if held.deleted_at is null then
				permissions := permissions || held.permissions;
			end if;
		end loop;
	end if;
	if issued > changed_at then
		return null;
	elsif member.deleted_at is not null then
		return jsonb_build_object('ended', 'the membership was deleted', 'since', member.deleted_at);
	elsif member.status is distinct from 'active' then
		return jsonb_build_object('ended', 'the membership is ' || case when member.status in ('inactive', 'pending') then member.status else 'not active' end, 'since', member.updated_at);
	end if;
	return jsonb_build_object('role', member.role, 'roles', to_jsonb(coalesce(member.roles, '{}')), 'permissions', (
		-- Each of them once, at its first place. For unnest() Postgres would estimate the rows by the value, and plan each time.
		select coalesce(jsonb_agg(p.slug order by p.place), '[]') from (
			select e.slug, min(e.place) as place from jsonb_array_elements_text(to_jsonb(permissions)) with ordinality e(slug, place) where e.slug is not null group by e.slug) p));
end $$;
comment on function workos._standing() is
	'what the helpers of pg_workos ask after workos_configure(membership => ''newest'')';

-- What the directory says of the user and the organization of the token, whichever is newer: "unknown" lists what it does not
-- know of user, organization and membership; "status", "roles" and "changed_at" are those of the membership, whose status is
-- "deleted" after its end. NULL without a session. Everybody may call it, because it answers for the current claims only.
create or replace function workos._known() returns jsonb
	language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
	session constant text[] := workos._token_session();
	member record;
	unknown text[] := '{}';
begin
	if session is null then
		return null;
	end if;
	if not exists (select from workos.users u where u.id = session[1]) then
		unknown := unknown || 'user'::text;
	end if;
	if session[3] <> '' and not exists (select from workos.organizations o where o.id = session[3]) then
		unknown := unknown || 'organization'::text;
	end if;
	select case when m.deleted_at is null then coalesce(m.status, 'without a status') else 'deleted' end as status, coalesce(m.roles, '{}') as roles, greatest(m.updated_at, m.deleted_at) as changed_at into member
		from workos.memberships m where m.user_id = session[1] and m.organization_id = session[3]
		order by m.deleted_at is not null, m.created_at desc nulls last, m.updated_at desc, m.id collate "C" desc limit 1;
	if not found and session[3] <> '' then
		unknown := unknown || 'membership'::text;
	end if;
	return jsonb_build_object('unknown', unknown, 'status', member.status, 'roles', member.roles, 'changed_at', member.changed_at);
end $$;
comment on function workos._known() is
	'what workos_doctor() and workos_explain() of pg_workos ask';

-- delegated access

-- Whether the user for whom an application acts is an active member, with the permission, of the organization that the
-- token names. Empty means that the gate does not name a scope or a client. Everybody may call it, because it answers for
-- the current claims only, and no more than the gate lets through.
create or replace function workos._delegate_may(scope text, client text, permission text) returns boolean
	language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
begin
	return coalesce(workos._delegated_org_id(nullif(scope, ''), nullif(client, ''))
		= any (workos._org_ids_of(workos._delegated_user_id(nullif(scope, ''), nullif(client, '')), 'permission', permission)), false);
end $$;
comment on function workos._delegate_may(text, text, text) is
	'what the function workos_delegated_org_id() of pg_workos asks, if it is given a permission';

-- privileges
--
-- Only the owner may use what is here, whatever the default privileges are, but for the functions at the end.
do $$
declare
	before constant oid[] := current_setting('pg_workos.there_before')::oid[];
	made record;
begin
	for made in
		select distinct format('%s %s from %s', o.kind, o.name, case a.grantee when 0 then 'public' else a.grantee::regrole::text end) as grants
		from (
			select p.oid, 'function' as kind, p.oid::regprocedure::text as name, p.proowner as owner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
				from pg_proc p where p.pronamespace = 'workos'::regnamespace
			union all
			select c.oid, 'table', c.oid::regclass::text, c.relowner, c.relacl from pg_class c where c.relnamespace = 'workos'::regnamespace and c.relkind in ('r', 'v')
		) o, aclexplode(o.acl) a
		where o.oid <> all (before) and a.grantee <> o.owner
	loop
		execute 'revoke all on ' || made.grants;
	end loop;
end $$;

-- They answer for the current claims only.
grant usage on schema workos to public;
grant execute on function workos._org_ids(text, text), workos._standing(), workos._known(), workos._delegate_may(text, text, text), workos._current_user_id(), workos._current_session_id(), workos._current_org_id() to public;
comment on schema workos is 'the directory of pg_workos';
do $$
begin
	perform pg_catalog.set_config('default_transaction_read_only', pg_catalog.current_setting('pg_workos.read_only'), false);
	perform pg_catalog.set_config('search_path', pg_catalog.current_setting('pg_workos.search_path'), false);
end $$;
