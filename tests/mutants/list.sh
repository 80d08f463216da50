# Sourced by scripts/mutants-sql.sh:
#
#   mutant NAME FILE SED COMMAND             SED, an extended expression, makes a fault in FILE. COMMAND, the quickest test
#                                            that notices it, must fail then.
#   survivor NAME FILE SED COMMAND REASON    a fault that COMMAND cannot notice
#
# Expressions match as little of a line as they can, so that they still apply after small changes of the code.

plans='scripts/test.sh sql tests/native/plan_once.sql tests/native/leaks.sql'
differential='scripts/test.sh sql tests/native/differential.sql'
replaced='AS=postgres scripts/test.sh sql tests/native/plans/replaced.sql'
native='scripts/test.sh sql tests/conformance/*.sql'
portable='EDITION=portable scripts/test.sh sql tests/conformance/*.sql'
both='EDITION=both scripts/test.sh sql tests/differential.sql'
sessions='scripts/test.sh sessions'
tokens='scripts/test.sh tokens'
core='cargo test --quiet --locked --package workos-claims'
pgrx='scripts/test-pgrx.sh'
server() { echo "scripts/test.sh sql tests/servers/$1.sh"; }

# The planner

file=src/planner/hook.rs
mutant 'another planner hook is ignored' $file 's/PREVIOUS\.set\(.*//' "$sessions"
mutant 'the stack is never short' $file 's/used \+ STACK < .*/used >= 0/' "$replaced"
mutant 'nothing is lifted' $file 's/with\(plan, super::after\)/if query.is_null() { & }/' "$plans"

file=src/planner/mod.rs
mutant 'the setting is ignored' $file 's/PLAN_ONCE\.get\(\) && /(PLAN_ONCE.get() || true) \&\& /' "$plans"
survivor 'statements without row security are marked, too' $file 's/query\.has_row_security\(\) && //' "$plans" \
	'nothing in them is a policy, except the check option of a view, whose result stays the same'

file=src/planner/tree.rs
mutant 'three levels' $file 's/LEVELS: u32 = [0-9]+/LEVELS: u32 = 3/' "$plans"
mutant 'a column is computed from other expressions alone' $file 's/Expr = T_Const \|/Expr = T_Var | T_Const |/' "$plans"
mutant 'a parameter is computed from other expressions alone' $file 's/Expr = T_Const \|/Expr = T_Param | T_Const |/' "$differential"

file=src/planner/ours.rs
mutant 'every function is ours' $file 's/Function::Other\(name\) => .*/Function::Other(_) => !IN_SQL.is_empty() || is_of_extension(function),/' "$plans"
mutant 'no function in C is ours' $file 's/(OfThisLibrary\(_\)) => true/\1 => false/' "$plans"
mutant 'no function in SQL is ours' $file 's/ && is_of_extension\(function\)/ \&\& !is_of_extension(function)/' "$plans"
mutant 'a function with the name of one of ours is ours' $file 's/ && is_of_extension\(function\)/ || is_of_extension(function)/' "$plans"

file=src/planner/mark.rs
mutant 'a single new row is marked, too' $file 's/if !single_row \{/if single_row || !single_row {/' "$plans"
mutant 'an INSERT is never marked' $file 's/if !single_row \{/if !single_row \&\& query.command() != CMD_INSERT {/' "$plans"
mutant 'an INSERT of a query is a single row' $file '/from\.items\(\)\.is_empty\(\)/d' "$plans"
mutant 'a set-returning VALUES is a single row' $file 's/&& !query\.has_set_returning_functions\(\)//' "$plans"
mutant 'queries inside a query are not visited' $file 's/node\.each_child\(\|child\| visit/let _ = (|child| visit/' "$plans"
mutant 'nothing is inlined' $file 's/inlined\(expression\)\);/inlined(expression).filter(|_| false));/' "$plans"
mutant 'any argument is inlined' $file 's/is_plain\(argument, 0\)/(& || true)/' "$plans"
mutant 'an argument with a function in SQL is inlined' $file 's/is_own\(call\.function\(\)\)/(& || true)/' "$replaced"
mutant 'an argument with a cast to a domain is inlined' $file 's/NodeTag::T_Var \| NodeTag::T_Const/& | NodeTag::T_CoerceToDomain/' "$replaced"
mutant 'a constant expression is inlined' $file 's/arguments\.iter\(\)\.any\(/arguments.is_empty() || !&/' "$plans"
mutant 'the sub-select of a policy is not marked' $file 's/from\(item\.node\(\), level, found\)/let _ = from(item.node(), LEVELS + 1, found)/' "$plans"
mutant 'the sub-select of a policy is marked beyond its conditions' $file 's/if let Some\(item\) = query\.from\(\) \{/return query.node().each_child(|child| mark(child, level, found));\n        &/' "$plans"
mutant 'the ON of a sub-select of a policy is not marked' $file 's/join\.set_condition\(.*/let _ = join.condition();/' "$plans"
mutant 'the left side of a JOIN is not marked' $file 's/\[join\.left\(\), /[None, /' "$plans"
mutant 'the right side of a JOIN is not marked' $file 's/, join\.right\(\)\]/, None]/' "$plans"

file=src/planner/lift.rs
mutant 'every InitPlan belongs to the root' $file 's/lift\.recheck\) = \((node|below), /lift.recheck) = (root, /' "$differential"
mutant 'what is below a ModifyTable is prepared once' $file 's/\(!only_adds\)\.then_some/(!only_adds \&\& modify.recheck_parameter() < 0).then_some/' "$sessions"
mutant 'what is below a LockRows is prepared once' $file 's/lock\.recheck_parameter\(\)\)/&.filter(|\&parameter| parameter < 0)/' "$sessions"
mutant 'sub-plans beside a ModifyTable or LockRows are lifted' $file 's/prepared_once = in_one_process && .*/prepared_once = in_one_process;/' "$sessions"
mutant 'an InitPlan does not depend on the row that is checked' $file 's/if let Some\(parameter\) = self\.recheck/if let (Some(parameter), false) = (self.recheck, true)/' "$sessions"
mutant 'sub-plans beside a Gather are lifted' $file 's/in_one_process = .*/in_one_process = !all().any(|node| is_gather(node) \&\& node.id() < 0);/' "$plans"
mutant 'sub-plans are never lifted' $file 's/if in_one_process \{/if in_one_process \&\& last_id < 0 {/' "$plans"
mutant 'a left child is left out' $file '/extend\(node\.left\(\)\)/d' "$plans"
mutant 'a right child is left out' $file '/extend\(node\.right\(\)\)/d' "$plans"
mutant 'the children of Append are left out' $file '/<pg_sys::Append>/d' "$plans"
mutant 'the children of MergeAppend are left out' $file '/<pg_sys::MergeAppend>/d' "$plans"
mutant 'the child of SubqueryScan is left out' $file '/<pg_sys::SubqueryScan>/d' "$plans"
survivor 'the children of BitmapAnd and BitmapOr are left out' $file '/<pg_sys::Bitmap(And|Or)>/d' "$plans" 'they have conditions of indexes, and no expressions for each row'
survivor 'the expressions of a CustomScan are lifted' $file 's/node\.tag\(\) == NodeTag::T_CustomScan/false/' "$plans" 'no library with such a node is installed here'
mutant 'the condition of a join is not lifted' $file '/\.join_condition\(\)\);/d' "$plans"
mutant 'WITH CHECK is not lifted' $file '/each\(check\.condition/d' "$plans"
mutant 'the condition of a Result is not lifted' $file '/each\(result\.constant/d' "$plans"
mutant 'a call is lifted alone, not the expression around it' $file 's/let can_be = /&expression.tag() != NodeTag::T_OpExpr \&\& /' "$plans"
mutant 'a part that depends on the row is lifted' $file 's/!depends_on_row\(.*\)/(& || true)/' "$plans"
mutant 'what has no marked call is lifted' $file 's/&& holds_mark\(expression\.node\(\), level\)/\&\& (holds_mark(expression.node(), level) || true)/' "$plans"
mutant 'volatile functions are computed once' $file 's/&& !expression\.is_volatile\(\)//' "$plans"
mutant 'equal expressions have several InitPlans' $file 's/known\.equals\(/false \&\& &/' "$plans"
mutant 'all expressions have one InitPlan' $file 's/known\.equals\(/true || &/' "$plans"
mutant 'an InitPlan of two nodes belongs to one' $file 's/if !init_plans\.contains\(init\)/if known.is_none()/' "$differential"

# The catalog

file=src/catalog/library.rs
mutant 'a function with the name of one of ours, whatever its extension' $file 's/objects::belongs\(Object::Function\(function\), extension\)/(objects::belongs(Object::Function(function), extension) || function != Oid::INVALID)/' "$plans"
mutant 'every function in C is ours' $file 's/if is_this\(library\)/if is_this(library) || !library.is_empty()/' "$plans"

