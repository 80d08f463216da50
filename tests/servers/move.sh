# move.sql from one edition to the other: all of it or nothing, and never from verified to unverified in silence.
source "$(dirname "$0")/../shell.sh"
KEYS=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
trap 'rm -rf "$KEYS"' EXIT
source "$here/examples/direct-connections/mint.sh"

# A database of a role that is no superuser, with whatever can use a helper and be moved.
psql -q <<-'SQL'
	create role mover login;
	create role reader;
	create role mallory login;
	create database move owner mover;
	alter database move set search_path = public, extensions;
SQL
psql -q -d move -U mover <<-'SQL'
	create schema extensions;
	grant usage on schema extensions to public;
	create extension pg_workos with schema extensions;
	select workos_accept_audience('https://db.example/mcp') \g /dev/null
	create table docs (id int, org_id text default workos_org_id(), author text);
	alter table docs enable row level security;
	create policy readers on docs for select to reader using (org_id = workos_org_id());
	create policy writers on docs to reader using (workos_is_member(org_id)) with check (org_id = workos_org_with_permission('w''x\y') and author = (select workos_user_id()));
	comment on policy readers on docs is 'members read';
	create table child () inherits (docs);
	alter table child alter org_id set default 'its own';
	create view mine with (security_invoker = true, security_barrier = true) as select id, author collate "C" as author, org_id::varchar(40) as org_id from docs where org_id = workos_org_id();
	comment on view mine is 'what is mine';
	alter view mine alter id set default 7;
	grant select (id), update (author) on mine to reader;
	create view of_mine as select m.id, m.author || workos_user_role() as who from mine m join docs d using (id);
	create view checked with (check_option = local) as select id, org_id from docs where workos_has_role('owner');
	create table notes (id int, author text);
	alter table notes enable row level security;
	create policy by_view on notes using (author in (select author from mine));
	create schema "odd Schema";
	create table "odd Schema"."odd ""Table""" ("Org" text default 'x' || workos_org_id());
	create policy "it's odd" on "odd Schema"."odd ""Table""" as restrictive to mover, reader with check ("Org" is not null and workos_is_authenticated());
	create function starts(text, text) returns boolean language sql immutable as 'select starts_with($1, $2)';
	create operator === (leftarg = text, rightarg = text, function = starts);
	create policy by_operator on notes for delete using (author === workos_user_id());
SQL
psql -q -d move <<-'SQL'
	create foreign data wrapper nowhere;
	create server nowhere foreign data wrapper nowhere;
	create foreign table far (org_id text default workos_org_id()) server nowhere;
	alter foreign table far owner to mover;
SQL

# state [pg_dump option...]: what is in the database
state() { "$BIN/pg_dump" -d move "$@" | grep -Ev '^\\(un)?restrict '; }
# What uses the functions: the same with each edition.
users() { state -n public -n '"odd Schema"'; }
edition() { sql move postgres "select coalesce((select l.lanname from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang where p.oid = to_regprocedure('extensions.workos_org_id()')), 'none')"; }
# move [psql option...]: what move.sql says
move() { psql -Xq -v VERBOSITY=verbose -d move -U "${USER_IS:-mover}" "$@" -f "${DIR:-$here/sql/portable}/move.sql" 2>&1 </dev/null; }
# typed LINE...: what an interactive psql says to them
typed() { printf '%s\n' "$@" '\q' | script -qec "psql ${RC:--X} -n -d move -U ${USER_IS:-mover}" /dev/null 2>&1; }
# unmoved SAID PATTERN ABOUT: it said so, and nothing has happened since `before` was set
unmoved() {
	like "$1" "$2" "$3"
	is "$(diff <(echo "$before") <(echo "$(state)"))" '' '... and everything is as before'
}

