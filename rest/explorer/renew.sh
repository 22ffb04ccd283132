#!/bin/sh
# Downloads the published npm package into assets/ without changing its files, and writes the
# checksums that the tests verify. To update, change the version below, run this, then the tests.
# Requires npm, tar and sha256sum.
set -eu

version=5.35.0
assets=$(cd "$(dirname "$0")" && pwd)/assets
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm pack --silent --pack-destination "$work" "swagger-ui-dist@$version"
tar -xzf "$work/swagger-ui-dist-$version.tgz" -C "$work"
rm -rf "$assets"
mkdir "$assets"
for file in LICENSE NOTICE swagger-ui-bundle.js swagger-ui.css; do
	cp "$work/package/$file" "$assets/"
done
cd "$assets"
sha256sum LICENSE NOTICE swagger-ui-bundle.js swagger-ui.css >SHA256SUMS
