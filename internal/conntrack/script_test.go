package conntrack

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestScripts runs the scripts of testdata/scripts. A script is cases apart by blank
// lines: lines of packets such as
//
//	0.5 A:40000>B:80 SA seq=100 ack=11 len=20 win=0 bad cut
//
// (seconds, hosts A to Z, of which Z is the broadcast address, TCP flags; or `udp`, `icmp=8/0`, `icmp6=135/0`, `proto=253`),
// `@ 70` lets time pass, and lines that begin with = are what is expected: each ended
// connection in order. With # begin comments. -update rewrites the expectations.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { runScript(t, f) })
	}
}

func runScript(t *testing.T, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, block := range strings.Split(strings.TrimSpace(string(b)), "\n\n") {
		var kept, packets, want []string
		for _, line := range strings.Split(block, "\n") {
			switch {
			case strings.HasPrefix(line, "="):
				want = append(want, line)
				continue
			case line != "" && line[0] != '#':
				packets = append(packets, line)
			}
			kept = append(kept, line)
		}
		if len(packets) == 0 {
			out = append(out, block)
			continue
		}
		got := playScript(t, packets, strings.Contains(block, "# verify checksums"))
		if !*update && strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s\ngot\n%s\nwant\n%s", strings.Join(kept, "\n"), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		out = append(out, strings.Join(append(kept, got...), "\n"))
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func playScript(t *testing.T, lines []string, verify bool) (got []string) {
	cfg := DefaultConfig()
	cfg.EndsOnly = true
	cfg.VerifyChecksums = verify
	table := New(cfg, SinkFunc(func(c *models.Connection, _ Event) {
		bytes := "- -"
		dur := "-"
		if c.Duration > 0 {
			dur = strconv.FormatFloat(c.Duration, 'g', -1, 64)
			bytes = fmt.Sprintf("%d %d", c.OrigBytes, c.RespBytes)
		}
		line := fmt.Sprintf("= %s:%d>%s:%d %s %s dur=%s bytes=%s pkts=%d %d phase=%s", host(c.SrcIP), c.SrcPort,
			host(c.DstIP), c.DstPort, c.State, c.History, dur, bytes, c.OrigPackets, c.RespPackets, c.Phase)
		if c.MissedBytes > 0 {
			line += fmt.Sprintf(" missed=%d", c.MissedBytes)
		}
		got = append(got, line)
	}))
	var p models.Packet
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "@ "); ok {
			table.Advance(seconds(t, rest))
			continue
		}
		p = scriptPacket(t, line)
		table.Track(&p)
	}
	table.Flush()
	if table.Len() != 0 || table.wheel.count != 0 || table.index.Used() != 0 || table.weakHead != 0 {
		t.Errorf("after Flush: %d connections, %d timers, %d places, weak %d", table.Len(), table.wheel.count, table.index.Used(), table.weakHead)
	}
	return got
}

func seconds(t *testing.T, s string) models.Timestamp {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return models.Timestamp(1e18) + models.Timestamp(f*1e6+0.5)*1000
}

func host(ip string) string {
	if ip == "255.255.255.255" {
		return "Z"
	}
	a := netip.MustParseAddr(ip).As16()
	return string(rune('A' + a[15] - 1))
}

// scriptPacket reads one packet of a script.
func scriptPacket(t *testing.T, line string) (p models.Packet) {
	t.Helper()
	words := strings.Fields(line)
	ends := strings.Split(words[1], ">")
	if len(ends) != 2 {
		t.Fatalf("%q: want A:1>B:2", line)
	}
	l := &p.Layers[0]
	p.N = 1
	l.Proto, l.Window = models.ProtoTCP, 1000
	six, header := false, uint32(40)
	for _, w := range words[2:] {
		name, value, _ := strings.Cut(w, "=")
		n, _ := strconv.ParseUint(value, 10, 32)
		switch name {
		case "udp":
			l.Proto, header = models.ProtoUDP, 28
		case "icmp", "icmp6":
			l.Proto, header = models.ProtoICMP, 28
			if name == "icmp6" {
				l.Proto, six = models.ProtoICMPv6, true
			}
			typ, code, _ := strings.Cut(value, "/")
			a, _ := strconv.Atoi(typ)
			b, _ := strconv.Atoi(code)
			l.SrcPort, l.DstPort = uint16(a), uint16(b)
		case "proto":
			l.Proto, header = models.Proto(n), 20
		case "seq":
			l.Seq = uint32(n)
		case "ack":
			l.Ack = uint32(n)
			l.Flags |= models.FlagACK
		case "len":
			l.PayloadLen = uint32(n)
		case "win":
			l.Window = uint16(n)
		case "bad":
			l.Bad = models.BadTransportChecksum
		case "lies":
			l.Truncated = true
		case "cut", "ntp", "dns":
		default:
			for _, f := range w {
				bit := map[rune]models.TCPFlags{'S': models.FlagSYN, 'A': models.FlagACK, 'F': models.FlagFIN,
					'R': models.FlagRST, 'P': models.FlagPSH, '.': models.FlagACK}[f]
				if bit == 0 {
					t.Fatalf("%q: unknown word %q", line, w)
				}
				l.Flags |= bit
			}
		}
	}
	l.Src, l.SrcPort = scriptEnd(t, ends[0], six, l.SrcPort)
	l.Dst, l.DstPort = scriptEnd(t, ends[1], six, l.DstPort)
	l.IPLen = header + l.PayloadLen
	l.Payload = make([]byte, l.PayloadLen)
	for _, w := range words[2:] {
		switch name, value, _ := strings.Cut(w, "="); name {
		case "cut":
			l.Payload = l.Payload[:0]
		case "ntp": // the mode
			l.Payload[0] = 0x20 | value[0] - '0'
		case "dns": // q or r
			if value == "r" {
				l.Payload[2] = 0x80
			}
		}
	}
	p.Meta.TS = seconds(t, words[0])
	p.Meta.Src, p.Meta.Dst, p.Meta.Proto, p.Meta.WireLen = l.Src, l.Dst, l.Proto, l.IPLen+14
	return p
}

func scriptEnd(t *testing.T, s string, six bool, port uint16) (netip.Addr, uint16) {
	name, text, ok := strings.Cut(s, ":")
	if len(name) != 1 {
		t.Fatalf("%q is not a host", s)
	}
	a := netip.AddrFrom4([4]byte{10, 0, 0, name[0] - 'A' + 1})
	if name == "Z" {
		a = netip.AddrFrom4([4]byte{255, 255, 255, 255})
	}
	if six {
		b := netip.MustParseAddr("2001:db8::").As16()
		b[15] = name[0] - 'A' + 1
		a = netip.AddrFrom16(b)
	}
	if ok {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		port = uint16(n)
	}
	return a, port
}
