-- the first load, and that after a gap

create function workos.begin_import(after text default null) returns void
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	insert into workos.import_run as i (began_at, cursor, kinds) values (clock_timestamp(), after, '{}')
		on conflict (one) do update set began_at = excluded.began_at, cursor = excluded.cursor, kinds = excluded.kinds;
end $$;
comment on function workos.begin_import(text) is
	'begins to load the lists of the WorkOS API; after: the id of the newest event, taken before, after which polls go on when the import has ended';

create function workos.import(answer jsonb, organization_id text default null) returns bigint
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

create function workos.end_import(complete text[] default null) returns bigint
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

create function workos.prune() returns bigint
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
