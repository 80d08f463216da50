# A cluster of Citus with pg_workos: a coordinator and two servers with the rows. It needs docker, and runs in the workflow
# citus. What can be tested without Citus is in tests/servers/citus.sh.
#
#   prove --comments --exec bash tests/citus/cluster.sh
source "$(dirname "$0")/../shell.sh"
image=pg_workos-citus
network=pg_workos-citus
nodes=(coordinator worker1 worker2)
clean_up() {
	docker rm -f "${nodes[@]/#/pg_workos-}" >/dev/null 2>&1
	docker network rm "$network" >/dev/null 2>&1
}
trap clean_up EXIT
clean_up
docker build -q -t "$image" -f "$here/tests/citus/Dockerfile" "$here" >/dev/null || { echo 'Bail out! the image was not built'; exit 1; }
docker network create "$network" >/dev/null
for node in "${nodes[@]}"; do
	docker run -d --name "pg_workos-$node" --network "$network" --hostname "$node" --network-alias "$node" -e POSTGRES_HOST_AUTH_METHOD=trust "$image" -c shared_preload_libraries=citus >/dev/null
done
# on NODE USER COMMAND...: the output, with errors, and without what BEGIN and COMMIT say
on() {
	local node=$1 user=$2 arguments=() command
	shift 2
	for command; do arguments+=(-c "$command"); done
	docker exec "pg_workos-$node" psql -XAtq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -U "$user" -d postgres "${arguments[@]}" 2>&1 | grep -Ev '^(LOCATION|NOTICE|DETAIL|HINT|CONTEXT)'
}
for node in "${nodes[@]}"; do
	# The image starts the server twice, and listens to the network the second time only.
	for _ in $(seq 120); do docker exec "pg_workos-$node" pg_isready -q -h "$node" && break; sleep 1; done
done
admin() { on coordinator postgres "$@"; }
like "$(admin 'create extension if not exists citus' "select citus_set_coordinator_host('coordinator')" "select citus_add_node('worker1', 5432), citus_add_node('worker2', 5432)" 'select count(*) from pg_dist_node' | tail -n 1)" '^3$' 'a cluster of three'
everywhere() { admin "select string_agg(distinct case when success then 'done' else result end, ' ') from run_command_on_all_nodes(\$command\$$1\$command\$)"; }

is "$(admin 'create schema extensions' 'grant usage on schema extensions to public' 'create extension pg_workos schema extensions')" '' 'the extension'
is "$(everywhere 'select extensions.workos_library_version()')" done '... is on each server'
admin 'create role authenticated' >/dev/null
admin 'create table orders (id int, org_id text, total int)' "select create_distributed_table('orders', 'org_id', shard_count => 8)" >/dev/null
is "$(admin "select count(*) from extensions.workos_lint() where rule = 'citus_login'" 'grant select, insert, update, delete on orders to authenticated' "select string_agg(object, ',') from extensions.workos_lint() where rule = 'citus_login'" | paste -sd ' ')" \
	'0 role authenticated' 'the lint finds a role without LOGIN'
everywhere 'alter role authenticated login' >/dev/null
like "$(admin "select extensions.workos_protect('orders', impersonated_writes => false, apply => true)")" 'AND NOT extensions.workos_is_impersonated' 'workos_protect() protects a distributed table'
admin "insert into orders select g, 'org_' || g % 4, g from generate_series(1, 40) g" >/dev/null
is "$(admin "select count(*) from extensions.workos_lint() where rule ~ '^citus_(restrictive|sub_select|login)'")" 0 '... of which the lint finds nothing'