started=$(users)
echo '# there and back'
before=$(state)
is "$(move -v to=portable)" '' 'with any issuer, claims are as little verified before as after: it moves'
is "$(edition)" sql 'the portable edition is there'
audiences() { sql move mover 'select string_agg(audience, $$,$$) from extensions.workos_audiences'; }
is "$(audiences)" https://db.example/mcp 'with the accepted audience'
is "$(diff <(echo "$started") <(echo "$(users)"))" '' 'policies, comments, defaults, views, options and privileges are as before'
is "$(move -v to=native)" '' 'and back'
is "$(audiences)" https://db.example/mcp '... with the accepted audience'
is "$(edition)" c 'the native edition is there'
is "$(diff <(echo "$before") <(echo "$(state)"))" '' 'everything is as before'
is "$(psql -XAtq -d move -U mover -v to=portable -c 'set search_path = "a b", public' -f "$here/sql/portable/move.sql" -c 'show search_path' -c 'show row_security')" $'"a b", public\non' 'the search_path of the session stays'
is "$(psql -XAtq -d move -U mover -v to=native -c 'set row_security = off' -f "$here/sql/portable/move.sql" -c 'select issuer from workos_issuers' -c 'show row_security')" $'*\noff' 'with row_security off, too, any issuer counts, as it did'

echo '# what it is told'
before=$(state)
unmoved "$(move)" '22023: the psql variable "to" must be native or portable' 'without "to" it refuses'
unmoved "$(move -v to=Portable)" '22023: the psql variable "to"' 'misspelt, too'
unmoved "$(move -v to="native'; drop table docs; --")" '22023: the psql variable "to"' 'whatever is in it'
unmoved "$(move -v to=native)" '55000: the native edition is already installed' 'nor does it move to where it is'
unmoved "$(move -v to=portable --single-transaction)" '25001: a transaction has begun before move.sql' 'nor in a transaction of somebody else'
unmoved "$(USER_IS=postgres PGOPTIONS='-c session_replication_role=replica' move -v to=portable)" '55000: constraints are not checked in this session' 'nor where a constraint would not stop the COMMIT'

echo '# what cannot be moved'
blocked() { # KIND NAMED STATEMENT UNDO
	psql -q -d move -U mover -c "$3"
	before=$(state)
	said=$(move -v to=portable)
	unmoved "$said" "$2" "$1 stops it, and is named"
	unlike "$said" CASCADE '... and nobody is told to drop what uses the functions with them'
	psql -q -d move -U mover -c "$4"
}
blocked 'a check constraint' 'constraint stubborn_check on table (public\.)?stubborn depends on function' 'create table stubborn (org_id text constraint stubborn_check check (org_id = workos_org_id()))' 'drop table stubborn'
blocked 'a materialized view' 'materialized view (public\.)?stubborn depends on function' 'create materialized view stubborn as select workos_org_id()' 'drop materialized view stubborn'
blocked 'a function with a parsed body' 'function (public\.)?stubborn\(\) depends on function' 'create function stubborn() returns text stable return workos_org_id()' 'drop function stubborn'
blocked 'a default of an argument' 'function (public\.)?stubborn\(text\) depends on function' "create function stubborn(text default workos_org_id()) returns int language sql as 'select 1'" 'drop function stubborn'
blocked 'a rule' 'rule stubborn on table (public\.)?notes depends on function' 'create rule stubborn as on insert to notes where workos_is_impersonated() do instead nothing' 'drop rule stubborn on notes'
blocked 'a rule on a view' 'rule stubborn on view (public\.)?mine depends on function' 'create rule stubborn as on delete to mine where workos_is_impersonated() do instead nothing' 'drop rule stubborn on mine'
blocked 'a condition of a trigger' 'trigger stubborn on table (public\.)?notes depends on function' 'create trigger stubborn before update on notes for each row when (workos_is_impersonated()) execute function suppress_redundant_updates_trigger()' 'drop trigger stubborn on notes'
blocked 'a domain' 'type (public\.)?stubborn depends on function' 'create domain stubborn text default workos_org_id()' 'drop domain stubborn'
blocked 'a view on the trusted issuers' 'view (public\.)?stubborn depends on table' 'create view stubborn as select issuer from workos_issuers' 'drop view stubborn'
blocked 'a function that the other edition lacks' 'function extensions.workos_verify\(text\) does not exist' "create policy stubborn on notes using (workos_verify('x') is not null)" 'drop policy stubborn on notes'
lab='create schema lab; create function lab.always(text, text) returns boolean language sql as $$select true$$; create operator lab.= (leftarg = text, rightarg = text, function = lab.always); set search_path = lab, pg_catalog, public, extensions;'
for unnamed in 'nullif(author, workos_user_id()) is null' 'author is not distinct from workos_user_id()' 'case author when workos_user_id() then true end'; do
	blocked "$unnamed, with an operator that SQL cannot write there," '55000: after the move these objects would have another meaning: policy stubborn on table (public\.)?notes' "$lab create policy stubborn on notes using ($unnamed)" 'drop schema lab cascade; drop policy if exists stubborn on notes'
