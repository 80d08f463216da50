-- Polls the Events API inside the database, with the extensions http and pg_cron. Run it as the role that owns the
-- directory, which needs USAGE on the schemas of both.
create schema workos_poller;

-- The API key, in one row. On Supabase, ask the Vault in poll() instead:
-- (select decrypted_secret from vault.decrypted_secrets where name = 'workos_api_key')
create table workos_poller.api_key (key text not null);
revoke all on workos_poller.api_key from public;

-- Reads up to 100 pages of 100 events, in one transaction. What is left is read a minute later.
create function workos_poller.poll() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	key constant text := (select k.key from workos_poller.api_key k);
	kinds constant text[] := array(select format('%s.%s', kind, what) from unnest('{user,organization,organization_membership,role,organization_role}'::text[]) kind,
		unnest('{created,updated,deleted}'::text[]) what) || '{permission.deleted,session.revoked}'::text[];
	url constant text := 'https://api.workos.com/events?order=asc&limit=100&events[]=' || array_to_string(kinds, '&events[]=');
	cursor text := (select s.cursor from workos.sync s);
	answer http.http_response;
	page jsonb;
	next text;
begin
	for n in 1 .. 100 loop
		answer := http.http(('GET', url || coalesce('&after=' || http.urlencode(cursor), ''), array[http.http_header('Authorization', 'Bearer ' || key)], null, null)::http.http_request);
		if answer.status <> 200 then
			raise exception 'the Events API answers with the status %', answer.status;
		end if;
		-- The error of the cast would repeat a part of the answer.
		begin
			page := answer.content::jsonb;
		exception when data_exception or program_limit_exceeded then
			raise exception 'the answer of the Events API is not JSON that this database can hold';
		end;
		next := workos.apply_events(page, cursor);
		exit when next is not distinct from cursor;
		cursor := next;
	end loop;
end $$;
revoke all on function workos_poller.poll() from public;

select cron.schedule('workos directory', '* * * * *', 'select workos_poller.poll()');
