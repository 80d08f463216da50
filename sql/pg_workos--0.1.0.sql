-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pg_workos" to load this file. \quit

-- When the owner of a database installs the extension, this script runs as the bootstrap superuser. The target
-- schema can belong to any role. So no name below is looked up in that schema: a function there that matches
-- better would be called with the privileges of a superuser.
SET LOCAL search_path = pg_catalog, pg_temp;

-- user and organization: NULL without a session, or if the claim is absent

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

-- The kind of any claims, in force or not: what workos_doctor() asks.
CREATE FUNCTION @extschema@._workos_kind(claims json) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_kind_of_wrapper'
	LANGUAGE c IMMUTABLE PARALLEL SAFE;

-- checks: never NULL, but for @extschema@.workos_is_member(NULL); a NULL argument gives false

CREATE FUNCTION @extschema@.workos_is_authenticated() RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_is_authenticated_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- A body in standard SQL is bound to the functions that it calls when it is created. It is not affected by
-- search_path, by a renamed schema, or by another function of the same name.
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
	RETURN CASE WHEN max_age operator(pg_catalog.>=) interval '0' THEN coalesce(
		@extschema@.workos_authenticated_at() operator(pg_catalog.>=) (pg_catalog.statement_timestamp() operator(pg_catalog.-) max_age)
		AND @extschema@.workos_authenticated_at() operator(pg_catalog.<=) (pg_catalog.statement_timestamp() operator(pg_catalog.+) interval '30 seconds'),
		false) ELSE false END;

-- gates: one indexable comparison that also checks

