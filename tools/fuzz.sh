#!/usr/bin/env bash
# Fuzzes every target of the repository in sequence: FUZZ_EACH seconds each, or FUZZ_TOTAL
# seconds (default 3600) divided equally. Arguments limit it to packages: ./internal/decode.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dirs=("${@:-.}")
mapfile -t targets < <(grep -rhoE --include='*_test.go' --with-filename '^func Fuzz[A-Za-z0-9_]*' "${dirs[@]}" |
  sed -E 's#^(\./)?(.*)/[^/]*:func (.*)#./\2 \3#' | sort -u)
n=${#targets[@]}
[ "$n" -gt 0 ] || { echo "fuzz: no fuzz targets in ${dirs[*]}"; exit 0; }
each=${FUZZ_EACH:-$((${FUZZ_TOTAL:-3600} / n))}
[ "$each" -gt 0 ] || each=1
passed=0 failed=0 execs=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for t in "${targets[@]}"; do
  read -r dir name <<<"$t"
  crashers() { find "$dir/testdata/fuzz/$name" -type f 2>/dev/null | wc -l; }
  before=$(crashers)
  go test "$dir" -run '^$' -fuzz "^$name\$" -fuzztime "${each}s" >"$out" 2>&1
  rc=$?
  # The fuzzing engine sometimes reports its own deadline as a failure; a real failure
  # leaves a file.
  if [ $rc -ne 0 ] && grep -q 'context deadline exceeded' "$out" && [ "$(crashers)" = "$before" ]; then rc=0; fi
  did=$(grep -oE 'execs: [0-9]+' "$out" | tail -n 1 | grep -oE '[0-9]+')
  execs=$((execs + ${did:-0}))
  if [ $rc -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok    $dir $name ${each}s, ${did:-0} executions"
  else
    failed=$((failed + 1))
    echo "FAIL  $dir $name"
    tail -n 30 "$out"
  fi
done
echo "fuzz: $n targets, $passed passed, $failed failed, $execs executions"
[ "$failed" -eq 0 ]
