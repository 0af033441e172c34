package engine

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Hosts of the varieties: an inner and an outer attacker, and their victim.
var (
	inside, outside, victim = addr(10, 0, 0, 66), addr(203, 0, 113, 66), addr(10, 0, 0, 5)
)

// variety is conduct in a small office, from the fifth minute on, and the kind of alert that it
// must raise about the host; without a kind it is ordinary and must raise none about it.
type variety struct {
	name string
	who  netip.Addr
	kind string
	play func(t *traffic)
}

// times plays something n times from the fifth minute on, every so many seconds, give or take
// a share of that.
func (t *traffic) times(n int, every, jitter float64, play func(i int, at float64)) {
	at := 300.0
	for i := range n {
		play(i, at)
		at += every * (1 + jitter*(2*t.rnd.Float64()-1))
	}
}

func (t *traffic) port() uint16 { return uint16(32768 + t.rnd.IntN(28000)) }

// beacon calls a service regularly with messages of the same size.
func beacon(port uint16, every, jitter float64, n int) func(*traffic) {
	return func(t *traffic) {
		t.times(n, every, jitter, func(_ int, at float64) { t.request(at, inside, outside, t.port(), port, 220, 180) })
	}
}

// guess logs in with messages that differ by the length of a password.
func guess(port uint16, every float64, n, up, down int) func(*traffic) {
	return func(t *traffic) {
		t.times(n, every, 0.5, func(i int, at float64) { t.request(at, outside, victim, t.port(), port, up+i%5, down) })
	}
}

// uploaded is the size of an upload that is too small at a well-known service.
const uploaded = 3_000_000

