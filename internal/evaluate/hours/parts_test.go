package hours

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/models"
)

// packet4 returns an Ethernet frame with an IPv4 header, after a number of VLAN tags.
func packet4(src, dst string, tags int) []byte {
	b := slices.Repeat([]byte{2, 0, 0, 0, 0, 1}, 2)
	for range tags {
		b = append(b, 0x81, 0, 0, 7)
	}
	b = append(b, 8, 0, 0x45)
	b = append(b, make([]byte, 11)...)
	s, d := netip.MustParseAddr(src).As4(), netip.MustParseAddr(dst).As4()
	return append(append(b, s[:]...), d[:]...)
}

// TestRename: private addresses move, all others and all other bytes remain.
func TestRename(t *testing.T) {
	for _, tt := range []struct {
		src, dst string
		tags     int
		want     [2]string
	}{
		{"192.168.1.7", "8.8.8.8", 0, [2]string{"10.3.1.7", "8.8.8.8"}},
		{"10.9.8.7", "172.31.0.1", 1, [2]string{"10.3.1.7", "10.3.1.1"}},
		{"172.32.0.1", "169.254.1.1", 0, [2]string{"172.32.0.1", "169.254.1.1"}},
		{"192.168.1.7", "8.8.8.8", 2, [2]string{"192.168.1.7", "8.8.8.8"}},
	} {
		in := packet4(tt.src, tt.dst, tt.tags)
		before := slices.Clone(in)
		e := newEnds()
		e.add(rename(in, 3, 1))
		for _, a := range tt.want {
			if !e.ips[netip.MustParseAddr(a)] {
				t.Errorf("%+v: %v", tt, e.ips)
			}
		}
		if !slices.Equal(in, before) {
			t.Errorf("%+v: the frame of the capture changed", tt)
		}
	}
	for n := range packet4("10.0.0.1", "10.0.0.2", 1) { // cut frames
		cut := packet4("10.0.0.1", "10.0.0.2", 1)[:n]
		newEnds().add(rename(cut, 1, 1))
	}
}

// TestLay: hours have every frame of the drawn captures for each host and use, in the order
// of time and within the hour.
func TestLay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for seed := range uint64(50) {
		var all []*recording
		longest := time.Duration(rnd.Int64N(int64(span)))
		for i := range 1 + rnd.IntN(6) {
			r := &recording{number: i, frames: []frame{{data: packet4("10.0.0.1", "1.1.1.1", 0)}}}
			for range rnd.IntN(20) {
				r.frames = append(r.frames, frame{at: time.Duration(rnd.Int64N(int64(longest) + 1)), data: packet4("192.168.0.1", "1.1.1.1", 0)})
			}
			slices.SortFunc(r.frames, func(a, b frame) int { return int(a.at - b.at) })
			all = append(all, r)
		}
		c := Config{Take: 1 + rnd.IntN(6), Hosts: 1 + rnd.IntN(3), Uses: 1 + rnd.IntN(4)}
		h := c.lay(all, seed)
		if h.captures != min(c.Take, len(all)) || len(h.frames) < h.captures*c.Hosts {
			t.Fatalf("seed %d: %d captures, %d frames", seed, h.captures, len(h.frames))
		}
		if !slices.IsSortedFunc(h.frames, func(a, b placed) int { return int(a.ts - b.ts) }) {
			t.Errorf("seed %d: not in the order of time", seed)
		}
		hosts := map[netip.Addr]bool{}
		for _, f := range h.frames {
			if f.ts < hourBegins || f.ts > hourBegins+models.Timestamp(span+time.Second) {
				t.Errorf("seed %d: a frame at %v", seed, f.ts)
			}
			e := newEnds()
			e.add(f.frame.data)
			for a := range e.ips {
				hosts[a] = true
			}
		}
		if len(hosts) != h.captures*c.Hosts+1 {
			t.Errorf("seed %d: hosts %v of %d captures", seed, hosts, h.captures)
		}
		if again := c.lay(all, seed); len(again.frames) != len(h.frames) || again.frames[0].ts != h.frames[0].ts {
			t.Errorf("seed %d: a second hour differs", seed)
		}
	}
}

// TestEnds reads addresses of ARP, IPv6 and VLAN frames and selects the attackers.
func TestEnds(t *testing.T) {
	arp := append(slices.Repeat([]byte{2, 0, 0, 0, 0, 9}, 2), 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2)
	e, hour := newEnds(), newEnds()
	e.add(arp)
	e.add(packet4("10.0.0.2", "8.8.8.8", 1))
	hour.add(packet4("1.2.3.4", "8.8.8.8", 0))
	named := func(e ends, known entry, src, dst string) bool {
		who := e.attackers(&known, hour)
		return who.named(&models.Alert{SrcIP: src, DstIP: dst})
	}
	var index, spoofed entry
	index.parse("10.0.0.2, many")
	spoofed.parse("10.0.0.1 (mac 02:00:00:00:00:09)")
	link := newEnds()
	link.add(arp)
	for _, tt := range []struct {
		ends     ends
		known    entry
		src, dst string
		want     bool
	}{
		{e, index, "10.0.0.2", "9.9.9.9", true}, {e, index, "10.0.0.1", "8.8.8.8", false}, // in an IP header
		{e, spoofed, "10.0.0.1", "", true}, {e, spoofed, "", "02:00:00:00:00:09", true}, {e, spoofed, "10.0.0.2", "", true}, // only in ARP
		{e, entry{}, "10.0.0.2", "8.8.8.8", true}, {e, entry{}, "1.2.3.4", "8.8.8.8", false}, {e, entry{}, "10.0.0.1", "", false},
		{link, spoofed, "10.0.0.1", "", true}, {link, spoofed, "10.0.0.2", "", false},
		{link, entry{}, "::ffff:10.0.0.2", "", true}, {link, entry{}, "", "02:00:00:00:00:09", true}, {link, entry{}, "8.8.8.8", "", false},
	} {
		if got := named(tt.ends, tt.known, tt.src, tt.dst); got != tt.want {
			t.Errorf("%v, %s → %s: %v", tt.known.attackers, tt.src, tt.dst, got)
		}
	}
	six := append(slices.Repeat([]byte{2, 0, 0, 0, 0, 9}, 2), 0x86, 0xdd)
	six = append(six, make([]byte, 40)...)
	six[len(six)-1] = 1
	e = newEnds()
	e.add(six)
	if !e.ips[netip.IPv6Unspecified()] || !e.ips[netip.MustParseAddr("::1")] {
		t.Errorf("%v", e.ips)
	}
	only := e.attackers(&entry{}, e)
	if !only.ips[netip.MustParseAddr("::1")] {
		t.Error("without an address that is not in the hour, every address of the attack counts")
	}
	for n := range arp {
		newEnds().add(arp[:n])
	}
}