done
blocked 'USING with such an operator' '55000: after the move .*rule _RETURN on view (public\.)?stubborn' "$lab create view public.stubborn as select workos_org_id() from notes join docs using (author)" 'drop schema lab cascade; drop view if exists stubborn'

echo '# psql as somebody has set it up'
rc=$KEYS/psqlrc
printf '\\set %s\n' 'ON_ERROR_ROLLBACK on' 'ON_ERROR_STOP off' 'AUTOCOMMIT off' 'SINGLESTEP on' 'SINGLELINE on' 'FETCH_COUNT 1' >"$rc"
with_rc() { PSQLRC=$rc psql -q -v VERBOSITY=verbose -d move -U mover "$@" -f "$here/sql/portable/move.sql" 2>&1 </dev/null; }
psql -q -d move -U mover -c 'create table stubborn (org_id text check (org_id = workos_org_id()))'
before=$(state)
unmoved "$(with_rc -v to=portable)" '^DETAIL:  constraint stubborn' 'with a .psqlrc that goes on after errors it stops at the first one'
unmoved "$(PSQLRC=$rc RC=' ' typed '\set to portable' "\\i $here/sql/portable/move.sql" 'commit;' 'commit;')" '^DETAIL:  constraint stubborn' 'also when it is typed, and COMMIT after it'
unmoved "$({ cat "$here/sql/portable/move.sql"; echo; echo 'commit;'; } | (cd "$here/sql/portable" && psql -Xq -d move -U mover -v to=portable 2>&1))" '^DETAIL:  constraint stubborn' 'also from the standard input'
unmoved "$(move -v to=portable -c 'begin' -c 'savepoint s')" '25001' 'after a savepoint it does not begin'
unmoved "$(typed '\set to portable' 'begin; savepoint s;' "\\i $here/sql/portable/move.sql" 'rollback to s;' 'commit;')" 'a transaction has begun' 'nor does ROLLBACK TO bring anything of it about'
psql -q -d move -U mover -c 'drop table stubborn'
before=$(state)
is "$(with_rc -v to=portable)$(edition)" sql 'where nothing is in its way it moves'
is "$(with_rc -v to=native)$(edition)" c 'and back'
is "$(diff <(echo "$before") <(echo "$(state)"))" '' '... and everything is as before'
is "$(PSQLRC=$rc psql -Atq -d move -U mover -v to=portable -f "$here/sql/portable/move.sql" -c '\echo :AUTOCOMMIT' 2>&1 </dev/null)$(move -v to=native)" off 'AUTOCOMMIT stays off where it was'

echo '# without the files beside it'
# incomplete DIRECTION FILE...: move.sql with these files only, then COMMIT by hand
incomplete() {
	local to=$1 said
	shift
	rm -rf "$KEYS/copy" && mkdir "$KEYS/copy" && cp "$here/sql/portable/move.sql" "${@/#/$here/sql/portable/}" "$KEYS/copy"
	before=$(state)
	unmoved "$(DIR=$KEYS/copy move -v to="$to")" 'No such file' "to $to, with $* alone: it stops"
	said=$(typed "\\set to $to" "\\i $KEYS/copy/move.sql" 'commit;' 'commit;')
	like "$said" 'No such file' 'typed, too'
	unmoved "$said" 'violates unique constraint "move_stopped_before_its_end_and_nothing_has_changed"' 'and a COMMIT after that fails'
}
incomplete portable
incomplete portable uninstall.sql
is "$(move -v to=portable)$(edition)" sql 'complete, it moves'
incomplete native
incomplete native pg_workos.sql
psql -q -d move -U mover -c 'create table stubborn (org_id text check (org_id = workos_org_id()))'
before=$(state)
said=$(move -v to=native)
unmoved "$said" 'constraint stubborn_org_id_check' 'to native, a check constraint stops it, too'
unlike "$said" CASCADE '... and nobody is told to drop what uses the functions with them'
psql -q -d move -U mover -c 'drop table stubborn'

