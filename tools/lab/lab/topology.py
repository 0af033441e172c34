"""Namespaces, bridges and links of one scenario, all within the outer network namespace (the cage).

Each segment is a bridge without an address; each host a namespace with one link to a bridge; the router `gw` has a
link to every bridge. The port of host X on a bridge is called `p.X`, those of the router `p.gw.SEGMENT`.
"""
import array
import ctypes
import fcntl
import ipaddress
import os
import socket
import struct
import subprocess
import zlib

from lab.tables import RESOLVER, SEGMENTS

SIOCETHTOOL = 0x8946
OFFLOADS = (0x17, 0x19, 0x1F, 0x24, 0x2C)  # transmit checksum, scatter-gather, TSO, GSO, GRO: off, so that frames are as on a cable
libc = ctypes.CDLL(None, use_errno=True)


def ip(batch, namespace=None):
    """Runs commands of ip(8) at once."""
    into = ["-n", namespace] if namespace else []
    done = subprocess.run(["ip", *into, "-batch", "-"], input="\n".join(batch) + "\n", text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"ip failed in {namespace or 'the cage'}: {done.stderr.strip()[:500]}")


class Inside:
    """Within `with Inside(name)` this thread and the programs it starts are in the named network namespace."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.back = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.name, os.O_RDONLY)
        enter(there)
        os.close(there)

    def __exit__(self, *_):
        enter(self.back)
        os.close(self.back)


def enter(fd):
    if libc.setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns failed")


def sysctl(**settings):
    for key, value in settings.items():
        try:
            with open("/proc/sys/net/" + key.replace("__", "/"), "w", encoding="ascii") as f:
                f.write(str(value))
        except OSError:
            pass  # the kernel does not have it, for example without IPv6


def mac(name):
    """A fixed, locally administered MAC address."""
    return "02:60:" + ":".join(f"{b:02x}" for b in struct.pack(">I", zlib.crc32(name.encode())))


def six(segment, address):
    """The IPv6 address beside an IPv4 one."""
    a, b, c, d = address.split(".")
    return f"fd00:{c}::{d}/64" if segment != "net" else f"2001:db8:{int(b):x}:{int(c):x}::{d}/32"


def owned(hosts, attackers):
    """The addresses of the attackers, and those of all namespaces, as text."""
    def of(names):
        return {x for h in names for a in hosts[h].addresses for x in (a, str(ipaddress.ip_interface(six(hosts[h].segment, a)).ip))}
    routers = {x for s, r in SEGMENTS.items() for x in (r.partition("/")[0], str(ipaddress.ip_interface(six(s, r.partition("/")[0])).ip))}
    return of(attackers), of(hosts) | routers | {"0.0.0.0", "::"}


def plain(interface):
    """Turns offloads off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for command in OFFLOADS:
            value = array.array("B", struct.pack("II", command, 0))
            try:
                fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP", interface.encode(), value.buffer_info()[0]))
            except OSError:
                pass


def link(name, namespace, interface, port, segment):
    ip([f"link add {port} type veth peer name tmp0 address {mac(name)}"])
    plain(port)
    plain("tmp0")
    ip([f"link set tmp0 netns {namespace} name {interface}", f"link set {port} master {segment} up"])


def build(hosts):
    """Makes everything; returns the namespace behind each port."""
    sysctl(ipv6__conf__all__disable_ipv6=1, ipv6__conf__default__disable_ipv6=1)
    ip([f"link add {s} type bridge stp_state 0 mcast_snooping 0 forward_delay 0" for s in SEGMENTS] + [f"link set {s} up" for s in SEGMENTS])
    names = ["gw", *hosts]
    ip([f"netns add {n}" for n in names])
    ports = {}
    for n in names:
        with Inside(n):
            sysctl(ipv6__conf__default__router_solicitations=0, ipv6__conf__all__router_solicitations=0, ipv6__conf__default__accept_dad=0, ipv6__conf__default__mldv2_unsolicited_report_interval=1,
                   ipv6__conf__all__accept_dad=0, ipv4__ping_group_range="0 2147483647")
            if n == "gw":
                sysctl(ipv4__ip_forward=1, ipv6__conf__all__forwarding=1, ipv4__conf__all__send_redirects=0, ipv4__conf__default__send_redirects=0)
    for s, address in SEGMENTS.items():
        link("gw." + s, "gw", s, "p.gw." + s, s)
        ports["p.gw." + s] = "gw"
        ip([f"addr add {address} dev {s}", f"addr add {six(s, address.split('/')[0])} dev {s}", f"link set {s} up"], "gw")
    ip(["link set lo up"], "gw")
    for h in hosts.values():
        link(h.name, h.name, "eth0", "p." + h.name, h.segment)
        ports["p." + h.name] = h.name
        router, _, bits = SEGMENTS[h.segment].partition("/")
        batch = ["link set lo up"] + [f"addr add {a}/{bits} brd + dev eth0" for a in h.addresses] + ["link set eth0 up"]
        if h.addresses:
            gateway6 = six(h.segment, router).split("/")[0]
            batch += [f"addr add {six(h.segment, h.addresses[0])} dev eth0 nodad", f"route add default via {router}", f"route add ::/0 via {gateway6}"]
        ip(batch, h.name)
        os.makedirs(f"/etc/netns/{h.name}", exist_ok=True)
        with open(f"/etc/netns/{h.name}/resolv.conf", "w", encoding="ascii") as f:
            f.write(f"nameserver {RESOLVER[h.segment]}\nsearch office.example\noptions timeout:2 attempts:2\n")
    return ports
