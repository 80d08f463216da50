-- Bound to the function of pgcrypto, in whatever schema that extension is. The owner of an extension can add a function
-- of the same name to it, but not one in C.
do $$
declare
	hmac text;
begin
	select format('%I.%I', n.nspname, p.proname) into hmac
		from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
		join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
		where e.extname = 'pgcrypto' and p.proname = 'hmac' and p.proargtypes = '17 17 25'::oidvector
			and p.prolang = (select l.oid from pg_language l where l.lanname = 'c');
	execute format('create or replace function workos._hmac(message bytea, secret bytea) returns bytea
		language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp return %s(message, secret, ''sha256''::text)', hmac);
end $$;

-- What is compared are the HMACs of both. Nobody who lacks the secret can choose those, so the time that the
-- comparison takes says nothing.
create function workos._is_mac(secret bytea, message bytea, mac bytea) returns boolean
	language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
	return secret <> '' and octet_length(mac) = 32 and workos._hmac(workos._hmac(message, secret), secret) = workos._hmac(mac, secret);
