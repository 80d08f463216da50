-- asking

-- The organizations in which a user is an active member: all of them, or those where the user has a role or a permission.
-- It has no privileges of its own: the functions below call it for the current claims.
create function workos._org_ids_of(member text, which text, slug text) returns text[]
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	return array(
		select distinct m.organization_id from workos.memberships m
		where m.user_id = member and m.status = 'active' and m.deleted_at is null
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
