package conntrack_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Parts of captures are realistic captures: with asymmetric routes a tap sees one
// direction, and a capture that started late lacks the first packet. Zeek's test suite has
// separate cases for both.

// tcpEnds are the ports of an untagged frame of Ethernet that carries TCP over IPv4; ok
// is false for others.
func tcpEnds(b []byte) (src, dst uint16, ok bool) {
	const ip = 14
	if len(b) < ip+24 || b[ip]>>4 != 4 || b[ip+9] != 6 {
		return 0, 0, false
	}
	t := b[ip+int(b[ip]&15)*4:]
	if len(t) < 4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:]), true
}

// part writes the frames of a pcap file (little-endian) that keep likes.
func part(t *testing.T, file string, keep func(frame []byte) bool) string {
	t.Helper()
	b := []byte(readFile(t, file))
	const head, record = 24, 16
	out := slices.Clone(b[:head])
	for b = b[head:]; len(b) >= record; {
		n := record + int(binary.LittleEndian.Uint32(b[8:]))
		if keep(b[record:n]) {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	name := filepath.Join(t.TempDir(), "part.pcap")
	if err := os.WriteFile(name, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestParityOfParts(t *testing.T) {
	root := filepath.Join(shared(t), "corpora", "zeek-conn")
	recording := func(name string) string {
		dir := filepath.Join(root, name)
		if _, err := os.Stat(dir); err != nil {
			t.Skip(err)
		}
		return traceIn(t, dir)
	}
	ssh, tagged := recording("scripts.base.protocols.ssh.basic"), recording("core.vlan-mpls")
	toServer := func(b []byte) bool { _, dst, ok := tcpEnds(b); return ok && dst == 22 }
	fromServer := func(b []byte) bool { src, _, ok := tcpEnds(b); return ok && src == 22 }
	first := true
	late := func(b []byte) bool {
		if !strings.Contains(string(b[:min(len(b), 80)]), "\x8d\x2a\x40\x7d") { // 141.42.64.125
			return false
		}
		drop := first
		first = false
		return !drop
	}
	for _, c := range []struct {
		name, file string
		keep       func([]byte) bool
		count      int
		some       []string // rows among them
	}{
		{"client's half", ssh, toServer, 25, []string{
			"192.168.1.79 51880 131.159.21.1 22 tcp 3.43540 2493 0 S0 SAD 19 3493 0 0",
			"192.168.1.79 51880 131.159.21.1 22 tcp 1.02550 176 0 SH DAF 6 488 0 0",
			"192.168.2.1 56875 192.168.2.158 22 tcp 3.43198 484 0 S0 SAD 12 1120 0 0",
			"192.168.2.1 56875 192.168.2.158 22 tcp 6.13094 104 0 SH ADF 7 468 0 0",
			"192.168.1.32 58649 131.103.20.168 22 tcp 2.06645 4477 0 SH SADF 183 14001 0 0",
		}},
		{"server's half", ssh, fromServer, 20, []string{
			"192.168.1.79 51880 131.159.21.1 22 tcp 6.01383 0 2501 SHR ^hdaf 0 0 20 3549",
			"192.168.2.1 56875 192.168.2.158 22 tcp 12.01336 0 549 SHR ^hdaf 0 0 16 1389",
			"192.168.1.32 58646 131.103.20.168 22 tcp 2.19868 0 535101 SHR ^hadf 0 0 226 546861",
		}},
		{"without the SYN", tagged, late, 1, []string{
			"141.42.64.125 56730 125.190.109.199 80 tcp 1.55079 98 9417 SF ^hADdFaf 11 670 10 9945",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := rows(t, connLog(t, part(t, c.file, c.keep)))
			if len(got) != c.count {
				t.Errorf("%d connections, want %d", len(got), c.count)
			}
			for _, row := range c.some {
				if !slices.Contains(got, strings.ReplaceAll(row, " ", "\t")) {
					t.Errorf("no row %s", row)
				}
			}
			if t.Failed() {
				t.Log(strings.Join(got, "\n"))
			}
		})
	}
}
