-- Data for development. Here nobody is signed in, so workos_org_id() is NULL: the rows say whose they are.
insert into public.documents (org_id, author_id, title, is_public) values
  ('org_01ACME', 'user_01ADA', 'Anvil roadmap', false),
  ('org_01ACME', 'user_01ADA', 'Anvil press kit', true),
  ('org_01GLOBEX', 'user_01GRETA', 'Storm plan', false),
  ('org_01GLOBEX', 'user_01GRETA', 'Weather forecast', true);
