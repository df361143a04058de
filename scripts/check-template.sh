#!/usr/bin/env bash
# check-template.sh  checks template.yaml with cfn-lint and with SAM, without asking AWS anything.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh sam
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-central-1}
target/python/bin/cfn-lint template.yaml
target/python/bin/sam validate --lint
