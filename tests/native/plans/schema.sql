-- Tables with row security, twice: in schema bare the policies call the helpers as they are, in schema
-- wrapped each call is written as a sub-select by hand. Needs a superuser.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
create extension postgres_fdw;

do $$ begin
	if to_regrole('plans_reporter') is null then
		create role plans_reporter nologin;
	end if;
end $$;

create schema plans;
grant usage, create on schema plans to authenticator, authenticated, plans_reporter;

-- A C function of another library.
create function plans.trigrams(of text) returns text[] language c stable strict as '$libdir/pg_trgm', 'show_trgm';

create function plans.build(target name, wrap boolean) returns void language plpgsql as $build$
declare
	ddl text := $ddl$
	create table docs (id int primary key, org_id text, owner_id text, is_public boolean, folder int, amount int, body text);
	insert into docs select g, 'org_' || chr(97 + g % 4), 'user_' || g % 5, g % 11 = 0, g % 6, g * 7 % 101, 'body ' || g
		from generate_series(1, 240) g;
	update docs set org_id = null where id % 50 = 0;
	create policy docs_read on docs for select using (is_public or org_id = [[workos_org_id()]]);
	create policy docs_own on docs for select using (owner_id = [[workos_user_id()]] and [[workos_has_permission('documents:read')]]);
	create policy docs_add on docs for insert with check (org_id = [[workos_org_id()]] and [[workos_has_permission('documents:write')]]);
	create policy docs_change on docs for update using (org_id = [[workos_org_id()]])
		with check (org_id = [[workos_org_id()]] and [[workos_has_any_permission('documents:write', 'documents:all')]]);
	create policy docs_drop on docs for delete using (org_id = [[workos_org_with_permission('documents:write')]]);

	create table projects (id int primary key, org_id varchar(40), name text, budget int);
	create index on projects (org_id);
	insert into projects select g, 'org_' || chr(97 + g % 4), 'project ' || g, g * 13 % 50 from generate_series(1, 60) g;
	create policy projects_all on projects using (org_id = [[workos_org_id()]]) with check (org_id = [[workos_org_id()]]);
	create policy projects_admin on projects using (org_id = [[workos_org_id()]] and [[workos_has_role('admin')]]);

	create table members (org_id text, user_id text, role text, primary key (user_id, org_id));
	insert into members select 'org_' || chr(97 + g % 4), 'user_' || g, case when g % 3 = 0 then 'admin' else 'member' end
		from generate_series(0, 19) g;
	insert into members values ('org_b', 'user_0', 'guest'), ('org_c', 'user_0', 'guest'), ('org_a', 'user_1', 'guest');
	create policy members_read on members for select using (user_id = [[workos_user_id()]] or [[member:org_id]]);

	create table tasks (id int primary key, org_id text, project int, assignee text, done boolean, due date);
	create index on tasks (project);
	insert into tasks select g, 'org_' || chr(97 + g % 4), g % 60 + 1, 'user_' || g % 7, g % 3 = 0, date '2030-01-01' + g % 30
		from generate_series(1, 180) g;
	create policy tasks_read on tasks for select using ([[workos_has_role('auditor')]] or exists (
		select from members m where m.org_id = tasks.org_id and m.user_id = [[workos_user_id()]] and m.role <> [[workos_claim('none')]] is not true));
	create policy tasks_change on tasks for update using (project in (select id from projects where budget > 5 and [[workos_is_authenticated()]]));
	create policy tasks_not_impersonated on tasks as restrictive for update using (not [[workos_is_impersonated()]]);

	create table secrets (id int primary key, value text);
	insert into secrets select g, 'secret ' || g from generate_series(1, 20) g;
	create policy secrets_read on secrets for select using ([[workos_has_permission('secrets:read')]]);
	create policy secrets_write on secrets for insert with check ([[workos_has_all_permissions('secrets:read', 'secrets:write')]]);
	create policy secrets_fresh on secrets as restrictive for select using (not [[workos_is_impersonated()]] and id < 100);

	create table events (id int, org_id text, kind text, n int) partition by list (org_id);
	create table events_a partition of events for values in ('org_a');
	create table events_b partition of events for values in ('org_b');
	create table events_rest partition of events default;
	create index on events (kind);
	insert into events select g, 'org_' || chr(97 + g % 4), 'kind ' || g % 5, g % 17 from generate_series(1, 200) g;
	create policy events_all on events using (org_id = [[workos_org_id()]]);

	create table archive (id int, org_id text, year int, n int) partition by range (year);
	create table archive_2028 partition of archive for values from (2028) to (2029);
	create table archive_2029 partition of archive for values from (2029) to (2030);
	insert into archive select g, 'org_' || chr(97 + g % 4), 2028 + g % 2, g from generate_series(1, 80) g;
	create policy archive_all on archive using (org_id = [[workos_org_with_role('admin')]] or n < 10);

	create table remote (id int, org_id text, place int, n int) partition by list (place);
	create table remote_here partition of remote for values in (1);
	create table remote_there_data (id int, org_id text, place int, n int);
	create foreign table remote_there partition of remote for values in (2) server itself
		options (schema_name '%s', table_name 'remote_there_data');
	insert into remote_here select g, 'org_' || chr(97 + g % 4), 1, g % 9 from generate_series(1, 40) g;
	insert into remote_there_data select g, 'org_' || chr(97 + g % 4), 2, g % 9 from generate_series(41, 80) g;
	create policy remote_all on remote using (org_id = [[workos_org_id()]] or [[workos_has_permission('remote:all')]]);

	create table animals (id int, org_id text, name text);
	create table birds (wings int) inherits (animals);
	create table fish (fins int) inherits (animals);
	create index on birds (org_id);
	insert into animals select g, 'org_' || chr(97 + g % 4), 'animal ' || g from generate_series(1, 20) g;
	insert into birds select g, 'org_' || chr(97 + g % 4), 'bird ' || g, 2 from generate_series(21, 60) g;
	insert into fish select g, 'org_' || chr(97 + g % 4), 'fish ' || g, g % 4 from generate_series(61, 90) g;
	create policy animals_all on animals using (org_id = [[workos_org_id()]]);
	create policy birds_all on birds using ([[member:org_id]] or wings > 2);

	create table teams (id int primary key, team text, size int);
	insert into teams select g, 'team:' || g % 6, g from generate_series(1, 36) g;
	create policy teams_read on teams for select using (team = any ([[workos_permissions()]]::text[]));
	create policy teams_flag on teams for select using (id % 5 = 0 and 'beta' = any ([[workos_feature_flags()]]::text[]));

	create table lists (id int primary key, team text);
	create index on lists (team);
	insert into lists select g, 'team:' || g % 6 from generate_series(1, 36) g;
	create policy lists_read on lists for select using (team = any ([[workos_permissions()]]::text[]));

	create table counters (org_id text primary key, n int);
	insert into counters values ('org_a', 1), ('org_b', 2), ('org_c', 3);
	create policy counters_read on counters for select using (org_id = [[workos_org_id()]]);
	create policy counters_add on counters for insert with check (org_id = [[workos_org_id()]]);
	create policy counters_change on counters for update using (org_id = [[workos_org_id()]]) with check (n < 100 and [[workos_has_permission('documents:write')]]);

	create table orders (id int primary key, org_id text, owner_id text, state text, n int);
	create index on orders (org_id);
	create index on orders (org_id, n);
	insert into orders select g, 'org_' || chr(97 + g % 4), 'user_' || g % 5, 'team:' || g % 6, g % 17 from generate_series(1, 120) g;
	create policy orders_read on orders for select using (org_id = any (array[ [[workos_org_id()]], 'org_c']));
	create policy orders_add on orders for insert with check (org_id = [[workos_org_id()]] and state = any ([[workos_permissions()]]::text[]));
	create policy orders_add_free on orders for insert with check ([[member:org_id]] and n < length([[workos_user_id()]] || '') and [[workos_has_any_permission('documents:write')]]);
	create policy orders_change on orders for update using (n < 12 or org_id = [[workos_org_id()]]) with check (case when n > 200 then false else org_id = lower([[workos_org_id()]]) end);
	create policy orders_drop on orders for delete using (org_id = coalesce([[workos_org_id()]], [[workos_user_id()]], 'none'));

	create table hashed (id int, org_id text, n int) partition by hash (org_id);
	create table hashed_0 partition of hashed for values with (modulus 3, remainder 0);
	create table hashed_1 partition of hashed for values with (modulus 3, remainder 1);
	create table hashed_2 partition of hashed for values with (modulus 3, remainder 2);
	create table hashed_indexed (like hashed) partition by hash (org_id);
	create table hashed_indexed_0 partition of hashed_indexed for values with (modulus 2, remainder 0);
	create table hashed_indexed_1 partition of hashed_indexed for values with (modulus 2, remainder 1);
	create index on hashed_indexed (org_id);
	create table ranged (like hashed) partition by range (org_id, n);
	create table ranged_low partition of ranged for values from (minvalue, minvalue) to ('org_b', 8);
	create table ranged_high partition of ranged for values from ('org_b', 8) to (maxvalue, maxvalue);
	create index on ranged_high (org_id);
	create table nested (like hashed) partition by list (org_id);
	create table nested_a partition of nested for values in ('org_a') partition by range (n);
	create table nested_a_low partition of nested_a for values from (minvalue) to (9);
	create table nested_a_high partition of nested_a for values from (9) to (maxvalue);
	create table nested_rest partition of nested default;
	insert into hashed select g, 'org_' || chr(97 + g % 4), g % 17 from generate_series(1, 90) g;
	insert into hashed_indexed table hashed;
	insert into ranged table hashed;
	insert into nested table hashed;
	create policy p on hashed using (org_id = [[workos_org_id()]]) with check (org_id = [[workos_org_id()]] or n = 3);
	create policy p on hashed_indexed using ([[member:org_id]]);
	create policy p on ranged using (org_id = [[workos_org_with_permission('documents:read')]] || '');
	create policy p on nested using (org_id = [[workos_org_id()]] and (n < 15 or [[workos_has_role('admin')]]));

	create table afar_data (id int, org_id text, n int);
	insert into afar_data select g, 'org_' || chr(97 + g % 4), g % 9 from generate_series(1, 40) g;
	create table afar (id int, org_id text, n int);
	create foreign table afar_there () inherits (afar) server itself options (schema_name '%s', table_name 'afar_data');
	create policy p on afar using (org_id = any (array[ [[workos_org_id()]], 'org_d'])) with check (org_id = [[workos_org_id()]]);

	create table notes (id int primary key, doc int, org_id text, meta jsonb);
	create index on notes ((meta ->> 'org'));
	insert into notes select g, g % 120, 'org_' || chr(97 + g % 4), jsonb_build_object('org', 'org_' || chr(97 + g % 4), 'n', g) from generate_series(1, 120) g;
	create policy notes_read on notes for select using (meta ->> 'org' = [[workos_org_id()]] and [[workos_claims()]] ->> 'sub' like 'user%%');
	create policy notes_doc on notes for select using (exists (select from docs d join members m on m.org_id = d.org_id and m.user_id = [[workos_user_id()]]
		where d.id = notes.doc and d.folder = 3));

	create table plain (id int primary key, v int);
	insert into plain select g, g % 7 from generate_series(1, 50) g;

	-- what the views and functions below stand on
	create view docs_view as select id, org_id, amount from docs where amount > 10;
	create view docs_barrier with (security_barrier) as select id, org_id, owner_id, amount from docs where [[workos_is_authenticated()]] and amount > 20;
	create view docs_invoker with (security_invoker) as select id, org_id, amount from docs where amount > 30;
	create view docs_checked as select id, org_id, owner_id, is_public, amount from docs where amount >= 0 with cascaded check option;
	create view barrier_of_views with (security_barrier) as
		select d.id, p.name from docs_barrier d join projects p using (org_id) where p.budget > 10;
	create materialized view docs_seen as select id, org_id from docs with no data;

	create function sql_inlined(above int) returns setof docs language sql stable as 'select * from docs where amount > above';
	create function sql_volatile(above int) returns bigint language sql volatile as 'select count(*) from docs where amount > above';
	create function sql_scalar(of text) returns bigint language sql stable as 'select count(*) from tasks where assignee = of';
	create function plpgsql_loop() returns setof text language plpgsql as $$
	declare r record; total int := 0;
	begin
		for r in select id, amount from docs order by id loop
			total := total + r.amount;
			if r.id %% 20 = 0 then return next r.id || ':' || total; end if;
		end loop;
		return next total::text;
	end $$;
	create function plpgsql_expressions(n int) returns setof text language plpgsql as $$
	declare seen bigint; org text;
	begin
		for i in 1 .. n loop
			seen := (select count(*) from docs);
			org := workos_org_id();
			if exists (select from projects where id = i) then return next i || ':' || seen || ':' || coalesce(org, '-'); end if;
		end loop;
	end $$;
	create function plpgsql_cursor() returns setof int language plpgsql as $$
	declare c scroll cursor for select id from docs where folder = 2 order by id; i int;
	begin
		open c;
		fetch c into i; return next i;
		fetch relative 3 from c into i; return next i;
		fetch last from c into i; return next i;
		fetch prior from c into i; return next i;
		move first from c;
		fetch next from c into i; return next i;
		close c;
	end $$;
	create function plpgsql_current_of() returns setof text language plpgsql as $$
	declare c cursor for select * from projects where budget > 20 for update; r record; k int;
	begin
		for r in c loop
			update projects set budget = budget + 1 where current of c;
			get diagnostics k = row_count;
			return next r.id || ':' || k;
		end loop;
	end $$;
	create function plpgsql_savepoints() returns setof text language plpgsql as $$
	declare k int;
	begin
		for i in 1 .. 6 loop
			begin
				insert into docs values (1000 + i, 'org_' || chr(96 + i), 'user_1', false, 1, i, 'new');
				get diagnostics k = row_count;
				return next i || ':' || k;
			exception when insufficient_privilege then
				return next i || ':refused';
			end;
		end loop;
	end $$;
	create function plpgsql_ctas() returns setof text language plpgsql as $$
	begin
		create temp table ctas on commit drop as select id, org_id from docs union all select id, org_id from projects;
		return query select concat_ws(':', id, org_id) from ctas;
		drop table ctas;
	end $$;
	create function refreshed() returns setof text language plpgsql security definer as $$
	begin
		refresh materialized view docs_seen;
		return query select concat_ws(':', id, org_id) from docs_seen;
	end $$;
	create function on_insert() returns trigger language plpgsql as $$
	begin
		new.body := (select count(*) from docs where folder = new.folder)::text;
		return new;
	end $$;
	create trigger docs_count before insert on docs for each row execute function on_insert();
	$ddl$;
	relation record;
