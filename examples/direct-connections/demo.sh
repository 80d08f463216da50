# Sourced by scripts/demo.sh: the multi-tenant example on a direct connection, with tokens signed on the spot.

KEYS=$WORK/keys
mkdir -m 700 "$KEYS"
source examples/direct-connections/mint.sh
new_key workos
new_key mallory
ISSUER=https://api.workos.com/user_management/client_01DEMO

createdb -U postgres -T postgres direct
export PGDATABASE=direct
psql -Xq -U postgres -v ON_ERROR_STOP=1 -v issuer="$ISSUER" -v jwks="{\"keys\":[$(jwk workos 01DEMO)]}" <<-'SQL'
	alter database direct set search_path = public, extensions;
	alter database direct set workos.claims_source = 'token';
	\connect
	select workos_trust_issuer(:'issuer', :'jwks') \g /dev/null
	-- Unlike authenticator it has what is granted to authenticated, and need not become another role.
	create role app login;
	grant authenticated to app;
SQL

# Two of the demo's callers. Each gets a token with the same claims.
header='{"alg":"RS256","kid":"01DEMO"}'
claims_of() { psql -XAtq -U postgres -c "select claims from demo.caller where n = $1"; }
vic=$(claims_of 4) greta=$(claims_of 5)
signed_in() { printf "select workos_authenticate('%s') \\g /dev/null\n" "$1"; }
vics=$(signed workos "$header" "$vic") # header.payload.signature
by_vic=$(signed_in "$vics")

# tries TITLE EXPECTED [SQL...]: runs the SQL and a query in a transaction of a new connection, and prints the result.
# The demo fails if the result is not the expected one.
tries() {
	local got look="select coalesce(workos_user_id(), 'nobody') || ' sees ' || string_agg(title, ', ' order by id) from documents"
	got=$(printf '%s;\n' begin "${@:3}" "$look" commit | psql -XqAt -U app -v ON_ERROR_STOP=1 2>&1 | grep -v '^HINT:') || true
	printf '  %-40s %s\n' "$1" "$got"
	[ "$got" = "$2" ] || die "expected: $2"
}
nobody='nobody sees Anvil press kit, Forecast'
refused='ERROR:  access token'

cat <<-'TEXT'

	Direct connections: Postgres itself verifies the token, without a gateway. A second database of the same application
	has workos.claims_source = token, and workos_trust_issuer gave it the public key of an issuer made for this demo. Each
	line is one attempt to sign in with a token and to read the documents:

	  begin; select workos_authenticate($1); select title from documents; commit;

TEXT
tries "Vic's token" 'user_01VIC sees Roadmap, Launch checklist, Anvil press kit, Forecast' "$by_vic"
tries "Greta's token" 'user_01GRETA sees Anvil press kit, Storm plan, Forecast' "$(signed_in "$(signed workos "$header" "$greta")")"
tries 'no token' "$nobody"
tries "the next transaction after Vic's" "$nobody" "$by_vic" commit begin
tries "set request.jwt.claims to Vic's claims" "$nobody" "set local request.jwt.claims = '$vic'"
tries "the same to Greta's, with Vic's token" 'user_01VIC sees Roadmap, Launch checklist, Anvil press kit, Forecast' "$by_vic" "set local request.jwt.claims = '$greta'"
tries 'set workos.claims_source = request' 'ERROR:  permission denied to set parameter "workos.claims_source"' "$by_vic" 'set workos.claims_source = request'
tries "Vic's claims, signed with another key" "$refused has a bad signature" "$(signed_in "$(signed mallory "$header" "$vic")")"
tries "Vic's token, the viewer made an owner" "$refused has a bad signature" "$(signed_in "${vics%%.*}.$(printf %s "${vic/viewer/owner}" | b64url).${vics##*.}")"
tries "Vic's claims, unsigned: alg none" "$refused is not signed with RS256" "$(signed_in "$(printf %s '{"alg":"none"}' | b64url).$(printf %s "$vic" | b64url).")"
tries 'a token from an issuer that is not trusted' "$refused is from an unknown issuer" "$(signed_in "$(signed workos "$header" "${vic/01DEMO/02OTHER}")")"
tries "Eddy's token, which has expired" "$refused has expired" "$(signed_in "$(signed workos "$header" "$(claims_of 7)")")"
