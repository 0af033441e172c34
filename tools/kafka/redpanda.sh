#!/usr/bin/env bash
# Runs three Redpanda brokers in Docker on loopback for tests, with the commands of run.sh:
#   tools/kafka/redpanda.sh start | stop [N] | start-one N | brokers
set -euo pipefail
file=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/deploy/redpanda/test.yml

compose() { docker compose -f "$file" "$@"; }
brokers() { echo 127.0.0.1:39092,127.0.0.1:39093,127.0.0.1:39094; }

case ${1:-} in
start)
  [ "${2:-3}" = 3 ] || { echo "redpanda: only 3 brokers are supported" >&2; exit 2; }
  compose up --detach --wait --wait-timeout 180 >&2
  brokers
  ;;
stop) if [ -n "${2:-}" ]; then compose kill --signal KILL "redpanda-$2" >&2; else compose down --volumes --timeout 1 >&2; fi ;;
start-one) compose up --detach --wait --wait-timeout 120 "redpanda-${2:?broker number required}" >&2 ;;
brokers) brokers ;;
*) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
