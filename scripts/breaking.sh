#!/bin/sh
# Fail if swim.proto breaks the contract of its base: the last tag; before the first tag, main;
# on main itself, the commit before.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.tools:$PATH"

base() {
	git describe --tags --abbrev=0 2>/dev/null && return
	for ref in origin/main main HEAD~1; do
		git rev-parse --quiet --verify "$ref^{commit}" >/dev/null || continue
		[ "$(git rev-parse "$ref")" = "$(git rev-parse HEAD)" ] && continue
		echo "$ref"
		return
	done
}

against=$(base)
if [ -z "$against" ] || ! git cat-file -e "$against:swim.proto" 2>/dev/null; then
	echo "        nothing to compare with: no earlier commit here has a swim.proto"
	exit 0
fi
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git show "$against:swim.proto" >"$old/swim.proto"
echo "        comparing with $against"
buf breaking --against "$old"
