-- What bench/directory.sh measures: one table of documents, and a role for each way to write its policy. The policies are
-- all there at the same time, each for its role, so that nothing is created or dropped between two turns.
-- psql variables: rows (of documents), edition.
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
create schema auth;
create schema bench;
create function auth.jwt() returns jsonb language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$$;
-- As a gateway sets them: without white space.
create function bench.claims() returns text language sql stable as $$
	select '{"iss":"https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ","sub":"user_7","sid":"session_01HQSXZGF8FHF7A9ZZFCW4387R","jti":"01HQSXZXPPFPKMDD32RKTFY6PV","org_id":"org_7","role":"authenticated","user_role":"editor","roles":["editor"],"permissions":["documents:read","documents:write"],"iat":1767225600,"exp":4102444800}'
$$;
create table bench.document as select g as id, 'org_' || g % 100 as org_id, repeat('x', 50) as body from generate_series(1, :rows) g;
alter table bench.document add primary key (id);
create table bench.document_indexed as table bench.document;
alter table bench.document_indexed add primary key (id);
create index on bench.document_indexed (org_id);

-- What one would write without a directory: a table of one's own. Its users read their own rows.
create table bench.member (user_id text, org_id text, status text, role text, primary key (user_id, org_id));
create index on bench.member (org_id);
alter table bench.member enable row level security;
create policy own on bench.member using (user_id = (select auth.jwt() ->> 'sub'));

create table bench.way (n serial primary key, way text, membership text, condition text);
insert into bench.way (way, membership, condition) values
	('a literal', 'token', $$org_id = 'org_7'$$),
	('workos_org_id(), token', 'token', 'org_id = {workos_org_id()}'),
	('workos_org_id(), newest', 'newest', 'org_id = {workos_org_id()}'),
	('workos_org_with_permission(), token', 'token', $$org_id = {workos_org_with_permission('documents:read')}$$),
	('workos_org_with_permission(), newest', 'newest', $$org_id = {workos_org_with_permission('documents:read')}$$),
	('workos_org_ids()', 'newest', 'org_id = any ({workos_org_ids()})'),
	('EXISTS by hand', 'token', $$exists (select from bench.member m where m.org_id = {t}.org_id and m.user_id = (select auth.jwt() ->> 'sub') and m.status = 'active')$$),
	('IN by hand', 'token', $$org_id in (select m.org_id from bench.member m where m.user_id = (select auth.jwt() ->> 'sub') and m.status = 'active')$$);
-- The extension computes a call once per query as it stands. The portable edition is called in a sub-select.
update bench.way set condition = regexp_replace(condition, '\{(workos_org_ids\(\))\}', case :'edition' when 'native' then 'extensions.\1' else '(select extensions.\1)::text[]' end);
update bench.way set condition = regexp_replace(condition, '\{(workos_[^}]*)\}', case :'edition' when 'native' then 'extensions.\1' else '(select extensions.\1)' end);
do $$
declare
	made record;
begin
	for made in select w.n, w.condition, t.name from bench.way w, unnest('{document,document_indexed}'::text[]) t(name) loop
		if to_regrole('bench_' || made.n) is null then
			execute format('create role bench_%s', made.n);
		end if;
		execute format('create policy way_%s on bench.%I to bench_%1$s using (%3$s)', made.n, made.name, replace(made.condition, '{t}', made.name));
		execute format('grant usage on schema auth, bench, extensions to bench_%s', made.n);
		execute format('grant select on bench.%I, bench.member to bench_%s', made.name, made.n);
	end loop;
	alter table bench.document enable row level security;
	alter table bench.document_indexed enable row level security;
end $$;

-- So many memberships, two for each user, active but for one in ten. The user of the claims is active in org_7 only.
create procedure bench.fill(memberships int) language plpgsql as $$
begin
	truncate workos.users, workos.organizations, workos.memberships, workos.roles, bench.member;
	insert into workos.users (id, email, updated_at, event_id, seen_at) select 'user_' || g, g || '@example.com', '2026-01-01', '', now() from generate_series(0, memberships / 2) g;
	insert into workos.organizations (id, name, updated_at, event_id, seen_at) select 'org_' || g, 'Acme', '2026-01-01', '', now() from generate_series(0, greatest(99, memberships / 100)) g;
	insert into workos.memberships (id, user_id, organization_id, status, role, roles, created_at, updated_at, event_id, seen_at)
		select 'om_' || g, 'user_' || g / 2, case when g / 2 = 7 then 'org_' || 7 + g % 2 else 'org_' || (g / 2 * 7 + g % 2 * 31) % greatest(100, memberships / 100) end,
			case when g % 10 = 3 or g = 15 then 'inactive' else 'active' end, 'editor', '{editor}', '2026-01-01', '2026-01-01T00:00:01Z', '', now()
		from generate_series(0, memberships - 1) g;
	insert into workos.roles (organization_id, slug, permissions, created_at, updated_at, changed_at, event_id, seen_at)
		values ('', 'editor', '{documents:read,documents:write}', '2026-01-01', '2026-01-01', '2026-01-01', '', now());
	insert into bench.member select m.user_id, m.organization_id, m.status, m.role from workos.memberships m on conflict do nothing;
end $$;

-- An event of another member of the organization
create function bench.happens(n int) returns text language sql as $$
	select workos.apply_event(feed.event('event_bench', 'organization_membership.updated', feed.membership('om_busy_' || n, 'user_busy_' || n, 'org_7'),
		to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
$$;

-- Microseconds for one transaction that sets the claims and reads one row by its key: n of them, after some to warm up. A
-- procedure that commits, so that no time of a client is in it, and every transaction asks the directory anew.
create procedure bench.read(n int, prepared boolean, inout microseconds numeric) language plpgsql as $$
declare
	claims constant text := bench.claims();
	began timestamptz;
	found_one text;
begin
	for i in 1 - n / 5 .. n loop
		if i = 1 then
			began := clock_timestamp();
		end if;
		perform set_config('request.jwt.claims', claims, true);
		if prepared then
			select d.body into strict found_one from bench.document d where d.id = (i & 63) * 100 + 7;
		else
			execute format('select d.body from bench.document d where d.id = %s', (i & 63) * 100 + 7) into strict found_one;
		end if;
		commit;
	end loop;
	microseconds := extract(epoch from clock_timestamp() - began) * 1000000 / n;
end $$;

-- Milliseconds to count the rows of the organization. The count must be right.
create procedure bench.count_rows(tablename text, wanted bigint, inout ms numeric) language plpgsql as $$
declare
	began timestamptz;
	counted bigint;
begin
	perform set_config('request.jwt.claims', bench.claims(), true);
	began := clock_timestamp();
	execute format('select count(*) from bench.%I', tablename) into counted;
	ms := extract(epoch from clock_timestamp() - began) * 1000;
	if counted < wanted then
		raise exception 'counted % rows of %', counted, wanted;
	end if;
	commit;
end $$;
grant usage on schema bench to public;
