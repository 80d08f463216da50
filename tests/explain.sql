-- workos_explain(), and workos_doctor() where it looks at roles and tables: each situation that docs/how-to/troubleshooting.md
-- lists, run as it happens, and what they say of it. Run by a superuser.
\set ON_ERROR_STOP on
begin;
select no_plan();
create schema app;
create schema closed;
create schema test;
grant usage on schema app, test, tap to public;
grant usage on schema extensions to public;
set local search_path = test, app, public, extensions, tap;

-- Runs a statement as a gateway does: as this role, which the connection of authenticator has become, with these
-- claims. The result is the text of its value, or the error.
create function test.run(role text, claims text, statement text) returns text language plpgsql as $$
declare
	result text;
begin
	perform set_config('request.jwt.claims', coalesce(claims, ''), true), set_config('role', role, true);
	begin
		if statement ~* '^(select|with)|returning' then
			execute statement into result;
		else
			execute statement;
		end if;
	exception when others then
		result := sqlstate || ': ' || sqlerrm;
	end;
	perform set_config('role', 'none', true), set_config('request.jwt.claims', '', true);
	return result;
end $$;
-- All lines of an explanation, and one step of it.
create function test.explained(role text, claims text, relation text, command text default 'select') returns text language sql as $$
	select test.run(role, claims, format('select string_agg(concat_ws('' | '', step, status, detail, remedy), chr(10)) from workos_explain(%L, %L)', relation, command))
$$;
create function test.line(explained text, step text) returns text language sql as $$
	select (regexp_match(explained, '^' || step || ' \| [^\n]*', 'n'))[1]
$$;
create function test.verdict(role text, claims text, relation text, command text default 'select') returns text language sql as $$
	select test.line(test.explained(role, claims, relation, command), 'verdict')
$$;
-- What workos_doctor() says in one check.
create function test.doctor(role text, claims text, about text) returns text language sql as $$
	select test.run(role, claims, format('select string_agg(concat_ws('' | '', status, detail, remedy), E''\n'') from workos_doctor() where check_name = %L', about))
$$;

create table app.documents (id int generated always as identity, org_id text not null default workos_org_id(), title text);
insert into app.documents (org_id, title) values ('org_1', 'one'), ('org_2', 'two');
alter table app.documents enable row level security;
grant select, insert, update, delete on app.documents to authenticated;
create policy "readers read" on app.documents for select to authenticated using (org_id = workos_org_with_permission('documents:read'));
create policy "writers write" on app.documents for all to authenticated using (org_id = workos_org_with_permission('documents:write'));
\set reader '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","user_role":"member","permissions":["documents:read"]}'
\set writer '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","user_role":"member","permissions":["documents:write"]}'
\set nobody '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","user_role":"member","permissions":["other"]}'
set session authorization authenticator;

-- The situations. In each: what happens, and what leads to the cause.
select is(test.run('authenticated', :'reader', 'select count(*) from documents'), '1', 'a reader sees a row');
select matches(test.verdict('authenticated', :'reader', 'documents'), '^verdict \| ok \| SELECT: rows pass where one of these policies is true: "readers read"\. These let nothing through: "writers write"\. .* ''org_1''\.', '... and the explanation says where');
select unalike(test.explained('authenticated', :'reader', 'documents'), '%problem%', '... without a problem');

select is(test.run('authenticated', '', 'select count(*) from documents'), '0', '1: no claims');
select matches(test.doctor('authenticated', '', 'claims'), '^problem \| .*is empty.*anonymous');
select matches(test.explained('authenticated', '', 'documents'), 'caller \| warning \| .*There are no claims in force: the request is anonymous.*"readers read" lets nothing through: using \(org_id = NULL\), because workos_org_with_permission\(''documents:read''\) is NULL: there are no claims in force.*verdict \| problem \| SELECT: no row can be seen, because each permissive policy for SELECT lets nothing through: "readers read", "writers write"\. \| select \* from extensions\.workos_doctor\(\);');

select is(test.run('anon', '{"role":"anon"}', 'select count(*) from documents'), '42501: permission denied for table documents', '2: an anonymous visitor');
select matches(test.doctor('anon', '{"role":"anon"}', 'token'), '^problem \| .* no access token');
select matches(test.verdict('anon', '{"role":"anon"}', 'documents'), '^verdict \| problem \| SELECT fails: anon does not have the privilege SELECT on app\.documents\. \| If anonymous visitors may: GRANT SELECT ON app\.documents TO anon;$');

-- Nobody is told to open the table to visitors because the gateway takes a user for one.
\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","permissions":["documents:read"]}'
select matches(test.explained('anon', :'claims', 'documents'), '^caller \| problem \| .*signed in, but the Postgres role is that of anonymous visitors\..*verdict \| problem \| SELECT fails: anon does not have the privilege .* \| select \* from extensions\.workos_doctor\(\);$', '... a user whom the gateway takes for a visitor');
select unalike(test.explained('anon', :'claims', 'documents'), '%to anon;%', '... and no privilege for visitors');
select unalike(test.explained('anon', :'claims', 'documents'), '%policy FOR SELECT TO anon%', '... and no policy for visitors');

\set claims '{"role":"authenticated","sub":"8b2f3f9e-6f0a-4f0c-9a53-0d6a6d3b6f11","iss":"https://abc.supabase.co/auth/v1"}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '3: a token of Supabase Auth');
select matches(test.doctor('authenticated', :'claims', 'token'), '^problem \| .*Supabase Auth.*Third-party auth');
select matches(test.explained('authenticated', :'claims', 'documents'), 'the token is of the kind other, and not of a user session.*workos_doctor\(\);');

\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","permissions":["documents:read"],"exp":1}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '4: an expired token');
select matches(test.doctor('authenticated', :'claims', 'time'), '^problem \| The token expired .* ago \(exp: 1970.*refresh');
select matches(test.verdict('authenticated', :'claims', 'documents'), '^verdict \| problem .*workos_doctor\(\);$');

