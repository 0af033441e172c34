package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// host returns the address of a host, as IPv4 or as IPv4-mapped IPv6.
func host(i int, mapped bool) netip.Addr {
	a := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
	if mapped {
		return netip.AddrFrom16(a.As16())
	}
	return a
}

// randomCapture adds packets of several hosts and alerts to a Capture, and returns what was
// added.
func randomCapture(rnd *rand.Rand) (c *Capture, packets []Packet, alerts []models.Alert) {
	names := []string{"scan", "flood", "never"}
	c = NewCapture(0.8, names)
	for i := range 200 {
		p := Packet{TS: models.Timestamp(i) * 1e9, Src: host(rnd.IntN(12), rnd.IntN(2) == 0), Dst: host(rnd.IntN(12), false), Score: rnd.Float64(), Attack: -1}
		if rnd.IntN(6) == 0 {
			p.Attack = rnd.IntN(2)
		}
		packets = append(packets, p)
		c.Add(p)
	}
	for i := range rnd.IntN(8) {
		from := models.Timestamp(rnd.IntN(200)) * 1e9
		a := models.Alert{ID: fmt.Sprint("A", i), TS: from, LastTS: from + models.Timestamp(rnd.IntN(30))*1e9,
			SrcIP: host(rnd.IntN(16), false).String(), DstIP: host(rnd.IntN(16), false).String(), Count: 2}
		alerts = append(alerts, a)
		older := a
		older.Count, older.LastTS = 1, a.TS
		c.Alert(&older)
		c.Alert(&a)
		if rnd.IntN(2) == 0 {
			c.Alert(&older) // a late copy of an older record
		}
	}
	return c, packets, alerts
}

// hitsOf is the definition of a hit.
func hitsOf(a models.Alert, packets []Packet) (attacks []int) {
	for _, p := range packets {
		if p.Attack < 0 || p.TS < a.TS || p.TS > a.LastTS || slices.Contains(attacks, p.Attack) {
			continue
		}
		for _, ip := range []string{p.Src.Unmap().String(), p.Dst.Unmap().String()} {
			if (ip == a.SrcIP || ip == a.DstIP) && !slices.Contains(attacks, p.Attack) {
				attacks = append(attacks, p.Attack)
			}
		}
	}
	slices.Sort(attacks)
	return attacks
}

// TestHitsAreTheDefinition compares the hits of random alerts, the false alerts and the
// detection of each attack with their definitions.
func TestHitsAreTheDefinition(t *testing.T) {
	for seed := range uint64(150) {
		c, packets, alerts := randomCapture(rand.New(rand.NewPCG(seed, 7)))
		r := c.Result()
		if len(r.Alerts) != len(alerts) {
			t.Fatalf("seed %d: %d alerts, want %d", seed, len(r.Alerts), len(alerts))
		}
		falseAlerts, detected := 0, map[string]bool{}
		for i, a := range alerts {
			var want []string
			for _, n := range hitsOf(a, packets) {
				want = append(want, c.names[n])
				detected[c.names[n]] = true
			}
			got := slices.Sorted(slices.Values(r.Alerts[i].Attacks))
			slices.Sort(want)
			if !slices.Equal(got, want) || r.Alerts[i].Hit != (len(want) > 0) || r.Alerts[i].Count != 2 {
				t.Fatalf("seed %d: alert %+v hits %v, want %v", seed, r.Alerts[i].Alert, got, want)
			}
			if len(want) == 0 {
				falseAlerts++
			}
		}
		if r.FalseAlerts != falseAlerts || r.Detected != (len(detected) > 0) {
			t.Fatalf("seed %d: %d false alerts, detected %v; want %d, %v", seed, r.FalseAlerts, r.Detected, falseAlerts, len(detected) > 0)
		}
		for _, a := range r.ByAttack {
			if a.Detected != detected[a.Name] {
				t.Fatalf("seed %d: %s detected is %v", seed, a.Name, a.Detected)
			}
		}
		checkConsistent(t, seed, r, packets)
	}
}

// checkConsistent checks relations between the figures of a result.
func checkConsistent(t *testing.T, seed uint64, r *Result, packets []Packet) {
	t.Helper()
	attacks, above, benign, calibrated := 0, 0, 0, 0
	for _, p := range packets {
		switch {
		case p.Attack < 0:
			if benign++; p.Score >= Calibrated {
				calibrated++
			}
		default:
			if attacks++; p.Score >= r.Threshold {
				above++
			}
		}
	}
	if r.Packets != len(packets) || r.Attacks != attacks || r.Benign != benign || !near(float64(r.BenignAbove), float64(calibrated)/float64(benign)) {
		t.Fatalf("seed %d: %+v", seed, r)
	}
	for _, a := range r.ByAttack {
		attacks, above = attacks-a.Count, above-a.Above
		if a.Detected && a.AfterPackets.Known() && (int(a.AfterPackets) > a.Count || a.AfterSeconds < 0) {
			t.Fatalf("seed %d: %s detected after %v of %d packets, %v s", seed, a.Name, a.AfterPackets, a.Count, a.AfterSeconds)
		}
		if !a.Detected && (a.AfterPackets.Known() || a.AfterSeconds.Known()) {
			t.Fatalf("seed %d: %s was not detected, but after %v", seed, a.Name, a.AfterSeconds)
		}
	}
	if attacks != 0 || above != 0 {
		t.Fatalf("seed %d: the attacks differ by %d packets and %d above the threshold from their total", seed, attacks, above)
	}
	if never := r.ByAttack[2]; never.Count != 0 || never.Detected || never.ROCAUC.Known() {
		t.Fatalf("seed %d: attack without packets: %+v", seed, never)
	}
}

