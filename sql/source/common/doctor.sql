-- diagnosis: the same text in both editions

create function @extschema@.workos_doctor(out check_name text, out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	template constant text := 'In the WorkOS dashboard, under Authentication, give the JWT template the line {"role": "authenticated", "user_role": {{organization_membership.role}}}.';
	-- The portable edition does not verify tokens and has no trusted issuers.
	native constant boolean := exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = '@extschema@'::regnamespace);
	issuers constant oid := (select c.oid from pg_class c where c.relnamespace = '@extschema@'::regnamespace and c.relname = 'workos_issuers');
	by_token boolean := false;
	claims jsonb;
	sub text;
	sid text;
	kind text;
	ends timestamptz;
	begins timestamptz;
	own text;
	trusted bigint; -- the number of trusted issuers, if the caller may read them
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
	-- The call above loads the library, which drops a value that the client may not set.
	by_token := native and coalesce(current_setting('workos.claims_source', true) = 'token', false);
	begin
		if status = 'problem' then
			null;
		elsif by_token then
			claims := @extschema@.workos_claims();
			status := case when claims is null then 'problem' else 'ok' end;
			detail := case when claims is null then 'There is no token in workos.access_token, or the token has expired. The request is anonymous.' else 'The claims are those of a token that the extension has verified.' end;
			remedy := case when claims is null then 'Call workos_authenticate(token) in the transaction, with a new token. The setting request.jwt.claims is ignored here.' end;
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

	if native then
		execute 'select @extschema@.workos_library_version()' into own;
		if own <> (select extversion from pg_extension where extname = 'pg_workos') then
			check_name := 'version';
			status := 'problem';
			detail := format('The library has version %s, but the SQL functions have another version.', own);
			remedy := 'ALTER EXTENSION pg_workos UPDATE; then connect again.';
			return next;
		end if;
	end if;
	if native and has_table_privilege(issuers, 'select') then
		-- The row "*" is not an issuer. It means that claims of any issuer are accepted.
		execute 'select count(*) from @extschema@.workos_issuers where issuer <> ''*''' into trusted;
	end if;
	if by_token and trusted = 0 then
		check_name := 'keys';
		status := 'problem';
		detail := 'No issuer is trusted, so no token can be verified.';
		remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks).';
		return next;
	end if;

	-- If this is the first statement of the transaction, no earlier one can have set the claims for it alone.
	check_name := 'lifetime';
	if setting is not null and not by_token and statement_timestamp() = transaction_timestamp() then
		status := 'warning';
		detail := 'The claims were set before this transaction began. They seem to be set for the whole session. In a connection pool, the next client would run with them.';
		remedy := 'Set them with set_config(''request.jwt.claims'', claims, true) inside a transaction, and clear them with RESET request.jwt.claims or ALTER ROLE ... RESET.';
	else
		status := 'ok';
		detail := 'The claims, if there are any, are set for this transaction only.';
		remedy := null;
	end if;
	return next;

	check_name := 'policies apply';
	if (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user) then
		status := 'warning';
		detail := format('Row security does not apply to the role %I, which is a superuser or has BYPASSRLS. This role sees every row.', current_user);
		remedy := 'Test policies as another role: set local role authenticated;';
	else
		-- Only the first five are named.
		select string_agg(case when t.n <= 5 then t.name else '...' end, ', ' order by t.n) into own from (
			select c.oid::regclass::text as name, row_number() over (order by c.oid::regclass::text) as n from pg_class c
			where c.relrowsecurity and not c.relforcerowsecurity and pg_has_role(current_user, c.relowner, 'usage')) t
			where t.n <= 6;
		status := 'ok';
		detail := format('Row security applies to the role %I.', current_user);
		remedy := null;
		if own is not null then
			status := 'warning';
			detail := format('Row security does not apply to the owner of a table, and %I has the rights of the owner of %s.', current_user, own);
			remedy := 'ALTER TABLE ... FORCE ROW LEVEL SECURITY, or test policies as another role.';
		end if;
	end if;
	return next;

	if claims is null then
		return;
	end if;
	-- The checks below also examine claims that are expired or otherwise ignored.
	sub := coalesce(case jsonb_typeof(claims -> 'sub') when 'string' then claims ->> 'sub' end, '');
	sid := coalesce(case jsonb_typeof(claims -> 'sid') when 'string' then claims ->> 'sid' end, '');
	kind := @extschema@._workos_kind(claims::json);

	check_name := 'token';
	status := case kind when 'session' then 'ok' else 'problem' end;
	remedy := 'Send the access token of the WorkOS session: accessToken: () => authkit.getAccessToken().';
	case
		when kind = 'session' then
			detail := 'The claims are those of a user session.';
			remedy := null;
		when kind = 'application' then
			detail := 'This is a machine-to-machine token, not the token of a user: sub is a client id.';
			remedy := 'Machine-to-machine tokens have no membership. Allow them by client id in a policy, with workos_application_id() and workos_application_org_id().';
		when kind = 'widget' then
			detail := 'The token is for WorkOS widgets. It gives no user identity here.';
		when kind = 'oauth' then
			detail := 'The token was issued to an application that acts for a user: it has a claim scope, or its sid is not the id of a session. It gives no user identity here.';
		when sub ^@ 'user_' then
			detail := 'The claim sid is missing or empty. This seems to be an ID token, which gives no user identity here.';
			remedy := 'Send the access token of the WorkOS session, not the ID token: accessToken: () => authkit.getAccessToken(). Claims that you write by hand need a sid, such as session_1.';
		when sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
			detail := 'The token comes from Supabase Auth: sub is a UUID, not the id of a WorkOS user.';
			remedy := 'Add WorkOS under Authentication, Third-party auth, and give the client accessToken: () => authkit.getAccessToken().';
		when not claims ? 'sub' and claims ->> 'role' = 'anon' then
			detail := 'The request has no access token. The claims are those of an anonymous request.';
		else
			detail := 'WorkOS did not issue this token: sub is not the id of a WorkOS user.';
	end case;
	return next;

	check_name := 'time';
	status := 'problem';
	remedy := 'Let the client refresh the token before it sends it, and check the clocks of both machines.';
	-- Numbers beyond the range of dates are replaced by a very early or a very late date.
	ends := case when jsonb_typeof(claims -> 'exp') = 'number' then to_timestamp(least(greatest((claims ->> 'exp')::numeric, 0), 99999999999)::double precision) end;
	begins := case when jsonb_typeof(claims -> 'nbf') = 'number' then to_timestamp(least(greatest((claims ->> 'nbf')::numeric, 0), 99999999999)::double precision) end;
	if claims ? 'exp' and ends is null or claims ? 'nbf' and begins is null then
		detail := 'The claim exp or nbf is not a number, so the claims are ignored.';
		remedy := 'Remove exp and nbf from the JWT template.';
	elsif ends <= statement_timestamp() - interval '30 seconds' then
		detail := format('The token expired %s ago. The request is treated as anonymous.', date_trunc('second', statement_timestamp() - ends));
	elsif begins > statement_timestamp() + interval '30 seconds' then
		detail := format('The token is not valid yet. It becomes valid in %s.', date_trunc('second', begins - statement_timestamp()));
	else
		status := 'ok';
		detail := 'The claims are valid at this time.';
		remedy := null;
	end if;
	return next;

	check_name := 'issuer';
	if status = 'ok' then
		if not native then
			detail := 'The gateway alone decides which issuers are accepted.';
		elsif @extschema@.workos_token_kind() is not null then
			detail := 'The issuer of the claims is trusted, or any issuer is accepted.';
		else
			status := 'problem';
			detail := 'The claims are valid at this time, but ' || case
				when trusted = 0 then 'no issuer is trusted. Perhaps the trusted issuers were left out of a restore'
				when trusted > 0 then 'their issuer is not a trusted issuer'
				else 'their issuer is not a trusted issuer, or no issuer is trusted'
				end || '. The request is treated as anonymous.';
			remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks), with the claim iss of these tokens and the keys of that issuer. If a gateway verifies all tokens, and any issuer may be accepted: select workos_trust_any_issuer().';
		end if;
		return next;
	end if;

	if kind <> 'session' then
		return;
	end if;

	check_name := 'postgres role';
	status := 'problem';
	remedy := template;
	if by_token then
		status := 'ok';
		detail := 'The Postgres role is that of the connection. The token does not choose it.';
		remedy := null;
	elsif claims ->> 'role' = 'authenticated' and current_user <> 'anon' then
		status := 'ok';
		detail := 'The claim role is authenticated, as Supabase requires.';
		remedy := null;
	elsif claims ->> 'role' = 'anon' or current_user = 'anon' then
		detail := 'The user is signed in, but Supabase treats the request as anon: the token does not name the Postgres role authenticated. Policies TO authenticated do not apply.';
	elsif coalesce(claims ->> 'role', '') = '' then
		detail := 'The token has no claim role, and Supabase chooses the Postgres role by that claim. The JWT template seems to be missing.';
		status := 'warning';
	else
		detail := 'The claim role is not authenticated. It seems to hold the role in WorkOS, and Supabase would look for a Postgres role of that name.';
	end if;
	return next;

	check_name := 'organization';
	status := 'ok';
	detail := 'An organization is selected.';
	remedy := null;
	if jsonb_typeof(claims -> 'org_id') is distinct from 'string' or claims ->> 'org_id' = '' then
		status := 'problem';
		detail := 'The token names no organization, so workos_org_id() is NULL, and there are no roles or permissions.';
		remedy := 'Let the user select one: switchToOrganization({ organizationId }) in AuthKit, or organization_id when the session is refreshed.';
	end if;
	return next;

	check_name := 'user role';
	status := 'problem';
	remedy := template;
	if claims ->> 'user_role' = '' then
		detail := 'The claim user_role is empty: the JWT template puts quotes around {{organization_membership.role}}, or the user has no role.';
	elsif claims ->> 'user_role' in ('anon', 'authenticated', 'service_role') then
		detail := 'The claim user_role names a Postgres role, not the role in WorkOS.';
	elsif jsonb_typeof(claims -> 'user_role') not in ('string', 'null') then
		detail := 'The claim user_role is not a string.';
	elsif claims ->> 'user_role' <> '' or jsonb_typeof(claims -> 'roles') = 'array' and jsonb_array_length(claims -> 'roles') > 0
			or @extschema@.workos_user_role() is not null then -- the claim role of a verified token
		status := 'ok';
		detail := 'The token holds the role of the user.';
		remedy := null;
	else
		status := 'warning';
		detail := 'The token has neither user_role nor roles, so workos_user_role() is NULL.';
	end if;
	return next;
end $$;
comment on function @extschema@.workos_doctor() is
	'why do I see no rows? What is wrong with the claims of this transaction, and what to do';