\set claims '{"sid":"session_1","sub":"user_1","role":"authenticated"}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '5: no organization');
select matches(test.doctor('authenticated', :'claims', 'organization'), '^problem \| .*no organization.*switchToOrganization');
select matches(test.verdict('authenticated', :'claims', 'documents'), '^verdict \| problem \| .* Let the user select an organization');
select matches(test.explained('authenticated', :'claims', 'documents'), 'is NULL: no organization is selected; permissions are \{\}');
select is(test.run('authenticated', :'claims', 'insert into documents (title) values (''x'')'), '42501: new row violates row-level security policy for table "documents"', '... and an insert');
select matches(test.line(test.explained('authenticated', :'claims', 'documents', 'insert'), 'default'), '^default \| warning \| The default of the column org_id is NULL, because workos_org_id\(\) is NULL: no organization is selected\. The column is NOT NULL\. \| Let the user select');

\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","user_role":"","permissions":["documents:read"]}'
select is(test.run('authenticated', :'claims', 'select workos_has_role(''member'')'), 'false', '6: quotation marks in the JWT template');
select matches(test.doctor('authenticated', :'claims', 'user role'), '^problem \| .* quotes around .*user_role: ''''.*JWT template');

\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","permissions":"documents:read"}'
select matches(test.verdict('authenticated', :'claims', 'documents'), '^verdict \| problem \| .*\| select \* from extensions\.workos_doctor\(\);$', '... permissions that are no list');
\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","permissions":[ ]}'
select matches(test.verdict('authenticated', :'claims', 'documents'), '\| In WorkOS, give the role of the user the permission documents:read; then let the client refresh the token\.', '... an empty list');

\set claims '{"sub":"client_01","org_id":"org_1","role":"authenticated"}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '7: the token of a machine');
select matches(test.doctor('authenticated', :'claims', 'token'), '^problem \| .*machine-to-machine.*workos_application_id\(\)');
select matches(test.explained('authenticated', :'claims', 'documents'), 'the token is of the kind application, and not of a user session');

select is(test.run('authenticated', '{"sub":"user_1"', 'select count(*) from documents'), '22023: setting "request.jwt.claims" is not valid JSON', '8: malformed JSON');
select matches(test.doctor('authenticated', '{"sub":"user_1"', 'claims'), '^problem \| setting "request\.jwt\.claims" is not valid JSON \| The gateway');
select matches(test.verdict('authenticated', '{"sub":"user_1"', 'documents'), '^verdict \| problem \| SELECT fails: the policy "readers read" raises 22023: setting "request.jwt.claims" is not valid JSON\. \| The gateway must set it');
select matches(test.doctor('authenticated', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln', 'claims'), '^problem \| .* access token as it was sent', '... or the token itself');

reset session authorization;
select is(test.run('postgres', :'nobody', 'select count(*) from documents'), '2', '10: a superuser sees every row');
select matches(test.doctor('postgres', :'nobody', 'policies apply'), '^warning \| .*superuser.*\| set local role authenticated;$');
select matches(test.line(test.explained('postgres', :'nobody', 'documents'), 'row security'), '^row security \| warning \| .*postgres, which is a superuser \| set local role authenticated;|^row security \| warning \| .* is a superuser\.');
select matches(test.verdict('service_role', :'nobody', 'documents'), '^verdict \| problem \| SELECT fails: service_role does not have the privilege', '... BYPASSRLS is no privilege');
select matches(test.line(test.explained('service_role', :'nobody', 'documents'), 'row security'), '^row security \| warning \| .*has BYPASSRLS');
set session authorization authenticator;

\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","permissions":["documents:read"],"exp":"2030-01-01"}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '11: exp is no number');
select matches(test.doctor('authenticated', :'claims', 'time'), '^problem \| .*not a number.*exp: a string.*Remove exp and nbf');

select throws_ok('set local role member', '22023', 'role "member" does not exist', '12: what the gateway answers when the token names the role in WorkOS');
select matches(test.doctor('authenticated', '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"member"}', 'postgres role'), '^problem \| .*role "member" does not exist.*"role": "authenticated"');
select throws_ok('set local role developer', '42501', 'permission denied to set role "developer"', '... or one that exists');
select matches(test.doctor('authenticated', '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"developer"}', 'postgres role'), '^problem \| .*of the connection, authenticator, may not become it: permission denied to set role');

select is(test.run('none', :'reader', 'select count(*) from documents'), '42501: permission denied for table documents', '13: set role was forgotten');
select matches(test.doctor('none', :'reader', 'role'), '^problem \| The role is authenticator, that of the connection.*\| set local role authenticated;$');
select matches(test.verdict('none', :'reader', 'documents'), '^verdict \| problem \| SELECT fails: authenticator does not have the privilege .* \| set local role authenticated;$');
select matches(test.line(test.explained('none', :'reader', 'documents'), 'caller'), '^caller \| problem \| The role is authenticator.* \| set local role authenticated;$');
reset session authorization;

create table app.ungranted (org_id text);
alter table app.ungranted enable row level security;
create policy members on app.ungranted to authenticated using (org_id = workos_org_id());
set session authorization authenticator;
select is(test.run('authenticated', :'reader', 'select count(*) from ungranted'), '42501: permission denied for table ungranted', '14: no privilege');
select matches(test.doctor('authenticated', :'reader', 'grants'), '^warning \| Policies let authenticated read app\.ungranted, but the privilege is missing.*\| GRANT SELECT ON app\.ungranted TO authenticated;$');
select matches(test.verdict('authenticated', :'reader', 'ungranted'), '^verdict \| problem \| SELECT fails: authenticated does not have the privilege SELECT on app\.ungranted\. \| GRANT SELECT ON app\.ungranted TO authenticated;$');
select is(test.doctor('anon', '{"role":"anon"}', 'grants'), null, '... and anon, for whom there is no policy, is not told of it');

select is(test.run('authenticated', :'nobody', 'select count(*) from documents'), '0', '15: the permission is missing');
select matches(test.doctor('authenticated', :'nobody', 'permissions'), '^ok \| .*permissions: \{other\}');
select matches(test.explained('authenticated', :'nobody', 'documents'), '\npolicy for SELECT \| problem \| "readers read" lets nothing through: using \(org_id = NULL\), because workos_org_with_permission\(''documents:read''\) is NULL: permissions are \{other\}\n');
select matches(test.verdict('authenticated', :'nobody', 'documents'), '\| In WorkOS, give the role of the user the permission documents:read; then let the client refresh the token\.');

\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_3","role":"authenticated","user_role":"member","permissions":["documents:read"]}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '16: another organization is selected');
select matches(test.doctor('authenticated', :'claims', 'organization'), '^ok \| .*org_id: ''org_3''.*has to switch');
select matches(test.verdict('authenticated', :'claims', 'documents'), '^verdict \| ok \| .* the table has no such row for the organization ''org_3''\. \| .*switchToOrganization');
reset session authorization;

create table app.bare (org_id text);
insert into app.bare values ('org_1');
alter table app.bare enable row level security;
grant select, insert on app.bare to authenticated;
create table app.for_others (org_id text);
alter table app.for_others enable row level security;
grant select on app.for_others to authenticated;
create policy adding on app.for_others for insert to authenticated with check (true);
create policy "for anon" on app.for_others for select to anon using (true);
set session authorization authenticator;
select is(test.run('authenticated', :'reader', 'select count(*) from bare'), '0', '17: row security is on, and there is no policy');
select matches(test.doctor('authenticated', :'reader', 'policies'), 'warning \| Row security is on and there is no policy, .*, of: app\.bare\. \| select \* from extensions\.workos_explain\(''app\.bare''\);');
select matches(test.explained('authenticated', :'reader', 'bare'), 'No permissive policy for SELECT applies to authenticated, so nothing passes\. The table has no policies at all\..*verdict \| problem \| SELECT: no row can be seen, because no permissive policy for SELECT applies to authenticated\. \| Decide whom');
select matches(test.doctor('authenticated', :'reader', 'policies'), 'warning \| The policies are for other roles or other commands than SELECT, so authenticated sees no row, of: app\.for_others\.', '... or none for this role and command');
select matches(test.line(test.explained('authenticated', :'reader', 'for_others'), 'policy for SELECT'), 'problem \| No permissive policy .* The policies of the table: "for anon" is for SELECT to anon, adding is for INSERT to authenticated\.');

select is(test.run('authenticated', :'reader', 'insert into documents (title) values (''x'')'), '42501: new row violates row-level security policy for table "documents"', '18: a new row is refused');
select matches(test.verdict('authenticated', :'reader', 'documents', 'insert'), '^verdict \| problem \| INSERT: no new row is accepted \("new row violates row-level security policy"\), because each permissive policy for INSERT lets nothing through: "writers write"\. \| In WorkOS, give the role of the user the permission documents:write');
select is(test.run('authenticated', :'writer', 'insert into documents (org_id, title) values (''org_2'', ''x'')'), '42501: new row violates row-level security policy for table "documents"', '... or one of another organization');
select matches(test.explained('authenticated', :'writer', 'documents', 'insert'), 'policy for INSERT, new values \| ok \| "writers write" decides row by row: using \(org_id = ''org_1''\), because .*verdict \| ok');

\set claims '{"sid":"sess_1","sub":"user_2NNEqL2nrIRdJ194ndJqAHwEfxC","iss":"https://happy-fox-1.clerk.accounts.dev","role":"authenticated"}'
select is(test.run('authenticated', :'claims', 'select count(*) from documents'), '0', '19: a token of Clerk');
select matches(test.doctor('authenticated', :'claims', 'token'), '^problem \| WorkOS did not issue this token: it seems to come from Clerk .*sub: ''user_2NNEqL2nrIRdJ194ndJqAHwEfxC''');
reset session authorization;

