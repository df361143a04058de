#!/usr/bin/env bash
# check-dependencies.sh  checks in seconds, without a network, the rules on dependencies that matter most: the program that runs
# everywhere builds no AWS crate, the webhook's receiver no database, no function looks for credentials outside of its
# environment, and there is one TLS stack with one crypto provider.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0

refuse() { # what the names may not be, list of "name version" lines, pattern of names
    local found
    found=$(grep -E "$3" <<<"$2" || true)
    [ -z "$found" ] && return
    printf '%s:\n%s\n' "$1" "$found" >&2
    failed=1
}

crates_of() { # arguments of cargo tree
    cargo tree --locked --edges normal,build --prefix none --format '{p}' "$@" | cut -d' ' -f1,2 | sort -u
}

# aws-lc-rs and aws-lc-sys are the crypto library and have nothing to do with the cloud.
refuse "standalone must not build AWS crates" "$(crates_of --package standalone)" '^(aws-(sdk|config|smithy|runtime|types|credential|sigv4)|lambda_|aws_lambda_)'

refuse "webhook must not build a database, an object store or the domain" "$(crates_of --package wynos-webhook)" \
    '^(sqlx|sqlx-[a-z]+|rusqlite|libsqlite3-sys|aws-sdk-s3|wynos|wynos-console) '

refuse "functions must not build what looks for credentials in profiles and on the machine" "$(crates_of --package wynos-runtime)" \
    '^(aws-config|aws-sdk-(sts|sso|ssooidc|signin)) '

all=$(crates_of --workspace)
refuse "not our TLS stack or crypto provider" "$all" '^(ring|native-tls|openssl|openssl-sys) '
for single in rustls aws-lc-sys libsqlite3-sys; do
    versions=$(grep -cE "^$single " <<<"$all" || true)
    [ "$versions" -le 1 ] || refuse "more than one version of $single" "$all" "^$single "
done

[ $failed -eq 0 ] && echo "dependencies: one TLS stack, no AWS crate in standalone, no database in webhook"
exit $failed
