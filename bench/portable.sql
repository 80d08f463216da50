-- The portable edition inside (select …) against a literal, 1 M rows, no index. Best of 40, in turns.
--   psql -f sql/portable/pg_workos.sql -f bench/portable.sql
\set QUIET on
set max_parallel_workers_per_gather = 0;
begin;
create temp table event as select g as id, 'org_' || g % 100 as org_id from generate_series(1, 1000000) g;
analyze event;
create function pg_temp.best(queries text[]) returns double precision[] language plpgsql as $$
declare
	best double precision[] := array_fill(float8 'infinity', array[cardinality(queries)]);
	start timestamptz;
begin
	for round in 1..40 loop
		for q in 1..cardinality(queries) loop
			start := clock_timestamp();
			execute queries[q];
			best[q] := least(best[q], extract(epoch from clock_timestamp() - start) * 1000);
		end loop;
	end loop;
	return best;
end $$;
select set_config('request.jwt.claims', '{"iss":"https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ","sub":"user_01HBEQKA6K4QJAS93VPE39W1JT","org_id":"org_7","role":"authenticated","user_role":"member","roles":["member"],"permissions":["posts:read","posts:write"],"sid":"session_01HQSXZGF8FHF7A9ZZFCW4387R","jti":"01HQSXZXPPFPKMDD32RKTFY6PV","exp":4102444800,"iat":1709193557}', true) \g /dev/null
select query, round(ms::numeric, 1) as ms, round((ms / first_value(ms) over ())::numeric, 2) as to_literal
from unnest(array['literal', '(select workos_org_id())', '(select workos_org_with_permission(…))'],
	pg_temp.best(array['select count(*) from event where org_id = ''org_7''',
		'select count(*) from event where org_id = (select extensions.workos_org_id())',
		'select count(*) from event where org_id = (select extensions.workos_org_with_permission(''posts:read''))'])) as t(query, ms);
rollback;