-- 20: no USAGE. Nothing of ours can answer; and for the schema of a table, only by its name as a text.
create role outsider;
create role outside noinherit login;
grant outsider to outside;
create table closed.documents (org_id text);
grant select on closed.documents to authenticated;
alter table closed.documents enable row level security;
create policy members on closed.documents to authenticated using (org_id = workos_org_id());
revoke usage on schema extensions from public;
grant usage on schema extensions to authenticated, anon, authenticator;
set session authorization outside;
select is(test.run('outsider', :'reader', 'select extensions.workos_org_id()'), '42501: permission denied for schema extensions', '20: no USAGE on the schema of the functions');
select is(test.run('outsider', :'reader', 'select count(*) from extensions.workos_doctor()'), '42501: permission denied for schema extensions', '... nor workos_doctor()');
set session authorization authenticator;
select is(test.run('authenticated', :'reader', 'select ''closed.documents''::regclass'), '42501: permission denied for schema closed', '... no USAGE on the schema of the table');
select matches(test.verdict('authenticated', :'reader', 'closed.documents'), '^verdict \| problem \| SELECT fails: authenticated may not use the schema closed\. \| GRANT USAGE ON SCHEMA closed TO authenticated;$');
reset session authorization;
set local search_path = test, closed, extensions, tap;
set session authorization authenticator;
select is(test.run('authenticated', :'reader', 'select count(*) from documents'), '42P01: relation "documents" does not exist', '... which Postgres calls a table that does not exist');
select matches(test.verdict('authenticated', :'reader', 'documents'), 'authenticated may not use the schema closed\. \| GRANT USAGE ON SCHEMA closed TO authenticated;$');
reset session authorization;
set local search_path = test, app, public, extensions, tap;
grant usage on schema extensions to public;

-- 9 is in conformance/doctor.sql: claims that are set for the session.