// TestIndex reads kinds and attackers and reports lines that are too short.
func TestIndex(t *testing.T) {
	name := filepath.Join(t.TempDir(), "index.tsv")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("x/a.pcap\tattack:scan\t10.0.0.1, fe80::1 99.0.0.0/16 aa:bb:cc:dd:ee:ff many\tsource\r\n\nb.pcap\tflood\n")
	all := map[string]entry{}
	if err := readIndex(name, all); err != nil {
		t.Fatal(err)
	}
	a := all["a.pcap"]
	if a.kind != "scan" || len(a.attackers) != 4 || len(a.prefixes) != 3 || len(a.macs) != 1 || all["b.pcap"].kind != "flood" {
		t.Errorf("%+v", all)
	}
	write("a.pcap\tscan\nb.pcap flood\n")
	if err := readIndex(name, all); err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), name) {
		t.Errorf("short line: %v", err)
	}
}

// TestFits checks that specific words take precedence over the general ones they contain.
func TestFits(t *testing.T) {
	for kind, want := range map[string]string{
		"scan": "host_scan port_scan", "arp-scan": "arp_scan host_scan", "ARP_spoof": "arp_spoof", "c2-exfil": "beacon dga exfiltration tunnel",
		"dns-tunnel": "beacon exfiltration tunnel", "dhcp-starvation": "dhcp_starvation", "exploit": "", "slow-http": "slow_http",
		"reflection-flood": "flood icmp_flood reflection", "rogue-dhcp": "rogue_dhcp", "lateral": "lateral_movement",
	} {
		if got := strings.Join(fits(kind), " "); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// TestGroups: each kind is in one group of the sums.
func TestGroups(t *testing.T) {
	for kind, want := range map[string]string{
		"scan": groupBehavior, "arp-spoof": groupBehavior, "slow-http": groupBehavior, "exfil": groupBehavior, "c2": groupControl, "c2-exfil": groupControl,
		"lateral": groupOther, "dns-spoof": groupOther, "exploit": groupOther, "ics-command": groupOther, unknownKind: groupOther,
	} {
		if got := groupOf(kind); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// TestIntervals compares with published values.
func TestIntervals(t *testing.T) {
	near := func(got [2]measure.Figure, lo, hi float64) bool {
		return math.Abs(float64(got[0])-lo) < 1e-3 && math.Abs(float64(got[1])-hi) < 1e-3
	}
	for _, tt := range []struct {
		got    [2]measure.Figure
		lo, hi float64
	}{
		{wilson(8, 10), .4902, .9433}, {wilson(0, 10), 0, .2775}, {wilson(10, 10), .7225, 1}, {wilson(0, 0), 0, 1},
		{poisson(0, 1), 0, 3.6889}, {poisson(1, 1), .0253, 5.5716}, {poisson(10, 1), 4.7954, 18.3904}, {poisson(10, 5), .9591, 3.6781},
		{poisson(100, 1), 81.3640, 121.6273},
	} {
		if !near(tt.got, tt.lo, tt.hi) {
			t.Errorf("%v, want %v to %v", tt.got, tt.lo, tt.hi)
		}
	}
}

// TestAUC compares with the ranking of package measure, with many ties.
func TestAUC(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		draw := func(n int) (s []float64) {
			for range n {
				s = append(s, float64(rnd.IntN(8))/8)
			}
			return s
		}
		attack, sorted, rest := draw(1+rnd.IntN(20)), draw(1+rnd.IntN(20)), draw(rnd.IntN(20))
		slices.Sort(sorted)
		var samples []measure.Sample
		for _, s := range attack {
			samples = append(samples, measure.Sample{Score: s, Attack: true})
		}
		for _, s := range append(slices.Clone(sorted), rest...) {
			samples = append(samples, measure.Sample{Score: s})
		}
		if got, want := auc(attack, sorted, rest), measure.Rank(samples).ROCAUC; math.Abs(float64(got-want)) > 1e-9 {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestConfigErrors: each invalid configuration has an error.
func TestConfigErrors(t *testing.T) {
	valid := DefaultConfig()
	valid.Benign = []string{"x"}
	if err := valid.Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(c *Config){
		func(c *Config) { c.Benign = nil }, func(c *Config) { c.Seeds = nil }, func(c *Config) { c.Take = 0 }, func(c *Config) { c.Hosts = 257 },
		func(c *Config) { c.Uses = -1 }, func(c *Config) { c.At = 1 }, func(c *Config) { c.At = math.NaN() }, func(c *Config) { c.After = -1 },
	} {
		c := valid
		if change(&c); c.Validate() == nil {
			t.Errorf("no error for %+v", c)
		}
	}
}
