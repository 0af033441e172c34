#!/usr/bin/env bash
# The page in Chromium: most tests bring their own mock, one looks at a really running
# netlyra, which is started for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
tools/node.sh || { echo "e2e — left out: no Node 20.19 or newer here"; exit 0; }
[ -n "$CHROMIUM" ] || { echo "e2e — left out: no Chromium here (apt-get install chromium, or set CHROMIUM)"; exit 0; }
go tool task ui:install

out=$(mktemp)
trap 'rm -f "$out"' EXIT
run() { tools/with-netlyra.sh npm --prefix ui run --silent e2e 2>&1 | tee "$out"; }
# A browser on a machine that is busy may stumble once: what fails twice is a fault. The
# names of what failed come last, where they are read first.
if ! run; then
  grep -E '^ *not ok|^# fail' "$out" | sed 's/^/e2e — failed once: /'
  run || { grep -E '^ *not ok|failureType|error: ' "$out" | sed 's/^/e2e — failed twice: /'; exit 1; }
fi
