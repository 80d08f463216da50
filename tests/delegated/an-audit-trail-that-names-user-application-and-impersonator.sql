select workos_test.login('user_01ANN', 'org_01ACME');
insert into tasks (org_id, title) values ('org_01ACME', 'by Ann');
select workos_test.may_not($$insert into task_changes (org_id, task_id) values ('org_01ACME', 1)$$, 'nobody writes the trail');
select workos_test.login('user_01ANN', 'org_01ACME', impersonator => 'support@example.com', claims => '{"client_id": "client_01WEB"}');
insert into tasks (org_id, title) values ('org_01ACME', 'by support');
select recipes.agent('user_01BEN', 'org_01ACME', 'tasks:write');
insert into tasks (org_id, title) values ('org_01ACME', 'by an agent for Ben');
select workos_test.login('client_01IMPORT', 'org_01ACME', session_id => null, claims => '{"aud": "client_01ENVIRONMENT", "scope": "tasks:write"}');
insert into tasks (org_id, title) values ('org_01ACME', 'by a machine');
select recipes.agent('user_01BEN', 'org_01ACME', 'tasks:read');
select workos_test.may_not($$insert into tasks (org_id, title) values ('org_01ACME', 'x')$$, 'without the scope, nothing is written');
select workos_test.login('user_01AUDIT', 'org_01ACME', permissions => '{audit:read}');
select results_eq('select user_id, application_id, impersonator from task_changes order by id',
	$$values ('user_01ANN', null, null), ('user_01ANN', 'client_01WEB', 'support@example.com'), ('user_01BEN', 'client_01AGENT', null), (null, 'client_01IMPORT', null)$$,
	'the trail names user, application and impersonator');
select workos_test.login('user_01AUDIT', 'org_01GLOBEX', permissions => '{audit:read}');
select workos_test.sees_nothing('select from task_changes', 'auditors of another organization see nothing');
