#!/usr/bin/env bash
# Every request of the collection in bruno/ with its assertions, on a running netlyra.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/node.sh || { echo "bruno — left out: no Node 20.19 or newer here"; exit 0; }
[ -f bruno/node_modules/.package-lock.json ] && [ ! bruno/package-lock.json -nt bruno/node_modules/.package-lock.json ] ||
  npm --prefix bruno ci --no-audit --no-fund --loglevel=error
# The default sandbox is at times not loaded yet when the first request's assertions run.
# shellcheck disable=SC2016
tools/with-netlyra.sh sh -c 'cd bruno && node_modules/.bin/bru run -r --env local --noproxy --sandbox developer \
  --env-var baseUrl="$BASE_URL" --env-var wsUrl="$WS_URL" --reporter-junit out.xml'
