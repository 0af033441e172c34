"""A DNS server that answers every query with data: TXT if asked for it, else an address."""
import os
import socket
import struct

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("0.0.0.0", 53))
while True:
    packet, client = sock.recvfrom(4096)
    end = packet.find(b"\0", 12) + 1
    what = struct.unpack(">H", packet[end:end + 2])[0] if len(packet) >= end + 4 else 1
    if what == 16:
        data = b"".join(bytes([63]) + os.urandom(32).hex()[:63].encode() for _ in range(2))
    elif what in (5, 15):
        what, data = 5, b"\x1e" + os.urandom(15).hex().encode() + b"\x01t\x07example\0"
    else:
        what, data = 1, bytes([198, 18, 66, 81])
    answer = b"\xc0\x0c" + struct.pack(">HHIH", what, 1, 0, len(data)) + data
    sock.sendto(packet[:2] + b"\x84\x00" + struct.pack(">HHHH", 1, 1, 0, 0) + packet[12:end + 4] + answer, client)
