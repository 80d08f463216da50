-- The same random and hostile claims for both editions: every function must return the same result or the same error.
-- Environment: CASES, the number of claims (default 2000); SEED, to repeat a run. Each failure prints the seed.
\set ON_ERROR_STOP on
\set cases 2000
\getenv cases CASES
select floor(random() * 1000000) as seed \gset
\getenv seed SEED

\ir random_claims.sql

-- The results of all functions of an edition as one text, or the error.
select format($f$
	create function pg_temp.%1$s(name text, p text, q text, scope text, client text) returns text language plpgsql volatile as $$
	declare
		answer text; message text; hint text;
	begin
		answer := row(%1$s.workos_user_id(), %1$s.workos_session_id(), %1$s.workos_org_id(), %1$s.workos_user_role(), %1$s.workos_user_roles(), %1$s.workos_permissions(),
			%1$s.workos_entitlements(), %1$s.workos_feature_flags(), %1$s.workos_impersonator(), %1$s.workos_issued_at(), %1$s.workos_expires_at(), %1$s.workos_authenticated_at(),
			%1$s.workos_claim(name), %1$s.workos_claim('exp'), %1$s.workos_token_kind(), %1$s.workos_application_id(), %1$s.workos_application_org_id(), %1$s.workos_is_authenticated(),
			%1$s.workos_client_id(), %1$s.workos_scopes(), %1$s.workos_has_scope(scope), %1$s.workos_delegated_user_id(scope, client), %1$s.workos_delegated_org_id(scope, client), %1$s.workos_application_org_id(scope),
			%1$s.workos_is_member('org_1'), %1$s.workos_has_role(p), %1$s.workos_has_any_role(p, q), %1$s.workos_has_permission(p), %1$s.workos_has_any_permission(p, q),
			%1$s.workos_has_all_permissions(p, q), %1$s.workos_has_entitlement(p), %1$s.workos_has_feature_flag(q), %1$s.workos_is_impersonated(), %1$s.workos_authenticated_within('1 hour'),
			%1$s.workos_org_with_permission(p), %1$s.workos_org_with_role(q))::text;
		begin
			return answer || coalesce(%1$s.workos_claims()::text, '');
		exception when others then
			get stacked diagnostics message = message_text, hint = pg_exception_hint;
			return concat_ws(' | ', answer, sqlstate, message, hint);
		end;
	exception when others then
		get stacked diagnostics message = message_text, hint = pg_exception_hint;
		return concat_ws(' | ', sqlstate, message, hint);
	end $$ $f$, edition)
from unnest(array['native', 'extensions']) edition \gexec

create type pg_temp.outcome as (claims text, native text, portable text);
create function pg_temp.compare(cases int) returns setof pg_temp.outcome language plpgsql volatile as $$
declare
	found pg_temp.outcome;
	name text; p text; q text; scope text; client text;
	signed_in int := 0; refused int := 0; delegated int := 0;
begin
	for i in 1 .. cases loop
		found.claims := pg_temp.claims();
		name := pg_temp.one_of(array['sub', 'email', 'role', 'act', 'roles', '', 'scope', 'nbf', null]);
		p := pg_temp.one_of(array['p1', 'p2', 'r1', '', null]);
		q := pg_temp.one_of(array['p1', 'r1', 'p3', null]);
		perform set_config('request.jwt.claims', found.claims, true);
		scope := pg_temp.one_of(array['p1', 'read', 'read', 'editor', '', null]);
		client := pg_temp.one_of(array['client_1', '', null, null, null]);
		found.native := pg_temp.native(name, p, q, scope, client);
		found.portable := pg_temp.extensions(name, p, q, scope, client);
		signed_in := signed_in + (found.native ~ '^\(\w')::int;
		refused := refused + (found.native ~ '^22023')::int;
		if found.native !~ '^22023' then
			delegated := delegated + (coalesce(native.workos_delegated_user_id(scope, client), native.workos_application_org_id(scope)) is not null)::int;
			-- Nothing is two things at once.
			if num_nonnulls(native.workos_user_id(), native.workos_delegated_user_id(scope, client), native.workos_application_id()) > 1 then
				raise exception 'more than one identity: %', found.claims;
			end if;
		end if;
		if found.native is distinct from found.portable then
			return next found;
		end if;
	end loop;
	raise notice '% cases: % of a session, % of an application that passes the gate, % refused', cases, signed_in, delegated, refused;
	if signed_in < cases / 20 or delegated < cases / 100 or refused < cases / 20 then
		raise exception 'too few of these claims are a session, of an application, or refused';
	end if;
end $$;

begin;
select no_plan();
select setseed(:seed / 1000000.0);
select is_empty('select * from pg_temp.compare(' || :'cases' || ') limit 10', :'cases' || ' random claims give the same results in both editions, SEED=' || :'seed');

-- Functions that both editions share have the same body.
select is(replace(p.prosrc, 'extensions', 'native'), n.prosrc, n.proname || ' is the same in both editions')
	from pg_proc n join pg_proc p on p.proname = n.proname and p.proargtypes = n.proargtypes and p.pronamespace = 'extensions'::regnamespace
	where n.pronamespace = 'native'::regnamespace and n.proname in ('workos_doctor', '_workos_strings', '_workos_explain', '_workos_evaluate', '_workos_reason', '_workos_shown', '_workos_few', 'workos_lint', '_workos_facts', '_workos_open', '_workos_calls', '_workos_read_elsewhere', '_workos_explained', '_workos_ended_rows', '_workos_ended_rows_explained', '_workos_names_of_helpers', '_workos_end_users', '_workos_granted', '_workos_managed', '_workos_foreign', '_workos_lint_policies', '_workos_lint_tables', '_workos_lint_definitions', '_workos_tokens', 'workos_protect');
select * from finish();
rollback;
