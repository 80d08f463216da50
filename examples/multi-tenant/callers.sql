-- The callers, and what the gateway sets for each: the Postgres role and the claims of the token. The claims are those
-- of the JWT template for Supabase: `role` is the Postgres role, and `user_role` is the WorkOS role. They are valid for a day, so
-- that there is time to try things. Access tokens of WorkOS are valid for five minutes by default.

create schema demo;
grant usage on schema demo to public;

create table demo.caller (
	n int primary key,
	who text not null,
	note text not null,
	role text not null,
	claims text not null
);
grant select on demo.caller to public;

create function pg_temp.session(user_id text, org_id text, user_role text, permissions text[], more jsonb default '{}') returns text
language sql as $$
	select (jsonb_build_object(
		'iss', 'https://api.workos.com/user_management/client_01DEMO', 'sub', user_id, 'sid', 'session_01' || user_id,
		'role', 'authenticated', 'org_id', org_id, 'user_role', user_role, 'roles', jsonb_build_array(user_role), 'permissions', permissions,
		'iat', extract(epoch from now())::int, 'exp', extract(epoch from now())::int + 86400) || more)::text
$$;

insert into demo.caller values
	(1, 'Olivia, owner at Acme, signed in a minute ago', 'may do everything at Acme, and nothing at Globex',
		'authenticated', pg_temp.session('user_01OLIVIA', 'org_01ACME', 'owner',
		'{documents:read,documents:write,documents:delete,projects:manage,organization:manage}',
		jsonb_build_object('auth_time', extract(epoch from now())::int - 60))),
	(2, 'Adam, admin at Acme', 'may do the same as Olivia, except write in her name and close Acme',
		'authenticated', pg_temp.session('user_01ADAM', 'org_01ACME', 'admin',
		'{documents:read,documents:write,documents:delete,projects:manage}')),
	(3, 'Eddy, editor at Acme', 'may write, but not delete',
		'authenticated', pg_temp.session('user_01EDDY', 'org_01ACME', 'editor', '{documents:read,documents:write}')),
	(4, 'Vic, viewer at Acme', 'may read, comment, and delete his own comment',
		'authenticated', pg_temp.session('user_01VIC', 'org_01ACME', 'viewer', '{documents:read}')),
	(5, 'Greta, editor at Globex', 'another tenant: she sees only the public documents of Acme',
		'authenticated', pg_temp.session('user_01GRETA', 'org_01GLOBEX', 'editor', '{documents:read,documents:write}')),
	(6, 'Your own support staff, impersonating Eddy', 'sees the same as Eddy, and may not change anything',
		'authenticated', pg_temp.session('user_01EDDY', 'org_01ACME', 'editor', '{documents:read,documents:write}',
		'{"act": {"sub": "support@acme.example"}}')),
	(7, 'Eddy again, with a token that expired a minute ago', 'an expired token is ignored',
		'authenticated', pg_temp.session('user_01EDDY', 'org_01ACME', 'editor', '{documents:read,documents:write}',
		jsonb_build_object('exp', extract(epoch from now())::int - 60))),
	(8, 'Nora, signed in, no organization selected', 'a user without an organization is a member of none',
		'authenticated', (pg_temp.session('user_01NORA', null, null, null)::jsonb - 'org_id' - 'user_role' - 'roles' - 'permissions')::text),
	(9, 'The search indexer, a machine of Acme', 'machine-to-machine tokens have no membership; a policy allows this client id to read',
		'authenticated',
		jsonb_build_object('iss', 'https://auth.acme.example', 'sub', 'client_01SEARCHINDEXER', 'org_id', 'org_01ACME', 'role', 'authenticated', 'scope', '')::text),
	(10, 'Another machine of Acme', 'no policy allows this client id, although its org_id is Acme''s',
		'authenticated',
		jsonb_build_object('iss', 'https://auth.acme.example', 'sub', 'client_01OTHER', 'org_id', 'org_01ACME', 'role', 'authenticated', 'scope', '')::text),
	(11, 'A user of Supabase Auth', 'signed in, but not a user of WorkOS',
		'authenticated', '{"sub": "1b8c7f0e-7c0a-4a55-9a0e-0d6f4bd0a001", "role": "authenticated", "aud": "authenticated"}'),
	(12, 'An anonymous visitor', 'the role anon, which has a privilege on documents only',
		'anon', '{"role": "anon"}');
