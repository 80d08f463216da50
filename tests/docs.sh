# Checks the documents: links, the reference, and all SQL. Sourced by scripts/test.sh, after the databases native and
# portable of the conformance tests.

check() { target/python/bin/python tests/docs.py "$@"; }

check links
check errors
check symptoms
mkdir "$WORK/recipes" "$WORK/docs-keys"
KEYS=$WORK/docs-keys
source examples/direct-connections/mint.sh
new_key docs
jwks="{\"keys\":[$(jwk docs ours)]}"
check recipes docs/how-to/policies.md tests/recipes "$WORK/recipes"
check recipes docs/how-to/migrate.md tests/migrations "$WORK/recipes"
mkdir "$WORK/delegated"
check recipes docs/how-to/delegated-access.md tests/delegated "$WORK/delegated"
for edition in native portable; do
	psql -Xqd directory_$edition -U keeper -o /dev/null -f tests/directory/setup/ann.sql
	PGDATABASE=directory_$edition check functions $edition -v issuer="$ISSUER" -v jwks="$jwks" -v token="$(SIGNER=docs token user_01ANN)"
	psql -Xqd directory_$edition -U keeper -v ON_ERROR_STOP=1 -f sql/testing/pg_workos_testing.sql
	psql -Xqd directory_$edition -v ON_ERROR_STOP=1 -f tests/delegated/setup.sql
	prove_as keeper directory_$edition "$WORK"/delegated/*.sql
	psql -Xqd $edition -f tests/recipes/setup.sql
	psql -Xqd $edition -c 'grant execute on all functions in schema extensions to developer' # for workos_lint()
	PGDATABASE=directory_$edition check schema workos docs/reference/directory.md
	PGDATABASE=$edition check schema workos_test docs/reference/testing.md
	PGDATABASE=$edition check lint $edition
	prove_as developer $edition "$WORK"/recipes/*.sql
done
ACCESS_TOKEN=$(ISSUER=https://api.workos.com/user_management/client_01DEMO SIGNER=docs token user_01ANN)
export ACCESS_TOKEN
# In a database of their own, with the roles of the cluster. Instead of WorkOS, the keys are those of the tests.
mkdir "$WORK/stand-ins"
printf '#!/bin/sh\ncase $* in *no_such_client*) echo "curl: (22) 404" >&2; exit 22 ;; esac\necho %q\n' "$jwks" >"$WORK/stand-ins/curl"
chmod +x "$WORK/stand-ins/curl"
agent=$(signed docs '{"alg":"RS256","kid":"ours"}' '{"iss":"https://example.authkit.app","aud":"https://db.example/mcp","sub":"user_01ANN","client_id":"client_01AGENT","org_id":"org_01ACME","sid":"app_consent_01","scope":"openid notes:write","exp":4102444800}')
for document in README.md docs/how-to/{install,directory,keys,backup,scaling}.md docs/tutorials/{self-hosted,own-server,mcp-server}.md; do
	createdb -T template0 document
	if [[ $document =~ ^README|/(keys|backup|scaling).md$ ]]; then
		psql -Xqd document -c 'create schema extensions' -c 'grant usage on schema extensions to public' -c 'create extension pg_workos with schema extensions'
		psql -Xqd document -c 'alter database document set search_path = public, extensions'
	fi
	PATH=$WORK/stand-ins:$PATH PGDATABASE=document TOKEN=$agent check run $document
	dropdb document
done
psql -Xq -c 'alter role authenticator reset session_preload_libraries'
for document in docs/how-to/{portable-edition,local-development,troubleshooting}.md; do PGDATABASE=portable check run $document; done
check coverage README.md docs/tutorials/{hosted-supabase-nextjs,self-hosted,own-server,mcp-server}.md docs/reference/{functions,lint}.md \
	docs/how-to/{install,directory,keys,backup,scaling,policies,delegated-access,migrate,testing-policies,portable-edition,local-development,troubleshooting}.md
