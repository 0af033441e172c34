# Sourced by the tasks up and up:redpanda (POSIX sh). Selects the broker:
#   1. the cluster of KAFKA_BROKERS, if set in the environment or in .env;
#   2. Redpanda in Docker, if a Docker engine responds;
#   3. the embedded broker.
# NETLYRA_BROKER=embedded or NETLYRA_BROKER=redpanda overrides the selection.

compose=deploy/redpanda/compose.yml
redpanda=127.0.0.1:19092

setting() { # KEY DEFAULT: value from the environment, .env, or the default, in this order
  value=$(printenv "$1" || sed -n "s/^$1=//p" .env 2>/dev/null | tail -n 1)
  echo "${value:-$2}"
}

# docker_responds succeeds if a Docker engine (not only the client) responds within 5 s.
docker_responds() {
  command -v docker >/dev/null 2>&1 || return 1
  if command -v timeout >/dev/null 2>&1; then
    timeout 5 docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 && timeout 5 docker compose version >/dev/null 2>&1
  else
    docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 && docker compose version >/dev/null 2>&1
  fi
}

brokers=$(setting KAFKA_BROKERS "")
case "${NETLYRA_BROKER:-}" in
  embedded) kind=embedded ;;
  redpanda) kind=redpanda ;;
  *)
    if [ -n "$brokers" ]; then kind=cluster
    elif docker_responds; then kind=redpanda
    else kind=embedded
    fi ;;
esac

start() {
  [ "$kind" = redpanda ] || return 0
  docker_responds || { echo "no Docker engine with Compose is running; start Docker, or run: go tool task up" >&2; return 1; }
  docker compose -f "$compose" up --detach --wait
}

show() {
  case "$kind" in
    cluster) echo "broker:    $brokers (KAFKA_BROKERS)" ;;
    redpanda)
      KAFKA_BROKERS=$redpanda; export KAFKA_BROKERS
      echo "broker:    Redpanda in Docker at $redpanda (NETLYRA_BROKER=embedded selects the embedded broker; go tool task down stops Redpanda)" ;;
    embedded)
      KAFKA_BROKERS=; export KAFKA_BROKERS
      echo "broker:    embedded (set KAFKA_BROKERS=HOST:PORT in .env to use a cluster)" ;;
  esac
  host=$(setting API_HOST 127.0.0.1)
  [ "$host" != 0.0.0.0 ] || host=127.0.0.1
  echo "dashboard: http://$host:$(setting API_PORT 8090)/ (change with API_PORT and WS_PORT in .env, or: go tool task up -- --api-port 9000)"
  echo "input:     demo traffic (or: go tool task up -- --iface NAME, go tool task up -- --replay FILE)"
}
