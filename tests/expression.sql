-- _workos_tokens(): how workos_explain() and workos_lint() read SQL.
\set ON_ERROR_STOP on
begin;
select no_plan();
set local client_min_messages = warning;

create function pg_temp.tokens(expression text) returns text language sql as $$
	select string_agg(kind || ' ' || token, ' | ' order by n) from _workos_tokens(expression)
$$;
select is(pg_temp.tokens(expression), want, expression) from (values
	($x$(a = 'it''s')$x$, $x$open ( | name a | operator = | string 'it''s' | close )$x$),
	($x$E'a\'b' e'\\' 'c\' N'n' U&'u' B'1' X'f'$x$, $x$string E'a\'b' | string e'\\' | string 'c\' | string N'n' | string U&'u' | string B'1' | string X'f'$x$),
	($x$a.b "A ""b" a."B.c" x . "y(" version null_x U&"u" été "É"$x$, $x$name a.b | name "A ""b" | name a."B.c" | name x . "y(" | name version | name null_x | name U&"u" | name été | name "É"$x$),
	($x$1 1.5 .5 1.5e-10 1E+3 0x1f a1 1..2$x$, $x$number 1 | number 1.5 | number .5 | number 1.5e-10 | number 1E+3 | number 0x1f | name a1 | number 1 | other .. | number 2$x$),
	($x$a->>'b' ::text a<>-1 a||b a:=b p=>q a @> b ?| !~~*$x$, $x$name a | operator ->> | string 'b' | operator :: | name text | name a | operator <>- | number 1 | name a | operator || | name b | name a | operator := | name b | name p | operator => | name q | name a | operator @> | name b | operator ?| | operator !~~*$x$),
	(e'a -- b '' (\n c--d\r"e"', 'name a | name c | name "e"'),
	($x$a /* ' ( */ b /**/ c /***/ d /* /* x */ ' */ e +/* " */ f */* - */ g$x$, $x$name a | name b | name c | name d | name e | operator + | name f | operator * | name g$x$),
	($x$a /* never ' ends$x$, $x$name a$x$),
	($x$a /* /* b */ 'never ends' c$x$, $x$name a$x$),
	($x$a $t$ $$ ' ( $u$ $t$ b $$ ' $t$ $$ c a$b$c $1 $_é$ ' $_é$ d$x$, $x$name a | string $t$ $$ ' ( $u$ $t$ | name b | string $$ ' $t$ $$ | name c | name a$b$c | other $ | number 1 | string $_é$ ' $_é$ | name d$x$),
	($x$a $t$ never ' ends$x$, $x$name a | string $t$ never ' ends$x$),
	($x$a 'never ends$x$, $x$name a | other ' | name never | name ends$x$),
	($x$f(a,b)[1];$x$, $x$name f | open ( | name a | comma , | name b | close ) | open [ | number 1 | close ] | other ;$x$),
	(' ', null), ('', null), (null, null)) t(expression, want);
select is((select string_agg(coalesce(name, '-'), ' ' order by n) from _workos_tokens($x$"auth"."uid" AUTH . Uid "Auth".uid "select" "a""b" "a b" 'a'$x$)),
	'auth.uid auth.uid "Auth".uid "select" "a""b" "a b" -', 'names are printed as Postgres does');
set local quote_all_identifiers = on;
select is((select string_agg(name, ' ' order by n) from _workos_tokens('"auth".uid')), 'auth.uid', '... in every session');
reset quote_all_identifiers;
select results_eq($q$select n, depth, parent, closes from _workos_tokens('(a(b)[c]) ) ((')$q$,
	'values (1, 0, 0, 9), (2, 1, 1, null::int), (3, 1, 1, 5), (4, 2, 3, null), (5, 1, 1, null), (6, 1, 1, 8), (7, 2, 6, null), (8, 1, 1, null), (9, 0, 0, null), (10, 0, 0, null), (11, 0, 0, null), (12, 1, 11, null)', 'which parenthesis closes which');

-- A token can be longer than the piece of the text that is read at once, and can begin at any place of it.
select is_empty(format($q$select n from generate_series(1, 450) n where pg_temp.tokens(repeat(' ', n) || %L || 'x') <> %L$q$, long, pg_temp.tokens(long || 'x')), 'the same at every place: ' || left(long, 30)) from unnest(array[
	$$a . "b c" 'd''e' E'f\'g' U&"h" /* i */ ::j -- k$$ || e'\n',
	$$/* /* a ' */ " */ $t$ $u$ ' $t$ b.$$,
	$$a->>'b' 1.5e-10 (c[1]) $$ || '$$ '' $$',
	format('%L %I $t$ %s $t$ /* %s */', repeat('a''b ', 300), repeat('c"d ', 300), repeat('e'' ', 300), repeat('f'' ', 300))]) long;

-- All views and bodies of this database
create temp table texts as
	select pg_get_viewdef(c.oid) as text, true as printed from pg_class c where c.relkind = 'v'
	union all select pg_get_functiondef(p.oid), true from pg_proc p where p.prosqlbody is not null
	union all select p.prosrc, false from pg_proc p join pg_language l on l.oid = p.prolang where l.lanname in ('sql', 'plpgsql') and p.prosqlbody is null;
select cmp_ok(count(*), '>', 500::bigint, 'there are enough of them') from texts;
create function pg_temp.between(text text) returns setof text language sql as $$
	select regexp_replace(substr(text, coalesce(lag(k.start + length(k.token)) over w, 1), k.start - coalesce(lag(k.start + length(k.token)) over w, 1)), '/\*.*?\*/|--[^\n]*\n', '', 'g')
	from _workos_tokens(text) k window w as (order by k.n)
$$;
select is_empty($$select left(text, 100), b from texts, pg_temp.between(text) b where b !~ '^\s*$'$$, 'between tokens there are white space and comments only');
select is_empty($$select left(text, 100), k from texts, _workos_tokens(text) k where k.token <> substr(text, k.start, length(k.token)) or k.kind = 'open' and k.closes is null or k.kind = 'close' and k.parent is null and k.depth > 0 or k.token in ('''', '"')$$, 'each token stands where it says, and every parenthesis is closed');
select is_empty($$select left(text, 100), k from texts, _workos_tokens(text) k where printed and k.kind = 'other' and k.token not in (';', '.', ':', '$')$$, 'Postgres prints no token of another kind');

select * from finish();
rollback;
