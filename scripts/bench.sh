#!/usr/bin/env bash
# bench.sh [ARGUMENT...]  measures against the tools named in the figures; the arguments go to the benches.
set -euo pipefail
cd "$(dirname "$0")/.."

things=(cc sqlite3 psql dlt)
[ -n "${WYNOS_TEST_DATABASE_URL:-}" ] || things+=(postgres)
scripts/need.sh "${things[@]}"
exec cargo bench --locked --package wynos-tests "$@"
