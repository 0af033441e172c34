#!/usr/bin/env python3
"""Runs the scenarios of the lab and writes captures, labels and index.tsv. See docs/lab.md.

usage: run.py [--quick] [--only REGEXP] [--kind attack|ordinary] [--set tune|holdout] [--jobs N] [--limit SECONDS] [--out DIR] [--list] [--check] [-v]
"""
import argparse
import concurrent.futures
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import tables

CAGE = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL", "--mount-proc"]
ENOUGH = 0.8  # the run fails if a smaller share of the scenarios is recorded
QUICK_SECONDS = 40  # limit of a scenario in the quick run
FIRST_TOOLS = ("unshare", "ip", "mount", "openssl", "timeout")
stopping = threading.Event()


def forbidden():
    """Why namespaces cannot be made here, or an empty text."""
    if sys.platform != "linux":
        return "network namespaces require Linux"
    if os.geteuid() != 0:
        return "root is required to make network namespaces (try: sudo go tool task lab)"
    missing = [t for t in FIRST_TOOLS if not shutil.which(t)]
    if missing:
        return "missing commands: " + " ".join(missing)
    trial = "mount -t tmpfs lab /run && mkdir /run/netns && ip netns add host1 && ip link add bridge1 type bridge && ip link add port1 type veth peer name port2 netns host1"
    done = subprocess.run([*CAGE, "sh", "-c", trial], capture_output=True, text=True, timeout=20)
    return "" if done.returncode == 0 else "namespaces, bridges or veth links are not permitted: " + done.stderr.strip()[:200]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no cage outlives this program


def one(scenario, work, seconds):
    """Runs a scenario in its own cage; returns its result."""
    if stopping.is_set():
        return {"name": scenario.name, "error": "not started: the time limit of the whole run was reached"}
    outside = os.stat("/proc/self/ns/net").st_ino
    command = [*CAGE, sys.executable, "-m", "lab.cage", scenario.name, work, str(outside), str(seconds)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tables.HERE,
                               env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, preexec_fn=die_with_parent)
    running[scenario.name] = process
    try:
        out, err = process.communicate(timeout=seconds + 220)
        return json.loads(out)
    except subprocess.TimeoutExpired:
        process.kill()
        return {"name": scenario.name, "error": "killed: over the time limit of the scenario"}
    except json.JSONDecodeError:
        return {"name": scenario.name, "error": f"exit code {process.returncode}: {err.strip()[-300:]}"}
    finally:
        running.pop(scenario.name, None)


running = {}


def stop(*_):
    """Ends everything: the kernel removes a cage with its first process."""
    stopping.set()
    for process in list(running.values()):
        process.kill()


def choose(scenarios, a):
    return [s for s in scenarios if (not a.quick or s.quick) and (not a.only or re.search(a.only, s.name)) and (not a.set or s.set == a.set)
            and (not a.kind or s.attack == (a.kind == "attack"))]


def report_missing(missing, skipped):
    of, _ = tables.packages()
    names = sorted({of.get(c, c) for c in missing})
    print(f"lab: {skipped} scenarios are skipped, because Debian packages are not installed: {' '.join(names)}")
    print("lab: install them with: tools/lab/install.sh " + " ".join(names))


def keep(scenario, result, work, out, index):
    """Moves the files of a finished scenario to their place and adds its line to the index."""
    folder = "attack" if scenario.attack else "benign"
    for suffix in (".pcap", ".labels.csv"):
        shutil.move(os.path.join(work, scenario.name + suffix), os.path.join(out, folder, scenario.name + suffix))
    who = " ".join(result["attackers"]) if scenario.attack else ""
    tool = " ".join(scenario.needs) or "python3"
    index.append([f"{folder}/{scenario.name}.pcap", scenario.kind, who or "-", tool, scenario.set, str(result["packets"]), scenario.command])


def clear(out):
    """Removes what runs that were killed left behind."""
    for name in os.listdir(out):
        match = re.match(r"\.work-(\d+)-", name)
        if match and not os.path.exists("/proc/" + match[1]):
            shutil.rmtree(os.path.join(out, name), ignore_errors=True)


