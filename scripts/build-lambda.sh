#!/usr/bin/env bash
# build-lambda.sh [FUNCTION...]  builds the functions for arm64 as Lambda takes them, one zip each, into target/lambda, and
# tells their sizes; one that is larger than promised fails. Without names, all of them. Nothing but pip's packages is needed:
# the linker comes with them. CARGO_BUILD_JOBS and CARGO_TARGET_DIR are honoured.
#
# Each is built from its own folder: so functions/.cargo/config.toml says how, and no function is built with what another one
# needs. sam build does the same.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh cc lambda
export PATH=$PWD/target/python/bin:$PATH
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR=$target
if command -v rustup >/dev/null 2>&1; then
    rustup target list --installed | grep -q '^aarch64-unknown-linux-gnu$' || rustup target add aarch64-unknown-linux-gnu
fi

functions=("$@")
if [ ${#functions[@]} -eq 0 ]; then
    mapfile -t functions < <(sed -n 's|^ *CodeUri: functions/||p' template.yaml)
fi
for function in "${functions[@]}"; do
    (cd "functions/$function" && cargo lambda build --locked --release --arm64 --output-format zip --bin "wynos-$function")
done

failed=0
complain() {
    echo "$1" >&2
    failed=1
}
for function in "${functions[@]}"; do
    built=$target/lambda/wynos-$function
    size=$(stat -c %s "$built/bootstrap.zip")
    printf '%-12s %6d kB\n' "$function" $((size / 1000))
    case $function in
        webhook | schedule)
            [ "$size" -lt 3000000 ] || complain "$function has more than 3 MB"
            # Both work without an engine of their own: a SQLite that is linked can be known by how its files begin.
            python3 -m zipfile -e "$built/bootstrap.zip" "$built"
            ! grep -q 'SQLite format 3' "$built/bootstrap" || complain "$function holds a database engine"
            ;;
        *) [ "$size" -lt 10000000 ] || complain "$function has more than 10 MB" ;;
    esac
done
exit $failed
