-- One turn of bench/compare.sh: prints lines "what<tab>microseconds". bench/compare-setup.sql made the tables.
\set ON_ERROR_STOP on
set search_path = bench, extensions;
set jit = off;
set max_parallel_workers_per_gather = 0;
select set_config('request.jwt.claims', bench.claims(0), false) \g /dev/null
-- The library is loaded.
select extensions.workos_org_id(), portable.workos_org_id() \g /dev/null
select format('a call: %s', call), bench.microseconds(format('select count(%s) from generate_series(1, 10000)', call), 3) / 10000
	from unnest(array['workos_org_id()', $$workos_has_permission('documents:read')$$, $$workos_org_with_permission('documents:read')$$, $$workos_claim('org_id')$$]) call;
select 'the portable edition: workos_org_id()', bench.microseconds('select count(portable.workos_org_id()) from generate_series(1, 500)', 3) / 500;
select 'claims change, and are read', bench.microseconds($$select count(set_config('request.jwt.claims', bench.claims(n % 2), false)), count(workos_org_id()) from generate_series(1, 100) n$$, 3) / 100;
select set_config('request.jwt.claims', bench.claims(0), false) \g /dev/null
set role authenticated;
select format('planning: %s', about), bench.microseconds(format('explain select * from bench.%I where id = 1', name), 300)
	from (values ('without row security', 'without'), ('a policy with an index', 'indexed'), ('a policy without an index', 'scanned'), ('100 policies', 'hundred')) planned (about, name);
select 'a query of 1,000 rows under a policy', bench.microseconds('select count(*) from bench.scanned', 100);
