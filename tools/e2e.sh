#!/usr/bin/env bash
# The page in Chromium: most tests bring their own mock, one looks at a really running
# netlyra, which is started for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
tools/node.sh || { echo "e2e — left out: no Node 20.19 or newer here"; exit 0; }
[ -n "$CHROMIUM" ] || { echo "e2e — left out: no Chromium here (apt-get install chromium, or set CHROMIUM)"; exit 0; }
go tool task ui:install
tools/with-netlyra.sh npm --prefix ui run --silent e2e
