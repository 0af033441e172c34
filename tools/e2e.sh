#!/usr/bin/env bash
# Runs the browser tests of the dashboard in Chromium: most use a mock server, one uses a
# real netlyra that this script starts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
tools/node.sh || { echo "e2e: skipped: Node 20.19 or newer is required"; exit 0; }
[ -n "$CHROMIUM" ] || { echo "e2e: skipped: Chromium is required (apt-get install chromium, or set CHROMIUM)"; exit 0; }
go tool task ui:install

out=$(mktemp)
trap 'rm -f "$out"' EXIT
run() { tools/with-netlyra.sh npm --prefix ui run --silent e2e 2>&1 | tee "$out"; }
# Browser tests can fail on a busy machine, so a failed run is repeated once. The names of
# failed tests are printed last.
if ! run; then
  grep -E '^ *not ok|^# fail' "$out" | sed 's/^/e2e: failed once: /'
  run || { grep -E '^ *not ok|failureType|error: ' "$out" | sed 's/^/e2e: failed twice: /'; exit 1; }
fi
