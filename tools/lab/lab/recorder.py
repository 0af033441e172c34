"""Records every frame that enters a bridge, each once, with the namespace that sent it."""
import select
import socket
import struct
import threading
import time

from lab import labels

ETH_P_ALL, PACKET_OUTGOING, SOL_PACKET, PACKET_AUXDATA, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING = 3, 4, 263, 8, 6, 23
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
VLAN_VALID = 1 << 4
MOST_SOURCES = 8  # an attack with more is spoofed: no address is the attacker


class Recorder(threading.Thread):
    """Writes a pcap file and a file of labels until `finish`, or until a limit is reached (`full` is then set)."""

    def __init__(self, path, ports, who, most_packets, most_bytes):
        """`ports` names the namespace behind each port; `who` are the last three arguments of labels.row."""
        super().__init__(daemon=True)
        self.path, self.ports, self.who = path, ports, who
        self.most_packets, self.most_bytes = most_packets, most_bytes
        self.packets = self.bytes = self.labeled = self.dropped = 0
        self.sources = set()  # addresses that the attack's packets claim, until there are too many
        self.full, self.ending = threading.Event(), threading.Event()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        except PermissionError:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)

    def run(self):
        with open(self.path + ".pcap", "wb") as pcap, open(self.path + ".labels.csv", "w", encoding="utf-8") as rows:
            pcap.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            rows.write("index,label,sender\n")
            while True:
                if not select.select([self.socket], [], [], 0.1)[0]:
                    if self.ending.is_set():
                        break
                    continue
                frame, extra, _, where = self.socket.recvmsg(65600, 256)
                sender = self.ports.get(where[0])
                if sender is None or where[2] == PACKET_OUTGOING or self.full.is_set():
                    if self.ending.is_set() and self.full.is_set():
                        break
                    continue
                seconds, nanos, frame = self.details(frame, extra)
                self.packets += 1
                self.bytes += len(frame) + 16
                row = labels.row(self.packets, sender, frame, *self.who)
                if ",1," in row:
                    self.labeled += 1
                    if len(self.sources) <= MOST_SOURCES:
                        self.sources.add(labels.source(frame))
                rows.write(row)
                pcap.write(struct.pack("<IIII", seconds, nanos // 1000, len(frame), len(frame)) + frame)
                if self.packets >= self.most_packets or self.bytes >= self.most_bytes:
                    self.full.set()
        if not self.full.is_set():  # what is lost after the limit was reached does not matter
            self.dropped = struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        self.socket.close()

    @staticmethod
    def details(frame, extra):
        """Time of arrival, and the frame with the VLAN tag that the kernel removed."""
        now = time.time_ns()
        seconds, nanos = now // 10**9, now % 10**9
        for level, kind, data in extra:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanos = struct.unpack("qq", data[:16])
            elif level == SOL_PACKET and kind == PACKET_AUXDATA and len(data) >= 20:
                status, tag, protocol = struct.unpack("=I", data[:4])[0], *struct.unpack("=HH", data[16:20])
                if status & VLAN_VALID:
                    frame = frame[:12] + struct.pack(">HH", protocol or 0x8100, tag) + frame[12:]
        return seconds, nanos, frame

    def finish(self):
        self.ending.set()
        self.join(20)
