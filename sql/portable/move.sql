-- Moves a database from the portable edition to the native one, or back. It keeps every policy, column default and
-- view that uses a function of the edition. It is one transaction: either all of it happens, or nothing.
--
--   psql -v to=native -f sql/portable/move.sql
--   psql -v to=portable -f sql/portable/move.sql
--
-- Run it with psql, outside a transaction. The role must own these tables and views and the installed edition, and must
-- be allowed to create the extension. `uninstall.sql` and `pg_workos.sql` must be in the same folder as this file. The
-- functions are in the schema "extensions". For another schema, replace this word everywhere, here and in those files.
--
-- If another object depends on a function (a check constraint, a materialized view, a function with a parsed body), the
-- script stops, changes nothing, and names the object. Drop the object, run the script, and create the object again.
--
-- The portable edition cannot verify tokens and has no trusted issuers. If the database uses either of them, the script
-- stops unless you accept that they are given up:
--
--   psql -v to=portable -v unverified_claims=accepted -f sql/portable/move.sql
--
-- From then on, the helpers use request.jwt.claims of any issuer, and everybody who can set this setting can choose the
-- claims. The table workos_kept_issuers keeps the trusted issuers. A move to the native edition restores them.

-- A .psqlrc may have changed these. The first error must end the script, and no statement may be skipped.
\set ON_ERROR_STOP on
\set ON_ERROR_ROLLBACK off
\set SINGLESTEP off
\set SINGLELINE off
\set FETCH_COUNT 0
\if :{?to}
\else
	\set to ''
\endif
\if :{?unverified_claims}
\else
	\set unverified_claims ''
\endif

-- If a transaction has begun already, this setting still has its value after the statement. AUTOCOMMIT is on for the
-- test, because with AUTOCOMMIT off each statement would begin a transaction.
\set workos_autocommit :AUTOCOMMIT
\set AUTOCOMMIT on
select pg_catalog.set_config('pg_workos.in_transaction', 'yes', true) as workos_ignored \gset
begin isolation level read committed, read write;
\set AUTOCOMMIT :workos_autocommit

-- No name is resolved through a schema that others can create objects in. All other names are printed with their schema.
select pg_catalog.current_setting('search_path') as workos_search_path \gset
set local search_path = pg_catalog, pg_temp;
set local row_security = on;
select set_config('pg_workos.move_to', :'to', true) as workos_ignored,
	set_config('pg_workos.unverified_claims', :'unverified_claims', true) as workos_ignored \gset

do $$
declare
	native constant boolean := exists (select from pg_extension e where e.extname = 'pg_workos');
begin
	if current_setting('pg_workos.in_transaction', true) = 'yes' then
		raise exception using errcode = '25001', message = 'a transaction has begun before move.sql',
			hint = 'End it with COMMIT or ROLLBACK, and run psql without --single-transaction.';
	elsif current_setting('session_replication_role') = 'replica' then
		raise exception using errcode = '55000', message = 'constraints are not checked in this session',
			hint = 'RESET session_replication_role;';
	elsif current_setting('pg_workos.move_to') not in ('native', 'portable') then
		raise exception using errcode = '22023', message = 'the psql variable "to" must be native or portable',
			hint = 'psql -v to=native -f sql/portable/move.sql, or -v to=portable.';
	elsif native and current_setting('pg_workos.move_to') = 'native' then
		raise exception using errcode = '55000', message = 'the native edition is already installed',
			hint = 'To move to the portable edition: psql -v to=portable.';
	elsif not native and current_setting('pg_workos.move_to') = 'portable' then
		raise exception using errcode = '55000', message = 'the native edition is not installed',
			hint = 'To move to the native edition: psql -v to=native. To install the portable one: run pg_workos.sql alone.';
	end if;
end $$;

-- While this table holds two equal rows, COMMIT fails and undoes everything. This holds even if somebody types COMMIT
-- after the script has stopped in the middle. The last statement before the COMMIT below deletes the rows.
create temp table workos_move (
	step int constraint move_stopped_before_its_end_and_nothing_has_changed unique deferrable initially deferred
) using heap on commit drop;
insert into pg_temp.workos_move values (1), (1);

