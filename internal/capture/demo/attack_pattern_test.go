package demo

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// attackFrames runs one attack alone and calls each with the frames that have its label.
func attackFrames(t *testing.T, a Attack, each func(at models.Timestamp, f flow)) {
	t.Helper()
	c := DefaultConfig()
	c.Rotation, c.Rate, c.Attacks = nil, 1, []Attack{a}
	c.Duration = a.At + a.For + 5*time.Second
	take(t, c, func(g *Generator, f *models.Frame) {
		if g.Label() == a.Kind {
			each(f.TS, parse(t, f.Data))
		}
	})
}

// TestAttackLastsAsLongAsConfigured: the first packet of each kind is at its start and no new
// unit begins after its end. Answers and open sessions may follow.
func TestAttackLastsAsLongAsConfigured(t *testing.T) {
	for _, k := range Kinds() {
		a := Attack{Kind: k.Name, At: 2 * time.Second, For: 3 * time.Second, Rate: min(k.Rate, 100)}
		var first, last models.Timestamp
		attackFrames(t, a, func(at models.Timestamp, _ flow) {
			if first == 0 {
				first = at
			}
			last = at
		})
		start := DefaultConfig().Start
		if begin := time.Duration(first - start); begin < a.At || begin > a.At+100*time.Millisecond {
			t.Errorf("%s begins at %v, want %v", k.Name, begin, a.At)
		}
		if end := time.Duration(last - start); end > a.At+a.For+2500*time.Millisecond {
			t.Errorf("%s has a packet at %v, its end is at %v", k.Name, end, a.At+a.For)
		}
	}
}

// TestRateScalesTheAttack: twice the rate gives about twice the units.
func TestRateScalesTheAttack(t *testing.T) {
	count := func(kind string, rate float64) (n int) {
		attackFrames(t, Attack{Kind: kind, At: time.Second, For: 10 * time.Second, Rate: rate}, func(models.Timestamp, flow) { n++ })
		return n
	}
	for _, k := range Kinds() {
		if k.Name == SYNFlood || k.Name == SpoofedFlood {
			continue // the server stops to answer when its backlog is full
		}
		slow, fast := count(k.Name, 10), count(k.Name, 20)
		if ratio := float64(fast) / float64(slow); ratio < 1.6 || ratio > 2.4 {
			t.Errorf("%s: %d frames at rate 10, %d at rate 20", k.Name, slow, fast)
		}
	}
}

// TestSYNScanProbesEachPortOnce and from one source; open ports answer SYN and ACK, closed
// ones RST, and no probe completes a handshake.
func TestSYNScanProbesEachPortOnce(t *testing.T) {
	probed, answers := map[uint16]int{}, map[uint8]int{}
	attackFrames(t, Attack{Kind: SYNScan, At: time.Second, For: 20 * time.Second, Rate: 400}, func(_ models.Timestamp, f flow) {
		switch f.src {
		case guest:
			if f.flags != syn {
				t.Fatalf("probe with flags %#x", f.flags)
			}
			probed[f.dport]++
		case fileServer:
			answers[f.flags]++
			if open := openTCP(fileServer, f.sport); open != (f.flags == syn|ack) {
				t.Fatalf("port %d, open %v, answers with flags %#x", f.sport, open, f.flags)
			}
		}
	})
	for port, n := range probed {
		if n != 1 {
			t.Errorf("port %d is probed %d times", port, n)
		}
	}
	if len(probed) < 7000 || answers[rst|ack] < len(probed)*9/10 || answers[syn|ack] == 0 {
		t.Errorf("%d ports, answers by flags %v", len(probed), answers)
	}
}

// TestHostSweepCoversTheNetwork: every address, one port, answers only of hosts that exist.
func TestHostSweepCoversTheNetwork(t *testing.T) {
	targets, answered := map[netip.Addr]bool{}, map[netip.Addr]bool{}
	attackFrames(t, Attack{Kind: HostSweep, At: time.Second, For: 8 * time.Second, Rate: 50}, func(_ models.Timestamp, f flow) {
		if f.src == guest {
			if f.dport != 445 || !netip.MustParsePrefix("192.168.10.0/24").Contains(f.dst) {
				t.Fatalf("probe of %v port %d", f.dst, f.dport)
			}
			targets[f.dst] = true
		} else {
			answered[f.src] = true
		}
	})
	if len(targets) != 254 {
		t.Errorf("%d addresses are probed, want 254", len(targets))
	}
	// Gateway, DNS, files, printer and twelve workstations.
	if len(answered) != 16 {
		t.Errorf("%d hosts answer, want 16: %v", len(answered), answered)
	}
}