claims() { echo "select set_config('request.jwt.claims', '{\"sub\":\"user_1\",\"sid\":\"session_1\",\"org_id\":\"$1\"$2}', true)"; }
# asks ORG MORE-CLAIMS COMMAND...: in a transaction, with the claims on every server
asks() { on coordinator authenticated begin "$(claims "$1" "$2")" 'select extensions.workos_propagate_claims()' "${@:3}" commit | tail -n +3 | grep -v '^$'; }
is "$(on coordinator authenticated begin "$(claims org_1)" 'select count(*) from orders' commit | tail -n 1)" 0 'claims that set_config() sets do not reach the rows'
like "$(on coordinator authenticated begin "$(claims org_1)" "select status || detail from extensions.workos_doctor() where check_name = 'citus'" commit | tail -n 1)" '^problemThe claims are on this server only' '... and the doctor says so'
is "$(asks org_1 '' 'select count(*), min(org_id), max(org_id) from orders')" '10|org_1|org_1' 'with workos_propagate_claims() a user sees the rows of the organization'
is "$(asks org_2 '' 'select count(*), min(org_id), max(org_id) from orders')" '10|org_2|org_2' '... and another those of another one'
is "$(on coordinator authenticated 'select count(*) from orders')" 0 '... and a visitor none: nothing is left on the connections between the servers'
for query in 'select count(*) from orders a join orders b using (org_id, id)' 'select count(*) from orders where total > (select avg(total) / 1000 from orders)' 'with o as (select * from orders) select count(*) from o' 'select sum(n) from (select count(*) as n from orders group by total) s' \
	"select count(*) from orders where org_id = extensions.workos_org_id()" 'select count(*) from orders where id in (select id from orders)'; do
	is "$(asks org_1 '' "$query")" 10 "... by $query"
done
is "$(asks org_1 '' 'update orders set total = 0 returning id' | wc -l)" 10 'a user changes the own rows'
is "$(asks org_1 ',"act":{"sub":"a"}' 'update orders set total = 0 returning id' | wc -l)" 0 'an impersonator changes none'
is "$(asks org_1 ',"act":{"sub":"a"}' 'select count(*) from orders')" 10 '... and reads them'
like "$(asks org_1 '' "insert into orders values (99, 'org_2', 1)")" '42501: new row violates row-level security policy' 'nobody adds a row to another organization'

# Why restrictive policies are an error: if Citus mends it, this fails, and the rule can go.
admin 'create policy nothing on orders as restrictive for select using (true)' >/dev/null
is "$(admin "select string_agg(distinct result, ',') from run_command_on_shards('orders', \$c\$select string_agg(polpermissive::text, ',') from pg_policy where polrelid = '%s'::regclass and polname = 'nothing'\$c\$)")" true 'Citus makes a RESTRICTIVE policy PERMISSIVE on the shards'
is "$(admin "select object from extensions.workos_lint() where rule = 'citus_restrictive'")" 'policy nothing on public.orders' '... and the lint finds it'
admin 'drop policy nothing on orders' >/dev/null
like "$(admin 'create policy once on orders for select using (org_id = (select extensions.workos_org_id()))')" 'ERROR' 'Citus refuses a policy with a sub-select'

# Verified tokens: each server verifies them with its own issuers.
KEYS=$(mktemp -d)
source "$here/examples/direct-connections/mint.sh"
new_key ours
is "$(everywhere "select extensions.workos_trust_issuer('$ISSUER', '{\"keys\":[$(jwk ours ours)]}')")" done 'the issuer is trusted on each server'
everywhere 'alter database postgres set workos.claims_source = token' >/dev/null
admin "insert into orders values (100, 'org_01', 1)" >/dev/null
token=$(token user_01)
is "$(on coordinator authenticated begin "select extensions.workos_authenticate('$token')" 'select count(*) from orders' commit | tail -n 1)" 0 'the token of workos_authenticate() does not reach the rows'
is "$(on coordinator authenticated begin "select extensions.workos_authenticate('$token')" 'select extensions.workos_propagate_claims()' 'select id from orders' commit | tail -n 1)" 100 '... but by workos_propagate_claims()'
rm -rf "$KEYS"
done_testing
