#!/usr/bin/env bash
# What the portable edition costs, beside `auth.jwt()`, written by hand as people write it on Supabase:
#   bench/portable.sh                                                     the Postgres of PG_CONFIG
#   PG_CONFIG=/path/to/pg_config BENCH_ROUNDS=20 bench/portable.sh
#   PORTABLE_SQL=/path/to/another/pg_workos.sql bench/portable.sh          another state of the portable edition
# Prints lines of tab-separated fields to stdout: part, variant, median, minimum, maximum, and the ratio of the medians and
# of the minima to the first variant of the part. The variants take turns in each round. Parts:
#   call      microseconds for one call, with claims of a session of 828 bytes and 21 claims
#   cold      microseconds for the first call of a connection
#   gateway   microseconds for BEGIN, set_config of role and claims, a point read under a policy, COMMIT: one client of
#             pgbench, prepared and simple protocol; and the processor time that the server process takes for it
#   in one process   the processor time of the same transaction, prepared, in a procedure that commits: no messages, so it
#             varies little, also on a machine that is not quiet
# The variant `checked` is what one would write by hand for the same guarantees: the time and the kind of the token. The
# variant `floor` is the least that a function in PL/pgSQL costs: `auth.setting()` returns the setting, and reads nothing in it.
source "$(dirname "$0")/../scripts/postgres.sh"

rounds=${BENCH_ROUNDS:-15}
portable=${PORTABLE_SQL:-sql/portable/pg_workos.sql}
claims='{"iss":"https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ","sub":"user_01HBEQKA6K4QJAS93VPE39W1JT","sid":"session_01HQSXZGF8FHF7A9ZZFCW4387R","jti":"01HQSXZXPPFPKMDD32RKTFY6PV","org_id":"org_01HRDMC6CM357W30QMHMQ96Q0S","role":"authenticated","user_role":"editor","roles":["editor","billing-admin"],"permissions":["documents:read","documents:write","documents:share","reports:read","reports:export","members:read","billing:read"],"entitlements":["audit-logs","sso"],"feature_flags":["beta-editor","new-navigation","ai-assistant"],"email":"marcelina.davis@example.com","email_verified":true,"name":"Marcelina Davis","aud":"authenticated","client_id":"client_01K20X7JCQ9X545WS80QZPA3FQ","urn:myapp:plan":"enterprise","urn:myapp:region":"eu-central-1","auth_time":1709193557,"iat":1709193557,"exp":4102444800}'
by_hand="auth.jwt() ->> 'org_id'"
calls=("$by_hand" 'extensions.workos_org_id()' 'extensions.workos_user_id()' 'extensions.workos_user_role()' 'extensions.workos_user_roles()' 'extensions.workos_permissions()'
	'extensions.workos_expires_at()' 'extensions.workos_impersonator()' 'extensions.workos_claims()' "extensions.workos_claim('email')" 'extensions.workos_token_kind()'
	'extensions.workos_is_authenticated()' "extensions.workos_has_role('editor')" "extensions.workos_has_any_role('editor', 'x')" "extensions.workos_has_permission('reports:read')"
	"extensions.workos_has_any_permission('reports:read', 'x')" "extensions.workos_has_all_permissions('reports:read', 'members:read')" "extensions.workos_has_entitlement('sso')"
	'extensions.workos_is_impersonated()' "extensions.workos_authenticated_within('1 hour')" "extensions.workos_org_with_permission('reports:read')" "extensions.workos_org_with_role('editor')")
