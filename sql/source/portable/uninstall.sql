-- Takes the portable edition away again. Fails, and changes nothing, while a policy, a view or a column
-- default still uses one of its functions: Postgres names those that do.

@include portable/pin.sql@

do $$
declare
	functions text;
begin
	select string_agg(p.oid::regprocedure::text, ', ') into functions
		from pg_proc p where p.pronamespace = to_regnamespace('@extschema@') and p.proname = any ('{@names@}'::name[]);
	if functions is not null then
		execute 'drop function ' || functions;
	end if;
end $$;

@include portable/unpin.sql@
