do $$
begin
	if to_regrole('keeper') is null then
		create role keeper login;
		create role stranger login;
		grant stranger, authenticated, anon to keeper;
	end if;
	execute format('grant create on database %I to keeper', current_database());
end $$;
-- Where nobody looks for it by name.
create schema "the Crypto";
create extension pgcrypto with schema "the Crypto";
grant usage on schema "the Crypto" to public;
