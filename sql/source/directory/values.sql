-- reading a payload: what is missing, and what has another type, is NULL

-- A time of WorkOS; NULL if it is none. Some lack the T and the Z, and are in UTC all the same.
create function workos._time(value text) returns timestamptz
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,12})?(Z|[+-][0-9]{2}:?[0-9]{2})?$' then
		return null;
	elsif right(value, 1) = 'Z' then
		return (left(value, -1) || '+00')::timestamptz;
	elsif value ~ '[+-][0-9]{2}:?[0-9]{2}$' then
		return value::timestamptz;
	end if;
	return (value || '+00')::timestamptz;
exception when data_exception then
	return null;
end $$;

-- The slugs in an array of slugs, or of objects with a slug.
create function workos._slugs(list jsonb) returns text[]
	language sql immutable parallel safe set search_path = pg_catalog, pg_temp
	return array(
		select s.slug #>> '{}' from jsonb_array_elements(case jsonb_typeof(list) when 'array' then list else '[]' end) with ordinality e(value, place),
			lateral (select case jsonb_typeof(e.value) when 'object' then e.value -> 'slug' else e.value end as slug) s
		where jsonb_typeof(s.slug) = 'string' order by e.place);

-- An id that is fit for an index.
create function workos._id(value text, name text) returns text
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if value is null or value = '' or octet_length(value) > 255 then
		raise exception using errcode = '22023', message = format('"%s" of an object of WorkOS is missing or is no text of at most 255 bytes', name),
			hint = 'Pass events and answers of the WorkOS API as they came.';
	end if;
	return value;
end $$;

create function workos._refuse(what text) returns void
	language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	raise exception using errcode = '22023', message = what, hint = 'Pass events and answers of the WorkOS API as they came.';
end $$;

-- What another connection commits while a statement waits for a lock must be seen by the next statement.
create function workos._check_isolation() returns void
	language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
	if current_setting('transaction_isolation') = 'repeatable read' then
		raise exception using errcode = '55000', message = 'the directory is not fed in a transaction with isolation level REPEATABLE READ',
			hint = 'Use READ COMMITTED, or SERIALIZABLE and try again after a serialization failure.';
	end if;
end $$;