-- Commands
grant select, insert, update on app.for_others to authenticated;
create policy change on app.for_others for update to authenticated using (true);
set session authorization authenticator;
select is(test.run('authenticated', :'reader', 'insert into for_others values (''x'')'), null, 'an insert without RETURNING needs no policy for SELECT');
select matches(test.verdict('authenticated', :'reader', 'for_others', 'insert'), '^verdict \| ok \| INSERT, new values: there is a policy that lets everything through\.$');
select matches(test.run('authenticated', :'reader', 'insert into for_others values (''x'') returning org_id'), '^42501: new row violates', '... and with RETURNING it does');
select matches(test.verdict('authenticated', :'reader', 'for_others', 'insert returning'), '^verdict \| problem \| INSERT RETURNING: RETURNING may not show the new row .*, because no permissive policy for SELECT applies');
select is(test.run('authenticated', :'reader', 'with u as (update for_others set org_id = ''y'' where org_id = ''x'' returning 1) select count(*) from u'), '0', 'an update needs one, too');
select matches(test.verdict('authenticated', :'reader', 'for_others', 'update'), '^verdict \| problem \| UPDATE: no row can be seen, neither before nor after the change, .* because no permissive policy for SELECT');
select matches(test.verdict('authenticated', :'reader', 'for_others', 'delete'), '^verdict \| problem \| DELETE fails: authenticated does not have the privilege DELETE');
select matches(test.verdict('authenticated', :'writer', 'documents', 'delete'), '^verdict \| ok \| DELETE: rows pass .* SELECT: rows pass');
select matches(test.verdict('authenticated', :'reader', 'documents', 'delete'), '^verdict \| problem \| DELETE: no row can be deleted, because .*"writers write"\. \| .*documents:write');
select matches(test.verdict('authenticated', :'reader', 'documents', E' Insert \n RETURNING '), 'INSERT RETURNING: ', 'the command in any spelling');
select throws_ok('select * from workos_explain(''documents'', ''truncate'')', '22023', 'workos_explain() does not know this command', 'another command');
select throws_ok('select * from workos_explain(''documents'', null)', '22004', null, 'NULL');
select throws_ok('select * from workos_explain(null::text)', '22004', null, 'NULL');
select throws_ok('select * from workos_explain(''no_such'')', '42P01', 'the table does not exist', 'no such table');
select throws_ok('select * from workos_explain(''a b'')', '22023', null, 'no name');
select throws_ok('select * from workos_explain(repeat(''x'', 10000000))', '22023', 'the name of the table is too long', 'a long one');
select throws_ok('select * from workos_explain(''app.documents_id_seq'')', '42809', 'app.documents_id_seq is not a table or a view', 'a sequence');
select is((select count(*) from workos_explain('app.documents'::regclass) where step = 'verdict'), 1::bigint, 'a regclass');
select is((select count(*) from workos_explain('app.documents'::regclass::oid::text) where step = 'verdict'), 1::bigint, 'the number of a table');
select throws_ok('select * from workos_explain(''1'')', '42P01', null, 'no such number');
reset session authorization;

-- What the explanation says of a command happens, also for policies that lack one of the expressions.
reset session authorization;
create table app.halves (id int primary key, org_id text);
insert into app.halves values (1, 'org_1');
grant all on app.halves to authenticated;
alter table app.halves enable row level security;
create table test.halves as select row_number() over () as n, policies from (values
	('{for all with check (true)}'::text[]), ('{for update with check (true), for select using (true)}'), ('{for update using (true), for select using (true)}'), ('{for all using (true)}'),
	('{for update using (true) with check (false), for select using (true)}'), ('{for select using (true), for delete using (true)}'), ('{for delete using (true)}'), ('{for insert with check (true)}'),
	('{for insert with check (true), for select using (false)}'), ('{for all using (true), as restrictive for all with check (false)}'), ('{for all using (true), as restrictive for select using (false)}'),
	('{for all using (true), as restrictive for update}'), ('{for select}'), ('{for all using (org_id = workos_org_id())}'), ('{for all using (org_id <> workos_org_id())}')) v(policies);
create table test.happened (policies text, command text, said boolean, happened boolean);
do $$
declare
	h record;
	c record;
	policy text;
	answer text;
	said text;
begin
	for h in select * from test.halves order by n loop
		foreach policy in array h.policies loop
			execute format('create policy %I on app.halves %s', policy, policy);
		end loop;
		for c in select * from (values
			('select', 'select count(*) from app.halves'), ('insert', 'insert into app.halves values (2, ''org_1'')'), ('insert returning', 'with i as (insert into app.halves values (2, ''org_1'') returning id) select count(*) from i'),
			('update', 'with u as (update app.halves set id = 3 where id = 1 returning id) select count(*) from u'), ('delete', 'with d as (delete from app.halves where id = 1 returning id) select count(*) from d'),
			('insert on conflict do update', 'insert into app.halves values (1, ''org_1'') on conflict (id) do update set org_id = excluded.org_id'),
			('merge', 'merge into app.halves h using (values (1), (2)) v(id) on h.id = v.id when matched then update set id = h.id when not matched then insert values (v.id, ''org_1'')')) v(command, statement)
		loop
			begin
				said := test.verdict('authenticated', '{"sid":"session_1","sub":"user_1","org_id":"org_1"}', 'app.halves', c.command);
				answer := test.run('authenticated', '{"sid":"session_1","sub":"user_1","org_id":"org_1"}', c.statement);
				raise exception using errcode = 'ABCDE';
			exception when sqlstate 'ABCDE' then
				insert into test.happened values (h.policies::text, c.command, said ~ '^verdict . ok', coalesce(answer, '1') = '1');
			end;
		end loop;
		foreach policy in array h.policies loop
			execute format('drop policy %I on app.halves', policy);
		end loop;
	end loop;
end $$;
select is(count(*), 105::bigint, 'all of these were tried') from test.happened;
select is_empty('select * from test.happened where happened and not said', 'what is refused does not happen');
-- The rows decide, so more can be possible than happens: here, those of the other organization.
select results_eq('select distinct policies from test.happened where said and not happened', $$values ('{"for all using (org_id <> workos_org_id())"}')$$, 'what is possible happens, but where no row fits');

-- Privileges
create table app.serials (id serial, org_id text default workos_org_id(), a text, b text);
grant insert, select (id, a) on app.serials to authenticated;
alter table app.serials enable row level security;
create policy members on app.serials to authenticated using (org_id = workos_org_id());
set session authorization authenticator;
select is(test.run('authenticated', :'reader', 'insert into serials (a) values (''x'')'), '42501: permission denied for sequence serials_id_seq', 'a sequence without USAGE');
select matches(test.verdict('authenticated', :'reader', 'serials', 'insert'), 'INSERT fails: authenticated may not use the sequence app\.serials_id_seq\. \| GRANT USAGE ON SEQUENCE app\.serials_id_seq TO authenticated;$');
select matches(test.line(test.explained('authenticated', :'writer', 'documents', 'insert'), 'default'), 'column org_id is ''org_1''', 'an identity column needs none');
select matches(test.line(test.explained('authenticated', :'reader', 'serials'), 'privilege'), '^privilege \| warning \| .*on the columns id, a of app\.serials only, and not on org_id, b\. .* \| Name only columns with the privilege in the statement\. Or, if authenticated may use the others: GRANT SELECT \(org_id, b\) ON app\.serials TO authenticated;$', 'privileges on columns');
reset session authorization;

