-- Webhooks and their signatures. As keeper, the owner of the directory.
\set ON_ERROR_STOP on
begin;
set local search_path = feed, tap, pg_catalog;
select no_plan();

create function pg_temp.body(id text, more jsonb default '{}') returns bytea language sql as $$
	select convert_to(feed.event('event_' || id, 'user.created', jsonb_build_object('id', 'user_' || id, 'email', 'topsecret@example.com') || more)::text, 'UTF8')
$$;
create function pg_temp.refused(body bytea, signature text, words text, about text) returns setof text language plpgsql as $$
declare
	said text;
begin
	perform workos.receive_webhook(body, signature);
	return next tap.fail(about || ': was accepted');
exception when others then
	get stacked diagnostics said = pg_exception_context;
	return next tap.is(sqlstate || ' ' || sqlerrm, words, about);
	return next tap.unalike(sqlerrm || said, '%topsecret%', '... and does not repeat it');
end $$;

select throws_ok($$select workos.receive_webhook('{}'::bytea, feed.sign('{}', 'whsec_none'))$$, '55000', 'there is no secret to check webhooks with', 'without a secret nothing is accepted');
select throws_ok(format('select workos.add_webhook_secret(%L)', s), '22023', 'that is not the secret of a webhook endpoint', 'no secret: ' || coalesce(left(s, 20), 'NULL'))
	from unnest(array[null, '', 'short', 'whsec_with a space_____', ' whsec_topsecret_0123456789', E'whsec_topsecret_0123456789\n', repeat('x', 256)]) s;
select lives_ok($$select workos.add_webhook_secret('whsec_topsecret_first')$$, 'a secret is added');
select lives_ok($$select workos.add_webhook_secret('whsec_topsecret_first')$$, '... and again');
select is(count(*), 1::bigint, '... which is one') from workos.webhook_secrets;

select is(workos.receive_webhook(pg_temp.body('01'), sign(pg_temp.body('01'), 'whsec_topsecret_first')), 'applied', 'a signed webhook is applied');
select is(email, 'topsecret@example.com', '... to the tables') from workos.users where id = 'user_01';
select is(workos.receive_webhook(pg_temp.body('01'), sign(pg_temp.body('01'), 'whsec_topsecret_first')), 'stale', 'a repeated one is stale');
select is(workos.receive_webhook(convert_from(pg_temp.body('02'), 'UTF8'), sign(pg_temp.body('02'), 'whsec_topsecret_first')), 'applied', 'the body may be a text');
select is(workos.receive_webhook(convert_to('{"id": "event_x", "event": "user.merged"}', 'UTF8'), sign(convert_to('{"id": "event_x", "event": "user.merged"}', 'UTF8'), 'whsec_topsecret_first')), 'ignored', 'one of an unknown kind is ignored');
select is(workos.receive_webhook(convert_to('{ "id":"event_u","event":"user.created","data":{"id":"user_u","first_name":"Zo\u00eb é 😀","updated_at":"2026-01-01T00:00:00Z"} }', 'UTF8'),
	sign(convert_to('{ "id":"event_u","event":"user.created","data":{"id":"user_u","first_name":"Zo\u00eb é 😀","updated_at":"2026-01-01T00:00:00Z"} }', 'UTF8'), 'whsec_topsecret_first')), 'applied', 'a body with spaces, escapes and characters beyond ASCII');
select is(first_name, 'Zoë é 😀', '... is read') from workos.users where id = 'user_u';

-- the header in all forms that count
create temp table header as select s.part[1] as t, s.part[2] as v1 from (select regexp_match(sign(pg_temp.body('03'), 'whsec_topsecret_first'), '^t=(.*), v1=(.*)$') as part) s;
select is(workos.receive_webhook(pg_temp.body('03'), s), case place when 1 then 'applied' else 'stale' end, 'a form of the header that counts: ' || place)
	from header h, unnest(array[format('t=%s, v1=%s', t, v1), format('t=%s,v1=%s', t, v1), format('v1=%s, t=%s', v1, t), format('  t=%s ,   v1=%s  ', t, v1), format('t=%s, v1=%s, v2=abc', t, v1), format('t=%s, v1=%s,', t, v1)])
	with ordinality f(s, place);

