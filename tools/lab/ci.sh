#!/usr/bin/env bash
# Step `lab` of .ci/run: installs the packages of the quick run, makes captures and evaluates them.
# Prints "lab: skipped: …" where namespaces or packages are not available.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
python3 -c 'import asyncio, concurrent.futures, ctypes, http.server, imaplib' || { echo "lab: skipped: python3 with its standard library is required"; exit 0; }
why=$(python3 tools/lab/run.py --check) || { echo "${why:-lab: the check of namespaces failed}"; [[ $why == "lab: skipped:"* ]]; exit; }
if ! timeout 130 tools/lab/install.sh quick >"$out/install.log" 2>&1; then
  tail -n 3 "$out/install.log"
  echo "lab: some packages could not be installed; their scenarios are not run"
fi
python3 tools/lab/run.py --quick --limit 190 --out "$out/lab"
[ -x bin/netlyra ] || go build -tags nomsgpack -o bin/netlyra ./cmd/netlyra
LAB=$out/lab LAB_FLOOR=${LAB_FLOOR:-0.65} tools/lab/eval.sh --seeds 1,2
