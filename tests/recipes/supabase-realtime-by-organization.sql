insert into realtime.messages (topic) values ('org:org_01ACME'), ('org:org_01GLOBEX');

select workos_test.login('user_01ANN', org_id => 'org_01ACME');
select set_config('realtime.topic', 'org:org_01ACME', true);
select isnt_empty('select from realtime.messages', 'a member listens to the channel of her organization');
select workos_test.may_not($$insert into realtime.messages (topic) values ('org:org_01ACME')$$, 'and does not send without the permission');
select set_config('realtime.topic', 'org:org_01GLOBEX', true);
select workos_test.sees_nothing('select from realtime.messages', 'she does not listen to another channel');
select workos_test.login('user_01ANN', org_id => 'org_01ACME', permissions => '{chat:write}');
select set_config('realtime.topic', 'org:org_01ACME', true);
select workos_test.may($$insert into realtime.messages (topic) values ('org:org_01ACME')$$, 'with the permission she sends');
select set_config('realtime.topic', 'org:org_01GLOBEX', true);
select workos_test.may_not($$insert into realtime.messages (topic) values ('org:org_01GLOBEX')$$, 'but not to another channel');
select set_config('realtime.topic', 'org:', true);
select workos_test.login('user_01ANN');
select workos_test.sees_nothing('select from realtime.messages', 'without an organization there is no channel');