-- Row security off, forced, bypassed
create table app.off (org_id text);
grant select on app.off to authenticated;
create policy members on app.off to authenticated using (org_id = workos_org_id());
grant usage, create on schema app to app_owner;
create table app.owned (org_id text);
alter table app.owned owner to app_owner;
alter table app.owned enable row level security;
create policy members on app.owned to authenticated using (org_id = workos_org_id());
grant app_owner to authenticator;
select matches(test.verdict('authenticated', :'reader', 'off'), 'verdict \| warning \| SELECT: row security does not restrict authenticated', 'row security is off');
select matches(test.line(test.explained('authenticated', :'reader', 'off'), 'row security'), 'warning \| Row security is off on app\.off.* \| ALTER TABLE app\.off ENABLE ROW LEVEL SECURITY;$');
select matches(test.line(test.explained('app_owner', :'reader', 'owned'), 'row security'), 'warning \| .*rights of the owner, app_owner, and it is not forced\. \| ALTER TABLE app\.owned FORCE ROW LEVEL SECURITY;$', 'the owner');
alter table app.owned force row level security;
select matches(test.explained('app_owner', :'reader', 'owned'), 'row security \| ok \| Row security is on, and forced for the owner, and applies to app_owner.*No permissive policy for SELECT applies to app_owner', 'the owner, forced');
set local row_security = off;
select is(test.run('authenticated', :'reader', 'select count(*) from documents'), '42501: query would be affected by row-level security policy for table "documents"', 'row_security = off');
select matches(test.verdict('authenticated', :'reader', 'documents'), 'SELECT fails: the setting row_security is off.* \| set row_security = on;$');
select matches(test.doctor('authenticated', :'reader', 'policies apply'), '^problem \| .*row_security is off');
set local row_security = on;
-- What the explanation says of row security agrees with Postgres.
select is(test.line(test.explained(role, '', c.oid::regclass::text), 'row security') ~ 'applies to', test.run(role, '', format('select row_security_active(%s)', c.oid)) = 'true', format('row security of %s for %s', c.oid::regclass, role))
	from pg_class c, unnest('{postgres,authenticated,anon,service_role,app_owner}'::text[]) role
	where c.relnamespace in ('app'::regnamespace, 'closed'::regnamespace) and c.relkind = 'r';

-- Roles: PUBLIC, inherited, not inherited
create role editor;
create role heir;
grant editor, authenticated to heir;
create role other noinherit;
grant editor to other;
create table app.roles (org_id text);
alter table app.roles enable row level security;
grant select on app.roles to public;
create policy editors on app.roles to editor using (true);
create policy everybody on app.roles as restrictive using (true);
select is(test.run(role, '', 'select count(*) from workos_explain(''roles'') where step ~ ''^(restrictive )?policy'' and detail ~ ''lets everything through'''), n, role || ': policies that apply')
	from (values ('editor', '2'), ('heir', '2'), ('other', '1'), ('anon', '1')) v(role, n);
create policy nobody on app.roles as restrictive for select to heir using (workos_has_role('x') or null);
select matches(test.verdict('heir', '', 'roles'), 'problem \| .* because a restrictive policy for SELECT lets nothing through: nobody\.', 'a restrictive policy that stops everything');
select matches(test.verdict('editor', '', 'roles'), 'verdict \| ok \| SELECT: there is a policy that lets everything through', '... for others it does not apply');

reset session authorization;
create table app.shown (org_id text);
alter table app.shown enable row level security;
grant select on app.shown to authenticated;
create policy roles on app.shown to authenticated using (org_id = workos_org_id() and workos_has_any_role('owner', 'admin'));
set session authorization authenticator;
\set claims '{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated"}'
select matches(test.verdict('authenticated', :'reader', 'shown'), '\| In WorkOS, give the user one of the roles owner, admin; then let the client refresh the token\.$', 'one of several roles');
select matches(test.verdict('authenticated', :'claims', 'shown'), '\| In WorkOS, give the user one of the roles .* If the user has it there, the token does not carry it, and workos_doctor\(\) says why\.$', '... a token without roles');
reset session authorization;
create policy everybody on app.shown to authenticated using (true);
set session authorization authenticator;
select matches(test.verdict('authenticated', :'reader', 'shown'), '^verdict \| ok \| SELECT: there is a policy that lets everything through\. So the policies keep no organization''s rows apart\.$', 'every row: no other organization has to be selected');
reset session authorization;
create policy own on app.shown as restrictive to authenticated using (org_id = workos_org_id());
set session authorization authenticator;
select matches(test.verdict('authenticated', :'reader', 'shown'), 'each of these restrictive ones: own\. If there is none, .* switch to it', '... but with a restrictive policy');
reset session authorization;
create table app.joined (org_id text);
alter table app.joined enable row level security;
grant select on app.joined to authenticated;
create policy members on app.joined to authenticated using (org_id = any ((select workos_org_ids())::text[]));
set session authorization authenticator;
select matches(test.verdict('authenticated', :'reader', 'joined'), '^verdict \| problem \| SELECT fails: .* there is no directory in this database\. \| .*directory.*', 'an error of a helper, with its hint');
reset session authorization;
create role worker bypassrls;
set session authorization worker;
select matches(remedy, '^Connect as a role to which policies apply\.', 'no statement that this role may not run') from workos_doctor() where check_name = 'policies apply';
reset session authorization;

