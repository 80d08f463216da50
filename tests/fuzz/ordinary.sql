-- The ordinary way of the portable edition, compared with the thorough way: where it answers at all, the answer must be
-- the same, and the thorough way must not refuse the claims.
--   psql -v seed=N -v cases=N -f tests/fuzz/ordinary.sql
\set ON_ERROR_STOP on
\ir ../random_claims.sql

-- What the helpers of a session make of it.
create function pg_temp.answers(session jsonb) returns text language sql as $$
	select row(session ->> 'sub', session ->> 'sid', session ->> 'org_id', extensions._workos_role(session), extensions._workos_list(session, 'roles'), extensions._workos_list(session, 'permissions'),
		extensions._workos_list(session, 'entitlements'), extensions._workos_list(session, 'feature_flags'), extensions._workos_with(session, 'roles', 'r1') is null,
		extensions._workos_with(session, 'permissions', 'p1') is null, extensions._workos_with(session, 'roles', 'editor') is null, extensions._workos_instant(session, 'exp'), extensions._workos_instant(session, 'iat'),
		extensions._workos_instant(session, 'auth_time'), coalesce(session -> 'act' not in ('null', '""'), false))::text
$$;

create function pg_temp.differences(seed int, cases int) returns setof text language plpgsql volatile as $$
declare
	claims text; ordinary jsonb; thorough jsonb; list text; element text; held jsonb;
	answered int := 0; sessions int := 0; asked int := 0;
begin
	for s in seed .. seed + cases - 1 loop
		perform setseed(s % 1000000 / 1000000.0);
		for i in 1 .. 10 loop
			claims := pg_temp.nearly_ordinary();
			perform set_config('request.jwt.claims', claims, true);
			begin
				ordinary := extensions._workos_ordinary(true, null, null);
				if ordinary is not null then
					answered := answered + 1;
					sessions := sessions + (ordinary <> 'null')::int;
					thorough := extensions._workos_odd(true, null);
					if jsonb_typeof(ordinary) <> jsonb_typeof(thorough) or pg_temp.answers(ordinary) is distinct from pg_temp.answers(thorough) then
						return next format(e'SEED=%s a session\n%s\n%s\n%s', s, claims, ordinary, thorough);
					end if;
					for list, element in select l, e from unnest(array['roles', 'permissions', 'entitlements', 'feature_flags']) l, unnest(array['r1', 'p1', 'editor', '', 'a"b']) e loop
						held := extensions._workos_ordinary(true, list, element);
						asked := asked + (held <> 'null')::int;
						if held is null or (held <> 'null') <> (extensions._workos_with(thorough, list, element) is not null) or held <> 'null' and held <> ordinary then
							return next format(e'SEED=%s %s has %s\n%s\n%s\n%s', s, list, element, claims, held, thorough);
						end if;
					end loop;
				end if;
				ordinary := extensions._workos_ordinary(false, null, null);
				if ordinary is not null then
					thorough := extensions._workos_odd_claims();
					if ordinary <> thorough or extensions._workos_kind(nullif(ordinary, 'null')) is distinct from extensions._workos_kind(extensions._workos_odd(false, null)) then
						return next format(e'SEED=%s any kind\n%s\n%s\n%s', s, claims, ordinary, thorough);
					end if;
				end if;
			exception when others then
				return next format(e'SEED=%s %s %s\n%s', s, sqlstate, sqlerrm, claims);
			end;
		end loop;
	end loop;
	raise notice '% texts, % answered the ordinary way, % of them a session', cases * 10, answered, sessions;
	if cases >= 100 and (answered < cases * 2 or answered > cases * 9 or sessions < cases or asked < cases / 10) then
		raise exception 'these texts are of no use';
	end if;
end $$;
select pg_temp.differences(:seed, :cases);
