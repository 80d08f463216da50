-- Plays the gateway for caller :n, as PostgREST does: one transaction, in which the role and the claims are
-- set before anything else. What comes of the attempts goes into the file :outcomes.

select who, note, role, claims from demo.caller where n = :n \gset
\echo
\echo :n. :who
\echo '      ' :note
begin;
select set_config('role', :'role', true), set_config('request.jwt.claims', :'claims', true) \g /dev/null
select format('       %-14s %s', what, says) from (values
	(1, 'user', workos_user_id()),
	(2, 'organization', workos_org_id()),
	(3, 'role', workos_user_role()),
	(4, 'permissions', array_to_string(nullif(workos_permissions(), '{}'), ' ')),
	(5, 'impersonator', workos_impersonator()),
	(6, 'machine', workos_application_id())) t(n, what, says) where says is not null order by n;
select format('       sees %-14s %s', what, demo.seen(query)) from (values
	(1, 'organizations:', 'select string_agg(name, '', '' order by id) from organizations'),
	(2, 'projects:', 'select string_agg(name, '', '' order by id) from projects'),
	(3, 'documents:', 'select string_agg(title || case when is_public then '' (public)'' else '''' end, '', '' order by id) from documents'),
	(4, 'comments:', 'select string_agg(body, '' '' order by id) from comments')) t(n, what, query) order by n;
\o :outcomes
select n, :n, demo.outcome(command) from demo.attempt;
\o
rollback;
