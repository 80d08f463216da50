-- all organizations of the user: NULL without a session, an error without a directory

CREATE FUNCTION @extschema@.workos_org_ids() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_org_ids_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;

CREATE FUNCTION @extschema@.workos_org_ids_with_permission(permission text) RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_org_ids_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;

CREATE FUNCTION @extschema@.workos_org_ids_with_role(role text) RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_org_ids_with_role_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;

-- delegated access, to no more than the user may do
CREATE FUNCTION @extschema@.workos_delegated_org_id(scope text, client text, permission text) RETURNS text
	AS 'MODULE_PATHNAME', 'workos_delegated_org_id_with_permission_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE COST 100;
-- what the directory decides

-- "newest": the newer of token and directory decides. "token": the token decides. Without a row, which was lost in a
-- restore, the newer decides if there is a directory.
CREATE TABLE @extschema@.workos_configuration (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	membership text NOT NULL CHECK (membership IN ('token', 'newest'))
) USING heap;
COMMENT ON TABLE @extschema@.workos_configuration IS
	'what workos_configure() was given';

-- As for the trusted issuers, a privilege to change rows, such as that of pg_write_all_data, is not enough.
CREATE FUNCTION @extschema@.workos_configuration_guard() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
declare
	extension_owner constant oid := (select e.extowner from pg_extension e where e.extname = 'pg_workos');
begin
	if not coalesce(pg_has_role(current_user, extension_owner, 'usage'), false) then
		raise exception using errcode = '42501', message = 'only the owner of the extension pg_workos may change its configuration',
			hint = format('Do it as the role %s, or as a superuser.', extension_owner::regrole);
	end if;
	-- A dump can be restored into a database that has the row of its installation.
	if tg_op = 'INSERT' then
		execute format('delete from %s', tg_relid::regclass);
	end if;
	return case tg_op when 'DELETE' then old else new end;
end $$;
COMMENT ON FUNCTION @extschema@.workos_configuration_guard() IS
	'allows only the owner of the extension to change the configuration';

CREATE FUNCTION @extschema@.workos_configuration_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'workos_issuers_changed'
	LANGUAGE c;
COMMENT ON FUNCTION @extschema@.workos_configuration_changed() IS
	'makes every connection read the configuration again';

CREATE TRIGGER workos_configuration_guard BEFORE INSERT OR UPDATE OR DELETE ON @extschema@.workos_configuration
	FOR EACH ROW EXECUTE FUNCTION @extschema@.workos_configuration_guard();
CREATE TRIGGER workos_configuration_guard_truncate BEFORE TRUNCATE ON @extschema@.workos_configuration
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.workos_configuration_guard();
CREATE TRIGGER workos_configuration_changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.workos_configuration
	FOR EACH ROW EXECUTE FUNCTION @extschema@.workos_configuration_changed();
CREATE TRIGGER workos_configuration_truncated AFTER TRUNCATE ON @extschema@.workos_configuration
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.workos_configuration_changed();
ALTER TABLE @extschema@.workos_configuration
	ENABLE ALWAYS TRIGGER workos_configuration_guard,
	ENABLE ALWAYS TRIGGER workos_configuration_guard_truncate,
	ENABLE ALWAYS TRIGGER workos_configuration_changed,
	ENABLE ALWAYS TRIGGER workos_configuration_truncated;

SELECT pg_extension_config_dump('@extschema@.workos_configuration'::regclass, '');

-- As for the trusted issuers: while a dump is restored, the row in the dump decides.
INSERT INTO @extschema@.workos_configuration (membership)
	SELECT 'token' WHERE current_setting('row_security') = 'on'
		AND NOT EXISTS (SELECT FROM pg_settings s WHERE s.name = 'xmloption' AND s.source = 'session');

CREATE FUNCTION @extschema@._workos_check_membership(membership text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'workos_check_membership_wrapper'
	LANGUAGE c VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.workos_configure(membership text) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT @extschema@._workos_check_membership($1);
		INSERT INTO @extschema@.workos_configuration (membership) VALUES ($1)
			ON CONFLICT (one) DO UPDATE SET membership = excluded.membership;
	END;
COMMENT ON FUNCTION @extschema@.workos_configure(text) IS
	'membership => ''token'': the token decides who is a member, as after installation; ''newest'': the newer of token and directory; from the next statement on in every connection';

-- The session of the token, whatever the directory says of it: what the directory is asked for.
CREATE FUNCTION @extschema@._workos_token_session() RETURNS text[]
	AS 'MODULE_PATHNAME', 'workos_token_session_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;

CREATE FUNCTION @extschema@._workos_token_issued_at() RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'workos_token_issued_at_wrapper'
	LANGUAGE c STABLE PARALLEL SAFE;
