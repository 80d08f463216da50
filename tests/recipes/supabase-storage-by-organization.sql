insert into storage.objects values ('documents', 'org_01ACME/a.pdf'), ('documents', 'org_01GLOBEX/g.pdf'), ('other', 'org_01ACME/o.pdf'), ('documents', 'top.pdf');

select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{documents:write}');
select workos_test.sees('select name from storage.objects', '{org_01ACME/a.pdf}', 'a member reads the folder of her organization');
select workos_test.may($$insert into storage.objects values ('documents', 'org_01ACME/sub/x.pdf')$$, 'a writer uploads there');
select workos_test.may_not($$insert into storage.objects values ('documents', 'org_01GLOBEX/x.pdf')$$, 'and not to another folder');
select workos_test.may_not($$insert into storage.objects values ('documents', 'org_01ACME.pdf')$$, 'nor outside of every folder');
select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.may_not($$insert into storage.objects values ('documents', 'org_01ACME/x.pdf')$$, 'a reader uploads nothing');
select workos_test.login('user_01ANN');
select workos_test.sees_nothing('select from storage.objects', 'without an organization: nothing');
