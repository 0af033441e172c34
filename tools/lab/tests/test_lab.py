"""Tests of the parts of the lab that need neither root nor namespaces."""
import os
import socket
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import run
import verdict
from lab import cage, labels, recorder, tables, topology


def ipv4(source, target):
    return bytes(12) + b"\x08\x00" + bytes([0x45]) + bytes(11) + bytes(map(int, source.split("."))) + bytes(map(int, target.split("."))) + bytes(8)


class Labels(unittest.TestCase):
    attackers, addresses, honest = {"evil", "away"}, {"198.18.66.66"}, {"198.18.66.66", "198.18.10.1", "192.168.70.10"}

    def label(self, sender, frame):
        return labels.label(sender, frame, self.attackers, self.addresses, self.honest)

    def test_the_namespace_counts_whatever_address_a_frame_claims(self):
        self.assertEqual(self.label("evil", ipv4("192.168.60.11", "192.168.60.5")), 1)
        self.assertEqual(self.label("pc1", ipv4("198.18.66.66", "192.168.60.5")), 0)

    def test_answers_of_a_victim_are_not_the_attack(self):
        self.assertEqual(self.label("web", ipv4("192.168.70.10", "198.18.66.66")), 0)

    def test_the_router_forwards_for_attackers_and_for_others(self):
        self.assertEqual(self.label("gw", ipv4("198.18.66.66", "192.168.70.10")), 1)
        self.assertEqual(self.label("gw", ipv4("198.18.10.1", "192.168.70.10")), 0)

    def test_behind_the_router_an_unknown_address_is_spoofed(self):
        self.assertEqual(self.label("gw", ipv4("203.0.113.9", "192.168.70.10")), 1)

    def test_ordinary_use_has_no_attack(self):
        self.assertEqual(labels.label("gw", ipv4("203.0.113.9", "192.168.70.10"), set(), set(), self.honest), 0)

    def test_source(self):
        tagged = ipv4("10.0.0.1", "10.0.0.2")
        self.assertEqual(labels.source(tagged[:12] + b"\x81\x00\x00\x07" + tagged[12:]), "10.0.0.1")
        self.assertEqual(labels.source(bytes(12) + b"\x86\xdd" + bytes(8) + bytes(15) + b"\x01" + bytes(16)), "::1")
        self.assertEqual(labels.source(bytes(12) + b"\x08\x06" + bytes(14) + b"\x0a\x00\x00\x07" + bytes(10)), "10.0.0.7")
        for short in (b"", bytes(14), ipv4("10.0.0.1", "10.0.0.2")[:30]):
            self.assertEqual(labels.source(short), "")

    def test_row(self):
        self.assertEqual(labels.row(3, "evil", b"", self.attackers, self.addresses, self.honest), "3,1,evil\n")


