insert into projects (org_id, name) values ('org_01ACME', 'a'), ('org_01ACME', 'b'), ('org_01GLOBEX', 'g');
insert into project_members (project_id, org_id, user_id) select id, org_id, 'user_01ANN' from projects where name in ('a', 'g');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees('select name from projects', '{a}', 'a member of a project sees it, in the selected organization only');
select workos_test.may_not($$insert into project_members (project_id, user_id) select id, 'user_01BEN' from projects$$, 'and adds nobody');
select workos_test.login('user_01BEN', org_id => 'org_01ACME');
select workos_test.sees_nothing('select from projects', 'others see no project');
select workos_test.sees_nothing('select from project_members', 'and no membership');
select workos_test.login('user_01MIA', org_id => 'org_01ACME', permissions => '{projects:manage}');
select workos_test.sees('select name from projects', '{a,b}', 'a manager sees all of the organization');
select workos_test.may($$insert into project_members (project_id, user_id) select id, 'user_01BEN' from projects where name = 'b'$$, 'and adds members');
select is(left(workos_test.outcome(format($$insert into project_members (project_id, user_id) values (%s, 'user_01MIA')$$, 3)), 6),
	'error:', 'the foreign key refuses a project of another organization');
