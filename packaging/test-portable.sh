#!/usr/bin/env bash
# The tests of the portable edition and its directory, without a build of the extension: for a Postgres that pgrx does not
# support yet, such as its master. Its pg_config and its programs are enough.
source "$(dirname "$0")/../scripts/postgres.sh"
install_extension() { :; }
start_server
bring_pgtap
new_database portable portable
pg_prove --failures --comments -U authenticator -d portable tests/conformance/*.sql
pg_prove --failures --comments -d portable tests/expression.sql tests/explain.sql tests/lint.sql
new_database directory directory/setup/portable
pg_prove --failures --comments -U keeper -d directory tests/directory/*.sql
