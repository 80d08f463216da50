-- delegated access

-- Whether the user for whom an application acts is an active member, with the permission, of the organization that the
-- token names. Empty means that the gate does not name a scope or a client. Everybody may call it, because it answers for
-- the current claims only, and no more than the gate lets through.
create function workos._delegate_may(scope text, client text, permission text) returns boolean
	language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
begin
	return coalesce(workos._delegated_org_id(nullif(scope, ''), nullif(client, ''))
		= any (workos._org_ids_of(workos._delegated_user_id(nullif(scope, ''), nullif(client, '')), 'permission', permission)), false);
end $$;
comment on function workos._delegate_may(text, text, text) is
	'what the function workos_delegated_org_id() of pg_workos asks, if it is given a permission';
