#!/bin/sh
# Runs the unit tests of the lab; they need neither root nor namespaces.
set -eu
cd "$(dirname "$0")"
python3 -c 'import ctypes, concurrent.futures, unittest' 2>/dev/null || { echo "lab tests: skipped: python3 with its standard library is required"; exit 0; }
[ "$(uname)" = Linux ] || { echo "lab tests: skipped: Linux is required"; exit 0; }
export PYTHONDONTWRITEBYTECODE=1
python3 -m unittest discover -q -s tests
