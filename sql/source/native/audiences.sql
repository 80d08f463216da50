-- Only the owner of the extension may change the accepted audiences: a privilege to change rows, such as that of
-- pg_write_all_data, is not enough.
CREATE FUNCTION @extschema@.workos_audiences_guard() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
declare
	extension_owner constant oid := (select e.extowner from pg_extension e where e.extname = 'pg_workos');
begin
	if not coalesce(pg_has_role(current_user, extension_owner, 'usage'), false) then
		raise exception using errcode = '42501', message = 'only the owner of the extension pg_workos may change the accepted audiences',
			hint = format('Do it as the role %s, or as a superuser.', extension_owner::regrole);
	end if;
	return case tg_op when 'DELETE' then old else new end;
end $$;
COMMENT ON FUNCTION @extschema@.workos_audiences_guard() IS
	'allows only the owner of the extension to change the accepted audiences';

CREATE TRIGGER workos_audiences_guard BEFORE INSERT OR UPDATE OR DELETE ON @extschema@.workos_audiences
	FOR EACH ROW EXECUTE FUNCTION @extschema@.workos_audiences_guard();
CREATE TRIGGER workos_audiences_guard_truncate BEFORE TRUNCATE ON @extschema@.workos_audiences
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.workos_audiences_guard();
CREATE TRIGGER workos_audiences_changed AFTER INSERT OR UPDATE OR DELETE ON @extschema@.workos_audiences
	FOR EACH ROW EXECUTE FUNCTION @extschema@.workos_issuers_changed();
CREATE TRIGGER workos_audiences_truncated AFTER TRUNCATE ON @extschema@.workos_audiences
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.workos_issuers_changed();
ALTER TABLE @extschema@.workos_audiences
	ENABLE ALWAYS TRIGGER workos_audiences_guard,
	ENABLE ALWAYS TRIGGER workos_audiences_guard_truncate,
	ENABLE ALWAYS TRIGGER workos_audiences_changed,
	ENABLE ALWAYS TRIGGER workos_audiences_truncated;

SELECT pg_extension_config_dump('@extschema@.workos_audiences'::regclass, '');
