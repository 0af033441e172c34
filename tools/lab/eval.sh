#!/usr/bin/env bash
# Evaluates detection on the captures of the lab: hours of its ordinary use, each attack in each hour.
#
# usage: tools/lab/eval.sh [FLAGS of `netlyra eval packets`]
#   LAB=data/lab          directory of captures that `go tool task lab` wrote
#   LAB_FLOOR=0           fails if a smaller share of runs finds its attack
#   SET=holdout           only captures of this set (tune, holdout)
#   RESULT=FILE           keep the result, a JSON file
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lab=${LAB:-data/lab} bin=${NETLYRA:-./bin/netlyra}
[ -s "$lab/index.tsv" ] || { echo "eval:lab: skipped: $lab has no captures; make them with: sudo go tool task lab"; exit 0; }
command -v python3 >/dev/null || { echo "eval:lab: skipped: python3 is required"; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/attack" "$dir/benign"
awk -F '\t' -v set="${SET:-}" 'NR > 1 && (set == "" || $5 == set) { print $1 }' "$lab/index.tsv" | while read -r f; do
  ln -s "$(realpath "$lab/$f")" "$dir/$f"
done
"$bin" eval packets --benign "$dir/benign" --attacks "$dir/attack" --index "$lab/index.tsv" --json "$@" >"$dir/result.json"
[ -z "${RESULT:-}" ] || cp "$dir/result.json" "$RESULT"
python3 tools/lab/verdict.py "$dir/result.json" "${LAB_FLOOR:-0}"
