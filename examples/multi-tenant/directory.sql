-- What the directory adds to the application: names of people instead of ids, and all organizations of a user instead of
-- the one that the token names. Run it after schema.sql, as the owner of the directory and of the tables.

-- The members of the current organization. Only its active members see them.
grant usage on schema workos to authenticated;
grant select on workos.members to authenticated;

-- Documents with the names of their authors. security_invoker: the policies on documents are those of the caller.
-- Who is no member of the caller's current organization has no name, also whoever has left it.
create view document_list with (security_invoker) as
	select d.id, d.org_id, d.title, d.is_public, d.author_id, concat_ws(' ', author.first_name, author.last_name) as author
	from documents d left join workos.members author on author.id = d.author_id;
grant select on document_list to authenticated;

-- For a menu in which the user switches to another organization
create policy "members read all their organizations" on organizations for select to authenticated
	using (id = any ((select workos_org_ids())::text[]));

-- The newest documents of all organizations in which the user may read, whatever the current one is. The function runs with
-- the rights of its owner, so it names its columns, and its condition is all that protects the rows.
create function recent_documents(count int default 20) returns table (org_id text, title text) language sql stable security definer
	set search_path = pg_catalog, pg_temp
	begin atomic
		select d.org_id, d.title from documents d where d.org_id = any ((select workos_org_ids_with_permission('documents:read'))::text[])
			order by d.id desc limit least(count, 100);
	end;
revoke all on function recent_documents(int) from public;
grant execute on function recent_documents(int) to authenticated;
