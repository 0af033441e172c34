#!/usr/bin/env bash
# NetLyra on a real cluster of N brokers (default 3), started for this run:
#   tools/kafka/test.sh [N] [redpanda]
# Apache Kafka is fetched by Maven and run by Java; Redpanda runs in Docker.
#
# One capture goes several ways, and each must end in the alerts of `netlyra analyze`,
# which needs no broker at all:
#   embedded   through the broker inside NetLyra
#   cluster    through the cluster, with three partitions: also the same counts and
#              connections as through the embedded one
#   lost       the same while a broker is killed midway and started again (N of 3 or more)
#   secure     over TLS with a client certificate and a log-in by SCRAM (Kafka only)
# netlyra doctor must find nothing that fails, and must find what is wrong with a wrong
# password. At the end the bus's own tests run on the cluster.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
n=${1:-3}
kind=${2:-kafka}
begun=$SECONDS

left_out() { echo "$kind — left out: $*"; exit 0; }
say() { echo "$kind: $* ($((SECONDS - begun)) s)"; }
die() { echo "$kind: $*"; exit 1; }

command -v python3 >/dev/null || left_out "no python3 here, which compares the alerts"
dir=$(mktemp -d)
case $kind in
kafka)
  for need in java mvn openssl; do command -v $need >/dev/null || left_out "no $need here"; done
  cluster=tools/kafka/run.sh
  jars=${KAFKA_JARS:-${TMPDIR:-/tmp}/netlyra-kafka-jars-$(id -u)}
  mkdir -p "$jars"
  ln -s "$jars" "$dir/libs"
  export KAFKA_HOME=$dir KAFKA_SECURE=yes KAFKA_PORT=${KAFKA_PORT:-$((21000 + RANDOM % 8000))}
  ;;
redpanda)
  cluster=tools/kafka/redpanda.sh
  timeout 10 docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 || left_out "no Docker engine answers"
  timeout 10 docker compose version >/dev/null 2>&1 || left_out "Docker has no Compose"
  ;;
*) die "want kafka or redpanda" ;;
esac
trap '$cluster stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
export KAFKA_BROKERS=
brokers=$($cluster start "$n") || die "the cluster does not start"
say "$n brokers at $brokers"

go build -tags nomsgpack -o "$dir/netlyra" ./cmd/netlyra
"$dir/netlyra" gen --seed 5 --duration 40s -o "$dir/demo.pcap" 2>/dev/null
"$dir/netlyra" analyze --env-file /dev/null "$dir/demo.pcap" --alerts "$dir/reference.ndjson" >"$dir/analyze.log" 2>&1 || { cat "$dir/analyze.log"; die "analyze failed"; }

# alerts FILE: what tells alerts apart and what was found, in order, of NDJSON or SQLite.
alerts() {
  python3 - "$1" <<'PY'
import json, sqlite3, sys
name = sys.argv[1]
if name.endswith(".db"):
    rows = sqlite3.connect(name).execute("select id, count, score from alerts").fetchall()
else:  # later lines of an id replace earlier ones
    rows = {a["id"]: (a["id"], a["count"], a["score"]) for a in map(json.loads, open(name))}.values()
for id, count, score in sorted(rows):
    print(id, count, float(score))
PY
}

connections() {
  python3 - "$1" <<'PY'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute("select id, state, orig_packets, resp_packets from connections order by id"):
    print(*row)
PY
}

alerts "$dir/reference.ndjson" >"$dir/reference.txt"
[ -s "$dir/reference.txt" ] || die "analyze finds no alerts: the test would show nothing"
say "the reference has $(wc -l <"$dir/reference.txt") alerts"

# own NAME: topics and groups of this way alone, for they share a cluster.
own() {
  local t
  for t in packets alerts connections models checkpoints dead-letters stats scores; do
    export "KAFKA_TOPIC_$(tr a-z- A-Z_ <<<$t)=$1.$t"
  done
  export KAFKA_GROUP_ENGINE=$1-engine KAFKA_GROUP_CORE=$1-core
}

# up NAME FLAGS…: one run over the capture, with what KAFKA_* say.
up() {
  local name=$1
  shift
  own "$name"
  API_PORT=0 WS_PORT=0 LOG_LEVEL=warn PACKETS_PARTITIONS=3 DB_PATH=$dir/$name.db DATA_DIR=$dir/$name.data \
    timeout "${LIMIT:-120}" "$dir/netlyra" up --env-file /dev/null --replay "$dir/demo.pcap" --exit-when-done "$@" >"$dir/$name.log" 2>&1
}

# same NAME: its alerts are those of the reference.
same() {
  alerts "$dir/$1.db" >"$dir/$1.txt"
  diff -u "$dir/reference.txt" "$dir/$1.txt" >"$dir/$1.diff" && return 0
  head -n 40 "$dir/$1.diff"
  tail -n 20 "$dir/$1.log"
  die "$1: alerts differ from those of analyze"
}