echo '# uninstall.sql'
uninstall() { psql -XAtq -v VERBOSITY=verbose -d move -U "${1:-mover}" -f "$here/sql/portable/uninstall.sql" -c 'show search_path' 2>&1; }
before=$(state)
unmoved "$(uninstall)" '2BP01: something still uses functions of pg_workos' 'while something uses them it takes no function away'
is "$(uninstall | tail -n 1)" 'public, extensions' '... and the search_path of the session is as before'
psql -q -d move -c "create function extensions.workos_claim(int) returns text language sql as 'select null'" -c 'alter function extensions.workos_claim(int) owner to mallory'
before=$(state)
unmoved "$(uninstall postgres)" '42501: functions of these names belong to several roles: .*extensions.workos_claim\(integer\) to mallory' 'nor a function of such a name that belongs to somebody else'
unmoved "$(USER_IS=postgres move -v to=native)" '42501: functions of these names belong to several roles' 'nor does a move'
psql -q -d move -c 'drop function extensions.workos_claim(int)'
is "$(move -v to=native)$(edition)" c 'without it, it moves'

echo '# who may call the functions'
callers() { sql move postgres "select p.proname, string_agg(a.grantee::regrole::text, ',' order by 1) from pg_proc p, aclexplode(p.proacl) a where p.proname in ('workos_doctor', 'workos_lint') and a.grantee <> p.proowner and a.grantee <> 'mover'::regrole group by 1 order by 1"; }
psql -q -d move -c 'revoke execute on function extensions.workos_doctor() from public' -c 'grant execute on function extensions.workos_doctor(), extensions.workos_lint() to reader'
only_reader=$'workos_doctor|reader\nworkos_lint|reader'
is "$(callers)" "$only_reader" 'somebody has changed it'
is "$(move -v to=portable)$(edition) $(callers)" "sql $only_reader" 'to portable, that stays'
before=$(state)
unmoved "$(move -v to=native)" '42501: the role mover cannot restore the privileges on extensions.workos_doctor\(\)' 'to native, whoever does not own the functions of an extension cannot keep it, so nothing moves'
is "$(USER_IS=postgres move -v to=native)$(edition) $(callers)" "c $only_reader" 'a superuser can'
is "$(USER_IS=postgres move -v to=portable)$(edition) $(callers)" "sql $only_reader" 'and back'
psql -q -d move <<-'SQL'
	revoke execute on function extensions.workos_doctor(), extensions.workos_lint() from reader;
	grant execute on function extensions.workos_doctor() to public;
	select format('alter function %s owner to mover', oid::regprocedure) from pg_proc where pronamespace = 'extensions'::regnamespace \gexec
SQL
before=$(state)
unmoved "$(USER_IS=postgres move -v to=native)" '42501: table extensions.workos_audiences does not belong to the role of the functions' 'audiences that another role accepts are not taken along'
psql -q -d move -c 'alter table extensions.workos_audiences owner to mover'
is "$(move -v to=native)$(edition) $(callers)" 'c workos_doctor|-' 'as installed, everybody may, and nobody else needs a superuser'

