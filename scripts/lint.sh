#!/bin/sh
# Every static check of the repository. All of them run, even after one has failed.
# Called by `make lint`, which gives MODULES and has built the tools.
# shellcheck disable=SC2317 # check calls the functions
set -u
cd "$(dirname "$0")/.." || exit
PATH="$PWD/.tools:$PATH"

packages=""
for module in $MODULES; do packages="$packages ./$module/..."; done
failed=0

check() { # check NAME CURE COMMAND...: the command has to succeed
	name=$1 cure=$2
	shift 2
	if "$@"; then
		echo "ok      $name"
	else
		echo "FAILED  $name${cure:+ (cure: $cure)}"
		failed=1
	fi
}

formatted() { # gofmt lists the files, and succeeds
	# shellcheck disable=SC2086 # a list of words
	out=$(gofmt -l $MODULES) || return 1
	[ -z "$out" ] && return
	echo "$out"
	return 1
}

builds_alone() { (cd "$1" && GOWORK=off go vet ./...); }
is_tidy() { (cd "$1" && GOWORK=off go mod tidy -diff); }

check "gofmt" "gofmt -w FILE" formatted
# shellcheck disable=SC2086 # a list of words
check "go vet" "" go vet $packages
# shellcheck disable=SC2086
check "staticcheck" "" staticcheck $packages
for module in $MODULES; do
	check "$module: builds without the workspace" "a require and a replace line in go.mod" builds_alone "$module"
	check "$module: go.mod is tidy" "cd $module && GOWORK=off go mod tidy" is_tidy "$module"
done
for module in scripts/tools tests/peers; do
	check "$module: go.mod is tidy" "cd $module && GOWORK=off go mod tidy" is_tidy "$module"
done
check "buf lint" "" buf lint
check "buf format" ".tools/buf format -w" buf format --diff --exit-code
check "buf breaking" "" scripts/breaking.sh
if command -v shellcheck >/dev/null; then
	check "shellcheck" "" shellcheck .ci/run scripts/*.sh
else
	echo "!!!     SKIPPED: shellcheck is not installed (on Debian: shellcheck)"
fi
exit "$failed"
