#!/usr/bin/env bash
# Runs a command against a real `netlyra up` on free ports with a temporary data directory:
#   tools/with-netlyra.sh [-- UP-FLAGS… --] COMMAND…
# The command gets BASE_URL, WS_URL, API_PORT and WS_PORT in its environment. If it fails,
# the end of netlyra's log is printed.
set -euo pipefail
bin=${NETLYRA_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/bin/netlyra}
flags=()
if [ "${1:-}" = -- ]; then
  shift
  while [ "$1" != -- ]; do flags+=("$1"); shift; done
  shift
fi
[ -x "$bin" ] || { echo "with-netlyra: $bin does not exist; run: go tool task build" >&2; exit 1; }

free_port() {
  local p
  while :; do
    p=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo "$p"; return; }
  done
}

dir=$(mktemp -d)
API_PORT=$(free_port) WS_PORT=$(free_port)
while [ "$WS_PORT" = "$API_PORT" ]; do WS_PORT=$(free_port); done
export API_PORT WS_PORT BASE_URL="http://127.0.0.1:$API_PORT" WS_URL="ws://127.0.0.1:$WS_PORT/ws"
DB_PATH=$dir/netlyra.db DATA_DIR=$dir/data KAFKA_BROKERS=${KAFKA_BROKERS:-} LOG_LEVEL=info \
  "$bin" up "${flags[@]}" >"$dir/output" 2>&1 &
pid=$!
finish() {
  rc=$?
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null || true
  [ "$rc" -eq 0 ] || { echo "--- last lines of netlyra's log" >&2; tail -n 40 "$dir/output" >&2; }
  rm -rf "$dir"
  exit "$rc"
}
trap finish EXIT

health() { # uses bash sockets, because curl may not be installed
  { exec 3<>"/dev/tcp/127.0.0.1/$API_PORT"; } 2>/dev/null || return 1
  printf 'GET /api/v1/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
  head -n 1 <&3 | grep -q ' 200 '
  local rc=$?
  exec 3>&-
  return $rc
}
for _ in $(seq 150); do
  kill -0 "$pid" 2>/dev/null || { echo "with-netlyra: netlyra exited during start" >&2; exit 1; }
  if health; then up=yes; break; fi
  sleep 0.2
done
[ "${up:-}" = yes ] || { echo "with-netlyra: /api/v1/health did not return 200 within 30 s" >&2; exit 1; }
"$@"
