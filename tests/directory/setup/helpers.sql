-- Events and webhooks for the tests of the directory.
create schema feed authorization keeper;
grant usage on schema feed to public;
set role keeper;

-- An event of WorkOS. Its data gets the times of the event, unless it has its own.
create function feed.event(id text, name text, data jsonb, at text default '2026-01-01T00:00:00.000Z') returns jsonb language sql as $$
	select jsonb_build_object('object', 'event', 'id', id, 'event', name, 'created_at', at,
		'data', jsonb_build_object('created_at', '2026-01-01T00:00:00.000Z', 'updated_at', at) || data)
$$;
create function feed.apply(id text, name text, data jsonb, at text default '2026-01-01T00:00:00.000Z') returns text language sql as $$
	select workos.apply_event(feed.event(id, name, data, at))
$$;
-- The data of a membership.
create function feed.membership(id text, user_id text, org_id text, more jsonb default '{}') returns jsonb language sql as $$
	select jsonb_build_object('object', 'organization_membership', 'id', id, 'user_id', user_id, 'organization_id', org_id, 'status', 'active',
		'role', '{"slug": "member"}'::jsonb) || more
$$;
create function feed.answer(variadic events jsonb[] default '{}') returns jsonb language sql as $$
	select jsonb_build_object('object', 'list', 'data', to_jsonb(events), 'list_metadata', '{"after": null}'::jsonb)
$$;
-- The header of a webhook that was sent so many seconds from now.
create function feed.sign(body bytea, secret text, seconds numeric default 0) returns text language sql as $$
	select format('t=%s, v1=%s', s.t, encode("the Crypto".hmac(convert_to(s.t || '.', 'UTF8') || body, convert_to(secret, 'UTF8'), 'sha256'), 'hex'))
	from (select floor((extract(epoch from clock_timestamp()) + seconds) * 1000)::bigint::text as t) s
$$;
-- The SQLSTATE and all texts of an error, also its context; NULL if there is none.
-- A text that could be repeated is passed as $1, because the context of an error in PL/pgSQL holds the statement.
create function feed.complaint(statement text, value text default null) returns text language plpgsql as $$
declare
	message text; detail text; hint text; context text;
begin
	execute statement using value;
	return null;
exception when others then
	get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint, context = pg_exception_context;
	return concat_ws(' | ', sqlstate, message, nullif(detail, ''), 'HINT ' || hint, context);
end $$;
reset role;
