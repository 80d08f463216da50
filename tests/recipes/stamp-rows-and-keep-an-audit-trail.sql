select workos_test.login('user_01ANN', org_id => 'org_01ACME', session_id => 'session_01ANN', impersonator => 'support@example.com');
insert into notes (created_by, body) values ('user_01BEN', 'a');
select results_eq('select created_by, updated_by from notes', $$values ('user_01ANN', 'user_01ANN')$$, 'the trigger overwrites what the client sends');
select workos_test.sees_nothing('select from note_changes', 'a member does not read the audit trail');
select workos_test.may_not($$insert into note_changes (org_id, note_id, action) values ('org_01ACME', 1, 'x')$$, 'nor write it');
select workos_test.login('user_01BEN', org_id => 'org_01ACME', session_id => 'session_01BEN', permissions => '{audit:read}');
update notes set created_by = 'user_01BEN', body = 'b';
select results_eq('select created_by, updated_by from notes', $$values ('user_01ANN', 'user_01BEN')$$, 'the author stays');
select results_eq('select action, user_id, session_id, impersonator from note_changes order by id',
	$$values ('INSERT', 'user_01ANN', 'session_01ANN', 'support@example.com'), ('UPDATE', 'user_01BEN', 'session_01BEN', null)$$,
	'the audit trail names user, session and impersonator');
select workos_test.may_not('delete from note_changes', 'auditors do not change it');
select workos_test.login('user_01GIL', org_id => 'org_01GLOBEX', permissions => '{audit:read}');
select workos_test.sees_nothing('select from note_changes', 'auditors of another organization see nothing');
