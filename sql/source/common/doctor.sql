-- finding out why: the same text in both editions

create function @extschema@.workos_doctor(out check_name text, out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	template constant text := 'In the WorkOS dashboard, under Authentication, give the JWT template the line {"role": "authenticated", "user_role": {{organization_membership.role}}}.';
	-- The portable edition verifies nothing, and knows no issuers.
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
	trusted bigint; -- how many issuers are, if the caller may know
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
	-- Only now is the library loaded, and has put away what a client may not set.
	by_token := native and coalesce(current_setting('workos.claims_source', true) = 'token', false);
	begin
		if status = 'problem' then
			null;
		elsif by_token then
			claims := @extschema@.workos_claims();
			status := case when claims is null then 'problem' else 'ok' end;
			detail := case when claims is null then 'There is no token in workos.access_token, or it has expired: this is an anonymous visitor.' else 'The claims are those of a token that was verified here.' end;
			remedy := case when claims is null then 'Call workos_authenticate(token) in the transaction, with a fresh token. The setting request.jwt.claims does not count here.' end;
		elsif setting is null then
			status := 'problem';
			detail := 'The setting request.jwt.claims is empty: this is an anonymous visitor, and every function answers NULL or false.';
			remedy := 'Call through a gateway that verifies the token and sets the claims, such as the Supabase Data API, with the WorkOS access token. In psql: begin; select set_config(''request.jwt.claims'', ''{"sid": "session_1", "sub": "user_1", "org_id": "org_1"}'', true);';
		else
			claims := setting;
			claims := nullif(claims, 'null');
			status := case when claims is null then 'problem' else 'ok' end;
			detail := case when claims is null then 'The setting request.jwt.claims holds null: this is an anonymous visitor.' else 'The setting request.jwt.claims holds a JSON object.' end;
			remedy := case when claims is null then 'Sign in, and send the access token along.' end;
		end if;
	exception when others then -- jsonb cannot hold them, and the message would hold a piece of them
		status := 'problem';
		detail := 'The claims hold a number that is out of range, or are nested too deeply.';
		remedy := 'Keep such values out of the JWT template.';
	end;
	return next;

	if native then
		execute 'select @extschema@.workos_library_version()' into own;
		if own <> (select extversion from pg_extension where extname = 'pg_workos') then
			check_name := 'version';
			status := 'problem';
			detail := format('The library is of version %s, the functions are not.', own);
			remedy := 'ALTER EXTENSION pg_workos UPDATE; and connect again.';
			return next;
		end if;
	end if;
	if native and has_table_privilege(issuers, 'select') then
		-- The row * is no issuer: it says that the claims of any count.
		execute 'select count(*) from @extschema@.workos_issuers where issuer <> ''*''' into trusted;
	end if;
	if by_token and trusted = 0 then
		check_name := 'keys';
		status := 'problem';
		detail := 'No issuer is trusted, so no token can be verified.';
		remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks).';
		return next;
	end if;

	-- Without BEGIN there is no earlier statement in this transaction that could have set them for it alone.
	check_name := 'lifetime';
	if setting is not null and not by_token and statement_timestamp() = transaction_timestamp() then
		status := 'warning';
		detail := 'The claims were there before this transaction began: they seem to be set for the whole session, and in a pool the next client gets them.';
		remedy := 'Set them with set_config(''request.jwt.claims'', claims, true) inside a transaction, and clear them with RESET request.jwt.claims or ALTER ROLE ... RESET.';
	else
		status := 'ok';
		detail := 'The claims, if any, are those of this transaction.';
		remedy := null;
	end if;
	return next;

	check_name := 'policies apply';
	if (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user) then
		status := 'warning';
		detail := format('Row security does not apply to the role %I, which is a superuser or has BYPASSRLS: it sees every row.', current_user);
		remedy := 'Try policies as another role: set local role authenticated;';
	else
		-- the first five
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
			remedy := 'ALTER TABLE ... FORCE ROW LEVEL SECURITY, or try policies as another role.';
		end if;
	end if;
	return next;

	if claims is null then
		return;
	end if;
	-- Of claims that are not in force, too: what follows says what is wrong with them besides.
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
			detail := 'The token belongs to a machine, not to a user: sub is the id of an application.';
			remedy := 'Let machines in with policies that name them: workos_application_id(), workos_application_org_id().';
		when kind = 'widget' then
			detail := 'The token is one for WorkOS widgets, which gives no user identity here.';
		when kind = 'oauth' then
			detail := 'The token was made for an application that acts for a user (it has a scope, or its sid is no session), which gives no user identity here.';
		when sub ^@ 'user_' then
			detail := 'The claim sid is missing or empty: this looks like an ID token, which gives no user identity here.';
			remedy := 'Send the access token of the WorkOS session, not the ID token: accessToken: () => authkit.getAccessToken(). Claims that you write by hand need a sid, such as session_1.';
		when sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
			detail := 'The token comes from Supabase Auth: sub is a uuid, not the id of a WorkOS user.';
			remedy := 'Add WorkOS under Authentication, Third-party auth, and give the client accessToken: () => authkit.getAccessToken().';
		when not claims ? 'sub' and claims ->> 'role' = 'anon' then
			detail := 'The request came without an access token: the claims are those of the anonymous visitor.';
		else
			detail := 'The token is none that WorkOS signs: sub is not the id of a WorkOS user.';
	end case;
	return next;

	check_name := 'time';
	status := 'problem';
	remedy := 'Let the client refresh the token before it sends it, and look at the clocks of both machines.';
	-- What lies beyond any date is as good as a very late one, or a very early one.
	ends := case when jsonb_typeof(claims -> 'exp') = 'number' then to_timestamp(least(greatest((claims ->> 'exp')::numeric, 0), 99999999999)::double precision) end;
	begins := case when jsonb_typeof(claims -> 'nbf') = 'number' then to_timestamp(least(greatest((claims ->> 'nbf')::numeric, 0), 99999999999)::double precision) end;
	if claims ? 'exp' and ends is null or claims ? 'nbf' and begins is null then
		detail := 'The claim exp or nbf is no date: the claims are not in force.';
		remedy := 'Keep exp and nbf out of the JWT template.';
	elsif ends <= statement_timestamp() - interval '30 seconds' then
		detail := format('The token expired %s ago, and every function answers as for an anonymous visitor.', date_trunc('second', statement_timestamp() - ends));
	elsif begins > statement_timestamp() + interval '30 seconds' then
		detail := format('The token is not valid before %s from now.', date_trunc('second', begins - statement_timestamp()));
	else
		status := 'ok';
		detail := 'The claims are in force.';
		remedy := null;
	end if;
	return next;

	check_name := 'issuer';
	if status = 'ok' then
		if not native then
			detail := 'The gateway alone decides whose tokens count.';
		elsif @extschema@.workos_token_kind() is not null then
			detail := 'The issuer of the claims is trusted, or any issuer counts.';
		else
			status := 'problem';
			detail := 'The claims are in force, and ' || case
				when trusted = 0 then 'no issuer is trusted, perhaps since a restore that left the trusted issuers out'
				when trusted > 0 then 'their issuer is none of the trusted ones'
				else 'their issuer is none of the trusted ones, or no issuer is trusted'
				end || ': every function answers as for an anonymous visitor.';
			remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks), with the claim iss of these tokens and the keys of that issuer. Only if a gateway verifies all tokens, and any issuer may count: select workos_trust_any_issuer().';
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
		detail := 'Nobody chooses a Postgres role by this token: it is that of the connection.';
		remedy := null;
	elsif claims ->> 'role' = 'authenticated' and current_user <> 'anon' then
		status := 'ok';
		detail := 'The claim role is authenticated, as Supabase wants it.';
		remedy := null;
	elsif claims ->> 'role' = 'anon' or current_user = 'anon' then
		detail := 'The user is signed in, but Supabase takes her for anon: the token names no Postgres role. Policies TO authenticated do not apply.';
	elsif coalesce(claims ->> 'role', '') = '' then
		detail := 'The token has no claim role, by which Supabase chooses the Postgres role: there is no JWT template.';
		status := 'warning';
	else
		detail := 'The claim role is not authenticated: it seems to be the role in WorkOS, and Supabase looks for a Postgres role of that name.';
	end if;
	return next;

	check_name := 'organization';
	status := 'ok';
	detail := 'An organization is selected.';
	remedy := null;
	if jsonb_typeof(claims -> 'org_id') is distinct from 'string' or claims ->> 'org_id' = '' then
		status := 'problem';
		detail := 'The token names no organization: workos_org_id() is NULL, and there are no roles or permissions.';
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
			or @extschema@.workos_user_role() is not null then -- the role of a token that was verified here
		status := 'ok';
		detail := 'The token says which role the user has.';
		remedy := null;
	else
		status := 'warning';
		detail := 'The token has neither user_role nor roles: workos_user_role() is NULL.';
	end if;
	return next;
end $$;
comment on function @extschema@.workos_doctor() is
	'why do I see no rows? What is wrong with the claims of this transaction, and what to do';