-- Copies the trusted issuers into the temporary table workos_kept, unless every issuer is trusted.
select current_setting('pg_workos.move_to') = 'native' as workos_to_native \gset
\if :workos_to_native
	do $$
	declare
		owner text;
	begin
		if to_regclass('extensions.workos_kept_issuers') is null then
			return;
		end if;
		lock table extensions.workos_kept_issuers in access exclusive mode;
		select r.rolname into owner from pg_class c join pg_roles r on r.oid = c.relowner
			where c.oid = 'extensions.workos_kept_issuers'::regclass;
		if owner <> current_user then
			raise exception using errcode = '42501', message = format('table extensions.workos_kept_issuers belongs to the role %I, which could have added issuers to it', owner),
				hint = format('Run this file as %I if that role is trusted, or drop the table, and call workos_trust_issuer() for each issuer after the move.', owner);
		end if;
		create temp table workos_kept using heap on commit drop as
			select k.issuer, k.jwks from extensions.workos_kept_issuers k;
		drop table extensions.workos_kept_issuers;
	end $$;
\else
	do $$
	declare
		verified text[];
	begin
		lock table extensions.workos_issuers in access exclusive mode;
		if exists (select from extensions.workos_configuration c where c.membership = 'newest') then
			raise exception using errcode = '55000', message = 'the directory decides who is a member, and it does not move to the other edition',
				hint = 'Let the token decide first: select extensions.workos_configure(membership => ''token'').';
		end if;
		if not exists (select from extensions.workos_issuers i where i.issuer = '*') then
			verified := array['trusted issuers'];
			create temp table workos_kept using heap on commit drop as
				select i.issuer, i.jwks from extensions.workos_issuers i;
		end if;
		perform extensions.workos_library_version(); -- The library, once loaded, defines the setting.
		if current_setting('workos.claims_source') <> 'request' then
			verified := verified || format('workos.claims_source = %s in this session', current_setting('workos.claims_source'));
		end if;
		verified := verified || array(
			select format('workos.claims_source set for %s',
				concat_ws(' in ', case when s.setrole <> 0 then 'the role ' || s.setrole::regrole end, case when s.setdatabase <> 0 then 'this database' end))
			from pg_db_role_setting s, unnest(s.setconfig) setting
			where s.setdatabase in (0, (select d.oid from pg_database d where d.datname = current_database()))
				and lower(setting) ^@ 'workos.claims_source=' and lower(setting) not in ('workos.claims_source=request', 'workos.claims_source=default')
			order by 1);
		if exists (select from pg_settings s where s.name = 'workos.claims_source' and s.reset_val not in ('request', 'default')) then
			verified := verified || 'workos.claims_source set for the server'::text;
		elsif has_function_privilege('pg_show_all_file_settings()', 'execute') then
			if exists (select from pg_show_all_file_settings() f where f.applied and lower(f.name) = 'workos.claims_source' and lower(f.setting) not in ('request', 'default')) then
				verified := verified || 'workos.claims_source set for the server'::text;
			end if;
		end if;
		if cardinality(verified) > 0 and current_setting('pg_workos.unverified_claims') <> 'accepted' then
			raise exception using errcode = '55000', message = 'the portable edition cannot verify tokens and has no trusted issuers',
				detail = 'This database uses: ' || array_to_string(verified, ', ') || '.',
				hint = 'If a gateway verifies every token and nobody else can send SQL, accept this: psql -v to=portable -v unverified_claims=accepted. The trusted issuers are kept for a move back.';
		end if;
	end $$;
\endif

-- Copies the accepted audiences, of the table that belongs to the owner of the functions.
do $$
begin
	if exists (
		select from pg_class c, pg_proc p
		where c.oid = to_regclass('extensions.workos_audiences') and c.relkind = 'r' and p.oid = to_regprocedure('extensions.workos_accept_audience(text)') and c.relowner = p.proowner)
	then
		lock table extensions.workos_audiences in access exclusive mode;
		create temp table workos_kept_audiences using heap on commit drop as select a.audience from extensions.workos_audiences a;
	end if;
end $$;