file=src/catalog/objects.rs
survivor 'the language of a function is not checked' $file 's/if self\.about\.prolang != Oid::from\(C\)/if self.about.prolang != Oid::from(C) \&\& C == 0/' "$plans" 'only a function in C has a library'
mutant 'the trigger invalidates nothing' $file '/CacheInvalidateRelcache/d' "$tokens"
mutant 'the body of each function in a policy is read as UTF-8' $file 's/if self\.about\.prolang != Oid::from\(C\)/if C == 0/;s/Text::from_datum\(datum, is_null\)\.map\(Text::bytes\)/<\&str>::from_datum(datum, is_null).map(str::as_bytes)/;s/Some\(\((text\(.*_probin\)\?), (text\(.*_prosrc\)\?)\)\)/let (symbol, library) = (\2, \1);\n        Some((library, symbol))/' 'scripts/test.sh sql tests/conformance/encodings/latin1.sql'

mutant 'a function with another result is called' $file '/&& self\.about\.prorettype == result/d' "$(server directory_newest)"

file=src/catalog/issuers.rs
mutant 'the triggers are never checked' $file 's/GUARDED\.set\((.*)\);/GUARDED.set(\1 || true);/' "$tokens"
mutant 'the triggers never suffice, so each statement reads the table' $file 's/GUARDED\.set\((.*)\);/GUARDED.set(\1 \&\& false);/' "$tokens"
mutant 'a trigger may be missing: rows' $file 's/fires\(each_row\) && //' "$tokens"
survivor 'a trigger may be missing: TRUNCATE' $file 's/ && fires\(TRIGGER_TYPE_TRUNCATE\)//' "$tokens" \
	'TRUNCATE gives the table another file, which invalidates its entry in the relation cache by itself'
mutant 'a trigger need not be ENABLE ALWAYS' $file '/&& trigger\.always/d' "$tokens"
mutant 'a trigger may have a condition' $file '/&& !trigger\.has_condition/d' "$tokens"
mutant 'a trigger may be for some columns' $file '/&& !trigger\.is_of_columns/d' "$tokens"
mutant 'a trigger may call any function' $file 's/tells_of_changes\(trigger\.function\)/(tells_of_changes(trigger.function) || true)/' "$tokens"
mutant 'a trigger may call any function of this library' $file 's/if symbol == CHANGED/if !symbol.is_empty()/' "$tokens"
mutant 'a replaced trigger function is not noticed' $file 's/on_function\(changed\)/on_function(|| ())/' "$tokens"
mutant 'a changed table is not noticed' $file '/fn on_change/,/^\}/s/changed\(\);//' "$tokens"
mutant 'invalidations are not accepted' $file '/accept_changes/d' "$tokens"
mutant 'a configuration without its column is none' $file 's/read\(configured\)\.is_none\(\)/& \&\& issuers == audiences/' "$tokens"
mutant 'another table of that name is read' $file 's/objects::belongs\(Object::Table\(table\), extension\)/(& || table != Oid::INVALID)/' "$tokens"

# The newer of token and directory

newest='scripts/test.sh sql tests/directory/newest.sql'
newest_portable='EDITION=portable scripts/test.sh sql tests/directory/newest.sql'
newest_open='scripts/test.sh sql tests/directory/newest.py'
newest_server='scripts/test.sh sql tests/servers/directory_newest.sh'
file=crates/workos-claims/src/standing.rs
mutant 'a revoked session counts' $file 's/\.is_some_and\(\|id\| directory\.session_was_revoked\(id\)\)/.is_some_and(|id| directory.session_was_revoked(id) \&\& false)/' "$newest"
mutant 'a deleted user counts' $file 's/directory\.user_has_ended\(id\)\)/directory.user_has_ended(id) \&\& false)/' "$newest"
mutant 'a deleted organization counts' $file 's/directory\.organization_has_ended\(id\)\)/directory.organization_has_ended(id) \&\& false)/' "$newest"
mutant 'a token of the same time is newer' $file 's/issued > changed/issued >= changed/' "$newest"
mutant 'a token without iat is newer' $file 's/issued_at\(\)\.is_some_and\(/issued_at().is_none_or(/' "$newest"
mutant 'a change of a role is not noticed' $file 's/fold\(changed, Micros::max\)/fold(changed, |changed, _| changed)/' "$newest"
mutant 'a membership that is not active counts' $file 's/live\.filter\(\|membership\| membership\.is_active\)/live/' "$newest"
mutant 'the oldest membership counts' $file 's/live\.max_by_key/live.min_by_key/' "$newest"
file=src/catalog/standing.rs
mutant 'a permission that was deleted is no change of the role' $file 's/\(c"changed_at", /(c"updated_at", /' "$newest"
mutant 'any status is active' $file 's/== Some\("active"\)/!= Some("inactive")/' "$newest"
mutant 'a tombstone is not noticed' $file 's/has_ended: !deleted\.is_null\(\)/has_ended: !deleted.is_null() \&\& !role.is_null()/' "$newest"
mutant 'when a membership was deleted does not matter' $file 's/updated\.time\(\)\.max\(deleted\.time\(\)\)/updated.time()/' "$newest"
mutant 'a deleted role of the organization falls back' $file 's/of\(organization\)\.or_else/of(organization).filter(|role| !role.permissions.is_empty()).or_else/' "$newest"
mutant 'what is rolled back counts' $file 's/segment: SEGMENT\.get\(\)/segment: SEGMENT.get() * 0/' "$newest"
file=src/catalog/tables.rs
mutant 'a transaction sees what it saw first' $file 's/sees_latest\(\) -> bool \{/&\n    if true { return unsafe { !direct::ActiveSnapshotSet() } }/' "$newest_open"
mutant 'a cursor sees the latest' $file 's/pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as c_int/pg_sys::XactIsoLevel >= 0/' "$newest_open"
mutant 'a snapshot is like any other' $file 's/xmax: snapshot\.xmax\.into_inner\(\)/xmax: 0/' "$newest_open"
mutant 'the type of a column is not checked' $file 's/&& attribute\.atttypid == of\.oid\(\)/\&\& (attribute.atttypid == of.oid() || true)/' "$newest_open"
file=src/catalog/directory.rs
mutant 'a table of another role is asked' $file 's/objects::owner_of_heap\(\*table\) == Some\(self\.owner\)/(& || true)/' "$newest_server"
mutant 'a function without SECURITY DEFINER is asked' $file 's/about\.is_security_definer\(\)/(& || true)/' "$newest_server"
mutant 'a schema of another owner is the directory' $file 's/objects::belongs\(Object::Schema\(schema\), extension\)/(extension != schema)/' "$newest_server"
file=src/catalog/configuration.rs
mutant 'nothing is configured' $file 's/&\*\*membership != "token"/\&**membership == "other"/' "$newest"
file=sql/source/native/directory.sql
mutant 'a dump lacks the configuration' $file '/pg_extension_config_dump/d' "$newest_server"
file=sql/source/portable/decided.sql
mutant 'running the file again lets the token decide' $file 's/if not asks_directory then/if true then/' "$newest_server"
file=sql/source/portable/directory.sql
survivor 'anybody may configure' $file "s/elsif not pg_has_role\(.*\) then/elsif false then/" "$newest_portable" \
	'Postgres itself lets only the owner replace the functions, with the same SQLSTATE; the check says so before, with a hint'
mutant 'the directory of another role decides' $file 's/ and n\.nspowner = owner\)/)/' "$newest_server"
mutant 'a schema that took its place decides' $file 's/^\t\t\tand n\.nspowner = \(select o\.proowner from pg_proc o where o\.oid = ours\);/;/' "$newest_server"
mutant 'the helpers are dropped with the directory' $file "s/else format\('%s\(%s\(of_session, reads\), %L::regprocedure\)', names\[6\], names\[5\], functions\[5\]\)/else format('%s(%s(of_session, reads), case when workos._standing() is null then %L::regprocedure else %3\$L::regprocedure end)', names[6], names[5], functions[5])/" "$newest_server"
file=sql/source/directory/objects.sql
mutant 'a deleted permission leaves the role as old as it was' $file 's/changed_at = greatest\(t\.changed_at, ended_at\)/changed_at = t.changed_at/' "$newest"
mutant 'a role does not know when its permission was deleted' $file 's/greatest\(changed, ended_at, lost_at\)/greatest(changed, ended_at)/' "$newest"
mutant 'a permission that is deleted again is no change' $file 's/ or own_id = any \(t\.deleted_permissions\)\)/)/' "$newest"

# The settings and the current claims

file=src/settings/guc.rs
mutant 'the prefix is not reserved' $file 's/pg_sys::MarkGUCPrefixReserved\(prefix\.as_ptr\(\)\)/let _ = prefix;/' "$tokens"
mutant 'any user may set the source' $file 's/PGC_SUSET/PGC_USERSET/' "$tokens"
mutant 'the token outlives the transaction' $file 's/GUC_ACTION_LOCAL/GUC_ACTION_SET/' "$tokens"
mutant 'an empty setting is text' $file 's/\(unsafe \{ \*value\.as_ptr\(\) \} != 0\)\.then_some/true.then_some/' "$native"

file=src/settings/source.rs
mutant 'a refused source reads the request' $file 's/_ => Source::Refused/_ => Source::Request/' "$tokens"
mutant 'a start value that was dropped is not noticed' $file 's/if chosen_at_start && /if !chosen_at_start \&\& /' "$tokens"
mutant 'a parallel worker that loads the library loses the source' $file 's/pg_sys::GUC_ALLOW_IN_PARALLEL \| //' "$tokens"

