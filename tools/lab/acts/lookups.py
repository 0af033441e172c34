"""Sends DNS queries: lookups.py KIND SERVER SECONDS. Kinds: client (A, AAAA, PTR, HTTPS in bursts), typo (some names do not exist),
reverse (PTR of many addresses), dga (random names of an infected host), random (random subdomains of one domain, a flood), any (amplifying queries)."""
import random
import socket
import struct
import sys
import time

A, PTR, TXT, AAAA, HTTPS, ANY = 1, 12, 16, 28, 65, 255
LETTERS = "abcdefghijklmnopqrstuvwxyz"
kind, server, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setblocking(False)


def query(name, what):
    global sock
    if random.random() < 0.3 and kind in ("client", "typo", "dga"):
        sock.close()
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
    labels = b"".join(bytes([len(w)]) + w.encode() for w in name.split(".")) + b"\0"
    sock.sendto(struct.pack(">HHHHHH", random.getrandbits(16), 0x100, 1, 0, 0, 0) + labels + struct.pack(">HH", what, 1), (server, 53))


def word(low, high):
    return "".join(random.choice(LETTERS) for _ in range(random.randint(low, high)))


def site():
    return f"{random.choice(['', 'www.'])}site{random.randint(1, 40)}.example"


end = time.monotonic() + seconds
while time.monotonic() < end:
    if kind == "client":  # a page: several names at once, then a pause
        for _ in range(random.randint(1, 9)):
            name = site()
            for what in (A, AAAA, HTTPS)[:random.randint(2, 3)]:
                query(name, what)
            time.sleep(random.uniform(0.001, 0.05))
        time.sleep(random.expovariate(1 / 3))
    elif kind == "typo":
        name = random.choice([site(), "stie3.example", "wpad.office.example", "sit.exampl", "printer2.office.example", "site3.exmaple"])
        query(name, A)
        query(name, AAAA)
        time.sleep(random.expovariate(1 / 1.5))
    elif kind == "reverse":
        query(f"{random.randint(1, 40)}.10.18.198.in-addr.arpa", PTR)
        time.sleep(random.uniform(0.05, 0.4))
    elif kind == "dga":
        query(word(10, 18) + random.choice([".com", ".net", ".info", ".biz", ".ru"]), A)
        time.sleep(random.uniform(0.02, 0.3))
    elif kind == "random":
        query(f"{word(8, 14)}.site{random.randint(1, 2)}.example", A)
        time.sleep(0.002)
    elif kind == "any":
        query(site(), random.choice([ANY, TXT]))
        time.sleep(0.003)
