insert into posts (org_id, author_id, body) values
	('org_01ACME', 'user_01ANN', 'ann'), ('org_01ACME', 'user_01BEN', 'ben'), ('org_01GLOBEX', 'user_01ANN', 'elsewhere');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select workos_test.sees('select body from posts', '{ann,ben}', 'a member reads all of the organization');
select workos_test.may($$update posts set body = 'x' where body = 'ann'$$, 'an author changes her own');
select workos_test.may_not($$update posts set body = 'x' where body = 'ben'$$, 'not those of others');
select workos_test.may_not($$update posts set body = 'x' where body = 'elsewhere'$$, 'not her own in another organization');
select workos_test.may_not($$update posts set author_id = 'user_01BEN' where body = 'ann'$$, 'nor gives one away');
select workos_test.may($$insert into posts (body) values ('x')$$, 'she adds in her own name');
select workos_test.may_not($$insert into posts (author_id, body) values ('user_01BEN', 'x')$$, 'not in the name of others');

select workos_test.login('user_01MIA', org_id => 'org_01ACME', permissions => '{posts:manage}');
select workos_test.may($$update posts set body = 'x' where body = 'ben'$$, 'a manager changes those of others');
select workos_test.may_not($$update posts set org_id = 'org_01GLOBEX'$$, 'but moves none');