class Tables(unittest.TestCase):
    def parse(self, text, attack=True):
        known = tables.hosts()
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as f:
            f.write(text)
            f.flush()
            return tables.scenarios(f.name, attack, known, tables.services(known))

    def test_a_line(self):
        (s,) = self.parse("# comment\n\nx\tscan\ttune\tquick\tevil@srv\tdns ssh@db\tnmap,curl\t30\tnmap -n | cat\n")
        self.assertEqual((s.name, s.quick, s.hosts, s.segment, s.needs, s.seconds), ("x", True, ("evil",), "srv", ("nmap", "curl"), 30))
        self.assertEqual(s.services, (("dns", "srv"), ("ssh", "db")))

    def test_errors_name_the_line(self):
        good = "x\tscan\ttune\t-\tevil\t-\t-\t30\ttrue\n"
        for bad in (good.replace("tune", "train"), good.replace("evil", "unknown"), good.replace("30", "soon"), good + good, "x\tscan\n", good.replace("\t-\t-", "\tdns@x\t-")):
            with self.assertRaisesRegex(tables.TableError, r"\.tsv:[12]: "):
                self.parse(bad)

    def test_addresses(self):
        self.assertEqual(tables.addresses("198.18.10.9-11 10.0.0.1"), ("198.18.10.9", "198.18.10.10", "198.18.10.11", "10.0.0.1"))

    def test_the_tables_of_the_repository(self):
        known, offered, scenarios = tables.everything()
        of, quick = tables.packages()
        attacks = [s for s in scenarios if s.attack]
        self.assertGreaterEqual(len(attacks), 30)
        self.assertGreaterEqual(len(scenarios) - len(attacks), 25)
        self.assertGreaterEqual(len({of[c] for s in attacks for c in s.needs}), 12)
        self.assertEqual(len({s.name for s in scenarios}), len(scenarios))
        for s in scenarios:
            self.assertTrue(s.seconds <= 120, s.name)
            for c in tables.needed(s, offered):
                self.assertIn(c, of, f"{s.name}: add the package of {c} to packages.tsv")
                self.assertTrue(not s.quick or of[c] in quick, f"{s.name} is quick, but the package of {c} is not")
            for name, host in s.services:
                self.assertTrue(os.path.exists(f"{tables.HERE}/services/{name}.sh"), name)
                self.assertIn(host, known)
        for group in (True, False):  # a half is kept back for judging
            held = sum(s.set == "holdout" for s in scenarios if s.attack == group) / sum(s.attack == group for s in scenarios)
            self.assertTrue(0.4 <= held <= 0.6)


class Topology(unittest.TestCase):
    def test_addresses_are_unique(self):
        known = tables.hosts()
        all_of = [a for h in known.values() for a in h.addresses] + [r.partition("/")[0] for r in tables.SEGMENTS.values()]
        self.assertEqual(len(all_of), len(set(all_of)))
        self.assertEqual(len({topology.mac(n) for n in known}), len(known))

    def test_owned(self):
        attackers, honest = topology.owned(tables.hosts(), {"evil"})
        self.assertEqual(attackers, {"192.168.60.66", "fd00:60::66"})
        self.assertTrue(attackers <= honest and "192.168.60.1" in honest)


class Cage(unittest.TestCase):
    def test_it_refuses_the_namespaces_of_the_machine(self):
        with self.assertRaises(cage.Refused):
            cage.check(os.stat("/proc/self/ns/net").st_ino)


class Frames(unittest.TestCase):
    def test_the_tag_that_the_kernel_removed_is_put_back(self):
        aux = struct.pack("=IIIHHHH", recorder.VLAN_VALID, 64, 64, 0, 14, 7, 0x8100)
        when = struct.pack("qq", 1_700_000_000, 250_000_000)
        extra = [(recorder.SOL_PACKET, recorder.PACKET_AUXDATA, aux), (socket.SOL_SOCKET, recorder.SO_TIMESTAMPNS, when)]
        seconds, nanos, frame = recorder.Recorder.details(bytes(12) + b"\x08\x00data", extra)
        self.assertEqual((seconds, nanos, frame[12:]), (1_700_000_000, 250_000_000, b"\x81\x00\x00\x07\x08\x00data"))


class Verdict(unittest.TestCase):
    def test_share(self):
        self.assertEqual(verdict.share({"all": {"found": 3, "runs": 4}}), 0.75)
        self.assertEqual(verdict.share({"all": {"found": 0, "runs": 0}}), 0)


class Index(unittest.TestCase):
    def test_lines_of_other_runs_are_kept(self):
        with tempfile.TemporaryDirectory() as d:
            run.write_index(d, [["attack/b.pcap", "scan", "10.0.0.1", "nmap", "tune", "5", "nmap"]])
            run.write_index(d, [["attack/a.pcap", "flood", "-", "hping3", "tune", "7", "hping3"]])
            with open(os.path.join(d, "index.tsv"), encoding="utf-8") as f:
                lines = f.read().splitlines()
        self.assertEqual([x.split("\t")[0] for x in lines], ["file", "attack/a.pcap", "attack/b.pcap"])


if __name__ == "__main__":
    unittest.main()
