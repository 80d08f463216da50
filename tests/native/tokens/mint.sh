#!/usr/bin/env bash
# Prints SQL that stores the valid and invalid tokens of the tests in tables of the schema tap.
set -euo pipefail
cd "$(dirname "$0")/../../.."
source examples/direct-connections/mint.sh

for key in ours other; do new_key $key; done
new_key weak 1024

row() { printf "insert into tap.minted values (\$m\$%s\$m\$, \$m\$%s\$m\$, \$m\$%s\$m\$);\n" "$1" "$2" "$3"; }
good() { row "$1" "$2" ''; }
bad() { row "$1" "$2" "access token $3"; }
keys() { printf "insert into tap.key_set values ('%s', \$m\$%s\$m\$);\n" "$1" "$2"; }
NOW=$(date +%s)
header='{"alg":"RS256","kid":"ours"}'
body=$(session user_01)
without() { sed -E "s/\"$1\":(\"[^\"]*\"|[0-9]+),?//; s/,}/}/" <<<"$body"; }
valid=$(token user_01)
head=${valid%%.*} rest=${valid#*.}
payload=${rest%.*} signature=${rest#*.}

cat <<'SQL'
create table tap.minted (name text primary key, token text, refused text);
create table tap.key_set (name text primary key, jwks jsonb);
create table tap.delegated_token (name text primary key, token text, refused text);
create table tap.aged_token (age text primary key, token text, is_newer boolean);
grant select on tap.minted, tap.key_set, tap.delegated_token, tap.aged_token to public;
SQL
echo "begin;"
keys ours "{\"keys\":[$(jwk ours ours)]}"
keys two "{\"keys\":[$(jwk ours ours),$(jwk other other)]}"
keys other "{\"keys\":[$(jwk other ours)]}"
keys weak "{\"keys\":[$(jwk weak weak)]}"
keys enc "{\"keys\":[$(jwk ours ours | sed 's/"sig"/"enc"/')]}"
keys doubled "{\"keys\":[$(jwk ours k),$(jwk other k)]}"
keys private "{\"keys\":[$(jwk ours k ',"d":"AQAB"')]}"
keys secret '{"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]}'
keys broken "{\"keys\":[$(jwk ours k | sed 's/AQAB/AQ/')]}"

good valid "$valid"
good bob "$(token user_02)"
good typ "$(signed ours '{"typ":"JWT","alg":"RS256","kid":"ours"}' "$body")"
good 'a Postgres role' "$(signed ours "$header" "${body/\"role\":\"member\"/\"role\":\"authenticated\"}")"
good 'no kid, one key' "$(signed ours '{"alg":"RS256"}' "$body")"
good 'an issuer with a slash at the end' "$(signed ours "$header" "${body/3FQ\"/3FQ/\"}")"
good 'our audience' "$(token user_01 '"aud":"client_01K20X7JCQ9X545WS80QZPA3FQ","client_id":"client_01K20X7JCQ9X545WS80QZPA3FQ",')"
good 'our audience among others' "$(token user_01 '"aud":["x","client_01K20X7JCQ9X545WS80QZPA3FQ"],')"
good 'claims of every type' "$(token user_01 '"email":"a@b.example","n":1.50,"big":123456789012345678901234567890,"t":true,"z":null,"o":{"a":[1]},"l":[],"urn:app:plan":"x","é":"✓",')"
good 'keys inside the header, which are ignored' "$(signed ours '{"alg":"RS256","kid":"ours","jku":"https://evil.example","jwk":{"kty":"oct"}}' "$body")"
good 'exp is a float' "$(signed ours "$header" "$(sed -E 's/"exp":([0-9]+)/"exp":\1.5/' <<<"$body")")"

bad 'alg none' "$(printf %s '{"alg":"none"}' | b64url).$payload." 'is not signed with RS256'
hs=$(printf %s '{"alg":"HS256","kid":"ours"}' | b64url).$payload
pem=$(openssl rsa -in "$KEYS/ours.pem" -pubout 2>/dev/null)
bad 'HS256 with the public key' "$hs.$(printf %s "$hs" | openssl dgst -sha256 -hmac "$pem" -binary | b64url)" 'is not signed with RS256'
hs=$head.$payload
bad 'HS256 that says RS256' "$hs.$(printf %s "$hs" | openssl dgst -sha256 -hmac "$pem" -binary | b64url)" 'has a bad signature'
rs=$(printf %s '{"alg":"RS512","kid":"ours"}' | b64url).$payload
bad 'RS512' "$rs.$(printf %s "$rs" | openssl dgst -sha512 -sign "$KEYS/ours.pem" -binary | b64url)" 'is not signed with RS256'
ps=$(printf %s '{"alg":"PS256","kid":"ours"}' | b64url).$payload
bad 'PS256' "$ps.$(printf %s "$ps" | openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sign "$KEYS/ours.pem" -binary | b64url)" 'is not signed with RS256'
bad 'PS256 that says RS256' "$hs.$(printf %s "$hs" | openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sign "$KEYS/ours.pem" -binary | b64url)" 'has a bad signature'
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$KEYS/ec.pem" 2>/dev/null
es=$(printf %s '{"alg":"ES256","kid":"ours"}' | b64url).$payload
bad 'ES256' "$es.$(printf %s "$es" | openssl dgst -sha256 -sign "$KEYS/ec.pem" -binary | b64url)" 'is not signed with RS256'
bad 'no alg' "$(signed ours '{"kid":"ours"}' "$body")" 'is not signed with RS256'
bad 'a key of another issuer' "$(signed other "$header" "$body")" 'has a bad signature'
bad 'a key named as another issuer does' "$(signed other '{"alg":"RS256","kid":"other"}' "$body")" 'is signed with an unknown key'
bad 'unknown kid' "$(signed ours '{"alg":"RS256","kid":"new"}' "$body")" 'is signed with an unknown key'
bad 'kid is a number' "$(signed ours '{"alg":"RS256","kid":1}' "$body")" 'is signed with an unknown key'
bad 'no kid, two keys' "$(signed ours '{"alg":"RS256"}' "${body/user_management*3FQ\"/two\"}")" 'is signed with an unknown key'
bad 'a jwk brought along' "$(signed other "{\"alg\":\"RS256\",\"kid\":\"ours\",\"jwk\":$(jwk other ours)}" "$body")" 'has a bad signature'
bad 'a jku brought along' "$(signed other '{"alg":"RS256","kid":"ours","jku":"https://evil.example/jwks","x5u":"https://evil.example"}' "$body")" 'has a bad signature'
bad 'crit' "$(signed ours '{"alg":"RS256","kid":"ours","crit":["exp"]}' "$body")" 'has a critical header extension'
lacks='lacks claim iss, sub or exp, or has one of the wrong type'
bad 'iss absent' "$(signed ours "$header" "$(without iss)")" "$lacks"
bad 'iss is an array' "$(signed ours "$header" "$(sed -E 's/"iss":("[^"]*")/"iss":[\1]/' <<<"$body")")" "$lacks"
bad 'iss with two slashes more' "$(signed ours "$header" "${body/3FQ\"/3FQ//\"}")" 'is from an unknown issuer'
bad 'iss in another case' "$(signed ours "$header" "${body/api.workos/API.workos}")" 'is from an unknown issuer'
bad 'iss is a prefix' "$(signed ours "$header" "${body/A3FQ\"/A3F\"}")" 'is from an unknown issuer'
bad 'iss has a prefix' "$(signed ours "$header" "${body/A3FQ\"/A3FQQ\"}")" 'is from an unknown issuer'
bad 'sub absent' "$(signed ours "$header" "$(without sub)")" "$lacks"
bad 'exp absent' "$(signed ours "$header" "$(without exp)")" "$lacks"
bad 'exp is text' "$(signed ours "$header" "$(sed -E 's/"exp":([0-9]+)/"exp":"\1"/' <<<"$body")")" "$lacks"
bad 'expired' "$(signed ours "$header" "$(sed -E "s/\"exp\":[0-9]+/\"exp\":$((NOW - 31))/" <<<"$body")")" 'has expired'
bad 'expired, exp is a float' "$(signed ours "$header" "$(sed -E "s/\"exp\":[0-9]+/\"exp\":$((NOW - 31)).5/" <<<"$body")")" 'has expired'
bad 'nbf in the future' "$(token user_01 "\"nbf\":$((NOW + 3000)),")" 'is not yet valid'
bad 'nbf is text' "$(token user_01 '"nbf":"soon",')" 'is not yet valid'
bad 'iat in the future' "$(signed ours "$header" "$(sed -E "s/\"iat\":[0-9]+/\"iat\":$((NOW + 3000))/" <<<"$body")")" 'is not yet valid'
bad 'aud foreign' "$(token user_01 '"aud":"client_02",')" 'is for another audience'
bad 'aud array without ours' "$(token user_01 '"aud":["client_02","https://api.workos.com"],')" 'is for another audience'
bad 'aud is an object' "$(token user_01 '"aud":{"client_01K20X7JCQ9X545WS80QZPA3FQ":1},')" 'is for another audience'
bad 'client_id foreign' "$(token user_01 '"client_id":"client_02",')" 'belongs to another application'
bad 'empty' '' 'is malformed'
bad 'one segment' "$head" 'is malformed'
bad 'two segments' "$head.$payload" 'is malformed'
bad 'four segments' "$valid.$signature" 'is malformed'
bad 'padding' "$valid==" 'is malformed'
bad 'a space' " $valid" 'is malformed'
bad 'a line break at the end' "$valid"$'\n' 'is malformed'
bad 'a line break inside' "$head."$'\n'"$payload.$signature" 'is malformed'
bad 'Bearer' "Bearer $valid" 'is malformed'
odd=$(token user_01 '"x":"?>?>?~~~ÿÿÿ",')
bad 'standard base64' "$(tr '_-' '/+' <<<"$odd" | tr -d '\n')" 'is malformed'
# The last base64 character of 256 bytes has four unused bits.
bad 'an unused bit that is not zero' "${valid%?}$(printf %s "${valid: -1}" | tr 'AQgw' 'BRhx')" 'is malformed'
bad 'longer than 16 KiB' "$(token user_01 "\"x\":\"$(printf 'x%.0s' {1..12000})\",")" 'is longer than 16 kB'
bad 'a bit flipped in the header' "$(printf %s "$head" | tr 'y' 'x').$payload.$signature" 'is malformed'
bad 'another payload' "$head.$(session user_02 | b64url).$signature" 'has a bad signature'
bad 'another signature' "$head.$payload.$(printf %s "$signature" | sed 's/^....../AAAAAA/')" 'has a bad signature'
bad 'payload is an array' "$(signed ours "$header" "[$body]")" 'is malformed'
bad 'payload is null' "$(signed ours "$header" null)" 'is malformed'
bad 'payload is no JSON' "$(signed ours "$header" "$body}")" 'is malformed'
bad 'payload repeats a name' "$(token user_01 '"sub":"user_02",')" 'is malformed'
bad 'payload holds a NUL' "$(token user_01 '"x":"a\u0000b",')" 'is malformed'
bad 'header repeats a name' "$(signed ours '{"alg":"none","alg":"RS256","kid":"ours"}' "$body")" 'is malformed'
kind='is not the token of a user session'
bad 'machine' "$(signed ours "$header" "$(sed 's/"sub":"user_01","sid":"session_01"/"sub":"client_01"/' <<<"$body")")" "$kind"
bad 'widget' "$(signed ours "$header" "${body/session_01/widget_session_01}")" "$kind"
bad 'oauth' "$(token user_01 '"scope":"openid profile",')" "$kind"

