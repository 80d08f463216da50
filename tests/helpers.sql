-- Functions for the conformance tests. Each test is one line: the claims, a call, the result.

-- The claims of a typical access token with the JWT template for Supabase, with some claims replaced. A claim that is
-- replaced by null is removed.
create function tap.token(override jsonb default '{}') returns text language sql volatile as $$
	select jsonb_strip_nulls(jsonb_build_object(
		'iss', 'https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ',
		'sub', 'user_01HBEQKA6K4QJAS93VPE39W1JT',
		'sid', 'session_01HQSXZGF8FHF7A9ZZFCW4387R',
		'jti', '01HQSXZXPPFPKMDD32RKTFY6PV',
		'org_id', 'org_01HRDMC6CM357W30QMHMQ96Q0S',
		'role', 'authenticated',
		'user_role', 'editor',
		'roles', '["editor"]'::jsonb,
		'permissions', '["documents:read", "documents:write"]'::jsonb,
		'iat', floor(extract(epoch from clock_timestamp())),
		'exp', floor(extract(epoch from clock_timestamp())) + 300
	) || override)::text
$$;

-- Sets the claims for the transaction, as a gateway does. NULL sets an empty string.
create function tap.as_claims(claims text) returns void language sql volatile as $$
	select set_config('request.jwt.claims', coalesce(claims, ''), true)
$$;

-- The value of an expression, as text.
create function tap.value(expression text) returns text language plpgsql volatile as $$
declare
	result text;
begin
	execute format('select (%s)::text', expression) into result;
	return result;
end $$;

-- The value of an expression under these claims, as text.
create function tap.answer(claims text, expression text) returns text language plpgsql volatile as $$
begin
	perform tap.as_claims(claims);
	return tap.value(expression);
end $$;

create function tap.answers(claims text, expression text, want text, about text) returns text language sql volatile as $$
	select tap.is(tap.answer(claims, expression), want, expression || ': ' || about)
$$;

-- The SQLSTATE and all texts of an error, without its context; NULL if there is no error.
create function tap.complaint(claims text, expression text) returns text language plpgsql volatile as $$
declare
	state text; message text; detail text; hint text;
begin
	perform tap.answer(claims, expression);
	return null;
exception when others then
	get stacked diagnostics state = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
	return concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
end $$;

-- Asserts that the claims are refused with 22023, and that the message names the setting, has a hint and repeats no
-- claim. Secret values in the test claims contain the word "secret".
create function tap.refuses(claims text, expression text, words text, about text) returns setof text language plpgsql volatile as $$
declare
	said text := tap.complaint(claims, expression);
begin
	return next tap.matches(said, '^22023 \| setting "request\.jwt\.claims" ' || words || ' \| \w', expression || ' refuses: ' || about);
	return next tap.unalike(said, '%secret%', '... and the message does not repeat the claim');
	return next tap.is(tap.answer('{"sid": "session_1", "sub": "user_next"}', 'workos_user_id()'), 'user_next', '... and the connection stays usable');
end $$;

-- Claims for which every helper returns a value.
create function tap.full_token(override jsonb default '{}') returns text language sql volatile as $$
	select tap.token('{"org_id": "org_1", "user_role": "r", "roles": ["r", "s"], "permissions": ["p", "q"], "entitlements": ["e"], "feature_flags": ["f"],
		"act": {"sub": "support@foocorp.com"}, "client_id": "client_01K20X7JCQ9X545WS80QZPA3FQ"}'::jsonb || jsonb_build_object('auth_time', floor(extract(epoch from clock_timestamp())) - 60) || override)
$$;

-- Each helper as a call, with its result for an anonymous request and for full_token(). * means any value.
create table tap.helper (call text primary key, anonymous text, signed_in text);
insert into tap.helper values
	('workos_user_id()', null, 'user_01HBEQKA6K4QJAS93VPE39W1JT'),
	('workos_session_id()', null, 'session_01HQSXZGF8FHF7A9ZZFCW4387R'),
	('workos_org_id()', null, 'org_1'),
	('workos_user_role()', null, 'r'),
	('workos_user_roles()', null, '{r,s}'),
	('workos_permissions()', null, '{p,q}'),
	('workos_entitlements()', null, '{e}'),
	('workos_feature_flags()', null, '{f}'),
	('workos_impersonator()', null, 'support@foocorp.com'),
	('workos_issued_at()', null, '*'),
	('workos_expires_at()', null, '*'),
	('workos_authenticated_at()', null, '*'),
	('workos_claims()', null, '*'),
	('workos_claim(''sub'')', null, 'user_01HBEQKA6K4QJAS93VPE39W1JT'),
	('workos_token_kind()', null, 'session'),
	('workos_application_id()', null, null),
	('workos_application_org_id()', null, null),
	('workos_application_org_id(''read'')', null, null),
	('workos_delegated_user_id(''read'')', null, null),
	('workos_delegated_org_id(client => ''client_01K20X7JCQ9X545WS80QZPA3FQ'')', null, null),
	('workos_client_id()', null, 'client_01K20X7JCQ9X545WS80QZPA3FQ'),
	('workos_scopes()', '{}', '{}'),
	('workos_has_scope(''read'')', 'false', 'false'),
	('workos_is_authenticated()', 'false', 'true'),
	('workos_is_member(''org_1'')', null, 'true'),
	('workos_has_role(''r'')', 'false', 'true'),
	('workos_has_any_role(''r'', ''x'')', 'false', 'true'),
	('workos_has_permission(''p'')', 'false', 'true'),
	('workos_has_any_permission(''p'', ''x'')', 'false', 'true'),
	('workos_has_all_permissions(''p'', ''q'')', 'false', 'true'),
	('workos_has_entitlement(''e'')', 'false', 'true'),
	('workos_has_feature_flag(''f'')', 'false', 'true'),
	('workos_is_impersonated()', 'false', 'true'),
	('workos_authenticated_within(''1 hour'')', 'false', 'true'),
	('workos_org_with_permission(''p'')', null, 'org_1'),
	('workos_org_with_role(''r'')', null, 'org_1');
grant select on tap.helper to public;

-- The claims of an application that acts for a user, with some claims replaced. The audience is the first of those that
-- setup.sql accepts.
create function tap.delegated(override jsonb default '{}') returns text language sql volatile as $$
	select jsonb_strip_nulls(jsonb_build_object(
		'iss', 'https://example.authkit.app',
		'aud', 'https://db.example/mcp',
		'sub', 'user_01HBEQKA6K4QJAS93VPE39W1JT',
		'client_id', 'client_01AGENT',
		'org_id', 'org_1',
		'sid', 'app_consent_01HW',
		'scope', 'openid documents:read',
		'role', 'authenticated',
		'iat', floor(extract(epoch from clock_timestamp())),
		'exp', floor(extract(epoch from clock_timestamp())) + 300
	) || override)::text
$$;

-- A query's plan, without costs.
create function tap.plan_of(query text, options text default '') returns text language plpgsql volatile as $$
declare
	line text;
	plan text := '';
begin
	for line in execute format('explain (costs off %s) %s', options, query) loop
		plan := plan || line || E'\n';
	end loop;
	return plan;
end $$;
