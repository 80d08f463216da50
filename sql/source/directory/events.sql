-- events

-- Calls the function of configure(after_event => ...).
create function workos._call_after_event(event jsonb) returns void
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

create function workos._apply_event(event jsonb) returns text
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

create function workos.apply_event(event jsonb) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform workos._check_isolation();
	return workos._apply_event(event);
end $$;
comment on function workos.apply_event(jsonb) is
	'applies one event of WorkOS: "applied", "stale" if something newer is known, or "ignored" if objects of that kind are not mirrored';

create function workos.apply_events(answer jsonb, after text) returns text
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

create function workos.configure(after_event text) returns void
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
