-- A dump takes these rows along. It leaves out the secrets of webhooks.
select pg_extension_config_dump('workos.users'::regclass, '');
select pg_extension_config_dump('workos.organizations'::regclass, '');
select pg_extension_config_dump('workos.memberships'::regclass, '');
select pg_extension_config_dump('workos.roles'::regclass, '');
select pg_extension_config_dump('workos.deleted_permissions'::regclass, '');
select pg_extension_config_dump('workos.revoked_sessions'::regclass, '');
select pg_extension_config_dump('workos.sync'::regclass, '');
select pg_extension_config_dump('workos.import_run'::regclass, '');
select pg_extension_config_dump('workos.settings'::regclass, '');
