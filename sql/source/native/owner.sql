-- Only the owner of the extension may use the trusted issuers, the accepted audiences and the functions that read or change the database.
-- The objects of a trusted extension belong to the bootstrap superuser, so the owner needs these grants.
DO $$
DECLARE
	grantee text;
BEGIN
	FOR grantee IN
		SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
		FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.oid IN ('@extschema@.workos_issuers'::regclass, '@extschema@.workos_audiences'::regclass, '@extschema@.workos_configuration'::regclass) AND a.grantee <> c.relowner
	LOOP
		EXECUTE 'REVOKE ALL ON @extschema@.workos_issuers, @extschema@.workos_audiences, @extschema@.workos_configuration FROM ' || grantee;
	END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON @extschema@.workos_issuers, @extschema@.workos_audiences, @extschema@.workos_configuration TO @extowner@;
GRANT EXECUTE ON FUNCTION
	@extschema@.workos_check_issuer(text, text),
	@extschema@.workos_trust_issuer(text, jsonb),
	@extschema@.workos_distrust_issuer(text),
	@extschema@.workos_trust_any_issuer(),
	@extschema@.workos_accept_audience(text),
	@extschema@.workos_refuse_audience(text),
	@extschema@._workos_checked_audience(text),
	@extschema@.workos_configure(text),
	@extschema@._workos_check_membership(text),
	@extschema@.workos_lint(),
	@extschema@._workos_tokens(text),
	@extschema@._workos_facts(text[], text[], text[], int[], int[], text[], text[]),
	@extschema@._workos_open(text[], text[], text[], int[], int, int, text[]),
	@extschema@._workos_calls(text[], text[]),
	@extschema@._workos_explained(text, text),
	@extschema@._workos_ended_rows(text[], text[], text[], int[], int[]),
	@extschema@._workos_ended_rows_explained(text, text),
	@extschema@._workos_names_of_helpers(),
	@extschema@._workos_end_users(),
	@extschema@._workos_granted(aclitem[], text[], oid, oid[]),
	@extschema@._workos_managed(),
	@extschema@._workos_foreign(regclass),
	@extschema@._workos_read_elsewhere(oid),
	@extschema@._workos_lint_policies(),
	@extschema@._workos_lint_tables(),
	@extschema@._workos_lint_definitions(),
	@extschema@._workos_lint_citus()
	TO @extowner@;
-- It runs with the rights of its caller, so the owner may pass this on to roles that own tables.
GRANT EXECUTE ON FUNCTION @extschema@.workos_protect(regclass, name, text, text, boolean, name, boolean) TO @extowner@ WITH GRANT OPTION;
