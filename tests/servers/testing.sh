# sql/testing/pg_workos_testing.sql: who may install it, that nobody else may use it, and that no transaction which
# used it is committed. It is installed into the databases native and portable by developer.
source "$(dirname "$0")/../shell.sh"
file=$(dirname "$0")/../../sql/testing/pg_workos_testing.sql

psql -q <<-'SQL'
	create role nobody_special login;
	create role tester login in role developer;
	create database testing owner developer;
	grant create on database testing to authenticator, anon, authenticated, nobody_special;
SQL
in_testing() { sql testing "$@"; }
install_as() { psql -Xq -d testing -U "$1" "${@:2}" -f "$file" 2>&1; } # goes on after errors, as psql does
left='select count(*) from pg_namespace where nspname = $$workos_test$$'
# what anybody but its owner may do with anything in the schema
others="select coalesce(string_agg(name || ' ' || a.grantee::regrole || ' ' || a.privilege_type, ', '), 'nothing') from (
	select nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner)) from pg_namespace where nspname = 'workos_test' union all
	select oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner)) from pg_proc where pronamespace = 'workos_test'::regnamespace union all
	select oid::regclass::text, relowner, coalesce(relacl, acldefault('r', relowner)) from pg_class where relnamespace = 'workos_test'::regnamespace
) o (name, owner, acl), aclexplode(acl) a where a.grantee <> owner"

# Who may install it.
like "$(install_as authenticator)" '^psql:.*ERROR:  workos_test cannot belong to authenticator' 'a role that a gateway signs in as may not install it'
for role in anon authenticated; do
	like "$(PGOPTIONS="$PGOPTIONS -c role=$role" install_as authenticator)" "ERROR:  workos_test cannot belong to $role" "nor may it become $role for that"
	like "$(PGOPTIONS="$PGOPTIONS -c role=$role" install_as postgres)" "ERROR:  workos_test cannot belong to $role" "nor may a superuser as $role"
done
psql -qd testing -c 'grant nobody_special to anon'
like "$(install_as nobody_special)" 'ERROR:  workos_test cannot belong to nobody_special' 'nor a role that anon is a member of'
psql -qd testing -c 'revoke nobody_special from anon'
is "$(in_testing postgres "$left")" 0 'a refusal leaves nothing, also where psql goes on after an error'
in_testing nobody_special 'create schema workos_test' >/dev/null
for role in developer postgres; do
	like "$(install_as "$role")" 'ERROR:  schema workos_test belongs to another role, nobody_special' "the schema of another role: refused for $role"
done
is "$(in_testing postgres "select count(*) from pg_proc where pronamespace = 'workos_test'::regnamespace")" 0 '... and nothing is put into it'
psql -qd testing -c 'alter schema workos_test owner to developer; create function workos_test.outcome(text) returns text language sql as $$select null$$'
like "$(install_as developer)" 'ERROR:  routine workos_test.outcome\(text\) belongs to another role, postgres' 'a function of another role: refused'
psql -qd testing -c 'drop schema workos_test cascade'

# Where pgTAP is missing.
like "$(install_as developer)" 'WARNING:  the extension pgtap is not installed here' 'a database without pgTAP: it warns'
for assertion in "sees('select 1', '{1}')" "sees_nothing('select')" "may('select')" "may_not('select')"; do
	like "$(in_testing developer "select workos_test.$assertion")" '^ERROR:  42883: the extension pgtap is not installed' "... and $assertion says so"
done
is "$(in_testing developer "select workos_test.outcome('select')")" 'done' '... and outcome needs none'
psql -qd testing -c 'create schema tap; grant usage on schema tap to public; create extension pgtap with schema tap'
is "$(install_as developer)" '' 'with pgTAP it does not warn'

# Default privileges of every sort, an older installation that everybody could use, and installing again.
psql -qd testing -c 'drop schema workos_test cascade'
for grantee in public anon nobody_special; do
	psql -qd testing <<-SQL
		alter default privileges for role developer grant all on schemas to $grantee;
		alter default privileges for role developer grant all on functions to $grantee;
		alter default privileges for role developer grant all on tables to $grantee;
	SQL
done
is "$(install_as developer; in_testing postgres "$others")" nothing 'default privileges that give everything to everybody: they get nothing'
psql -qd testing -c 'alter default privileges for role developer in schema workos_test grant all on functions to anon, nobody_special with grant option' \
	-c 'alter default privileges for role developer in schema workos_test grant all on tables to anon, nobody_special with grant option'
