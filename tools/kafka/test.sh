#!/usr/bin/env bash
# The bus tests on a real Apache Kafka of N brokers (default 1), started for this run:
# tools/kafka/test.sh [N] [go test flags]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
for need in java mvn; do
  command -v $need >/dev/null || { echo "kafka — left out: no $need here"; exit 0; }
done
n=${1:-1}
shift || true
dir=$(mktemp -d)
jars=${KAFKA_JARS:-${TMPDIR:-/tmp}/netlyra-kafka-jars-$(id -u)}
mkdir -p "$jars"
ln -s "$jars" "$dir/libs"
export KAFKA_HOME=$dir
trap 'tools/kafka/run.sh stop; rm -rf "$dir"' EXIT
KAFKA_BROKERS=$(tools/kafka/run.sh start "$n")
export KAFKA_BROKERS
echo "kafka: $n brokers at $KAFKA_BROKERS"
tools/gotest.sh -count=1 "$@" ./internal/bus/...
