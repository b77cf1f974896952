#!/usr/bin/env bash
# Start the five container nodes and wait until they agree and all are healthy. Others, such as
# the sixth of `make join`, may be there already. Called by `make up`.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C # EPOCHREALTIME with a point

services=()
for n in 1 2 3 4 5; do services+=("node$n" "node$n-detector" "node$n-disseminator"); done
since=${EPOCHREALTIME:-}
scripts/compose.sh up -d "${services[@]}"
SINCE=$since scripts/wait-members.sh 60 "1:alive 2:alive 3:alive 4:alive 5:alive ..." 1 2 3 4 5
scripts/wait-healthy.sh 60 1 2 3 4 5
