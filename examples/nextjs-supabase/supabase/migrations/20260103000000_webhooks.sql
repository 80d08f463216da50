-- Webhooks of WorkOS feed the directory, by the Edge Function supabase/functions/workos-webhook.
create function public.workos_webhook(bytea) returns text language sql set search_path = pg_catalog, pg_temp as $$
  select workos.receive_webhook($1, current_setting('request.headers', true)::json ->> 'workos-signature');
$$;
revoke all on function public.workos_webhook(bytea) from public, anon, authenticated;
grant execute on function public.workos_webhook(bytea), workos.receive_webhook(bytea, text) to service_role;

-- Or by app/workos-webhook/route.ts, as a role that may do nothing else. Give it a password to sign in with:
-- alter role workos_webhooks login password '…';
do $$ begin if to_regrole('workos_webhooks') is null then create role workos_webhooks nologin; end if; end $$;
grant execute on function workos.receive_webhook(bytea, text) to workos_webhooks;