-- Views and the like
create view app.plain as select * from app.documents;
create view app.invoking with (security_invoker = on) as select * from app.documents;
create materialized view app.materialized as select * from app.documents;
grant select on app.plain, app.invoking, app.materialized to authenticated;
select matches(test.line(test.explained('authenticated', :'nobody', 'plain'), 'row security'), 'warning \| app\.plain is a view without security_invoker: .*app\.documents.*of its owner, postgres, .*shows every row\. \| ALTER VIEW app\.plain SET \(security_invoker = true\);', 'a view');
select matches(test.line(test.explained('authenticated', :'nobody', 'invoking'), 'row security'), 'ok \| app\.invoking is a view with security_invoker.*: app\.documents\. \| select \* from extensions\.workos_explain\(''app\.documents'', ''select''\);', 'a view with security_invoker');
select matches(test.line(test.explained('authenticated', :'nobody', 'materialized'), 'row security'), 'warning \| app\.materialized is a materialized view', 'a materialized view');
select matches(test.verdict('anon', '', 'invoking'), 'SELECT fails: anon does not have the privilege SELECT on app\.invoking', 'the privilege on a view');
-- A view of an owner who may not read the table
create role view_owner;
grant usage on schema app to view_owner;
create view app.of_owner as select * from app.documents;
alter view app.of_owner owner to view_owner;
grant select on app.of_owner to authenticated;
select is(test.run('authenticated', :'reader', 'select count(*) from of_owner'), '42501: permission denied for table documents', 'a view whose owner lacks the privilege');
select matches(test.line(test.explained('authenticated', :'reader', 'of_owner'), 'row security'), '^row security \| problem \| .*But view_owner does not have the privilege SELECT on app\.documents');
select matches(test.verdict('authenticated', :'reader', 'of_owner'), '^verdict \| problem \| SELECT fails: the owner of the view, view_owner, does not have the privilege SELECT on app\.documents\. \| If everybody ');
grant select on app.documents to view_owner;
select is(test.run('authenticated', :'reader', 'select count(*) from of_owner'), '0', '... and with it, the policies for that role');
select unalike(test.explained('authenticated', :'reader', 'of_owner'), '%does not have the privilege%');
drop view app.of_owner;
create foreign data wrapper nothing;
create server nowhere foreign data wrapper nothing;
create foreign table app.far (org_id text) server nowhere;
select matches(test.line(test.explained('authenticated', :'nobody', 'far'), 'row security'), 'warning \| app\.far is a foreign table', 'a foreign table');
create table app.referring (id int);
alter table app.documents add primary key (id);
alter table app.referring add foreign key (id) references app.documents;
select matches(test.line(test.explained('authenticated', :'reader', 'documents'), 'other ways'), 'note \| .*foreign keys that lead here .*: referring_id_fkey of app\.referring; views without security_invoker .*: app\.materialized, app\.plain\.', 'what goes another way');

create table app.parent (org_id text) partition by list (org_id);
create table app.part partition of app.parent for values in ('org_1');
alter table app.parent enable row level security;
create policy members on app.parent to authenticated using (org_id = workos_org_id());
grant select on app.parent, app.part to authenticated;
select matches(test.line(test.explained('authenticated', :'reader', 'parent'), 'partitions'), 'warning \| A query is subject to the policies of the table that it names\. One that names a partition or a child uses the policies of that\. Row security is off on: app\.part\.', 'a partitioned table');
select matches(test.line(test.explained('authenticated', :'reader', 'part'), 'partitions'), 'note \| .*names the parent, app\.parent, uses the policies of that', 'a partition');

-- Claims of Supabase Auth, which no WorkOS token has
create schema if not exists auth;
grant usage on schema auth to public;
create or replace function auth.jwt() returns jsonb language sql stable as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create table app.metadata (org_id text);
insert into app.metadata values ('org_1');
alter table app.metadata enable row level security;
grant select on app.metadata to authenticated;
create policy m on app.metadata to authenticated using (org_id = (auth.jwt() -> 'app_metadata' ->> 'org_id'));
select is(test.run('authenticated', :'reader', 'select count(*) from metadata'), '0', 'a claim that only Supabase Auth has');
select matches(test.verdict('authenticated', :'reader', 'metadata'), '^verdict \| problem \| .*each permissive policy for SELECT lets nothing through: m\. \| The claim app_metadata is one of Supabase Auth\.');
alter policy m on app.metadata using ((auth.jwt() ->> 'aal') = 'aal2' and org_id = workos_org_id());
select matches(test.verdict('authenticated', :'reader', 'metadata'), '\| The claim aal is one of Supabase Auth\.', '... the level of assurance');
alter policy m on app.metadata using (org_id = (auth.jwt() ->> 'team'));
select matches(test.verdict('authenticated', :'reader', 'metadata'), '\| The token has no claim ''team''\. .*JWT template');
\set with_team '{"sid":"session_1","sub":"user_1","org_id":"org_1","team":"org_1"}'
select is(test.run('authenticated', :'with_team', 'select count(*) from metadata'), '1', '... and one that has it');
select unalike(test.explained('authenticated', :'with_team', 'metadata'), '%The token has no claim%');

-- What policies use: tables, functions, themselves
create table app.memberships (user_id text, org_id text);
insert into app.memberships values ('user_1', 'org_1');
create table app.shared (org_id text);
insert into app.shared values ('org_1');
alter table app.shared enable row level security;
grant select on app.shared to authenticated;
create policy members on app.shared to authenticated using (exists (select 1 from app.memberships m where m.org_id = shared.org_id and m.user_id = workos_user_id()));
select is(test.run('authenticated', :'reader', 'select count(*) from shared'), '42501: permission denied for table memberships', 'a policy that reads a table without the privilege');
select matches(test.verdict('authenticated', :'reader', 'shared'), 'SELECT fails: the policy members raises 42501: permission denied, since the policy uses the table app\.memberships, and authenticated may not\. \| GRANT SELECT ON app\.memberships TO authenticated;$');
grant select on app.memberships to authenticated;
select is(test.run('authenticated', :'reader', 'select count(*) from shared'), '1', '... and with it');
select matches(test.verdict('authenticated', :'reader', 'shared'), '^verdict \| ok');
select is(test.run('authenticated', '', 'select count(*) from shared'), '0', '... without a user');
select matches(test.verdict('authenticated', '', 'shared'), '^verdict \| problem \| .*members\. \| select \* from extensions\.workos_doctor\(\);$', '... in a sub-select');
create policy themselves on app.memberships to authenticated using (org_id in (select m.org_id from app.memberships m where m.user_id = workos_user_id()));
alter table app.memberships enable row level security;
select matches(test.run('authenticated', :'reader', 'select count(*) from ' || t), '^42P17: infinite recursion detected in policy for relation', 'recursion: ' || t) from unnest('{shared,memberships}'::text[]) t;
select matches(test.verdict('authenticated', :'reader', t), 'SELECT fails: infinite recursion in the policies of app\.memberships\. \| Let the policy ask') from unnest('{shared,memberships}'::text[]) t;
select is(test.run('postgres', :'reader', 'select count(*) from shared'), '1', '... which a superuser does not meet');
select unalike(test.explained('postgres', :'reader', 'shared'), '%recursion%');
drop policy themselves on app.memberships;
create policy themselves on app.memberships to authenticated using (user_id = (select workos_user_id()));
select is(test.run('authenticated', :'reader', 'select count(*) from shared'), '1', 'a policy that leads to another is no recursion');
select unalike(test.explained('authenticated', :'reader', 'shared'), '%recursion%');
create policy adding on app.memberships for insert to authenticated with check (exists (select from app.memberships m where m.org_id = memberships.org_id));
grant insert on app.memberships to authenticated;
select matches(test.run('authenticated', :'reader', 'insert into memberships values (''user_1'', ''org_1'')'), '^42P17: infinite recursion', 'recursion of an insert, since the policy for SELECT has a sub-select');
select matches(test.verdict('authenticated', :'reader', 'memberships', 'insert'), 'INSERT fails: infinite recursion');
select unalike(test.explained('authenticated', :'reader', 'memberships'), '%recursion%', '... and a select has none');

