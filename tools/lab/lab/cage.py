"""Runs one scenario as process 1 of new network, mount, PID, IPC and UTS namespaces: `run.py` starts it with unshare(1).

When this process ends, for whatever reason, the kernel kills everything that it started and removes all namespaces.
"""
import ctypes
import dataclasses
import fcntl
import glob
import json
import os
import signal
import subprocess
import sys
import time

from lab import tables, topology
from lab.recorder import MOST_SOURCES, Recorder

WORK = "/run/lab"
PASSWORD = "winter2024"
MOST_PACKETS, MOST_BYTES = 40_000, 6 << 20
SETUP_LIMIT = 120  # seconds to build the network, while other cages do the same
START_LIMIT = 40  # seconds for services to become ready
FORBIDDEN = (16, 17, 22, 25)  # capabilities: modules, raw I/O, reboot, clock


class Refused(RuntimeError):
    """The cage is not closed; nothing was started."""


def check(outside):
    """Raises Refused unless this network namespace is new and has no link but loopback."""
    if os.getpid() != 1:
        raise Refused("not process 1 of a PID namespace")
    if os.stat("/proc/self/ns/net").st_ino == outside:
        raise Refused("this is the network namespace of the host")
    links = [n for n in os.listdir("/proc/sys/net/ipv4/conf") if n not in ("all", "default", "lo")]
    for name in links:  # kernels make idle tunnel devices in each namespace
        if not name.startswith(("tunl", "gre", "erspan", "sit", "ip6", "ip_vti", "teql")):
            raise Refused(f"the network namespace already has the link {name}")
    with open("/proc/net/route", encoding="ascii") as routes:
        if len(routes.readlines()) > 1:
            raise Refused("the network namespace already has a route")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def furnish(out, known):
    """Makes every file system read-only, except the directory of captures; gives the cage its own /etc, /run and parts of /var."""
    mount("--make-rprivate", "/")
    with open("/proc/self/mountinfo", encoding="utf-8") as f:
        existing = [line.split()[4] for line in f]
    mount("-t", "tmpfs", "-o", "size=1g,mode=755", "lab", "/run")
    for d in ("out", "etc", "home", "tmp", "www", "run"):
        os.makedirs(f"{WORK}/{d}")
    os.chmod(f"{WORK}/tmp", 0o1777)
    mount("--bind", out, f"{WORK}/out")
    mount("-o", "remount,bind,ro", "/")
    for m in existing:
        if not m.startswith(("/proc", "/sys", "/dev", "/run")):
            subprocess.run(["mount", "-o", "remount,bind,ro", m], capture_output=True, check=False)  # may be hidden by another
    subprocess.run(["cp", "-a", "/etc/.", f"{WORK}/etc/"], capture_output=True, check=False)
    mount("--bind", f"{WORK}/etc", "/etc")
    for d in ("/var/lib", "/var/log", "/var/spool", "/var/mail", "/var/tmp", "/home", "/srv", "/dev/shm"):
        if os.path.isdir(d) and not os.path.islink(d) and not tables.HERE.startswith(d):
            mount("-t", "tmpfs", "-o", "mode=1777" if d in ("/var/tmp", "/dev/shm") else "mode=755", "lab", d)
    for d in ("/run/netns", "/run/lock", "/var/lib/misc", "/var/spool/cron", "/run/sshd"):
        os.makedirs(d, exist_ok=True)
    with open(f"{WORK}/hosts", "w", encoding="ascii") as f:
        f.write("".join(f"{h.addresses[0]} {h.name}\n" for h in known.values() if h.addresses and h.segment != "net"))
    os.makedirs("/etc/ssh", exist_ok=True)
    with open("/etc/ssh/ssh_config", "w", encoding="ascii") as f:
        f.write(f"StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nIdentityFile {WORK}/home/.ssh/id_ed25519\nLogLevel ERROR\n")
    users()


def users():
    """Adds accounts with a password to the cage's copy of /etc."""
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True).stdout.strip()
    with open("/etc/passwd", "a", encoding="ascii") as passwd, open("/etc/shadow", "a", encoding="ascii") as shadow, open("/etc/group", "a", encoding="ascii") as group:
        for n, name in enumerate(("alice", "bob", "carol", "backup1"), 7001):
            home = f"{WORK}/home/{name}"
            passwd.write(f"{name}:x:{n}:{n}::{home}:/bin/sh\n")
            shadow.write(f"{name}:{hashed}:19700:0:99999:7:::\n")
            group.write(f"{name}:x:{n}:\n")
            os.makedirs(home + "/Maildir")
            for d in (home, home + "/Maildir"):
                os.chown(d, n, n)