echo '# verified tokens'
new_key ours
trust() { sql move mover "select workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')" >/dev/null; }
issuers() { sql move mover 'select * from extensions.workos_issuers'; }
kept() { sql move "$1" "${@:2}"; }
refused='55000: the portable edition cannot verify tokens and has no trusted issuers'
given_up=(-v to=portable -v unverified_claims=accepted)
trust
before=$(state) listed=$(issuers)
said=$(move -v to=portable)
unmoved "$said" "$refused" 'with trusted issuers it refuses'
like "$said" 'This database uses: trusted issuers\.' '... and says why'
unmoved "$(move -v to=portable -v unverified_claims=yes)" "$refused" 'also if it is told something else'
psql -q -d move -c 'alter default privileges for role mover grant all on tables to public, mallory'
psql -q -d move -c 'grant pg_read_all_data, pg_write_all_data to mallory'
is "$(move "${given_up[@]}")$(edition)" sql 'it moves when it is told so by name'
is "$(diff <(echo "$started") <(echo "$(users)"))" '' 'policies, defaults and views are as before'
is "$(kept mover 'select * from extensions.workos_kept_issuers')" "$listed" 'the issuers are kept'
is "$(kept mallory 'select count(*) from extensions.workos_kept_issuers')" 0 'even pg_read_all_data reads none of them'
like "$(kept mallory "insert into extensions.workos_kept_issuers values ('https://evil.example', '{}')")" '^ERROR:  42501' 'even pg_write_all_data adds none'
is "$(kept mallory "update extensions.workos_kept_issuers set jwks = '{}'" 'delete from extensions.workos_kept_issuers')$(kept mover 'select * from extensions.workos_kept_issuers')" "$listed" 'nor changes nor removes one'
psql -q -d move -c 'revoke pg_read_all_data, pg_write_all_data from mallory' -c 'alter default privileges for role mover revoke all on tables from public, mallory'
is "$(kept postgres "select array_agg(a.grantee::regrole order by 1) from pg_class c, aclexplode(c.relacl) a where c.oid = 'extensions.workos_kept_issuers'::regclass and a.grantee <> c.relowner")" '' 'nobody else has a privilege on them'
like "$(psql -Xq -v VERBOSITY=verbose -d move -U mover -1 -c 'alter table docs alter org_id drop default' -c 'drop schema public, "odd Schema" cascade' -f "$here/sql/portable/uninstall.sql" -c 'create extension pg_workos with schema extensions' 2>&1)" \
	'^ERROR:  55000: the trusted issuers from before a move to the portable edition are kept in this schema' 'CREATE EXTENSION by hand would forget them, so it refuses'
psql -q -d move -c 'alter table extensions.workos_kept_issuers owner to mallory'
before=$(state)
unmoved "$(USER_IS=postgres move -v to=native)" '42501: table extensions.workos_kept_issuers belongs to the role mallory' 'those of another role are not believed'
psql -q -d move -c 'alter table extensions.workos_kept_issuers owner to mover'
is "$(move -v to=native)$(edition)" c 'back'
is "$(issuers)" "$listed" 'the same issuers are trusted, with the same keys'
is "$(kept mover "select to_regclass('extensions.workos_kept_issuers') is null")" t 'and kept no more'

sql move mover "select workos_distrust_issuer('$ISSUER')" >/dev/null
before=$(state)
unmoved "$(move -v to=portable)" "$refused" 'with no issuer at all it refuses, too'
none=$(issuers)
like "$none" '^-' 'no issuer is trusted, which is a row of its own'
is "$(move "${given_up[@]}")$(move -v to=native)$(edition)$(issuers)" "c$none" 'there and back, none is trusted'
sql move mover 'select workos_trust_any_issuer()' >/dev/null
is "$(move -v to=portable)$(kept mover "select to_regclass('extensions.workos_kept_issuers') is null")$(move -v to=native)$(issuers)" 't*|{}' 'any issuer: any issuer afterwards'

