-- block 1
-- block 2
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

-- Changes of a table, as Realtime asks: one prepared statement, in one call, for one subscriber after the other.
select workos_test.logout();
insert into chat_messages (org_id, body) values ('org_01ACME', 'hello');
create temp table told (n serial, subscriber text, sees boolean);
do $$
declare
	subscriber text;
	visible boolean;
begin
	prepare change as select exists (select from recipes.chat_messages where id = 1);
	foreach subscriber in array array['org_01ACME', 'org_01GLOBEX', 'org_01ACME', ''] loop
		perform set_config('role', 'authenticated', true),
			set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', 'user_01ANN', 'sid', 'session_01', 'org_id', subscriber)::text, true);
		execute 'execute change' into visible;
		perform set_config('role', 'none', true);
		insert into told (subscriber, sees) values (subscriber, visible);
	end loop;
end $$;
select results_eq('select subscriber, sees from told order by n',
	$$values ('org_01ACME', true), ('org_01GLOBEX', false), ('org_01ACME', true), ('', false)$$, 'the subscribers of the organization get the change, and no others');
