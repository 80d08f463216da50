# The disk is full while the trusted issuers and the directory change: the change is refused as a whole, nothing else is wedged, and it is made when there is room
# again. The disks are two small file systems in memory, for data and for the write-ahead log.
source "$(dirname "$0")/../shell.sh"

folder=$(mktemp -d "${TMPDIR:-/tmp}/pg_workos.XXXXXX")
chmod 755 "$folder"
mkdir "$folder/data" "$folder/wal"
[ "$(uname)" = Linux ] && [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=80m tmpfs "$folder/data" 2>/dev/null && mount -t tmpfs -o size=40m tmpfs "$folder/wal" 2>/dev/null || {
	umount "$folder/data" 2>/dev/null
	rm -rf "$folder"
	skip_all 'a small file system cannot be mounted here: full disks'
}
stop() { [ ! -f "$folder/data/pg/postmaster.pid" ] || as_server_user "$BIN/pg_ctl" -D "$folder/data/pg" -m immediate stop >/dev/null 2>&1; }
trap 'stop; umount "$folder/data" "$folder/wal"; rm -rf "$folder"' EXIT
chown "$SERVER_USER" "$folder/data" "$folder/wal" "$folder"
as_server_user "$BIN/initdb" -D "$folder/data/pg" -X "$folder/wal/pg" --wal-segsize=1 -U postgres -A trust -N -E UTF8 --locale=C >/dev/null
as_server_user tee -a "$folder/data/pg/postgresql.conf" >/dev/null <<-CONF
	listen_addresses = ''
	unix_socket_directories = '$folder'
	shared_buffers = 16MB
	max_wal_size = 16MB
	min_wal_size = 2MB
	fsync = off
	autovacuum = off
CONF
start() { as_server_user "$BIN/pg_ctl" -D "$folder/data/pg" -l "$folder/log" -w start >/dev/null 2>&1; }
fill() { cat /dev/zero >"$folder/$1/filler" 2>/dev/null; }
room() { rm -f "$folder/$1/filler"; }
start
export PGHOST=$folder PGUSER=postgres PGDATABASE=postgres
KEYS=$folder
source "$here/examples/direct-connections/mint.sh"
new_key ours
psql -Xq -v ON_ERROR_STOP=1 -v keys="{\"keys\":[$(jwk ours ours)]}" -v issuer="$ISSUER" -o /dev/null <<-'SQL'
	create extension pg_workos;
	create extension pg_workos_directory;
	create role authenticated;
	create table documents (org_id text);
	insert into documents values ('org_01'), ('org_02');
	alter table documents enable row level security;
	create policy p on documents using (org_id = workos_org_id());
	grant select on documents to authenticated;
	create table keys as select :'keys'::jsonb as jwks;
	select workos_trust_issuer(:'issuer', jwks) from keys;
	-- An answer of the Events API: 200 users. What it holds is in no statement of a client.
	create function answer(page int) returns jsonb language sql as $$
		select jsonb_build_object('data', jsonb_agg(jsonb_build_object('id', 'event_' || lpad(n::text, 9, '0'), 'event', 'user.created', 'created_at', '2026-01-01T00:00:00Z', 'data',
			jsonb_build_object('id', 'user_' || n, 'email', 'topsecret@example.com', 'first_name', repeat(md5(n::text), 60), 'created_at', '2026-01-01T00:00:00Z', 'updated_at', '2026-01-01T00:00:00Z')) order by n))
		from generate_series(page * 200 + 1, page * 200 + 200) n
	$$;
	checkpoint;
SQL
# The next answer, and which one that was
poll="select workos.apply_events(answer((select count(*) / 200 from workos.users)::int), (select cursor from workos.sync))"
users() { psql -XAtqc "select count(*) || ' ' || coalesce((select ltrim(substr(cursor, 7), '0') from workos.sync), '0') from workos.users"; }
reads="begin; set local role authenticated; set local request.jwt.claims = '$(session user_01)'; select workos_user_id() || ' ' || string_agg(org_id, ',') from documents; commit"
state_of() { sed -nE 's/^ERROR:  ([0-9A-Z]{5}):.*/\1/p' "$folder/said" | head -n 1; }

# An open session that reads all the while
coproc READER { psql -XqAt 2>&1; }
exec 7<&"${READER[0]}" 8>&"${READER[1]}"
reader() {
	printf '%s;\n' "$reads" >&8
	read -r answer <&7
	echo "$answer"
}
is "$(reader)" 'user_01 org_01' 'a session reads its rows'

# The data
for what in directory issuers; do
	# Little room, so that it is full in the middle of a change
	fill data
	truncate -s -400K "$folder/data/filler"
	made=0 state=
	while [ -z "$state" ] && [ $made -lt 2000 ]; do
		if [ $what = directory ]; then
			psql -Xq -v VERBOSITY=verbose -o /dev/null -c "$poll" >"$folder/said" 2>&1
		else
			psql -Xq -v VERBOSITY=verbose -o /dev/null -c "select workos_trust_issuer('https://api.workos.com/$made/' || repeat('x', 200), jsonb_build_object('keys', jwks -> 'keys', 'padding', (select string_agg(md5(g::text), '') from generate_series(1, 300) g))) from keys" >"$folder/said" 2>&1
		fi
		state=$(state_of)
		[ -n "$state" ] || made=$((made + 1))
	done
	is "$state" 53100 "$what: a change is refused when the disk is full (after $made)"
	if [ $what = directory ]; then
		is "$(users)" "$((made * 200)) $((made * 200))" '... nothing of the answer that was refused is there, and the cursor is that of the one before'
	else
		is "$(psql -XAtqc 'select count(*) from workos_issuers')" $((made + 1)) '... and each that was made is there'
	fi
	is "$(reader)" 'user_01 org_01' '... an open session reads its rows'
	is "$(psql -XAtqc "$reads")" 'user_01 org_01' '... and a new one'
	room data
	if [ $what = directory ]; then
		psql -Xqc "$poll" -o /dev/null
		is "$(users)" "$((made * 200 + 200)) $((made * 200 + 200))" '... when there is room, the same answer is applied'
	else
		is "$(psql -XAtqc "select workos_trust_issuer('https://api.workos.com/more', jwks) is not null from keys" -c 'select count(*) from workos_issuers' | tail -n 1)" $((made + 2)) '... when there is room, it is made'
	fi
done
unlike "$(cat "$folder/log")" 'PANIC|terminated by signal' 'the log tells of no crash'

# The write-ahead log: Postgres itself stops, and what was answered before is there afterwards.
exec 7<&- 8>&-
psql -Xqc "alter system set max_wal_size = '1GB'" -c "alter system set checkpoint_timeout = '1h'" -c 'select pg_reload_conf()' -o /dev/null
fill wal
before=$(users)
made=0
while psql -Xq -o /dev/null -c "$poll" >"$folder/said" 2>&1 && [ $made -lt 500 ]; do made=$((made + 1)); done
like "$(cat "$folder/log")" 'PANIC:.*(No space left on device|pg_wal)' "the write-ahead log is full: the server stops (after $made)"
stop
room wal
start
is "$(psql -XAtqc "$reads")" 'user_01 org_01' 'with room, it starts, and a session reads its rows'
want=$((${before% *} + made * 200))
like "$(users)" "^($want $want|$((want + 200)) $((want + 200)))$" 'each answer that was applied is there as a whole, and the cursor agrees'
psql -Xqc "$poll" -o /dev/null
like "$(users)" '^([0-9]+) \1$' 'the next answer is applied'
unlike "$(cat "$folder/log")" topsecret 'the log holds nothing of an event'
done_testing
