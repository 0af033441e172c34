#!/usr/bin/env bash
# Runs Apache Kafka in KRaft mode on loopback without an installation and without Docker:
# Maven downloads the jars, Java 17 runs them.
#
#   tools/kafka/run.sh start [BROKERS]   start 1 (default) to 9 brokers; print host:port,…
#   tools/kafka/run.sh stop              stop them and delete their data
#   tools/kafka/run.sh stop N            kill broker N only; keep its data
#   tools/kafka/run.sh start-one N       start broker N again
#   tools/kafka/run.sh brokers           print host:port,… of the running brokers
#   tools/kafka/run.sh secure            print host:port,… of the listeners with TLS and SASL
#
# With KAFKA_SECURE=yes at start, each broker has a second listener with TLS, client
# certificates and SCRAM-SHA-512 (user netlyra, password in-the-open). The certificates are
# in KAFKA_HOME/tls.
#
# KAFKA_HOME (default: a directory in TMPDIR) contains jars, data and logs. KAFKA_PORT
# (default 19092) is the port of the first broker, the others use the following ports.
# Controllers use ports from KAFKA_PORT+100, TLS listeners from KAFKA_PORT+200.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${KAFKA_HOME:-${TMPDIR:-/tmp}/netlyra-kafka-$(id -u)}
base=${KAFKA_PORT:-19092}
heap=${KAFKA_HEAP:-256m}
secure=${KAFKA_SECURE:-}

die() { echo "kafka: $*" >&2; exit 1; }

options=(-Xmx"$heap" -Xms64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn
  -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$home/libs/*")

fetch() {
  command -v java >/dev/null || die "java is not installed; apt-get install openjdk-17-jre-headless"
  command -v mvn >/dev/null || die "mvn is not installed; apt-get install maven"
  if [ ! -f "$home/libs/.complete" ] || [ "$here/pom.xml" -nt "$home/libs/.complete" ]; then
    rm -rf "$home/libs/"*
    mkdir -p "$home/libs"
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$home/libs" >&2
    touch "$home/libs/.complete"
  fi
}

port() { echo $((base + $1 - 1)); }
secure_port() { echo $((base + 200 + $1 - 1)); }
controller_port() { echo $((base + 100 + $1 - 1)); }

voters() {
  local list=() n
  for n in $(seq "$1"); do list+=("$n@127.0.0.1:$(controller_port "$n")"); done
  local IFS=,
  echo "${list[*]}"
}

addresses() { # total port-function
  local list=() n
  for n in $(seq "$1"); do list+=("127.0.0.1:$("${2:-port}" "$n")"); done
  local IFS=,
  echo "${list[*]}"
}

configure() { # n of total
  local n=$1 total=$2 replicas=1 insync=1
  if [ "$total" -ge 3 ]; then replicas=3 insync=2; fi
  mkdir -p "$home/$n"
  cat >"$home/$n/server.properties" <<EOF
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$(voters "$total")
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$(port "$n"),CONTROLLER://127.0.0.1:$(controller_port "$n")
advertised.listeners=PLAINTEXT://127.0.0.1:$(port "$n")
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$home/$n/data
num.network.threads=2
num.io.threads=4
default.replication.factor=$replicas
min.insync.replicas=$insync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$insync
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=16777216
EOF
  [ -z "$secure" ] || configure_secure "$n"
}

# configure_secure adds the TLS listener; traffic between brokers is not encrypted.
configure_secure() {
  local f=$home/$1/server.properties plain="PLAINTEXT://127.0.0.1:$(port "$1")" with
  with="SECURE://127.0.0.1:$(secure_port "$1")"
  sed -i -e "s#^listeners=.*#&,$with#" -e "s#^advertised.listeners=.*#advertised.listeners=$plain,$with#" \
    -e 's#^listener.security.protocol.map=.*#&,SECURE:SASL_SSL#' "$f"
  cat >>"$f" <<EOF
inter.broker.listener.name=PLAINTEXT
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.ssl.client.auth=required
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location=$home/tls/broker.pem
listener.name.secure.ssl.truststore.type=PEM
listener.name.secure.ssl.truststore.location=$home/tls/ca.pem
EOF
}

launch() { # n
  java "${options[@]}" kafka.Kafka "$home/$1/server.properties" >>"$home/$1/log" 2>&1 </dev/null &
  echo $! >"$home/$1/pid"
}

# accepts succeeds if broker n accepts connections.
accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$(port "$1")") 2>/dev/null; }

await() { # n…
  local n i
  for n in "$@"; do
    for i in $(seq 120); do
      accepts "$n" && continue 2
      kill -0 "$(cat "$home/$n/pid")" 2>/dev/null || { tail -n 20 "$home/$n/log" >&2; die "broker $n exited"; }
      sleep 0.5
    done
    tail -n 20 "$home/$n/log" >&2
    die "broker $n does not accept connections on port $(port "$n")"
  done
}

halt() { # n signal
  local pid
  pid=$(cat "$home/$1/pid" 2>/dev/null) || return 0
  kill "-$2" "$pid" 2>/dev/null || true
  for _ in $(seq 80); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.25
  done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$home/$1/pid"
}

start() {
  local total=${1:-1} n id
  [ -f "$home/total" ] && die "already started (in $home); stop first"
  fetch
  local scram=()
  if [ -n "$secure" ]; then
    command -v openssl >/dev/null || die "openssl is not installed; apt-get install openssl"
    "$here/certificates.sh" "$home/tls" || die "cannot create certificates"
    scram=(--add-scram 'SCRAM-SHA-512=[name=netlyra,password=in-the-open]')
  fi
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d =) # a Kafka UUID
  id=A${id:1} # an id with a leading dash would be parsed as an option
  for n in $(seq "$total"); do
    accepts "$n" && die "port $(port "$n") is in use; set KAFKA_PORT"
    configure "$n" "$total"
  done
  local formats=() f
  for n in $(seq "$total"); do
    java "${options[@]}" kafka.tools.StorageTool format -t "$id" -c "$home/$n/server.properties" "${scram[@]}" >>"$home/$n/log" 2>&1 &
    formats+=($!)
  done
  for f in "${!formats[@]}"; do
    wait "${formats[$f]}" || { cat "$home/$((f + 1))/log" >&2; die "the data directory of broker $((f + 1)) cannot be formatted"; }
  done
  echo "$total" >"$home/total"
  for n in $(seq "$total"); do launch "$n"; done
  # shellcheck disable=SC2046
  await $(seq "$total")
  addresses "$total"
}

stop() {
  local n
  [ -f "$home/total" ] || return 0
  for n in $(seq "$(cat "$home/total")"); do
    halt "$n" KILL # its data is deleted, so a clean shutdown is not needed
    rm -rf "${home:?}/$n"
  done
  rm -f "$home/total"
}

case ${1:-} in
start) start "${2:-1}" ;;
stop) if [ -n "${2:-}" ]; then halt "$2" KILL; else stop; fi ;;
start-one) launch "${2:?broker number required}" && await "$2" ;;
secure) [ -f "$home/total" ] || die "not started"; addresses "$(cat "$home/total")" secure_port ;;
brokers) [ -f "$home/total" ] || die "not started"; addresses "$(cat "$home/total")" ;;
*) sed -n '2,18s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
