# Sourced by the tasks up and up:redpanda (sh, no bashisms). Which broker:
#   KAFKA_BROKERS set, in the environment or in .env: that cluster;
#   else Redpanda in Docker, where an engine answers;
#   else the broker inside netlyra.
# NETLYRA_BROKER=embedded or redpanda asks for one.

compose=deploy/redpanda/compose.yml
redpanda=127.0.0.1:19092

setting() { # KEY default: from the environment, else from .env, else the default
  value=$(printenv "$1" || sed -n "s/^$1=//p" .env 2>/dev/null | tail -n 1)
  echo "${value:-$2}"
}

# docker_answers: an engine, not only a client, within a few seconds.
docker_answers() {
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
    elif docker_answers; then kind=redpanda
    else kind=embedded
    fi ;;
esac

start() {
  [ "$kind" = redpanda ] || return 0
  docker_answers || { echo "No Docker engine with Compose answers. Start Docker, or run: go tool task up" >&2; return 1; }
  docker compose -f "$compose" up --detach --wait
}

show() {
  case "$kind" in
    cluster) echo "broker: $brokers (KAFKA_BROKERS)" ;;
    redpanda)
      KAFKA_BROKERS=$redpanda; export KAFKA_BROKERS
      echo "broker: Redpanda in Docker at $redpanda (NETLYRA_BROKER=embedded takes the one inside netlyra; go tool task down stops it)" ;;
    embedded)
      KAFKA_BROKERS=; export KAFKA_BROKERS
      echo "broker: the one inside netlyra, for no Docker engine answers or it was asked for (KAFKA_BROKERS=HOST:PORT in .env takes a cluster)" ;;
  esac
  host=$(setting API_HOST 127.0.0.1)
  [ "$host" != 0.0.0.0 ] || host=127.0.0.1
  echo "page:   http://$host:$(setting API_PORT 8090)/ (API_PORT and WS_PORT in .env, or: go tool task up -- --api-port 9000)"
  echo "input:  the demo, or: go tool task up -- --iface NAME, go tool task up -- --replay FILE"
}