is "$(install_as developer; in_testing postgres "$others")" nothing '... also those of the schema, when it is installed again'
psql -qd testing <<-'SQL'
	drop schema workos_test cascade;
	set role developer;
	create schema workos_test;
	grant usage on schema workos_test to public;
	grant usage on schema workos_test to anon with grant option;
	create function workos_test.logout() returns void language sql as '';
	grant execute on function workos_test.logout() to anon with grant option;
	set role anon;
	grant usage on schema workos_test to nobody_special;
	grant execute on function workos_test.logout() to nobody_special;
SQL
is "$(install_as developer; in_testing postgres "$others")" nothing 'an older installation, with privileges granted on: nobody keeps one'
psql -qd testing -c 'drop schema workos_test cascade; alter default privileges for role developer revoke all on schemas from developer' \
	-c 'alter default privileges for role developer revoke all on functions from developer; alter default privileges for role developer revoke all on tables from developer'
is "$(install_as developer; in_testing developer 'begin; select workos_test.login(); select current_user; rollback' | tail -n 1)" authenticated 'default privileges that give the owner nothing: it works'
is "$(in_testing developer begin 'set search_path = x, public' "\\i $file" 'show search_path' commit)" 'x, public' 'the search_path is as it was'
# Objects that the file could take for those of Postgres.
in_testing nobody_special 'create schema evil; create function evil.fooled() returns text language plpgsql as $$begin raise $_$fooled$_$; end$$;
	create function evil.format(text, name) returns text language sql as $$select evil.fooled()$$; create function evil.pg_has_role(oid, name, text) returns boolean language sql as $$select evil.fooled()::boolean$$;
	create function evil.set_config(text, text, boolean) returns text language sql as $$select evil.fooled()$$; create function evil.name_eq(name, name) returns boolean language sql as $$select evil.fooled()::boolean$$;
	create operator evil.= (function = evil.name_eq, leftarg = name, rightarg = name); create domain evil.text as int; create domain evil.name as int; create domain evil.jsonb as int; grant usage on schema evil to public' >/dev/null
is "$(in_testing developer 'set search_path = evil, pg_catalog; create temp table pg_roles (); create domain pg_temp.text as int' "\\i $file" \
	"select count(*) from pg_proc where pronamespace = 'workos_test'::regnamespace and prosrc <> '' and proargtypes::oid[] && array['pg_temp.text', 'evil.text', 'evil.name', 'evil.jsonb']::regtype[]::oid[]")" 0 \
	'no object of the search_path misleads the installation'

