#!/usr/bin/env bash
# Start the sixth container node and wait until it and all that run agree. Called by `make join`.
set -euo pipefail
cd "$(dirname "$0")/.."

read -ra nodes < <(scripts/nodes.sh | tr ' ' '\n' | grep -vx 6 | paste -s -d ' ' -) || true
if [[ " ${nodes[*]:-} " != *" 1 "* ]]; then
	echo "Node 1, which the newcomer asks, is not up: 'make up' first." >&2
	exit 1
fi
scripts/compose.sh up -d --no-recreate node6 node6-detector node6-disseminator
nodes+=(6)
if ! scripts/wait-members.sh 60 "${nodes[*]/%/:alive} ..." "${nodes[@]}"; then
	echo "Node 6 still runs: 'make logs SERVICE=node6' shows what it says, 'make down' removes it." >&2
	exit 1
fi
