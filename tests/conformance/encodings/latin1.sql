-- In a LATIN1 database a claim is equal to a column with the same characters, raw or escaped. A claim with a character
-- that LATIN1 lacks raises an error.
\set ON_ERROR_STOP on
set client_encoding = 'UTF8';
begin;
select no_plan();

create temp table person (id text, org_id text);
insert into person values ('user_josé', 'org_é');
select is(getdatabaseencoding(), 'LATIN1', 'the database is LATIN1');

select answers('{"sid":"session_1","sub":"user_josé"}', 'workos_user_id()', 'user_josé', 'a raw character');
select answers('{"sid":"session_1","sub":"user_jos\u00e9"}', 'workos_user_id()', 'user_josé', 'an escaped character');
select answers('{"sid":"session_1","sub":"user_jos\u00e9"}', 'octet_length(workos_user_id())', '9', 'the character takes one byte, as in LATIN1');
select answers('{"sid":"session_1","sub":"user_jos\u00e9"}', '(select count(*) from person where id = workos_user_id())', '1', 'the claim equals the value of a column');
select answers('{"sid":"session_1","sub":"user_1","org_id":"org_é"}', '(select count(*) from person where workos_is_member(org_id))', '1', 'the claim equals the value of a column, in workos_is_member');
select answers('{"sid":"session_1","sub":"user_1","org_id":"org_e"}', '(select count(*) from person where workos_is_member(org_id))', '0', 'a claim with another character does not equal the value');
select answers('{"sid":"session_1","sub":"user_1","permissions":["lire:é"]}', 'workos_has_permission(''lire:é'')', 'true', 'an argument with a character beyond ASCII');
select answers('{"sid":"session_1","sub":"user_1","permissions":["lire:\u00e9"]}', 'workos_has_permission(''lire:é'')', 'true', 'such an argument, and an escaped claim');
select answers('{"sid":"session_1","sub":"user_1","permissions":["lire:é"]}', 'workos_has_permission(''lire:è'')', 'false', 'an argument with another character');
select answers('{"sid":"session_1","sub":"user_1","permissions":["lire:\u00e9"]}', 'workos_permissions()', '{lire:é}', 'a list with an escaped character');
select answers('{"sid":"session_1","sub":"user_1","roles":["é"]}', 'workos_has_any_role(''a'', ''é'')', 'true', 'an argument among others');
select answers('{"sid":"session_1","sub":"user_1","é":"ü\u00fc"}', 'workos_claim(''é'')', 'üü', 'a name beyond ASCII');
select answers('{"sid":"session_1","sub":"user_1","\u00e9":"x"}', 'workos_claim(''é'')', 'x', 'an escaped name');
select answers('{"sid":"session_1","sub":"user_1","x":"é\u00e9"}', 'workos_claims() ->> ''x''', 'éé', 'jsonb');

select answers('{"sid":"session_1","sub":"user_1","name":"\u65e5\u672c"}', 'workos_user_id()', 'user_1', 'a character that LATIN1 lacks in another claim has no effect');
select refuses('{"sid":"session_1","sub":"user_secret\u65e5"}', 'workos_user_id()', 'holds a character that the encoding of the database lacks', 'a claim with a character that LATIN1 lacks');
select refuses('{"sid":"session_1","sub":"user_1","permissions":["secret\ud83d\ude00"]}', 'workos_permissions()', 'holds a character that the encoding of the database lacks', 'a list with a character that LATIN1 lacks');
select refuses('{"sid":"session_1","sub":"user_1","x":"secret\u65e5"}', 'workos_claims()', 'holds a value that jsonb cannot represent', 'all claims, one with a character that LATIN1 lacks');
select refuses('{"sid":"session_1","sub":"user_1","x":"secret\u65e5"}', 'workos_claim(''x'')', 'holds a character that the encoding of the database lacks', 'one claim with a character that LATIN1 lacks');
select answers('{"sid":"session_1","sub":"user_1","permissions":["\u65e5","a"]}', 'workos_has_permission(''a'')', 'true', 'a check works beside an element with a character that LATIN1 lacks');
-- The planner looks up the functions of each policy.
create table lab.note (org_id text);
insert into lab.note values ('org_é'), ('org_e');
alter table lab.note enable row level security;
alter table lab.note force row level security;
create function lab.may_read(org_id text) returns boolean language plpgsql stable as $$
begin
	return org_id = 'org_é' and workos_is_member(org_id);
end $$;
create policy note on lab.note using (lab.may_read(org_id));
select answers('{"sid":"session_1","sub":"user_1","org_id":"org_é"}', '(select string_agg(org_id, '','') from lab.note)', 'org_é', 'a policy whose function has such a character in its body');
select answers('{"sid":"session_1","sub":"user_1","org_id":"org_e"}', '(select string_agg(org_id, '','') from lab.note)', null, '... for another organization');
select * from finish();
rollback;
