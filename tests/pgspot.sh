# scripts/pgspot.sh accepts the scripts of the repository, finds mistakes that are added to them, and fails if it cannot
# parse a script.
source "$(dirname "$0")/shell.sh"
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# says NAME PATTERN ABOUT: asserts that it complains about the script from standard input, under that name, and fails
says() {
	local said status=0
	cat >"$dir/$1"
	said=$(scripts/pgspot.sh "$dir/$1" 2>&1) || status=$?
	like "$status $(paste -sd ' ' <<<"$said")" "^1 .*$2" "$3"
}
# planted SQL: the script of the extension, with this SQL at its end
planted() { cat sql/pg_workos--*.sql; printf '%s\n' "$1"; }
body() { printf 'create function @extschema@.f() returns setof int language plpgsql%s as $$\n%s\nend $$;\n' "${2:-}" "$1"; }

is "$(scripts/pgspot.sh >"$dir/said" 2>&1; echo $?)" 0 'it accepts the scripts of the repository'
like "$(cat "$dir/said")" 'pg_workos--.*\.sql: 0 complaints' 'the script of the extension has no complaints'
like "$(cat "$dir/said")" 'pg_workos_directory--.*\.sql: 0 complaints' 'that of the directory has none'
is "$(grep -c ' complaints$' "$dir/said")" "$(($(ls sql/pg_workos*--*.sql sql/portable/*.sql sql/testing/*.sql | wc -l) + 1))" 'it checks every script, and the one for pg_tle'

says ext.sql 'PS016 current_setting' 'unqualified names in the script without its SET search_path' < <(sed '/^SET LOCAL search_path/d' sql/pg_workos--*.sql)
says ext.sql 'PS001 .=. in p.oid = p.pronamespace' 'an operator' <<<'select from pg_catalog.pg_proc p where p.oid = p.pronamespace;'
says ext.sql "PS017 pg_proc" 'a catalog' <<<'select from pg_proc;'
says ext.sql 'PS017 regclass' 'a type' <<<"select 'a'::regclass;"
says ext.sql "PS001 .=. in 1 = 2" 'an operator after the search_path was reset' < <(planted 'set search_path to default; select 1 = 2;')
says pg_workos.sql "PS001 .=. in 1 = 2" 'an operator after the search_path was restored' < <(cat sql/portable/pg_workos.sql; echo 'select 1 = 2;')
says ext.sql "PS001 .=. in 1 = 2" 'an operator after the end of the transaction' < <(planted 'commit; select 1 = 2;')
says ext.sql "PS001 .=. in 1 = 2" 'an operator in a body in standard SQL' <<<'create function s.f() returns boolean return 1 = 2;'
says ext.sql 'PS005 extschema.f\(\)' 'a function without a fixed search_path' < <(planted "$(body 'begin return;')")
says ext.sql "PS001 .=. in 1 = 2" 'an operator in a condition of PL/pgSQL' < <(planted "$(body 'begin if false then return; elsif 1 = 2 then return; end if;')")
says ext.sql "PS001 .=. in 1 = 2" 'an operator in RETURN QUERY' < <(planted "$(body 'begin return query select 1 = 2;')")
says ext.sql "PS001 .=. in 1 = 2" 'an operator in an exception handler' < <(planted "$(body 'begin return; exception when others then perform 1 = 2;')")
says ext.sql "PS001 .=. in 1 = 2" 'an operator in the initial value of a variable' < <(planted "$(body 'declare b pg_catalog.bool := 1 = 2; begin return;')")
says ext.sql "PS001 .=. in 1 = 2" 'an operator in an assignment' < <(planted "$(body 'declare b pg_catalog.bool; begin b := 1 = 2;')")
says ext.sql 'PS017 type text' 'the type of a variable' < <(planted "$(body 'declare b text; begin return;')")
says ext.sql "PS001 .=. in 1 = 2" 'a search_path without pg_temp at its end' < <(planted "$(body 'begin perform 1 = 2;' ' set search_path = pg_catalog')")
says ext.sql 'PS004 ' 'SECURITY DEFINER' < <(planted "$(body 'begin return;' ' security definer set search_path = public')")
says ext.sql 'PS002 extschema.f' 'CREATE OR REPLACE' < <(planted 'create or replace function @extschema@.f() returns int return 1;')
says pg_workos.sql 'PS002 extensions.f' 'CREATE OR REPLACE of a function that does not belong to pg_workos' <<<'create or replace function extensions.f() returns int return 1;'
says pg_workos.sql "PS001 .=. in 1 = 2" 'an operator in a helper without a fixed search_path' \
	<<<'create or replace function extensions._workos_role(jsonb) returns bool language plpgsql as $$begin return 1 = 2; end$$;'
says ext.sql 'PS002 extensions.f' 'CREATE OR REPLACE in a schema that was created under a condition' \
	<<<'do $$begin if false then create schema extensions; end if; end$$; create or replace function extensions.f() returns int return 1;'
says ext.sql 'PS001 .=. in .a. = b' 'an operator between commands of psql' <<<$'\\if :to\n\t\\ir other.sql\n\\endif\nselect :\'a\' = :"b" as c \\gset'

for broken in 'selekt 1;' "$(body 'begin iff true then return;')" "$(body 'begin return query selekt 1;')" "$(body "execute 1;")" \
	"create function s.f() returns int language sql set search_path = pg_catalog, pg_temp as 'selekt 1';" "select \$\$;"; do
	says ext.sql 'not parsed' "SQL that cannot be parsed: $(head -n 2 <<<"$broken" | tail -n 1)" < <(planted "$broken")
done
done_testing
