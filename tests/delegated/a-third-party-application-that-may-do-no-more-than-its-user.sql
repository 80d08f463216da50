insert into invoices (org_id, amount) values ('org_01ACME', 1), ('org_01GLOBEX', 2);

select recipes.agent('user_01MAY', 'org_01ACME', 'invoices:read', '{"client_id": "client_01ACCOUNTING"}');
select workos_test.sees('select amount from invoices', '{1}', 'for a user who may, the application reads');
select recipes.agent('user_01NOT', 'org_01ACME', 'invoices:read', '{"client_id": "client_01ACCOUNTING"}');
select workos_test.sees_nothing('select from invoices', 'for a member whose roles lack the permission, it reads nothing');
select recipes.agent('user_01GONE', 'org_01ACME', 'invoices:read', '{"client_id": "client_01ACCOUNTING"}');
select workos_test.sees_nothing('select from invoices', 'nor for one who is no active member');
select recipes.agent('user_01MAY', 'org_01GLOBEX', 'invoices:read', '{"client_id": "client_01ACCOUNTING"}');
select workos_test.sees_nothing('select from invoices', 'nor in another organization');
select recipes.agent('user_01MAY', 'org_01ACME', 'openid', '{"client_id": "client_01ACCOUNTING"}');
select workos_test.sees_nothing('select from invoices', 'nor without the scope, whatever the user may');
select recipes.agent('user_01MAY', 'org_01ACME', 'invoices:read');
select workos_test.sees_nothing('select from invoices', 'nor does another application');
select recipes.agent('user_01MAY', 'org_01ACME', 'invoices:read', '{"client_id": "client_01ACCOUNTING", "permissions": ["invoices:read"], "aud": "https://other.example"}');
select workos_test.sees_nothing('select from invoices', 'nor a token for another server');
select workos_test.login('user_01MAY', 'org_01ACME', permissions => '{invoices:read}');
select workos_test.sees('select amount from invoices', '{1}', 'the user reads by the session');