-- as PostgREST calls a function: docs/how-to/directory.md has the same function
create function feed.workos_webhook(json) returns text language sql set search_path = pg_catalog, pg_temp as $$
    select workos.receive_webhook($1::text, current_setting('request.headers', true)::json ->> 'workos-signature');
$$;
grant execute on function workos.receive_webhook(text, text) to anon;
create temp table posted as select '  {"id": "event_p",  "event":"user.created", "data":{"id":"user_p","updated_at":"2026-01-01T00:00:00Z"} }' || E'\n' as body;
select set_config('request.headers', json_build_object('content-type', 'application/json', 'workos-signature', sign(convert_to(body, 'UTF8'), 'whsec_topsecret_first'))::text, true) is null as headers from posted;
grant select on posted to anon;
set local role anon;
select is(workos_webhook(body::json), 'applied', 'the role of anonymous requests applies a webhook whose signature is in request.headers') from posted;
select throws_ok('select feed.workos_webhook((body || '' '')::json) from posted', '28000', 'the signature of the webhook is wrong', '... and none that is changed');
select set_config('request.headers', '{"content-type": "application/json"}', true) is null as headers;
select throws_ok('select feed.workos_webhook(body::json) from posted', '28000', 'the webhook has no signature', '... or not signed');
set local role keeper;

-- rotation
select lives_ok($$select workos.add_webhook_secret('whsec_topsecret_second')$$, 'a second secret is added');
select is(workos.receive_webhook(pg_temp.body('04'), sign(pg_temp.body('04'), 'whsec_topsecret_second')), 'applied', '... and accepted');
select is(workos.receive_webhook(pg_temp.body('05'), sign(pg_temp.body('05'), 'whsec_topsecret_first')), 'applied', '... beside the first');
select is(workos.remove_webhook_secret('whsec_topsecret_first'), true, 'the first is removed');
select is(workos.remove_webhook_secret('whsec_topsecret_first'), false, '... once');
select pg_temp.refused(pg_temp.body('06'), sign(pg_temp.body('06'), 'whsec_topsecret_first'), '28000 the signature of the webhook is wrong', '... and is refused then');
select is(workos.receive_webhook(pg_temp.body('06'), sign(pg_temp.body('06'), 'whsec_topsecret_second')), 'applied', '... while the second is not');

-- time
select is(workos.receive_webhook(pg_temp.body('07'), sign(pg_temp.body('07'), 'whsec_topsecret_second', s)), case s when -170 then 'applied' else 'stale' end, format('%s seconds are in time', s)) from unnest(array[-170, 170]) s;
select pg_temp.refused(pg_temp.body('08'), sign(pg_temp.body('08'), 'whsec_topsecret_second', -181), '28000 the webhook was sent more than 180 seconds ago', '181 seconds ago is too long ago');
select pg_temp.refused(pg_temp.body('08'), sign(pg_temp.body('08'), 'whsec_topsecret_second', 190), '28000 the webhook was sent more than 180 seconds in the future', '190 seconds in the future is too early');
select pg_temp.refused(pg_temp.body('08'), regexp_replace(sign(pg_temp.body('08'), 'whsec_topsecret_second', -3600), 't=[0-9]+', 't=' || floor(extract(epoch from clock_timestamp()) * 1000)::bigint), '28000 the signature of the webhook is wrong', 'the time is signed, too');

