-- The commands that every caller tries, and what each requires.

create table demo.attempt (
	n int primary key,
	what text not null,
	takes text not null,
	command text not null
);
grant select on demo.attempt to public;

insert into demo.attempt values
	(1, 'rename "Roadmap" of Acme', 'documents:write at Acme, and no impersonator',
		$$update documents set title = 'Road map' where title = 'Roadmap'$$),
	(2, 'add a document at Acme', 'documents:write at Acme, and no impersonator',
		$$insert into documents (org_id, project_id, title) values ('org_01ACME', 1, 'Idea')$$),
	(3, 'add one in Olivia''s name', 'to be Olivia, and no impersonator',
		$$insert into documents (org_id, project_id, author_id, title) values ('org_01ACME', 1, 'user_01OLIVIA', 'Idea')$$),
	(4, 'delete "Roadmap"', 'documents:delete at Acme, and no impersonator',
		$$delete from documents where title = 'Roadmap'$$),
	(5, 'comment on "Roadmap"', 'documents:read at Acme, and no impersonator',
		$$insert into comments (org_id, document_id, body) values ('org_01ACME', 1, 'Nice')$$),
	(6, 'take back Vic''s comment', 'to be Vic, and no impersonator',
		$$delete from comments where author_id = 'user_01VIC'$$),
	(7, 'start a project at Acme', 'projects:manage at Acme, and no impersonator',
		$$insert into projects (org_id, name) values ('org_01ACME', 'Magnets')$$),
	(8, 'move "Storm plan" to Acme', 'documents:write in both organizations at once, which no token has',
		$$update documents set org_id = 'org_01ACME' where title = 'Storm plan'$$),
	(9, 'close Acme', 'to be its owner, signed in within 10 minutes',
		$$delete from organizations where id = 'org_01ACME'$$);

-- The outcome of a command: yes; no row, if the policies show no row to change; or refused. Its changes are rolled back.
create function demo.outcome(command text) returns text language plpgsql as $$
declare
	rows bigint;
begin
	execute command;
	get diagnostics rows = row_count;
	raise exception using errcode = 'DEMO0', message = case rows when 0 then 'no row' else 'yes' end;
exception
	when sqlstate 'DEMO0' then
		return sqlerrm;
	when insufficient_privilege then
		return case when sqlerrm like 'permission denied%' then 'no grant' else 'refused' end;
end $$;

-- The result of a query, or why it is refused.
create function demo.seen(query text) returns text language plpgsql as $$
declare
	list text;
begin
	execute query into list;
	return coalesce(list, '-');
exception when insufficient_privilege then
	return 'no grant';
end $$;
