-- verified tokens

CREATE FUNCTION @extschema@.workos_verify(token text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'workos_verify_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 1000; -- Checking a signature takes as long as thousands of comparisons.
COMMENT ON FUNCTION @extschema@.workos_verify(text) IS
	'payload of an access token that a trusted issuer signed and that is valid now; any other token raises an error';

CREATE FUNCTION @extschema@.workos_authenticate(token text, kind text DEFAULT 'session') RETURNS text
	AS 'MODULE_PATHNAME', 'workos_authenticate_wrapper'
	LANGUAGE c VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION @extschema@.workos_authenticate(text, text) IS
	'signs in a user with the access token of a session, or with that of an application that acts for the user (kind => ''oauth''), for the current transaction, and returns the id of the user';

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

-- The trusted issuers. Two rows are none: "*" says that any issuer counts, if it stands alone, and "-" that none does. In
-- the place of its keys, "*" has {} after the installation, and {"decided": true} after workos_trust_any_issuer().
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
			-- It is there already: a dump is being restored. It says whether that was decided.
			execute 'update ' || issuers || ' i set jwks = $1 where i.jwks <> $1' using new.jwks;
			return null;
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
		INSERT INTO @extschema@.workos_issuers (issuer, jwks) VALUES ('*', '{"decided": true}');
	END;
COMMENT ON FUNCTION @extschema@.workos_trust_any_issuer() IS
	'removes all trusted issuers; then claims of any issuer are accepted if a gateway sets them, as after installation, but no access token can be verified';

CREATE FUNCTION @extschema@.workos_library_version() RETURNS text
	AS 'MODULE_PATHNAME', 'workos_library_version_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.workos_library_version() IS
	'version of the loaded library; workos_doctor() compares it with the version of the SQL functions';
