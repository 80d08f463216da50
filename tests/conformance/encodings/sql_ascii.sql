-- In a SQL_ASCII database Postgres does not know the meaning of bytes beyond ASCII. Bytes of UTF-8 are kept unchanged.
-- An escape for a character beyond ASCII is refused.
\set ON_ERROR_STOP on
begin;
select no_plan();

select is(getdatabaseencoding(), 'SQL_ASCII', 'the database is SQL_ASCII');
select answers('{"sid":"session_1","sub":"user_1","org_id":"org_1"}', 'workos_org_id()', 'org_1', 'ASCII');
select answers('{"sid":"session_1","sub":"user_\u0041"}', 'workos_user_id()', 'user_A', 'an escape within ASCII');
select answers('{"sid":"session_1","sub":"user_josé"}', 'workos_user_id()', 'user_josé', 'raw UTF-8 is kept');
select answers('{"sid":"session_1","sub":"user_josé"}', 'octet_length(workos_user_id())', '10', 'raw UTF-8 keeps its number of bytes');
select answers('{"sid":"session_1","sub":"user_1","permissions":["lire:é"]}', 'workos_has_permission(''lire:é'')', 'true', 'an argument in UTF-8');
select answers('{"sid":"session_1","sub":"user_1","permissions":["lire:é"]}', 'workos_has_permission(''lire:' || chr(233) || ''')', 'false', 'an argument with other bytes');
select refuses('{"sid":"session_1","sub":"user_secret\u00e9"}', 'workos_user_id()', 'holds a character that the encoding of the database lacks', 'an escape beyond ASCII');
select refuses('{"sid":"session_1","sub":"user_1","x":"secret\u00e9"}', 'workos_claims()', 'holds a character that the encoding of the database lacks', 'an escape beyond ASCII in any claim');
select refuses('{"sid":"session_1","sub":"user_secret' || chr(233) || '"}', 'workos_user_id()', 'is not valid in the encoding of the database', 'bytes that are not UTF-8');
select * from finish();
rollback;
