#!/usr/bin/env bash
# Wait until both halves of nodes are healthy containers: scripts/wait-healthy.sh SECONDS NODE...
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$1
shift
want=$((2 * $#))
nodes=$(IFS='|' && echo "$*")

healthy() {
	docker ps --filter "label=com.docker.compose.project=${SWIM_PROJECT:-swim}" --filter health=healthy \
		--format '{{.Label "com.docker.compose.service"}}' | grep -cE "^node($nodes)-(detector|disseminator)\$" || true
}

SECONDS=0
until (($(healthy) == want)); do
	if ((SECONDS >= limit)); then
		echo "$(healthy) instead of $want services of nodes ${nodes//|/ } are healthy after $limit s:" >&2
		scripts/compose.sh ps >&2
		exit 1
	fi
	sleep 0.2
done
echo "all $want services of nodes ${nodes//|/ } are healthy"
