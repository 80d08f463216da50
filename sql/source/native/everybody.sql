		'@extschema@.workos_verify(text)',
		'@extschema@.workos_authenticate(text, text)',
		'@extschema@.workos_library_version()',
		'@extschema@._workos_token_session()',
		'@extschema@._workos_token_issued_at()',
		'@extschema@._workos_kind(json)'
