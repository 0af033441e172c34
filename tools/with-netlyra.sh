#!/usr/bin/env bash
# Runs a command against a really running `netlyra up` on free ports, with its data in
# a temporary folder:  tools/with-netlyra.sh [-- UP-FLAGS… --] COMMAND…
# The command sees BASE_URL, WS_URL, API_PORT and WS_PORT. The log of netlyra is
# shown where the command fails.
set -euo pipefail
bin=${NETLYRA_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/bin/netlyra}
flags=()
if [ "${1:-}" = -- ]; then
  shift
  while [ "$1" != -- ]; do flags+=("$1"); shift; done
  shift
fi
[ -x "$bin" ] || { echo "with-netlyra: $bin is not there: go tool task build" >&2; exit 1; }

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
  [ "$rc" -eq 0 ] || { echo "--- the last lines of netlyra's log" >&2; tail -n 40 "$dir/output" >&2; }
  rm -rf "$dir"
  exit "$rc"
}
trap finish EXIT

health() { # over bash's own sockets: curl may not be there
  { exec 3<>"/dev/tcp/127.0.0.1/$API_PORT"; } 2>/dev/null || return 1
  printf 'GET /api/v1/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
  head -n 1 <&3 | grep -q ' 200 '
  local rc=$?
  exec 3>&-
  return $rc
}
for _ in $(seq 150); do
  kill -0 "$pid" 2>/dev/null || { echo "with-netlyra: netlyra ended at once" >&2; exit 1; }
  if health; then up=yes; break; fi
  sleep 0.2
done
[ "${up:-}" = yes ] || { echo "with-netlyra: /api/v1/health is not 200 after 30 seconds" >&2; exit 1; }
"$@"