# delegated NAME REFUSED [CLAIM=JSON...]: a token of an AuthKit domain, which signs those of many resources. REFUSED is what
# workos_authenticate(token, kind => 'oauth') says. A claim without a value is left out.
delegated() {
	local -A claim=([iss]='"https://example.authkit.app"' [aud]='"https://db.example/mcp"' [sub]='"user_07"' [client_id]='"client_01AGENT"' [org_id]='"org_07"'
		[sid]='"app_consent_01"' [scope]='"openid documents:read"' [exp]=$((NOW + 3600)))
	local change name claims=
	for change in "${@:3}"; do claim[${change%%=*}]=${change#*=}; done
	for name in "${!claim[@]}"; do claims+=${claim[$name]:+,\"$name\":${claim[$name]}}; done
	printf "insert into tap.delegated_token values (\$m\$%s\$m\$, \$m\$%s\$m\$, \$m\$%s\$m\$);\n" "$1" "$(signed ours "$header" "{${claims#,}}")" "${2:+access token $2}"
}
delegated 'oauth' ''
delegated 'oauth for the environment' '' 'aud="client_01ENVIRONMENT"'
delegated 'oauth for us among others' '' 'aud=["https://other.example","https://db.example/mcp"]'
delegated 'oauth without scope' '' scope=
delegated 'oauth with an ill-formed scope' '' 'scope="openid  documents:read"'
another='is for another audience'
delegated 'oauth for another resource' "$another" 'aud="https://other.example"'
delegated 'oauth for resources that are not ours' "$another" 'aud=["https://other.example","https://db.example"]'
delegated 'oauth for us with a slash' "$another" 'aud="https://db.example/mcp/"'
delegated 'oauth for a list of other types' "$another" 'aud=["https://db.example/mcp",7]'
delegated 'oauth for nobody' "$another" 'aud=[]'
delegated 'oauth for null' "$another" 'aud=null'
delegated 'oauth without audience' "$another" aud=
delegated 'session for another resource' "$another" 'aud="https://other.example"' 'sid="session_01"' scope=
delegated 'machine for another resource' "$another" 'aud="https://other.example"' 'sub="client_01MACHINE"'
delegated 'ID token for another resource' "$another" 'aud="https://other.example"' sid= scope=
not_delegated='is not of an application that acts for a user'
delegated 'session' "$not_delegated" 'sid="session_01"' scope=
delegated 'session without audience' "$not_delegated" aud= 'sid="session_01"' scope=
delegated 'machine' "$not_delegated" 'sub="client_01MACHINE"' sid=
delegated 'widget' "$not_delegated" 'sid="widget_session_01"'
delegated 'ID token' "$not_delegated" sid= scope=
delegated 'another subject' "$not_delegated" 'sub="someone"'
delegated 'expired' 'has expired' "exp=$((NOW - 40))"
delegated 'not yet valid' 'is not yet valid' "nbf=$((NOW + 3000))"
delegated 'of an unknown domain' 'is from an unknown issuer' 'iss="https://evil.authkit.app"'
# aged AGE IAT IS_NEWER: for newest.sql. The change that it is compared with was at 1767268800.5.
aged() {
	local claims
	claims=$(session user_1 | sed -E "s/session_01/session_1/; s/org_01/org_1/; s/\"iat\":[0-9]+,/$2/")
	printf "insert into tap.aged_token values ('%s', \$m\$%s\$m\$, %s);\n" "$1" "$(signed ours "$header" "$claims")" "$3"
}
aged 'an hour before' '"iat":1767265200,' false
aged 'in the same second' '"iat":1767268800,' false
aged 'at that very time' '"iat":1767268800.5,' false
aged 'a tenth of a second later' '"iat":1767268800.6,' true
aged 'in the next second' '"iat":1767268801,' true
aged 'an hour after' '"iat":1767272400,' true
aged 'without iat' '' false
aged 'with iat null' '"iat":null,' false
for n in $(seq 1 "${USERS:-300}"); do good "pool $n" "$(token "user_pool_$n")"; done
echo "commit;"
