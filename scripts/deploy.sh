#!/usr/bin/env bash
# deploy.sh [ENVIRONMENT]  builds, migrates and deploys: sam build, the new function `migrate` where the stack is there
# already, sam deploy, and `migrate` once more, which makes the tables of a new stack and tells the first owner's link while
# nobody has an account. Where migrating fails, nothing else is new. ENVIRONMENT is one of samconfig.toml, `default` when it
# is not said.
#
# With WYNOS_PARAMETERS_FIRST=1 the new `migrate` is not asked before: for new parameters without which the old ones fail, such as
# another database, with the version that is deployed already.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=${1:-default}
# The aws command line reads the first name, sam and boto3 the second one alone; a profile's region has neither.
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
[ -z "$region" ] || export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"
scripts/need.sh cc sam lambda
export PATH=$PWD/target/python/bin:$PATH SAM_CLI_TELEMETRY=0
stack=$(sed -n "/^\[$environment.global.parameters\]/,/^\[/s/^stack_name = \"\(.*\)\"/\1/p" samconfig.toml)
[ -n "$stack" ] || { echo "samconfig.toml has no stack for $environment" >&2; exit 2; }
sed -n "/^\[$environment.deploy.parameters\]/,/^\[/p" samconfig.toml | grep -q MailFrom || {
    echo "samconfig.toml has no parameters for $environment: docs/deploy.md says which" >&2
    exit 2
}

sam build --config-env "$environment"
# Old code works on new tables, new code does not on old ones.
[ -n "${WYNOS_PARAMETERS_FIRST:-}" ] || target/python/bin/python scripts/migrate.py "$stack" .aws-sam/build/MigrateFunction
sam deploy --config-env "$environment" --no-fail-on-empty-changeset
target/python/bin/python scripts/migrate.py "$stack"
sam list stack-outputs --stack-name "$stack"
