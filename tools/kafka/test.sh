#!/usr/bin/env bash
# Tests NetLyra on a cluster of N brokers (default 3) that is started for this run:
#   tools/kafka/test.sh [N] [redpanda]
# Apache Kafka is downloaded by Maven and run by Java; Redpanda runs in Docker.
#
# One capture is processed in several runs. Each must produce the alerts of `netlyra analyze`,
# which uses no broker:
#   embedded   embedded broker
#   cluster    the cluster, with three partitions; counts and connections must equal those
#              of the embedded broker
#   lost       the same, while one broker is killed and started again (N >= 3)
#   secure     TLS with a client certificate and SCRAM (Kafka only)
# netlyra doctor must report no failure, and must report a wrong password, an untrusted
# certificate and an unknown authority. Finally the tests of internal/bus run on the cluster.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
n=${1:-3}
kind=${2:-kafka}
start=$SECONDS

skip() { echo "$kind: skipped: $*"; exit 0; }
say() { echo "$kind: $* ($((SECONDS - start)) s)"; }
die() { echo "$kind: $*"; exit 1; }

command -v python3 >/dev/null || skip "python3 is required to compare alerts"
dir=$(mktemp -d)
case $kind in
kafka)
  for need in java mvn openssl; do command -v $need >/dev/null || skip "$need is required"; done
  cluster=tools/kafka/run.sh
  jars=${KAFKA_JARS:-${TMPDIR:-/tmp}/netlyra-kafka-jars-$(id -u)}
  mkdir -p "$jars"
  ln -s "$jars" "$dir/libs"
  export KAFKA_HOME=$dir KAFKA_SECURE=yes KAFKA_PORT=${KAFKA_PORT:-$((21000 + RANDOM % 8000))}
  ;;
redpanda)
  cluster=tools/kafka/redpanda.sh
  timeout 10 docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 || skip "no Docker engine is running"
  timeout 10 docker compose version >/dev/null 2>&1 || skip "Docker Compose is required"
  ;;
*) die "unknown kind $kind; use kafka or redpanda" ;;
esac
trap '$cluster stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
export KAFKA_BROKERS=
brokers=$($cluster start "$n") || die "cannot start the cluster"
say "$n brokers at $brokers"

go build -tags nomsgpack -o "$dir/netlyra" ./cmd/netlyra
"$dir/netlyra" gen --seed 5 --duration 40s -o "$dir/demo.pcap" 2>/dev/null
"$dir/netlyra" analyze --env-file /dev/null "$dir/demo.pcap" --alerts "$dir/reference.ndjson" >"$dir/analyze.log" 2>&1 || { cat "$dir/analyze.log"; die "analyze failed"; }

# alerts FILE prints id, count and score of all alerts of an NDJSON or SQLite file, sorted.
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
[ -s "$dir/reference.txt" ] || die "analyze reported no alerts, so there is nothing to compare"
say "the reference has $(wc -l <"$dir/reference.txt") alerts"

# isolate NAME sets topics and groups of one run, because all runs share a cluster.
isolate() {
  local t
  for t in packets alerts connections checkpoints dead-letters stats scores; do
    export "KAFKA_TOPIC_$(tr a-z- A-Z_ <<<$t)=$1.$t"
  done
  export KAFKA_GROUP_ENGINE=$1-engine KAFKA_GROUP_CORE=$1-core
}

# up NAME FLAGS… processes the capture once, with the settings in KAFKA_*.
up() {
  local name=$1
  shift
  isolate "$name"
  API_PORT=0 WS_PORT=0 LOG_LEVEL=warn PACKETS_PARTITIONS=3 DB_PATH=$dir/$name.db DATA_DIR=$dir/$name.data \
    timeout "${LIMIT:-120}" "$dir/netlyra" up --env-file /dev/null --replay "$dir/demo.pcap" --exit-when-done "$@" >"$dir/$name.log" 2>&1
}

# same NAME fails unless the alerts of run NAME equal the reference.
same() {
  alerts "$dir/$1.db" >"$dir/$1.txt"
  diff -u "$dir/reference.txt" "$dir/$1.txt" >"$dir/$1.diff" && return 0
  head -n 40 "$dir/$1.diff"
  tail -n 20 "$dir/$1.log"
  die "$1: alerts differ from the reference"
}

run() { # NAME FLAGS…
  up "$@" || { tail -n 40 "$dir/$1.log"; die "run $1 failed"; }
  same "$1"
  say "$1: alerts equal the reference"
}

look() { # NAME: writes the findings of doctor to doctor.json and doctor.txt
  isolate "$1"
  PACKETS_PARTITIONS=3 DB_PATH=$dir/$1.db DATA_DIR=$dir/$1.data API_PORT=0 WS_PORT=0 "$dir/netlyra" doctor --env-file /dev/null --format json >"$dir/doctor.json" 2>"$dir/doctor.txt"
  local rc=$?
  python3 - "$dir/doctor.json" >>"$dir/doctor.txt" <<'PY'
import json, sys
for c in json.load(open(sys.argv[1]))["checks"]:
    print(c["status"], c["code"], c["check"], "|", c["detail"])
PY
  return $rc
}

