#!/bin/sh
# Renews assets/ from the published npm packages, each file as published, and lists the sums that the tests verify.
# To move to another version, change it here, run this, run the tests. graphiql 4 is the last line that publishes a
# single-file build, and React 18 the last with a UMD build. Needs npm, tar and sha256sum.
set -eu

assets=$(cd "$(dirname "$0")" && pwd)/assets
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# take NAME VERSION FILE... unpacks a package and copies the files, without their folders, to assets/NAME.
take() {
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
take graphiql 4.1.2 LICENSE graphiql.min.js graphiql.min.css
take react 18.3.1 LICENSE umd/react.production.min.js
take react-dom 18.3.1 LICENSE umd/react-dom.production.min.js

cd "$assets"
sha256sum */* >SHA256SUMS
