# A million calls with a million different claims do not increase the memory of the backend.
source "$(dirname "$0")/../shell.sh"

# Prints the resident memory of the backend, in kB, after many claims of different sizes. All of them are parsed, and
# lists, jsonb and texts are returned.
resident="substring(pg_read_file('/proc/self/status') from 'VmRSS:\s+(\d+)')::int"
calls() {
	cat <<-SQL
		do \$\$
		begin
			for i in 1..$1 loop
				perform set_config('request.jwt.claims', format('{"sid":"session_1","sub":"user_%s","org_id":"org_%s","permissions":["p%s"],"x":"%s"}', i, i, i, repeat('x', i % 700)), true);
				if workos_user_id() <> 'user_' || i or not workos_has_permission('p' || i) then
					raise exception 'wrong user at %', i;
				end if;
				if i % 100 = 0 then
					perform workos_claims(), workos_permissions();
				end if;
			end loop;
		end \$\$;
		select $resident;
	SQL
}
if [ ! -r /proc/self/status ]; then
	echo '1..0 # SKIP this system has no /proc'
	exit
fi
read -r before after <<<"$({ calls 20000; calls 1000000; } | psql -Atq -v ON_ERROR_STOP=1 -d native -U postgres | tr '\n' ' ')"
echo "# resident memory after the first 20 thousand claims: $before kB; after a million more: $after kB"
like "$before $after" '^[0-9]+ [0-9]+$' 'every call returned the right user'
is "$((${after:-9999} - ${before:-0} < 1024))" 1 'after a million different claims the backend uses less than a megabyte more'
done_testing
