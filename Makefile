# Each target calls cargo or one script. PG_CONFIG chooses the Postgres.

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

.PHONY: all install uninstall demo psql test installcheck test-all fuzz fuzz-sql bench clean

all:
	$(if $(MAJOR),,$(error there is no Postgres at PG_CONFIG=$(PG_CONFIG)))
	$(BUILD)
	@echo '$(POSTGRES)' > $(BUILT_FOR)

# Copies only, so that `sudo make install` needs no Rust.
install:
	@[ "$$(cat $(BUILT_FOR) 2>/dev/null)" = '$(POSTGRES)' ] || { echo 'run this first: make PG_CONFIG=$(PG_CONFIG)' >&2; exit 1; }
	install -d "$(EXTDIR)" "$(LIBDIR)"
	install -m 755 $(LIBRARY) "$(LIBDIR)/pg_workos$(DLSUFFIX)"
	sed 's/@CARGO_VERSION@/$(VERSION)/' pg_workos.control > "$(EXTDIR)/pg_workos.control"
	install -m 644 sql/pg_workos--*.sql "$(EXTDIR)"

uninstall:
	rm -f "$(LIBDIR)/pg_workos$(DLSUFFIX)" "$(EXTDIR)/pg_workos.control" "$(EXTDIR)"/pg_workos--*.sql

# Shows the main job on a small application, in a throwaway server.
demo:
	scripts/demo.sh

# The same application, to try things in.
psql:
	scripts/demo.sh psql

# Everything, against one Postgres.
test:
	scripts/test.sh

# The tests in SQL, against an installed extension in a running server: PGHOST and the like name it.
installcheck:
	scripts/installcheck.sh

# Everything, against each Postgres found on this machine.
test-all: test
	scripts/test-others.sh

# Looks for inputs that the core gets wrong, each target for FUZZ_SECONDS (60).
fuzz:
	scripts/fuzz.sh

# Random tests in SQL: both editions, the portable edition's JSON check, plans; each part for FUZZ_SECONDS (60).
fuzz-sql:
	scripts/fuzz-sql.sh

# What a policy costs, compared with a literal; writes docs/performance.md. About a quarter of an hour.
bench:
	bench/run.sh

clean:
	$(CARGO) clean
