#!/usr/bin/env bash
# Runs `go test` with the given arguments and prints a summary line.
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test "$@" 2>&1 | grep --line-buffered -v '\[no test files\]' | tee "$log"
rc=${PIPESTATUS[0]}
passed=$(grep -c '^ok  ' "$log")
failed=$(grep -c '^FAIL	' "$log")
echo "go test $*: $passed packages passed, $failed failed"
exit "$rc"
