"""Discovery in the local network: discovery.py mdns|ssdp|netbios SECONDS"""
import random
import socket
import struct
import sys
import time

kind, seconds = sys.argv[1], float(sys.argv[2])
end = time.monotonic() + seconds
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.connect(("192.168.60.2", 9))
address = own.getsockname()[0]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)


def name(text):
    return b"".join(bytes([len(w)]) + w.encode() for w in text.split(".")) + b"\0"


def mdns():
    what = random.sample(["_ipp._tcp.local", "_airplay._tcp.local", "_googlecast._tcp.local", "_smb._tcp.local", "_raop._tcp.local", "_homekit._tcp.local"], random.randint(1, 4))
    if random.random() < 0.4:  # announce oneself
        own = name("office-printer._ipp._tcp.local")
        return struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0) + name("_ipp._tcp.local") + struct.pack(">HHIH", 12, 1, 4500, len(own)) + own
    return struct.pack(">HHHHHH", 0, 0, len(what), 0, 0, 0) + b"".join(name(w) + struct.pack(">HH", 12, 1) for w in what)


def ssdp():
    if random.random() < 0.5:
        return b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: ' + random.choice([b"ssdp:all", b"upnp:rootdevice", b"urn:dial-multiscreen-org:service:dial:1"]) + b"\r\n\r\n"
    return b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nLOCATION: http://" + address.encode() + b":8008/desc.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: uuid:7f3a::upnp:rootdevice\r\n\r\n"


def netbios():
    text = random.choice(["WORKGROUP", "OFFICE", "FILE", "PRINTER"]).ljust(15) + "\x00"
    coded = "".join(chr(65 + (ord(c) >> 4)) + chr(65 + (ord(c) & 15)) for c in text)
    return struct.pack(">HHHHHH", random.getrandbits(16), 0x0110, 1, 0, 0, 0) + b"\x20" + coded.encode() + b"\0" + struct.pack(">HH", 0x20, 1)


make, port, to = {"mdns": (mdns, 5353, "224.0.0.251"), "ssdp": (ssdp, 0, "239.255.255.250"), "netbios": (netbios, 137, "192.168.60.255")}[kind]
sock.bind(("", port))
sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255 if kind == "mdns" else 2)
if port == 5353:
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(to) + socket.inet_aton(address))
while time.monotonic() < end:
    for _ in range(random.choice([1, 1, 2, 3])):
        sock.sendto(make(), (to, {"mdns": 5353, "ssdp": 1900, "netbios": 137}[kind]))
        time.sleep(random.choice([0.1, 0.25, 0.75]))
    time.sleep(random.expovariate(1 / 4))