var varieties = []variety{
	{"beacon at an unusual port, jitter 10 %", inside, vocabulary.KindBeacon, beacon(4782, 30, .1, 25)},
	{"beacon at an unusual port, jitter 30 %", inside, vocabulary.KindBeacon, beacon(7712, 20, .3, 40)},
	{"beacon at 443 without a name, jitter 10 %", inside, vocabulary.KindBeacon, beacon(443, 20, .1, 25)},
	{"beacon each five minutes", inside, vocabulary.KindBeacon, beacon(1604, 300, .01, 8)},
	{"orders from outside", inside, vocabulary.KindBeacon, func(t *traffic) {
		t.packet(299, inside, outside, 50000, 4444, models.ProtoTCP, models.FlagSYN, 0)
		t.packet(299.01, outside, inside, 4444, 50000, models.ProtoTCP, models.FlagSYN|models.FlagACK, 0)
		t.packet(299.02, inside, outside, 50000, 4444, models.ProtoTCP, models.FlagACK|models.FlagPSH, 60)
		t.times(30, 4, .8, func(i int, at float64) {
			t.packet(at, outside, inside, 4444, 50000, models.ProtoTCP, models.FlagACK|models.FlagPSH, uint32(5+t.rnd.IntN(40)))
			t.packet(at+.1, inside, outside, 50000, 4444, models.ProtoTCP, models.FlagACK|models.FlagPSH, uint32(50+t.rnd.IntN(900)))
		})
	}},
	{"half-open scan of open ports", outside, vocabulary.KindPortScan, func(t *traffic) {
		t.times(60, .1, .2, func(i int, at float64) {
			t.packet(at, outside, victim, 50000, uint16(100+i), models.ProtoTCP, models.FlagSYN, 0)
			t.packet(at+.001, victim, outside, uint16(100+i), 50000, models.ProtoTCP, models.FlagSYN|models.FlagACK, 0)
			t.packet(at+.002, outside, victim, 50000, uint16(100+i), models.ProtoTCP, models.FlagRST, 0)
		})
	}},
	{"worm with a large datagram", inside, vocabulary.KindHostScan, func(t *traffic) {
		t.times(100, .1, .2, func(i int, at float64) {
			t.packet(at, inside, addr(198, byte(i), 7, 9), 50000, 1434, models.ProtoUDP, 0, 376)
		})
	}},
	{"guessing at a database", outside, vocabulary.KindBruteForce, guess(3306, .4, 80, 100, 90)},
	{"guessing at a directory", outside, vocabulary.KindBruteForce, guess(389, .4, 80, 60, 40)},
	{"guessing at a web form", outside, vocabulary.KindBruteForce, guess(80, .12, 400, 410, 900)},
	{"guessing at a page that denies access", outside, vocabulary.KindBruteForce, func(t *traffic) {
		t.times(40, 1, .5, func(i int, at float64) {
			from := len(t.list)
			t.request(at, outside, victim, t.port(), 80, 160+t.rnd.IntN(300), 300+t.rnd.IntN(400))
			for ; from < len(t.list); from++ {
				if m := &t.list[from]; m.Src == victim && m.PayloadLen > 0 {
					m.Name = models.NameFacts{Kind: models.NameHTTP, Type: 401}
				}
			}
		})
	}},
	{"flood of web requests", victim, vocabulary.KindFlood, func(t *traffic) {
		t.times(3000, .004, .9, func(i int, at float64) { t.request(at, outside, victim, uint16(20000+i), 80, 150, 900) })
	}},
	{"flood of data without a handshake", victim, vocabulary.KindFlood, func(t *traffic) {
		t.times(3000, .002, .9, func(i int, at float64) {
			t.packet(at, outside, victim, uint16(20000+i), 443, models.ProtoTCP, models.FlagACK|models.FlagPSH, 700)
		})
	}},
	{"flood of packets with invalid flags", victim, vocabulary.KindFlood, func(t *traffic) {
		t.times(3000, .002, .9, func(i int, at float64) {
			t.packet(at, outside, victim, uint16(20000+i), 80, models.ProtoTCP, models.FlagFIN|models.FlagPSH|models.FlagURG, 0)
		})
	}},
	{"flood of requests for the time", victim, vocabulary.KindICMPFlood, func(t *traffic) {
		t.times(3000, .002, .9, func(i int, at float64) { t.packet(at, outside, victim, 13, 0, models.ProtoICMP, 0, 12) })
	}},
	{"upload to an unusual port", inside, vocabulary.KindExfiltration, func(t *traffic) { t.request(300, inside, outside, 50000, 8899, uploaded, 400) }},

	{"polls of a page at varying times", inside, "", func(t *traffic) {
		t.times(40, 20, .9, func(i int, at float64) { t.request(at, inside, outside, t.port(), 443, 200+t.rnd.IntN(200), 4000) })
	}},
	{"queries of a database", inside, "", func(t *traffic) {
		t.times(80, .5, .9, func(i int, at float64) {
			t.request(at, inside, victim, t.port(), 3306, 150+t.rnd.IntN(600), 200+t.rnd.IntN(9000))
		})
	}},
	{"a health check each two seconds", inside, "", func(t *traffic) {
		t.times(300, 2, 0, func(i int, at float64) { t.request(at, inside, victim, t.port(), 8080, 120, 200) })
	}},
	{"a busy web page", inside, "", func(t *traffic) {
		t.times(60, .05, .9, func(i int, at float64) {
			t.request(at, inside, outside, t.port(), 80, 200+t.rnd.IntN(700), 500+t.rnd.IntN(30000))
		})
	}},
	{"a chat with a server", inside, "", func(t *traffic) {
		t.request(290, inside, outside, 50000, 5222, 300, 600)
		t.times(60, 8, .9, func(i int, at float64) {
			t.packet(at, outside, inside, 5222, 51000, models.ProtoTCP, models.FlagACK|models.FlagPSH, uint32(60+t.rnd.IntN(100)))
			t.packet(at+.3, inside, outside, 51000, 5222, models.ProtoTCP, models.FlagACK|models.FlagPSH, uint32(60+t.rnd.IntN(100)))
		})
	}},
}

// TestVarieties plays each variety with several seeds of the office.
func TestVarieties(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for _, v := range varieties {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s/%d", v.name, seed), func(t *testing.T) {
				t.Parallel()
				x := newTraffic(seed)
				x.office(0, 420, 8)
				v.play(x)
				alerts := map[string]models.Alert{}
				p := pipeline(t, alerts)
				run(p, x.sorted(), 0)
				p.Flush()
				v.check(t, alerts)
			})
		}
	}
}

func (v variety) check(t *testing.T, alerts map[string]models.Alert) {
	t.Helper()
	found := false
	for _, a := range alerts {
		if e := a.Evidence; e == nil || e.Value < e.Limit*(1-1e-9) || a.Counterfactual.Changes[0].Limit >= e.Value {
			t.Errorf("evidence %+v, counterfactual %+v: the value is below the limit", e, a.Counterfactual)
		}
		if a.Kind == vocabulary.KindExfiltration && a.Evidence.Value > uploaded {
			t.Errorf("an upload of %v bytes of which only %d were sent", a.Evidence.Value, uploaded)
		}
		switch {
		case a.SrcIP != v.who.String() && a.DstIP != v.who.String():
		case v.kind == "":
			t.Errorf("alert: %s", a.Summary)
		case a.Kind == v.kind:
			found = true
		default:
			t.Errorf("kind %s: %s", a.Kind, a.Summary)
		}
	}
	if !found && v.kind != "" {
		t.Errorf("no alert of kind %s", v.kind)
	}
}
