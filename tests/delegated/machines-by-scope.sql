insert into readings (org_id, machine_id, value) values ('org_01ACME', 'client_01SENSOR', 1), ('org_01GLOBEX', 'client_01SENSOR', 2);
create function recipes.machine(id text, org_id text, scope text, more jsonb default '{}') returns void language sql as $$
	select workos_test.login(id, org_id, session_id => null, claims => jsonb_build_object('client_id', id, 'aud', 'client_01ENVIRONMENT', 'scope', scope) || more)
$$;

select recipes.machine('client_01SENSOR', 'org_01ACME', 'readings:write');
select workos_test.may('insert into readings (value) values (3)', 'a machine with the scope adds');
select workos_test.may_not($$insert into readings (machine_id, value) values ('client_01OTHER', 3)$$, 'in its own name only');
select workos_test.may_not($$insert into readings (org_id, value) values ('org_01GLOBEX', 3)$$, 'to its own organization only');
select workos_test.sees_nothing('select from readings', 'it reads nothing');
select recipes.machine('client_01SENSOR', 'org_01ACME', 'readings:read');
select workos_test.may_not($$insert into readings (org_id, value) values ('org_01ACME', 3)$$, 'without the scope it adds nothing');
select recipes.machine('client_01SENSOR', 'org_01ACME', 'readings:write', '{"aud": "client_01ANOTHER"}');
select workos_test.may_not($$insert into readings (org_id, machine_id, value) values ('org_01ACME', 'client_01SENSOR', 3)$$, 'nor a machine of another environment');
select recipes.agent('user_01ANN', 'org_01ACME', 'readings:write');
select workos_test.may_not($$insert into readings (org_id, machine_id, value) values ('org_01ACME', 'client_01AGENT', 3)$$, 'an application that acts for a user is no machine');
select workos_test.login('user_01ANN', 'org_01ACME');
select workos_test.sees('select value from readings', '{1}', 'a member reads');
select workos_test.may_not($$insert into readings (org_id, machine_id, value) values ('org_01ACME', 'user_01ANN', 3)$$, 'and adds nothing');
