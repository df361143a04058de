#!/usr/bin/env bash
# build-lambda.sh [FUNCTION...]  builds the functions for arm64 as Lambda takes them, one zip each, into target/lambda, and
# tells their sizes. Without names, all of them. Nothing but pip's packages is needed: the linker comes with them.
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
packages=()
for function in "${functions[@]}"; do
    packages+=(--package "wynos-$function" --bin "wynos-$function")
done
cargo lambda build --locked --release --arm64 --output-format zip "${packages[@]}"
for function in "${functions[@]}"; do
    printf '%-12s %6d kB\n' "$function" $(($(stat -c %s "target/lambda/wynos-$function/bootstrap.zip") / 1000))
done