file=src/settings/access_token.rs
mutant 'the token can be read back' $file 's/c"\(hidden\)"\.as_ptr\(\)/{ #[allow(unsafe_code)] unsafe { RAW_TOKEN.value() }.map_or(c"".as_ptr(), |token| token.as_c_str().as_ptr()) }/' "$tokens"
mutant 'ALTER SYSTEM stores a token' $file 's/ \| pg_sys::GUC_DISALLOW_IN_FILE \| pg_sys::GUC_DISALLOW_IN_AUTO_FILE//' "$tokens"

file=src/settings/request.rs
mutant 'the setting is never looked up again' $file 's/ \|\| STATEMENT\.get\(\) != statement//' "$pgrx"
mutant 'a setting of another library is not read' $file 's/Setting::get\(CLAIMS\)/Setting::get(c"request.none")/' "$pgrx"

file=src/current/mod.rs
mutant 'claims are compared by length' $file 's/setting\.is\(&memo\.text\)/(setting.as_c_str().count_bytes() == memo.text.count_bytes())/' "$plans"
mutant 'claims are parsed at each call' $file 's/\|memo\| setting\.is\(&memo\.text\)/|_| false/' "$pgrx"
mutant 'the time of the claims is not checked' $file 's/\*trusted && claims\.in_force\(now\)/*trusted/' "$native"
mutant 'the trust in an issuer is kept' $file 's/if \*as_of != generation \{/if *as_of == 0 {/' "$tokens"
mutant 'the issuer of claims is not checked' $file 's/\*trusted && claims/claims/' "$tokens"
mutant 'tokens are kept when the issuers change' $file 's/tokens\.recent\.clear\(\);//' "$tokens"
mutant 'the last token is kept when the issuers change' $file 's/tokens\.generation != generation \|\| !tokens/!tokens/' "$tokens"
mutant 'the time of a token is not checked' $file 's/match token\.verified\.at\(now\)/match token.verified.at(token.verified.claims.iat.unwrap_or_default())/' "$tokens"
mutant 'an expired token raises an error' $file '/Err\(Refusal::Expired\) => read\(None\)/d' "$tokens"
mutant 'any escape is fit for SQL_ASCII' $file 's/if claims\.escapes_beyond_ascii && /if !claims.escapes_beyond_ascii \&\& /' 'scripts/test.sh sql tests/conformance/encodings/sql_ascii.sql'
mutant 'claims of any length are parsed' $file 's/if text\.count_bytes\(\) > LONGEST/if text.count_bytes() > LONGEST * 1000/' "$native"
mutant 'workos_verify accepts an expired token' $file 's/if let Err\(refusal\) = verified\.at\(postgres::statement_start\(\)\)/if let Err(refusal) = verified.at(verified.claims.iat.unwrap_or_default())/' "$tokens"

# The functions

file=src/functions/checks.rs
mutant 'all of no permissions' $file 's/all\.peek\(\)\.is_none\(\) \|\| //' "$native"
mutant 'a NULL among all permissions is ignored' $file 's/ \|\| !all\.all\(\|permission\| permission\.is_some\(\)\)//' "$native"
mutant 'any permission instead of all' $file 's/flatten\(\)\.all\(\|permission\|/flatten().any(|permission|/' "$native"
mutant 'all roles or permissions instead of any' $file 's/flatten\(\)\.any\(\|wanted\|/flatten().all(|wanted|/' "$native"
mutant 'a prefix is enough' $file 's/element\.as_bytes\(\) == wanted/element.as_bytes().starts_with(wanted)/' "$native"
mutant 'entitlements are permissions' $file 's/session\.entitlements\(\)/session.permissions()/' "$native"
mutant 'feature flags are permissions' $file 's/session\.feature_flags\(\)/session.permissions()/' "$native"
mutant 'roles are permissions' $file 's/listed\(&wanted, session\.roles\(\)\)/listed(\&wanted, session.permissions())/' "$native"
mutant 'no session is authenticated' $file 's/unwrap_or\(false\)/unwrap_or(true)/' "$native"

file=src/functions/gates.rs
mutant 'the gate of a permission is open' $file 's/\.any\(\|p\| .*/.any(|p| p.as_bytes() == \&*wanted || true)/' "$native"
mutant 'the gate of a role is open' $file 's/\.any\(\|role\| .*/.any(|role| role.as_bytes() == \&*wanted || true)/' "$native"

file=src/functions/getters.rs
mutant 'the impersonator is the user' $file 's/session\.impersonator\(\)/session.user_id()/' "$native"
mutant 'the time of sign-in is that of the token' $file 's/session\.authenticated_at\(\)/session.issued_at()/' "$native"
mutant 'the user is the session' $file 's/session\.user_id\(\)/session.id()/' "$native"
mutant 'the organization of an application is its id' $file 's/application\.org_id\(\)/application.id()/' "$native"

file=src/functions/text_result.rs
mutant 'a copy is compared by length' $file 's/\*content == \*bytes/content.len() == bytes.len()/' "$plans"
mutant 'an expression keeps any number of copies' $file 's/copy\.number == MOST_COPIES/copy.number == u32::MAX/' "$(server memory)"
survivor 'a copy is overwritten by the next' $file 's/let mut number = 1;/let mut number = 1; if let Some(old) = place.fn_extra.cast::<Copy>().as_mut() { if old.length as usize == bytes.len() { std::ptr::copy_nonoverlapping(bytes.as_ptr(), old.varlena.as_mut_ptr().add(pg_sys::VARHDRSZ), bytes.len()); return Varlena::at(old.varlena.as_mut_ptr()); } }/' "$plans" \
	'no statement is known in which Postgres keeps a value and evaluates the same expression again; several copies are a precaution'

file=src/functions/tokens.rs
mutant 'a token signs in where claims come from the request' $file 's/Source::Request => errors::raise\(Error::SourceIsRequest\)/Source::Request => {}/' "$tokens"
mutant 'any kind of token signs in' $file 's/verified\.session_at\(now\)\?\.user_id\(\)/verified.at(now)?.sub.as_deref()/' "$tokens"
mutant 'any text is an issuer' $file 's/is_some_and\(\|issuer\| is_issuer\(&issuer\)\)/is_some_and(|issuer| is_issuer(\&issuer) || true)/' "$tokens"
mutant 'the row * may have keys' $file 's/ && jwks == b"\{\}"//' "$tokens"

# Calls into Postgres

file=src/postgres/mod.rs
mutant 'memory is never asked for' $file 's/if !memory::there_is\(bytes\)/if !memory::there_is(bytes) \&\& bytes == 1/' "$(server limits)"
mutant 'an error of Postgres about a value is passed on' $file '/ERRCODE_UNTRANSLATABLE_CHARACTER/d;s/\| ERRCODE_CHARACTER_NOT_IN_REPERTOIRE/ERRCODE_CHARACTER_NOT_IN_REPERTOIRE/' 'scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'text of another encoding is read as UTF-8' $file '/^pub fn to_utf8/,/^\}/s/encoding\(\) != Encoding::Other/true/' 'scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'text is returned as UTF-8 in another encoding' $file '/^pub fn from_utf8/,/^\}/s/encoding\(\) != Encoding::Other/true/' 'scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'a number out of range is an error of Postgres' $file '/\| ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE/d' "$native"
mutant 'a value nested too deeply is an error of Postgres' $file '/\| ERRCODE_STATEMENT_TOO_COMPLEX/d' "$native"

file=src/postgres/text.rs
mutant 'a compressed argument is read as it is' $file 's/if pgrx::varatt_is_1b_e\(varlena\) \|\| pgrx::varatt_is_4b_c\(varlena\)/if pgrx::varatt_is_1b_e(varlena)/' "$native"
mutant 'an argument stored elsewhere is read as it is' $file 's/if pgrx::varatt_is_1b_e\(varlena\) \|\| pgrx::varatt_is_4b_c\(varlena\)/if pgrx::varatt_is_4b_c(varlena)/' "$native"

file=src/memory.rs
mutant 'there is no reserve' $file 's/memory\.is_null\(\) && give_back\(\)/memory.is_null() \&\& false/' "$(server limits)"

file=src/errors.rs
mutant 'an error of the claims has another SQLSTATE' $file 's/NotAMembership => ERRCODE_INVALID_PARAMETER_VALUE/NotAMembership => ERRCODE_DATA_EXCEPTION/' "$native"
mutant 'the message names the other setting' $file 's/Source::Token => "workos\.access_token"/Source::Request => "workos.access_token"/' "$native"

# The SQL of the native edition