if [ "${BENCH_WITHOUT_EXTENSION:-}" ]; then make() { :; }; fi # start_server installs it, and this file does not use it
start_server
psql -Xq -v ON_ERROR_STOP=1 -f "$portable"
psql -Xq -v ON_ERROR_STOP=1 <<-'SQL'
	create schema auth;
	create function auth.jwt() returns jsonb language sql stable as
		$$ select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
	create role authenticated;
	grant usage on schema auth to authenticated;
	create table document as select g as id, case g % 1000 when 7 then 'org_01HRDMC6CM357W30QMHMQ96Q0S' else 'org_' || g % 1000 end as org_id, repeat('x', 50) as body from generate_series(1, 100000) g;
	create function auth.setting() returns text language plpgsql stable parallel safe as $$ begin return current_setting('request.jwt.claims', true); end $$;
	create function made(name text, condition text) returns void language plpgsql as $$
	begin
		execute format('create table %1$I as table document; alter table %1$I add primary key (id); create index on %1$I (org_id); alter table %1$I enable row level security;
			create policy p on %1$I using (org_id = %2$s); grant select on %1$I to authenticated; analyze %1$I', name, condition);
	end $$;
SQL
# In FROM, the claims are parsed once.
checked="(select case when (j ->> 'exp')::numeric > extract(epoch from statement_timestamp()) - 30 and j ->> 'sub' like 'user\\_%' and j ->> 'sid' like 'session\\_%' and not j ? 'scope' then j ->> 'org_id' end from auth.jwt() j)"
psql -Xq -v by_hand="$by_hand" -c "select made('by_hand', '(select ' || \$\$$by_hand\$\$ || ')'), made('portable', '(select extensions.workos_org_id())'), made('gate', '(select extensions.workos_org_with_permission(''reports:read''))'), made('literal', '''org_01HRDMC6CM357W30QMHMQ96Q0S'''), made('checked', \$\$$checked\$\$), made('floor', '(select case when auth.setting() is not null then ''org_01HRDMC6CM357W30QMHMQ96Q0S'' end)')" -c 'vacuum' >/dev/null

# summary: reads lines "part, variant, microseconds"; prints them as above, in the order of their first appearance
summary() {
	awk -F '\t' -v OFS='\t' '
		{ k = $1 OFS $2; if (!(k in n)) { order[++kinds] = k; part[k] = $1 } v[k, ++n[k]] = $3 }
		END {
			for (i = 1; i <= kinds; i++) {
				k = order[i]; m = n[k]
				for (x = 2; x <= m; x++) { t = v[k, x]; for (y = x - 1; y >= 1 && v[k, y] > t; y--) v[k, y + 1] = v[k, y]; v[k, y + 1] = t }
				median = m % 2 ? v[k, (m + 1) / 2] : (v[k, m / 2] + v[k, m / 2 + 1]) / 2
				if (!(part[k] in first)) { first[part[k]] = median; least[part[k]] = v[k, 1] }
				printf "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\n", k, median, v[k, 1], v[k, m], median / first[part[k]], v[k, 1] / least[part[k]]
			}
		}'
}

say "calls, on Postgres $MAJOR"
{
	echo "select set_config('request.jwt.claims', \$\$$claims\$\$, false) \\g /dev/null"
	cat <<-'SQL'
		create function pg_temp.turn(call text) returns numeric language plpgsql as $$
		declare
			began constant timestamptz := clock_timestamp();
		begin
			execute format('select count(x) from (select %s as x from generate_series(1, 500) g offset 0) t', call);
			return extract(epoch from clock_timestamp() - began) * 2000;
		end $$;
		create temp table nothing as select min(pg_temp.turn('g')) as us from generate_series(1, 50);
	SQL
	for ((round = 0; round < rounds * 5; round++)); do
		for call in "${calls[@]}"; do echo "select e'call\\t' || \$\$$call\$\$ || e'\\t' || pg_temp.turn(\$\$$call\$\$) - us from nothing;"; done
	done
} | psql -XAtq | summary

say "first calls, on Postgres $MAJOR"
for ((round = 0; round < rounds; round++)); do
	for call in "$by_hand" 'auth.setting()' 'extensions.workos_org_id()' "extensions.workos_org_with_permission('reports:read')" "extensions.workos_has_permission('reports:read')"; do
		psql -XAtq <<-SQL
			select set_config('request.jwt.claims', \$\$$claims\$\$, false) \\g /dev/null
			select clock_timestamp() as began \\gset
			select $call \\g /dev/null
			select e'cold\\t' || \$\$$call\$\$ || e'\\t' || extract(epoch from clock_timestamp() - :'began'::timestamptz) * 1000000;
		SQL
	done
done | summary

say "requests of a gateway, on Postgres $MAJOR"
for table in by_hand portable gate literal checked floor; do
	printf '%s\n' '\set id random(0, 99) * 1000 + 7' '\set i :i + 1' 'begin;' "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', :claims, true);" \
		"select id, body from $table where id = :id;" 'commit;' \
		"\\if :i % ${BENCH_REQUESTS:-2000} = 0" "insert into spent select split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric;" '\endif' >"$WORK/$table.pgbench"
done
requests=${BENCH_REQUESTS:-2000}
in_one_process() {
	cat <<-'SQL'
		create function pg_temp.spent() returns numeric language plpgsql as $$
		begin
			perform pg_sleep(0.001); -- Linux counts when the process waits
			return split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric / 1000;
		end $$;
	SQL
	for table in by_hand portable gate literal checked floor; do
		cat <<-SQL
			create procedure pg_temp.turn_$table(n int) language plpgsql as \$\$
			begin
				for i in 1 .. n loop
					perform set_config('role', 'authenticated', true), set_config('request.jwt.claims', \$c\$$claims\$c\$, true);
					perform d.id, d.body from $table d where d.id = (i % 100) * 1000 + 7;
					commit;
				end loop;
			end \$\$;
			call pg_temp.turn_$table(500);
		SQL
	done
	for ((round = 0; round < rounds * 2; round++)); do
		for table in by_hand portable gate literal checked floor; do
			printf '%s\n' "select pg_temp.spent() as began \\gset" "call pg_temp.turn_$table($requests);" "select e'in one process, prepared, processor\t$table\t' || (pg_temp.spent() - :began) / $requests;"
		done
	done
}
in_one_process | psql -XAtq | summary
psql -Xq -c 'create table spent (nanoseconds numeric)'
for ((round = 0; round < rounds; round++)); do
	for protocol in prepared simple; do
		value=$claims
		[ $protocol = prepared ] || value="'$claims'"
		for table in by_hand portable gate literal checked floor; do
			psql -Xq -c 'truncate spent'
			# The first requests warm up.
			pgbench -n -M $protocol -c 1 -t $((requests * 2)) -D i=0 -D claims="$value" -f "$WORK/$table.pgbench" >"$WORK/said" 2>&1 || { cat "$WORK/said" >&2; die 'pgbench failed'; }
			awk -v OFS='\t' -v part="gateway, $protocol" -v table=$table '/^latency average/ { print part, table, $4 * 1000 }' "$WORK/said"
			psql -XAtc "select format(e'gateway, $protocol, processor\t$table\t%s', (max(nanoseconds) - min(nanoseconds)) / $requests / 1000) from spent"
		done
	done
done | sort -s -t "$(printf '\t')" -k 1,1 | summary