run() { # NAME FLAGS…
  up "$@" || { tail -n 40 "$dir/$1.log"; die "the way $1 failed"; }
  same "$1"
  say "$1: the alerts of analyze"
}

look() { # NAME: what doctor says, in doctor.txt
  own "$1"
  PACKETS_PARTITIONS=3 DB_PATH=$dir/$1.db DATA_DIR=$dir/$1.data API_PORT=0 WS_PORT=0 "$dir/netlyra" doctor --env-file /dev/null >"$dir/doctor.txt" 2>&1
}

doctor() { # NAME: nothing may fail
  look "$1" || { cat "$dir/doctor.txt"; die "doctor finds something that fails"; }
  grep -A1 '^warning  topic' "$dir/doctor.txt" && die "doctor warns of topics that were made as configured"
  say "doctor: $(tail -n 1 "$dir/doctor.txt")"
}

# --- embedded and cluster
run embedded --speed max
export KAFKA_BROKERS=$brokers
run cluster --speed max
for name in embedded cluster; do
  { grep -E '^(packets (published|scored)|alerts|connections) ' "$dir/$name.log"; connections "$dir/$name.db"; } >"$dir/$name.all"
done
diff -u "$dir/embedded.all" "$dir/cluster.all" || die "the embedded broker and the cluster disagree"
say "the embedded broker and the cluster agree in $(wc -l <"$dir/cluster.all") lines of counts and connections"
doctor cluster

# --- lost: a broker dies with kill -9 while packets flow, and comes back
if [ "$n" -ge 3 ]; then
  packets=$(sed -n 's/^packets published *\([0-9]*\).*/\1/p' "$dir/cluster.log")
  LIMIT=180 CHECKPOINT_EVERY=1s up lost --rate $((packets / 30 + 1)) &
  pid=$!
  for _ in $(seq 150); do # until it is at work
    kill -0 $pid 2>/dev/null || break
    look lost || true
    grep -q '^ok  *checkpoint of lane 0: .*KiB' "$dir/doctor.txt" && break
    sleep 0.2
  done
  kill -0 $pid 2>/dev/null || { tail -n 40 "$dir/lost.log"; die "lost: over before a broker was killed"; }
  $cluster stop 2
  say "lost: broker 2 killed"
  sleep 5
  kill -0 $pid 2>/dev/null || { tail -n 40 "$dir/lost.log"; die "lost: over before the broker came back"; }
  look lost || true
  grep -q '^warning  broker .*nobody answers there' "$dir/doctor.txt" || { cat "$dir/doctor.txt"; die "doctor does not say which broker is lost"; }
  $cluster start-one 2
  say "lost: broker 2 started again; doctor had named it"
  wait $pid || { tail -n 40 "$dir/lost.log"; die "the way lost failed"; }
  same lost
  say "lost: the alerts of analyze"
fi

# --- secure
if [ "$kind" = kafka ]; then
  export KAFKA_TLS=true KAFKA_TLS_CA=$dir/tls/ca.pem KAFKA_TLS_CERT=$dir/tls/client.pem KAFKA_TLS_KEY=$dir/tls/client.key
  export KAFKA_SASL_MECHANISM=scram-sha-512 KAFKA_SASL_USER=netlyra KAFKA_SASL_PASSWORD=in-the-open
  KAFKA_BROKERS=$($cluster secure)
  run secure --speed max
  doctor secure
  wrong() { # WHAT ADVICE: with one thing wrong nothing starts, and doctor says what it is
    "$dir/netlyra" doctor --env-file /dev/null >"$dir/wrong.txt" 2>&1 && die "doctor is content with $1"
    grep -q "$2" "$dir/wrong.txt" || { cat "$dir/wrong.txt"; die "doctor does not say that $1 is wrong"; }
    timeout 60 "$dir/netlyra" engine --env-file /dev/null >"$dir/wrong.txt" 2>&1 && die "an engine starts with $1"
    grep -q "TLS and SASL" "$dir/wrong.txt" || { cat "$dir/wrong.txt"; die "the engine does not say what to look at"; }
  }
  KAFKA_SASL_PASSWORD=wrong wrong "a wrong password" KAFKA_SASL_PASSWORD
  KAFKA_TLS_CERT=$dir/tls/stranger.pem KAFKA_TLS_KEY=$dir/tls/stranger.key wrong "a stranger's certificate" KAFKA_TLS_CERT
  KAFKA_TLS_CA=$dir/tls/other.pem wrong "another authority" KAFKA_TLS_CA
  say "secure: what is wrong is refused and named"
  unset "${!KAFKA_TLS@}" "${!KAFKA_SASL@}"
  KAFKA_BROKERS=$brokers
fi

# --- the bus's own tests
unset "${!KAFKA_TOPIC_@}" "${!KAFKA_GROUP_@}"
go test -count=1 -timeout 5m ./internal/bus >"$dir/bus.log" 2>&1 || { tail -n 60 "$dir/bus.log"; die "the bus's tests fail on this cluster"; }
say "the bus's tests pass; all is well"