file=sql/source/native/begin.sql
mutant 'the script finds names in any schema' $file '/^SET LOCAL search_path/d' "$(server hostile)"
file=sql/source/native/helpers.sql
mutant 'a helper is VOLATILE' $file '/workos_org_id_wrapper/,/LANGUAGE/s/STABLE/VOLATILE/' "$native"
mutant 'a helper is IMMUTABLE' $file '/workos_user_id_wrapper/,/LANGUAGE/s/STABLE/IMMUTABLE/' "$native"
mutant 'a helper is not PARALLEL SAFE' $file '/workos_has_role_wrapper/,/LANGUAGE/s/PARALLEL SAFE/PARALLEL RESTRICTED/' "$native"
mutant 'signed in before the interval' $file '/workos_authenticated_at\(\) operator\(pg_catalog\.>=\)/d' "$native"
mutant 'signed in after now' $file 's/AND (@extschema@\.workos_authenticated_at\(\)) operator\(pg_catalog\.<=\).*/AND \1 IS NOT NULL,/' "$native"
file=sql/source/native/owner.sql
mutant 'default privileges on the table stay' $file "s/EXECUTE 'REVOKE ALL.*/NULL;/" "$(server privileges)"
mutant 'the owner of the extension may not read the issuers' $file 's/GRANT SELECT, INSERT/GRANT INSERT/' "$tokens"
file=sql/source/native/tokens.sql
mutant 'the guard checks no privilege' $file 's/if not coalesce\(pg_has_role.*/if false then/' "$tokens"
mutant 'the guard has no search_path' $file 's/LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS/LANGUAGE plpgsql AS/' "$tokens"
mutant 'the row * can stand beside an issuer' $file 's/select bool_or\(i\.issuer <> /select bool_or(i.issuer is null or false and i.issuer <> /' "$tokens"
mutant 'an issuer can be renamed to *' $file "s/if new\.issuer <> old\.issuer and .*/if false then/" "$tokens"
mutant 'a trusted issuer leaves the row *' $file "s/execute 'delete from ' \|\| issuers \|\| ' i where i.issuer in .*/null;/" "$tokens"
mutant 'the last issuer leaves no row -' $file "s/SELECT '-', '\{\}' FROM @extschema@\.workos_issuers i HAVING .*/SELECT '-', '{}' WHERE false;/" "$tokens"
mutant 'the guard of rows is not ENABLE ALWAYS' $file '/ENABLE ALWAYS TRIGGER workos_issuers_guard,/d' "$tokens"
mutant 'the guard against TRUNCATE is not ENABLE ALWAYS' $file '/ENABLE ALWAYS TRIGGER workos_issuers_guard_truncate,/d' "$tokens"
mutant 'the trigger for changed rows is not ENABLE ALWAYS' $file '/ENABLE ALWAYS TRIGGER workos_issuers_changed,/d' "$tokens"
mutant 'the keys are not checked' $file 's/CHECK \(@extschema@\.workos_check_issuer\(issuer, jwks::text\)\)/CHECK (issuer <> jwks::text)/' "$tokens"
mutant 'a dump does not hold the issuers' $file '/^SELECT pg_extension_config_dump/d' "$tokens"
mutant 'a restored dump accepts any issuer' $file "s/WHERE current_setting\('row_security'\) = 'on'/WHERE true/" "$tokens"
mutant 'a restored dump with --enable-row-security accepts any issuer' $file "s/AND NOT EXISTS \(SELECT FROM pg_settings s WHERE s\.name = 'xmloption'.*/;/" "$tokens"
mutant 'a slash at the end makes another issuer' $file "s/VALUES \(regexp_replace\(\\\$1, '\/\\\$', ''\)/VALUES (\$1/" "$tokens"
mutant 'issuers that a move has kept are ignored' $file "s/IF to_regclass\('@extschema@\.workos_kept_issuers'\) IS NOT NULL/IF false/" "$(server move)"

# The SQL of the portable edition

