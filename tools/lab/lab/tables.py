"""Reads the tables of the lab: hosts, services, packages, ordinary use and attacks.

A table is a file of lines with fields that tabs separate. Lines that begin with # are comments, `-` is an empty field.
"""
import glob
import os
import re
import shutil
from dataclasses import dataclass

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SEGMENTS = {"lan": "192.168.60.1/24", "srv": "192.168.70.1/24", "net": "198.18.0.1/15"}  # address of the router
RESOLVER = {"lan": "192.168.60.2", "srv": "192.168.60.2", "net": "198.18.0.53"}
SETS = ("tune", "holdout")


class TableError(ValueError):
    """A line of a table that cannot be used; the text names the file and the line."""


@dataclass(frozen=True)
class Host:
    name: str
    segment: str
    addresses: tuple
    about: str


@dataclass(frozen=True)
class Service:
    name: str
    host: str
    needs: tuple
    ready: tuple  # "tcp/80", "udp/53": sockets that exist when the service is ready


@dataclass(frozen=True)
class Scenario:
    name: str
    kind: str
    attack: bool
    set: str  # tune or holdout
    quick: bool
    hosts: tuple  # namespaces of the actors; the command runs in the first
    segment: str  # where the capture is made
    services: tuple  # (service, host)
    needs: tuple
    seconds: int
    command: str


def rows(path, width):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            fields = [f.strip() for f in line.split("\t")]
            if len(fields) != width:
                raise TableError(f"{path}:{number}: {len(fields)} fields instead of {width}; separate fields with one tab")
            yield f"{path}:{number}", ["" if f == "-" else f for f in fields]


def words(text):
    return tuple(w for w in re.split(r"[,\s]+", text) if w)


def addresses(text):
    """Expands "198.18.10.1-3" to three addresses."""
    out = []
    for word in words(text):
        match = re.fullmatch(r"(\d+\.\d+\.\d+\.)(\d+)-(\d+)", word)
        out += [match[1] + str(n) for n in range(int(match[2]), int(match[3]) + 1)] if match else [word]
    return tuple(out)


def hosts(path=os.path.join(HERE, "hosts.tsv")):
    out = {}
    for where, (name, segment, text, about) in rows(path, 4):
        if segment not in SEGMENTS or name in out or len(name) > 10:
            raise TableError(f"{where}: unknown segment, or a name that is long or repeated: {name} {segment}")
        out[name] = Host(name, segment, addresses(text), about)
    return out


def services(known, path=os.path.join(HERE, "services.tsv")):
    out = {}
    for where, (name, host, needs, ready) in rows(path, 4):
        if host not in known:
            raise TableError(f"{where}: unknown host {host}")
        out[name] = Service(name, host, words(needs), words(ready))
    return out


def scenarios(path, attack, known, offered):
    out = []
    for where, (name, kind, group, quick, actors, served, needs, seconds, command) in rows(path, 9):
        actors, _, segment = actors.partition("@")
        actors = words(actors)
        pairs = tuple((s.partition("@")[0], s.partition("@")[2]) for s in words(served))
        pairs = tuple((s, h or (offered[s].host if s in offered else "")) for s, h in pairs)
        unknown = [h for h in actors + tuple(h for _, h in pairs if h) if h not in known] + [s for s, _ in pairs if s not in offered]
        if unknown or not actors:
            raise TableError(f"{where}: unknown host or service: {' '.join(unknown)}")
        if group not in SETS or quick not in ("", "quick") or not seconds.isdigit() or any(s.name == name for s in out):
            raise TableError(f"{where}: {name}: a repeated name, or a wrong set, quick or seconds")
        out.append(Scenario(name, kind, attack, group, bool(quick), actors, segment or known[actors[0]].segment, pairs, words(needs), int(seconds), command))
    return out


def everything():
    known = hosts()
    offered = services(known)
    both = [(os.path.join(HERE, "ordinary.tsv"), False), (os.path.join(HERE, "attacks.tsv"), True)]
    return known, offered, [s for path, attack in both for s in scenarios(path, attack, known, offered)]


def packages(path=os.path.join(HERE, "packages.tsv")):
    """The Debian package of each command, and the packages of the quick run."""
    of, quick = {}, []
    for _, (package, commands, flag) in rows(path, 3):
        of.update({c: package for c in words(commands)})
        if flag == "quick":
            quick.append(package)
    return of, quick


def needed(scenario, offered):
    """Commands that a scenario requires, with those of its services."""
    return tuple(dict.fromkeys(scenario.needs + tuple(n for s, _ in scenario.services for n in offered[s].needs)))


def present(command):
    if "/" in command:
        return bool(glob.glob(command))
    return shutil.which(command) is not None
