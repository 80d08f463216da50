# Each target calls cargo or one script. PG_CONFIG selects the Postgres.

PG_CONFIG ?= pg_config
CARGO ?= cargo

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
MAJOR = $(shell $(PG_CONFIG) --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
EXTDIR = $(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/extension
LIBDIR = $(DESTDIR)$(shell $(PG_CONFIG) --pkglibdir)
BUILD = PGRX_PG_CONFIG_PATH="$$(command -v $(PG_CONFIG))" $(CARGO) build --release --locked --lib --no-default-features --features pg$(MAJOR)
POSTGRES = $(shell $(PG_CONFIG) --version) $(shell $(PG_CONFIG) --bindir)
BUILT_FOR = target/release/pg_workos.built-for
LIBRARY = target/release/libpg_workos$(if $(filter Darwin,$(shell uname)),.dylib,.so)
DLSUFFIX = $(if $(filter Darwin,$(shell uname)),$(if $(filter 15,$(MAJOR)),.so,.dylib),.so)

export PG_CONFIG

REPORT ?= isolation.html

.PHONY: all install uninstall demo psql report site site-test test installcheck test-all fuzz fuzz-sql soak valgrind miri bench bench-directory package release-check clean

all:
	$(if $(MAJOR),,$(error there is no Postgres at PG_CONFIG=$(PG_CONFIG)))
	$(BUILD)
	@echo '$(POSTGRES)' > $(BUILT_FOR)

# Only copies files, so `sudo make install` does not need Rust.
install:
	@[ "$$(cat $(BUILT_FOR) 2>/dev/null)" = '$(POSTGRES)' ] || { echo 'run this first: make PG_CONFIG=$(PG_CONFIG)' >&2; exit 1; }
	install -d "$(EXTDIR)" "$(LIBDIR)"
	install -m 755 $(LIBRARY) "$(LIBDIR)/pg_workos$(DLSUFFIX)"
	for name in pg_workos pg_workos_directory; do sed 's/@CARGO_VERSION@/$(VERSION)/' $$name.control > "$(EXTDIR)/$$name.control"; done
	install -m 644 sql/pg_workos--*.sql sql/pg_workos_directory--*.sql "$(EXTDIR)"

uninstall:
	rm -f "$(LIBDIR)/pg_workos$(DLSUFFIX)" "$(EXTDIR)"/pg_workos.control "$(EXTDIR)"/pg_workos--*.sql "$(EXTDIR)"/pg_workos_directory.control "$(EXTDIR)"/pg_workos_directory--*.sql

# Runs a small example application in a temporary server.
demo:
	scripts/demo.sh

# Opens psql in the same example application.
psql:
	scripts/demo.sh psql

# Proves by trying, on the development database that DATABASE_URL, or PGHOST, PGDATABASE and the like select, that its tables keep organizations
# apart, and writes the page REPORT, which also has what workos_lint() finds. The database needs sql/testing/pg_workos_testing.sql. Everything is undone.
report:
	psql -Xq $(if $(DATABASE_URL),-d "$$DATABASE_URL") -f sql/testing/report.psql > "$(REPORT).part"
	mv "$(REPORT).part" "$(REPORT)"

# Builds the web site with the playground into target/site.
site:
	site/build.sh

# Tests the web site in Chromium, and compares the playground with Postgres 17. Takes about 5 minutes.
site-test:
	site/test.sh

# Runs all tests against one Postgres.
test:
	scripts/test.sh

# Runs the SQL tests against an installed extension in a running server, which PGHOST and the like select.
installcheck:
	scripts/installcheck.sh

# Runs all tests against each Postgres on this machine.
test-all: test
	scripts/test-others.sh

# Fuzzes the core, each target for FUZZ_SECONDS (60).
fuzz:
	scripts/fuzz.sh

# Runs random tests in SQL (both editions, the JSON check of the portable edition, plans), each for FUZZ_SECONDS (60).
fuzz-sql:
	scripts/fuzz-sql.sh

# Hundreds of users over few connections of a pooler, for SOAK_MINUTES (10), while keys, revocations and memberships change, connections and servers fail, and a
# standby takes over. The exit code is 1 if anybody sees a wrong row.
soak:
	scripts/soak.sh

# The conformance tests in a server under Valgrind. Takes about an hour.
valgrind:
	scripts/valgrind.sh

# The tests of the core under Miri, which needs a nightly Rust with that component.
miri:
	scripts/miri.sh

# Measures the cost of policies compared with a literal, and writes docs/performance.md. Takes about 10 minutes.
bench:
	bench/run.sh

# Measures what the directory costs, and writes docs/performance-directory.md. Takes about 15 minutes.
bench-directory:
	bench/directory.sh

# Writes the packages of a release for this Postgres and machine into target/dist. packaging/deps.sh installs what it needs.
package:
	packaging/package.sh

# Does everything of a release that needs no network but the package registries, and says what remains. Takes about 20 minutes.
release-check:
	packaging/release-check.sh

clean:
	$(CARGO) clean