CREATE FUNCTION @extschema@.workos_org_with_permission(permission text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@.workos_org_with_role(role text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_org_with_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

-- descriptions of the helpers, which psql's \df+ shows

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
	'all current claims, unchanged, of any kind of token; NULL for an anonymous request';
comment on function @extschema@.workos_claim(text) is
	'one top-level claim of any kind of token: a string unquoted, anything else as JSON text; NULL when absent, null or empty';
comment on function @extschema@.workos_token_kind() is
	'kind of the token: session, application, oauth, widget or other; NULL for an anonymous request';
comment on function @extschema@.workos_application_id() is
	'id of the application: claim sub of a machine-to-machine token; NULL for other kinds';
comment on function @extschema@.workos_application_org_id() is
	'organization of the application: claim org_id of a machine-to-machine token; NULL for other kinds';
comment on function @extschema@.workos_is_authenticated() is
	'true when a user is signed in';
comment on function @extschema@.workos_is_member(text) is
	'true when the selected organization is this one; inlined, so an index on the column is used; NULL if the argument is NULL';
comment on function @extschema@.workos_has_role(text) is
	'true when the role is among workos_user_roles()';
comment on function @extschema@.workos_has_any_role(text[]) is
	'true when one of the roles is among workos_user_roles()';
comment on function @extschema@.workos_has_permission(text) is
	'true when the permission is among workos_permissions(); * is a literal character';
comment on function @extschema@.workos_has_any_permission(text[]) is
	'true when one of the permissions is among workos_permissions()';
comment on function @extschema@.workos_has_all_permissions(text[]) is
	'true when each of the permissions is among workos_permissions(); false for an empty array';
comment on function @extschema@.workos_has_entitlement(text) is
	'true when the entitlement is among workos_entitlements()';
comment on function @extschema@.workos_has_feature_flag(text) is
	'true when the flag is among workos_feature_flags()';
comment on function @extschema@.workos_is_impersonated() is
	'true when another person acts as the user: there is a claim act';
comment on function @extschema@.workos_authenticated_within(interval) is
	'true when the user signed in actively within this interval before the statement; an auth_time up to 30 seconds ahead of the clock of the server is accepted as now';
comment on function @extschema@.workos_org_with_permission(text) is
	'id of the selected organization if the session has the permission there, else NULL';
comment on function @extschema@.workos_org_with_role(text) is
	'id of the selected organization if the session has the role there, else NULL';

-- verified tokens

CREATE FUNCTION @extschema@.workos_verify(token text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_verify_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 1000; -- Checking a signature takes as long as thousands of comparisons.
COMMENT ON FUNCTION @extschema@.workos_verify(text) IS
	'payload of an access token that a trusted issuer signed and that is valid now; any other token raises an error';

CREATE FUNCTION @extschema@.workos_authenticate(token text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_authenticate_wrapper'
	LANGUAGE c VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION @extschema@.workos_authenticate(text) IS
	'signs in a user with an access token, for the current transaction, and returns the id of the user';

CREATE FUNCTION @extschema@.workos_check_issuer(issuer text, jwks text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_check_issuer_wrapper'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.workos_check_issuer(text, text) IS
	'true if the issuer and its keys are valid; otherwise raises an error';

-- A move to the portable edition keeps the trusted issuers. If they were ignored here, any issuer would be accepted.
DO $$
BEGIN
	IF to_regclass('@extschema@.workos_kept_issuers') IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = 'the trusted issuers from before a move to the portable edition are kept in this schema',
			HINT = 'Install the extension with sql/portable/move.sql, which restores them. To discard them instead: DROP TABLE @extschema@.workos_kept_issuers.';
	END IF;
END $$;

-- The trusted issuers. Two rows are none: "*" says that any issuer counts, if it stands alone, and "-" that none does.
-- A table without rows says that no issuer counts, too; but that would not be in a dump.
CREATE TABLE @extschema@.workos_issuers (
	issuer text PRIMARY KEY,
	jwks jsonb NOT NULL,
	CONSTRAINT workos_issuers_fit CHECK (@extschema@.workos_check_issuer(issuer, jwks::text))
) USING heap;
COMMENT ON TABLE @extschema@.workos_issuers IS
	'the trusted issuers of access tokens, with their signing keys; the row * alone says that any issuer counts, the row - that none does';

-- A privilege to change rows, such as that of pg_write_all_data, is not enough. (The privilege TRIGGER would be; the
-- owner of the extension must give it to nobody.)
CREATE FUNCTION @extschema@.workos_issuers_guard() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
declare
	extension_owner constant oid := (select e.extowner from pg_extension e where e.extname = 'pg_workos');
	-- Looked up by name, it could be another table after its schema was renamed.
	issuers constant text := tg_relid::regclass;
	found_others boolean;
begin
	if not coalesce(pg_has_role(current_user, extension_owner, 'usage'), false) then
		raise exception using errcode = '42501', message = 'only the owner of the extension pg_workos may change the trusted issuers',
			hint = format('Do it as the role %s, or as a superuser.', extension_owner::regrole);
	elsif tg_op = 'TRUNCATE' then
		return null;
	elsif tg_op = 'DELETE' then
		-- The row "*" can stand beside an issuer after a restore without triggers. It must not be left alone.
		if old.issuer not in ('*', '-') then
			execute 'delete from ' || issuers || ' i where i.issuer = ''*''';
		end if;
		return old;
	elsif tg_op = 'UPDATE' then
		if new.issuer <> old.issuer and (new.issuer in ('*', '-') or old.issuer in ('*', '-')) then
			raise exception using errcode = '55000', message = 'the rows "*" and "-" of the trusted issuers cannot be renamed',
				hint = 'Use workos_trust_issuer(), workos_distrust_issuer() and workos_trust_any_issuer().';
		end if;
		return new;
	end if;
	-- Another transaction could put "*" beside an issuer that it does not see yet.
	execute 'lock table ' || issuers || ' in share row exclusive mode';
	if new.issuer = '*' then
		execute 'select bool_or(i.issuer <> ''*'') from ' || issuers || ' i' into found_others;
		if found_others then
			raise exception using errcode = '55000', message = 'it was decided which issuers count, so not any issuer can',
				hint = 'To trust any issuer instead: select workos_trust_any_issuer().';
		elsif not found_others then
			return null; -- It is there already: a dump is being restored.
		end if;
	else
		execute 'delete from ' || issuers || ' i where i.issuer in (''*'', ''-'')';
	end if;
	return new;
end $$;
COMMENT ON FUNCTION @extschema@.workos_issuers_guard() IS
	'allows only the owner of the extension to change the trusted issuers';

CREATE FUNCTION @extschema@.workos_issuers_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'workos_issuers_changed'
	LANGUAGE c;
COMMENT ON FUNCTION @extschema@.workos_issuers_changed() IS
	'makes every connection read the trusted issuers again';

-- ENABLE ALWAYS and FOR EACH ROW: when rows change, the apply worker of logical replication fires no other triggers.
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

-- After installation any issuer is accepted, but not while a dump is restored. Then the rows in the dump decide,
-- and if the dump has none, no issuer is accepted. A dump is recognized by its first commands: it sets
-- row_security to off (to on if it was made with --enable-row-security), and xmloption to its default.
INSERT INTO @extschema@.workos_issuers (issuer, jwks)
	SELECT '*', '{}' WHERE current_setting('row_security') = 'on'
		AND NOT EXISTS (SELECT FROM pg_settings s WHERE s.name = 'xmloption' AND s.source = 'session');

CREATE FUNCTION @extschema@.workos_trust_issuer(issuer text, jwks jsonb) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		INSERT INTO @extschema@.workos_issuers (issuer, jwks) VALUES (regexp_replace($1, '/$', ''), $2)
			ON CONFLICT (issuer) DO UPDATE SET jwks = excluded.jwks;
	END;
COMMENT ON FUNCTION @extschema@.workos_trust_issuer(text, jsonb) IS
	'adds a trusted issuer with its JSON Web Key Set, or replaces its keys, from the next statement on in every connection; from then on only issuers that were added are accepted';

CREATE FUNCTION @extschema@.workos_distrust_issuer(issuer text) RETURNS boolean
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		INSERT INTO @extschema@.workos_issuers (issuer, jwks)
			SELECT '-', '{}' FROM @extschema@.workos_issuers i HAVING bool_and(i.issuer = regexp_replace($1, '/$', ''));
		WITH gone AS (
			DELETE FROM @extschema@.workos_issuers i WHERE i.issuer = regexp_replace($1, '/$', '') RETURNING 1
		)
		SELECT EXISTS (SELECT FROM gone);
	END;
COMMENT ON FUNCTION @extschema@.workos_distrust_issuer(text) IS
	'removes a trusted issuer, from the next statement on in every connection; false if it was not trusted; after the last one is removed, no issuer is accepted';

CREATE FUNCTION @extschema@.workos_trust_any_issuer() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		DELETE FROM @extschema@.workos_issuers;
		INSERT INTO @extschema@.workos_issuers (issuer, jwks) VALUES ('*', '{}');
	END;
COMMENT ON FUNCTION @extschema@.workos_trust_any_issuer() IS
	'removes all trusted issuers; then claims of any issuer are accepted if a gateway sets them, as after installation, but no access token can be verified';

CREATE FUNCTION @extschema@.workos_library_version() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_library_version_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.workos_library_version() IS
	'version of the loaded library; workos_doctor() compares it with the version of the SQL functions';

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

-- Splits an expression, as Postgres prints it, into pieces: string literals, qualified names, numbers, operators
-- and single characters, each with the white space after it. Joined, the pieces give the expression again.
create function @extschema@._workos_pieces(expression text) returns text[]
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	name constant text := '(?:"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*)';
	pattern constant text := format($re$((?:'(?:[^']|'')*'|%1$s(?:\.%1$s)*|[0-9][0-9A-Za-z.]*|::|[-+*/<>=~!@#%%^&|?`]+|.)\s*)$re$, name);
begin
	return array(select m[1] from regexp_matches(expression, pattern, 'g') with ordinality r(m, n) order by n);
end $$;

-- Finds the calls of some functions in an expression, by the numbers of the pieces where they start and stop.
-- The result of a function in helpers depends only on its arguments and on the statement.
--
-- term_start, term_stop: the call, or the sub-select that consists of the call only.
-- compared: the column that the call is compared with, if an index can evaluate the comparison.
-- constant: the arguments do not depend on the row.
-- once: the call is in a sub-select that does not depend on the row, so it runs once.
-- source: the call is in FROM.
create function @extschema@._workos_calls(pieces text[], helpers text[], others text[], out name text, out start int, out stop int, out term_start int, out term_stop int, out arguments text, out compared text, out constant boolean, out once boolean, out source boolean) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	column_name constant text := '^(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)$';
	tokens constant text[] := array(select rtrim(p, e' \t\r\n') from unnest(pieces) with ordinality u(p, n) order by n);
	token text;
	before text := '';
	in_type boolean := false; -- The token is part of a type name, which can have several words.
	parens int := 1; -- The first pair encloses the whole expression.
	here int := 1; -- the innermost open one
	-- for each pair of parentheses, by number
	around int[] := '{1}';
	opened int[] := '{0}';
	closed int[] := '{0}';
	varies boolean[] := '{false}'; -- It depends on the row, or may depend on it.
	selects boolean[] := '{false}'; -- It is a sub-select.
	conjunct boolean[] := '{true}'; -- It is at a place where a whole condition, or conditions joined by AND, can be.
	mixed boolean[] := '{false}'; -- It contains more than calls and conditions joined by AND.
	runs_once boolean[] := '{false}';
begin
	for i in 1 .. cardinality(tokens) loop
		token := tokens[i];
		in_type := before = '::' or in_type and token ~ '^[a-z]+$';
		if token = '(' then
			parens := parens + 1;
			around[parens] := here;
			opened[parens] := i;
			varies[parens] := false;
			selects[parens] := false;
			conjunct[parens] := before in ('', '(', 'AND');
			mixed[parens] := false;
			here := parens;
		elsif token = ')' then
			closed[here] := i;
			varies[around[here]] := varies[around[here]] or varies[here];
			here := around[here];
		elsif token = any (helpers) and pieces[i + 1] ^@ '(' then
			null;
		elsif token <> 'AND' then
			mixed[here] := true;
			varies[here] := varies[here] or case
				when in_type then token !~ '^[a-z0-9_]+$' -- The cast may depend on anything.
				when token ~ '^[A-Z]' then token in ('COLLATE', 'WITH') or token = 'FROM' and not (before = 'DISTINCT' and tokens[i - 2] in ('IS', 'NOT'))
				when token ~ '^["a-z_]' then before <> 'AS' and token not in ('true', 'false')
				else false
			end;
			selects[here] := selects[here] or token = 'SELECT';
		end if;
		before := token;
	end loop;
	for p in 2 .. parens loop
		runs_once[p] := runs_once[around[p]] or selects[p] and not varies[p];
		conjunct[p] := conjunct[p] and conjunct[around[p]] and not mixed[around[p]];
		start := opened[p] - 1;
		name := tokens[start];
		if (name = any (helpers) or name = any (others)) and pieces[start] = name then
			stop := closed[p];
			term_start := start;
			term_stop := stop;
			if concat(tokens[start - 2], tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(SELECTAS)' then
				term_start := start - 2;
				term_stop := stop + 3;
			end if;
			arguments := coalesce((select string_agg(pieces[i], '' order by i) from generate_series(start + 2, stop - 1) i), '');
			constant := not varies[p];
			once := runs_once[p];
			source := coalesce(tokens[stop + 1] ~ '^(?:["a-z_]|WITH$)' or tokens[opened[around[p]] - 1] = 'FROM', false);
			compared := null;
			if name ^@ '@extschema@.workos_is_member' then
				if conjunct[around[p]] and not mixed[around[p]] then
					compared := case
						when stop = start + 3 then tokens[start + 2]
						when concat(tokens[start + 2], tokens[start + 4], tokens[start + 5], tokens[start + 6]) = '()::text' and stop = start + 7 then tokens[start + 3]
					end;
				end if;
			elsif conjunct[around[p]] then
				compared := case
					when concat(tokens[start - 3], tokens[start - 1], tokens[stop + 1]) = '(=)' then tokens[start - 2]
					when concat(tokens[start - 7], tokens[start - 6], tokens[start - 4], tokens[start - 3], tokens[start - 2], tokens[start - 1], tokens[stop + 1]) = '(()::text=)' then tokens[start - 5]
					when concat(tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(=)' then tokens[stop + 2]
					when concat(tokens[start - 1], tokens[stop + 1], tokens[stop + 2], tokens[stop + 4], tokens[stop + 5], tokens[stop + 6], tokens[stop + 7]) = '(=()::text)' then tokens[stop + 3]
				end;
			end if;
			compared := case when compared ~ column_name then compared end;
			return next;
		end if;
	end loop;
end $$;

-- Does a policy of another table, a view or a function read the table? Then hiding rows of the table could show
-- more rows elsewhere, for example with NOT EXISTS. Functions whose body is a string are not found.
create function @extschema@._workos_read_elsewhere(relation oid) returns boolean
	language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
	return exists (
		select from pg_depend d left join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
		where d.refclassid = 'pg_class'::regclass and d.refobjid = relation
			and (d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass) or p.polrelid <> relation));
end $$;

create function @extschema@.workos_lint(out severity text, out object text, out problem text, out remedy text) returns setof record
	-- These settings print expressions without loss, in a form that every session reads in the same way.
	language plpgsql stable set search_path = pg_catalog, pg_temp set quote_all_identifiers = off set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' as $$
declare
	-- In the native edition the planner hook computes a call once per query.
	per_row_matters constant boolean := not exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace = '@extschema@'::regnamespace);
	longest constant int := 200000;
	helpers constant text[] := array(select '@extschema@.' || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' group by p.proname having bool_and(p.provolatile <> 'v'));
	lists constant text[] := array(select '@extschema@.' || p.proname from pg_proc p
		where p.pronamespace = '@extschema@'::regnamespace and p.proname ^@ 'workos_' and p.prorettype = 'text[]'::regtype);
	policy record;
	clause record;
	call record;
	pieces text[];
	around text;
	short text;
	wrapped int; -- where the last call ends that the remedy wraps in a sub-select
	mends text;
	mistakes text[];
	slow text[];
	ambiguous boolean;
	by_row text[];
	unindexed text[];
	name text;
begin
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	for policy in
		select p.polname, p.polrelid, p.polpermissive, p.polroles, p.polrelid::regclass::text as relation,
			case when length(p.polqual::text) <= longest then pg_get_expr(p.polqual, p.polrelid) end as visible,
			case when length(p.polwithcheck::text) <= longest then pg_get_expr(p.polwithcheck, p.polrelid) end as writable,
			coalesce(greatest(length(p.polqual::text), length(p.polwithcheck::text)) > longest, false) as too_long,
			exists (select from pg_depend d join pg_type t on t.oid = d.refobjid left join pg_type e on e.oid = t.typelem
				where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_type'::regclass
					and t.typnamespace <> 'pg_catalog'::regnamespace and coalesce(e.typtype, t.typtype) in ('d', 'c', 'r', 'm')) as checked_types
		from pg_policy p join pg_class c on c.oid = p.polrelid
		-- A temporary table's name would mean another table in another session.
		where not pg_is_other_temp_schema(c.relnamespace) and c.relnamespace <> pg_my_temp_schema()
		order by relation, p.polname
	loop
		object := format('policy %I on %s', policy.polname, policy.relation);
		mistakes := '{}';
		slow := '{}';
		ambiguous := false;
		by_row := '{}';
		unindexed := '{}';
		mends := '';
		for clause in select * from (values ('USING', policy.visible), ('WITH CHECK', policy.writable)) v(keyword, expression) where expression is not null loop
			pieces := @extschema@._workos_pieces(clause.expression);
			ambiguous := ambiguous or exists (select from unnest(pieces) p where p ^@ '''' and strpos(p, e'\\') > 0);
			wrapped := 0;
			for call in
				-- If one index condition finds the rows, other comparisons run for these rows only.
				select c.*, i.indexed, coalesce(bool_or(i.indexed) over (), false) as has_index
				from @extschema@._workos_calls(pieces, helpers, '{auth.uid,auth.jwt}'::text[]) c left join lateral (
					select exists (select from pg_index x where x.indrelid = a.attrelid and x.indkey[0] = a.attnum and x.indpred is null and x.indisvalid) as indexed
					from pg_attribute a join pg_type t on t.oid = a.atttypid
					where a.attrelid = policy.polrelid and quote_ident(a.attname) = c.compared and not a.attisdropped and clause.keyword = 'USING'
						and coalesce(nullif(t.typbasetype, 0), t.oid) in ('text'::regtype, 'varchar'::regtype)
						-- workos_is_member() compares with the default collation.
						and (c.name <> '@extschema@.workos_is_member' or a.attcollation = 'pg_catalog."default"'::regcollation)
					) i on true
				order by c.start
			loop
				-- The pieces around the call, for the patterns below. Quoted names and literals could look like a
				-- pattern, so they are left out.
				around := (select string_agg(case
						when i = call.term_start then '...'
						when pieces[i] ^@ '"' or pieces[i] ^@ '''' and pieces[i] !~ '^''(role|anon|authenticated|service_role)''' then '_'
						else rtrim(pieces[i], e' \t\r\n') end, ' ' order by i)
					from generate_series(greatest(call.term_start - 8, 1), call.term_stop + 12) i
					where i <= call.term_start or i > call.term_stop);
				if call.name = 'auth.uid' and call.arguments = '' then
					mistakes := mistakes || 'auth.uid() raises an error for every WorkOS id, because a WorkOS id is not a UUID. Compare workos_user_id() with a column of type text that holds WorkOS ids. A column of type uuid cannot hold them'::text;
				elsif call.name = 'auth.jwt' and around ~ $re$\( \.\.\. ->> 'role' :: text \)$re$
					-- These comparisons mean the Postgres role.
					and around !~ $re$\( \.\.\. ->> 'role' :: text \) (=|<>|IS (NOT )?DISTINCT FROM) '(anon|authenticated|service_role)' :: text \)$re$
					and around !~ $re$\( '(anon|authenticated|service_role)' :: text (=|<>|IS (NOT )?DISTINCT FROM) \( \.\.\. ->> 'role' :: text \) \)$re$
				then
					mistakes := mistakes || 'the claim role in auth.jwt() is the Postgres role, never the role in WorkOS. If you mean the Postgres role, compare it with anon, authenticated or service_role, using =, <> or IS DISTINCT FROM for each. If you mean the role in WorkOS, use workos_has_role()'::text;
				elsif call.name = any (helpers) then
					if call.arguments = '' and around ~ $re$\( \.\.\. \) :: uuid\M$re$ then
						mistakes := mistakes || 'a WorkOS id is not a UUID, and the cast raises an error. Remove the cast, and compare the id with a column of type text'::text;
					end if;
					if call.indexed is not null and not call.once and (call.indexed or not call.has_index) then
						if not call.has_index then
							unindexed := unindexed || call.compared;
						end if;
					elsif per_row_matters and not call.once and not call.source and call.start > wrapped then
						short := format('%s(%s) runs once per row', substr(call.name, length('@extschema@.') + 1),
							case when length(call.arguments) > 100 then left(call.arguments, 100) || ' ...' else call.arguments end);
						if call.constant then
							slow := slow || short;
							wrapped := call.stop;
							pieces[call.start] := '( SELECT ' || pieces[call.start];
							-- Without the cast, ANY would take the sub-select as a set of rows.
							pieces[call.stop] := '))' || case when call.name = any (lists) then '::text[]' else '' end || substr(pieces[call.stop], 2);
						else
							by_row := by_row || (short || '. ' || case
								when call.name = '@extschema@.workos_is_member' then
									'If the argument is a column of type text with the default collation, compare it with (select workos_org_id()) instead'
								when call.name in ('@extschema@.workos_has_role', '@extschema@.workos_has_permission', '@extschema@.workos_has_entitlement', '@extschema@.workos_has_feature_flag') then
									format('If the argument is a column of type text with the default collation, write coalesce(... = any ((select %s())::text[]), false) instead',
										case call.name when '@extschema@.workos_has_role' then 'workos_user_roles' else replace(substr(call.name, length('@extschema@.') + 1), 'has_', '') || 's' end)
								else 'Its arguments depend on the row, so it cannot be computed once'
								end);
						end if;
					end if;
				end if;
			end loop;
			if wrapped > 0 then
				mends := mends || format(' %s (%s)', clause.keyword, array_to_string(pieces, ''));
			end if;
		end loop;

		remedy := null;
		severity := 'problem';
		for problem in select distinct m from unnest(mistakes) m order by m loop
			return next;
		end loop;
		severity := 'warning';
		if policy.too_long then
			problem := format('an expression of the policy is too long, so workos_lint() did not check it: its stored form has more than %s characters', longest);
			return next;
		end if;
		for problem in select distinct r from unnest(by_row) r order by r loop
			return next;
		end loop;
		-- One statement mends the whole policy. A sub-select around a call with constant arguments changes no answer,
		-- but could change when an error is raised.
		-- Not where a literal of a type of others stands in it: Postgres checks such a literal when it reads the statement,
		-- and so runs code of the type's owner, with the rights of whoever runs the statement.
		-- Nor with a backslash in a literal, which standard_conforming_strings reads in one way or the other.
		remedy := case when mistakes = '{}' and not policy.checked_types and not ambiguous then format('ALTER POLICY %I ON %s%s', policy.polname, policy.relation, mends) end;
		for problem in select distinct s from unnest(slow) s order by s loop
			return next;
		end loop;
		for name in select distinct u from unnest(unindexed) u order by u loop
			problem := format('the column %s is compared with a claim, and no index begins with it', name);
			remedy := format('CREATE INDEX ON %s (%s)', policy.relation, name);
			return next;
		end loop;
		if policy.polpermissive and policy.polroles = '{0}' then
			problem := 'the policy is for PUBLIC, so it also applies to requests of users who are not signed in';
			-- If the policy has mistakes, the remedy would hide an error that a caller gets now.
			remedy := case when to_regrole('authenticated') is not null and mistakes = '{}' and not policy.too_long and not @extschema@._workos_read_elsewhere(policy.polrelid) then
				format('ALTER POLICY %I ON %s TO authenticated', policy.polname, policy.relation) end;
			if remedy is null then
				problem := problem || '. If it is meant for signed-in users only, name their role with TO';
			end if;
			return next;
		end if;
	end loop;

	for policy in
		select c.oid, c.oid::regclass::text as relation from pg_class c
		where not c.relrowsecurity and not pg_is_other_temp_schema(c.relnamespace) and exists (select from pg_policy p where p.polrelid = c.oid)
		order by relation
	loop
		severity := 'problem';
		object := 'table ' || policy.relation;
		problem := 'the table has policies, but row security is off: every role with a privilege on the table sees every row';
		remedy := case when not @extschema@._workos_read_elsewhere(policy.oid) then format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', policy.relation) end;
		if remedy is null then
			problem := problem || '. Other policies, views or functions read the table. First check what they return when rows of the table are hidden, then enable row security';
		end if;
		return next;
	end loop;
end $$;
comment on function @extschema@.workos_lint() is
	'finds mistakes and slow expressions in the policies of this database; a remedy is a statement after which nobody sees more rows; run it only if other roles cannot create objects in the schemas of your search_path';

-- setting up a table

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
	-- The functions below are named with the schema that they were installed into. If it was renamed, another can have
	-- its name.
	if exists (select from pg_extension e where e.extname = 'pg_workos' and e.extnamespace is distinct from to_regnamespace('@extschema@')) then
		raise exception using errcode = '55000', message = 'the schema of the extension pg_workos was renamed',
			hint = 'Give it its old name again: this function names the others by it.';
	end if;
	select c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
			exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inherits,
			exists (select from pg_policy p where p.polrelid = c.oid) as has_policies
		into kind from pg_class c where c.oid = relation;
	select a.attnum, a.attnotnull, a.attgenerated, a.atttypid::regtype as type, pg_get_expr(d.adbin, d.adrelid) as preset into org
		from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
		where a.attrelid = relation and a.attname = org_column and a.attnum > 0 and not a.attisdropped;
	if relation is null or org_column is null or to_role is null or impersonated_writes is null or apply is null then
		raise exception using errcode = '22004', message = 'only read_permission and write_permission may be NULL';
	elsif kind.relkind is distinct from 'r' and kind.relkind is distinct from 'p' then
		raise exception using errcode = '42809', message = format('%s is not a table', relation),
			hint = 'Protect the tables that a view reads, and create the view WITH (security_invoker = true).';
	elsif kind.relkind = 'p' or kind.inherits then
		raise exception using errcode = '0A000', message = format('%s is partitioned, or takes part in inheritance', relation),
			hint = 'The row security of a table does not apply to queries that name one of its partitions. Write policies for each partition by hand.';
	elsif kind.has_policies then
		raise exception using errcode = '55000', message = format('%s has policies already', relation),
			hint = 'Permissive policies are combined with OR, so another one could only grant more access. Check the existing policies with workos_lint().';
	elsif org.attnum is null then
		raise exception using errcode = '42703', message = format('%s has no column %I', relation, org_column),
			hint = format('ALTER TABLE %s ADD COLUMN %I text', relation, org_column);
	elsif org.type not in ('text'::regtype, 'varchar'::regtype) or org.attgenerated <> '' then
		raise exception using errcode = '42804', message = format('column %I of %s is not a plain column of text', org_column, relation),
			hint = 'The id of a WorkOS organization is text, such as org_01EXAMPLE. It is not a UUID.';
	elsif org.preset <> '@extschema@.workos_org_id()' then
		raise exception using errcode = '55000', message = format('column %I of %s has another default', org_column, relation),
			hint = 'Drop the default if each row belongs to the organization of the user who inserts it.';
	elsif to_regrole(quote_ident(to_role)) is null then
		raise exception using errcode = '42704', message = format('role %I does not exist', to_role),
			hint = 'Pass the Postgres role of signed-in users: to_role => ''...''';
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

-- privileges
--
-- Everybody may call the functions in this list. Only the owner may call any other function. The default
-- privileges of the installing role and of the schema do not change this. A function that existed before keeps
-- its privileges.

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
		'@extschema@.workos_library_version()',
		'@extschema@._workos_kind(json)'
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

-- Only the owner of the extension may use the trusted issuers and the functions that read or change the database.
-- The objects of a trusted extension belong to the bootstrap superuser, so the owner needs these grants.
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
	@extschema@._workos_pieces(text),
	@extschema@._workos_calls(text[], text[], text[]),
	@extschema@._workos_read_elsewhere(oid),
	@extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean)
	TO @extowner@;
