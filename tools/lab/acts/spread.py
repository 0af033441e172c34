"""An infected or curious host: spread.py worm SECONDS (random addresses, ports 23, 2323, 445, 22; talks where it is answered)
spread.py lateral PORT HOST… (connects to hosts it never used, one after the other) | spray HOST USERS (one password, many users, over HTTP)"""
import base64
import os
import random
import socket
import sys
import time


def touch(host, port, wait, data=b""):
    try:
        with socket.create_connection((host, port), wait) as s:
            if data:
                s.sendall(data)
            s.settimeout(wait)
            return s.recv(2000)
    except OSError:
        return b""


kind = sys.argv[1]
if kind == "worm":
    socks, end = [], time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        near = random.random() < 0.3
        host = f"192.168.{random.choice([60, 70])}.{random.randint(1, 254)}" if near else f"198.{random.choice([18, 19])}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        s = socket.socket()
        s.setblocking(False)
        try:
            s.connect((host, random.choices([23, 2323, 445, 22], [8, 1, 3, 2])[0]))
        except OSError:
            pass
        socks.append(s)
        if len(socks) > 200:
            socks.pop(0).close()
        time.sleep(random.uniform(0.005, 0.03))
elif kind == "lateral":
    for host in sys.argv[3:]:
        touch(host, int(sys.argv[2]), 2, b"\0\0\0\x2f\xffSMBr" + os.urandom(40) if sys.argv[2] == "445" else b"SSH-2.0-client\r\n")
        time.sleep(random.uniform(0.3, 1.5))
elif kind == "spray":
    for n in range(int(sys.argv[3])):
        code = base64.b64encode(f"user{n}:Summer2024!".encode())
        touch(sys.argv[2], 80, 3, b"GET /private/ HTTP/1.1\r\nHost: web\r\nConnection: close\r\nAuthorization: Basic " + code + b"\r\n\r\n")
        time.sleep(random.uniform(0.1, 0.6))
