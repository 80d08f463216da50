-- Gates: the id of the organization if the session has the permission or role, else NULL.
\set ON_ERROR_STOP on
begin;
select no_plan();

select answers(token('{"org_id": "org_1", "permissions": ["a", "*"]}'), 'workos_org_with_permission(' || p || ')', want, 'only with the permission')
	from (values ('''a''', 'org_1'), ('''*''', 'org_1'), ('''b''', null), ('''A''', null), ('''''', null), ('null', null)) t(p, want);
select answers(token('{"org_id": null, "permissions": ["a"]}'), 'workos_org_with_permission(''a'')', null, 'no organization selected');
select answers('{"sub":"user_1","sid":"widget_session_1","org_id":"org_1","permissions":["a"]}', 'workos_org_with_permission(''a'')', null, 'a widget token opens no gate');

select answers(token('{"org_id": "org_1", "user_role": "admin", "roles": ["editor"]}'), 'workos_org_with_role(' || r || ')', want, 'only with the role')
	from (values ('''admin''', 'org_1'), ('''editor''', 'org_1'), ('''viewer''', null), ('''authenticated''', null), ('''''', null), ('null', null)) t(r, want);
select answers(token('{"org_id": null}'), 'workos_org_with_role(''editor'')', null, 'no organization selected');
select answers('{"sub":"client_1","org_id":"org_1","roles":["admin"]}', 'workos_org_with_role(''admin'')', null, 'a machine-to-machine token opens no gate');
select * from finish();
rollback;
