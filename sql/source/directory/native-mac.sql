create function workos._is_mac(secret bytea, message bytea, mac bytea) returns boolean
	as 'MODULE_PATHNAME', 'workos_is_mac_wrapper'
	language c immutable strict parallel safe;
