SELECT pg_extension_config_dump('@extschema@.workos_audiences'::regclass, '');
