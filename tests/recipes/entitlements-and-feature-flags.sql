insert into audit_logs (org_id, event) values ('org_01ACME', 'a'), ('org_01GLOBEX', 'g');

select workos_test.login('user_01ANN', org_id => 'org_01ACME', entitlements => '{audit-logs}', feature_flags => '{audit-log-viewer}');
select workos_test.sees('select event from audit_logs', '{a}', 'with both');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', entitlements => '{audit-logs}');
select workos_test.sees_nothing('select from audit_logs', 'without the flag: nothing');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', feature_flags => '{audit-log-viewer}');
select workos_test.sees_nothing('select from audit_logs', 'without the entitlement: nothing');
