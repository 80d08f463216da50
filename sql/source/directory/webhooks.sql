-- webhooks

create function workos._refuse_webhook(why text, what_to_do text) returns void
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	raise exception using errcode = '28000', message = why, hint = what_to_do;
end $$;

create function workos.receive_webhook(body bytea, signature text) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
	header constant text := 'Pass the header WorkOS-Signature as it came: t=<milliseconds>, v1=<64 hexadecimal digits>.';
	longest constant int := 1048576;
	parts text[];
	times text[];
	macs text[];
	sent_at timestamptz;
	signed boolean;
	event jsonb;
begin
	perform workos._check_isolation();
	if coalesce(signature, '') = '' then
		perform workos._refuse_webhook('the webhook has no signature', header);
	elsif body is null then
		perform workos._refuse_webhook('the webhook has no body', 'Pass the body of the request as it came, byte for byte.');
	elsif octet_length(body) > longest then
		perform workos._refuse_webhook('the webhook is longer than 1 MiB', 'Events of WorkOS are shorter.');
	elsif octet_length(signature) > 1000 then
		perform workos._refuse_webhook('the signature of the webhook is malformed', header);
	end if;
	-- Parts of later schemes are passed over.
	parts := array(select btrim(p.part) from unnest(string_to_array(signature, ',')) p(part));
	times := array(select substr(p.part, 3) from unnest(parts) p(part) where p.part like 't=%');
	macs := array(select substr(p.part, 4) from unnest(parts) p(part) where p.part like 'v1=%');
	if cardinality(times) <> 1 or cardinality(macs) <> 1 or times[1] !~ '^[0-9]{1,15}$' or macs[1] !~ '^[0-9a-f]{64}$' then
		perform workos._refuse_webhook('the signature of the webhook is malformed', header);
	elsif not exists (select from workos.webhook_secrets) then
		raise exception using errcode = '55000', message = 'there is no secret to check webhooks with',
			hint = 'Add that of the endpoint, as the WorkOS dashboard shows it: select workos.add_webhook_secret(...).';
	end if;
	sent_at := to_timestamp(times[1]::numeric::double precision / 1000);
	if sent_at < clock_timestamp() - interval '180 seconds' then
		perform workos._refuse_webhook('the webhook was sent more than 180 seconds ago', 'WorkOS sends it again. Check the clock of the server.');
	elsif sent_at > clock_timestamp() + interval '180 seconds' then
		perform workos._refuse_webhook('the webhook was sent more than 180 seconds in the future', 'Check the clock of the server.');
	end if;
	-- Each secret is tried, also after one that fits.
	select bool_or(workos._is_mac(convert_to(s.secret, 'UTF8'), convert_to(times[1] || '.', 'UTF8') || body, decode(macs[1], 'hex'))) into signed
		from workos.webhook_secrets s;
	if signed is not true then
		perform workos._refuse_webhook('the signature of the webhook is wrong',
			'The body must be as it came, byte for byte, and the secret must be that of the endpoint. Print neither of them.');
	end if;

	begin
		event := convert_from(body, 'UTF8')::jsonb;
	-- What Postgres says of a text that is not JSON repeats a part of it.
	exception when data_exception or program_limit_exceeded then
		event := null;
	end;
	if event is null then
		raise exception using errcode = '22023', message = 'the webhook is signed, but it is not JSON that this database can hold',
			hint = 'It may be nested too deeply, or hold a character that the encoding of the database lacks.';
	end if;
	return workos._apply_event(event);
end $$;
comment on function workos.receive_webhook(bytea, text) is
	'applies the event in the body of a webhook if the header WorkOS-Signature was made with one of the secrets in the last 180 seconds; otherwise raises 28000';

create function workos.receive_webhook(body text, signature text) returns text
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	if getdatabaseencoding() <> 'UTF8' then
		raise exception using errcode = '55000', message = 'the encoding of the database is not UTF8, so the body of a webhook does not arrive as it was signed',
			hint = 'Pass the body as bytea.';
	end if;
	return workos.receive_webhook(convert_to(body, 'UTF8'), signature);
end $$;
comment on function workos.receive_webhook(text, text) is
	'the same with the body as text, for databases with the encoding UTF8';

create function workos.add_webhook_secret(secret text) returns void
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	if secret is null or octet_length(secret) not between 16 and 255 or secret ~ '[[:space:]]' then
		raise exception using errcode = '22023', message = 'that is not the secret of a webhook endpoint',
			hint = 'Pass it as the WorkOS dashboard shows it, with any prefix: 16 to 255 bytes without spaces.';
	end if;
	insert into workos.webhook_secrets (secret, added_at) values (add_webhook_secret.secret, clock_timestamp()) on conflict do nothing;
end $$;
comment on function workos.add_webhook_secret(text) is
	'from now on webhooks that are signed with this secret are accepted, too';

create function workos.remove_webhook_secret(secret text) returns boolean
	language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
	delete from workos.webhook_secrets s where s.secret = remove_webhook_secret.secret;
	return found;
end $$;
comment on function workos.remove_webhook_secret(text) is
	'from now on webhooks that are signed with this secret are refused; false if it was not there';
