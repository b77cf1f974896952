#!/bin/sh
# Run every fuzz target of the repository for the given time: scripts/fuzz.sh 20s
# Called by `make fuzz`, which gives MODULES.
set -eu
cd "$(dirname "$0")/.."

# shellcheck disable=SC2086 # a list of words
targets=$(grep -Ero --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' $MODULES || true)
if [ -z "$targets" ]; then
	echo "no fuzz target found in: $MODULES"
	exit 1
fi
echo "$targets" | while IFS=: read -r file func; do
	name=${func#func }
	echo "== $name in $(dirname "$file"), $1"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" "./$(dirname "$file")" </dev/null || exit 1
done