file=sql/source/portable/claims.sql
mutant 'ordinary: any claims source' $file "s/any \(array\['', 'request'\]\)\) is not false/any (array['', 'request', 'token'])) is not false/" "$portable"
mutant 'ordinary: any encoding' $file "/^\t+and pg_catalog\.getdatabaseencoding\(\) operator\(pg_catalog\.=\) 'UTF8'/d" 'EDITION=portable scripts/test.sh sql tests/conformance/encodings/sql_ascii.sql'
mutant 'ordinary: control characters in strings' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\\x01-\\x1f//g' "$portable"
mutant 'ordinary: escapes in strings' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\\\\\\x01/\\x01/g' "$portable"
mutant 'ordinary: numbers with leading zeros' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\(\?:0\|\[1-9\]\[0-9\]\*\)/[0-9]+/' "$portable"
mutant 'ordinary: a comma at the end' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\(\?=\"\)\|\\\}\\Z/|\\}\\Z/' "$portable"
mutant 'ordinary: a comma at the end of an inner object' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\(\?=\"\)\|\(\?=/|(?=/' "$portable"
mutant 'ordinary: another value after the object' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\\\}\\Z\)\)\+\\Z/\\}))+/' "$portable"
mutant 'usual: numbers with leading zeros' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\[1-9\]\[0-9\]\*\|true/[0-9]+|true/' "$portable"
mutant 'usual: another beginning' $file "s/ and pg_catalog\.starts_with\(value, '\{'\)//" "$portable"
mutant 'usual: another value after the object' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\)\)\+\\\}\\Z\$q\$/))+\\}$q$/' "$portable"
mutant 'usual: two values without a comma' $file '/^\t+and value operator\(pg_catalog\.~\)/s/\(\?:\^\\\{\|,\)/(?:^\\{|,?)/' "$portable"
mutant 'usual: expired' $file 's/ && \$\.exp > \$now$//' "$portable"
mutant 'usual: expired, of any kind' $file "s/strict \\\$\.exp > \\\$now && /strict /" "$portable"
mutant 'usual: not before' $file "s/strict \\\$\.exp > \\\$now && .* is unknown'/strict \$.exp > \$now'/;s/&& \(exists \(\\\$\.nbf\)\) is unknown && /\&\& /" "$portable"
mutant 'usual: any sub' $file 's/strict \$\.sub starts with "user_" && /strict /' "$portable"
mutant 'usual: any sid' $file 's/ && \$\.sid starts with "session_" && \$\.exp/ \&\& $.exp/' "$portable"
mutant 'usual: any scope' $file 's/ && \(exists \(\$\.scope\)\) is unknown//' "$portable"
mutant 'usual: an empty org_id' $file 's/\$\.org_id > "" \|\| /exists ($.org_id) || /' "$portable"
mutant 'usual: an empty user_role' $file 's/\(@ > "" && @ != "anon"/(@ != "anon"/' "$portable"
mutant 'usual: a Postgres role is a WorkOS role' $file 's/ && @ != "authenticated"//' "$portable"
survivor 'usual: a list may hold other values' $file 's/ && !\(exists \(\$\[\*\] \? \(@\.type\(\) != "string"\)\)\)//' "$portable" 'before Postgres 17 such claims are not read in the ordinary way; with Postgres 17 they are, and it is caught'
mutant 'usual: any list has every element' $file 's/strict exists \(\$\[\*\] \? \(@ == \$element\)\) && /strict /' "$portable"
mutant 'ordinary: expired' $file 's/ && \$\.exp > \$now - 30//' "$portable"
mutant 'ordinary: not before' $file 's/ && \$\.nbf <= \$now \+ 30//' "$portable"
mutant 'ordinary: an exp that is not a number' $file 's/ \|\| !exists\(\$\.exp\)/ || 1 == 1/' "$portable"
mutant 'ordinary: an nbf that is not a number' $file 's/\(!exists\(\$\.nbf\) \|\| /(1 == 1 || /' "$portable"
mutant 'ordinary: no grace' $file 's/\$now [-+] 30/$now/' "$portable"
mutant 'ordinary: any sub' $file 's/ && \$\.sub starts with "user_"//;s/ \|\| !\(\$\.sub\.type\(\) == "string" && \$\.sub starts with "user_"\)//' "$portable"
mutant 'ordinary: any sid' $file 's/ && \$\.sid starts with "session_"//;s/ \|\| !\(\$\.sid\.type\(\) == "string" && \$\.sid starts with "session_"\)//' "$portable"
mutant 'ordinary: any scope' $file 's/ && !exists\(\$\.scope\)//' "$portable"
mutant 'ordinary: any org_id' $file '/^\t+&& \(\$\.org_id\./d' "$portable"
mutant 'ordinary: any user_role' $file "s/ == \"null\" \|\| !exists\(\\\$\.user_role\)\)'::/ == \"null\" || 1 == 1)'::/" "$portable"
mutant 'ordinary: an empty org_id' $file "/^\t+and \(of_session and claims .*'org_id' .* ''\)/d" "$portable"
mutant 'ordinary: a Postgres role is a WorkOS role' $file "/^\t+and \(of_session and claims .*'user_role'/s/'authenticated'/'none'/" "$portable"
mutant 'any claims source' $file "s/not in \('', 'request'\)/not in ('', 'request', 'token')/" "$portable"
# One such clause would suffice: the functions call each other.
mutant 'the functions for unusual claims have no search_path' $file 's/ set search_path = pg_catalog, pg_temp//' "$portable"
mutant 'claims of any length' $file 's/octet_length\(value\) > 1048576/octet_length(value) > 1048576000/' "$portable"
mutant 'claims of any depth' $file 's/_workos_depth\(value\), 0\) <= 256/_workos_depth(value), 0) <= 256000/' "$(server limits)"
mutant 'an array of claims' $file "s/left\(content, 1\) <> '\{'/left(content, 1) not in ('{', '[')/" "$portable"
mutant 'half of a surrogate pair' $file 's/\|\\\\u\[dD\]\[89abAB\]\.\.\(\?!\\\\u\[dD\]\[c-fC-F\]\)//' "$portable"
mutant 'the second half of a surrogate pair' $file 's/\|\(\?<!\\\\u\[dD\]\[89abAB\]\.\.\)\\\\u\[dD\]\[c-fC-F\]//' "$portable"
mutant 'an escape for NUL' $file 's/\\\\u0000\|//' "$portable"
mutant 'any escape is fit for SQL_ASCII' $file "s/elsif encoding = 'SQL_ASCII' and replace/elsif encoding = 'SQL-ASCII' and replace/" 'EDITION=portable scripts/test.sh sql tests/conformance/encodings/sql_ascii.sql'
mutant 'no character beyond ASCII is fit for LATIN1' $file "s/when 'LATIN1' then/when 'LATIN2' then/" 'EDITION=portable scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'a getter returns a character that the encoding lacks' $file "s/if getdatabaseencoding\(\) <> 'UTF8' and replace\(case/if false and replace(case/" 'EDITION=portable scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'workos_claim returns a character that the encoding lacks' $file "s/if getdatabaseencoding\(\) <> 'UTF8' and replace\(\(claims/if false and replace((claims/" 'EDITION=portable scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'workos_claims returns a character that the encoding lacks' $file "s/if getdatabaseencoding\(\) <> 'UTF8' and replace\(claims/if false and replace(claims/" 'EDITION=portable scripts/test.sh sql tests/conformance/encodings/latin1.sql'
mutant 'JSON: control characters in strings' $file 's/if value ~ \$q\$\[.*/if false then/' "$portable"
mutant 'JSON: any escape' $file 's/\\\\\["\\\\\/bfnrt\]/\\\\./' "$portable"
mutant 'JSON: numbers with leading zeros' $file '/rest := /s/-\?\(\?:0\|\[1-9\]\[0-9\]\*\)/-?[0-9]+/' "$portable"
mutant 'JSON: nothing is misplaced' $file 's/rest ~ misplaced/false/' "$portable"
mutant 'an empty string is a claim' $file "s/ and claims ->> name <> ''//" "$portable"
mutant 'an empty string is a claim: workos_claim' $file "s/nullif\(claims ->> name, ''\)/claims ->> name/" "$portable"
mutant 'a list may hold other values' $file "s/json_typeof\(e\) <> 'string'/json_typeof(e) = 'object'/" "$portable"
survivor 'a list that is returned may hold other values' $file '/_workos_list\(/,/^end/s/if not pg_catalog\.jsonb_path_exists\(.*/if true then/' "$portable" 'before Postgres 17 such claims are not read in the ordinary way; with Postgres 17 they are, and it is caught'
survivor 'a list that is asked may hold other values' $file '/_workos_with\(/,/^end/{/and not pg_catalog\.jsonb_path_exists/d}' "$portable" 'it is asked only of what the thorough way has read, which keeps no such list'
mutant 'escapes in a list are read as those of an array' $file "s/if pg_catalog\.strpos\(list.*/if true then/" "$portable"
mutant 'user_role is a permission' $file "s/or list operator\(pg_catalog\.=\) 'roles' and /or /" "$portable"
mutant 'ordinary: user_role is a permission' $file "s/when list operator\(pg_catalog\.=\) 'roles' and claims/when claims/" "$portable"
mutant 'user_role is not one of the roles' $file "/^\t+or list operator\(pg_catalog\.=\) 'roles' and /d" "$portable"
mutant 'ordinary: user_role is not one of the roles' $file "s/return case when list operator.* then claims else 'null' end;/return 'null';/" "$portable"
mutant 'user_role is listed twice' $file "/<>\) all \(strings\)/d" "$portable"
mutant 'expired' $file "s/<= statement_timestamp\(\) - interval '30 seconds'/<= '-infinity'/" "$portable"
mutant 'not before' $file "s/> statement_timestamp\(\) \+ interval '30 seconds'/> 'infinity'/" "$portable"
mutant 'an exp that is not a number' $file "s/name in \('exp', 'nbf'\)/name in ('nbf')/;s/(if name = 'exp' .*) claim is not null/\1 json_typeof(claim) = 'number'/" "$portable"
mutant 'an nbf that is not a number' $file "s/name in \('exp', 'nbf'\)/name in ('exp')/;s/(or name = 'nbf' .*) claim is not null/\1 json_typeof(claim) = 'number'/" "$portable"
mutant 'no grace' $file "s/interval '30 seconds' and claim/interval '0' and claim/" "$portable"
mutant 'a time beyond timestamptz' $file 's/9224318016000/9224318016001/' "$portable"
mutant 'any sid' $file "s/ and coalesce\(reduced ->> 'sid', ''\) \^@ 'session_'//" "$portable"
mutant 'any sub' $file "s/coalesce\(reduced ->> 'sub', ''\) \^@ 'user_' and //" "$portable"
mutant 'any scope' $file "s/if \(claims -> 'scope'\) is not null then/if false then/" "$portable"
mutant 'every kind is a session' $file 's/if of_session then/if false then/' "$portable"
mutant 'the kind: any sub' $file "/'user_'\) is not true then 'other'/d" "$portable"
mutant 'the kind: any scope' $file "/'scope' then 'oauth'/d" "$portable"
mutant 'the kind: a widget is another kind' $file "/'widget_session_'\) then 'widget'/d" "$portable"
mutant 'the kind: an application is another kind' $file "/'client_'\) then 'application'/d" "$portable"
mutant 'the kind: an ID token acts for the user' $file "s/when pg_catalog\.jsonb_typeof\(.* then 'oauth'/when true then 'oauth'/" "$portable"
mutant 'a widget is an application' $file "/'widget_session_'\) then null/d" "$portable"
mutant 'every kind is an application' $file "s/when pg_catalog\.starts_with\(.* 'client_'\)$/when true/" "$portable"
mutant 'a Postgres role is a WorkOS role' $file "s/postgres_roles constant text\[\] := .*/postgres_roles constant text[] := '{}';/" "$portable"
mutant 'a Postgres role as the only one of roles is a WorkOS role' $file "s/all \(array\['', 'anon', .*/all (array[''])/" "$portable"
mutant 'the first of several roles is the role' $file "s/(jsonb_array_length\(.*'roles'\)) operator\(pg_catalog\.=\) 1$/\1 operator(pg_catalog.>=) 1/" "$portable"
mutant 'numbers out of the range of jsonb' $file 's/exponent > 131072/exponent > 1310720/' "$portable"
mutant 'numbers with more digits than jsonb has' $file 's/exponent > 16383/exponent > 163830/' "$portable"

file=sql/source/portable/helpers.sql
for name in role permission entitlement flag; do
	mutant "NULL as $name" $file "s/case when $name is null then false else (.*) end;/\1;/" "$portable"
done
mutant 'the result without a session is NULL: any roles' $file 's/coalesce\((roles && .*), false\) else/\1 else/' "$portable"
mutant 'the result without a session is NULL: any permissions' $file 's/coalesce\((permissions && .*), false\) else/\1 else/' "$portable"
mutant 'the result without a session is NULL: all permissions' $file 's/coalesce\((permissions <@ .*), false\) else/\1 else/' "$portable"
mutant 'all of no permissions' $file "s/num_nonnulls\(variadic permissions\) > 0 and num_nulls/num_nulls/" "$portable"
mutant 'any permission instead of all' $file 's/coalesce\(permissions <@ /coalesce(permissions \&\& /' "$portable"
mutant 'all permissions instead of any' $file 's/coalesce\(permissions && /coalesce(permissions <@ /' "$portable"
mutant 'all roles instead of any' $file 's/coalesce\(roles && /coalesce(roles <@ /' "$portable"
mutant 'only an object impersonates' $file "s/coalesce\((.* -> 'act') not in .*/coalesce(jsonb_typeof(\1) = 'object', false);/" "$portable"
mutant 'a session without act is impersonated' $file "s/(not in \('null', '\"\"'\)), false/\1, true/" "$portable"
mutant 'an empty act impersonates' $file "s/not in \('null', '\"\"'\)/not in ('null')/" "$portable"
mutant 'an empty string is a claim' $file "s/nullif\((current_setting.* ->> name), ''\)/\1/" "$portable"
survivor 'the impersonator is of any type' $file "s/@\.type\(\) == \"string\" && //" "$portable" 'a value of another type is not comparable with a string, and JSON null becomes NULL'
mutant 'signed in within a negative interval' $file "s/max_age >= interval '0'/max_age is not null/" "$portable"
mutant 'signed in before the interval' $file "s/statement_timestamp\(\) - max_age/'-infinity'/" "$portable"
mutant 'signed in after now' $file "s/statement_timestamp\(\) \+ interval '30 seconds'/'infinity'/" "$portable"
for list in "'permissions', permission" "'roles', role"; do
	mutant "ordinary: every list has everything: $list" $file "s/_workos_ordinary\(true, $list\)/_workos_ordinary(true, null, null)/" "$portable"
	mutant "every list has everything: $list" $file "s/@extschema@\._workos_with\((@extschema@\._workos_odd\(true, [^)]*\)), $list\)/\1/" "$portable"
	mutant "the result without a session is NULL: $list" $file "/$list/s/coalesce\((jsonb_typeof\(.*\) = 'object'), false\)/\1/" "$portable"
