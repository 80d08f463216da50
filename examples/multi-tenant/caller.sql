-- Plays the gateway for caller :n, as PostgREST does: one transaction, in which the role and the claims are
-- set before anything else.

select who, role, claims from demo.caller where n = :n \gset
\echo
\echo :n. :who
begin;
select set_config('role', :'role', true), set_config('request.jwt.claims', :'claims', true) \g /dev/null
select '   token     ' || case
	when workos_is_authenticated() then concat_ws(', ', workos_user_id(), workos_org_id(), workos_user_role(), 'impersonated by ' || workos_impersonator(),
		'may ' || coalesce(nullif(array_to_string(workos_permissions(), ' '), ''), 'nothing'))
	when workos_token_kind() = 'application' then 'of a machine, ' || workos_application_id()
	when workos_claim('sub') is not null then 'not of WorkOS'
	when workos_token_kind() is not null then 'none'
	else 'expired' end;
select format('   sees      %-13s  %s', what, demo.seen(query)) from (values
	('organizations', 'select string_agg(name, '', '' order by id) from organizations'),
	('projects', 'select string_agg(name, '', '' order by id) from projects'),
	('documents', 'select string_agg(title || case when is_public then '' (public)'' else '''' end, '', '' order by id) from documents'),
	('comments', 'select string_agg(body, '' '' order by id) from comments')) t(what, query);
select format('   %-8s  %-25s  needs: %s', outcome, what, takes)
	from demo.attempt, lateral demo.outcome(command) outcome order by outcome <> 'yes', n;
rollback;
