# Runs pgrls, a linter for row-level security, over the example, over tables that workos_protect() has protected, and over
# the recipes.
# Sourced by scripts/test.sh.

# The interpreter finds its own libraries, and not those of Postgres.
pgrls() { env -u LD_LIBRARY_PATH target/python/bin/python -m pgrls lint --database-url "postgresql://postgres@/pgrls?host=$PGHOST" --format json "$@"; }
rules() { env -u LD_LIBRARY_PATH target/python/bin/python -c 'import json, sys; print(*sorted({v["rule_id"] for v in json.load(sys.stdin)["violations"] if v["severity"] != "info"}))'; }

new_database pgrls native
psql -Xqd pgrls -o /dev/null <<-'SQL'
	create schema app;
	grant usage on schema app to authenticated;
	create table app.docs (id int primary key, org_id text, title text);
	create table app.notes (id int primary key, org_id text);
	create table app.tasks (id int primary key, org_id text);
	select extensions.workos_protect('app.docs', apply => true);
	select extensions.workos_protect('app.notes', read_permission => 'notes:read', write_permission => 'notes:write', apply => true);
	select extensions.workos_protect('app.tasks', impersonated_writes => false, apply => true);
	grant select, insert, update, delete on all tables in schema app to authenticated;
SQL
found=$(pgrls --config tests/lint/pgrls.toml || true)
[ "$(rules <<<"$found" && echo read)" = $'\nread' ] || { echo "$found" >&2; die 'pgrls has findings that tests/lint/pgrls.toml does not explain'; }
echo 'ok - pgrls finds nothing but what tests/lint/pgrls.toml explains'
# Every exception is needed, and the names of the functions matter.
for rule in SEC002 SEC005 SEC016 SEC029 SEC031 PERF003 PERF004; do
	awk -v section="[lint.rules.$rule]" '/^\[/ { left_out = $0 == section } !left_out' tests/lint/pgrls.toml >"$WORK/pgrls.toml"
	[ "$(pgrls --config "$WORK/pgrls.toml" | rules)" = "$rule" ] || die "pgrls does not find $rule without its exception"
done
echo 'ok - each exception is needed'
psql -Xqd pgrls -c 'create policy "write" on app.docs for all to authenticated using (org_id = extensions.workos_org_id()) with check (title is not null)'
[[ " $(pgrls --config tests/lint/pgrls.toml | rules) " = *' SEC040 '* ]] || die 'pgrls does not find a check that drops the organization'
sed '/^auth_functions/d' tests/lint/pgrls.toml >"$WORK/pgrls.toml"
[[ " $(pgrls --config "$WORK/pgrls.toml" | rules) " != *' SEC040 '* ]] || die 'auth_functions in tests/lint/pgrls.toml are not needed'
echo 'ok - pgrls knows the functions, and finds a check that drops the organization'
dropdb pgrls

# Each recipe, in a database of its own. Findings that tests/lint/recipes.tsv explains are accepted.
mkdir -p "$WORK/pgrls-recipes"
env -u LD_LIBRARY_PATH target/python/bin/python tests/docs.py sections docs/how-to/policies.md "$WORK/pgrls-recipes"
sed 's/^schemas = .*/schemas = ["recipes", "storage", "realtime"]/; /^\[lint.rules.\(SEC002\|SEC005\|SEC031\|PERF003\|PERF004\)\]/,/^$/d' tests/lint/pgrls.toml >"$WORK/pgrls.toml"
new_database recipes native
psql -Xqd recipes -f tests/recipes/setup.sql
: >"$WORK/pgrls-found"
for recipe in "$WORK"/pgrls-recipes/*.sql; do
	createdb -T recipes pgrls
	(echo 'set search_path = recipes, extensions;'; cat "$recipe") | psql -Xqd pgrls -U developer -v ON_ERROR_STOP=1 -o /dev/null || die "the recipe $recipe fails"
	(pgrls --config "$WORK/pgrls.toml" || true) | env -u LD_LIBRARY_PATH target/python/bin/python -c 'import json, sys; [print(v["rule_id"], v["location"], sep="\t") for v in json.load(sys.stdin)["violations"] if v["severity"] != "info"]' >>"$WORK/pgrls-found"
	dropdb pgrls
done
dropdb recipes
found=$(awk -F '\t' 'NR == FNR { if (!/^#/) { rule[NR] = $1; object[NR] = $2 } next } { ok = 0; for (i in rule) if ($1 == rule[i] && $2 ~ "^" object[i] "$") ok = 1; if (!ok) print }' tests/lint/recipes.tsv "$WORK/pgrls-found")
[ -s "$WORK/pgrls-found" ] && [ -z "$found" ] || { echo "$found" >&2; die 'pgrls has findings in the recipes that tests/lint/recipes.tsv does not explain'; }
unused=$(awk -F '\t' 'NR == FNR { seen[NR] = $1 "\t" $2; next } !/^#/ { ok = 0; for (i in seen) { split(seen[i], f, "\t"); if (f[1] == $1 && f[2] ~ "^" $2 "$") ok = 1 } if (!ok) print $1, $2 }' "$WORK/pgrls-found" tests/lint/recipes.tsv)
[ -z "$unused" ] || { echo "$unused" >&2; die 'pgrls does not find this in the recipes any more'; }
echo 'ok - pgrls finds nothing in the recipes but what tests/lint/recipes.tsv explains, and all of it'
