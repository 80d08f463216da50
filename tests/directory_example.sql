-- The multi-tenant example with the directory: examples/multi-tenant/directory.sql. As postgres, who owns its tables and becomes
-- each caller, as a gateway does.
\set ON_ERROR_STOP on
begin;
set local client_min_messages = warning;
select no_plan();
\ir ../examples/multi-tenant/directory.sql
\ir ../examples/multi-tenant/people.sql

create function pg_temp.ask(nth int, question text, more jsonb default '{}') returns text language plpgsql as $$
declare
	said text;
begin
	perform set_config('role', role, true), set_config('request.jwt.claims', (claims::jsonb || more)::text, true) from demo.caller where n = nth;
	execute question into said;
	perform set_config('role', 'none', true);
	return said;
exception when insufficient_privilege then
	return 'no grant';
end $$;
-- 1 Olivia, 3 Eddy, 4 Vic at Acme; 5 Greta at Globex; 6 an impersonator of Eddy; 7 Eddy, expired; 8 Nora, without an organization; 9 a machine; 11 of Supabase; 12 anonymous

select is(pg_temp.ask(n, 'select string_agg(title || '' by '' || author, '', '' order by id) from document_list'), sees, who || ': documents with their authors')
	from demo.caller join (values
		(3, 'Roadmap by Olivia Owen, Launch checklist by Eddy Erikson, Anvil press kit by Eddy Erikson, Forecast by '),
		(5, 'Anvil press kit by , Storm plan by Greta Gale, Forecast by Greta Gale'),
		(6, 'Roadmap by Olivia Owen, Launch checklist by Eddy Erikson, Anvil press kit by Eddy Erikson, Forecast by '),
		(7, 'Anvil press kit by , Forecast by '), (8, 'Anvil press kit by , Forecast by '), (11, 'Anvil press kit by , Forecast by '),
		(9, 'Roadmap by , Launch checklist by , Anvil press kit by , Forecast by '), (12, 'no grant')) t(n, sees) using (n);
select is(pg_temp.ask(n, 'select string_agg(first_name || '' '' || role, '', '' order by id) from workos.members'), sees, who || ': the members of the organization')
	from demo.caller join (values (1, 'Adam admin, Eddy editor, Olivia owner, Vic viewer'), (4, 'Adam admin, Eddy editor, Olivia owner, Vic viewer'), (5, 'Greta editor, Olivia guest'),
		(7, null), (8, null), (9, null), (10, null), (11, null), (12, 'no grant')) t(n, sees) using (n);
select is(pg_temp.ask(1, 'select string_agg(name, '', '' order by id) from organizations'), 'Acme, Globex', 'Olivia: all her organizations');
select is(pg_temp.ask(n, 'select string_agg(name, '', '' order by id) from organizations'), sees, who || ': all organizations')
	from demo.caller join (values (3, 'Acme'), (5, 'Globex'), (7, null), (8, null), (9, null), (11, null), (12, 'no grant')) t(n, sees) using (n);
select is(pg_temp.ask(n, 'select string_agg(title, '', '') from recent_documents()'), sees, who || ': the newest documents of all organizations')
	from demo.caller join (values (1, 'Anvil press kit, Launch checklist, Roadmap'), (5, 'Forecast, Storm plan'), (7, null), (8, null), (9, null), (11, null), (12, 'no grant')) t(n, sees) using (n);
select is(pg_temp.ask(1, 'select string_agg(title, '', '') from recent_documents(1)'), 'Anvil press kit', '... as many as are asked for');
select is(pg_temp.ask(1, 'select count(*)::text from documents where org_id = ''org_01GLOBEX'' and not is_public'), '0', 'a second organization shows no documents by itself: the token names the current one');

-- After events
select is(pg_temp.happens('organization_membership.updated', '{"id": "om_06", "user_id": "user_01OLIVIA", "organization_id": "org_01GLOBEX", "status": "active", "role": {"slug": "viewer"}}', '2026-02-01T00:00:00.000Z'), 'applied', 'Olivia may read at Globex');
select is(pg_temp.ask(1, 'select string_agg(title, '', '') from recent_documents()'), 'Forecast, Storm plan, Anvil press kit, Launch checklist, Roadmap', '... and does so from Acme');
select is(pg_temp.happens('organization_membership.deleted', '{"id": "om_03", "user_id": "user_01EDDY", "organization_id": "org_01ACME", "status": "active"}', '2026-02-01T00:00:00.000Z'), 'applied', 'Eddy is removed');
select is(pg_temp.ask(3, 'select string_agg(id, '','') from workos.members'), null, '... and sees no members');
select is(pg_temp.ask(3, 'select string_agg(title, '', '') from recent_documents()'), null, '... and no newest documents');
select is(pg_temp.ask(4, 'select string_agg(first_name, '', '' order by id) from workos.members'), 'Adam, Olivia, Vic', '... and is no member for others');
select is(pg_temp.ask(4, 'select author from document_list where title = ''Launch checklist'''), '', '... nor an author with a name');
select is(pg_temp.happens('session.revoked', '{"id": "session_01user_01VIC"}', '2026-02-01T00:00:00.000Z'), 'applied', 'Vic''s session is revoked');
select is(pg_temp.ask(4, 'select string_agg(first_name, '', '') from workos.members'), null, '... so it shows no members');
select is(pg_temp.ask(4, 'select string_agg(title, '', '') from recent_documents()'), null, '... and no newest documents');

select is_empty($$select rule, object, problem from workos_lint() where object ~ '\m(document_list|recent_documents)\M' or problem ~ 'all their organizations'$$, 'workos_lint() finds nothing');
select * from finish();
rollback;
