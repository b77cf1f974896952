#!/bin/sh
# Fail if the committed proto/swimpb differs from what the pinned tools generate now.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.tools:$PATH"

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
buf generate --output "$fresh"
if ! diff -ru proto/swimpb "$fresh/proto/swimpb"; then
	echo "proto/swimpb is not what swim.proto generates: run 'make proto' and commit the result"
	exit 1
fi
echo "ok      proto/swimpb is what swim.proto generates"
