-- What each caller may do with each table. The page runs this in its own Postgres, and the tests run it in a Postgres 17 of the machine.
create schema playground;

-- Runs the command as this role, with these claims, and undoes it. `said` is rows, no grant, refused or an error; `error_code` is that of the error.
create function playground.try(caller_role text, claims text, command text, out said text, out rows bigint, out error_code text, out message text) language plpgsql as $$
begin
	perform pg_catalog.set_config('request.jwt.claims', claims, true), pg_catalog.set_config('role', caller_role, true);
	execute command;
	get diagnostics rows = row_count;
	raise exception using errcode = 'PLAY0', message = rows::text;
exception
	when sqlstate 'PLAY0' then
		said := 'rows';
	when insufficient_privilege then
		said := case when sqlerrm like 'permission denied%' then 'no grant' else 'refused' end;
		error_code := sqlstate;
		message := sqlerrm;
	when others then
		said := 'error';
		error_code := sqlstate;
		message := sqlerrm;
end $$;

-- The tables and views of the application, each with one row of each organization, or with one row if it has no organizations.
create function playground.tables() returns table (relation oid, name text, org_column name, columns text, samples jsonb, total bigint) language plpgsql as $$
begin
	for relation, name in
		select c.oid, case n.nspname when 'public' then quote_ident(c.relname) else c.oid::regclass::text end
			from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p', 'v') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'extensions', 'demo', 'playground', 'workos', 'workos_test')
			order by c.oid limit 12
	loop
		-- In a table of organizations, the id is the organization.
		select a.attname into org_column from pg_catalog.pg_attribute a
			where a.attrelid = relation and (a.attname = 'org_id' or a.attname = 'id' and a.atttypid = 'text'::regtype) order by a.attname = 'org_id' desc limit 1;
		-- What has a default is left out, so that a row is added in the name of the caller.
		select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into columns from pg_catalog.pg_attribute a
			where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = '' and (not a.atthasdef or a.attname = org_column);
		execute format('select count(*) from %s', relation::regclass) into total;
		execute format('select coalesce(jsonb_agg(row order by row::text collate "C"), ''[]'') from (select distinct on (%s) to_jsonb(t) as row from %s t order by %1$s, to_jsonb(t)::text collate "C" limit 5) s',
			coalesce(quote_ident(org_column), '1 = 1'), relation::regclass) into samples;
		return next;
	end loop;
end $$;

-- callers: [{"id": "1", "role": "authenticated", "claims": "…"}, …]
create function playground.matrix(callers jsonb) returns table (caller text, relation text, command text, said text, rows bigint, total bigint, message text) language plpgsql as $$
declare
	-- Functions in policies find what their own search_path says. All else is the caller's.
	c record;
	t record;
	r record;
	sample jsonb;
	updated name;
begin
	for t in select * from playground.tables() loop
		for c in select * from jsonb_to_recordset(callers) as x(id text, role text, claims text) loop
			caller := c.id;
			relation := t.name;

			command := 'select';
			r := playground.try(c.role, c.claims, format('select from %s', t.relation::regclass));
			said := r.said; rows := r.rows; total := t.total; message := r.message;
			return next;

			command := 'insert';
			said := null; rows := 0; total := 0; message := null;
			for sample in select * from jsonb_array_elements(t.samples) loop
				total := total + 1;
				-- Another id for the new organization
				if t.org_column = 'id' then
					sample := sample || jsonb_build_object('id', sample ->> 'id' || 'NEW');
				end if;
				r := playground.try(c.role, c.claims, case when t.columns is null then format('insert into %s default values', t.relation::regclass)
					else format('insert into %s (%s) select %2$s from pg_catalog.jsonb_populate_record(null::%1$s, %3$L)', t.relation::regclass, t.columns, sample) end);
				-- Postgres checks policies before unique indexes, foreign keys and other constraints. So an error of a constraint says that the policies allow the row.
				if r.said = 'rows' or r.error_code like '23%' then
					rows := rows + 1;
					said := 'rows';
				else
					said := coalesce(said, r.said);
					message := coalesce(message, r.message);
				end if;
			end loop;
			said := coalesce(said, 'no sample');
			return next;

			command := 'update';
			select a.attname into updated from pg_catalog.pg_attribute a
				where a.attrelid = t.relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
				order by has_column_privilege(c.role, t.relation, a.attnum, 'update') desc, a.attnum limit 1;
			r := playground.try(c.role, c.claims, format('update %s set %s = %2$s', t.relation::regclass, coalesce(quote_ident(updated), quote_ident(t.org_column), 'id')));
			said := case when r.error_code like '23%' then 'constraint' else r.said end; rows := r.rows; total := t.total; message := r.message;
			return next;

			command := 'delete';
			r := playground.try(c.role, c.claims, format('delete from %s', t.relation::regclass));
			said := case when r.error_code like '23%' then 'constraint' else r.said end; rows := r.rows; total := t.total; message := r.message;
			return next;
		end loop;
	end loop;
end $$;

-- Takes away the tables and all else that the last texts made. They run as the role developer.
create function playground.clear() returns void language plpgsql as $$
begin
	drop owned by developer cascade;
	drop schema if exists public cascade;
	create schema public authorization developer;
	grant usage on schema public to public;
	execute format('grant create on database %I to developer', current_database());
end $$;
