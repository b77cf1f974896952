#!/bin/sh
# Print the ids of the container nodes whose disseminator runs, as one line; fail if there are
# none: scripts/nodes.sh [--all]. With --all also of those whose containers have ended.
set -eu
cd "$(dirname "$0")/.."

if ! found=$(docker ps "$@" --filter "label=com.docker.compose.project=${SWIM_PROJECT:-swim}" \
	--format '{{.Label "com.docker.compose.service"}}'); then
	echo "No container engine answers 'docker ps': start it, or join the group that may use it." >&2
	exit 1
fi
ids=$(echo "$found" | sed -n 's/^node\([0-9]*\)-disseminator$/\1/p' | sort -n | paste -s -d ' ' -)
if [ -z "$ids" ]; then
	echo "No node is up in containers: 'make up' first." >&2
	exit 1
fi
echo "$ids"