def drop():
    for capability in FORBIDDEN:
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def environment():
    path = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", *glob.glob("/usr/lib/postgresql/*/bin")]
    return {"PATH": ":".join(path), "LAB": tables.HERE, "ACTS": tables.HERE + "/acts", "PY": sys.executable, "W": WORK,
            "HOME": WORK + "/home", "TMPDIR": WORK + "/tmp", "LC_ALL": "C.UTF-8", "PASSWORD": PASSWORD, "PYTHONDONTWRITEBYTECODE": "1"}


def start(host, script, name):
    """Starts a shell command in a namespace; its output goes to a file."""
    d = f"{WORK}/run/{name}"
    os.makedirs(d, exist_ok=True)
    with open(f"{d}/log", "ab") as log:
        return subprocess.Popen(["ip", "netns", "exec", host, "/bin/bash", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=d,
                                env=environment() | {"D": d, "HOST": host}, start_new_session=True)


def listening(pid, wanted):
    """Whether sockets with the local port exist in the namespace of a process; sends nothing."""
    protocol, _, port = wanted.partition("/")
    if protocol == "file":
        return os.path.exists("/" + port)
    for path in glob.glob(f"/proc/{pid}/net/{protocol}*"):
        with open(path, encoding="ascii") as lines:
            for line in lines.readlines()[1:]:
                f = line.split()
                if int(f[1].rsplit(":", 1)[1], 16) == int(port) and (protocol == "udp" or f[3] == "0A"):
                    return True
    return False


def serve(scenario, offered):
    """Starts the services of a scenario and waits until they are ready."""
    waiting = []
    for name, host in scenario.services:
        process = start(host, f". {tables.HERE}/services/{name}.sh", f"{name}.{host}")
        waiting += [(f"{name}.{host}", process, w) for w in offered[name].ready]
    limit = time.monotonic() + START_LIMIT
    while waiting:
        name, process, wanted = waiting[0]
        if listening(process.pid, wanted):
            waiting.pop(0)
        elif process.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"service {name} has no {wanted}: {tail(name)}")
        else:
            time.sleep(0.05)


def tail(name):
    with open(f"{WORK}/run/{name}/log", errors="replace", encoding="utf-8") as log:
        return " | ".join(log.read().strip().splitlines()[-5:])[-700:]


def act(scenario, known, ports, result):
    attackers = set(scenario.hosts) if scenario.attack else set()
    here = {p: n for p, n in ports.items() if p == "p.gw." + scenario.segment or n in known and known[n].segment == scenario.segment}
    recorder = Recorder(f"{WORK}/out/{scenario.name}", here, (attackers, *topology.owned(known, attackers)), MOST_PACKETS, MOST_BYTES)
    recorder.start()
    process = start(scenario.hosts[0], scenario.command, "act")
    limit = time.monotonic() + scenario.seconds
    while process.poll() is None and time.monotonic() < limit and not recorder.full.wait(0.1):
        pass
    result["ended"] = "by itself" if process.poll() is not None else "packets" if recorder.full.is_set() else "time"
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    recorder.full.wait(0.5)  # answers that are under way
    recorder.finish()
    sources = sorted(recorder.sources - {"", "0.0.0.0", "::"}) if len(recorder.sources) <= MOST_SOURCES else []
    macs = [topology.mac(h) for h in scenario.hosts if known[h].segment == scenario.segment]
    result.update(attackers=sources + macs, packets=recorder.packets, labeled=recorder.labeled, dropped=recorder.dropped, rc=process.wait(), output=tail("act"))


def main():
    name, out, outside, seconds = sys.argv[1:5]
    known, offered, scenarios = tables.everything()
    scenario = dataclasses.replace(next(s for s in scenarios if s.name == name), seconds=int(seconds))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    signal.signal(signal.SIGALRM, lambda *_: os._exit(124))
    signal.alarm(SETUP_LIMIT)
    result = {"name": name}
    try:
        check(int(outside))
        drop()
        furnish(out, known)
        with open(f"{WORK}/out/.setup", "w", encoding="ascii") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # cages that are built at once wait for the same lock of the kernel, and take longer
            ports = topology.build(known)
        signal.alarm(START_LIMIT + scenario.seconds + 30)
        serve(scenario, offered)
        act(scenario, known, ports, result)
    except (Refused, RuntimeError, OSError, subprocess.CalledProcessError) as problem:
        result["error"] = str(problem)
    print(json.dumps(result), flush=True)
    os._exit(1 if "error" in result else 0)


if __name__ == "__main__":
    main()
