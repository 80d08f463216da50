-- reading the text of SQL: what workos_explain() and workos_lint() share. Nothing here evaluates anything.

-- The tokens of an expression or a function body, without white space and comments. It reads what pg_get_expr(),
-- pg_get_viewdef() and pg_get_functiondef() print, and bodies that people write. Callers pin the search_path, so that
-- the names of all other schemas than pg_catalog are printed with their schema, and standard_conforming_strings.
--
-- n: the number of the token.
-- start: the position of its first character in the text.
-- kind: name (also a keyword, and a qualified name as one token), string, number, operator (also ::, := and =>),
-- open, close, comma, other.
-- token: as it stands in the text. name: for a name, as Postgres would print it, so that quoted and unquoted forms of
-- the same name are equal; parts are joined by points, without white space.
-- depth: how many parentheses and brackets are open around the token.
-- parent: the number of the innermost of these; 0 outside of all. A closing one has the depth and parent of its opening one.
-- closes: for an opening one, the number of the token that closes it; NULL if nothing does.
create function @extschema@._workos_tokens(expression text, out n int, out start int, out kind text, out token text, out name text, out depth int, out parent int, out closes int) returns setof record
	language plpgsql immutable parallel safe rows 60 set search_path = pg_catalog, pg_temp set quote_all_identifiers = off as $$
declare
	letter constant text := $re$[^\u0001-\u0040\u005b-\u005e\u0060\u007b-\u007f]$re$; -- A-Z, a-z, _ and all beyond ASCII
	part constant text := format($re$(?:(?:[uU]&)?"(?:[^"]|"")*"|%1$s(?:%1$s|[0-9$])*)$re$, letter);
	pattern constant text := concat_ws('|',
		$re$[ \t\n\r\f\v]+$re$,
		$re$--[^\r\n]*$re$,
		$re$/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/$re$, -- a comment without others in it
		$re$/\*$re$, -- another comment
		$re$[$][$](?:[^$]|[$](?![$]))*[$][$]$re$,
		format($re$[$]%s(?:%1$s|[0-9])*[$]$re$, letter), -- where a string with a tag begins
		$re$(?:[nN]|[uU]&)?'(?:[^']|'')*'$re$,
		$re$[bBxX]'[^']*'$re$,
		$re$[eE]'(?:[^'\\]|\\.|'')*'$re$,
		format($re$%s(?:[ \t\n\r\f\v]*\.[ \t\n\r\f\v]*%1$s)*$re$, part),
		$re$\.?[0-9](?:[0-9A-Za-z_]|\.(?!\.)|[eE][-+](?=[0-9]))*$re$,
		$re$::|:=|=>|\.\.$re$,
		$re$(?:[+*<>=~!@#%^&|`?]|-(?!-)|/(?!\*))+$re$,
		$re$.$re$);
	found record;
	-- The text is read in pieces, because what follows a comment or a string is known only when its end was found.
	shortest constant int := 200;
	size int := shortest;
	base int := 0; -- how many characters stand before the piece
	piece text;
	whole boolean; -- The piece reaches the end of the text.
	first text;
	stop int;
	level int;
	a int;
	b int;
	opens int[] := '{}'::int[]; -- the open parentheses
	-- The result, since the row of an opening parenthesis is complete only when the closing one was found.
	starts int[] := '{}'::int[];
	kinds text[] := '{}'::text[];
	tokens text[] := '{}'::text[];
	depths int[] := '{}'::int[];
	parents int[] := '{}'::int[];
	closers int[] := '{}'::int[];
begin
	n := 0;
	depth := 0;
	<<pieces>>
	loop
		piece := substr(expression, base + 1, size);
		whole := coalesce(length(piece), 0) < size;
		for found in
			select m[1] as token, base + sum(length(m[1])) over (order by o) as stop
			from regexp_matches(piece, pattern, 'g') with ordinality r(m, o) order by o
		loop
			token := found.token;
			first := left(token, 1);
			stop := found.stop;
			start := stop - length(token) + 1;
			if not whole and (stop = base + size or token in ('''', '"', '$')) then
				-- The token may be longer than the piece, and what stands before it may be its beginning.
				while n > 0 and starts[n] > base and kinds[n] not in ('open', 'close', 'comma')
					and (starts[n] + length(tokens[n]) = start or kinds[n] = 'name' or tokens[n] = '.') loop
					start := starts[n];
					n := n - 1;
				end loop;
				base := start - 1;
				size := 2 * size;
				continue pieces;
			end if;
			if first in (' ', e'\n', e'\t', e'\r', e'\f', e'\x0b') or token ^@ '--' or token ^@ '/*' and token <> '/*' then
				continue;
			end if;
			if token = '/*' then
				-- Comments can contain comments. One that does not end takes all the rest.
				level := 1;
				while level > 0 loop
					piece := substr(expression, stop + 1);
					a := strpos(piece, '/*');
					b := strpos(piece, '*/');
					exit pieces when b = 0;
					level := level + case when a between 1 and b - 1 then 1 else -1 end;
					stop := stop + case when a between 1 and b - 1 then a else b end + 1;
				end loop;
				base := stop;
				size := shortest;
				continue pieces;
			end if;
			kind := case
				when first = '(' or first = '[' then 'open'
				when first = ')' or first = ']' then 'close'
				when first = ',' then 'comma'
				when length(token) = 1 and first in ('''', '"') then 'other' -- It does not end.
				when first = '''' or first = '$' and length(token) > 1 then 'string'
				when first ~ '[0-9]' or first = '.' and length(token) > 1 and token <> '..' then 'number'
				when first ~ '[-+*/<>=~!@#%^&|`?:]' then 'operator'
				when first = '"' then 'name'
				when first ~ letter then case when right(token, 1) = '''' then 'string' else 'name' end
				else 'other'
			end;
			if first = '$' and kind = 'string' and token !~ '^[$][$].*[$][$]$' then
				-- A string with a tag ends at the same tag. One that does not end takes all the rest.
				a := strpos(substr(expression, stop + 1), token);
				token := case when a > 0 then substr(expression, start, a - 1 + 2 * length(token)) else substr(expression, start) end;
				stop := start + length(token) - 1;
			end if;
			n := n + 1;
			starts[n] := start;
			kinds[n] := kind;
			tokens[n] := token;
			closers[n] := null;
			if kind = 'close' and depth > 0 then
				parent := opens[depth];
				closers[parent] := n;
				depth := depth - 1;
			end if;
			depths[n] := depth;
			parents[n] := case when depth > 0 then opens[depth] else 0 end;
			if kind = 'open' then
				depth := depth + 1;
				opens[depth] := n;
			end if;
			if stop > found.stop then
				base := stop;
				size := shortest;
				continue pieces;
			end if;
		end loop;
		exit when whole;
	end loop;
	for i in 1 .. n loop
		n := i;
		start := starts[i];
		kind := kinds[i];
		token := tokens[i];
		depth := depths[i];
		parent := parents[i];
		closes := closers[i];
		name := null;
		if kind = 'name' then
			name := case when token ~ '^[a-z0-9_$.]+$' then token else (
				select string_agg(case when right(m[1], 1) = '"' then quote_ident(replace(substr(m[1], 2, length(m[1]) - 2), '""', '"')) else lower(m[1]) end, '.' order by o)
				from regexp_matches(token, part, 'g') with ordinality r(m, o)) end;
		end if;
		return next;
	end loop;
end $$;
