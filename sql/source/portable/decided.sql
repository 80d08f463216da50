-- What the directory decides. workos_configure() replaces the bodies of these two functions. They are created only if they
-- do not exist, so that the configuration stays when this file is run again. As they are here, the token decides, and
-- Postgres leaves their calls out of the plan.

do $$
begin
	if to_regprocedure('@extschema@._workos_decided(jsonb)') is null then
		execute $q$
create function @extschema@._workos_decided(claims jsonb) returns jsonb
	language sql stable parallel safe
	return claims
		$q$;
	end if;
	if to_regprocedure('@extschema@._workos_counts()') is null then
		execute $q$
create function @extschema@._workos_counts() returns boolean
	language sql stable parallel safe
	return true
		$q$;
	end if;
end $$;
