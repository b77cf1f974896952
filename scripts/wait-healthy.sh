#!/usr/bin/env bash
# Wait until COUNT containers of the project are healthy: scripts/wait-healthy.sh SECONDS COUNT
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$1 want=$2

healthy() {
	docker ps --quiet --filter "label=com.docker.compose.project=${SWIM_PROJECT:-swim}" --filter health=healthy | wc -l
}

SECONDS=0
until (($(healthy) == want)); do
	if ((SECONDS >= limit)); then
		echo "$(healthy) instead of $want services are healthy after $limit s:" >&2
		scripts/compose.sh ps >&2
		exit 1
	fi
	sleep 0.2
done
echo "all $want services are healthy"
