#!/usr/bin/env bash
# Sends every request of the collection in bruno/ to a running netlyra and checks its assertions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/node.sh || { echo "bruno: skipped: Node 20.19 or newer is required"; exit 0; }
[ -f bruno/node_modules/.package-lock.json ] && [ ! bruno/package-lock.json -nt bruno/node_modules/.package-lock.json ] ||
  npm --prefix bruno ci --no-audit --no-fund --loglevel=error
# The default sandbox is sometimes not loaded yet when the assertions of the first request run.
# shellcheck disable=SC2016
tools/with-netlyra.sh sh -c 'cd bruno && node_modules/.bin/bru run -r --env local --noproxy --sandbox developer \
  --env-var baseUrl="$BASE_URL" --env-var wsUrl="$WS_URL" --reporter-junit out.xml'