# claimed WHO STATEMENT UNDO: with a claims source that is set somewhere
claimed() {
	psql -q -d move -c 'select extensions.workos_library_version()' -o /dev/null -c "$2"
	before=$(state)
	said=$(USER_IS=${4:-mover} move -v to=portable)
	unmoved "$said" "$refused" "with workos.claims_source = token for $1 it refuses"
	like "$said" "DETAIL:  .*workos.claims_source set for $1" '... and says so'
	psql -q -d move -c 'select extensions.workos_library_version()' -o /dev/null -c "$3"
}
claimed 'this database' 'alter database move set workos.claims_source = token' 'alter database move reset workos.claims_source'
claimed 'the role reader' 'alter role reader set workos.claims_source = token' 'alter role reader reset workos.claims_source'
claimed 'the role reader in this database' 'alter role reader in database move set workos.claims_source = token' 'alter role reader in database move reset workos.claims_source'
claimed 'the server' 'alter system set workos.claims_source = token' 'alter system reset workos.claims_source' postgres
before=$(state)
unmoved "$(USER_IS=postgres PGOPTIONS='-c workos.claims_source=token' move -v to=portable)" "$refused" 'with workos.claims_source = token in the session it refuses'
psql -q -d move -c 'select extensions.workos_library_version()' -o /dev/null -c 'alter database postgres set workos.claims_source = token' -c 'alter role reader set workos.claims_source = request'
is "$(move -v to=portable)$(edition)$(move -v to=native)" sql 'that of another database does not matter, nor does request'
psql -q -d move -c 'select extensions.workos_library_version()' -o /dev/null -c 'alter database postgres reset workos.claims_source' -c 'alter role reader reset workos.claims_source' -c 'alter database move set workos.claims_source = token'
is "$(move "${given_up[@]}")$(edition)" sql 'when it is told so it moves'
like "$(sql move mallory "set request.jwt.claims = '{\"sid\":\"session_1\",\"sub\":\"user_1\"}'" 'select workos_user_id()')" '^ERROR:  55000: setting "workos.claims_source" asks for verified tokens' 'but while the setting asks for tokens, claims do not count'
psql -q -d move -c 'alter database move reset workos.claims_source'
is "$(move -v to=native)$(edition)" c 'and back'

echo '# somebody else changes things meanwhile'
# until_said SQL: its answer, when there is one
until_said() {
	local said='' i
	for ((i = 0; i < 600; i++)); do
		said=$(sql move postgres "$1")
		[ -z "$said" ] || break
		sleep 0.1
	done
	echo "$said"
}
# meanwhile TO ABOUT STATEMENT: which another session has not yet committed when the move comes to wait for it
meanwhile() {
	coproc other { psql -Xq -d move -U mover >/dev/null; }
	local to_other=${other[1]} other_pid=$other_PID
	printf '%s;\n' begin "$3" "set application_name = 'has changed it'" >&"$to_other"
	is "$(until_said "select 'changed' from pg_stat_activity where application_name = 'has changed it'")" changed "$2"
	PGAPPNAME=mover PGOPTIONS="$PGOPTIONS -c default_transaction_isolation=serializable" move -v to="$1" >"$KEYS/said" &
	is "$(until_said "select 'waits' from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'mover' and not l.granted")" waits '... the move waits'
	echo 'commit;' >&"$to_other"
	exec {to_other}>&-
	wait "$other_pid" $!
	is "$(<"$KEYS/said")" '' '... and comes to its end'
}
meanwhile portable 'a policy is tightened' "alter policy readers on docs using (org_id = workos_org_id() and id > 100); alter table docs alter org_id set default 'none' || workos_org_id(); alter view mine set (security_barrier = false)"
is "$(edition)" sql 'the portable edition is there'
like "$(users)" 'CREATE POLICY readers ON public.docs .*id > 100' 'the tightened policy stands'
like "$(users)" "org_id text DEFAULT \('none'::text \|\| extensions.workos_org_id\(\)\)" 'so does the default'
like "$(users)" "CREATE VIEW public.mine WITH \(security_invoker='true', security_barrier='false'\)" 'so do the options of the view'
meanwhile native 'a policy on another table is added' "alter policy readers on docs using (org_id = workos_org_id() and id > 200); create table late (org_id text default workos_user_id()); create policy late on late using (org_id = workos_org_id()); create policy late on child using (workos_is_authenticated())"
is "$(edition)" c 'the native edition is there'
like "$(users)" 'CREATE POLICY readers ON public.docs .*id > 200' 'the tightened policy stands'
like "$(users)" 'CREATE POLICY late ON public.late USING \(\(org_id = extensions.workos_org_id\(\)\)\)' 'the new one is moved'
like "$(users)" 'CREATE POLICY late ON public.child USING \(extensions.workos_is_authenticated\(\)\)' 'that on a table which had none, too'

