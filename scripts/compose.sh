#!/bin/sh
# Run the Compose of this machine, old or new, on our file: scripts/compose.sh logs node1-detector
# SWIM_PROJECT names the project (default swim), so that tests do not touch what `make up` runs.
set -eu
cd "$(dirname "$0")/.."

if ! docker info >/dev/null 2>&1; then
	echo "No container engine answers 'docker info': start it, or join the group that may use it." >&2
	exit 1
fi
# The profile is always on, because `down` has to see node 6 too; `up` is given the services.
set -- --project-name "${SWIM_PROJECT:-swim}" --file deploy/compose/compose.yaml --profile join "$@"
if docker compose version >/dev/null 2>&1; then
	exec docker compose "$@"
elif command -v docker-compose >/dev/null; then
	exec docker-compose "$@"
fi
echo "Compose is missing: install docker-compose-v2 or docker-compose." >&2
exit 1