# found STATUS CODE CHECK: doctor reported a finding whose status, code and check
# match regular expressions.
found() { grep -qE "^$1 $2 $3" "$dir/doctor.txt"; }

doctor() { # NAME: fails unless doctor reports no failure and no warning about topics
  look "$1" || { cat "$dir/doctor.txt"; die "doctor reports a failure"; }
  found warning 'topic(s|_missing)' topic && { cat "$dir/doctor.txt"; die "doctor warns about topics that were created as configured"; }
  say "doctor: $(grep -c . "$dir/doctor.txt") findings, no failure"
}

# --- embedded and cluster
run embedded --speed max
export KAFKA_BROKERS=$brokers
run cluster --speed max
for name in embedded cluster; do
  { grep -E '^(packets (published|scored)|alerts|connections) ' "$dir/$name.log"; connections "$dir/$name.db"; } >"$dir/$name.all"
done
diff -u "$dir/embedded.all" "$dir/cluster.all" || die "counts or connections differ between the embedded broker and the cluster"
say "embedded broker and cluster have the same $(wc -l <"$dir/cluster.all") counts and connections"
doctor cluster

# --- lost: a broker is killed while packets flow, and started again
if [ "$n" -ge 3 ]; then
  packets=$(sed -n 's/^packets published *\([0-9]*\).*/\1/p' "$dir/cluster.log")
  LIMIT=180 CHECKPOINT_EVERY=1s up lost --rate $((packets / 30 + 1)) &
  pid=$!
  for _ in $(seq 150); do # until the engine has saved a checkpoint
    kill -0 $pid 2>/dev/null || break
    look lost || true
    found ok checkpoints 'checkpoint of lane 0 ' && break
    sleep 0.2
  done
  kill -0 $pid 2>/dev/null || { tail -n 40 "$dir/lost.log"; die "lost: the run ended before a broker was killed"; }
  $cluster stop 2
  say "lost: broker 2 killed"
  sleep 5
  kill -0 $pid 2>/dev/null || { tail -n 40 "$dir/lost.log"; die "lost: the run ended before the broker was started again"; }
  look lost || true
  found warning broker_unreachable "broker $(cut -d, -f2 <<<"$brokers") " || { cat "$dir/doctor.txt"; die "doctor does not report the lost broker"; }
  $cluster start-one 2
  say "lost: broker 2 started again; doctor reported it as unreachable"
  wait $pid || { tail -n 40 "$dir/lost.log"; die "run lost failed"; }
  same lost
  say "lost: alerts equal the reference"
fi

# --- secure
if [ "$kind" = kafka ]; then
  export KAFKA_TLS=true KAFKA_TLS_CA=$dir/tls/ca.pem KAFKA_TLS_CERT=$dir/tls/client.pem KAFKA_TLS_KEY=$dir/tls/client.key
  export KAFKA_SASL_MECHANISM=scram-sha-512 KAFKA_SASL_USER=netlyra KAFKA_SASL_PASSWORD=in-the-open
  KAFKA_BROKERS=$($cluster secure)
  run secure --speed max
  doctor secure
  wrong() { # WHAT SETTING: doctor must fail and name the setting, and an engine must not start
    "$dir/netlyra" doctor --env-file /dev/null >"$dir/wrong.txt" 2>&1 && die "doctor accepts $1"
    grep -q "$2" "$dir/wrong.txt" || { cat "$dir/wrong.txt"; die "doctor does not name $2 for $1"; }
    timeout 60 "$dir/netlyra" engine --env-file /dev/null >"$dir/wrong.txt" 2>&1 && die "an engine starts with $1"
    grep -q "TLS and SASL" "$dir/wrong.txt" || { cat "$dir/wrong.txt"; die "the engine does not name the settings to check"; }
  }
  KAFKA_SASL_PASSWORD=wrong wrong "a wrong password" KAFKA_SASL_PASSWORD
  KAFKA_TLS_CERT=$dir/tls/untrusted.pem KAFKA_TLS_KEY=$dir/tls/untrusted.key wrong "an untrusted certificate" KAFKA_TLS_CERT
  KAFKA_TLS_CA=$dir/tls/other.pem wrong "an unknown authority" KAFKA_TLS_CA
  say "secure: wrong credentials are rejected and reported"
  unset "${!KAFKA_TLS@}" "${!KAFKA_SASL@}"
  KAFKA_BROKERS=$brokers
fi

# --- tests of internal/bus
unset "${!KAFKA_TOPIC_@}" "${!KAFKA_GROUP_@}"
go test -count=1 -timeout 5m ./internal/bus/... >"$dir/bus.log" 2>&1 || { tail -n 60 "$dir/bus.log"; die "tests of internal/bus fail on this cluster"; }
say "tests of internal/bus pass; done"
