"""A stream as cameras and telephones send it (RTP over UDP): stream.py HOST PORT PACKETS_A_SECOND BYTES SECONDS"""
import os
import random
import socket
import struct
import sys
import time

host, port, rate, size, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
start = time.monotonic()
number = 0
while time.monotonic() - start < seconds:
    number += 1
    length = max(60, min(1400, int(random.gauss(size, size / 6))))
    sock.sendto(struct.pack(">BBHII", 0x80, 96, number & 0xFFFF, number * 3000 & 0xFFFFFFFF, 0x1234) + os.urandom(length), (host, port))
    time.sleep(max(0.0, start + number / rate - time.monotonic()))