# Who may use it, in both editions.
for database in native portable; do
	psql -Xqd "$database" -U developer -f "$file"
	functions=$(psql -XAtqd "$database" -c "select format('workos_test.%I(%s)', proname, concat_ws(', ', variadic array(select 'null::' || format_type(t, null) from unnest(proargtypes) t)))
		from pg_proc where pronamespace = 'workos_test'::regnamespace and prorettype <> 'trigger'::regtype order by 1")
	is "$(wc -l <<<"$functions")" 30 "$database: the functions"
	is "$(psql -XAtqd "$database" -c "$others")" nothing "$database: privileges are the owner's alone"
	refused() { # USER ROLE: what the functions say, each line once, with its count
		psql -Xq -d "$database" -U "$1" -v VERBOSITY=verbose -c "set role $2" "${calls[@]}" 2>&1 | grep -E '^(ERROR|HINT)|^\(' | sort | uniq -c | sed 's/^ *//'
	}
	calls=()
	while read -r call; do calls+=(-c "select $call"); done <<<"$functions"
	others_are_refused() { # WHAT ABOUT
		for role in anon authenticated service_role none; do
			is "$(refused authenticator "$role")" "$1" "$database: a gateway's connection as $role $2"
		done
		is "$(refused nobody_special none)" "$1" "$database: a nobody_special $2"
	}
	others_are_refused '30 ERROR:  42501: permission denied for schema workos_test' 'may call none of them'
	psql -qd "$database" -c 'grant usage on schema workos_test to public; grant all on all functions in schema workos_test to public; grant all on all tables in schema workos_test to public'
	others_are_refused $'30 ERROR:  42501: workos_test refuses a connection that did not sign in as the role that installed it\n30 HINT:  Connect as that role to run tests. If this is no development database, remove it: drop schema workos_test cascade.' \
		'is refused by each, also when everything is granted to everybody'
	for user in developer postgres; do
		like "$(refused "$user" anon)" '^30 ERROR:  42501: workos_test refuses a role that the transaction became by other means' "$database: so is a gateway that signs in as $user"
	done
	psql -Xqd "$database" -U developer -f "$file"
	is "$(psql -XAtqd "$database" -c "$others")" nothing "$database: installing again takes back what was granted by mistake"

	# The installing role, its members and superusers; who they can become.
	for user in developer tester postgres; do
		is "$(sql "$database" "$user" begin "select workos_test.login('user_1')" 'select current_user, extensions.workos_user_id()' 'select workos_test.as_anon()' 'select workos_test.logout()' \
			"select workos_test.login(postgres_role => 'service_role')" 'select current_user' 'select workos_test.logout()' "select current_user" rollback | grep .)" \
			$'authenticated|user_1\nservice_role\n'"$user" "$database: $user signs in and out"
	done
	like "$(sql "$database" developer begin "select workos_test.login(postgres_role => 'postgres')")" '^ERROR:  42501: permission denied to set role' "$database: developer becomes no role that it is no member of"
	like "$(sql "$database" developer begin "select workos_test.login(postgres_role => 'public')")" '^ERROR:' "$database: public is no role"
	is "$(psql -XAtqd "$database" -c "$others")" nothing "$database: no privilege is left"

	# No such transaction can be committed, and its privileges are for no other connection.
	refused='^ERROR:  2D000: a transaction that called workos_test.login'
	like "$(sql "$database" developer 'select workos_test.login()')" "$refused" "$database: login without a transaction"
	like "$(sql "$database" developer begin 'select workos_test.as_anon()' commit)" "$refused" "$database: commit"
	like "$(sql "$database" developer begin 'select workos_test.login()' 'select workos_test.logout()' commit)" "$refused" "$database: commit after logout"
	like "$(sql "$database" developer begin 'savepoint a' 'select workos_test.login()' 'release a' commit)" "$refused" "$database: commit after a savepoint"
	like "$(sql "$database" postgres begin 'set local session_replication_role = replica' 'select workos_test.login()' 'select workos_test.logout()' commit)" "$refused" "$database: commit without ordinary triggers"
	like "$(sql "$database" developer 'do $$ begin perform workos_test.login(); commit; end $$')" "$refused" "$database: commit in a DO block"
	like "$(sql "$database" developer begin 'select workos_test.login()' 'set constraints all immediate')" "$refused" "$database: immediate constraints"
	is "$(sql "$database" developer begin 'savepoint a' 'select workos_test.login()' 'rollback to a' 'select current_user' commit)" $'\ndeveloper' "$database: a login that was rolled back hinders nothing"
	is "$(psql -XAtqd "$database" -c "$others")" nothing "$database: no privilege is left"
	like "$(psql -XAtqd "$database" -U developer -c begin -c 'select workos_test.login()' -c "\\! psql -XAtq -d $database -U authenticator -c 'set role authenticated' -c 'select workos_test.logout()' 2>&1" -c rollback)" \
		'^ERROR:  permission denied for schema workos_test' "$database: another connection has no privilege meanwhile"

	# A login waits for that of another transaction, also where savepoints were released and rolled back in that one.
	second=$(mktemp)
	is "$(psql -XAtq -d "$database" -U developer 2>&1 <<-SQL
		begin;
		savepoint a;
		savepoint b;
		select workos_test.login('user_1');
		release b;
		\! psql -XAtq -d $database -U developer -c begin -c "select workos_test.login('user_2')" -c 'select current_user' -c rollback >$second 2>&1 &
		do \$\$ begin while not exists (select from pg_locks where not granted) loop perform pg_sleep(0.01); end loop; end \$\$;
		rollback to a;
		select workos_test.login('user_1');
		select extensions.workos_user_id();
		rollback;
	SQL
	)" $'\n\nuser_1' "$database: a login that waits does not stop the one that it waits for"
	until [ -z "$(psql -XAtqd "$database" -c "select from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()")" ]; do sleep 0.1; done
	is "$(cat "$second")" $'\nauthenticated' "$database: ... and goes on after it"
	rm "$second"

	# Ways to run tests: one after another that run at once, with savepoints, and as functions.
	dir=$(mktemp -d)
	for n in 1 2 3 4; do
		cat >"$dir/$n.sql" <<-SQL
			\set ON_ERROR_STOP on
			\set ON_ERROR_ROLLBACK on
			begin;
			select plan(3);
			select workos_test.$([ $((n % 2)) -eq 0 ] && echo 'as_anon()' || echo 'login()');
			select pg_sleep(0.2);
			savepoint a;
			select workos_test.$([ $((n % 2)) -eq 1 ] && echo 'as_anon()' || echo 'login()');
			select workos_test.sees_nothing('select where false');
			rollback to a;
			select is(current_user, '$([ $((n % 2)) -eq 0 ] && echo anon || echo authenticated)');
			select workos_test.login(postgres_role => 'service_role');
			select workos_test.sees('select current_user', '{service_role}');
			select * from finish();
			rollback;
		SQL
	done
	psql -Xqd "$database" -U developer <<-'SQL'
		create schema suite;
		grant usage on schema suite to public;
		create function suite.setup_first() returns setof text language plpgsql as $$ begin perform workos_test.login('user_1'); return next pass(); end $$;
		create function suite.test_user() returns setof text language plpgsql as $$ begin return next is(workos_user_id(), 'user_1'); perform workos_test.as_anon(); return next workos_test.sees('select current_user', '{anon}'); end $$;
		create function suite.test_machine() returns setof text language plpgsql as $$ begin perform workos_test.login('client_1', session_id => null); return next is(workos_token_kind(), 'application'); end $$;
	SQL
	echo "select * from runtests('suite'::name);" | tee "$dir/5.sql" >"$dir/6.sql"
	is "$(pg_prove -j 3 -d "$database" -U developer "$dir"/*.sql 2>&1 | tail -n 1)" 'Result: PASS' "$database: test files that run at once, with savepoints, and runtests"
	like "$(pg_prove -d "$database" -U developer "$dir"/*.sql 2>&1 | tail -n 2)" 'Files=6, Tests=16' "$database: ... all of their tests ran"
	psql -Xqd "$database" -U developer -c 'drop schema suite cascade'
	rm -r "$dir"

	# The isolation report, by a superuser, and by a role as postgres is on Supabase: no superuser, with BYPASSRLS. Nothing is left, also when it is aborted.
	psql -Xqd "$database" -U developer <<-'SQL'
		create schema isolation;
		grant usage on schema isolation to authenticated;
		create table isolation.sound (id int generated always as identity primary key, org_id text not null);
		alter table isolation.sound enable row level security;
		create policy p on isolation.sound to authenticated using (org_id = extensions.workos_org_id());
		create table isolation.leaky (like isolation.sound including all);
		alter table isolation.leaky enable row level security;
		create policy p on isolation.leaky to authenticated using (extensions.workos_is_authenticated());
		grant select, insert, update, delete on all tables in schema isolation to authenticated;
		insert into isolation.sound (org_id) values ('org_1'), ('org_2');
	SQL
	psql -Xqd "$database" -c 'alter role tester bypassrls'
	dumped() { pg_dump -d "$database" | grep -Ev '^(-- Dumped|\\(un)?restrict)|setval'; }
	before=$(dumped)
	for user in developer tester postgres; do
		is "$(sql "$database" "$user" "select relation, command, string_agg(distinct result, ' ') from workos_test.isolation_report(relations => '{isolation.sound,isolation.leaky}') where caller = 'member with everything' group by 1, 2 having min(result) <> 'isolated' order by 1, 2")" \
			$'isolation.leaky|delete|leak\nisolation.leaky|insert|leak\nisolation.leaky|move|leak\nisolation.leaky|select|leak\nisolation.leaky|update|leak' "$database: the isolation report of $user"
	done
	is "$(sql "$database" postgres "select string_agg(distinct result, ' ') from workos_test.isolation_report(relations => '{isolation.sound}') where caller is not null" | sort -u)" isolated "$database: ... a sound table is isolated"
	like "$(sql "$database" postgres "set statement_timeout = '20ms'" "select * from workos_test.isolation_report()")" '^ERROR:  57014' "$database: a report that is aborted"
	is "$(dumped)" "$before" "$database: the database is as it was"
	is "$(psql -XAtqd "$database" -c "$others")" nothing "$database: no privilege is left"

	# The page: hostile names of schemas, tables, policies, roles, callers and values are text in it.
	psql -Xqd "$database" <<-'SQL'
		create role "<b onmouseover=alert(4)>";
		create schema "<script>alert(1)</script>";
		create table "<script>alert(1)</script>"."</code><img src=x onerror=alert(2)>" (org_id text, "a""b'<i>" text);
		alter table "<script>alert(1)</script>"."</code><img src=x onerror=alert(2)>" enable row level security;
		grant usage on schema "<script>alert(1)</script>" to authenticated;
		grant select on "<script>alert(1)</script>"."</code><img src=x onerror=alert(2)>" to authenticated, "<b onmouseover=alert(4)>";
		create policy "</pre><script>alert(3)</script>" on "<script>alert(1)</script>"."</code><img src=x onerror=alert(2)>" to authenticated, "<b onmouseover=alert(4)>"
			using (extensions.workos_has_permission('<script>alert(5)</script>') or extensions.workos_claim('<u>') = '<s>"''&');
	SQL
	# In the database portable, workos_lint() belongs to an ordinary role, so the page needs its schema by name.
	page=$(psql -Xq -d "$database" -v lint_schema=extensions -v 'callers={"Vic <em>": {"org_id": "org_01ACME", "permissions": ["documents:read"]}}' -f "$(dirname "$file")/report.psql" 2>&1)
	is "$(grep -oE '<[a-zA-Z!?]+' <<<"$page" | sort -u | paste -sd ' ')" \
		'<!doctype <body <caption <code <dd <div <dl <dt <h <head <html <li <main <meta <p <pre <span <strong <style <table <tbody <td <th <thead <title <tr <ul' "$database: the page holds no element of its data"
	is "$(grep -oE '<[^>]* (on[a-z]+|src|href)=' <<<"$page")" '' "$database: ... and no attribute"
	for text in '&lt;script&gt;alert(1)' '&lt;img src=x onerror=alert(2)&gt;' '&lt;script&gt;alert(3)' '&lt;b onmouseover=alert(4)&gt;' '&lt;script&gt;alert(5)' 'Vic &lt;em&gt;' '<td class="leak">leak</td>' '<td class="own">own</td>' 'isolation.sound'; do
		is "$(grep -cF "$text" <<<"$page" | sed 's/^[1-9][0-9]*$/some/')" some "$database: the page holds $text"
	done
	like "$page" '</main></body></html>$' "$database: ... to its end"
	like "$(tr -d '\n' <<<"$page")" 'id="findings".*id="leaks".*id="lint".*id="access".*id="policies".*id="untried"' "$database: ... the findings come first"
	like "$page" '<td class="leak">leak</td><th scope="row">isolation.leaky</th><td>select</td><td>[^<]*</td><td>[^<]*member with nothing[^<]*</td><td>p</td>' "$database: ... a leak has its callers and its policy"
	like "$page" '<td class="leak">leak</td><th scope="row">[^<]*alert\(1\)[^<]*</th><td>select</td><td>[^<]*</td><td>[^<]*</td><td>&quot;&lt;/pre&gt;&lt;script&gt;alert\(3\)&lt;/script&gt;&quot;</td>' "$database: ... also a hostile one"
	like "$page" 'workos_lint\(\): problems: [1-9]' "$database: ... workos_lint() was run"
	like "$page" '<td class="leak">problem</td><th scope="row">[^<]*&lt;script&gt;' "$database: ... and what it finds is text"
	unlike "$page" 'workos_lint\(\) was not run' "$database: ... and it does not say otherwise"
	psql -Xqd "$database" -c 'alter function extensions.workos_lint() rename to hidden'
	page=$(psql -Xq -d "$database" -f "$(dirname "$file")/report.psql" 2>&1)
	psql -Xqd "$database" -c 'alter function extensions.hidden() rename to workos_lint'
	[ "$database" = native ] || unlike "$(psql -Xq -d portable -f "$(dirname "$file")/report.psql" 2>&1)" 'workos_lint\(\): problems' 'portable: without the name, no function of an ordinary role is called'
	like "$page" 'workos_lint\(\) was not run' "$database: a page without workos_lint() says so"
	like "$page" '</main></body></html>$' "$database: ... and has its end"
	psql -Xqd "$database" -c 'drop schema isolation, "<script>alert(1)</script>" cascade' -c 'drop role "<b onmouseover=alert(4)>"' 2>/dev/null
done
done_testing