create function app.secret_check(text) returns boolean language sql as 'select true';
revoke execute on function app.secret_check(text) from public;
create table app.checked (org_id text);
alter table app.checked enable row level security;
grant select on app.checked to authenticated;
insert into app.checked values ('org_1');
create policy checks on app.checked to authenticated using (app.secret_check(org_id));
select is(test.run('authenticated', :'reader', 'select count(*) from checked'), '42501: permission denied for function secret_check', 'a function without the privilege');
select matches(test.verdict('authenticated', :'reader', 'checked'), 'uses the function app\.secret_check\(text\), and authenticated may not\. \| GRANT EXECUTE ON FUNCTION app\.secret_check\(text\) TO authenticated;$');

-- An id of WorkOS is no UUID.
create table app.by_uuid (owner uuid);
insert into app.by_uuid values ('1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001');
alter table app.by_uuid enable row level security;
grant select on app.by_uuid to authenticated;
create policy p on app.by_uuid to authenticated using (owner = workos_user_id()::uuid);
select is(test.run('authenticated', :'reader', 'select count(*) from by_uuid'), '22P02: invalid input syntax for type uuid: "user_1"', 'a policy that casts the id of a user to uuid');
select matches(test.explained('authenticated', :'reader', 'by_uuid'), 'raises 22P02', '... and the explanation names it');
select throws_ok('select workos_no_such()', '42883', 'function workos_no_such() does not exist', 'a function that the search_path does not have');

-- A claim as the argument of a helper, of a type that it does not fit. Postgres repeats it in its message.
create table app.lately (org_id text);
alter table app.lately enable row level security;
grant select on app.lately to authenticated;
create policy lately on app.lately to authenticated using (workos_authenticated_within(workos_claim('email')::interval));
insert into app.lately values ('org_1');
\set with_mail '{"sub":"user_1","sid":"session_1","email":"ann@example.com"}'
select matches(test.run('authenticated', :'with_mail', 'select count(*) from lately'), '^22007: .*ann@example', 'Postgres repeats the claim');
select unalike(test.explained('authenticated', :'with_mail', 'lately'), '%ann@%', 'workos_explain() does not');
select matches(test.verdict('authenticated', :'with_mail', 'lately'), 'fails: the policy lately raises 22007: an argument of workos_authenticated_within\(\), a value of the claims, does not fit its type\.', '... and says what is wrong');

-- Nothing but the functions of this library is called, whatever a policy says, and whatever the caller's path is.
create sequence app.calls;
create schema evil;
grant usage on schema evil to public;
create function evil.workos_org_id() returns text language plpgsql volatile as $$ begin perform nextval('app.calls'); return 'org_1'; end $$;
create function evil.called(text, text default null) returns boolean language plpgsql volatile as $$ begin perform nextval('app.calls'); return true; end $$;
create function evil."COALESCE"(text) returns text language plpgsql volatile as $$ begin perform nextval('app.calls'); return 'org_1'; end $$;
create function evil."extensions.workos_org_id"() returns text language plpgsql volatile as $$ begin perform nextval('app.calls'); return 'org_1'; end $$;
create operator evil.= (function = evil.called, leftarg = text, rightarg = text);
create domain evil.word as text check (evil.called(value));
create domain evil.flag as boolean check (evil.called(value::text));
create role planter;
grant create on schema extensions to planter;
set local role planter;
create function extensions.workos_org_id(int) returns text language plpgsql stable as $$ begin perform nextval('app.calls'); return 'org_1'; end $$;
create function extensions.workos_evil() returns text language plpgsql stable as $$ begin perform nextval('app.calls'); return 'org_1'; end $$;
reset role;
create table app.hostile (org_id text, "a""(b) AND" text, yes boolean);
alter table app.hostile enable row level security;
grant select, insert, update on app.hostile to authenticated;
create table test.hostile as select row_number() over () as n, expression from unnest(array[
	'org_id = evil.workos_org_id()', 'evil.called(org_id)', 'evil.called(workos_org_id())', 'org_id = evil."COALESCE"(null)', 'org_id = evil."extensions.workos_org_id"()', 'org_id operator(evil.=) workos_org_id()',
	'workos_has_permission((''documents:read''::evil.word)::text)', '(workos_has_permission(''documents:read''))::evil.flag', 'org_id = extensions.workos_org_id(1)', 'org_id = extensions.workos_evil()',
	'workos_has_permission(evil.workos_org_id())', '"a""(b) AND" = '') or extensions.workos_org_id(1) = (''', 'org_id = workos_org_id() or (select evil.called(org_id, workos_user_id()))',
	'exists (select evil.called(org_id) from app.documents where workos_org_id() is null)', 'workos_has_any_permission(variadic array[evil.workos_org_id()])']) expression;
do $$
declare
	e record;
begin
	for e in select * from test.hostile order by n loop
		execute format('create policy %I on app.hostile to authenticated using (%s)', 'policy ' || e.n, e.expression);
	end loop;
end $$;
create function test.all_explained() returns text language sql set search_path = pg_catalog as $$
	select string_agg(test.explained(role, claims, 'app.hostile', command), E'\n' order by role, command)
	from unnest('{postgres,authenticated}'::text[]) role, unnest('{select,insert,update}'::text[]) command,
		(values ('{"sid":"session_1","sub":"user_1","org_id":"org_1","role":"authenticated","user_role":"member","permissions":["documents:read"]}')) v(claims)
