#!/bin/sh
# Downloads the npm packages of assets/ and copies their files unmodified. Writes SHA256SUMS, which
# the tests verify. To update a version, change it here, run this script and run the tests.
# graphiql 4 is the last major version with a single-file build. React 18 is the last with a UMD build.
# Requires npm, tar and sha256sum.
set -eu

assets=$(cd "$(dirname "$0")" && pwd)/assets
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# vendor NAME VERSION FILE... unpacks a package and copies the files to assets/NAME, without directories.
vendor() {
	name=$1 version=$2
	shift 2
	npm pack --silent --pack-destination "$work" "$name@$version"
	tar -xzf "$work/$name-$version.tgz" -C "$work"
	mkdir -p "$assets/$name"
	for file in "$@"; do
		cp "$work/package/$file" "$assets/$name/"
	done
	rm -rf "$work/package"
}

rm -rf "$assets"
vendor graphiql 4.1.2 LICENSE graphiql.min.js graphiql.min.css
vendor react 18.3.1 LICENSE umd/react.production.min.js
vendor react-dom 18.3.1 LICENSE umd/react-dom.production.min.js

cd "$assets"
sha256sum */* >SHA256SUMS