// TestResultDoesNotChange: Result may be called at any time and repeatedly.
func TestResultDoesNotChange(t *testing.T) {
	c, _, _ := randomCapture(rand.New(rand.NewPCG(3, 8)))
	first := c.Result().String()
	if again := c.Result().String(); again != first {
		t.Errorf("first result\n%ssecond result\n%s", first, again)
	}
}

func TestDetectionText(t *testing.T) {
	unknown := Figure(math.NaN())
	for _, tt := range []struct {
		d    Detection
		want string
	}{
		{Detection{false, unknown, unknown}, "no"},
		{Detection{false, 3, 4}, "no"},
		{Detection{true, unknown, unknown}, "yes, by an alert that started before"},
		{Detection{true, 12, 0.25}, "after 12 packets, 0.250 s"},
		{Detection{true, 1, 0}, "after 1 packets, 0.000 s"},
	} {
		if got := tt.d.String(); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.d, got, tt.want)
		}
	}
}

// TestAddressesOfAlerts: an alert without a valid address hits nothing; IPv6 addresses with
// zones and unparsable text do not either.
func TestAddressesOfAlerts(t *testing.T) {
	c := NewCapture(0.8, []string{"scan"})
	c.Add(Packet{TS: 5, Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("::ffff:10.0.0.7"), Score: 1, Attack: 0})
	c.Add(Packet{TS: 6, Score: 1, Attack: 0}) // not decoded: no addresses
	for i, tt := range []struct {
		src, dst string
		hit      bool
	}{
		{"2001:db8::1", "", true}, {"", "2001:DB8:0::1", true}, {"10.0.0.7", "10.0.0.8", true}, {"::ffff:10.0.0.7", "", true},
		{"", "", false}, {"invalid IP", "10.0.0.70", false}, {"2001:db8::1%eth0", "", false}, {"0.0.0.0", "::", false},
	} {
		c.Alert(&models.Alert{ID: fmt.Sprint(i), TS: 5, LastTS: 6, SrcIP: tt.src, DstIP: tt.dst, Count: 1})
		alerts := c.Result().Alerts
		if got := alerts[i].Hit; got != tt.hit {
			t.Errorf("alert from %q to %q hits: %v, want %v", tt.src, tt.dst, got, tt.hit)
		}
	}
}

// TestLabelsRoundTrip writes random labels in each form and reads them back.
func TestLabelsRoundTrip(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		separator := []string{",", ";", "\t", " , "}[seed%4]
		want := make([]string, 1+rnd.IntN(100)) // by packet, empty for benign
		var lines []string
		for i := range want {
			switch rnd.IntN(3) {
			case 0:
				want[i] = fmt.Sprint("attack ", rnd.IntN(5))
				lines = append(lines, strings.Join([]string{fmt.Sprint(i + 1), "1", want[i]}, separator))
			case 1:
				lines = append(lines, strings.Join([]string{fmt.Sprint(i + 1), "0"}, separator))
			}
		}
		lines = append(lines, strings.Join([]string{fmt.Sprint(len(want)), "1", "last"}, separator))
		want[len(want)-1] = "last"
		rnd.Shuffle(len(lines)-1, func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
		text := "\ufeffindex" + separator + "label\r\n# comment\n\n" + strings.Join(lines, "\r\n")
		l, err := ReadLabels(strings.NewReader(text), "labels.csv")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if l.Last() != len(want) || l.At(len(want)) != -1 || l.At(1<<30) != -1 {
			t.Fatalf("seed %d: %d labels, want %d", seed, l.Last(), len(want))
		}
		for i, name := range want {
			got := ""
			if n := l.At(i); n >= 0 {
				got = l.Names[n]
			}
			if got != name {
				t.Fatalf("seed %d: packet %d is of %q, want %q", seed, i, got, name)
			}
		}
	}
}

// TestLabelLimits checks the first values beyond the limits.
func TestLabelLimits(t *testing.T) {
	var b strings.Builder
	for i := range mostAttacks {
		fmt.Fprintf(&b, "%d,1,name %d\n", i+1, i)
	}
	l, err := ReadLabels(strings.NewReader(b.String()), "most")
	if err != nil || len(l.Names) != mostAttacks || l.At(mostAttacks-1) != mostAttacks-1 {
		t.Fatalf("%d attacks: %v", mostAttacks, err)
	}
	for _, line := range []string{"1,1,one more", fmt.Sprintf("%d,1", mostPackets+1), "0,1", "-1,1", "1,2", "1,1.5", "1,", "1", "1.0,1", "99999999999999999999,0"} {
		if _, err := ReadLabels(strings.NewReader(b.String()+line+"\n"), "most"); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("most, line %d", mostAttacks+1)) {
			t.Errorf("line %q: %v", line, err)
		}
	}
}
