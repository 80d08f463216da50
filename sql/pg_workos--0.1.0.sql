-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos" to load this file. \quit

-- This script runs as the bootstrap superuser when the owner of a database installs the extension, and the
-- schema that it installs into can belong to anybody. So no name below is found through that schema: a more
-- exact match there would be called with a superuser's rights.
SET LOCAL search_path = pg_catalog, pg_temp;

-- who and where: NULL when there is no session, and when the claim is absent

CREATE FUNCTION @extschema@.workos_user_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_user_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_session_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_session_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_org_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_user_role() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_user_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_user_roles() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_user_roles_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_permissions() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_permissions_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_entitlements() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_entitlements_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_feature_flags() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_feature_flags_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_impersonator() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_impersonator_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_issued_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_issued_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_expires_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_expires_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_authenticated_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_authenticated_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- any kind of token

CREATE FUNCTION @extschema@.workos_claims() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_claims_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_claim(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_claim_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_token_kind() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_token_kind_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_application_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_application_org_id() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_application_org_id_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- checks: never NULL, but for @extschema@.workos_is_member(NULL); a NULL argument gives false

CREATE FUNCTION @extschema@.workos_is_authenticated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_authenticated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- Bound to what they call when they are created: no search_path, no renamed schema and no later function of
-- the same name makes them call another.
CREATE FUNCTION @extschema@.workos_is_member(org_id text) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN org_id operator(pg_catalog.=) @extschema@.workos_org_id();

CREATE FUNCTION @extschema@.workos_has_role(role text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_any_role(VARIADIC roles text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_any_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_permission(permission text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_any_permission(VARIADIC permissions text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_any_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_all_permissions(VARIADIC permissions text[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_all_permissions_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_entitlement(entitlement text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_entitlement_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_has_feature_flag(flag text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_has_feature_flag_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_is_impersonated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_impersonated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_authenticated_within(max_age interval) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce(
		max_age operator(pg_catalog.>=) interval '0'
		AND @extschema@.workos_authenticated_at() operator(pg_catalog.>=) (pg_catalog.statement_timestamp() operator(pg_catalog.-) max_age)
		AND @extschema@.workos_authenticated_at() operator(pg_catalog.<=) (pg_catalog.statement_timestamp() operator(pg_catalog.+) interval '30 seconds'),
		false);

-- gates: one indexable comparison that also checks

CREATE FUNCTION @extschema@.workos_org_with_permission(permission text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_org_with_role(role text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- what each helper is, for psql's \df+ and everybody who reads the catalog

comment on function @extschema@.workos_user_id() is
	'id of the signed-in user: claim sub';
comment on function @extschema@.workos_session_id() is
	'id of the session: claim sid';
comment on function @extschema@.workos_org_id() is
	'id of the selected organization: claim org_id';
comment on function @extschema@.workos_user_role() is
	'role in the organization: claim user_role, else the only element of roles, else claim role of a token that this extension has verified';
comment on function @extschema@.workos_user_roles() is
	'roles in the organization: claim roles, and workos_user_role(); empty when there are none';
comment on function @extschema@.workos_permissions() is
	'permissions in the organization: claim permissions; empty when there are none';
comment on function @extschema@.workos_entitlements() is
	'entitlements of the organization: claim entitlements; empty when there are none';
comment on function @extschema@.workos_feature_flags() is
	'feature flags: claim feature_flags; empty when there are none';
comment on function @extschema@.workos_impersonator() is
	'e-mail of the dashboard user who impersonates the user: claim act.sub';
comment on function @extschema@.workos_issued_at() is
	'when the token was issued: claim iat';
comment on function @extschema@.workos_expires_at() is
	'when the token expires: claim exp';
comment on function @extschema@.workos_authenticated_at() is
	'when the user last signed in actively: claim auth_time';
comment on function @extschema@.workos_claims() is
	'all current claims as they came, of any kind of token; NULL for an anonymous visitor';
comment on function @extschema@.workos_claim(text) is
	'one top-level claim of any kind of token: a string unquoted, anything else as JSON text; NULL when absent, null or empty';
comment on function @extschema@.workos_token_kind() is
	'session, application, oauth, widget or other; NULL for an anonymous visitor';
comment on function @extschema@.workos_application_id() is
	'id of the application: claim sub of a machine-to-machine token; NULL for other kinds';
comment on function @extschema@.workos_application_org_id() is
	'organization of the application: claim org_id of a machine-to-machine token; NULL for other kinds';
comment on function @extschema@.workos_is_authenticated() is
	'true when a user is signed in';
comment on function @extschema@.workos_is_member(text) is
	'true when the selected organization is this one; inlined, so an index on the column is used; NULL for NULL';
comment on function @extschema@.workos_has_role(text) is
	'true when the role is among workos_user_roles()';
comment on function @extschema@.workos_has_any_role(text[]) is
	'true when one of the roles is among workos_user_roles()';
comment on function @extschema@.workos_has_permission(text) is
	'true when the permission is among workos_permissions(); * is a literal character';
comment on function @extschema@.workos_has_any_permission(text[]) is
	'true when one of the permissions is among workos_permissions()';
comment on function @extschema@.workos_has_all_permissions(text[]) is
	'true when each of the permissions is among workos_permissions(); false for none at all';
comment on function @extschema@.workos_has_entitlement(text) is
	'true when the entitlement is among workos_entitlements()';
comment on function @extschema@.workos_has_feature_flag(text) is
	'true when the flag is among workos_feature_flags()';
comment on function @extschema@.workos_is_impersonated() is
	'true when somebody else acts for the user: there is a claim act';
comment on function @extschema@.workos_authenticated_within(interval) is
	'true when the user signed in actively within this interval before the statement; an auth_time up to 30 seconds ahead of the clock of the server counts as now';
comment on function @extschema@.workos_org_with_permission(text) is
	'id of the selected organization if the session has the permission there, else NULL';
comment on function @extschema@.workos_org_with_role(text) is
	'id of the selected organization if the session has the role there, else NULL';

-- verified tokens

CREATE FUNCTION @extschema@.workos_verify(token text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_verify_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 1000; -- checking a signature takes as long as thousands of comparisons
COMMENT ON FUNCTION @extschema@.workos_verify(text) IS
	'payload of an access token that a trusted issuer signed and that is valid now; any other is an error';

CREATE FUNCTION @extschema@.workos_authenticate(token text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_authenticate_wrapper'
	LANGUAGE c VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION @extschema@.workos_authenticate(text) IS
	'signs a user in for the transaction with an access token, and returns the id of the user';

CREATE FUNCTION @extschema@.workos_check_issuer(issuer text, jwks text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_check_issuer_wrapper'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.workos_check_issuer(text, text) IS
	'true when the issuer and its keys are fit to be trusted; else an error';

-- A move to the portable edition keeps the trusted issuers. If they were forgotten, any issuer would count.
DO $$
BEGIN
	IF to_regclass('@extschema@.workos_kept_issuers') IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = 'the trusted issuers from before a move to the portable edition are kept in this schema',
			HINT = 'Install the extension with sql/portable/move.sql, which restores them. To forget them instead: DROP TABLE @extschema@.workos_kept_issuers.';
	END IF;
END $$;

-- The trusted issuers. The row "*", which stands alone, says that any issuer counts. No row at all says that
-- none does: a table that was emptied, or that a restore has left out, lets nobody in.
CREATE TABLE @extschema@.workos_issuers (
	issuer text PRIMARY KEY,
	jwks jsonb NOT NULL,
	CONSTRAINT workos_issuers_fit CHECK (@extschema@.workos_check_issuer(issuer, jwks::text))
) USING heap;
COMMENT ON TABLE @extschema@.workos_issuers IS
	'the trusted issuers of access tokens, with their signing keys; the row * alone: any issuer; no row: none';

-- A privilege on the table, such as that of pg_write_all_data, is not enough to change it.
CREATE FUNCTION @extschema@.workos_issuers_guard() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
declare
	extension_owner constant oid := (select e.extowner from pg_extension e where e.extname = 'pg_workos');
begin
	if not coalesce(pg_has_role(current_user, extension_owner, 'usage'), false) then
		raise exception using errcode = '42501', message = 'only the owner of the extension pg_workos may change the trusted issuers',
			hint = format('Do it as the role %s, or as a superuser.', extension_owner::regrole);
	end if;
	if tg_op = 'INSERT' and new.issuer = '*' then
		if exists (select from @extschema@.workos_issuers i where i.issuer <> '*') then
			raise exception using errcode = '55000', message = 'some issuers are trusted, so not any issuer can be',
				hint = 'To trust any issuer instead: select workos_trust_any_issuer().';
		elsif exists (select from @extschema@.workos_issuers i) then
			return null; -- It is there already: a dump is being restored.
		end if;
	elsif tg_op = 'INSERT' then
		delete from @extschema@.workos_issuers i where i.issuer = '*';
	elsif tg_op = 'UPDATE' and new.issuer <> old.issuer and '*' in (new.issuer, old.issuer) then
		raise exception using errcode = '55000', message = 'the row "*" of the trusted issuers cannot be renamed',
			hint = 'Use workos_trust_issuer(), workos_distrust_issuer() and workos_trust_any_issuer().';
	end if;
	return case tg_op when 'DELETE' then old else new end;
end $$;
COMMENT ON FUNCTION @extschema@.workos_issuers_guard() IS
	'lets nobody but the owner of the extension change the trusted issuers';

CREATE FUNCTION @extschema@.workos_issuers_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'workos_issuers_changed'
	LANGUAGE c;
COMMENT ON FUNCTION @extschema@.workos_issuers_changed() IS
	'makes every connection read the trusted issuers again';

-- ENABLE ALWAYS, and for each row: the apply worker of a logical replication fires no others.
CREATE TRIGGER workos_issuers_guard BEFORE INSERT OR UPDATE OR DELETE ON @extschema@.workos_issuers
	FOR EACH ROW EXECUTE FUNCTION @extschema@.workos_issuers_guard();
CREATE TRIGGER workos_issuers_guard_truncate BEFORE TRUNCATE ON @extschema@.workos_issuers
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.workos_issuers_guard();
CREATE TRIGGER workos_issuers_changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.workos_issuers
	FOR EACH ROW EXECUTE FUNCTION @extschema@.workos_issuers_changed();
CREATE TRIGGER workos_issuers_truncated AFTER TRUNCATE ON @extschema@.workos_issuers
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.workos_issuers_changed();
ALTER TABLE @extschema@.workos_issuers
	ENABLE ALWAYS TRIGGER workos_issuers_guard,
	ENABLE ALWAYS TRIGGER workos_issuers_guard_truncate,
	ENABLE ALWAYS TRIGGER workos_issuers_changed,
	ENABLE ALWAYS TRIGGER workos_issuers_truncated;

SELECT pg_extension_config_dump('@extschema@.workos_issuers'::regclass, '');

-- After installation any issuer counts. Not so while a dump is restored, which begins by setting row_security
-- to off: there the rows in the dump say who counts, and nobody does if the dump has left them out.
INSERT INTO @extschema@.workos_issuers (issuer, jwks)
	SELECT '*', '{}' WHERE current_setting('row_security') = 'on';

CREATE FUNCTION @extschema@.workos_trust_issuer(issuer text, jwks jsonb) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		INSERT INTO @extschema@.workos_issuers (issuer, jwks) VALUES (regexp_replace($1, '/$', ''), $2)
			ON CONFLICT (issuer) DO UPDATE SET jwks = excluded.jwks;
	END;
COMMENT ON FUNCTION @extschema@.workos_trust_issuer(text, jsonb) IS
	'adds a trusted issuer with its JSON Web Key Set, or replaces its keys, in every connection at once; from then on no other issuer counts but those that were added';

CREATE FUNCTION @extschema@.workos_distrust_issuer(issuer text) RETURNS boolean
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		WITH gone AS (
			DELETE FROM @extschema@.workos_issuers i WHERE i.issuer = regexp_replace($1, '/$', '') RETURNING 1
		)
		SELECT EXISTS (SELECT FROM gone);
	END;
COMMENT ON FUNCTION @extschema@.workos_distrust_issuer(text) IS
	'removes a trusted issuer, in every connection at once; false when there was none; after the last one is removed, no issuer counts';

CREATE FUNCTION @extschema@.workos_trust_any_issuer() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		DELETE FROM @extschema@.workos_issuers;
		INSERT INTO @extschema@.workos_issuers (issuer, jwks) VALUES ('*', '{}');
	END;
COMMENT ON FUNCTION @extschema@.workos_trust_any_issuer() IS
	'removes all trusted issuers, and lets claims of any issuer count that the gateway has verified, as after installation; tokens are never verified so';

CREATE FUNCTION @extschema@.workos_library_version() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_library_version_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.workos_library_version() IS
	'version of the library that is loaded; workos_doctor() compares it with that of the functions';

-- finding out why: the same text in both editions

create function @extschema@.workos_doctor(out check_name text, out status text, out detail text, out remedy text) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	setting constant text := nullif(current_setting('request.jwt.claims', true), '');
	template constant text := 'In the WorkOS dashboard, under Authentication, give the JWT template the line {"role": "authenticated", "user_role": {{organization_membership.role}}}.';
	by_token boolean := coalesce(current_setting('workos.claims_source', true) = 'token', false);
	claims jsonb;
	kind text;
	ends timestamptz;
	begins timestamptz;
	own text;
begin
	check_name := 'claims';
	begin
		perform @extschema@.workos_token_kind();
		by_token := coalesce(current_setting('workos.claims_source', true) = 'token', false);
		if by_token then
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
	exception
		when invalid_parameter_value or invalid_authorization_specification or object_not_in_prerequisite_state then
			get stacked diagnostics detail = message_text, remedy = pg_exception_hint;
			status := 'problem';
		when others then -- whose message would hold a piece of the claims
			status := 'problem';
			detail := 'The claims hold a number that is out of range, or are nested too deeply.';
			remedy := 'Keep such values out of the JWT template.';
	end;
	return next;

	-- Of the extension alone; the portable edition has neither.
	if to_regprocedure('@extschema@.workos_library_version()') is not null then
		execute 'select @extschema@.workos_library_version()' into own;
		if own <> (select extversion from pg_extension where extname = 'pg_workos') then
			check_name := 'version';
			status := 'problem';
			detail := format('The library is of version %s, the functions are not.', own);
			remedy := 'ALTER EXTENSION pg_workos UPDATE; and connect again.';
			return next;
		end if;
	end if;
	if by_token and to_regclass('@extschema@.workos_issuers') is not null then
		own := null;
		if has_table_privilege('@extschema@.workos_issuers', 'select') then
			execute 'select count(*) from @extschema@.workos_issuers' into own;
		end if;
		if own = '0' then
			check_name := 'keys';
			status := 'problem';
			detail := 'No issuer is trusted, so no token can be verified.';
			remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks).';
			return next;
		end if;
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
	select string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text) into own from pg_class c
		where c.relrowsecurity and not c.relforcerowsecurity and pg_has_role(current_user, c.relowner, 'usage');
	if (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user) then
		status := 'warning';
		detail := format('Row security does not apply to the role %I, which is a superuser or has BYPASSRLS: it sees every row.', current_user);
		remedy := 'Try policies as another role: set local role authenticated;';
	elsif own is not null then
		status := 'warning';
		detail := format('Row security does not apply to the owner of a table, and %I has the rights of the owner of %s.', current_user, own);
		remedy := 'ALTER TABLE ... FORCE ROW LEVEL SECURITY, or try policies as another role.';
	else
		status := 'ok';
		detail := format('Row security applies to the role %I.', current_user);
		remedy := null;
	end if;
	return next;

	if claims is null then
		return;
	end if;
	-- Of claims that are not in force, too: what follows says what is wrong with them besides.
	kind := case
		when jsonb_typeof(claims -> 'sid') = 'string' and claims ->> 'sid' ^@ 'widget_session_' then 'widget'
		when jsonb_typeof(claims -> 'sub') is distinct from 'string' then 'other'
		when claims ->> 'sub' ^@ 'client_' then 'application'
		when not claims ->> 'sub' ^@ 'user_' then 'other'
		when not claims ? 'scope' and (coalesce(claims -> 'sid', 'null') in ('null', '""') or jsonb_typeof(claims -> 'sid') = 'string' and claims ->> 'sid' ^@ 'session_') then 'session'
		else 'oauth'
	end;

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
		when claims ->> 'sub' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
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
		if @extschema@.workos_token_kind() is null then
			status := 'problem';
			detail := 'The claims are in force, and their issuer is none of the trusted ones: every function answers as for an anonymous visitor.';
			remedy := 'As the owner of the extension: select workos_trust_issuer(issuer, jwks), with the claim iss of these tokens; or workos_distrust_issuer for those that should not count.';
		else
			detail := 'The issuer of the claims is trusted, or none is in particular.';
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

-- The calls of helpers in an expression as Postgres prints it: from where to where, with which arguments;
-- the column of its own table that such a call is compared with as a condition on its own, which an index
-- can answer; and whether it stands in a sub-select without FROM, which runs once.
create function @extschema@._workos_calls(expression text, out name text, out start int, out stop int, out arguments text, out compared text, out once boolean) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	identifier constant text := '(?:"(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)';
	token text;
	before text := '';
	position int := 1;
	parens int := 0;
	opened int[] := '{}'; -- the parentheses that are open, by number
	kind text[] := '{}'; -- of each: plain, call, select (without FROM), query
	words text[] := '{}'; -- the AND, OR, NOT, CASE in it
	closed int[] := '{}';
	found jsonb := '[]';
	call jsonb;
	around int[];
begin
	for token in
		select m[1] from regexp_matches(expression, format($re$('(?:[^']|'')*'|%1$s(?:\.%1$s)*|\s+|.)$re$, identifier), 'g') with ordinality r(m, n) order by n
	loop
		if token = '(' then
			parens := parens + 1;
			kind[parens] := case when before ~ '^["[:alpha:]_]' then 'call' else 'plain' end;
			words[parens] := '';
			if starts_with(before, '@extschema@.workos_') then
				found := found || jsonb_build_object('name', substr(before, length('@extschema@.') + 1), 'start', position - length(before), 'paren', parens, 'around', opened);
			end if;
			opened := opened || parens;
		elsif token = ')' then
			closed[opened[cardinality(opened)]] := position;
			opened := trim_array(opened, 1);
		elsif cardinality(opened) > 0 then
			if token = 'SELECT' then
				kind[opened[cardinality(opened)]] := 'select';
			elsif token = 'FROM' and kind[opened[cardinality(opened)]] = 'select' then
				kind[opened[cardinality(opened)]] := 'query';
			elsif token in ('AND', 'OR', 'NOT', 'CASE') then
				words[opened[cardinality(opened)]] := words[opened[cardinality(opened)]] || token;
			end if;
		end if;
		position := position + length(token);
		before := token;
	end loop;
	for call in select jsonb_array_elements(found) loop
		name := call ->> 'name';
		start := call -> 'start';
		stop := closed[(call -> 'paren')::int];
		arguments := substr(expression, start + length('@extschema@.' || name || '('), stop - start - length('@extschema@.' || name || '('));
		around := array(select jsonb_array_elements_text(call -> 'around')::int);
		once := exists (select from unnest(around) a where kind[a] = 'select')
			and regexp_replace(arguments, $re$'(?:[^']|'')*'|::[[:alpha:] ]+(?:\[\])?|VARIADIC|ARRAY|NULL|true|false$re$, '', 'g') !~ '[[:alpha:]_"]';
		if name = 'workos_is_member' then
			compared := substring(arguments from format('^(%s)$', identifier));
			compared := coalesce(compared, substring(arguments from format('^\((%s)\)::text$', identifier)));
		else
			compared := coalesce(
				substring(left(expression, start - 1) from format('\((%s) = $', identifier)),
				substring(left(expression, start - 1) from format('\(\((%s)\)::text = $', identifier)),
				substring(substr(expression, stop + 1) from format('^ = (%s)\)', identifier)),
				substring(substr(expression, stop + 1) from format('^ = \((%s)\)::text\)', identifier)));
			if words[around[cardinality(around)]] <> '' then
				compared := null;
			end if;
			around := trim_array(around, least(cardinality(around), 1));
		end if;
		if cardinality(around) > 1 or cardinality(around) = 1 and (kind[around[1]] <> 'plain' or words[around[1]] !~ '^(AND)+$') then
			compared := null;
		end if;
		return next;
	end loop;
end $$;

create function @extschema@.workos_lint(out severity text, out object text, out problem text, out remedy text) returns setof record
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
	-- The native edition computes a call once by itself.
	per_row_matters constant boolean := not exists (select from pg_extension where extname = 'pg_workos');
	policy record;
	clause record;
	call record;
	mended text;
	mends text;
	complaints text[];
	complaint text;
	indexed text[];
	has_index boolean;
	unindexed text[];
	name text;
begin
	for policy in
		select p.oid, p.polname, p.polrelid, p.polpermissive, p.polroles, c.relrowsecurity, p.polrelid::regclass::text as relation,
			format('policy %I on %s', p.polname, p.polrelid::regclass) as title,
			pg_get_expr(p.polqual, p.polrelid) as visible, pg_get_expr(p.polwithcheck, p.polrelid) as writable,
			exists (select from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass and d.refobjid = to_regprocedure('auth.uid()')) as uses_uid,
			exists (select from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass and d.refobjid = to_regprocedure('auth.jwt()')) as uses_jwt,
			-- the columns of type uuid in it, of whatever table
			array(select quote_ident(a.attname) from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
				where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass and a.atttypid = 'uuid'::regtype) as uuids
		from pg_policy p join pg_class c on c.oid = p.polrelid
		order by p.polrelid::regclass::text, p.polname
	loop
		complaints := '{}';
		unindexed := '{}';
		mends := '';
		for clause in select * from (values ('USING', policy.visible), ('WITH CHECK', policy.writable)) v(keyword, expression) where expression is not null loop
			mended := clause.expression;
			if policy.uses_uid and mended ~ '\mauth\.uid\(\)' then
				complaints := complaints || 'problem: auth.uid() raises an error for every WorkOS id, which is no uuid'::text;
				mended := regexp_replace(mended, '\( SELECT auth\.uid\(\) AS uid\)|\mauth\.uid\(\)', '( SELECT @extschema@.workos_user_id() AS workos_user_id)', 'g');
			end if;
			if policy.uses_jwt and mended ~ $re$\mauth\.jwt\(\)( AS jwt\))? ->> 'role'::text\)$re$ then
				complaints := complaints || 'problem: the claim role in auth.jwt() is the Postgres role, never the role in WorkOS'::text;
				mended := regexp_replace(mended, $re$\((?:\( SELECT auth\.jwt\(\) AS jwt\)|auth\.jwt\(\)) ->> 'role'::text\)$re$, '( SELECT @extschema@.workos_user_role() AS workos_user_role)', 'g');
			end if;
			if mended ~ '\((?:@extschema@\.workos_\w+\(\)|\( SELECT @extschema@\.workos_\w+\(\) AS \w+\))\)::uuid' then
				complaints := complaints || 'problem: a WorkOS id is no uuid, and the cast raises an error'::text;
				mended := regexp_replace(mended, '\((@extschema@\.workos_\w+\(\)|\( SELECT @extschema@\.workos_\w+\(\) AS \w+\))\)::uuid', '\1', 'g');
			end if;
			if mended <> clause.expression then
				-- uuid = text does not exist. Such a column can hold no WorkOS id anyway.
				foreach name in array policy.uuids loop
					mended := regexp_replace(mended, format('([(.])(%s) = (\(? ?(?:SELECT )?@extschema@\.workos_)', name), '\1\2::text = \3', 'g');
					mended := regexp_replace(mended, format('(@extschema@\.workos_\w+\(\)(?: AS \w+\))? = )((?:\w+\.)?%s)\)', name), '\1\2::text)', 'g');
				end loop;
			end if;
			-- One index condition finds the rows; what else is compared is looked at in those rows only.
			indexed := array(select quote_ident(a.attname) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
				where i.indrelid = policy.polrelid and i.indpred is null and i.indisvalid);
			has_index := exists (select from @extschema@._workos_calls(mended) c where c.compared = any (indexed));
			for call in select * from @extschema@._workos_calls(mended) order by start desc loop
				if clause.keyword = 'USING' and call.compared is not null and call.compared <> all (policy.uuids) and not call.once and (call.compared = any (indexed) or not has_index) then
					if not has_index then
						unindexed := unindexed || call.compared;
					end if;
				elsif per_row_matters and not call.once then
					complaints := complaints || format('warning: %s(%s) runs once per row', call.name, call.arguments);
					mended := left(mended, call.start - 1) || case
						when call.name = 'workos_is_member' then format('(%s = ( SELECT @extschema@.workos_org_id()))', call.arguments)
						when call.name ~ '^workos_has_(role|permission|entitlement|feature_flag)$' and call.arguments !~ '^''' then
							format('COALESCE(%s = ANY (( SELECT @extschema@.%s())::text[]), false)', call.arguments,
								case call.name when 'workos_has_role' then 'workos_user_roles' else replace(call.name, 'has_', '') || 's' end)
						else format('( SELECT %s)', substr(mended, call.start, call.stop - call.start + 1))
						end || substr(mended, call.stop + 1);
				end if;
			end loop;
			if mended <> clause.expression then
				mends := mends || format(' %s (%s)', clause.keyword, mended);
			end if;
		end loop;

		-- One statement mends the whole policy.
		foreach complaint in array array(select distinct c from unnest(complaints) c order by c) loop
			severity := substring(complaint from '^\w+');
			object := policy.title;
			problem := substring(complaint from ': (.*)');
			remedy := format('ALTER POLICY %I ON %s%s', policy.polname, policy.relation, mends);
			return next;
		end loop;
		foreach name in array array(select distinct u from unnest(unindexed) u order by u) loop
			severity := 'warning';
			object := policy.title;
			problem := format('the column %s is compared with a claim, and no index begins with it', name);
			remedy := format('CREATE INDEX ON %s (%s)', policy.relation, name);
			return next;
		end loop;
		if policy.polpermissive and policy.polroles = '{0}' then
			severity := 'warning';
			object := policy.title;
			problem := 'the policy is for PUBLIC: it runs, and may let in, without a sign-in';
			remedy := format('ALTER POLICY %I ON %s TO %s', policy.polname, policy.relation, coalesce(to_regrole('authenticated')::text, '<the role of signed-in users>'));
			return next;
		end if;
	end loop;

	for policy in
		select distinct c.oid::regclass::text as relation from pg_policy p join pg_class c on c.oid = p.polrelid where not c.relrowsecurity order by 1
	loop
		severity := 'problem';
		object := 'table ' || policy.relation;
		problem := 'the table has policies, but row security is off: everybody with a grant sees every row';
		remedy := format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', policy.relation);
		return next;
	end loop;
end $$;
comment on function @extschema@.workos_lint() is
	'what is wrong or slow in the policies of this database, each with the statement that mends it';

-- for the newcomer

create function @extschema@.workos_protect(
	relation regclass,
	org_column name default 'org_id',
	read_permission text default null,
	write_permission text default null,
	impersonated_writes boolean default true,
	to_role name default 'authenticated',
	apply boolean default false
) returns setof text
	language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
	kind record;
	org record;
	reads text;
	writes text;
	statements text[] := '{}';
	statement text;
begin
	select c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inherits,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies
		into kind from pg_class c where c.oid = relation;
	select a.attnum, a.attnotnull, a.attgenerated, a.atttypid::regtype as type, pg_get_expr(d.adbin, d.adrelid) as preset into org
		from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
		where a.attrelid = relation and a.attname = org_column and a.attnum > 0 and not a.attisdropped;
	if relation is null or org_column is null or to_role is null or impersonated_writes is null or apply is null then
		raise exception using errcode = '22004', message = 'only the permissions may be NULL';
	elsif kind.relkind is distinct from 'r' and kind.relkind is distinct from 'p' then
		raise exception using errcode = '42809', message = format('%s is not a table', relation),
			hint = 'Protect the tables that a view reads, and create the view WITH (security_invoker = true).';
	elsif kind.relkind = 'p' or kind.inherits then
		raise exception using errcode = '0A000', message = format('%s is partitioned, or inherits', relation),
			hint = 'Row security of a table does not hold for those who name a partition of it: write the policies by hand, for each.';
	elsif kind.has_policies then
		raise exception using errcode = '55000', message = format('%s has policies already', relation),
			hint = 'Permissive policies add up: more of them could only let more in. See workos_lint() for those that are there.';
	elsif org.attnum is null then
		raise exception using errcode = '42703', message = format('%s has no column %I', relation, org_column),
			hint = format('ALTER TABLE %s ADD COLUMN %I text', relation, org_column);
	elsif org.type not in ('text'::regtype, 'varchar'::regtype) or org.attgenerated <> '' then
		raise exception using errcode = '42804', message = format('column %I of %s is not a plain column of text', org_column, relation),
			hint = 'The id of a WorkOS organization is text, such as org_01EXAMPLE, and no uuid.';
	elsif org.preset <> '@extschema@.workos_org_id()' then
		raise exception using errcode = '55000', message = format('column %I of %s has another default', org_column, relation),
			hint = 'Drop the default, if a row belongs to the organization of whoever adds it.';
	elsif to_regrole(quote_ident(to_role)) is null then
		raise exception using errcode = '42704', message = format('role %I does not exist', to_role),
			hint = 'Name the Postgres role of signed-in users: to_role => ''...''';
	end if;

	reads := case when read_permission is null then '@extschema@.workos_org_id()' else format('@extschema@.workos_org_with_permission(%L)', read_permission) end;
	writes := case when write_permission is null then '@extschema@.workos_org_id()' else format('@extschema@.workos_org_with_permission(%L)', write_permission) end;

	if org.preset is null then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT @extschema@.workos_org_id()', relation, org_column);
	end if;
	if not org.attnotnull then
		statements := statements || format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, org_column);
	end if;
	if not exists (select from pg_index i where i.indrelid = relation and i.indkey[0] = org.attnum and i.indpred is null and i.indisvalid) then
		statements := statements || format('CREATE INDEX ON %s (%I)', relation, org_column);
	end if;
	statements := statements || array[
		format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation),
		format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation),
		format('CREATE POLICY "members read" ON %s FOR SELECT TO %I USING (%I = %s)', relation, to_role, org_column, reads),
		format('CREATE POLICY "members add" ON %s FOR INSERT TO %I WITH CHECK (%I = (SELECT %s))', relation, to_role, org_column, writes),
		format('CREATE POLICY "members change" ON %s FOR UPDATE TO %I USING (%I = %s) WITH CHECK (%3$I = (SELECT %4$s))', relation, to_role, org_column, writes),
		format('CREATE POLICY "members delete" ON %s FOR DELETE TO %I USING (%I = %s)', relation, to_role, org_column, writes)];
	if not impersonated_writes then
		statements := statements || array[
			format('CREATE POLICY "impersonators add nothing" ON %s AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT NOT @extschema@.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators change nothing" ON %s AS RESTRICTIVE FOR UPDATE USING ((SELECT NOT @extschema@.workos_is_impersonated()))', relation),
			format('CREATE POLICY "impersonators delete nothing" ON %s AS RESTRICTIVE FOR DELETE USING ((SELECT NOT @extschema@.workos_is_impersonated()))', relation)];
	end if;
	foreach statement in array statements loop
		if apply then
			execute statement;
		end if;
		return next statement || ';';
	end loop;
end $$;
comment on function @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) is
	'prints, and with apply => true runs, the statements that make a table multi-tenant';
revoke execute on function @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) from public;

-- who may call them
--
-- Nobody but the owner may call a function that is not in this list, and everybody may call those that are,
-- whatever the default privileges of the role that installs them or of the schema are. A function that was
-- there before keeps the privileges that it had.

do $$
declare
	everybody constant oid[] := array[
		'@extschema@.workos_user_id()',
		'@extschema@.workos_session_id()',
		'@extschema@.workos_org_id()',
		'@extschema@.workos_user_role()',
		'@extschema@.workos_user_roles()',
		'@extschema@.workos_permissions()',
		'@extschema@.workos_entitlements()',
		'@extschema@.workos_feature_flags()',
		'@extschema@.workos_impersonator()',
		'@extschema@.workos_issued_at()',
		'@extschema@.workos_expires_at()',
		'@extschema@.workos_authenticated_at()',
		'@extschema@.workos_claims()',
		'@extschema@.workos_claim(text)',
		'@extschema@.workos_token_kind()',
		'@extschema@.workos_application_id()',
		'@extschema@.workos_application_org_id()',
		'@extschema@.workos_is_authenticated()',
		'@extschema@.workos_is_member(text)',
		'@extschema@.workos_has_role(text)',
		'@extschema@.workos_has_any_role(text[])',
		'@extschema@.workos_has_permission(text)',
		'@extschema@.workos_has_any_permission(text[])',
		'@extschema@.workos_has_all_permissions(text[])',
		'@extschema@.workos_has_entitlement(text)',
		'@extschema@.workos_has_feature_flag(text)',
		'@extschema@.workos_is_impersonated()',
		'@extschema@.workos_authenticated_within(interval)',
		'@extschema@.workos_org_with_permission(text)',
		'@extschema@.workos_org_with_role(text)',
		'@extschema@.workos_doctor()',
		'@extschema@.workos_verify(text)',
		'@extschema@.workos_authenticate(text)',
		'@extschema@.workos_library_version()'
	]::regprocedure[];
	made record;
	grantee text;
begin
	for made in
		select p.oid, p.oid::regprocedure::text as name, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
		from pg_proc p
		where p.oid = any (
			select d.objid from pg_depend d join pg_extension e on e.oid = d.refobjid
			where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = 'pg_workos'
		)
	loop
		for grantee in select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end from aclexplode(made.acl) a where a.grantee <> made.proowner loop
			execute 'revoke all on function ' || made.name || ' from ' || grantee;
		end loop;
		if made.oid = any (everybody) then
			execute 'grant execute on function ' || made.name || ' to public';
		end if;
	end loop;
end $$;

-- The trusted issuers, and what looks at or changes the database, are for the owner of the extension alone. What
-- a trusted extension creates belongs to the bootstrap superuser.
DO $$
DECLARE
	grantee text;
BEGIN
	FOR grantee IN
		SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
		FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.oid = '@extschema@.workos_issuers'::regclass AND a.grantee <> c.relowner
	LOOP
		EXECUTE 'REVOKE ALL ON @extschema@.workos_issuers FROM ' || grantee;
	END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON @extschema@.workos_issuers TO @extowner@;
GRANT EXECUTE ON FUNCTION
	@extschema@.workos_check_issuer(text, text),
	@extschema@.workos_trust_issuer(text, jsonb),
	@extschema@.workos_distrust_issuer(text),
	@extschema@.workos_trust_any_issuer(),
	@extschema@.workos_lint(),
	@extschema@._workos_calls(text),
	@extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean)
	TO @extowner@;
