#!/usr/bin/env bash
# Builds the web site into target/site: the documents and the playground. `make site` calls it. It needs Node.js 20.6 or newer with npm, and Python
# 3.11 or newer, and installs the packages of site/package-lock.json and site/docs/requirements.txt below target/site-work.
set -euo pipefail
cd "$(dirname "$0")/.."
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

say() { echo "== $*" >&2; }
command -v npm >/dev/null || { echo 'install Node.js 20.6 or newer, with npm' >&2; exit 1; }

work=target/site-work
mkdir -p "$work"
if ! cmp -s site/package-lock.json "$work/installed"; then
	say "installing the packages of site/package-lock.json into $work"
	rm -f "$work/installed"
	cp site/package.json site/package-lock.json "$work/"
	# No script of a package runs.
	npm ci --prefix "$work" --ignore-scripts --silent
	cp site/package-lock.json "$work/installed"
fi
rm -rf "$work/playground" "$work/test"
cp -R site/playground site/test "$work/"

rm -rf target/site
mkdir -p target/site
say 'building the playground'
node "$work/playground/build.mjs" target/site/playground "$PWD"

# Sphinx, because it reads Markdown with the parser that tests/docs.py uses, stops at a link that leads nowhere, and is installed in seconds. mdBook
# would have to be compiled, and does not check links.
if ! cmp -s site/docs/requirements.txt "$work/python/installed"; then
	say "installing the packages of site/docs/requirements.txt into $work/python"
	python3 -m venv --clear "$work/python"
	"$work/python/bin/pip" install --quiet --disable-pip-version-check --requirement site/docs/requirements.txt
	cp site/docs/requirements.txt "$work/python/installed"
fi
say 'building the documents'
rm -rf "$work/docs"
mkdir "$work/docs"
"$work/python/bin/python" site/docs/stage.py "$work/docs"
cp site/docs/conf.py site/docs/icon.svg site/docs/narrow.css "$work/docs/"
"$work/python/bin/sphinx-build" -q -W --keep-going -b html -d "$work/doctrees" "$work/docs" target/site
cp target/site/README.html target/site/index.html
rm -rf target/site/.buildinfo target/site/objects.inv
touch target/site/.nojekyll
