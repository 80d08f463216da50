-- Functions that run a query under given claims and return its result as one text.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;

create table plans.caller (name text primary key, claims text);
insert into plans.caller values
	('anonymous', ''),
	('member', '{"sub": "user_1", "sid": "session_1", "org_id": "org_a", "permissions": ["documents:read", "team:1"]}'),
	('admin', '{"sub": "user_0", "sid": "session_2", "org_id": "org_a", "roles": ["admin", "auditor"], "feature_flags": ["beta"], "permissions":
		["documents:read", "documents:write", "secrets:read", "secrets:write", "remote:all", "team:2", "team:3"]}'),
	('impersonator', '{"sub": "user_2", "sid": "session_3", "org_id": "org_b", "act": {"sub": "staff@example.com"}, "permissions": ["secrets:read", "documents:write"]}'),
	('broken', '{"sub": ');

-- Runs the query, rolls back its changes, and returns its rows, or its error. returns_rows is NULL for a query that returns
-- all rows as one array.
create function plans.answer(query text, returns_rows boolean, claims text) returns text language plpgsql volatile as $$
declare
	r record;
	rows text[] := '{}';
begin
	perform set_config('request.jwt.claims', claims, true);
	if returns_rows is null then
		execute query into rows;
	elsif returns_rows then
		for r in execute query loop
			rows := rows || r::text;
		end loop;
	else
		execute query;
	end if;
	raise exception using errcode = 'P0DNE';
exception
	when sqlstate 'P0DNE' then
		return cardinality(rows) || ' rows ' || coalesce((select string_agg(t, e'\n' order by t) from unnest(rows) t), '');
	when others then
		-- Which of several rows violates a policy first depends on the join.
		return sqlstate || ' ' || regexp_replace(regexp_replace(sqlerrm, '"(bare|wrapped)\.', '"', 'g'), '^(new|target) (row violates row-level security policy)( \(USING expression\))?', '\2');
end $$;

-- Runs the query, and returns the contents of the tables after it. Then its changes are rolled back.
create function plans.outcome(query text, claims text) returns text language plpgsql volatile as $$
declare
	r record; rows text[] := '{}'; after text;
begin
	perform set_config('request.jwt.claims', claims, true);
	execute query;
	after := state();
	raise exception using errcode = 'P0DNE', message = after;
exception
	when sqlstate 'P0DNE' then return sqlerrm;
	when others then return sqlstate;
end $$;

-- The number of parallel workers that ran a query.
create function plans.workers(query text, claims text) returns int language plpgsql volatile as $$
declare line text; workers int := 0;
begin
	perform set_config('request.jwt.claims', claims, true);
	for line in execute 'explain (analyze, costs off, timing off, summary off) ' || query loop
		workers := workers + coalesce(substring(line from 'Workers Launched: (\d+)')::int, 0);
	end loop;
	return workers;
end $$;

-- Runs a query under the claims of each caller in turn: directly, or twice as one prepared statement. Parallel workers
-- start slowly, so in parallel there are only two callers, and no writes. FOR and RETURN QUERY read by a cursor, which
-- never uses workers, so in parallel a query returns all its rows as one array.
create function plans.answers(shape plans.shape, mode text) returns text[] language plpgsql volatile as $$
declare
	caller plans.caller;
	all_of_them text[] := '{}';
	statement text := shape.query;
	prepared boolean := mode in ('prepared', 'generic plan');
	returns_rows boolean := shape.query ~ '^(select|with|\()' or shape.query ~ 'returning';
	writes boolean := shape.query ~* '^(insert|update|delete|merge|with \w+ as \((insert|update|delete|merge))|savepoints|current_of';
begin
	if writes and mode = 'parallel' then
		return '{}';
	end if;
	if mode = 'parallel' and returns_rows then
		statement := format('select coalesce(array_agg(q::text), ''{}'') from (%s) q', shape.query);
		returns_rows := null;
	end if;
	if prepared or shape.args is not null then
		execute 'prepare shape as ' || statement;
		statement := 'execute shape' || coalesce(shape.args, '');
	end if;
	for turn in 1 .. 1 + prepared::int loop
		for caller in select * from plans.caller where mode <> 'parallel' or name in ('admin', 'member') order by name loop
			all_of_them := all_of_them || (caller.name || ': ' || plans.answer(statement, returns_rows, caller.claims));
			if writes then
				all_of_them := all_of_them || plans.outcome(statement, caller.claims);
			end if;
			if mode = 'parallel' and caller.name = 'admin' then
				perform set_config('plans.workers', plans.workers(statement, caller.claims)::text, false);
			end if;
		end loop;
	end loop;
	if statement like 'execute%' then
		deallocate shape;
	end if;
	return all_of_them;
end $$;
grant select on all tables in schema plans to public;
