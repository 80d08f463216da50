-- Two tenants.

insert into organizations (id, name) values ('org_01ACME', 'Acme'), ('org_01GLOBEX', 'Globex');

insert into projects (org_id, name) values
	('org_01ACME', 'Rockets'), ('org_01ACME', 'Anvils'), ('org_01GLOBEX', 'Weather');

insert into documents (org_id, project_id, author_id, title, is_public) values
	('org_01ACME', 1, 'user_01OLIVIA', 'Roadmap', false),
	('org_01ACME', 1, 'user_01EDDY', 'Launch checklist', false),
	('org_01ACME', 2, 'user_01EDDY', 'Anvil press kit', true),
	('org_01GLOBEX', 3, 'user_01GRETA', 'Storm plan', false),
	('org_01GLOBEX', 3, 'user_01GRETA', 'Forecast', true);

insert into comments (org_id, document_id, author_id, body) values
	('org_01ACME', 1, 'user_01VIC', 'When do we launch?'),
	('org_01ACME', 1, 'user_01EDDY', 'On Tuesday.'),
	('org_01GLOBEX', 4, 'user_01GRETA', 'Bring an umbrella.');
