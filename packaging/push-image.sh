#!/usr/bin/env bash
# push-image.sh MAJOR FOLDER: pushes the image with the .deb in FOLDER for this machine. push-image.sh MAJOR: makes one image of those
# that were pushed for amd64 and arm64, and prints its name and digest as outputs of a workflow. Docker has to be signed in.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$(packaging/project.sh get repository)
name=ghcr.io/${repository,,}
tag=$name:$(packaging/notes.sh version)-pg$1
if [ $# -eq 2 ]; then
	tag=$tag-$(uname -m | sed -e s/x86_64/amd64/ -e s/aarch64/arm64/)
	docker build --pull --file packaging/oci/postgres.Dockerfile --build-arg "POSTGRES=$1" --label "org.opencontainers.image.source=https://github.com/$repository" --tag "$tag" "$2"
	docker push "$tag"
else
	docker buildx imagetools create --tag "$tag" "$tag-amd64" "$tag-arm64" >&2
	printf 'name=%s\ndigest=%s\n' "$name" "$(docker buildx imagetools inspect "$tag" --format '{{.Manifest.Digest}}')"
fi
