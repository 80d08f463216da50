-- Finds the calls of some functions in an expression, by the numbers of the tokens where they start and stop.
-- The result of a function in helpers depends only on its arguments and on the statement.
--
-- term_start, term_stop: the call, or the sub-select that consists of the call only.
-- compared: the column that the call is compared with, if an index can evaluate the comparison.
-- constant: the arguments do not depend on the row.
-- once: the call is in a sub-select that does not depend on the row, so it runs once.
-- source: the call is in FROM.
create function @extschema@._workos_calls(tokens text[], helpers text[], out name text, out start int, out stop int, out term_start int, out term_stop int, out compared text, out constant boolean, out once boolean, out source boolean) returns setof record
	language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
	column_name constant text := '^(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)$';
	token text;
	before text := '';
	in_type boolean := false; -- The token is part of a type name, which can have several words.
	parens int := 1; -- The first pair encloses the whole expression.
	here int := 1; -- the innermost open one
	-- for each pair of parentheses, by number
	around int[] := '{1}'::int[];
	opened int[] := '{0}'::int[];
	closed int[] := '{0}'::int[];
	varies boolean[] := '{false}'::boolean[]; -- It depends on the row, or may depend on it.
	selects boolean[] := '{false}'::boolean[]; -- It is a sub-select.
	conjunct boolean[] := '{true}'::boolean[]; -- It is at a place where a whole condition, or conditions joined by AND, can be.
	mixed boolean[] := '{false}'::boolean[]; -- It contains more than calls and conditions joined by AND.
	cases int[] := '{0}'::int[]; -- how many CASE are open in it
	runs_once boolean[] := '{false}'::boolean[];
begin
	for i in 1 .. cardinality(tokens) loop
		token := tokens[i];
		in_type := before = '::' or in_type and token ~ '^[a-z]+$';
		if token = '(' then
			parens := parens + 1;
			around[parens] := here;
			opened[parens] := i;
			varies[parens] := false;
			selects[parens] := false;
			conjunct[parens] := before in ('', '(', 'AND');
			mixed[parens] := false;
			cases[parens] := 0;
			here := parens;
		elsif token = ')' then
			closed[here] := i;
			varies[around[here]] := varies[around[here]] or varies[here];
			here := around[here];
		elsif token = any (helpers) and tokens[i + 1] = '(' then
			null;
		elsif token <> 'AND' then
			cases[here] := cases[here] + case token when 'CASE' then 1 when 'END' then -1 else 0 end;
			mixed[here] := mixed[here] or cases[here] = 0 and token !~ '^["a-z_]' and token not in ('END', 'NOT', 'EXISTS', 'COALESCE', 'NULLIF', 'GREATEST', 'LEAST');
			varies[here] := varies[here] or case
				when in_type then token !~ '^[a-z0-9_]+$' -- The cast may depend on anything.
				when token ~ '^[A-Z]' then token in ('COLLATE', 'WITH') or token = 'FROM' and not (before = 'DISTINCT' and tokens[i - 2] in ('IS', 'NOT'))
				when token ~ '^["a-z_]' then before <> 'AS' and token not in ('true', 'false') and tokens[i + 1] is distinct from '=>' -- the name of an argument
				else false
			end;
			selects[here] := selects[here] or token = 'SELECT';
		end if;
		before := token;
	end loop;
	for p in 2 .. parens loop
		runs_once[p] := runs_once[around[p]] or selects[p] and not varies[p];
		conjunct[p] := conjunct[p] and conjunct[around[p]] and not mixed[around[p]];
		start := opened[p] - 1;
		name := tokens[start];
		if name = any (helpers) then
			stop := closed[p];
			term_start := start;
			term_stop := stop;
			if concat(tokens[start - 2], tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(SELECTAS)' then
				term_start := start - 2;
				term_stop := stop + 3;
			end if;
			constant := not varies[p];
			once := runs_once[p];
			source := coalesce(tokens[stop + 1] ~ '^(?:["a-z_]|WITH$)' or tokens[opened[around[p]] - 1] = 'FROM', false);
			compared := null;
			if name = '@extschema@.workos_is_member' then
				if conjunct[around[p]] and not mixed[around[p]] then
					compared := case
						when stop = start + 3 then tokens[start + 2]
						when concat(tokens[start + 2], tokens[start + 4], tokens[start + 5], tokens[start + 6]) = '()::text' and stop = start + 7 then tokens[start + 3]
					end;
				end if;
			elsif conjunct[around[p]] then
				compared := case
					when concat(tokens[start - 3], tokens[start - 1], tokens[stop + 1]) = '(=)' then tokens[start - 2]
					when concat(tokens[start - 7], tokens[start - 6], tokens[start - 4], tokens[start - 3], tokens[start - 2], tokens[start - 1], tokens[stop + 1]) = '(()::text=)' then tokens[start - 5]
					when concat(tokens[start - 1], tokens[stop + 1], tokens[stop + 3]) = '(=)' then tokens[stop + 2]
					when concat(tokens[start - 1], tokens[stop + 1], tokens[stop + 2], tokens[stop + 4], tokens[stop + 5], tokens[stop + 6], tokens[stop + 7]) = '(=()::text)' then tokens[stop + 3]
				end;
			end if;
			compared := case when compared ~ column_name then compared end;
			return next;
		end if;
	end loop;
end $$;
