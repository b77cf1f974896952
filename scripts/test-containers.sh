#!/usr/bin/env bash
# The container story, for real. Five nodes agree; node 3 is killed and the other four say failed;
# it comes back and is alive again; one half of node 2 restarts and nobody minds; a sixth node
# joins through node 1; node 4 leaves. Every step is bounded. Called by `make test-containers`.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIM_PROJECT=swim-test # not the project of `make up`
export LC_ALL=C # EPOCHREALTIME with a point
watch=$(mktemp) # what node 1 tells a watcher
watcher=        # process id of the swimctl that fills it

say() { # begin a step; its time counts from here
	echo "== $*"
	export SINCE=$EPOCHREALTIME
}

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

containers() { # containers SERVICE...: their ids, running or not
	local service
	for service; do
		docker ps --all --quiet --filter "label=com.docker.compose.project=$SWIM_PROJECT" \
			--filter "label=com.docker.compose.service=$service"
	done
}

finish() {
	local status=$?
	trap - EXIT
	[[ -z "$watcher" ]] || kill "$watcher" 2>/dev/null || true
	if ((status != 0)); then
		scripts/compose.sh ps || true
		scripts/compose.sh logs --no-color --tail 15 || true
	fi
	scripts/compose.sh down --remove-orphans >/dev/null 2>&1 || status=1
	rm -f "$watch"
	((status == 0)) && say "all steps passed"
	exit "$status"
}

ports_are_free() { # of the six nodes; `make up` and `make cluster` use the same ones
	local port
	for port in 50061 50062 50063 50064 50065 50066; do
		if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			fail "port $port is in use: end 'make cluster' or 'make up' (make down) first"
		fi
	done
}

scripts/compose.sh ps >/dev/null                         # says so, if there is no engine
scripts/compose.sh down --remove-orphans >/dev/null 2>&1 # what an interrupted run left
ports_are_free
trap finish EXIT
trap 'exit 130' INT TERM

say "start five nodes"
scripts/up.sh
scripts/wait-members.sh 30 "1:alive 2:alive 3:alive 4:alive 5:alive" 1 2 3 4 5 # and no others
bin/swimctl watch --addr 127.0.0.1:50061 -o json >"$watch" &
watcher=$!

say "SIGKILL both halves of node 3"
mapfile -t node3 < <(containers node3-detector node3-disseminator)
docker kill "${node3[@]}" >/dev/null
scripts/wait-members.sh 30 "1:alive 2:alive 3:failed 4:alive 5:alive" 1 2 4 5

say "start node 3 again"
docker start "${node3[@]}" >/dev/null
scripts/wait-members.sh 30 "1:alive 2:alive 3:alive 4:alive 5:alive" 1 2 3 4 5

say "restart only the detector of node 2"
mapfile -t half < <(containers node2-detector)
docker restart "${half[@]}" >/dev/null
scripts/wait-healthy.sh 30 1 2 3 4 5 # its next health check comes after the grace for a missing half
scripts/wait-members.sh 30 "1:alive 2:alive 3:alive 4:alive 5:alive" 1 2 3 4 5

say "a sixth node joins through node 1"
scripts/compose.sh up -d --no-recreate node6 node6-detector node6-disseminator
scripts/wait-members.sh 60 "1:alive 2:alive 3:alive 4:alive 5:alive 6:alive" 1 2 3 4 5 6

say "SIGTERM both halves of node 4: it leaves"
mapfile -t node4 < <(containers node4-detector node4-disseminator)
docker stop "${node4[@]}" >/dev/null
scripts/wait-members.sh 30 "1:alive 2:alive 3:alive 4:left 5:alive 6:alive" 1 2 3 5 6
codes=$(docker inspect --format '{{.State.ExitCode}}' "${node4[@]}" | paste -sd ' ' -)
[[ "$codes" == "0 0" ]] || fail "the halves of node 4 ended with $codes instead of 0 0"

say "node 1 never told its watcher of another failure or leave"
kill "$watcher" 2>/dev/null || fail "swimctl watch of node 1 ended early"
watcher=
grep -q '"id":"3","state":"failed"' "$watch" || fail "node 1 did not tell its watcher of node 3"
if grep -E '"state":"(failed|left)"' "$watch" | grep -v -e '"id":"3","state":"failed"' -e '"id":"4","state":"left"'; then
	fail "the lines above are wrong verdicts"
fi
