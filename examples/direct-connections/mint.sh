# To be sourced: makes keys and signs tokens as WorkOS does, with openssl alone. It is for tests. Never trust such a key
# in a production database.

ISSUER=https://api.workos.com/user_management/client_01K20X7JCQ9X545WS80QZPA3FQ
KEYS=${KEYS:-$(mktemp -d "${TMPDIR:-/tmp}/pg_workos_keys.XXXXXX")} # the folder of the private keys

b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# new_key NAME [bits]
new_key() {
	[ -f "$KEYS/$1.pem" ] || openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${2:-2048}" -out "$KEYS/$1.pem" 2>/dev/null
}

# jwk NAME KID [more members]: the public half of a key
jwk() {
	local n
	n=$(openssl rsa -in "$KEYS/$1.pem" -noout -modulus | cut -d= -f2 | tr 'A-F' 'a-f' | sed 's/../\\x&/g')
	printf '{"kty":"RSA","alg":"RS256","use":"sig","e":"AQAB","kid":"%s","n":"%s"%s}' "$2" "$(printf '%b' "$n" | b64url)" "${3:-}"
}

# signed NAME HEADER PAYLOAD: a token
signed() {
	local message
	message=$(printf %s "$2" | b64url).$(printf %s "$3" | b64url)
	printf '%s.%s' "$message" "$(printf %s "$message" | openssl dgst -sha256 -sign "$KEYS/$1.pem" -binary | b64url)"
}

# session USER [members to put first]: the payload of a user session, valid for an hour
session() {
	local now
	now=$(date +%s)
	printf '{%s"iss":"%s","sub":"%s","sid":"session_01","org_id":"org_01","role":"member","permissions":["documents:read"],"iat":%s,"exp":%s}' \
		"${2:-}" "$ISSUER" "$1" "$now" "$((now + 3600))"
}

# token USER [members]: a valid one
token() { signed "${SIGNER:-ours}" '{"alg":"RS256","kid":"ours"}' "$(session "$@")"; }
