#!/usr/bin/env bash
# Lists known vulnerabilities in the Go modules (govulncheck: only code that is called) and
# in the npm packages (npm audit). A database that does not respond is reported as skipped
# and is not a failure. Exits with 3 if a vulnerability was found. With --list it exits with
# 0 in that case, because an external database must not fail an unchanged commit.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
list=${1:-}
tags=${TAGS:-nomsgpack}
found=0 errors=0
missing=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

unreachable='no such host|dial tcp|i/o timeout|connection refused|network is unreachable|TLS handshake|unexpected status|proxyconnect'
echo "== Go modules"
timeout 240 go tool -modfile=tools/vuln/go.mod govulncheck -tags "$tags" ./... >"$log" 2>&1
rc=$?
cat "$log"
case $rc in
0) ;;
3) found=1 ;;
124) missing+=("Go modules (no response in 240 s)") ;;
*) if grep -Eq "$unreachable" "$log"; then missing+=("Go modules (the database does not respond)"); else errors=1; fi ;;
esac

for dir in ui bruno; do
  echo "== npm packages of $dir"
  if ! tools/node.sh; then
    missing+=("npm packages of $dir (Node is not installed)")
    continue
  fi
  (cd "$dir" && timeout 120 npm audit --package-lock-only --audit=true) >"$log" 2>&1
  rc=$?
  cat "$log"
  if [ "$rc" -eq 0 ]; then
    continue
  elif grep -Eqi 'audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOAUDIT|network' "$log" || [ "$rc" -eq 124 ]; then
    missing+=("npm packages of $dir (the database does not respond)")
  elif grep -Eq '^[0-9]+ .*vulnerabilit' "$log"; then
    found=1
  else
    errors=1
  fi
done

if [ ${#missing[@]} -gt 0 ]; then
  printf 'vuln: skipped:'
  printf ' %s;' "${missing[@]}"
  printf '\n'
fi
if [ "$errors" -ne 0 ]; then
  echo "vuln: a check failed to run; see above"
  exit 1
elif [ "$found" -ne 0 ]; then
  echo "vuln: vulnerabilities found; see above"
  [ "$list" = --list ] || exit 3
elif [ ${#missing[@]} -eq 0 ]; then
  echo "vuln: no known vulnerabilities"
fi
