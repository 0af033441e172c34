#!/usr/bin/env bash
# Merges each attack of a directory of public captures into an hour of benign captures,
# with several seeds, and prints the results of `netlyra eval packets`; then evaluates the
# benign hour alone and the Modbus captures. Requires python3 and the captures in
# NETLYRA_SHARED (default ../shared).
#
# usage: tools/splice-eval.sh [ATTACK…]   names without .pcap; also "benign" and "modbus"
#   SEEDS="1 2 3"   seeds of splice.py     AT=0.6    position of the attack in the hour
#   FILTER=0        label all packets of an attack's capture, not only the attacker's
#   KEEP=DIR        keep captures and results in DIR and reuse captures that exist there
#   JOBS=2          parallel evaluations   NETLYRA=./bin/netlyra
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export shared=${NETLYRA_SHARED:-../shared} bin=${NETLYRA:-./bin/netlyra} work=${KEEP:-$(mktemp -d)}
export AT=${AT:-0.6} FILTER=${FILTER:-1} KEEP=${KEEP:-}
[ -f "$shared/tools/splice.py" ] || { echo "splice-eval: skipped: no public captures in $shared; set NETLYRA_SHARED to their directory" >&2; exit 0; }
command -v python3 >/dev/null || { echo "splice-eval: python3 is required" >&2; exit 1; }
[ -x "$bin" ] || { echo "splice-eval: $bin does not exist; run: go tool task build" >&2; exit 1; }
[ -n "$KEEP" ] && mkdir -p "$work" || trap 'rm -rf "$work"' EXIT

# attacker NAME prints the attacker's address in a capture.
attacker() {
  case $1 in
  mk_ftp-crack) echo 10.234.125.254 ;;
  ndpi_dns-tunnel-iodine) echo 10.0.2.30 ;;
  ndpi_synscan) echo 172.16.0.8 ;;
  nmap_tcp_connect | nmap_udp) echo 192.168.1.10 ;;
  slips_malicious-ssh-bruteforce) echo 147.32.80.40 ;;
  esac
}

# one NAME SEED evaluates one capture.
one() {
  local name=$1 seed=$2 all=$shared/corpora/attacks out=$work/$1.$2 args=()
  if [ -f "$all/modbus/$name.pcap" ]; then
    "$bin" eval packets "$all/modbus/$name.pcap" --labels "$all/modbus/${name}_labeled.csv" --json >"$out.json"
    return
  fi
  if [ "$name" != benign ]; then
    args+=(--attack "$all/attack/$name.pcap")
    [ "$FILTER" = 0 ] || [ -z "$(attacker "$name")" ] || args+=(--attack-filter "$(attacker "$name")")
  fi
  [ -s "$out.csv" ] || python3 "$shared/tools/splice.py" -o "$out.pcap" --labels "$out.csv" \
    --benign "$all/benign" --seed "$seed" --at "$AT" "${args[@]}" 2>/dev/null
  "$bin" eval packets "$out.pcap" --labels "$out.csv" --json >"$out.json"
  [ -n "$KEEP" ] || rm "$out.pcap"
}
export -f one attacker

names=("$@")
[ $# -gt 0 ] || names=($(cd "$shared/corpora/attacks/attack" && ls -- *.pcap | sed 's/\.pcap$//') benign modbus)
list=()
for name in "${names[@]}"; do
  if [ "$name" = modbus ]; then
    for f in "$shared"/corpora/attacks/modbus/*.pcap; do list+=("$(basename "$f" .pcap) 0"); done
  else
    for seed in ${SEEDS:-1 2 3}; do list+=("$name $seed"); done
  fi
done
printf '%s\n' "${list[@]}" | xargs -P "${JOBS:-2}" -L 1 bash -c 'one "$@"' one

printf '%s\n' "${list[@]}" | python3 -c '
import json, sys
def text(v, form): return format(v, form) if v is not None else "-"
row = "{:<46} {:>4} {:>7} {:>6} {:>9} {:>8} {:>9} {:>6} {:>8}"
print(row.format("CAPTURE", "SEED", "ROC", "AP", "DETECTED", "PACKETS", "SECONDS", "FALSE", "BENIGN≥.8"))
for line in sys.stdin:
    name, seed = line.split()
    r = json.load(open(f"{sys.argv[1]}/{name}.{seed}.json"))
    print(row.format(name, seed, text(r["roc_auc"], ".4f"), text(r["average_precision"], ".3f"), "yes" if r["detected"] else "NO" if r["attacks"] else "-",
        text(r["detected_after_packets"], ".0f"), text(r["detected_after_seconds"], ".2f"), r["false_alerts"], text(r["benign_above"], ".1e")))
' "$work"
