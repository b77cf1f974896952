#!/bin/sh
# Follow the logs of the containers until Ctrl-C: scripts/logs.sh [node3|node3-detector]...
# A node means both of its halves: the container of its name holds the namespace and says nothing.
set -eu
cd "$(dirname "$0")/.."

for service; do
	shift
	case $service in
	node*-*) set -- "$@" "$service" ;;
	*) set -- "$@" "$service-detector" "$service-disseminator" ;;
	esac
done
trap 'exit 0' INT # Ctrl-C is how this ends, not a failure of it
status=0
scripts/compose.sh logs --follow --tail 100 "$@" || status=$?
exit "$status"
