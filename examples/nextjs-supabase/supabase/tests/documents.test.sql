begin;
create extension if not exists pgtap with schema extensions;
select plan(23);

-- A reader, not a writer, of Acme
select workos_test.login('user_01VIC', org_id => 'org_01ACME', role => 'viewer', permissions => '{}');
select workos_test.sees('select distinct org_id from documents where not is_public', '{org_01ACME}', 'a viewer reads what is private in her organization only');
select workos_test.sees('select distinct org_id from documents where is_public', '{org_01ACME,org_01GLOBEX}', 'and what is public everywhere');
select workos_test.may_not('insert into documents (title) values (''x'')', 'a viewer creates nothing');
select workos_test.may_not('update documents set is_public = true', 'a viewer shares nothing');
select workos_test.may_not('delete from documents', 'a viewer deletes nothing');

-- A writer of Acme
select workos_test.login('user_01ADA', org_id => 'org_01ACME', role => 'admin', permissions => '{documents:write}');
select workos_test.may('insert into documents (title) values (''x'') returning id', 'a writer creates, and gets the new row back');
select workos_test.may_not('insert into documents (org_id, title) values (''org_01GLOBEX'', ''x'')', 'in no other organization');
select workos_test.may_not('insert into documents (author_id, title) values (''user_01VIC'', ''x'')', 'in nobody else''s name');
select workos_test.may('update documents set is_public = true where title = ''Anvil roadmap''', 'a writer shares');
select workos_test.may_not('update documents set org_id = ''org_01GLOBEX'' where title = ''Anvil roadmap''', 'a writer moves no document to another organization');
select workos_test.may_not('update documents set title = ''x'' where org_id = ''org_01GLOBEX''', 'and changes none of another, not even a public one');
select workos_test.may_not('delete from documents where org_id = ''org_01GLOBEX''', 'nor deletes it');

-- The same person in the other organization
select workos_test.login('user_01ADA', org_id => 'org_01GLOBEX', role => 'editor', permissions => '{documents:write}');
select workos_test.sees('select distinct org_id from documents where not is_public', '{org_01GLOBEX}', 'after a switch she reads the other organization only');
select workos_test.may_not('update documents set title = ''x'' where org_id = ''org_01ACME''', 'and writes there only');

-- Support staff who act for her
select workos_test.login('user_01ADA', org_id => 'org_01ACME', permissions => '{documents:write}', impersonator => 'support@example.com');
select workos_test.sees('select distinct org_id from documents where not is_public', '{org_01ACME}', 'an impersonator reads');
select workos_test.may_not('insert into documents (title) values (''x'')', 'and creates nothing');
select workos_test.may_not('delete from documents', 'and deletes nothing');

-- Nobody in particular
select workos_test.login('user_01NORA', permissions => '{documents:write}');
select workos_test.sees_nothing('select from documents where not is_public', 'without an organization: nothing private');
select workos_test.may_not('insert into documents (title) values (''x'')', 'and nothing to create');
select workos_test.login('user_01ADA', org_id => 'org_01ACME', permissions => '{documents:write}', expired => true);
select workos_test.sees_nothing('select from documents where not is_public', 'an expired token: nothing private');
select workos_test.as_anon();
select workos_test.sees('select title from documents', '{Anvil press kit,Weather forecast}', 'a visitor reads what is public');
select workos_test.may_not('insert into documents (title) values (''x'')', 'and creates nothing');

select workos_test.logout();
select is_empty('select * from extensions.workos_lint() where rule <> ''summary''', 'workos_lint finds nothing');

select * from finish();
rollback;
