
-- What the script of a trusted extension creates belongs to the bootstrap superuser. The schema, the tables and the
-- functions that run with the rights of their owner are given to the role that installs it.
do $$
declare
	given record;
begin
	for given in
		select format('%s %s', case c.relkind when 'v' then 'view' else 'table' end, c.oid::regclass) as object from pg_class c
			where c.relnamespace = 'workos'::regnamespace and c.relkind in ('r', 'v')
		union all
		select format('function %s', p.oid::regprocedure) from pg_proc p where p.pronamespace = 'workos'::regnamespace and p.prosecdef
	loop
		execute 'alter ' || given.object || ' owner to @extowner@';
	end loop;
end $$;
alter schema workos owner to @extowner@;
