#!/usr/bin/env bash
# deny.sh  checks licences, bans and sources of all dependencies as deny.toml says, installing cargo-deny when missing.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
tools=target/tools
export PATH="$PWD/$tools/bin:$PATH"
if ! command -v cargo-deny >/dev/null; then
    echo "cargo-deny is missing: it will be built into $tools, which takes two to three minutes on two cores."
    scripts/need.sh cc
    cargo install cargo-deny --version "$version" --locked --root "$tools" --target-dir "$tools/build"
    rm -rf "$tools/build"
fi
exec cargo deny --locked check licenses bans sources
