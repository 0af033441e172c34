#!/usr/bin/env bash
# Lists known vulnerabilities in the Go modules (govulncheck: those that the code calls)
# and in the npm packages (npm audit). A database that does not answer is left out, and
# said so; it fails nothing. Exits with 3 where a vulnerability was found, or with 0
# after --list, for a database outside of the repository must not fail an unchanged commit.
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
124) missing+=("Go modules (no answer in 240 s)") ;;
*) if grep -Eq "$unreachable" "$log"; then missing+=("Go modules (the database does not answer)"); else errors=1; fi ;;
esac

for dir in ui bruno; do
  echo "== npm packages of $dir"
  if ! tools/node.sh; then
    missing+=("npm packages of $dir (no Node here)")
    continue
  fi
  (cd "$dir" && timeout 120 npm audit --package-lock-only --audit=true) >"$log" 2>&1
  rc=$?
  cat "$log"
  if [ "$rc" -eq 0 ]; then
    continue
  elif grep -Eqi 'audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOAUDIT|network' "$log" || [ "$rc" -eq 124 ]; then
    missing+=("npm packages of $dir (the database does not answer)")
  elif grep -Eq '^[0-9]+ .*vulnerabilit' "$log"; then
    found=1
  else
    errors=1
  fi
done

if [ ${#missing[@]} -gt 0 ]; then
  printf 'vuln — left out:'
  printf ' %s;' "${missing[@]}"
  printf '\n'
fi
if [ "$errors" -ne 0 ]; then
  echo "vuln: a check could not run; see above"
  exit 1
elif [ "$found" -ne 0 ]; then
  echo "vuln: vulnerabilities are known; see above"
  [ "$list" = --list ] || exit 3
elif [ ${#missing[@]} -eq 0 ]; then
  echo "vuln: none known"
fi