echo '# names that others have put in the way'
psql -q -d move <<-'SQL'
	create schema evil;
	create table evil.heard (what text);
	grant all on schema evil to public;
	grant all on evil.heard to public;
	create function evil.equal(text, text) returns boolean language plpgsql as $$ begin insert into evil.heard values ('='); return false; end $$;
	create operator evil.= (leftarg = text, rightarg = text, function = evil.equal);
	create function evil.current_setting(text) returns text language plpgsql as $$ begin insert into evil.heard values ('current_setting'); return ''; end $$;
	create function evil.set_config(text, text, boolean) returns text language plpgsql as $$ begin insert into evil.heard values ('set_config'); return ''; end $$;
	create function evil.format(text, variadic text[]) returns text language plpgsql as $$ begin insert into evil.heard values ('format'); return 'select'; end $$;
	create function evil.to_regclass(text) returns regclass language plpgsql as $$ begin insert into evil.heard values ('to_regclass'); return null; end $$;
	create table evil.pg_proc (oid oid); create table evil.pg_policy (oid oid); create table evil.pg_extension (extname name); create table evil.workos_move (step int); create table evil.workos_moving (restore text);
	grant select on all tables in schema evil to public;
	alter database move set search_path = evil, pg_catalog, public, extensions;
SQL
before=$(users)
is "$(move -v to=portable)$(edition)" sql 'it moves with a hostile search_path'
is "$(diff <(echo "$before") <(echo "$(users)"))" '' 'policies, defaults and views are as before'
is "$(move -v to=native)$(edition)$(diff <(echo "$before") <(echo "$(users)"))" c 'and back'
is "$(PGOPTIONS='-c search_path=public' sql move postgres 'select * from evil.heard')" '' 'nothing of theirs was called'

echo '# a literal whose type runs code of others when it is read'
psql -q -d move -c 'alter database move set search_path = public, extensions' -c 'create schema hers authorization mallory' -c 'grant usage on schema hers to public'
psql -q -d move -U mallory <<-'SQL'
	create function hers.checked(int) returns boolean language plpgsql as $$ begin if current_user <> 'mallory' then insert into evil.heard values ('a domain'); end if; return true; end $$;
	create domain hers.trap as int check (hers.checked(value));
	create type hers.pair as (a hers.trap);
	create table hers.doc (org_id text);
SQL
# trapped ABOUT OBJECT TYPE STATEMENT UNDO: it is refused, both ways, and the code has not run
trapped() {
	psql -q -d move -U mallory -c "$4"
	before=$(state)
	unmoved "$(USER_IS=postgres move -v to=portable)" "0A000: $2 uses the type $3" "$1"
	psql -q -d move -U mallory -c "$5"
}
trapped 'a default' 'default value for column org_id of table hers.doc' 'hers.trap\[\]' \
	"alter table hers.doc alter org_id set default extensions.workos_user_id() || array_length('{1}'::hers.trap[], 1)::text" 'alter table hers.doc alter org_id drop default'
trapped 'a policy' 'policy p on table hers.doc' 'hers.trap\[\]' \
	"create policy p on hers.doc using (org_id = extensions.workos_org_id() and '{1}'::hers.trap[] is not null)" 'drop policy p on hers.doc'
trapped 'a view' 'rule _RETURN on view hers.seen' 'hers.pair' \
	"create view hers.seen as select extensions.workos_user_id() as id, '(1)'::hers.pair as pair" 'drop view hers.seen'
is "$(PGOPTIONS='-c search_path=public' sql move postgres "select what from evil.heard where what = 'a domain'")" '' 'their code has not run with the rights of another'
done_testing
