-- Everything that a database has of this project, by definition, one object a line: what two ways to the same version must
-- agree on. psql variables: extensions, a list of names; schemas, a list of those whose objects belong to no extension.
-- Objects are named, never numbered, so two databases can be compared with diff.
set search_path = pg_catalog, pg_temp;
with ours as (
	select d.classid, d.objid from pg_depend d join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
		where d.deptype = 'e' and e.extname = any (string_to_array(:'extensions', ','))
	union select 'pg_proc'::regclass, p.oid from pg_proc p where p.pronamespace::regnamespace::text = any (string_to_array(:'schemas', ',')) and (p.proname ~ 'workos_' or p.pronamespace::regnamespace::text = 'workos')
		and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
	union select 'pg_class'::regclass, c.oid from pg_class c where c.relnamespace::regnamespace::text = any (string_to_array(:'schemas', ',')) and c.relkind in ('r', 'v') and (c.relname ~ '^workos_' or c.relnamespace::regnamespace::text = 'workos')
), tables as (
	select c.* from pg_class c join ours o on o.classid = 'pg_class'::regclass and o.objid = c.oid where c.relkind in ('r', 'v')
), functions as (
	select p.* from pg_proc p join ours o on o.classid = 'pg_proc'::regclass and o.objid = p.oid
), privileges as (
	select 'function ' || p.oid::regprocedure as object, x.* from functions p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
	union all select 'table ' || t.oid::regclass, x.* from tables t, aclexplode(coalesce(t.relacl, acldefault('r', t.relowner))) x
	union all select format('column %s of %s', a.attname, t.oid::regclass), x.* from tables t join pg_attribute a on a.attrelid = t.oid, aclexplode(a.attacl) x
	union all select 'schema ' || n.nspname, x.* from pg_namespace n join ours o on o.classid = 'pg_namespace'::regclass and o.objid = n.oid, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
)
select line from (
	select format('function %s: %s, owner %s', p.oid::regprocedure, regexp_replace(pg_get_functiondef(p.oid), '\s*\n', E'\\n', 'g'), p.proowner::regrole) as line from functions p
	union all select format('support %s: %s %s', p.oid::regprocedure, p.prosupport, p.procost) from functions p
	union all select format('table %s: kind %s, method %s, persistence %s, row security %s %s, options %s, owner %s', t.oid::regclass, t.relkind, (select m.amname from pg_am m where m.oid = t.relam), t.relpersistence, t.relrowsecurity, t.relforcerowsecurity, t.reloptions, t.relowner::regrole) from tables t
	union all select format('view %s: %s', t.oid::regclass, regexp_replace(pg_get_viewdef(t.oid), '\s*\n', E'\\n', 'g')) from tables t where t.relkind = 'v'
	-- By number, because a row of a table is read by the place of a column.
	union all select format('column %s.%s: place %s, %s, not null %s, collation %s, default %s, generated %s', t.oid::regclass, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid), a.attgenerated)
		from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
	union all select format('constraint %s of %s: %s', k.conname, t.oid::regclass, pg_get_constraintdef(k.oid)) from tables t join pg_constraint k on k.conrelid = t.oid
	union all select format('index of %s: %s', t.oid::regclass, pg_get_indexdef(i.indexrelid)) from tables t join pg_index i on i.indrelid = t.oid
	union all select format('trigger of %s: %s, fires %s', t.oid::regclass, pg_get_triggerdef(g.oid), g.tgenabled) from tables t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
	union all select format('policy %s of %s: %s %s %s', y.polname, t.oid::regclass, y.polcmd, pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) from tables t join pg_policy y on y.polrelid = t.oid
	union all select format('rule %s of %s', r.rulename, t.oid::regclass) from tables t join pg_rewrite r on r.ev_class = t.oid
	union all select format('privilege %s on %s for %s, by %s%s', x.privilege_type, x.object, case x.grantee when 0 then 'public' else x.grantee::regrole::text end, x.grantor::regrole, case when x.is_grantable then ', with grant option' end) from privileges x
	-- What pg_dump takes for the privileges of the installation, but for those that every owner has
	union all select format('initial privilege %s on %s for %s', x.privilege_type, pg_describe_object(i.classoid, i.objoid, i.objsubid), case x.grantee when 0 then 'public' else x.grantee::regrole::text end)
		from pg_init_privs i join ours o on o.classid = i.classoid and o.objid = i.objoid, aclexplode(i.initprivs) x
		where x.grantee is distinct from case i.classoid when 'pg_class'::regclass then (select c.relowner from pg_class c where c.oid = i.objoid) when 'pg_proc'::regclass then (select p.proowner from pg_proc p where p.oid = i.objoid)
			when 'pg_namespace'::regclass then (select n.nspowner from pg_namespace n where n.oid = i.objoid) end
	union all select format('comment on %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description) from pg_description d join ours o on o.classid = d.classoid and o.objid = d.objoid
	union all select format('extension %s: %s, relocatable %s', e.extname, e.extversion, e.extrelocatable) from pg_extension e where e.extname = any (string_to_array(:'extensions', ','))
	union all select format('in a dump of %s: rows of %s %s', e.extname, u.t::regclass, coalesce(nullif(e.extcondition[u.n], ''), '(all)')) from pg_extension e, unnest(e.extconfig) with ordinality u(t, n) where e.extname = any (string_to_array(:'extensions', ','))
	union all select 'member ' || pg_describe_object(o.classid, o.objid, 0) from ours o
	union all select format('%s depends on %s (%s)', pg_describe_object(d.classid, d.objid, d.objsubid), pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), d.deptype)
		from pg_depend d join ours o on o.classid = d.classid and o.objid = d.objid
		-- Of dependencies, those on each other and on other extensions. Postgres writes some of the others twice, after CREATE OR REPLACE.
		where d.refclassid in ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_extension'::regclass) group by d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
) l order by line collate "C";
