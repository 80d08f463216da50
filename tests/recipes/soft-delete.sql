insert into notes (org_id, body) values ('org_01ACME', 'a'), ('org_01ACME', 'b'), ('org_01GLOBEX', 'g');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
update notes set deleted_at = now() where body = 'a';
select workos_test.sees('select body from active_notes', '{b}', 'a deleted row is hidden in the view');
select workos_test.may($$update notes set deleted_at = null where body = 'a'$$, 'and can be restored');
select workos_test.may_not('delete from notes', 'nobody deletes it for good');
select workos_test.may_not($$update notes set deleted_at = now() where body = 'g'$$, 'nothing of another organization is deleted');
select workos_test.may_not($$update notes set org_id = 'org_01GLOBEX'$$, 'and nothing moved there');