def write_index(out, index):
    path = os.path.join(out, "index.tsv")
    old = {}
    if os.path.exists(path):  # scenarios that did not run this time keep their lines
        with open(path, encoding="utf-8") as f:
            old = {line.split("\t")[0]: line for line in f if "\t" in line}
    old.update({row[0]: "\t".join(row) + "\n" for row in index})
    old.pop("file", None)
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write("file\tkind\tattacker\ttool\tset\tpackets\tcommand\n" + "".join(old[k] for k in sorted(old)))
    os.replace(path + ".new", path)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--quick", action="store_true", help="only the scenarios that the table marks as quick")
    ap.add_argument("--only", help="only scenarios whose name matches this regular expression")
    ap.add_argument("--kind", choices=("attack", "ordinary"))
    ap.add_argument("--set", choices=tables.SETS)
    ap.add_argument("--jobs", type=int, default=max(4, 4 * (os.cpu_count() or 1)))
    ap.add_argument("--limit", type=int, default=0, help="seconds for the whole run; default 1200, quick 240")
    ap.add_argument("--out", default=os.path.join(os.path.dirname(os.path.dirname(tables.HERE)), "data", "lab"))
    ap.add_argument("--list", action="store_true", help="print the scenarios")
    ap.add_argument("--check", action="store_true", help="only check whether namespaces can be made here")
    ap.add_argument("-v", action="store_true", help="print the output of each command")
    a = ap.parse_args()
    _, offered, scenarios = tables.everything()
    chosen = choose(scenarios, a)
    if a.list:
        for s in chosen:
            print(f"{'attack' if s.attack else 'ordinary':9} {s.name:28} {s.kind:16} {s.set:8} {s.seconds:4} s  {' '.join(s.needs)}")
        return 0
    reason = forbidden()
    if reason:
        print(f"lab: skipped: {reason}")
    if reason or a.check:
        return int(bool(reason and a.check))
    missing = {s.name: [c for c in tables.needed(s, offered) if not tables.present(c)] for s in chosen}
    ready = [s for s in chosen if not missing[s.name]]
    if len(ready) < len(chosen):
        report_missing({c for m in missing.values() for c in m}, len(chosen) - len(ready))
    for d in ("attack", "benign"):
        os.makedirs(os.path.join(a.out, d), exist_ok=True)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    timer = threading.Timer(a.limit or (240 if a.quick else 1200), stop)
    timer.daemon = True
    timer.start()
    longest = QUICK_SECONDS if a.quick else 120
    began, index, failed = time.monotonic(), [], []
    clear(a.out)
    with tempfile.TemporaryDirectory(dir=a.out, prefix=f".work-{os.getpid()}-") as work, concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        jobs = {pool.submit(one, s, work, min(s.seconds, longest)): s for s in sorted(ready, key=lambda s: -s.seconds)}
        for job in concurrent.futures.as_completed(jobs):
            s, r = jobs[job], job.result()
            if "error" not in r and r["packets"] and (not s.attack or r["labeled"]):
                keep(s, r, work, a.out, index)
                print(f"{s.name:28} {r['packets']:6} packets, {r['labeled']:6} labeled, ended {r['ended']}, exit code {r['rc']}" + (f", {r['dropped']} lost" if r["dropped"] else ""), flush=True)
            else:
                failed.append(s.name)
                print(f"{s.name:28} FAILED: {r.get('error') or 'no packets of the actor'} {r.get('output', '')}", flush=True)
            if a.v and r.get("output"):
                print("    " + r["output"], flush=True)
        write_index(a.out, index)
    timer.cancel()
    done = {r[0].split("/")[0]: 0 for r in index} | {d: sum(r[0].startswith(d) for r in index) for d in ("attack", "benign")}
    print(f"lab: {done['attack']} attacks and {done['benign']} kinds of ordinary use recorded in {time.monotonic() - began:.0f} s; {len(chosen) - len(ready)} skipped, "
          f"{len(failed)} failed{': ' + ' '.join(failed) if failed else ''}; captures are in {a.out}")
    return int(len(index) < ENOUGH * len(ready))


if __name__ == "__main__":
    sys.exit(main())