done
mutant 'every ordinary kind is a session' $file 's/_workos_ordinary\(true, null, null\)/_workos_ordinary(false, null, null)/' "$portable"

file=sql/source/portable/begin.sql
mutant 'the file replaces the extension' $file "s/if exists \(select from pg_extension where extname = 'pg_workos'\)/if false/" "$(server portable)"
mutant 'the file creates functions although a check has failed' $file '/^set default_transaction_read_only = on/d' "$(server portable)"
file=sql/source/portable/owners.sql
mutant 'a function of another owner is kept' $file 's/and r\.rolname <> current_user/and false/' "$(server portable)"
mutant 'the schema belongs to another role' $file 's/and not r\.rolsuper/and false/' "$(server portable)"
file=sql/source/portable/unpin.sql
mutant 'the search_path is not restored' $file "/'search_path'/d" "$(server portable)"
file=sql/source/portable/pin.sql
mutant 'the file finds names in any schema' $file '/^set search_path/d' "$(server hostile)"
file=sql/source/portable/made.sql
mutant 'privileges are set again' $file '/there_before/d' "$(server portable)"
file=sql/source/portable/uninstall.sql
mutant 'functions of several roles are removed' $file 's/if cardinality\(owners\) > 1/if false/' "$(server move)"

# The directory

directory() { echo "scripts/test.sh sql tests/directory/$1"; }

file=sql/source/directory/webhooks.sql
mutant 'a webhook of any length' $file 's/octet_length\(body\) > longest/false/' "$(directory webhooks.sql)"
survivor 'a long header' $file 's/octet_length\(signature\) > 1000/false/' "$(directory webhooks.sql)" 'a long one is malformed in other ways, too: the limit saves time'
mutant 'two signatures' $file 's/ or cardinality\(macs\) <> 1//' "$(directory webhooks.sql)"
mutant 'two times' $file 's/cardinality\(times\) <> 1 or //' "$(directory webhooks.sql)"
mutant 'a signature in capitals' $file 's/\^\[0-9a-f\]\{64\}/^[0-9a-fA-F]{64}/' "$(directory webhooks.sql)"
mutant 'an old webhook' $file "s/sent_at < clock_timestamp\(\) - interval '180 seconds'/false/" "$(directory webhooks.sql)"
mutant 'a webhook from the future' $file "s/sent_at > clock_timestamp\(\) \+ interval '180 seconds'/false/" "$(directory webhooks.sql)"
mutant 'any signature' $file 's/signed is not true/false/' "$(directory webhooks.sql)"
mutant 'the time is not signed' $file "s/convert_to\(times\[1\] \|\| '.', 'UTF8'\) \|\| body/body/" "$(directory webhooks.sql)"
mutant 'an error repeats the body' $file 's/when data_exception or program_limit_exceeded then/when foreign_key_violation then/' "$(directory webhooks.sql)"
mutant 'a secret of one letter' $file 's/not between 16 and 255/not between 1 and 255/' "$(directory webhooks.sql)"
mutant 'the webhook counts for the caller' $file '/receive_webhook\(body text/,/as \$\$/s/ security definer//' "$(directory rights.sql)"

file=sql/source/common/doctor.sql
mutant 'a feed that was never set up is well' $file 's/if not fed\.by_webhooks and not fed\.by_polls/if false/' "$(directory doctor.sql)"
mutant 'a poller that stopped is well' $file "s/statement_timestamp\(\) - interval '1 hour'/'-infinity'/" "$(directory doctor.sql)"
mutant 'a poller that never reached the end is well' $file "s/ is not true then/ is false then/" "$(directory doctor.sql)"
mutant 'polls are missed where the token decides' $file 's/if newest and \(fed/if (fed/' "$(directory doctor.sql)"
mutant 'what is unknown is well' $file "s/if known -> 'unknown' <> '\[\]' then/if false then/" "$(directory doctor.sql)"
mutant 'a membership that has ended is well where the token decides' $file "s/elsif known ->> 'status' <> 'active' then/elsif false then/" "$(directory doctor.sql)"
mutant 'a role that only the token has is well' $file 's/token_roles <@ directory_roles and//' "$(directory doctor.sql)"
mutant 'a role that only the directory has is well' $file 's/ and directory_roles <@ token_roles//' "$(directory doctor.sql)"
mutant 'a function of another role is asked what is unknown' $file 's/ and n\.nspowner = p\.proowner$//' "$(directory doctor.sql)"
mutant 'so is one with the rights of the caller' $file "s/ and p\.prosecdef\$//" "EDITION=portable $(directory doctor.sql)"
mutant 'a part of the directory is enough' $file 's/if 2 = \(select/if 0 < (select/' "$(directory doctor.sql)"
mutant 'a view in the directory is read' $file "s/ and c\.relkind = 'r' and c\.relowner/ and c.relowner/" "EDITION=portable $(directory doctor.sql)"
mutant 'a table of another role is read' $file 's/ and c\.relowner = n\.nspowner$//' "EDITION=portable $(directory doctor.sql)"
mutant 'which of them decides is not known' $file "s/ and p\.oid = to_regprocedure\(.*\)\);/ and false);/" "EDITION=portable $(directory doctor.sql)"

file=sql/source/common/lint/directory.sql
mutant 'the status of another table is enough' $file "s/names\[j\] in \('status', alias/names[j] ~ 'status' or names[j] in (alias/" "$(directory lint.sql)"
mutant 'pending members are active ones' $file "s/tokens\[near - 1\] = '='/tokens[near - 1] <> ''/" "$(directory lint.sql)"
mutant 'a condition elsewhere is enough' $file 's/^\t\tstart := parents\[i\];/\t\tstart := 0;/' "$(directory lint.sql)"
mutant 'a condition must stand among the tables' $file 's/while start > 0 and upper/while false and upper/' "$(directory lint.sql)"
mutant 'DELETE reads' $file "s/ or upper\(tokens\[i - 2\]\) = 'DELETE'//" "$(directory lint.sql)"
file=sql/source/common/lint/definitions.sql
mutant 'a view that nobody may read is found' $file 's/ where item\.open_to is not null//' "$(directory lint.sql)"
mutant 'the portable directory finds itself' $file "/n\.nspname = 'workos' and n\.nspowner = p\.proowner/d" "EDITION=portable $(directory lint.sql)"
file=sql/source/common/lint/tables.sql
mutant 'the tables of the directory are open' $file "s/ or n\.nspname = 'workos'\)/)/" "$(directory lint.sql)"

file=sql/source/common/explain/reason.sql
mutant 'an unknown user is a known one' $file "s/standing -> 'unknown' \? 'user'/false/" "$(directory explain.sql)"
mutant 'the directory is no reason' $file "s/elsif standing \? 'ended' then/elsif false then/" "$(directory explain.sql)"
mutant 'the directory is asked where the token decides' $file 's/if kind is null and lacks and/if lacks and/; s/elsif kind <> .session. then/elsif false then/; s/standing \? .ended./standing is null/' "EDITION=portable $(directory explain.sql)"

mutant 'who was removed signs in' src/functions/tokens.rs 's/Ok\(_\) if has_ended\(&token\)/Ok(_) if false \&\& has_ended(\&token)/' "$tokens"
mutant 'the directory refuses where the token decides' src/current/mod.rs 's/^    configuration::newest\(\)$/    true/' "$tokens"

file=sql/source/directory/events.sql
mutant 'an answer to an old request' $file 's/after is distinct from cursor_now/false/' "$(directory polls.sql)"
mutant 'events in descending order' $file 's/last_at < first_at or last_at < last_event_at/false/' "$(directory polls.sql)"
mutant 'a revoked session goes on' $file "s/in \\('deleted', 'removed', 'revoked'\\)/in ('deleted', 'removed')/" "$(directory asking.sql)"
mutant 'a function of another owner is called' $file 's/ and pg_get_userbyid\(p\.proowner\) = current_user//; s/pg_get_userbyid\(p\.proowner\) <> current_user/false/' "$(directory polls.sql)"
mutant 'ignored events do not move the cursor' $file "s/events -> -1 ->> 'id'/events -> 0 ->> 'id'/" "$(directory polls.sql)"

file=sql/source/directory/objects.sql
mutant 'who was deleted comes back' $file 's/when t\.deleted_at is null then \(excluded\.updated_at, excluded\.event_id\)/when true then (excluded.updated_at, excluded.event_id)/' "$(directory events.sql)"
mutant 'what comes last wins' $file 's/then \(excluded\.updated_at, excluded\.event_id\) > \(t\.updated_at, t\.event_id\)/then true/' "$(directory convergence.py)"
mutant 'a role may not have a permission again that was deleted' $file 's/ and d\.deleted_at >= changed//' "$(directory events.sql)"
mutant 'a role of fine-grained authorization' $file "s/is distinct from 'organization' then/is null then/" "$(directory events.sql)"