// TestBeaconIsRegular: calls are at a regular interval, unlike the benign sessions, and so
// small that their volume does not show them.
func TestBeaconIsRegular(t *testing.T) {
	var calls []models.Timestamp
	bytes := 0
	attackFrames(t, Attack{Kind: Beacon, At: time.Second, For: 2 * time.Minute, Rate: 0.5}, func(at models.Timestamp, f flow) {
		bytes += len(f.payload)
		if f.flags == syn {
			calls = append(calls, at)
		}
	})
	if len(calls) < 55 || len(calls) > 65 {
		t.Fatalf("%d calls in two minutes at 0.5 a second", len(calls))
	}
	for i := 1; i < len(calls); i++ {
		if gap := time.Duration(calls[i] - calls[i-1]); gap < 1950*time.Millisecond || gap > 2050*time.Millisecond {
			t.Errorf("call %d comes %v after the one before, want 2s ± 2.5 %%", i, gap)
		}
	}
	if per := bytes / len(calls); per > 6000 {
		t.Errorf("%d bytes per call", per)
	}
}

// TestTunnelsHideData: names of a DNS tunnel do not repeat and are long; echoes of an ICMP
// tunnel are larger than those of ping and each has another size.
func TestTunnelsHideData(t *testing.T) {
	names := map[string]bool{}
	queries := 0
	attackFrames(t, Attack{Kind: DNSTunnel, At: time.Second, For: 10 * time.Second, Rate: 30}, func(_ models.Timestamp, f flow) {
		if f.dst != dnsServer {
			return
		}
		queries++
		if f.dport != 53 || f.payload[12] != 56 {
			t.Fatalf("query to port %d, first label of %d bytes", f.dport, f.payload[12])
		}
		names[string(f.payload[13:69])] = true
	})
	if queries < 250 || len(names) != queries {
		t.Errorf("%d names in %d queries", len(names), queries)
	}
	sizes := map[int]bool{}
	ids := map[uint16]bool{}
	attackFrames(t, Attack{Kind: ICMPTunnel, At: time.Second, For: 10 * time.Second, Rate: 30}, func(_ models.Timestamp, f flow) {
		sizes[len(f.payload)] = true
		ids[binary.BigEndian.Uint16(f.payload[4:])] = true
		if len(f.payload) < 108 {
			t.Fatalf("echo of %d bytes", len(f.payload))
		}
	})
	if len(sizes) < 100 || len(ids) != 1 {
		t.Errorf("%d sizes, %d identifiers of echoes", len(sizes), len(ids))
	}
}

// TestFloodOverflowsTheBacklog: after 256 half-open connections the server does not answer.
func TestFloodOverflowsTheBacklog(t *testing.T) {
	for _, kind := range []string{SYNFlood, SpoofedFlood} {
		var syns, answers int
		var lastAnswer, at models.Timestamp
		attackFrames(t, Attack{Kind: kind, At: time.Second, For: 3 * time.Second, Rate: 500}, func(ts models.Timestamp, f flow) {
			at = ts
			switch f.flags {
			case syn:
				syns++
			case syn | ack:
				answers++
				lastAnswer = ts
			default:
				t.Fatalf("%s: flags %#x", kind, f.flags)
			}
		})
		if answers != backlog || syns < 1000 || at-lastAnswer < models.Timestamp(time.Second) {
			t.Errorf("%s: %d SYNs, %d answers, the last %v before the end", kind, syns, answers, time.Duration(at-lastAnswer))
		}
	}
}

// TestExfiltrationGoesOutwards: nearly all payload is from the workstation to the outside.
func TestExfiltrationGoesOutwards(t *testing.T) {
	var up, down int
	attackFrames(t, Attack{Kind: Exfiltration, At: time.Second, For: 5 * time.Second, Rate: 300}, func(_ models.Timestamp, f flow) {
		if f.src == workstation(8) {
			up += len(f.payload)
		} else {
			down += len(f.payload)
		}
	})
	if up < 300*5*mss*7/10 || down*20 > up {
		t.Errorf("%d bytes out, %d in", up, down)
	}
}
