-- delegated access: what a token says that was issued to an application. A gate must name a scope or a client, and gives
-- an identity only for an accepted audience.

create function @extschema@._workos_string(claims jsonb, name text) returns text
	language plpgsql immutable parallel safe as $$
begin
	return case when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) name) operator(pg_catalog.=) 'string'
			and claims operator(pg_catalog.->>) name operator(pg_catalog.<>) ''
		then claims operator(pg_catalog.->>) name end;
end $$;

-- What a token of this kind says, if it was granted the scope and given to the client, as far as these are named; else
-- NULL. If no kind is named, it is that of either, with its scopes. A claim scope that does not have the form of RFC 6749,
-- section 3.3, grants none.
create function @extschema@._workos_delegation(claims jsonb, kind text, scope text, client text) returns jsonb
	language plpgsql immutable parallel safe as $$
declare
	sub constant pg_catalog.text := claims operator(pg_catalog.->>) 'sub';
	sid constant pg_catalog.text := case when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'sid') operator(pg_catalog.=) 'string' then claims operator(pg_catalog.->>) 'sid' else '' end;
	own_kind constant pg_catalog.text := case
		when pg_catalog.starts_with(sid, 'widget_session_') then null
		when pg_catalog.starts_with(sub, 'client_') then 'application'
		when pg_catalog.starts_with(sub, 'user_') and (claims operator(pg_catalog.?) 'scope' or sid operator(pg_catalog.<>) '' and not pg_catalog.starts_with(sid, 'session_')) then 'oauth'
	end;
	granted pg_catalog.text;
begin
	if own_kind is null or kind operator(pg_catalog.<>) own_kind then
		return null;
	end if;
	if pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'scope') operator(pg_catalog.=) 'string' then
		granted := claims operator(pg_catalog.->>) 'scope';
		if not (granted operator(pg_catalog.~) '^[!-~]+( [!-~]+)*$' and pg_catalog.strpos(granted, '"') operator(pg_catalog.=) 0 and pg_catalog.strpos(granted, $q$\$q$) operator(pg_catalog.=) 0) then
			granted := null;
		end if;
	end if;
	if scope is not null and (scope operator(pg_catalog.=) any (pg_catalog.string_to_array(granted, ' '))) is not true
		or client is not null and (client operator(pg_catalog.<>) '' and claims operator(pg_catalog.->) 'client_id' operator(pg_catalog.=) pg_catalog.to_jsonb(client)) is not true
	then
		return null;
	elsif kind is null then
		return pg_catalog.jsonb_build_object('scopes', coalesce(pg_catalog.string_to_array(granted, ' '), array[]::pg_catalog.text[]));
	end if;
	return pg_catalog.jsonb_build_object('aud', claims operator(pg_catalog.->) 'aud', 'sub', sub,
		'org_id', case when pg_catalog.jsonb_typeof(claims operator(pg_catalog.->) 'org_id') operator(pg_catalog.=) 'string' and claims operator(pg_catalog.->>) 'org_id' operator(pg_catalog.<>) '' then claims operator(pg_catalog.->) 'org_id' end);
end $$;

create function @extschema@.workos_delegated_user_id(scope text default null, client text default null) returns text
	language sql stable parallel safe
	return case when num_nonnulls(scope, client) > 0 then
		@extschema@._workos_addressed(@extschema@._workos_delegation(coalesce(@extschema@._workos_ordinary(null::boolean, null, null), @extschema@._workos_odd(null::boolean, 'sub')), 'oauth', scope, client), true) ->> 'sub' end;

create function @extschema@.workos_delegated_org_id(scope text default null, client text default null) returns text
	language sql stable parallel safe
	return case when num_nonnulls(scope, client) > 0 then
		@extschema@._workos_addressed(@extschema@._workos_delegation(coalesce(@extschema@._workos_ordinary(null::boolean, null, null), @extschema@._workos_odd(null::boolean, 'org_id')), 'oauth', scope, client), true) ->> 'org_id' end;

create function @extschema@.workos_application_org_id(scope text) returns text
	language sql stable parallel safe
	return case when scope is not null then
		@extschema@._workos_addressed(@extschema@._workos_delegation(coalesce(@extschema@._workos_ordinary(null::boolean, null, null), @extschema@._workos_odd(null::boolean, 'org_id')), 'application', scope, null), true) ->> 'org_id' end;

create function @extschema@.workos_client_id() returns text
	language sql stable parallel safe
	return @extschema@._workos_string(@extschema@._workos_any('client_id'), 'client_id');

create function @extschema@.workos_scopes() returns text[]
	language sql stable parallel safe
	return coalesce(@extschema@._workos_list(@extschema@._workos_delegation(@extschema@._workos_any(null), null, null, null), 'scopes'), '{}');

create function @extschema@.workos_has_scope(scope text) returns boolean
	language sql stable parallel safe
	return case when scope is null then false else @extschema@._workos_delegation(@extschema@._workos_any(null), null, scope, null) is not null end;
