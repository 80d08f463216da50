-- asking

-- The organizations in which a user is an active member: all of them, or those where the user has a role or a permission.
-- Of several memberships in one organization, only the one created last counts.
-- It has no privileges of its own: the functions below call it for the current claims.
create function workos._org_ids_of(member text, which text, slug text) returns text[]
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
create function workos._org_ids(which text, slug text) returns text[]
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
create view workos.members with (security_barrier) as
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
create function workos._standing() returns jsonb
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
create function workos._known() returns jsonb
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
