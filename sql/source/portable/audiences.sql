-- The audience of a token that was issued to an application. The functions in the list above are called with the rights
-- of whoever asks, who may not read the table of accepted audiences. So this one function runs with the rights of the
-- owner. It says no more than whether the claims that it is given are for an accepted audience.
--
-- Returns the claims if they are. If not: NULL for delegated access, and otherwise JSON null, but only once an audience is
-- accepted and only for a token of an application that names an audience.
create function @extschema@._workos_addressed(claims jsonb, delegated boolean) returns jsonb
	language sql stable strict parallel safe security definer set search_path = pg_catalog, pg_temp
	return case
		when not delegated and (claims ? 'aud' and @extschema@._workos_kind(claims) in ('oauth', 'application')) is not true then claims
		else case (select bool_or(case jsonb_typeof(claims -> 'aud')
				when 'string' then claims ->> 'aud' = a.audience
				when 'array' then claims -> 'aud' ? a.audience and not jsonb_path_exists(claims -> 'aud', 'strict $[*] ? (@.type() != "string")')
				else false end) from @extschema@.workos_audiences a)
			when true then claims
			when false then case when not delegated then 'null'::jsonb end
			else case when not delegated then claims end end
	end;

-- The current claims of any kind, but for tokens of applications for other audiences.
create function @extschema@._workos_any(reads text) returns jsonb
	language sql stable parallel safe
	return coalesce(@extschema@._workos_ordinary(false, null, null), @extschema@._workos_addressed(@extschema@._workos_odd(false, reads), false));
