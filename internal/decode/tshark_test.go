package decode

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestAgainstTshark compares the five-tuples of every packet of the shared captures,
// counted, with those that tshark finds: of every fourth capture, or of all where
// NETLYRA_SHARED names their folder. It is skipped where either is absent.
func TestAgainstTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here")
	}
	all := os.Getenv("NETLYRA_SHARED") != ""
	for i, path := range captures(t) {
		if i%4 != 0 && !all {
			continue // starting tshark takes a quarter of a second each time
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := tsharkTuples(t, tshark, path)
			got := map[string]int{}
			d, p := New(DefaultConfig()), new(models.Packet)
			each(t, path, func(f *models.Frame) {
				for more := d.Decode(f, p) == nil; more; more = d.More(p) {
					if l := known(p); l != nil {
						got[tuple(l)]++
					}
				}
			})
			for k, n := range want {
				if strings.HasSuffix(k, " 44") {
					continue // fragments whose datagram never came to be: held here, shown there
				}
				if got[k] != n {
					t.Errorf("%s: %d packets, tshark has %d", k, got[k], n)
				}
			}
			for k, n := range got {
				if want[k] == 0 {
					t.Errorf("%s: %d packets, tshark has none", k, n)
				}
			}
		})
	}
}

// known is the innermost IP packet that tshark sees too, or nil: on other ports than
// its own it does not take a Teredo bubble with something behind it for Teredo.
func known(p *models.Packet) *models.Layer {
	l := p.Inner()
	if l.Proto.IsLink() {
		if p.N == 1 {
			return nil
		}
		return &p.Layers[p.N-2]
	}
	if l.Proto != protoNoNext || p.N == 1 {
		return l
	}
	outer := &p.Layers[p.N-2]
	if outer.PayloadLen > l.IPLen && outer.SrcPort != portTeredo && outer.DstPort != portTeredo {
		return outer
	}
	return l
}

// tuple is addresses and ports; ports only of TCP and UDP, as the fields of tshark.
func tuple(l *models.Layer) string {
	sport, dport := l.SrcPort, l.DstPort
	if l.Proto != models.ProtoTCP && l.Proto != models.ProtoUDP {
		sport, dport = 0, 0
	}
	return fmt.Sprintf("%v:%d>%v:%d %d", l.Src, sport, l.Dst, dport, l.Proto)
}

// tsharkTuples counts the tuples of the innermost IP packets.
func tsharkTuples(t *testing.T, tshark, path string) map[string]int {
	t.Helper()
	out, err := exec.Command(tshark, tsharkArgs(path)...).Output()
	if err != nil {
		t.Skipf("tshark cannot read it: %v", err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(out)) {
		if k, good := tsharkTuple(strings.Split(strings.TrimRight(line, "\n"), "|")); good {
			counts[k]++
		}
	}
	return counts
}

// tsharkArgs ask for the fields that tsharkTuple reads.
func tsharkArgs(path string) []string {
	args := []string{"-n", "-r", path, "--enable-heuristic", "teredo_udp", "-T", "fields", "-E", "separator=|", "-E", "aggregator=,"}
	for _, f := range []string{"frame.protocols", "ip.src", "ip.dst", "ip.proto", "ipv6.src", "ipv6.dst", "ipv6.nxt",
		"tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"} {
		args = append(args, "-e", f)
	}
	return args
}

// tsharkTuple walks the names of the protocols up to the innermost IP packet and its
// transport, counting which occurrence of each field that is. What an ICMP error
// quotes comes behind its name and does not count.
func tsharkTuple(v []string) (string, bool) {
	if len(v) < 11 {
		return "", false
	}
	seen := map[string]int{}
	network, transport := "", ""
walk:
	for name := range strings.SplitSeq(v[0], ":") {
		seen[name]++
		switch name {
		case "ip", "ipv6":
			network, transport = name, ""
		case "tcp", "udp":
			transport = name
		case "icmp", "icmpv6":
			transport = name
			break walk
		}
	}
	at := func(field int, name string) string {
		if all := strings.Split(v[field], ","); seen[name] >= 1 && seen[name] <= len(all) {
			return all[seen[name]-1]
		}
		return ""
	}
	column := map[string]int{"ip": 1, "ipv6": 4, "tcp": 7, "udp": 9}
	n := column[network]
	if n == 0 {
		return "", false
	}
	proto := map[string]string{"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}[transport]
	if proto == "" {
		proto = at(n+2, network)
	}
	sport, dport := "0", "0"
	if c := column[transport]; c != 0 {
		sport, dport = at(c, transport), at(c+1, transport)
	}
	return fmt.Sprintf("%s:%s>%s:%s %s", at(n, network), sport, at(n+1, network), dport, proto), true
}
