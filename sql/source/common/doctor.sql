-- workos_doctor(): what is wrong with the claims and the role of this transaction

-- A list of strings only, as an array; otherwise NULL.
create function @extschema@._workos_strings(list jsonb) returns text[]
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
	select case when jsonb_typeof(list) = 'array' then 
		case when not exists (select from jsonb_array_elements(list) e where jsonb_typeof(e) <> 'string') then array(select jsonb_array_elements_text(list)) end end
$$;

create function @extschema@.workos_doctor(out check_name text, out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable rows 20 set search_path = pg_catalog, pg_temp as $$
declare
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	template constant text := 'In the WorkOS dashboard, under Authentication, give the JWT template the line {"role": "authenticated", "user_role": {{organization_membership.role}}}.';
	-- The portable edition does not verify tokens and has no trusted issuers.
	native constant boolean := exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = '@extschema@'::regnamespace);
	issuers constant oid := (select c.oid from pg_class c where c.relnamespace = '@extschema@'::regnamespace and c.relname = 'workos_issuers');
	by_token boolean := false;
	issuer_counts boolean; -- NULL if the caller may not read the trusted issuers
	in_force boolean;
	names_audience boolean; -- the token of an application does
	opens boolean; -- a gate for applications returns something
	valid boolean; -- by its time
	claims jsonb;
	standing jsonb; -- what the directory says, if therefore the session does not count
	session text[];
	known jsonb; -- what the directory knows of the user and the organization of the token
	token_roles text[];
	directory_roles text[];
	fed record;
	newest boolean; -- NULL if the caller may not know it
	sub text;
	sid text;
	issuer text;
	values_shown text;
	kind text;
	ends timestamptz;
	begins timestamptz;
	own text;
	trusted bigint; -- the number of trusted issuers, if the caller may read them
	any_issuer boolean;
	decided boolean; -- workos_trust_any_issuer() was called
	unconfigured boolean;
	caller constant name := current_user;
	may_become constant text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
	bypasses boolean;
	waiting boolean; -- The role of a connection that waits to become another one.
	provider text;
	role_claim text;
	own_table text;
	tables record;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	check_name := 'claims';
	status := null;
	begin
		perform @extschema@.workos_token_kind();
	exception when invalid_parameter_value or invalid_authorization_specification or object_not_in_prerequisite_state then
		get stacked diagnostics detail = message_text, remedy = pg_exception_hint;
		status := 'problem';
	end;
	if status = 'problem' and setting ~* '^(bearer +)?"?eyJ[A-Za-z0-9_=-]+[.][A-Za-z0-9_=-]+[.][A-Za-z0-9_=-]*"?$' then
		detail := 'The setting request.jwt.claims holds an access token as it was sent (a text that begins with eyJ). It must hold the claims of the token, as JSON, after a gateway has verified it.';
		remedy := 'Verify the token in the gateway, and set the claims to its payload.' || case when native then ' Or let this extension verify it, on a direct connection: select workos_authenticate(token), with workos.claims_source = token.' else '' end;
	end if;
	-- The call above loads the library, which drops a value that the client may not set.
	by_token := native and coalesce(current_setting('workos.claims_source', true) = 'token', false);
	if status is null then
		session := @extschema@._workos_token_session();
	end if;
	if session is not null and not @extschema@.workos_is_authenticated() then
		execute 'select workos._standing()' into standing;
	end if;
	begin
		if status = 'problem' then
			null;
		elsif by_token then
			claims := @extschema@.workos_claims();
			status := case when claims is null and standing is null then 'problem' else 'ok' end;
			detail := case when standing is not null then 'There is a token that the extension has verified.' when claims is null then 'There is no token in workos.access_token, or the token has expired. The request is anonymous.' else 'The claims are those of a token that the extension has verified.' end;
			remedy := case when claims is null and standing is null then 'Call workos_authenticate(token) in the transaction, with a new token. The setting request.jwt.claims is ignored here.' end;
		elsif setting is null then
			status := 'problem';
			detail := 'The setting request.jwt.claims is empty. The request is anonymous, and every function returns NULL or false.';
			remedy := 'Send the request through a gateway that verifies the token and sets the claims, such as the Supabase Data API, with the WorkOS access token. In psql: begin; select set_config(''request.jwt.claims'', ''{"sid": "session_1", "sub": "user_1", "org_id": "org_1"}'', true);';
		else
			claims := setting;
			claims := nullif(claims, 'null');
			status := case when claims is null then 'problem' else 'ok' end;
			detail := case when claims is null then 'The setting request.jwt.claims holds null. The request is anonymous.' else 'The setting request.jwt.claims holds a JSON object.' end;
			remedy := case when claims is null then 'Sign in, and send the access token with the request.' end;
		end if;
	exception when others then -- The message of jsonb would repeat a part of the claims.
		status := 'problem';
		detail := 'The claims hold a number that is out of range, or are nested too deeply.';
		remedy := 'Remove such values from the JWT template.';
	end;
	return next;

	if standing is not null then
		check_name := 'directory';
		status := 'problem';
		detail := format('The directory says that %s (since %s). The session does not count, and the request is treated as anonymous.', standing ->> 'ended', coalesce((standing ->> 'since')::timestamptz::text, 'an unknown time'));
		remedy := 'If that is wrong, look for the membership and the session in the WorkOS dashboard, and whether the directory was fed with their latest events. A user who was added again needs a new access token.';
		return next;
	elsif session is not null and exists (
		select from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspowner = p.proowner
		where n.nspname = 'workos' and p.proname = '_known' and p.proargtypes = ''::oidvector and p.prosecdef
			and case when native then exists (select from pg_depend d join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
					where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e' and e.extname = 'pg_workos_directory')
				else n.nspowner = (select o.proowner from pg_proc o where o.oid = '@extschema@.workos_doctor()'::regprocedure) end)
	then
		execute 'select workos._known()' into known;
		check_name := 'directory';
		status := 'warning';
		if known -> 'unknown' <> '[]' then
			detail := format('The directory does not know %s of the token. Of a membership that it does not know, the token decides.', case
				when known -> 'unknown' @> '["user", "organization"]' then 'the user and the organization' when known -> 'unknown' ? 'user' then 'the user'
				when known -> 'unknown' ? 'organization' then 'the organization' else 'a membership of the user in the organization' end);
			remedy := 'If WorkOS has them in the environment of this directory, import again, as docs/how-to/directory.md shows, and see whether the feed runs.';
			return next;
		elsif known ->> 'status' <> 'active' then
			detail := format('The directory says that the membership is %s (since %s). The session counts all the same, because the token decides.', known ->> 'status', (known ->> 'changed_at')::timestamptz);
			remedy := 'After workos_configure(membership => ''newest''), the newer of token and directory decides. If the token is newer already, an event may be missing: import again, as docs/how-to/directory.md shows.';
			return next;
		elsif known ->> 'status' = 'active' then
			token_roles := @extschema@._workos_strings(claims -> 'roles');
			own := coalesce(claims ->> 'user_role', case when by_token then claims ->> 'role' end);
			token_roles := case when own is not null and own <> all (coalesce(token_roles, '{}')) then token_roles || own else token_roles end;
			directory_roles := array(select r.slug from jsonb_array_elements_text(known -> 'roles') r(slug));
		end if;
		if not (token_roles <@ directory_roles and directory_roles <@ token_roles) then
			detail := format('The token and the directory disagree: the roles are %s in the token, and %s in the directory (since %s). Those that count are %s.',
				@extschema@._workos_shown(token_roles), @extschema@._workos_shown(directory_roles), (known ->> 'changed_at')::timestamptz, @extschema@._workos_shown(@extschema@.workos_user_roles()));
			remedy := 'If the roles were changed in WorkOS, let the client refresh the token, and see whether the feed runs. Roles that a group has come without an event of the membership.';
			return next;
		end if;
	end if;

	-- Only for those who may read the tables of the directory. Anybody who may create schemas could create others of their
	-- names, and a view would run with the rights of the caller.
	if 2 = (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'workos' and c.relname in ('sync', 'webhook_secrets') and c.relkind = 'r' and c.relowner = n.nspowner
			and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
			and case when native then exists (select from pg_depend d join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
					where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e' and e.extname = 'pg_workos_directory')
				else n.nspowner = (select p.proowner from pg_proc p where p.oid = '@extschema@.workos_doctor()'::regprocedure) end)
	then
		check_name := 'feed';
		-- In the portable edition, workos_configure() replaces the body of a function.
		if not native then
			newest := exists (select from pg_depend d join pg_proc p on p.oid = d.refobjid
				where d.classid = 'pg_proc'::regclass and d.objid = to_regprocedure('@extschema@._workos_odd(boolean, text)') and d.refclassid = 'pg_proc'::regclass and p.oid = to_regprocedure('@extschema@._workos_decided(jsonb, regprocedure)'));
		elsif has_table_privilege(to_regclass('@extschema@.workos_configuration')::oid, 'select') then
			execute 'select exists (select from @extschema@.workos_configuration c where c.membership = ''newest'')' into newest;
		end if;
		execute 'select exists (select from workos.webhook_secrets) as by_webhooks, exists (select from workos.sync s where s.polled_at is not null) as by_polls,
			(select s.last_event_at from workos.sync s) as last_event_at, (select s.reached_end_at from workos.sync s) as reached_end_at'
			into fed;
		values_shown := format(' (membership: %s).', case when newest then 'newest' when newest is null then 'not known' else 'token' end);
		status := 'ok';
		remedy := null;
		if not fed.by_webhooks and not fed.by_polls then
			status := 'warning';
			detail := 'Nothing seems to feed the directory: there is no secret of a webhook, and the Events API was never polled' || values_shown;
			remedy := 'As the owner of the directory, add the secret of the webhook with workos.add_webhook_secret(), or poll the Events API. If a program of yours calls workos.apply_event(), nothing is missing.';
		elsif not fed.by_polls then
			detail := 'Webhooks feed the directory. Whether they arrive, the WorkOS dashboard shows' || values_shown;
		else
			own := format('The last poll that reached the end of the events was %s, and the last event of a poll %s%s',
				coalesce(date_trunc('second', statement_timestamp() - fed.reached_end_at) || ' ago', 'never'), coalesce(date_trunc('second', statement_timestamp() - fed.last_event_at) || ' ago', 'at an unknown time'), values_shown);
			detail := own;
			if newest and (fed.reached_end_at > statement_timestamp() - interval '1 hour') is not true then
				status := 'warning';
				detail := own || ' Members who were removed since then stay until their tokens expire' || case when fed.by_webhooks then ', unless webhooks arrive.' else '.' end;
				remedy := 'See whether the poller runs, and whether its key is valid: it must call workos.apply_events() until an answer is empty.';
			end if;
		end if;
		return next;
	end if;

	if native then
		execute 'select @extschema@.workos_library_version()' into own;
		if own <> (select extversion from pg_extension where extname = 'pg_workos') then
			check_name := 'version';
			status := 'problem';
			detail := format('The library has version %s, but the SQL functions have another version.', own);
			remedy := 'ALTER EXTENSION pg_workos UPDATE; -- then connect again';
			return next;
		end if;
	end if;
	if native and has_table_privilege(issuers, 'select') then
		-- The row "*" is not an issuer. It means that claims of any issuer are accepted, and "-" that none is.
		execute 'select count(*) filter (where i.issuer not in (''*'', ''-'')), bool_and(i.issuer = ''*''), bool_or(i.jwks <> ''{}'') from @extschema@.workos_issuers i' into trusted, any_issuer, decided;
		check_name := 'issuers';
		status := 'ok';
		remedy := null;
		if trusted > 0 then
			detail := format('%s issuers are trusted, and no other counts.', trusted);
		elsif any_issuer and decided then
			detail := 'Claims of any issuer count: the gateway alone decides which tokens it accepts.';
		elsif any_issuer then
			status := 'warning';
			detail := 'Nobody has decided which issuers count, so the claims of any issuer do, as after the installation. If this database was made from migrations or from another one, the trusted issuers did not come along.';
			remedy := 'As the owner of the extension, trust the issuer of your tokens: workos_trust_issuer(issuer, jwks). If the gateway alone shall decide: select @extschema@.workos_trust_any_issuer();';
		else
			status := 'problem';
			detail := 'No issuer counts, so every request is anonymous. Perhaps the trusted issuers were left out of a restore, as pg_dump --schema-only and supabase db dump do.';
			remedy := 'As the owner of the extension, trust the issuer of your tokens: workos_trust_issuer(issuer, jwks). If the gateway alone shall decide: select @extschema@.workos_trust_any_issuer();';
		end if;
		if not (by_token and trusted = 0) then
			return next;
		end if;
	end if;
	if native and has_table_privilege(to_regclass('@extschema@.workos_configuration')::oid, 'select') then
		execute 'select not exists (select from @extschema@.workos_configuration)' into unconfigured;
		if unconfigured then
			check_name := 'configuration';
			status := 'problem';
			detail := 'The configuration was left out of a restore. If there is a directory, the newer of token and directory decides until you say otherwise.';
			remedy := 'As the owner of the extension: select @extschema@.workos_configure(membership => ''newest''); or ''token'', as it was in the database that was dumped.';
			return next;
		end if;
	end if;
	-- In the portable edition the functions hold the configuration, and workos_configure() leaves a note in the directory.
	if not native and to_regprocedure('workos._standing()') is not null and (select n.nspowner from pg_namespace n where n.nspname = 'workos') = (select p.proowner from pg_proc p where p.oid = '@extschema@.workos_doctor()'::regprocedure)
		and col_description(to_regclass('workos.settings'), 1) = 'the newer of token and directory decides'
		and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = to_regprocedure('@extschema@._workos_odd(boolean, text)') and d.refclassid = 'pg_proc'::regclass and d.refobjid = to_regprocedure('@extschema@._workos_decided(jsonb, regprocedure)'))
	then
		check_name := 'configuration';
		status := 'problem';
		detail := 'The newer of token and directory shall decide, as a note in the directory says, but the token decides. The functions of pg_workos were left out of a restore, as supabase db dump does, and were installed again.';
		remedy := 'As the owner of the functions: select @extschema@.workos_configure(membership => ''newest'');';
		return next;
	end if;
	for status, detail, remedy in select c.* from @extschema@._workos_citus_doctor() c loop
		check_name := 'citus';
		return next;
	end loop;
	if by_token and trusted = 0 then
		check_name := 'keys';
		status := 'problem';
		detail := 'No issuer is trusted, so no token can be verified.';
		remedy := 'As the owner of the extension, trust the issuer and its keys: workos_trust_issuer(issuer, jwks).';
		return next;
	end if;

	-- If this is the first statement of the transaction, no earlier one can have set the claims for it alone. But the text
	-- that the client sent may do that itself, before it calls this function.
	check_name := 'lifetime';
	if setting is not null and not by_token and statement_timestamp() = transaction_timestamp() and current_query() !~* 'set_config|set +local' then
		status := 'warning';
		detail := 'The claims were set before this transaction began. They seem to be set for the whole session. In a connection pool, the next client would run with them.';
		remedy := 'RESET request.jwt.claims; -- then set them inside of each transaction: set_config(''request.jwt.claims'', claims, true)';
	else
		status := 'ok';
		detail := 'The claims, if there are any, are set for this transaction only.';
		remedy := null;
	end if;
	return next;

	check_name := 'role';
	waiting := current_setting('role') = 'none' and exists (select from unnest('{authenticated,anon}'::text[]) r
		where to_regrole(r) is not null and pg_has_role(caller, r, may_become) and not pg_has_role(caller, r, 'usage'));
	status := 'ok';
	detail := format('The role is %I%s.', caller, case when session_user = caller then '' else format(', and that of the connection is %I', session_user) end);
	remedy := null;
	if waiting then
		status := 'problem';
		detail := format('The role is %I, that of the connection. It may become authenticated or anon, and has none of their rights until then: it seems that the statement that sets the role is missing.', caller);
		remedy := case when to_regrole('authenticated') is not null and pg_has_role(caller, 'authenticated', may_become) then 'set local role authenticated;' else 'set local role anon;' end;
	end if;
	return next;

	check_name := 'policies apply';
	select r.rolsuper or r.rolbypassrls into bypasses from pg_roles r where r.rolname = caller;
	if bypasses then
		status := 'warning';
		detail := format('Row security does not apply to the role %I, which is a superuser or has BYPASSRLS. This role sees every row.', caller);
		remedy := case when to_regrole('authenticated') is not null and pg_has_role(session_user, 'authenticated', may_become) then 'set local role authenticated;'
			else 'Connect as a role to which policies apply. Through the Data API: send the access token of the user, and not the key of service_role.' end;
	elsif current_setting('row_security') = 'off' then
		status := 'problem';
		detail := 'The setting row_security is off: a statement to which policies apply raises an error.';
		remedy := 'set row_security = on;';
	else
		-- Only the first five are named.
		select string_agg(case when t.n <= 5 then t.name else '...' end, ', ' order by t.n), string_agg(case when t.n <= 5 then format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', t.name) end, ' ' order by t.n) into own, remedy from (
			select c.oid::regclass::text as name, row_number() over (order by c.oid::regclass::text) as n from pg_class c
			where c.relrowsecurity and not c.relforcerowsecurity and pg_has_role(caller, c.relowner, 'usage')) t
			where t.n <= 6;
		status := 'ok';
		detail := format('Row security applies to the role %I.', caller);
		if own is not null then
			status := 'warning';
			detail := format('Row security does not apply to the owner of a table, and %I has the rights of the owner of %s.', caller, own);
		end if;
	end if;
	return next;

	-- Tables that the policies were made for, and that stay empty for this role all the same.
	if not bypasses and not waiting then
		for tables in
			select k.kind, string_agg(case when k.n <= 5 then k.name else '...' end, ', ' order by k.n) filter (where k.n <= 6) as names,
				string_agg(format('GRANT SELECT ON %s TO %I;', k.name, caller), ' ' order by k.n) filter (where k.n <= 5) as grants,
				string_agg(format('select * from @extschema@.workos_explain(%L);', k.name), ' ' order by k.n) filter (where k.n <= 5) as asks
			from (
				select t.*, row_number() over (partition by t.kind order by t.name) as n from (
					select c.oid::regclass::text as name, case
						when not c.may_read then case when c.for_role then 'grants' end
						when not c.has_policies then 'no policy'
						when not c.for_role then 'other roles'
					end as kind
					from (
						select c.oid, has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select') as may_read,
							exists (select from pg_policy p where p.polrelid = c.oid) as has_policies,
							exists (select from pg_policy p, unnest(p.polroles) r where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
								-- A policy for PUBLIC does not say that visitors are meant.
								and case when r = 0 then caller <> 'anon' or has_table_privilege(c.oid, 'select') else pg_has_role(caller, r, 'usage') end) as for_role
						from pg_class c join pg_namespace n on n.oid = c.relnamespace
						where c.relkind in ('r', 'p') and c.relrowsecurity and not (pg_has_role(caller, c.relowner, 'usage') and not c.relforcerowsecurity)
							and has_schema_privilege(n.oid, 'usage') and not pg_is_other_temp_schema(n.oid)
							-- The tables of Supabase itself are not for the roles of users.
							and n.nspname not in ('auth', 'realtime', 'vault', 'graphql', 'pgbouncer', 'supabase_functions', 'supabase_migrations', 'cron', 'net', 'pgsodium', 'information_schema')
							and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')) c) t
				where t.kind is not null) k
			group by k.kind order by k.kind
		loop
			check_name := case tables.kind when 'grants' then 'grants' else 'policies' end;
			status := 'warning';
			if tables.kind = 'grants' then
				detail := format('Policies let %I read %s, but the privilege is missing: "permission denied for table".', caller, tables.names);
				remedy := tables.grants;
			else
				detail := case tables.kind
					when 'no policy' then format('Row security is on and there is no policy, so nobody but the owner sees a row, of: %s.', tables.names)
					else format('The policies are for other roles or other commands than SELECT, so %I sees no row, of: %s.', caller, tables.names) end;
				remedy := tables.asks;
			end if;
			return next;
		end loop;
	end if;

	<<about_claims>>
	begin
		exit about_claims when claims is null;
		-- The checks below also examine claims that are expired or otherwise ignored.
		sub := coalesce(case jsonb_typeof(claims -> 'sub') when 'string' then claims ->> 'sub' end, '');
		sid := coalesce(case jsonb_typeof(claims -> 'sid') when 'string' then claims ->> 'sid' end, '');
		kind := @extschema@._workos_kind(claims::json);
		issuer := coalesce(case jsonb_typeof(claims -> 'iss') when 'string' then claims ->> 'iss' end, '');
		-- A custom domain of WorkOS can have any name, so only those of others are recognized.
		provider := case
			when issuer ~ '^https://(api[.]workos[.]com|[a-z0-9.-]+[.]authkit[.]app)(/|$)' then null
			when issuer ~ '^https://[a-z0-9.-]+[.]clerk[.]accounts[.]dev/?$' or issuer ~ '^https://clerk[.]' or sid ^@ 'sess_' or sub ~ '^user_2[0-9A-Za-z]{26}$' then 'Clerk'
			when issuer ~ '^https://[a-z0-9.-]+[.]auth0[.]com/?$' or sub ~ '^(auth0|google-oauth2|samlp|waad|github|email)[|]' then 'Auth0'
			when issuer ~ '^https://[a-z0-9]+[.]supabase[.](co|in)/auth/v1' then 'Supabase Auth'
			when issuer ~ '^https://securetoken[.]google[.]com/' then 'Firebase'
			when issuer ~ '^(https://)?accounts[.]google[.]com' then 'Google'
			when issuer ~ '^https://cognito-idp[.]' then 'Amazon Cognito'
			when issuer ~ '^https://[a-z0-9.-]+[.]okta(preview)?[.]com(/|$)' then 'Okta'
			when issuer ~ '^https://(login[.]microsoftonline[.]com|sts[.]windows[.]net)/' then 'Microsoft Entra'
			when issuer ~ '^https://[a-z0-9.-]+[.](stytch|descope)[.]com(/|$)' then 'another provider'
		end;
		if sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
			provider := coalesce(provider, 'Supabase Auth');
		end if;

		opens := coalesce(@extschema@.workos_delegated_user_id(null::text, @extschema@.workos_client_id()), @extschema@.workos_delegated_user_id((@extschema@.workos_scopes())[1], null::text), @extschema@.workos_application_org_id((@extschema@.workos_scopes())[1])) is not null;
		check_name := 'token';
		status := case when (kind = 'session' or opens) and provider is null then 'ok' else 'problem' end;
		remedy := 'Send the access token of the WorkOS session: accessToken: () => authkit.getAccessToken().';
		values_shown := format(' (sub: %s, sid: %s, iss: %s%s)', shown[1], shown[2], shown[3], case when claims ? 'scope' then ', and a claim scope' else '' end)
			from (select array_agg(case when not claims ? c then 'none' when jsonb_typeof(claims -> c) = 'string' then @extschema@._workos_shown(claims ->> c) else 'a ' || jsonb_typeof(claims -> c) end order by n) as shown
				from unnest('{sub,sid,iss}'::text[]) with ordinality u(c, n)) v;
		case
			when kind = 'session' and provider is null then
				detail := 'The claims are those of a user session';
				remedy := null;
			when provider = 'Supabase Auth' then
				detail := 'The token comes from Supabase Auth: sub is a UUID, not the id of a WorkOS user';
				remedy := 'Add WorkOS under Authentication, Third-party auth, and give the client accessToken: () => authkit.getAccessToken().';
			when provider is not null then
				detail := format('WorkOS did not issue this token: it seems to come from %s', provider);
			when kind = 'application' then
				detail := 'This is a machine-to-machine token, not the token of a user: sub is a client id';
				remedy := 'Machine-to-machine tokens have no membership. Allow them by scope in a policy, with workos_application_org_id(scope), or by client id, with workos_application_id() and workos_application_org_id().';
			when kind = 'widget' then
				detail := 'The token is for WorkOS widgets. It gives no user identity here';
			when kind = 'oauth' then
				detail := 'The token was issued to an application that acts for a user: it has a claim scope, or its sid is not the id of a session. It gives an identity only through a gate that names a scope or a client id';
				remedy := 'For an application, use workos_delegated_org_id(scope) or workos_delegated_user_id(scope) in a policy. For a user, send the access token of the WorkOS session: accessToken: () => authkit.getAccessToken().';
			when sub ^@ 'user_' then
				detail := 'The claim sid is missing or empty. This seems to be an ID token, which gives no user identity here';
				remedy := 'Send the access token of the WorkOS session, not the ID token: accessToken: () => authkit.getAccessToken(). Claims that you write by hand need a sid, such as session_1.';
			when not claims ? 'sub' and claims ->> 'role' = 'anon' then
				detail := 'The request has no access token. The claims are those of an anonymous request';
			else
				detail := 'WorkOS did not issue this token: sub is not the id of a WorkOS user';
		end case;
		detail := detail || values_shown || '.';
		return next;

		check_name := 'time';
		status := 'problem';
		remedy := 'Let the client refresh the token before it sends it, and check the clocks of both machines.';
		-- Numbers beyond the range of dates are replaced by a very early or a very late date.
		ends := case when jsonb_typeof(claims -> 'exp') = 'number' then to_timestamp(least(greatest((claims ->> 'exp')::numeric, 0), 99999999999)::double precision) end;
		begins := case when jsonb_typeof(claims -> 'nbf') = 'number' then to_timestamp(least(greatest((claims ->> 'nbf')::numeric, 0), 99999999999)::double precision) end;
		if claims ? 'exp' and ends is null or claims ? 'nbf' and begins is null then
			detail := format('The claim exp or nbf is not a number, so the claims are ignored (%s).', concat_ws(', ', 'exp: a ' || jsonb_typeof(claims -> 'exp'), 'nbf: a ' || jsonb_typeof(claims -> 'nbf')));
			remedy := 'Remove exp and nbf from the JWT template.';
		elsif ends <= statement_timestamp() - interval '30 seconds' then
			detail := format('The token expired %s ago (exp: %s). The request is treated as anonymous.', date_trunc('second', statement_timestamp() - ends), ends);
		elsif begins > statement_timestamp() + interval '30 seconds' then
			detail := format('The token is not valid yet. It becomes valid in %s (nbf: %s).', date_trunc('second', begins - statement_timestamp()), begins);
		else
			status := 'ok';
			detail := format('The token %s.', case when ends is null then 'has no end (there is no claim exp)' else format('has not expired (exp: %s)', ends) end);
			remedy := null;
		end if;
		return next;

		-- Only the owner may read which issuers are trusted.
		if native and has_table_privilege(issuers, 'select') then
			execute 'select coalesce(bool_or(i.issuer = any ($1)), false) from @extschema@.workos_issuers i' using array['*', regexp_replace(issuer, '/$', '')] into issuer_counts;
		end if;
		names_audience := kind in ('oauth', 'application') and claims ? 'aud';
		in_force := @extschema@.workos_token_kind() is not null;
		check_name := 'issuer';
		valid := status = 'ok';
		if valid then
			own := case when issuer = '' then 'none' else @extschema@._workos_shown(issuer) end;
			if not native then
				detail := format('The gateway alone decides which issuers are accepted (iss: %s).', own);
			elsif standing is not null or in_force or names_audience and issuer_counts then
				detail := format('The issuer of the claims is trusted, or any issuer is accepted (iss: %s).', own);
			else
				status := 'problem';
				detail := 'The token has not expired, but ' || case
					when names_audience and issuer_counts is null then 'its issuer is not a trusted issuer, or it is for another audience than the accepted ones'
					when trusted = 0 then 'no issuer is trusted. Perhaps the trusted issuers were left out of a restore'
					when trusted > 0 then 'its issuer is not a trusted issuer'
					else 'its issuer is not a trusted issuer, or no issuer is trusted'
					end || format('. The request is treated as anonymous (iss: %s).', own);
				remedy := 'As the owner of the extension, trust the issuer and its keys: workos_trust_issuer(issuer, jwks), with the claim iss of these tokens and the keys of that issuer. If a gateway verifies all tokens, and any issuer may be accepted: select @extschema@.workos_trust_any_issuer();';
			end if;
			return next;
		end if;

		-- The token of an application: for which audience it is.
		if kind in ('oauth', 'application') and valid and (in_force or not native or issuer_counts) and (opens or not in_force or claims ? 'client_id' or @extschema@.workos_scopes() <> '{}') then
			check_name := 'audience';
			status := case when opens then 'ok' else 'problem' end;
			own := format(' (aud: %s)', case when not claims ? 'aud' then 'none' when jsonb_typeof(claims -> 'aud') = 'string' then @extschema@._workos_shown(claims ->> 'aud')
				else coalesce(@extschema@._workos_shown(@extschema@._workos_strings(claims -> 'aud')), 'a ' || jsonb_typeof(claims -> 'aud')) end);
			remedy := case when not opens then 'If that audience means this database, as the owner of the functions: select @extschema@.workos_accept_audience(''https://...'');' end;
			detail := case
				when opens then 'The token is for an accepted audience. Whether it was granted the scope that a policy asks for, workos_explain() tells'
				when not in_force then 'The token is for another audience than the accepted ones, so it counts nowhere'
				when not claims ? 'aud' then 'The token names no audience, so no gate for applications returns anything'
				else 'No audience is accepted, or the token names no organization, so no gate for applications returns anything' end || own || '.';
			return next;
		end if;

		exit about_claims when kind <> 'session' or provider is not null or standing is not null;

		check_name := 'postgres role';
		status := 'problem';
		remedy := template;
		role_claim := case when jsonb_typeof(claims -> 'role') = 'string' then claims ->> 'role' end;
		own := format(' (claim role: %s, role of Postgres: %I)', case when claims ? 'role' then coalesce(@extschema@._workos_shown(role_claim), 'a ' || jsonb_typeof(claims -> 'role')) else 'none' end, caller);
		if by_token then
			status := 'ok';
			detail := 'The Postgres role is that of the connection. The token does not choose it.';
			remedy := null;
		elsif role_claim = 'authenticated' and caller <> 'anon' then
			status := 'ok';
			detail := format('The claim role is authenticated, as Supabase requires%s.', own);
			remedy := null;
		elsif role_claim = 'anon' or caller = 'anon' then
			detail := format('The user is signed in, but Supabase treats the request as anon: the token does not name the Postgres role authenticated. Policies TO authenticated do not apply%s.', own);
		elsif coalesce(claims ->> 'role', '') = '' then
			detail := format('The token has no claim role, and Supabase chooses the Postgres role by that claim. The JWT template seems to be missing%s.', own);
			status := 'warning';
		else
			detail := format('The claim role is not authenticated. It seems to hold the role in WorkOS, and a gateway would look for a Postgres role of that name. %s%s.', case
				when role_claim is null then 'It is no name'
				when not exists (select from pg_roles r where r.rolname = role_claim) then format('There is none: PostgREST answers role "%s" does not exist before it runs any SQL', trim('''' from @extschema@._workos_shown(role_claim)))
				when not pg_has_role(session_user, role_claim, may_become) then format('There is one, but the role of the connection, %I, may not become it: permission denied to set role', session_user)
				else 'There is one' end, own);
		end if;
		return next;

		check_name := 'organization';
		status := 'ok';
		remedy := null;
		if jsonb_typeof(claims -> 'org_id') is distinct from 'string' or claims ->> 'org_id' = '' then
			status := 'problem';
			detail := format('The token names no organization, so workos_org_id() is NULL, and there are no roles or permissions (org_id: %s).',
				case when claims ? 'org_id' then case jsonb_typeof(claims -> 'org_id') when 'string' then 'empty' else 'a ' || jsonb_typeof(claims -> 'org_id') end else 'none' end);
			remedy := 'Let the user select one: switchToOrganization({ organizationId }) in AuthKit, or organization_id when the session is refreshed.';
		else
			detail := format('An organization is selected (org_id: %s). Rows of another one are not seen: the user has to switch to it.', @extschema@._workos_shown(claims ->> 'org_id'));
		end if;
		return next;

		check_name := 'user role';
		status := 'problem';
		remedy := template;
		own := format(' (user_role: %s, roles: %s)', case when claims ? 'user_role' then case jsonb_typeof(claims -> 'user_role') when 'string' then @extschema@._workos_shown(claims ->> 'user_role') else 'a ' || jsonb_typeof(claims -> 'user_role') end else 'none' end,
			case when not claims ? 'roles' then 'none' else coalesce(@extschema@._workos_shown(@extschema@._workos_strings(claims -> 'roles')), 'not a list of texts') end);
		if claims ->> 'user_role' = '' then
			detail := 'The claim user_role is empty: the JWT template puts quotes around {{organization_membership.role}}, or the user has no role';
		elsif claims ->> 'user_role' in ('anon', 'authenticated', 'service_role') then
			detail := 'The claim user_role names a Postgres role, not the role in WorkOS';
		elsif jsonb_typeof(claims -> 'user_role') not in ('string', 'null') then
			detail := 'The claim user_role is not a string';
		elsif claims ->> 'user_role' <> '' or jsonb_typeof(claims -> 'roles') = 'array' and jsonb_array_length(claims -> 'roles') > 0
				or @extschema@.workos_user_role() is not null then -- the claim role of a verified token
			status := 'ok';
			detail := 'The token holds the role of the user';
			remedy := null;
		else
			status := 'warning';
			detail := 'The token has neither user_role nor roles, so workos_user_role() is NULL';
		end if;
		detail := detail || own || '.';
		return next;

		check_name := 'permissions';
		remedy := null;
		if claims ? 'permissions' and @extschema@._workos_strings(claims -> 'permissions') is null then
			status := 'problem';
			detail := format('The claim permissions is not a list of texts only, so there are no permissions (permissions: a %s).', jsonb_typeof(claims -> 'permissions'));
			remedy := 'Remove permissions from the JWT template: WorkOS writes this claim itself.';
		elsif coalesce(@extschema@._workos_strings(claims -> 'permissions'), '{}') = '{}' then
			status := 'warning';
			detail := format('The token has no permissions (permissions: %s). Policies that ask for one let nothing through.', case when claims ? 'permissions' then '{}' else 'none' end);
			remedy := 'In the WorkOS dashboard, give permissions to the role of the user; then let the client refresh the token.';
		else
			status := 'ok';
			detail := format('The token has permissions (permissions: %s). Whether they are those that a policy asks for, workos_explain() tells.', @extschema@._workos_shown(@extschema@._workos_strings(claims -> 'permissions')));
		end if;
		return next;
	end about_claims;

	-- For example the first table whose policies call these functions.
	check_name := 'next';
	status := 'ok';
	own_table := (select c.oid::regclass::text from pg_policy p join pg_class c on c.oid = p.polrelid
		join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass join pg_proc f on f.oid = d.refobjid and f.pronamespace = '@extschema@'::regnamespace
		where has_schema_privilege(c.relnamespace, 'usage') and not pg_is_other_temp_schema(c.relnamespace) and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))
		order by 1 limit 1);
	detail := 'What the privileges and policies of one table make of a statement, workos_explain() tells. Call it as the user who sees no rows.';
	remedy := format('select * from @extschema@.workos_explain(%L, ''select'');', coalesce(own_table, 'documents'));
	return next;
end $$;
comment on function @extschema@.workos_doctor() is
	'why do I see no rows? What is wrong with the claims of this transaction, and what to do';
