#!/usr/bin/env bash
# NetLyra on a real Apache Kafka of N brokers (default 1), started for this run:
#   tools/kafka/test.sh [N]
# The same capture through the embedded broker and through Kafka must end in the same
# counts, the same alerts and the same connections.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
for need in java mvn; do
  command -v $need >/dev/null || { echo "kafka — left out: no $need here"; exit 0; }
done
n=${1:-1}
dir=$(mktemp -d)
jars=${KAFKA_JARS:-${TMPDIR:-/tmp}/netlyra-kafka-jars-$(id -u)}
mkdir -p "$jars"
ln -s "$jars" "$dir/libs"
export KAFKA_HOME=$dir
trap 'tools/kafka/run.sh stop; rm -rf "$dir"' EXIT
brokers=$(tools/kafka/run.sh start "$n")
echo "kafka: $n brokers at $brokers"

go build -o "$dir/netlyra" ./cmd/netlyra
"$dir/netlyra" gen --seed 5 --duration 40s -o "$dir/demo.pcap"

# through NAME BROKERS: one pass of the capture; its summary and rows go to NAME.txt.
through() {
  API_PORT=0 WS_PORT=0 LOG_LEVEL=warn KAFKA_BROKERS=$2 DB_PATH=$dir/$1.db DATA_DIR=$dir/$1 timeout 120 "$dir/netlyra" \
    up --env-file /dev/null --replay "$dir/demo.pcap" --speed max --exit-when-done >"$dir/$1.log" 2>&1 ||
    { cat "$dir/$1.log"; echo "kafka: the pass through $1 failed"; exit 1; }
  grep -E '^(packets (published|scored)|alerts|connections) ' "$dir/$1.log" | tee "$dir/$1.txt"
  rows "$dir/$1.db" >>"$dir/$1.txt"
}

rows() { # what tells alerts and connections apart, in order
  command -v python3 >/dev/null || return 0
  python3 - "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for query in ("select id, count, score from alerts order by id",
              "select id, state, orig_packets, resp_packets from connections order by id"):
    for row in db.execute(query):
        print(*row)
PY
}

through embedded ""
through kafka "$brokers"
if ! diff -u "$dir/embedded.txt" "$dir/kafka.txt"; then
  echo "kafka: the embedded broker and Kafka disagree"
  exit 1
fi
echo "kafka: the embedded broker and Kafka agree in $(wc -l <"$dir/kafka.txt") lines of counts, alerts and connections"
