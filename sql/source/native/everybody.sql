		'@extschema@.workos_verify(text)',
		'@extschema@.workos_authenticate(text, text)',
		'@extschema@.workos_library_version()',
		'@extschema@._workos_kind(json)'
