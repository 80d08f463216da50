-- The multi-tenant example: what each caller may read and write under the policies of examples/multi-tenant.
\set ON_ERROR_STOP on
begin;
select no_plan();

-- Takes the role and the claims of a caller, as a gateway does, runs a query, and resets the role.
create function pg_temp.ask(nth int, question text) returns text language plpgsql as $$
declare
	said text;
begin
	perform set_config('role', role, true), as_claims(claims) from demo.caller where n = nth;
	execute question into said;
	perform set_config('role', 'none', true);
	return said;
end $$;

select is(pg_temp.ask(n, 'select string_agg(n::text, '','' order by n) from demo.attempt where demo.outcome(command) = ''yes'''), may, who || ': the commands that are allowed')
	from demo.caller join (values
		(1, '1,2,3,4,5,7,9'), (2, '1,2,4,5,7'), (3, '1,2,5'), (4, '5,6'), (5, null), (6, null), (7, null), (8, null), (9, null), (10, null), (11, null), (12, null)
	) t(n, may) using (n);
select is(pg_temp.ask(n, 'select string_agg(title, '', '' order by id) from documents'), sees, who || ' reads documents')
	from demo.caller join (values
		(1, 'Roadmap, Launch checklist, Anvil press kit, Forecast'), (4, 'Roadmap, Launch checklist, Anvil press kit, Forecast'), (5, 'Anvil press kit, Storm plan, Forecast'),
		(6, 'Roadmap, Launch checklist, Anvil press kit, Forecast'), (7, 'Anvil press kit, Forecast'), (8, 'Anvil press kit, Forecast'),
		(9, 'Roadmap, Launch checklist, Anvil press kit, Forecast'), (10, 'Anvil press kit, Forecast'), (11, 'Anvil press kit, Forecast'), (12, 'Anvil press kit, Forecast')
	) t(n, sees) using (n);
select is(pg_temp.ask(n, 'select string_agg(name, '', '') from organizations'), sees, who || ' reads organizations')
	from demo.caller join (values (1, 'Acme'), (5, 'Globex'), (7, null), (8, null), (9, null), (11, null)) t(n, sees) using (n);
select is(pg_temp.ask(12, 'select demo.seen(''select count(*)::text from comments'')'), 'no grant', 'an anonymous request has no privilege on comments');

-- An application that acts for one of these users, or a machine, is none of them, whatever it has been granted: no policy of
-- the example admits it, but for the machine that one names.
create function pg_temp.ask_for(nth int, also jsonb, question text) returns text language plpgsql as $$
declare
	said text;
begin
	perform set_config('role', 'authenticated', true), as_claims((claims::jsonb || also)::text) from demo.caller where n = nth;
	execute question into said;
	perform set_config('role', 'none', true);
	return said;
end $$;
select is(pg_temp.ask_for(n, also, 'select concat_ws(''; '', (select string_agg(n::text, '','' order by n) from demo.attempt where demo.outcome(command) = ''yes''), (select string_agg(title, '', '' order by id) from documents), (select string_agg(name, '', '') from organizations), (select count(*) from projects), (select count(*) from comments))'),
		'Anvil press kit, Forecast; 0; 0', format('%s: %s', who, also))
	from demo.caller, unnest(array['{"scope": ""}', '{"scope": "openid documents:read documents:write owner *", "aud": "https://db.example/mcp", "client_id": "client_01SEARCHINDEXER"}',
		'{"sid": "app_consent_1", "aud": "https://db.example/mcp"}', '{"sub": "client_01AGENT", "scope": "openid documents:read", "aud": "client_01ENVIRONMENT"}', '{"sub": "client_01SEARCHINDEXER", "aud": "https://other.example"}']::jsonb[]) also
	where n <= 6;

-- Row security does not apply to foreign keys, so the keys include the organization.
select throws_ok($$select pg_temp.ask(3, 'insert into documents (project_id, title) values (3, ''x'') returning title')$$, '23503', null, 'a document of Acme cannot refer to a project of Globex');
select throws_ok($$select pg_temp.ask(3, 'insert into comments (document_id, body) values (4, ''x'') returning body')$$, '23503', null, 'a comment of Acme cannot refer to a document of Globex');
select is(pg_temp.ask(3, 'insert into documents (project_id, title) values (1, ''x'') returning org_id || '' '' || author_id'), 'org_01ACME user_01EDDY', 'column defaults set the organization and the author');
select * from finish();
rollback;
