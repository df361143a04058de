#!/usr/bin/env bash
# test.sh [ARGUMENT...]  runs every test; the arguments go to `cargo test`.
#
# With WYNOS_TEST_DATABASE_URL, the address of a superuser on a PostgreSQL that tests may use freely, no server is
# installed or started.
set -euo pipefail
cd "$(dirname "$0")/.."

things=(cc chromium xmllint sqlite3 moto sam)
[ -n "${WYNOS_TEST_DATABASE_URL:-}" ] || things+=(postgres)
scripts/need.sh "${things[@]}"
# Tests run the program `wynos`, which cargo test alone does not build. Built with the tests it shares their libraries; its
# feature for AWS adds nothing that the functions do not need anyway, and is tried too.
features=standalone/aws
cargo build --locked --workspace --bins --tests --features "$features"
exec cargo test --locked --workspace --features "$features" --no-fail-fast "$@"
