#!/usr/bin/env bash
# need.sh THING...  makes sure that the named things are installed: cc, postgres, psql, chromium, xmllint, sqlite3, and from
# Python's packages moto, sam, lambda, dlt.
#
# Says what is missing and why it is needed before it installs anything: through apt for the whole machine, and through pip
# into target/python for this checkout alone. Does nothing when all is there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=$root/target/python
modules=()

packages=()

want() { # packages, reason
    [ ${#packages[@]} -gt 0 ] || echo "This machine lacks something. Through apt, these will be installed:"
    printf '  %-28s %s\n' "$1" "$2"
    read -ra names <<<"$1"
    packages+=("${names[@]}")
}

# A marker says that a list was installed as it is now.
have_python() { # list
    cmp -s "$root/scripts/python/$1.txt" "$python/$1.txt"
}

want_python() { # list, reason
    [ ${#modules[@]} -gt 0 ] || echo "Through pip, these will be installed into target/python:"
    printf '  %-28s %s\n' "$(grep -v '^#' "$root/scripts/python/$1.txt" | tr '\n' ' ')" "$2"
    modules+=("$1")
}

have_venv() {
    python3 -c 'import ensurepip, venv' 2>/dev/null
}

have() {
    command -v "$1" >/dev/null 2>&1
}

have_postgres() {
    have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

have_browser() {
    have chromium && have chromedriver
}

if ! have cargo; then
    echo "Rust is missing: see https://rustup.rs, then run this again." >&2
    exit 1
fi

for thing in "$@"; do
    case $thing in
        cc) have cc || want "gcc libc6-dev" "a C compiler: SQLite and the TLS library are built from source" ;;
        postgres) have_postgres || want "postgresql" "tests start a private server from it (Debian starts one of its own too)" ;;
        psql) have psql || want "postgresql-client" "the bench compares lists with psql's \\copy" ;;
        chromium) have_browser || want "chromium chromium-driver" "tests use the console in a real browser" ;;
        xmllint) have xmllint || want "libxml2-utils" "tests check exchange files against their schema with xmllint" ;;
        sqlite3) have sqlite3 || want "sqlite3" "tests and the bench compare with the sqlite3 shell" ;;
        moto) have_python moto || want_python moto "tests run the functions against a local AWS" ;;
        sam) have_python sam || want_python sam "checks and translates the template" ;;
        dlt) have_python dlt || want_python dlt "the bench measures pulls beside it" ;;
        lambda) have_python lambda || want_python lambda "builds the functions for arm64" ;;
        *)
            echo "need.sh: unknown thing: $thing" >&2
            exit 2
            ;;
    esac
done
if [ ${#modules[@]} -gt 0 ] && ! have_venv; then
    want "python3 python3-venv" "pip, for what is written in Python"
fi

install_modules() {
    [ ${#modules[@]} -gt 0 ] || return 0
    [ -x "$python/bin/python" ] || python3 -m venv "$python"
    local module
    for module in "${modules[@]}"; do
        "$python/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/scripts/python/$module.txt"
        cp "$root/scripts/python/$module.txt" "$python/$module.txt"
    done
}

if [ ${#packages[@]} -eq 0 ]; then
    install_modules
    exit 0
fi

if ! have apt-get; then
    echo "There is no apt-get here. Install what the list above names by this system's own means, then run this again." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! have sudo; then
        echo "Installing needs root, and there is no sudo. As root: apt-get install ${packages[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends "${packages[@]}"
install_modules
