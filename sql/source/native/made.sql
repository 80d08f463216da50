			select d.objid from pg_depend d join pg_extension e on e.oid = d.refobjid
			where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = 'pg_workos'
