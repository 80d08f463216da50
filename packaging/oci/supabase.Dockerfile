# Supabase's Postgres image with pg_workos. BASE is the image that your docker-compose.yml names for the service db. From a
# copy of the repository, after `make package`, or with a folder that holds the tarball of a release in place of target/dist:
#
#   docker build -f packaging/oci/supabase.Dockerfile --build-arg BASE=supabase/postgres:17.6.1.136 -t pg_workos-supabase target/dist
#
# Postgres comes from Nix there, with a glibc of its own, which must not be older than that of the tarball (2.36, of Debian
# 12). It finds libraries in the folder that the wrapper around `postgres` puts into NIX_PGLIBDIR.
ARG BASE=docker.io/supabase/postgres:17.6.1.136
FROM ${BASE}
# The builder sets it.
ARG TARGETARCH
# Its entrypoint begins as root, and starts Postgres as another user.
# hadolint ignore=DL3002,DL3066
USER root
RUN --mount=type=bind,target=/packages \
    set -eu; \
    postgres=$(command -v postgres); \
    version=$(pg_config --version); \
    version=${version#* }; \
    major=${version%%.*}; \
    libraries=$(sed -nE "s/^export NIX_PGLIBDIR='([^']*)'.*/\1/p" "$postgres"); \
    libraries=${libraries:-$(pg_config --pkglibdir)}; \
    scripts=$(pg_config --sharedir)/extension; \
    test -e "$libraries/plpgsql.so"; \
    test -e "$scripts/plpgsql.control"; \
    mkdir /tmp/pg_workos; \
    tar -xzf /packages/pg_workos-*-pg"$major"-linux-"$TARGETARCH".tar.gz -C /tmp/pg_workos; \
    cp /tmp/pg_workos/*/lib/pg_workos.so "$libraries"; \
    cp /tmp/pg_workos/*/share/extension/pg_workos* "$scripts"; \
    rm -r /tmp/pg_workos