file=sql/source/directory/import.sql
mutant 'an empty complete list ends nothing' $file 's/coalesce\(complete, run\.kinds\)/run.kinds/' "$(directory import.sql)"
mutant 'everything is complete' $file 's/coalesce\(complete, run\.kinds\)/known/' "$(directory import.sql)"
mutant 'any kind is complete' $file 's/not complete <@ known/false/' "$(directory import.sql)"
mutant 'what an event touched ends' $file 's/t\.seen_at < run\.began_at/true/' "$(directory import.sql)"
mutant 'revoked sessions stay for ever' $file 's/t\.revoked_at < old/false/' "$(directory bounded.py)"
mutant 'deleted permissions stay for ever' $file '/delete from workos.deleted_permissions/s/t\.deleted_at < old/false/' "$(directory bounded.py)"
mutant 'memberships of a user who was deleted stay for ever' $file 's/u\.deleted_at < old/false/' "$(directory bounded.py)"
mutant 'roles of an organization that was deleted stay for ever' $file '/t\.deleted_at < old or exists/s/o\.deleted_at < old/false/' "$(directory bounded.py)"
mutant 'fresh tombstones go' $file "s/interval '90 days'/interval '1 day'/" "$(directory import.sql)"

file=sql/source/directory/asking.sql
mutant 'every membership is active' $file "s/ and m\.status = 'active'//" "$(directory asking.sql)"
mutant 'a user who was deleted' $file 's/u\.deleted_at is not null/false/' "$(directory asking.sql)"
mutant 'an organization that was deleted' $file 's/o\.deleted_at is not null/false/' "$(directory asking.sql)"
mutant 'a session that was revoked' $file 's/where s\.id = workos\._current_session_id\(\)/where false/' "$(directory asking.sql)"
mutant 'the role of the environment takes the place of one that was deleted' $file "s/ and r\.organization_id in \(m\.organization_id, ''\)/ and r.organization_id in (m.organization_id, '') and r.deleted_at is null/" "$(directory asking.sql)"
mutant 'what the directory says is as old as the membership' $file 's/changed_at := greatest\(changed_at, held\.changed_at\);/null;/' "$newest_portable"
mutant 'the environment role takes the place, with newest' $file 's/r\.organization_id = session\[3\] and r\.slug = of_role/& and r.deleted_at is null/' "$newest_portable"
mutant 'a permission of two roles is there twice' $file 's/ group by e\.slug\) p\)/ group by e.slug, e.place) p)/' "$newest_portable"
mutant 'members are shown to everybody in the organization of the token' $file 's/workos\._current_org_id\(\) = any \(\(select/true or &/' "$(directory asking.sql)"

file=examples/directory/api.sh
mutant 'a list that cannot be read is taken for an empty one' $file '/inherit_errexit/d' "$(server directory_poll)"
mutant 'an error repeats the answer' $file 's/when data_exception or program_limit_exceeded/when foreign_key_violation/' "$(server directory_poll)"
mutant 'the key is an argument' $file 's/--config <.*/-H "Authorization: Bearer wrong"; }/' "$(server directory_poll)"
file=examples/directory/load.sh
mutant 'active memberships only' $file 's/ --data statuses=[a-z,]*//' "$(server directory_poll)"
mutant 'the first page only' $file 's/\[ -n "\$after" \] \|\| break/break/' "$(server directory_poll)"
mutant 'an empty list is none' $file "s/complete => '[^']*'//" "$(server directory_poll)"
mutant 'the cursor is not kept' $file "s/after => nullif\(:'newest', ''\)//" "$(server directory_poll)"
file=examples/directory/pg_cron.sql
mutant 'an answer that is none' $file 's/answer\.status <> 200/false/' "$(server directory_poll)"
mutant 'an error of the job repeats the answer' $file 's/when data_exception or program_limit_exceeded/when foreign_key_violation/' "$(server directory_poll)"
mutant 'everybody may read the key' $file 's/^revoke all on workos_poller.api_key from public/grant all on workos_poller.api_key to public/' "$(server directory_poll)"
mutant 'the first page of events only' $file 's/1 \.\. 100/1 .. 1/' "$(server directory_poll)"
file=docs/how-to/directory.md
mutant 'everybody may call the function for servers' $file '/revoke all on function public.workos_webhook\(bytea\) from anon/d' "$(server directory_webhooks)"

file=examples/multi-tenant/directory.sql
mutant 'the list of documents has the rights of its owner' $file 's/ with \(security_invoker\)//' 'scripts/test.sh sql tests/directory_example.sql'
mutant 'the newest documents of everybody' $file 's/where d\.org_id = any .*/where true/' 'scripts/test.sh sql tests/directory_example.sql'
mutant 'the newest documents of all organizations, whatever the role' $file "s/workos_org_ids_with_permission\('documents:read'\)/workos_org_ids()/" 'scripts/test.sh sql tests/directory_example.sql'
mutant 'the current organization only' $file 's/id = any \(\(select workos_org_ids\(\)\)::text\[\]\)/id = workos_org_id()/' 'scripts/test.sh sql tests/directory_example.sql'

# In both editions

file=sql/source/common/access.sql
mutant 'default privileges stay' $file "s/execute 'revoke all on function.*/null;/" "$(server privileges)"
mutant 'a helper is not for everybody' $file "/workos_has_role\(text\)/d" "$(server privileges)"
file=sql/source/common/protect.sql
mutant 'the owner of the table is not restricted' $file '/FORCE ROW LEVEL SECURITY/d' 'AS=postgres scripts/test.sh sql tests/protect.sql'
mutant 'an index that is not valid is enough' $file 's/ and i\.indisvalid//' 'AS=postgres scripts/test.sh sql tests/protect.sql'
mutant 'nothing is said of privileges' $file "s/lacks <> ''/false/" 'AS=postgres scripts/test.sh sql tests/protect.sql'
mutant 'privileges of some columns count as none' $file "s/ and not \(p <> 'DELETE' and has_any_column_privilege\(to_role, relation, p\)\)//" 'AS=postgres scripts/test.sh sql tests/protect.sql'
file=sql/source/common/doctor.sql
mutant 'a statement that sets the claims is a session that keeps them' $file "s/ and current_query\(\) !~\* '[^']*'//" 'scripts/test.sh sql tests/conformance/doctor.sql'
file=sql/source/common/lint/policies.sql
mutant 'every new row is tied to its author' $file "s/t\.token = 'FROM' and/false and/" 'AS=postgres scripts/test.sh sql tests/lint.sql'
file=sql/source/common/explain/explain.sql
mutant 'an upsert needs no policy for SELECT' $file "/'insert on conflict do update', 2,/d" 'AS=postgres scripts/test.sh sql tests/explain.sql'
mutant 'the owner of a view may read everything' $file 's/if more is not null then/if false then/' 'AS=postgres scripts/test.sh sql tests/explain.sql'

# The functions for tests of policies

file=sql/testing/pg_workos_testing.sql
testing='AS=developer scripts/test.sh sql tests/testing.sql'
mutant 'a policy that refuses counts as a missing privilege' $file "s/'row-level security policy'\) then/'^$') then/" "$testing"
mutant 'a missing privilege is not told' $file "s/\^\(permission denied\|must be owner\)/^(must be owner)/" "$testing"
mutant 'why there is no row: asked as the caller' $file "s/perform pg_catalog.set_config\('role', 'none', true\), pg_catalog/perform pg_catalog/" "$testing"
mutant 'why there is no row: policies apply' $file "s/set_config\('row_security', 'off', true\);\$/set_config('row_security', 'on', true);/" "$testing"
mutant 'may() never says why there is no row' $file 's/then workos_test\._why_no_row\(command\) else/then tried.said else/' "$testing"
mutant 'what is compared with a column is a permission, too' $file "s/where m\\[1\\] !~ 'role[^']*'/where false/" 'AS=developer scripts/test.sh sql tests/isolation.sql'

# Delegated access

delegated='scripts/test.sh sql tests/conformance/delegated.sql'
delegated_portable='EDITION=portable scripts/test.sh sql tests/conformance/delegated.sql'
audiences_portable='EDITION=portable AS=postgres scripts/test.sh sql tests/audiences.sql'
file=src/functions/delegated.rs
mutant 'a gate that names nothing reads the claims' $file 's/names == \(false, false\) \|\| //' "$delegated"
mutant 'an argument that is longer than any claim counts as none' $file 's/names == \(false, false\) \|\| .*/names == (false, false) {/' "$delegated"
file=src/current/mod.rs
mutant 'a token for another audience counts' $file 's/trusted && !issuers\.audiences\.exclude\(claims\)/trusted/' "$delegated"
mutant 'every audience is ours' $file 's/issuers\.audiences\.include\(claims\)\)/issuers.audiences.include(claims) || trusted)/' "$delegated"
file=src/functions/tokens.rs
mutant 'any word is the kind oauth' $file 's/Some\(b"oauth"\) => true/Some(_) => true/' "$tokens"
file=src/catalog/issuers.rs
mutant 'the triggers of the audiences are not looked at' $file 's/ && is_guarded\(audiences\)//' "$tokens"
mutant 'a change of the audiences is not noticed' $file 's/TABLES\.get\(\)\.contains\(&relation\)/TABLES.get()[0] == relation/' "$tokens"
file=sql/source/native/audiences.sql
mutant 'pg_write_all_data may accept audiences' $file 's/if not coalesce\(.*/if false then/' "$tokens"
mutant 'a dump leaves the audiences out' $file '/pg_extension_config_dump/d' "$tokens"
file=sql/source/common/audiences.sql
mutant 'a row can hold any audience' $file '/^\tconstraint workos_audiences_fit/d; s/primary key,/primary key/' "$audiences_portable"
file=sql/source/portable/audiences.sql
survivor 'a list of other types names an audience' $file 's/ and not jsonb_path_exists\(.*\)$//' "$delegated_portable" \
	'on Postgres 15 and 16 only lists of strings are read the short way; on 17 the same test notices it'
