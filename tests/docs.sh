# Checks the documents: links, the reference, and all SQL. Sourced by scripts/test.sh, after the databases native and
# portable of the conformance tests.

check() { target/python/bin/python tests/docs.py "$@"; }

check links
check errors
mkdir "$WORK/recipes" "$WORK/docs-keys"
KEYS=$WORK/docs-keys
source examples/direct-connections/mint.sh
new_key docs
jwks="{\"keys\":[$(jwk docs ours)]}"
check recipes "$WORK/recipes"
for edition in native portable; do
	PGDATABASE=$edition check functions $edition -v issuer="$ISSUER" -v jwks="$jwks" -v token="$(SIGNER=docs token user_01ANN)"
	psql -Xqd $edition -f tests/recipes/setup.sql
	prove_as developer $edition "$WORK"/recipes/*.sql
done
for document in README.md docs/tutorials/{self-hosted,own-server}.md; do
	createdb -T template0 document
	psql -Xq -c 'alter database document set search_path = public, extensions' -d document
	[ $document != README.md ] || psql -Xqd document -c 'create schema extensions' -c 'grant usage on schema extensions to public' -c 'create extension pg_workos with schema extensions'
	PGDATABASE=document check run $document
	dropdb document
done