begin
	execute format('create schema %I', target);
	perform set_config('search_path', format('%I, extensions', target), true);
	if wrap then
		ddl := regexp_replace(ddl, '\[\[member:(\w+)\]\]', '\1 = (select workos_org_id())', 'g');
		ddl := regexp_replace(ddl, '\[\[(.*?)\]\]', '(select \1)', 'g');
	else
		ddl := regexp_replace(ddl, '\[\[member:(\w+)\]\]', 'workos_is_member(\1)', 'g');
		ddl := regexp_replace(ddl, '\[\[(.*?)\]\]', '\1', 'g');
	end if;
	execute replace(replace(ddl, '%s', target), '%%', '%');
	for relation in select c.oid::regclass as name, relkind from pg_class c where relnamespace = target::regnamespace and relkind in ('r', 'p', 'v', 'm') loop
		if relation.relkind in ('v', 'm') then
			execute format('alter %s view %s owner to plans_reporter', case relation.relkind when 'm' then 'materialized' else '' end, relation.name);
		elsif not relation.name::text in ('plain', 'remote_there_data', 'afar_data') then
			execute format('alter table %s enable row level security', relation.name);
		end if;
	end loop;
	alter function refreshed() owner to plans_reporter;
	execute format('alter function refreshed() set search_path = %I, extensions', target);
	execute format('grant usage on schema %I to authenticated, authenticator, plans_reporter', target);
	execute format('grant all on all tables in schema %I to authenticated, authenticator, plans_reporter', target);
	-- A hash of all rows of all tables, regardless of row security.
	execute format($f$create function state() returns text language plpgsql security definer set search_path = %I as $$
	declare one text; whole text := ''; relation regclass;
	begin
		for relation in select oid from pg_class where relnamespace = %L::regnamespace and relkind in ('r', 'p') and not relispartition order by relname loop
			execute format('select md5(string_agg(t::text, chr(10) order by t::text)) from %%s t', relation) into one;
			whole := whole || one;
		end loop;
		return md5(whole);
	end $$ $f$, target, target);
end $build$;

do $$
begin
	execute format('create server itself foreign data wrapper postgres_fdw options (host %L, port %L, dbname %L)',
		split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database());
end $$;
-- The connection of the foreign server is that of a superuser, as if that server had no row security.
create user mapping for public server itself options (user 'postgres', password_required 'false');
begin;
select plans.build('bare', false) \g /dev/null
commit;
begin;
select plans.build('wrapped', true) \g /dev/null
commit;
analyze;
