# Sourced by scripts/test.sh: gateways. Their statements with a driver, on both editions; PostGraphile 4 and 5 over HTTP, where the registry of npm can be reached
# and there is Node.js.

python() { env -u LD_LIBRARY_PATH target/python/bin/python "$@"; }
for edition in native portable; do
	new_database "gateways_$edition" "$edition"
	psql -Xqd "gateways_$edition" -f tests/gateways/setup.sql
	PGDATABASE=gateways_$edition python tests/gateways/contracts.py >"$WORK/contracts" || { cat "$WORK/contracts" >&2; die 'tests/gateways/contracts.py fails'; }
	! grep -A 2 '^not ok' "$WORK/contracts" >&2 || die "a contract of a gateway is broken, in the $edition edition"
	echo "ok - tests/gateways/contracts.py, $edition edition: $(tail -n 1 "$WORK/contracts")"
done

# postgraphile VERSION PACKAGE...
postgraphile() {
	local version=$1 folder=$WORK/postgraphile$1 server
	mkdir "$folder"
	cp tests/gateways/{settings,postgraphile"$version"}.mjs "$folder"
	echo "# installing PostGraphile $version, by npm, into a temporary folder"
	if ! (cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts "${@:2}") >"$folder/npm" 2>&1; then
		skipped "PostGraphile $version, which cannot be installed here"
		return
	fi
	echo "{\"keys\":[$(jwk ours ours)]}" >"$folder/keys.json"
	psql -Xqd gateways_native -c "delete from documents where title = 'made by PostGraphile'"
	(cd "$folder" && exec env -u LD_LIBRARY_PATH GRAPHILE_ENV=production KEYS="$folder/keys.json" ISSUER="$ISSUER" PGDATABASE=gateways_native node "postgraphile$version.mjs" >port 2>log) &
	server=$!
	until [ -s "$folder/port" ]; do
		kill -0 $server 2>/dev/null || { tail -n 20 "$folder/log" >&2; die "PostGraphile $version does not start"; }
		sleep 0.2
	done
	python tests/gateways/postgraphile.py "$version" "http://127.0.0.1:$(cat "$folder/port")/graphql" <"$WORK/gateway-tokens" >"$folder/out" || true
	kill $server
	wait $server 2>/dev/null || true
	grep '^ok' "$folder/out" || true
	! grep -q '^not ok' "$folder/out" && grep -q '^1\.\.' "$folder/out" || { grep -v '^ok' "$folder/out" >&2; head -n 20 "$folder/log" >&2; die "PostGraphile $version"; }
}
if [ -z "$clients" ]; then
	: # It does not depend on the version of Postgres.
elif command -v npm >/dev/null && command -v node >/dev/null; then
	mkdir -p "$WORK/gateway-keys"
	(
		# The variables of mint.sh are those of this subshell.
		KEYS=$WORK/gateway-keys
		source examples/direct-connections/mint.sh
		new_key ours
		new_key forged
		signed_by() { signed "$1" '{"alg":"RS256","kid":"ours"}' "$(session "$2" '"user_role":"editor","org_id":"'"$3"'","permissions":["documents:read","documents:write"],' |
			sed -E 's/,"org_id":"org_01","role":"member","permissions":\["documents:read"\]//')"; }
		{
			echo "eddy $(signed_by ours user_01EDDY org_01ACME)"
			echo "greta $(signed_by ours user_01GRETA org_01GLOBEX)"
			echo "forged $(signed_by forged user_01EDDY org_01ACME)"
			echo "machine $(signed ours '{"alg":"RS256","kid":"ours"}' "$(session client_01OTHER | sed 's/"sid":"session_01",//; s/org_01"/org_01ACME"/')")"
			echo "expired $(signed ours '{"alg":"RS256","kid":"ours"}' "$(session user_01EDDY | sed -E 's/"exp":[0-9]+/"exp":1/')")"
		} >"$WORK/gateway-tokens"
		postgraphile 4 postgraphile@4 jose@6
		postgraphile 5 postgraphile@5 graphql@16 pg@8 jose@6
	) || exit 1
else
	skipped 'PostGraphile, because there is no Node.js'
fi