-- a foreign body
create temp table original as select pg_temp.body('09') as body, sign(pg_temp.body('09'), 'whsec_topsecret_second') as signature;
select pg_temp.refused(b.body, o.signature, '28000 the signature of the webhook is wrong', about) from original o, lateral (values
	(pg_temp.body('0a'), 'the body of another event'), (o.body || ' '::bytea, 'a space at the end'), (' '::bytea || o.body, 'a space at the beginning'), ('\xefbbbf'::bytea || o.body, 'a byte order mark'),
	(substr(o.body, 1, length(o.body) - 1), 'without its last byte'), (set_byte(o.body, 40, get_byte(o.body, 40) # 1), 'with one bit changed'), (''::bytea, 'nothing'),
	(convert_to(convert_from(o.body, 'UTF8')::json::text || E'\n', 'UTF8'), 'printed again'), (convert_to(replace(convert_from(o.body, 'UTF8'), '@', '\u0040'), 'UTF8'), 'escaped again'), ('\x00'::bytea || o.body, 'NUL'),
	('\xff'::bytea, 'no UTF-8')) b(body, about);

-- signatures of every malformation
select pg_temp.refused(pg_temp.body('09'), null, '28000 the webhook has no signature', 'no signature');
select pg_temp.refused(pg_temp.body('09'), '', '28000 the webhook has no signature', 'an empty signature');
select pg_temp.refused(null, 't=1, v1=a', '28000 the webhook has no body', 'no body');
select pg_temp.refused(pg_temp.body('03'), s, '28000 the signature of the webhook is malformed', 'malformed: ' || left(s, 60)) from header h, unnest(array[
	' ', ',', '=', 't', 't=', 'v1', 'v1=', 't=,v1=', 't=' || t, 'v1=' || v1, format('t=%s v1=%s', t, v1), format('t=%s; v1=%s', t, v1), format('t=%s, v1=', t), format('t=, v1=%s', v1),
	format('t=%s, v1=%s, v1=%s', t, v1, v1), format('t=%s, t=%s, v1=%s', t, t, v1), format('t=%s, V1=%s', t, v1), format('T=%s, v1=%s', t, v1), format('t=%s, v0=%s', t, v1), format('t=%s, v1:%s', t, v1),
	format('t=%s, v1=%s', t, upper(v1)), format('t=%s, v1=%s', t, left(v1, 63)), format('t=%s, v1=%s0', t, v1), format('t=%s, v1=%s', t, left(v1, 62) || 'zz'), format('t=%s, v1=0x%s', t, left(v1, 62)), format('t=%s, v1="%s"', t, v1),
	format('t=%s, v1= %s', t, v1), format('t=-%s, v1=%s', t, v1), format('t=+%s, v1=%s', t, v1), format('t=%s.0, v1=%s', t, v1), format('t=%se0, v1=%s', t, v1), format('t= %s, v1=%s', t, v1), format('t=0x1, v1=%s', v1), format('t=Infinity, v1=%s', v1),
	format('t=NaN, v1=%s', v1), format('t=%s%s, v1=%s', t, t, v1), format(E't=%s\n, v1=%s', t, v1), format(E't=%s, v1=%s\n', t, v1) || 'x', format(E't=%s,\tv1=%s', t, v1), format('t=%s, v1=%s', repeat('1', 2000), v1), format('t=%s, v1=%s', t, repeat('a', 100000)),
	repeat(',', 999), repeat('t=1,', 300), 'sha256=' || v1, v1, t || '.' || v1, u&'t\FF1D1, v1=1', format(u&'t=%s, v1=%s', translate(t, '0123456789', '٠١٢٣٤٥٦٧٨٩'), v1)]) s;
select pg_temp.refused(pg_temp.body('03'), format('t=%s, v1=%s', t, m), '28000 the signature of the webhook is wrong', 'wrong: ' || left(m, 20))
	from header h, unnest(array[repeat('0', 64), repeat('f', 64), reverse(v1), encode(sha256(pg_temp.body('03')), 'hex'), encode(sha256(convert_to(h.t || '.', 'UTF8') || pg_temp.body('03')), 'hex'),
		encode("the Crypto".hmac(convert_to(h.t || '.', 'UTF8') || pg_temp.body('03'), ''::bytea, 'sha256'), 'hex'), encode("the Crypto".hmac(pg_temp.body('03'), 'whsec_topsecret_second'::bytea, 'sha256'), 'hex'),
		encode("the Crypto".hmac(convert_to(h.t || '.', 'UTF8') || pg_temp.body('03'), 'topsecret_second'::bytea, 'sha256'), 'hex'), encode("the Crypto".hmac(convert_to(h.t || '.', 'UTF8') || pg_temp.body('03'), 'WHSEC_TOPSECRET_SECOND'::bytea, 'sha256'), 'hex'),
		left(encode("the Crypto".hmac(convert_to(h.t || '.', 'UTF8') || pg_temp.body('03'), 'whsec_topsecret_second'::bytea, 'sha512'), 'hex'), 64)]) m;

-- bodies of every shape, signed
create function pg_temp.signed(body bytea) returns text language sql as $$ select workos.receive_webhook(body, feed.sign(body, 'whsec_topsecret_second')) $$;
create function pg_temp.unread(body bytea, about text) returns setof text language plpgsql as $$
declare
	context text;
	said text;
begin
	return next tap.fail(about || ': ' || pg_temp.signed(body));
exception when others then
	get stacked diagnostics context = pg_exception_context;
	said := concat_ws(' ', sqlstate, sqlerrm);
	return next tap.matches(said, '^(22023 (the webhook is signed, but it is not JSON|an event of WorkOS|an object of WorkOS|a role|"\w+" of)|28000 the webhook is longer than 1 MiB)', about || ': ' || said);
	return next tap.unalike(said || context, '%topsecret%', '... and is not repeated');
end $$;
select pg_temp.unread(b, left(encode(b, 'escape'), 40)) from unnest(array[''::bytea, 'topsecret', '{"topsecret"', '{"a":1}topsecret', '"topsecret"', '["topsecret"]', 'null', '1', '{}', '{"event":"user.created","id":"event_1","data":{"id":"topsecret"}}',
	'\x00', convert_to('{"event":"user.created","id":"event_1","data":{"id":"user_1","email":"topsecret\u0000"}}', 'UTF8'), '\x7b2261223a22ff746f70736563726574227d', '\xefbbbf7b7d', '\xc0af', '\xeda080',
	convert_to('{"event":"user.created","id":"event_1","data":{"id":"user_1","email":"topsecret\ud800"}}', 'UTF8'), convert_to('{"event":"user.created","id":"event_1","data":{"id":"user_1","metadata":{"topsecret":1e999999}}}', 'UTF8'),
	'{"event":"user.created","topsecret":NaN}', '{event:1}', convert_to('{"event":"user.created","data":{"id":"topsecret\q"}}', 'UTF8'),
	convert_to(repeat('[', 500000), 'UTF8'), convert_to(repeat('{"topsecret":', 70000) || '1' || repeat('}', 70000), 'UTF8'), convert_to('{"a":' || repeat('[', 500000) || repeat(']', 500000) || '}', 'UTF8'),
	convert_to('{"a":"' || repeat('topsecret', 120000) || '"}', 'UTF8'), convert_to(repeat('x', 1048577), 'UTF8')]) b;
select is(pg_temp.signed(convert_to('{"id":"event_d","event":"user.deleted","event":"user.created","data":{"id":"user_other"},"data":{"id":"user_d","id":"user_e","updated_at":"2026-01-01T00:00:00Z"}}', 'UTF8')), 'applied', 'of a repeated key the last counts');
select is(array_agg(id), '{user_e}', '... everywhere') from workos.users where id in ('user_d', 'user_e', 'user_other');
select is(pg_temp.signed(convert_to(format('{"id":"event_l","event":"user.created","data":{"id":"user_l","updated_at":"2026-01-01T00:00:00Z","first_name":"%s"}}', repeat('x', 1048400)), 'UTF8')), 'applied', 'a body of a little less than 1 MiB is applied');
select throws_ok(format('select pg_temp.signed(convert_to(format(%L, repeat(%L, 1048600)), %L))', '{"id":"event_l2","event":"user.created","data":{"id":"user_l2","updated_at":"2026-01-01T00:00:00Z","first_name":"%s"}}', 'x', 'UTF8'), '28000', 'the webhook is longer than 1 MiB', '... and one that is longer is not');
select is(pg_temp.signed(convert_to('{"id":"event_m","event":"user.created","data":{"id":"user_m","updated_at":"2026-01-01T00:00:00Z","metadata":{"deep":' || repeat('[', 1000) || repeat(']', 1000) || '}}}', 'UTF8')), 'applied', 'a deep body is applied');
select is(count(*), 0::bigint, 'nothing that was refused is there') from workos.users where id in ('user_03x', 'user_08', 'user_09', 'user_0a', 'topsecret');
select * from finish();
rollback;
