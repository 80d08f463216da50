# The official Postgres image with pg_workos. POSTGRES is 15 to 18. From a copy of the repository, after `make package`, or
# with a folder that holds the .deb of a release in place of target/dist:
#
#   docker build -f packaging/oci/postgres.Dockerfile --build-arg POSTGRES=17 -t pg_workos:17 target/dist
ARG POSTGRES=17
ARG BASE=docker.io/library/postgres:${POSTGRES}-bookworm
FROM ${BASE}
# The builder sets TARGETARCH, and the official image PG_MAJOR.
ARG TARGETARCH
# dpkg installs nothing else, and fails if the image has another Postgres.
RUN --mount=type=bind,target=/packages \
    dpkg --install /packages/postgresql-"${PG_MAJOR}"-pg-workos_*_"${TARGETARCH}".deb
