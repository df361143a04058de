#!/usr/bin/env bash
# build-lambda.sh [FUNCTION...]  builds the functions for arm64 as Lambda takes them, one zip each, into target/lambda, and
# tells their sizes. Without names, all of them. Nothing but pip's packages is needed: the linker comes with them.
#
# Each is built from its own folder: so functions/.cargo/config.toml says how, and no function is built with what another one
# needs. sam build does the same.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh cc lambda
export PATH=$PWD/target/python/bin:$PATH
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
for function in "${functions[@]}"; do
    zip=target/lambda/wynos-$function/bootstrap.zip
    printf '%-12s %6d kB\n' "$function" $(($(stat -c %s "$zip") / 1000))
    case $function in
        # Both work without an engine of their own: a SQLite that is linked can be known by how its files begin.
        webhook | schedule)
            if python3 -m zipfile -e "$zip" "target/lambda/wynos-$function" && grep -q 'SQLite format 3' "target/lambda/wynos-$function/bootstrap"; then
                echo "$function holds a database engine" >&2
                failed=1
            fi
            ;;
    esac
done
exit $failed
