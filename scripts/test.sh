#!/bin/sh
# Run the tests of the given packages, with the race detector if this machine can build it.
set -eu

if go build -race runtime/cgo >/dev/null 2>&1; then
	exec go test -race -count=1 -timeout 5m "$@"
fi
echo "!!! WITHOUT -race: the race detector needs cgo and a C compiler (on Debian: gcc, libc6-dev)."
go test -count=1 -timeout 5m "$@"
echo "!!! The tests above ran WITHOUT the race detector."
