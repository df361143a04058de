#!/usr/bin/env bash
# demo.sh [ARGUMENT...]  builds what the demo needs and runs it; the arguments go to `wynos demo`.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh cc
exec cargo run --locked --package standalone -- demo "$@"
