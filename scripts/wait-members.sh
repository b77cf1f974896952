#!/usr/bin/env bash
# Wait until nodes of this machine agree on the membership:
#
#   scripts/wait-members.sh SECONDS "1:alive 2:failed ..." NODE...
#
# Done when each NODE (disseminator at 127.0.0.1:50060+NODE) lists exactly these members in these
# states and all of them with the same incarnations. Behind "..." as the last word, the lists may
# have other members too, of which nothing is asked. Prints how long it took, from SINCE (seconds
# of the epoch; now, if unset); after SECONDS prints the views and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

limit=$1 want=$2
shift 2

view() { # view NODE: its members as sorted words id:state:incarnation
	bin/swimctl members --addr "127.0.0.1:$((50060 + $1))" --timeout 2s -o json 2>&1 | awk -F '"' '
		/^swimctl: / { print }
		$2 == "id" { id = $4 }
		$2 == "state" { state = $4 }
		$2 == "incarnation" { gsub(/[^0-9]/, "", $3); print id ":" state ":" $3 }
	' | sort | paste -sd ' ' -
}

wanted() { # wanted NODE: its view, without the members of which nothing is asked
	local all=" $want " row rows=()
	for row in $(view "$1"); do
		if [[ "$all" != *" ... "* || "$all" == *" ${row%%:*}:"* ]]; then rows+=("$row"); fi
	done
	echo "${rows[*]-}"
}

agreed() { # agreed NODE...
	local first this
	first=$(wanted "$1")
	[[ "$(sed -E 's/:[0-9]+( |$)/\1/g' <<<"$first")" == "${want% ...}" ]] || return
	shift
	for node; do
		this=$(wanted "$node")
		[[ "$this" == "$first" ]] || return
	done
}

start=${SINCE:-${EPOCHREALTIME:-$(date +%s)}} # old versions of bash have whole seconds only
SECONDS=0
until agreed "$@"; do
	if ((SECONDS >= limit)); then
		echo "not so after $limit s: nodes $* should all list: $want" >&2
		for node; do echo "  node $node lists: $(view "$node")" >&2; done
		exit 1
	fi
	sleep 0.1
done
awk -v from="$start" -v to="${EPOCHREALTIME:-$(date +%s)}" -v nodes="$*" -v want="$want" \
	'BEGIN { printf "nodes %s agree after %.1f s: %s\n", nodes, to - from, want }'
