"""Modbus/TCP: modbus.py serve | poll HOST SECONDS | force HOST SECONDS (writes that no operator made) | sweep HOST (reads all units and functions)"""
import random
import socket
import socketserver
import struct
import sys
import time


class Controller(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(260):
            if len(data) < 12:
                continue
            number, unit, function = struct.unpack(">H", data[:2])[0], data[6], data[7]
            count = struct.unpack(">H", data[10:12])[0]
            if function in (3, 4):
                body = bytes([function, count * 2 & 255]) + random.randbytes(count * 2 & 255)
            elif function in (5, 6):
                body = data[7:12]
            else:
                body = bytes([function | 0x80, 1])
            self.request.sendall(struct.pack(">HHHB", number, 0, len(body) + 1, unit) + body)


def request(sock, number, unit, function, at, count):
    sock.sendall(struct.pack(">HHHBBHH", number & 0xFFFF, 0, 6, unit, function, at, count))
    sock.recv(300)


kind = sys.argv[1]
if kind == "serve":
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer(("0.0.0.0", 502), Controller).serve_forever()
sock = socket.create_connection((sys.argv[2], 502), 5)
number = 0
if kind == "sweep":
    for unit in range(1, 60):
        for function in (1, 2, 3, 4, 17, 43):
            number += 1
            request(sock, number, unit, function, 0, 1)
            time.sleep(0.01)
    sys.exit()
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    number += 1
    if kind == "poll":
        request(sock, number, 1, 3 if number % 4 else 4, 100 * (number % 4), 20)
        time.sleep(0.25)
    else:
        request(sock, number, 1, random.choice([5, 6]), random.randint(0, 200), random.choice([0, 0xFF00]))
        time.sleep(random.uniform(0.02, 0.1))
