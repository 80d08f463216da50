-- what wins
--
-- An id that ended stays ended. Otherwise the greater (updated_at, event_id) wins. An object that only end_import() has
-- ended, because a list lacked it, comes back by anything newer than that list. So the rows depend on the events alone,
-- and not on their order.

-- Writes an object of an event (event_id) or of a list (listed_at: when the import began). True if the row was written,
-- false if it holds something newer, NULL if objects of that kind are not mirrored.
create function workos._put(kind text, ended boolean, data jsonb, event text, event_at timestamptz, listed_at timestamptz) returns boolean
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
