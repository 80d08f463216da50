-- Attempts by caller. psql variable: outcomes, the file that they were collected in.
create temp table outcome (attempt int, caller int, outcome text);
\set copy '\\copy outcome from ' :'outcomes' ' (delimiter ''|'')'
:copy
select format('  %-25s  %s', 'caller', string_agg(rpad(n::text, 4), '' order by n)) from demo.caller;
select format('  %-25s  %s  needs %s', what, string_agg(rpad(case outcome when 'yes' then 'yes' when 'no row' then '-' when 'refused' then 'no' else '.' end, 4), '' order by caller), takes)
	from outcome join demo.attempt on n = attempt group by n, what, takes order by n;
