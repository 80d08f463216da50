-- The accepted audiences: resource indicators, or client ids of WorkOS environments, that mean this database. One issuer
-- signs the tokens of many resources, so a token of an application gives an identity only if it names one of these.
create table @extschema@.workos_audiences (
	audience text collate "C" primary key,
	constraint workos_audiences_fit check (audience ~ '^[!-~]+$' and octet_length(audience) <= 2048)
) using heap;
comment on table @extschema@.workos_audiences is
	'the accepted audiences of access tokens that were issued to applications; without a row, there is no delegated access';

create function @extschema@._workos_checked_audience(audience text) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if (audience ~ '^[!-~]+$' and octet_length(audience) <= 2048) is not true then
		raise exception using errcode = '22023', message = 'audience is not a resource indicator or a client id',
			hint = 'Pass the claim "aud" of your tokens, for example https://db.example.com/mcp or client_01....';
	end if;
	return audience;
end $$;

create function @extschema@.workos_accept_audience(audience text) returns void
	language sql volatile parallel unsafe
	begin atomic
		insert into @extschema@.workos_audiences (audience) values (@extschema@._workos_checked_audience($1)) on conflict do nothing;
	end;
comment on function @extschema@.workos_accept_audience(text) is
	'accepts tokens of applications for this audience, a resource indicator or the client id of an environment, from the next statement on; from then on, those for other audiences count nowhere';

create function @extschema@.workos_refuse_audience(audience text) returns boolean
	language sql volatile parallel unsafe
	begin atomic
		with gone as (
			delete from @extschema@.workos_audiences a where a.audience = $1 returning 1
		)
		select exists (select from gone);
	end;
comment on function @extschema@.workos_refuse_audience(text) is
	'removes an accepted audience, from the next statement on in every connection; false if it was not accepted; after the last one is removed, there is no delegated access';