mutant 'a token for another audience counts in the portable edition' $file "s/when false then case when not delegated then 'null'::jsonb end/when false then case when not delegated then claims end/" "$delegated_portable"
mutant 'a gate answers while no audience is accepted' $file 's/else case when not delegated then claims end end/else claims end/' "$audiences_portable"
mutant 'sessions need an audience, too' $file "s/ and @extschema@\._workos_kind\(claims\) in \('oauth', 'application'\)//" "$delegated_portable"
file=sql/source/portable/claims.sql
mutant 'an application with an audience is read the short way' $file 's/&& \(!exists\(\$\.aud\) \|\| .*/\&\& (exists($.sub)/' "$delegated_portable"
file=sql/source/portable/delegated.sql
mutant 'a scope of any form grants' $file "s/if not \(granted operator\(pg_catalog\.~\) '[^']*' and/if not (true and/" "$delegated_portable"
mutant 'a quote in a scope' $file "s/ and pg_catalog\.strpos\(granted, '\"'\) operator\(pg_catalog\.=\) 0//" "$delegated_portable"
mutant 'a backslash in a scope' $file 's/ and pg_catalog\.strpos\(granted, \$q\$\\\$q\$\) operator\(pg_catalog\.=\) 0//' "$delegated_portable"
mutant 'a scope matches by prefix' $file 's/scope operator\(pg_catalog\.=\) any \(pg_catalog\.string_to_array\(granted, . .\)\)/pg_catalog.starts_with(granted, scope)/' "$delegated_portable"
mutant 'an empty client id is one' $file "s/client operator\(pg_catalog\.<>\) '' and //" "$delegated_portable"
mutant 'each kind opens the gate of the other' $file 's/ or kind operator\(pg_catalog\.<>\) own_kind//' "$delegated_portable"
mutant 'a widget is an application' $file "/when pg_catalog\.starts_with\(sid, 'widget_session_'\) then null/d" "$delegated_portable"
mutant 'a session opens a gate by client' $file "s/ and not pg_catalog\.starts_with\(sid, 'session_'\)//" "$delegated_portable"
file=sql/source/common/explain/evaluate.sql
mutant 'named arguments are in the order of the call' $file 's/coalesce\(argument_names\[j\] = a\.name, j = a\.number\)/j = a.number/' 'AS=postgres scripts/test.sh sql tests/explain.sql'
file=sql/source/common/lint/calls.sql
mutant 'the name of an argument is a column' $file "s/ and tokens\[i \+ 1\] is distinct from '=>'//" 'AS=postgres scripts/test.sh sql tests/lint.sql'
file=sql/testing/report.psql
mutant 'the name of a policy is markup in the report' $file 's/pg_temp\.h\(pg_temp\.policies\(relation, command\)\)/pg_temp.policies(relation, command)/' 'scripts/test.sh sql tests/servers/testing.sh'
mutant 'the report calls the workos_lint() of anybody' $file "s/or :'lint_schema' = '' and \(.*\)\)\)\)$/or :'lint_schema' = '')/" 'scripts/test.sh sql tests/servers/testing.sh'
mutant 'what workos_lint() finds is markup in the report' $file 's/pg_temp\.h\(object\)/object/' 'scripts/test.sh sql tests/servers/testing.sh'

# Backup, and more than one machine

mutant 'the planner hook works on distributed tables' src/planner/mark.rs 's/if uses_distributed_table\(query\)/if uses_distributed_table(query) \&\& false/' "$(server citus)"
mutant 'only the statement itself can use a distributed table' src/planner/distributed.rs 's/node\.any_child\(.*\)$/level > LEVELS \&\& visit(node, level, distributed)/' "$(server citus)"
mutant 'with Citus every table is distributed' src/planner/distributed.rs 's/distributed\.contains\(&table\.relation\(\)\)/!distributed.is_empty() \&\& table.relation() != Oid::INVALID/' "$(server citus)"
mutant 'a lost configuration lets the token decide' src/catalog/configuration.rs 's/rows\.is_empty\(\) && directory/false \&\& directory/' "$(server backup)"
mutant 'without a directory a lost configuration is newest' src/catalog/configuration.rs 's/ && directory::is_installed\(\)/ \&\& (directory::is_installed() || true)/' "$(server backup)"
mutant 'a restore gets the configuration of an installation' sql/source/native/directory.sql "s/SELECT 'token' WHERE .*/SELECT 'token' WHERE true OR current_setting('row_security') = 'on'/" "$(server backup)"
mutant 'the row of the installation stays beside that of a dump' sql/source/native/directory.sql "s/execute format\('delete from .*/null;/" "$(server backup)"
mutant 'nobody ever decides which issuers count' sql/source/native/tokens.sql "s/'\{\"decided\": true\}'/'{}'/" "$(server backup)"
file=sql/source/common/doctor.sql
mutant 'no issuer at all is well' $file "s/elsif any_issuer then/else/; s/^\t\telse\$/\t\telsif false then/" "$(server backup)"
mutant 'nobody is told that the configuration was lost' $file 's/if unconfigured then/if false then/' "$(server backup)"
mutant 'nobody is told that the functions lost it' $file "s/= 'the newer of token and directory decides'/= 'x'/" "$(server backup)"
file=sql/source/common/citus.sql
mutant 'restrictive policies are well' $file 's/if not item\.polpermissive/if false/' "$(server citus)"
mutant 'sub-selects are well' $file 's/if item\.has_sub_select/if false/' "$(server citus)"
mutant 'every role may be NOLOGIN' $file "s/where not r\.rolcanlogin and/where false and/" "$(server citus)"
mutant 'policies of local tables are findings' $file 's/from pg_policy p where p\.polrelid = any \(distributed\)/from pg_policy p where true/' "$(server citus)"
mutant 'an empty value is not sent' $file "s/if value is not null then/if value <> '' then/" "$(server citus)"
mutant 'Citus is not told to send' $file '/set local citus\.propagate_set_commands/d' "$(server citus)"
mutant 'claims that were not sent are well' $file 's/elsif claims and .* then/elsif false then/' "$(server citus)"
file=sql/source/common/protect.sql
mutant 'a distributed table gets restrictive policies' $file 's/if not impersonated_writes and not distributed/if not impersonated_writes/' "$(server citus)"
mutant 'on a distributed table impersonators write' $file "s/others := case when impersonated_writes then '' else .* end;/others := '';/" "$(server citus)"
mutant 'a distributed table gets sub-selects' $file 's/checked := writes;/null;/' "$(server citus)"

# Self-hosted Supabase

self_hosted=$(server self_hosted)
file=examples/self-hosted-supabase/keys.sh
mutant 'keys of other kinds are taken' $file "s/k ->> 'kty' = 'RSA' and //" "$self_hosted"
mutant 'keys of other algorithms are taken' $file "s/coalesce\(k ->> 'alg', 'RS256'\) = 'RS256' and //" "$self_hosted"
mutant 'keys for encryption are taken' $file "s/ and coalesce\(k ->> 'use', 'sig'\) = 'sig'//" "$self_hosted"
mutant 'short keys are taken' $file 's/length\(k ->> .n.\) >= 342/length(k ->> $$n$$) > 0/' "$self_hosted"
mutant 'a key without an id is taken' $file "s/ and k ->> 'kid' <> ''//" "$self_hosted"
mutant 'an answer without keys is taken' $file 's/\[ -n "\$theirs" \] \|\|/true ||/' "$self_hosted"
mutant 'all of a key is taken' $file 's/json_build_object\(.*\)::text/k::text/' "$self_hosted"
mutant 'others can read the file' $file 's/umask 077/umask 022/' "$self_hosted"
mutant "Supabase's keys are lost" $file 's/\[\$own,\$theirs\]/[$theirs]/' "$self_hosted"
mutant "there are no keys of Supabase before WorkOS has answered" $file '/\[ -e "\$file" \] \|\| put/d' "$self_hosted"
mutant 'PostgREST is not told' $file 's/ && psql -XqAt -c "notify .*" \|\| return 1/ || return 1/' "$self_hosted"
mutant 'PostgREST is told each time' $file '/^.\[ "\$set" != .*return 0$/d' "$self_hosted"
mutant 'a failure is a success' $file 's/\|\| exit 1$/|| exit 0/' "$self_hosted"
file=examples/self-hosted-supabase/set-up.sql
mutant 'the other libraries are lost' $file "s/unnest\(names \|\| 'pg_workos'::text\)/unnest(array['pg_workos'])/" "$self_hosted"
mutant 'it is added each time' $file "s/'pg_workos' <> all \(names\)/true/" "$self_hosted"
