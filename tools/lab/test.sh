#!/bin/sh
# Runs the unit tests of the lab; they need neither root nor namespaces.
set -eu
cd "$(dirname "$0")"
command -v python3 >/dev/null || { echo "lab tests: skipped: python3 is required"; exit 0; }
[ "$(uname)" = Linux ] || { echo "lab tests: skipped: Linux is required"; exit 0; }
export PYTHONDONTWRITEBYTECODE=1
python3 -m unittest discover -q -s tests
