#!/bin/sh
# Renews assets/ from the published npm package, each file as published, and lists the sums that the tests verify. To move to
# another version, change it here, run this, run the tests. Needs npm, tar and sha256sum.
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
