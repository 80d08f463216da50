insert into articles (org_id, is_public, title) values
	('org_01ACME', true, 'public'), ('org_01ACME', false, 'private'), ('org_01GLOBEX', true, 'theirs'), ('org_01GLOBEX', false, 'secret');

select workos_test.as_anon();
select workos_test.sees('select title from articles', '{public,theirs}', 'an anonymous visitor reads public rows');
select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees('select title from articles', '{public,private,theirs}', 'a member also reads those of her organization');
select workos_test.may_not($$update articles set is_public = true where title = 'private'$$, 'and does not publish');
select workos_test.may_not($$insert into articles (org_id, is_public, title) values ('org_01GLOBEX', true, 'x')$$, 'nor add for another organization');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{articles:publish}');
select workos_test.may($$update articles set is_public = true where title = 'private'$$, 'a publisher publishes');
select workos_test.may_not($$update articles set title = 'x' where title = 'theirs'$$, 'but does not change public rows of others');
