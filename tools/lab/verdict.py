"""Prints the result of `netlyra eval packets --json` and fails below a floor: verdict.py RESULT.json FLOOR"""
import json
import sys


def lines(result):
    for a in result["attacks"]:
        s = a["sum"]
        kinds = sorted({k for r in a["runs"] for k in r["kinds"] or ()})
        yield f"{a['name'][:32]:32} {a['kind']:16} found {s['found']}/{s['runs']}, named {s['named']}, after {number(s['seconds'])} s and {number(s['packets'])} of {a['frames']} packets, {' '.join(kinds)}"
    yield ""
    for k in [*result["kinds"], result["all"]]:
        yield f"{k['kind']:16} found {k['found']:3} of {k['runs']:3} runs, named {k['named']:3}, ROC-AUC {number(k['roc_auc'], 3)}"
    b = result["benign"]
    yield f"ordinary use: {number(b['alerts_per_hour'])} alerts an hour, worst {b['worst_hour']}, share of packets above 0.8: {number(b['above'], 6)}"


def number(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def share(result):
    return result["all"]["found"] / max(1, result["all"]["runs"])


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        result = json.load(f)
    floor = float(sys.argv[2])
    print("\n".join(lines(result)))
    print(f"share of runs that found the attack: {share(result):.2f}, floor {floor}")
    return int(share(result) < floor)


if __name__ == "__main__":
    sys.exit(main())
