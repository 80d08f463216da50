-- From the portable edition to the native one and back: every policy, default and view stays what it was, and says
-- the same. What stops a move is in servers/move.sh.
-- Run by the superuser, on the portable edition with the example application.
\set ON_ERROR_STOP on
create view public.mine with (security_invoker = true) as select id, title collate "C" as title, workos_org_id() as org_id from documents where org_id = workos_org_id();
grant select on mine to authenticated;

-- What is there, by the functions that it uses, and what each caller sees and may.
create function pg_temp.state() returns text language sql as $$
	select (select string_agg(concat(polrelid::regclass, ' ', polname, ' ', polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), e'\n' order by polrelid::regclass::text, polname) from pg_policy)
		|| (select string_agg(concat(adrelid::regclass, ' ', adnum, ' ', pg_get_expr(adbin, adrelid)), e'\n' order by adrelid::regclass::text, adnum) from pg_attrdef where adrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace))
		|| pg_get_viewdef('mine') || (select reloptions::text || relacl::text from pg_class where oid = 'mine'::regclass)
$$;
create function pg_temp.outcomes() returns text language plpgsql as $$
declare
	caller record;
	said text := '';
	part text;
begin
	for caller in select * from demo.caller order by n loop
		perform set_config('role', caller.role, true), as_claims(caller.claims);
		select string_agg(n || ' ' || demo.outcome(command), ', ' order by n) into part from demo.attempt;
		said := said || concat(caller.who, ': ', part, ', ', demo.seen('select string_agg(id::text, '','' order by id) from documents'), ', ', demo.seen('select string_agg(title, '','' order by id) from mine'), '; ');
		perform set_config('role', 'none', true);
	end loop;
	return said;
end $$;
create function pg_temp.language() returns text language sql as $$
	select l.lanname from pg_proc p join pg_language l on l.oid = p.prolang where p.oid = to_regprocedure('extensions.workos_org_id()')
$$;

select pg_temp.state() as state_0, pg_temp.outcomes() as outcomes_0, pg_temp.language() as language_0 \gset
\set to native
\ir ../sql/portable/move.sql
select pg_temp.state() as state_1, pg_temp.outcomes() as outcomes_1, pg_temp.language() as language_1 \gset
\set to portable
\ir ../sql/portable/move.sql
select pg_temp.state() as state_2, pg_temp.outcomes() as outcomes_2, pg_temp.language() as language_2 \gset

begin;
select plan(8);
select is(:'language_0'::text, 'sql', 'it begins with the portable edition');
select is(:'language_1'::text, 'c', 'then the native one is there');
select is(:'language_2'::text, 'sql', 'then the portable one again');
select matches(:'outcomes_0'::text, 'Eddy, editor at Acme: 1 yes.*Forecast', 'callers see and may something');
select is(:'outcomes_1'::text, :'outcomes_0'::text, 'as much with the native edition');
select is(:'outcomes_2'::text, :'outcomes_0'::text, 'as much afterwards');
select is(:'state_1'::text, :'state_0'::text, 'policies, defaults and views are the same with the native edition');
select is(:'state_2'::text, :'state_0'::text, 'the same afterwards');
select * from finish();
rollback;