-- Each object that uses a function, with the statement that removes its dependency (`detach`) and the statement that
-- restores it (`restore`). `lock_it` takes a lock and changes nothing. It is not LOCK TABLE for a view, because that would
-- also lock the tables that the view reads, nor for a foreign table, which LOCK TABLE refuses.
create view pg_temp.workos_uses as
	with used as (
		select distinct d.classid, d.objid from pg_depend d join pg_proc p on p.oid = d.refobjid
		where d.refclassid = 'pg_proc'::regclass and p.pronamespace = to_regnamespace('extensions') and p.proname ~ '^_?workos_'
	), uses as (
		select u.*, p.polrelid as relation,
			format('alter policy %I on %s', p.polname, p.polrelid::regclass)
				|| case when p.polqual is not null then ' using (false)' else '' end
				|| case when p.polwithcheck is not null then ' with check (false)' else '' end as detach,
			format('alter policy %I on %s', p.polname, p.polrelid::regclass)
				|| coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
				|| coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') as restore
		from used u join pg_policy p on u.classid = 'pg_policy'::regclass and p.oid = u.objid
		union all
		select u.*, d.adrelid,
			format('alter table only %s alter column %I drop default', d.adrelid::regclass, a.attname),
			format('alter table only %s alter column %I set default %s', d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid))
		from used u join pg_attrdef d on u.classid = 'pg_attrdef'::regclass and d.oid = u.objid
			join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
		union all
		select u.*, v.oid,
			format('create or replace view %s as select %s where false', v.oid::regclass,
				(select string_agg(format('null::%s%s as %I', format_type(a.atttypid, a.atttypmod),
						(select format(' collate %I.%I', n.nspname, l.collname) from pg_collation l join pg_namespace n on n.oid = l.collnamespace where l.oid = a.attcollation),
						a.attname), ', ' order by a.attnum)
					from pg_attribute a where a.attrelid = v.oid and a.attnum > 0)),
			format('create or replace view %s%s as %s', v.oid::regclass,
				(select ' with (' || string_agg(format('%I = %L', o.option_name, o.option_value), ', ') || ')' from pg_options_to_table(v.reloptions) o),
				pg_get_viewdef(v.oid))
		from used u join pg_rewrite r on u.classid = 'pg_rewrite'::regclass and r.oid = u.objid and r.rulename = '_RETURN'
			join pg_class v on v.oid = r.ev_class and v.relkind = 'v'
	)
	select pg_describe_object(u.classid, u.objid, 0) as object, u.detach, u.restore,
		array(
			select distinct pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) from pg_depend d
			where d.classid = u.classid and d.objid = u.objid order by 1) as depends_on,
		-- Postgres checks a literal of such a type when it parses it, with functions of the owner of the type.
		(select min(t.oid::regtype::text) from pg_depend d join pg_type t on t.oid = d.refobjid left join pg_type e on e.oid = t.typelem
			where d.classid = u.classid and d.objid = u.objid and d.refclassid = 'pg_type'::regclass
				and t.typnamespace <> 'pg_catalog'::regnamespace and coalesce(e.typtype, t.typtype) in ('d', 'c', 'r', 'm')) as checked_type,
		format(case c.relkind
			when 'v' then 'alter view %s reset (user_catalog_table)'
			when 'f' then 'alter foreign table only %s set without oids'
			else 'lock table only %s in access exclusive mode'
		end, c.oid::regclass) as lock_it,
		exists (
			select from pg_locks l
			where l.pid = pg_backend_pid() and l.granted and l.mode = 'AccessExclusiveLock' and l.locktype = 'relation'
				and l.database = (select b.oid from pg_database b where b.datname = current_database()) and l.relation = c.oid) as locked
	from uses u join pg_class c on c.oid = u.relation;
create temp table workos_moving using heap on commit drop as table pg_temp.workos_uses with no data;

-- A definition is used only if its table was locked before the definition was read. Otherwise another session could have
-- changed it in between.
do $$
declare
	statement text;
begin
	for look in 1..100 loop
		delete from pg_temp.workos_moving;
		insert into pg_temp.workos_moving table pg_temp.workos_uses;
		if not exists (select from pg_temp.workos_moving m where not m.locked) then
			return;
		end if;
		for statement in select distinct m.lock_it from pg_temp.workos_moving m where not m.locked order by 1 loop
			execute statement;
		end loop;
	end loop;
	raise exception using errcode = '55000', message = 'policies, defaults or views that use the functions keep changing', hint = 'Run this file again while nobody changes policies, column defaults and views.';
end $$;

do $$
declare
	danger record;
begin
	select m.object, m.checked_type into danger from pg_temp.workos_moving m where m.checked_type is not null order by 1 limit 1;
	if found then
		raise exception using errcode = '0A000', message = format('%s uses the type %s', danger.object, danger.checked_type),
			hint = 'Creating it again could run code of another role, such as the constraint of a domain. Drop it, run this file, and create it again.';
	end if;
end $$;

-- The roles that may call each function, except the owner of the function and the owner of the extension. Privileges that
-- somebody granted or revoked after the installation are kept.
create view pg_temp.workos_callers as
	select p.oid::regprocedure::text as function,
		array(
			select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
			from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
			where a.grantee <> all (o.owners) order by 1) as callers,
		o.owners::regrole[]::text[] as owners
	from pg_proc p,
		lateral (select p.proowner || array(select e.extowner from pg_extension e where e.extname = 'pg_workos') as owners) o
	where p.pronamespace = to_regnamespace('extensions') and p.proname ~ '^_?workos_';
