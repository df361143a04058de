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

# Tests make thousands of databases and files, none of which has to outlive them. Where there is room for them in memory, they
# do not wait for a disk.
in_memory=/dev/shm needed=$((8 * 1024 * 1024))
room() { # of memory that is free, and of what of it files may take, the lesser, in KiB
    { awk '/^MemAvailable:/ { print $2 }' /proc/meminfo && df --output=avail "$in_memory" | tail -n 1; } 2>/dev/null | sort -n | head -n 1
}
if [ -z "${TMPDIR:-}" ] && [ -w "$in_memory" ] && [ "$(room)" -ge $needed ]; then
    TMPDIR=$(mktemp -d "$in_memory/wynos-tests-XXXXXX")
    export TMPDIR
    trap 'rm -rf "$TMPDIR"' EXIT
    chmod 711 "$TMPDIR" # servers of theirs run as another user where tests run as root
fi
cargo test --locked --workspace --features "$features" --no-fail-fast "$@"
