-- The JSON checks of the portable edition (is it JSON, does it fit into jsonb, how deep is it), compared with the parser
-- of Postgres and a simple loop. The texts are random claims and mutations of them. Prints the differences.
-- psql variables: seed, the first seed; cases, the number of cases.
\set ON_ERROR_STOP on
\ir ../random_claims.sql

create function pg_temp.parses(value text) returns boolean language plpgsql volatile as $$
begin
	perform value::json;
	return true;
exception when invalid_text_representation then
	return false;
end $$;

-- NULL if the cast fails because of a string: such claims are refused before this check.
create function pg_temp.fits_jsonb(value text) returns boolean language plpgsql volatile as $$
begin
	perform value::jsonb;
	return true;
exception
	when untranslatable_character or invalid_text_representation then return null;
	when others then return false;
end $$;

-- 'unclosed' if the last quote is never closed, NULL if the brackets do not match in number.
create function pg_temp.depth(value text) returns text language plpgsql volatile as $$
declare
	c text; depth int := 0; deepest int := 0; lowest int := 0;
	quoted boolean := false; escaped boolean := false;
begin
	foreach c in array string_to_array(value, null) loop
		if quoted then
			quoted := c <> '"' or escaped;
			escaped := c = '\' and not escaped;
		elsif c = '"' then
			quoted := true;
		elsif c in ('[', '{') then
			depth := depth + 1;
			deepest := greatest(deepest, depth);
		elsif c in (']', '}') then
			depth := depth - 1;
			lowest := least(lowest, depth);
		end if;
	end loop;
	return case when quoted then 'unclosed' when depth = 0 and lowest = 0 then deepest::text end;
end $$;

-- The difference between the results; NULL if there is none. A text with few brackets has the depth 0.
create function pg_temp.difference(value text, valid boolean) returns text language plpgsql volatile as $$
declare
	fits constant boolean := case when valid then pg_temp.fits_jsonb(value) end;
	deep constant text := pg_temp.depth(value);
	said constant int := extensions._workos_depth(value);
begin
	return concat_ws(', ',
		case when extensions._workos_is_json(value) is distinct from valid then format('is JSON: %s', valid) end,
		case when extensions._workos_fits_jsonb(case when fits is not null then value::json end) is distinct from coalesce(fits, true) then format('fits jsonb: %s', fits) end,
		case when deep <> 'unclosed' and said = 0 and deep::int > 256 or deep is distinct from 'unclosed' and said is distinct from 0 and said::text is distinct from deep
			then format('depth: %s, not %s', deep, said) end);
end $$;

create function pg_temp.repeated(value text, comma boolean) returns text language sql volatile as $$
	select case when random() < 0.85 then '' else repeat(case when comma then ',' || value else value || ',' end, floor(random() * 12)::int) end
$$;

-- A value nested in many lists and objects, with small values before, after and between.
create function pg_temp.nested() returns text language plpgsql volatile as $$
declare
	value text := pg_temp.value(3);
	levels constant int := case when random() < 0.7 then random() * 6 when random() < 0.8 then random() * 40 else 235 + random() * 30 end;
	small constant text[] := array['1', '"a"', '[]', '[1]', '{}', '{"a":1}', '[[1],{"a":[]}]', '"[\\"', '"]\""', '"{"'];
begin
	for i in 1 .. levels loop
		if random() < 0.5 then
			value := '[' || pg_temp.repeated(pg_temp.one_of(small), false) || value || pg_temp.repeated(pg_temp.one_of(small), true) || ']';
		else
			value := '{' || pg_temp.repeated('"a":' || pg_temp.one_of(small), false) || '"a":' || value || pg_temp.repeated('"a":' || pg_temp.one_of(small), true) || '}';
		end if;
	end loop;
	return value;
end $$;

-- One to four times, a token or character is inserted, removed, doubled, swapped with the next one or replaced.
create function pg_temp.mutated(parts text[]) returns text language plpgsql volatile as $$
declare
	at int; token text; pick double precision;
begin
	for i in 1 .. 1 + floor(random() * random() * 4) loop
		at := 1 + floor(random() * cardinality(parts));
		token := pg_temp.one_of(array['{', '}', '[', ']', ',', ':', '"a"', '1', 'null', '{}', '[]', '[1]', '{"a":1}', '"a":', '"a":1', ',1', ',"a"', ',"a":1', '[[', ']]', '},{', '],[', pg_temp.string(), pg_temp.number(),
			pg_temp.one_of(array['"', '\', ' ', e'\n', e'\x01', e'\x02', e'\x7f', '-', '.', 'e5', '0', 'tru', '''', e'\u00a0', 'é'])]);
		pick := random();
		parts := case
			when pick < 0.25 then parts[:at - 1] || token || parts[at:]
			when pick < 0.45 then parts[:at - 1] || parts[at + 1:]
			when pick < 0.6 then parts[:at] || parts[at:]
			when pick < 0.75 then parts[:at - 1] || parts[at + 1] || parts[at] || parts[at + 2:]
			else parts[:at - 1] || token || parts[at + 1:] end;
	end loop;
	return array_to_string(parts, '');
end $$;

create function pg_temp.differences(seed int, cases int) returns setof text language plpgsql volatile as $$
declare
	base text; parts text[]; value text; valid boolean; difference text;
	tried int := 0; well_formed int := 0; fitting int := 0; deep int := 0;
begin
	if pg_temp.difference('{}', false) = '' or pg_temp.difference('{', true) = '' then
		raise exception 'no difference would be seen';
	end if;
	for s in seed .. seed + cases - 1 loop
		perform setseed(s % 1000000 / 1000000.0);
		base := case when random() < 0.5 then pg_temp.nested() else pg_temp.claims() end;
		-- tokens or single characters
		parts := case when random() < 0.7 then array(select t[1] from regexp_matches(base, $q$"(?:[^"\\]|\\.)*"|[-+.0-9eE]+|[a-z]+|\s+|.$q$, 'g') t) else string_to_array(base, null) end;
		for i in 0 .. 20 loop
			value := case i when 0 then base else pg_temp.mutated(parts) end;
			valid := pg_temp.parses(value);
			difference := pg_temp.difference(value, valid);
			if difference <> '' then
				return next format(e'SEED=%s %s\n%s', s, difference, value);
			end if;
			tried := tried + 1;
			well_formed := well_formed + valid::int;
		end loop;
	end loop;
	raise notice '% texts, % of them JSON', tried, well_formed;
	if cases >= 100 and (well_formed < tried / 10 or well_formed > tried * 9 / 10) then
		raise exception 'these texts are of no use';
	end if;
end $$;
select pg_temp.differences(:seed, :cases);