$$;
alter function test.explained(text, text, text, text) set search_path = test, extensions, pg_catalog;
select nextval('app.calls') as before \gset
select test.all_explained() as usual \gset
set local search_path = evil, pg_temp, test, app, public, extensions, tap, pg_catalog;
set local quote_all_identifiers = on;
set local standard_conforming_strings = off;
set local extra_float_digits = -15;
alter function test.explained(text, text, text, text) set search_path = evil, test, extensions, pg_catalog;
select test.all_explained() as unusual \gset
set local search_path = test, app, public, extensions, tap;
set local quote_all_identifiers = off;
set local standard_conforming_strings = on;
alter function test.explained(text, text, text, text) reset search_path;
select is(nextval('app.calls'), :before + 1::bigint, 'no function of others is called');
select is(:'unusual'::text, :'usual', '... and settings of the caller change nothing');
select is(count(*), 15::bigint, '... and what they would answer is not known') from regexp_matches(test.explained('authenticated', :'reader', 'app.hostile'), '^policy for SELECT \| ok \| "policy [0-9]+" decides row by row', 'gn');
select matches(test.explained('authenticated', :'reader', 'app.hostile'), '"policy 12" decides row by row: using \("a""\(b\) AND" = ''\) or extensions\.workos_org_id\(1\) = \(''::text\)', 'a text that looks like a call is a text');

-- Delegated access: each condition of a gate that is not met, and each way to write a gate.
reset session authorization;
create table app.by_agents (org_id text, user_id text);
insert into app.by_agents values ('org_1', 'user_1');
alter table app.by_agents enable row level security;
grant select on app.by_agents to authenticated;
-- What the policy lets through, and what is said of it. The policy is dropped again.
create function test.gate(gate text, claims text) returns text language plpgsql as $$
declare
	said text;
begin
	execute format('create policy "gate" on app.by_agents for select to authenticated using (%s)', gate);
	said := concat_ws(E'\n', test.run('authenticated', claims, 'select count(*) from by_agents'), test.line(test.explained('authenticated', claims, 'app.by_agents'), 'policy for SELECT'), test.verdict('authenticated', claims, 'app.by_agents'));
	drop policy "gate" on app.by_agents;
	return said;
end $$;
select matches(test.gate(gate, delegated('{"sub": "user_1", "client_id": "client_1", "scope": "openid read"}'::jsonb || more)), want, gate || ' ' || more::text)
	from (values
		('org_id = workos_delegated_org_id(''read'')', '{}'::jsonb, '^1\n.* \| ok \| .*org_id = ''org_1'''), ('org_id = workos_delegated_org_id(client => ''client_1'')', '{}', '^1\n.* \| ok \| .*org_id = ''org_1'''),
		('org_id = workos_delegated_org_id(client => ''client_1'', scope => ''read'')', '{}', '^1\n.* \| ok \| .*org_id = ''org_1'''), ('user_id = (select workos_delegated_user_id(null, ''client_1''))', '{}', '^1\n.* \| ok \| '),
		('org_id = workos_application_org_id(''read'')', '{"sub": "client_1"}', '^1\n.* \| ok \| '), ('workos_has_scope(''read'') and org_id = workos_delegated_org_id(''read'')', '{}', '^1\n.* \| ok \| '),
		('org_id = workos_delegated_org_id(''write'')', '{}', '^0\n.*workos_delegated_org_id\(''write'', NULL\) is NULL: scopes are \{openid, read\}\n.* \| .*ask for the scope write'),
		('org_id = workos_delegated_org_id(client => ''read'')', '{}', '^0\n.*workos_delegated_org_id\(NULL, ''read''\) is NULL: the client id is ''client_1'''),
		('org_id = workos_delegated_org_id(client => ''client_2'', scope => ''read'')', '{}', '^0\n.*workos_delegated_org_id\(''read'', ''client_2''\) is NULL: the client id is ''client_1'''),
		('org_id = workos_delegated_org_id()', '{}', '^0\n.*workos_delegated_org_id\(NULL, NULL\) is NULL: the gate names neither a scope nor a client id'),
		('org_id = workos_delegated_org_id(''read'')', '{"org_id": null}', '^0\n.* is NULL: the token has no claim org_id'), ('org_id = workos_delegated_org_id(''read'')', '{"aud": null}', '^0\n.* is NULL: the token names no accepted audience\n.* \| .*workos_doctor'),
		('org_id = workos_delegated_org_id(''read'')', '{"aud": "https://other.example"}', '^0\n.* is NULL: there are no claims in force\n.* \| .*workos_doctor'),
		('org_id = workos_delegated_org_id(''read'')', '{"sub": "client_1"}', '^0\n.* is NULL: the token is of the kind application, and not of an application that acts for a user'),
		('org_id = workos_delegated_org_id(''read'')', '{"sid": "session_1", "scope": null}', '^0\n.* is NULL: the token is of the kind session, and not of an application that acts for a user'),
		('org_id = workos_application_org_id(''read'')', '{}', '^0\n.* is NULL: the token is of the kind oauth, and not of a machine'), ('org_id = workos_application_org_id(''write'')', '{"sub": "client_1"}', '^0\n.* is NULL: scopes are \{openid, read\}'),
		('org_id = workos_application_org_id()', '{}', '^0\n.* is NULL: the token is of the kind oauth, and not of a machine'), ('org_id = workos_org_id()', '{}', '^0\n.* is NULL: the token is of the kind oauth, and not of a user session'),
		('workos_has_scope(''write'')', '{}', '^0\n.* is false: scopes are \{openid, read\}'), ('workos_has_scope(''read'')', '{"sid": "session_1", "scope": null}', '^0\n.* is false: the token is of the kind session, which has no scopes'),
		('org_id = workos_delegated_org_id(''read'', null, ''x'')', '{}', '55000: there is no directory in this database')) t(gate, more, want);

-- The Data API: a wrapper in an exposed schema, as docs/how-to/troubleshooting.md has it.
create schema api;
grant usage on schema api to authenticated;
set local search_path = api, public, extensions, tap;
create function api.workos_explain(relation text, command text default 'select') returns table (step text, status text, detail text, remedy text)
	language sql stable security invoker as 'select * from extensions.workos_explain(relation, command)';
set session authorization authenticator;
set transaction read only;
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', :'nobody', true), set_config('search_path', 'api, public, extensions, tap', true);
select set_config('test.answer', (select json_agg(e)::text from api.workos_explain(relation => 'app.documents') e), true);
reset role;
select matches(current_setting('test.answer')::json -> -1 ->> 'detail', '^SELECT: no row can be seen, because each permissive policy', 'the wrapper answers in JSON, in a transaction that is read only');
select * from finish();
rollback;
