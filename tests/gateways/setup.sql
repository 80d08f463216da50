-- For contracts.py, in a database of tests/setup.sql: what Supabase has in the schemas storage and realtime, and what the application has there.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
\ir ../recipes/setup.sql
alter table storage.objects add unique (bucket_id, name);
grant update, delete on storage.objects to authenticated;
grant usage on schema storage, realtime to anon;
grant select on storage.objects, realtime.messages to anon;
insert into storage.objects values ('documents', 'org_01ACME/a.pdf'), ('documents', 'org_01GLOBEX/g.pdf'), ('avatars', 'org_01ACME/o.png');
create policy "members read their folder" on storage.objects for select to authenticated
	using (bucket_id = 'documents' and (storage.foldername(name))[1] = (select workos_org_id()));
create policy "writers upload to their folder" on storage.objects for insert to authenticated
	with check (bucket_id = 'documents' and (storage.foldername(name))[1] = workos_org_with_permission('documents:write'));
create policy "writers replace in their folder" on storage.objects for update to authenticated
	using (bucket_id = 'documents' and (storage.foldername(name))[1] = workos_org_with_permission('documents:write'));
alter table realtime.messages add extension text, add payload jsonb;
insert into realtime.messages (topic, extension) values ('org:org_01ACME', 'broadcast'), ('org:org_01GLOBEX', 'broadcast');
create policy "members listen" on realtime.messages for select to authenticated
	using (realtime.topic() = 'org:' || (select workos_org_id()));
create policy "writers send" on realtime.messages for insert to authenticated
	with check (realtime.topic() = 'org:' || workos_org_with_permission('documents:write'));

-- The pre-request function of PostgREST: nobody changes anything under impersonation.
create function public.before_request() returns void language plpgsql as $$
begin
	if current_setting('request.method') <> 'GET' and workos_is_impersonated() then
		raise exception using errcode = 'PT403', message = 'read only under impersonation';
	end if;
end $$;
create function public.whoami() returns jsonb language sql stable as $$
	select jsonb_build_object('user', workos_user_id(), 'organization', workos_org_id(), 'writes', workos_has_permission('documents:write'))
$$;

-- As realtime.apply_rls does: one statement without parameters for each change, which is executed for each subscriber within the same call.
create function realtime.visible_to(id int, subscribers jsonb[]) returns boolean[] language plpgsql as $$
declare
	answers boolean[] := '{}';
	claims jsonb;
	visible boolean;
begin
	if exists (select from pg_prepared_statements where name = 'walrus_rls_stmt') then
		deallocate walrus_rls_stmt;
	end if;
	execute format('prepare walrus_rls_stmt as select exists (select 1 from public.documents where id = %L)', id);
	foreach claims in array subscribers loop
		perform set_config('role', claims ->> 'role', true), set_config('request.jwt.claims', claims::text, true);
		execute 'execute walrus_rls_stmt' into visible;
		answers := answers || visible;
	end loop;
	perform set_config('role', null, true);
	return answers;
end $$;
grant usage on schema realtime to authenticator;