create temp table workos_called using heap on commit drop as table pg_temp.workos_callers;

do $$
declare
	statement text;
begin
	for statement in select m.detach from pg_temp.workos_moving m loop
		execute statement;
	end loop;
end $$;

\if :workos_to_native
	\ir uninstall.sql
	create extension pg_workos with schema extensions;
	do $$
	begin
		if to_regclass('pg_temp.workos_kept') is not null then
			delete from extensions.workos_issuers;
			insert into extensions.workos_issuers (issuer, jwks) select k.issuer, k.jwks from pg_temp.workos_kept k;
		end if;
	end $$;
\else
	do $$
	declare
		users text;
	begin
		drop extension pg_workos;
	exception when dependent_objects_still_exist then
		get stacked diagnostics users = pg_exception_detail;
		raise exception using errcode = '2BP01', message = 'other objects use functions of the extension pg_workos', detail = users,
			hint = 'Drop them, run this file, and create them again.';
	end $$;
	\ir pg_workos.sql
	do $$
	declare
		grantee text;
	begin
		if to_regclass('pg_temp.workos_kept') is null then
			return;
		end if;
		create table extensions.workos_kept_issuers (issuer text primary key, jwks jsonb not null) using heap;
		comment on table extensions.workos_kept_issuers is
			'the issuers that were trusted before the move to the portable edition, which trusts any; move.sql restores them on the way back';
		-- Without a policy it is closed to pg_read_all_data and pg_write_all_data, too.
		alter table extensions.workos_kept_issuers enable row level security;
		for grantee in
			select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end
			from pg_class c, aclexplode(c.relacl) a
			where c.oid = 'extensions.workos_kept_issuers'::regclass and a.grantee <> c.relowner
		loop
			execute 'revoke all on extensions.workos_kept_issuers from ' || grantee;
		end loop;
		insert into extensions.workos_kept_issuers (issuer, jwks) select k.issuer, k.jwks from pg_temp.workos_kept k;
	end $$;
\endif

do $$
begin
	if to_regclass('pg_temp.workos_kept_audiences') is not null then
		insert into extensions.workos_audiences (audience) select k.audience from pg_temp.workos_kept_audiences k;
	end if;
end $$;

-- A few SQL expressions do not name their operator, and find it through the search path, so their text does not say
-- which operator it is. If an expression now uses a different operator, the script stops and changes nothing.
do $$
declare
	statement text;
	changed text;
begin
	for statement in select m.restore from pg_temp.workos_moving m loop
		execute statement;
	end loop;
	select string_agg(m.object, ', ' order by m.object) into changed from pg_temp.workos_moving m
		where not exists (
			select from pg_temp.workos_uses u where u.object = m.object and u.restore = m.restore and u.depends_on = m.depends_on);
	if changed is not null then
		raise exception using errcode = '55000', message = 'after the move these objects would have another meaning: ' || changed,
			hint = 'They hold NULLIF, IS DISTINCT FROM, CASE or USING with an operator outside of pg_catalog. Drop them, run this file, and create them again.';
	end if;
end $$;

do $$
declare
	function text;
	role text;
	wanted text[];
	present text[];
	owners text[];
begin
	for function, wanted, present, owners in
		select c.function, w.callers, c.callers, c.owners from pg_temp.workos_called w join pg_temp.workos_callers c using (function)
	loop
		foreach role in array present loop
			if role <> all (wanted) then
				execute format('revoke all on function %s from %s', function, role);
			end if;
		end loop;
		foreach role in array wanted loop
			if role <> all (present || owners) then
				execute format('grant execute on function %s to %s', function, role);
			end if;
		end loop;
	end loop;
	select min(c.function) into function from pg_temp.workos_called w join pg_temp.workos_callers c using (function)
		where not (c.callers <@ w.callers and w.callers <@ (c.callers || c.owners));
	if function is not null then
		raise exception using errcode = '42501', message = format('the role %I cannot restore the privileges on %s', current_user, function),
			hint = 'Run this file as a superuser, because the functions of the extension belong to one.';
	end if;
end $$;

drop view pg_temp.workos_uses, pg_temp.workos_callers;
select set_config('search_path', :'workos_search_path', false) as workos_ignored \gset
delete from pg_temp.workos_move;
commit;
