package engine

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// seenBy returns evidence of so many packets of this size, ports and sources.
func seenBy(count, size uint64, ports, sources int) (e evidence) {
	e.packets, e.bytes = count, count*size
	for i := range ports { // as many different bits
		e.ports.add(uint64(i%64 | i/64<<10))
	}
	for i := range sources {
		e.sources.add(uint64(i%64 | i/64<<10))
	}
	return e
}

// sceneOf returns a scene of TCP traffic to port 8080 with these facts.
func sceneOf(f facts, change func(s *scene)) scene {
	s := scene{facts: f, ep: &episode{evidence: seenBy(100, 0, 1, 1)}, m: &models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 40000, DstPort: 8080}}
	s.ep.alert.DstPort = s.m.DstPort
	if change != nil {
		change(&s)
	}
	return s
}

func datagrams(size uint64) func(s *scene) {
	return func(s *scene) { s.m.Proto = models.ProtoUDP; s.ep.evidence = seenBy(100, size, 1, 1) }
}

func servedOn(p uint16) func(s *scene) {
	return func(s *scene) { s.m.DstPort = p; s.ep.alert.DstPort = p; s.ep.evidence = seenBy(100, 50, 1, 1) }
}

// TestKindBoundaries gives for each rule facts that just satisfy it, and the same facts with
// one value beyond the boundary, where the rule must no longer hold.
func TestKindBoundaries(t *testing.T) {
	for name, tt := range map[string]struct {
		kind   string
		facts  facts
		change func(s *scene)
		beyond facts // each alone makes the kind another one
	}{
		"flood of datagrams": {vocabulary.KindFlood, facts{"packet_rate": 200, "pair_up": 1000, "pair_down": 999}, datagrams(200),
			facts{"packet_rate": 199, "pair_down": 1000}},
		"flood of datagrams to many ports": {vocabulary.KindFlood, facts{"ports": 12, "peers": 13, "pair_up": 1000, "pair_down": 249}, datagrams(200),
			facts{"ports": 11, "pair_down": 250}},
		"flood of connections by many": {vocabulary.KindFlood, facts{"sources": 30, "target_opened_burst": 30}, nil,
			facts{"sources": 29, "target_opened_burst": 29}},
		"flood of connections by one": {vocabulary.KindFlood, facts{"pair_opened": 100, "opened_burst": 50}, nil,
			facts{"pair_opened": 99, "opened_burst": 49}},
		"fast scan of ports": {vocabulary.KindPortScan, facts{"ports": 12, "peers": 12, "unanswered_share": 0.31}, nil,
			facts{"ports": 11, "unanswered_share": 0.3}},
		"scan of ports that answer": {vocabulary.KindPortScan, facts{"ports": 12, "target_ports": 12}, nil, facts{"target_ports": 11, "peers": 13}},
		"slow scan of ports": {vocabulary.KindPortScan, facts{"slow_ports": 12, "slow_peers": 12, "slow_unanswered": 5, "slow_opened": 12}, nil,
			facts{"slow_ports": 11, "slow_unanswered": 4.8}},
		"fast scan of hosts": {vocabulary.KindHostScan, facts{"peers": 12, "unanswered_share": 0.41}, nil, facts{"peers": 11, "unanswered_share": 0.4}},
		"slow scan of hosts": {vocabulary.KindHostScan, facts{"slow_peers": 12, "slow_unanswered": 5, "slow_opened": 12}, nil,
			facts{"slow_peers": 11, "slow_unanswered": 4.8}},
		"tunnel in DNS": {vocabulary.KindTunnel, facts{"service_up_entropy": 2}, servedOn(53), facts{"service_up_entropy": 1.99}},
		"tunnel in ICMP": {vocabulary.KindTunnel, facts{"service_up": 2},
			func(s *scene) { s.m.Proto = models.ProtoICMP; s.ep.evidence = seenBy(100, 25, 1, 1) }, facts{"service_up": 1.99}},
		"logins over SSH": {vocabulary.KindBruteForce, facts{"pair_opened": 8, "pair_up": 20000, "unanswered_share": 0.5}, servedOn(22),
			facts{"pair_opened": 7, "pair_up": 20001, "unanswered_share": 0.51}},
		"slow logins over SSH": {vocabulary.KindBruteForce, facts{"pair_slow_opened": 32, "pair_up": 1}, servedOn(22), facts{"pair_slow_opened": 31, "pair_up": 0.9}},
		"logins over HTTPS":    {vocabulary.KindBruteForce, facts{"pair_opened": 60, "pair_up": 1}, servedOn(443), facts{"pair_opened": 59}},
		"logins elsewhere":     {vocabulary.KindBruteForce, facts{"pair_opened": 20, "pair_up": 1}, servedOn(8080), facts{"pair_opened": 19}},
		"beacon": {vocabulary.KindBeacon, facts{"pair_regularity": 2.2, "pair_sameness": 1.5, "pair_up": 99999}, nil,
			facts{"pair_regularity": 2.19, "pair_sameness": 1.49, "pair_up": 1e5}},
		"flood of packets, unanswered": {vocabulary.KindFlood, facts{"target_packet_rate": 200, "packet_rate": 20, "target_unanswered": 26, "target_opened": 51}, nil,
			facts{"target_packet_rate": 199, "packet_rate": 19.9, "target_unanswered": 25.5, "target_opened": 50}},
		"flood of packets by one": {vocabulary.KindFlood, facts{"target_packet_rate": 200, "packet_rate": 2001}, nil, facts{"packet_rate": 2000, "target_packet_rate": 199}},
		"exfiltration":            {vocabulary.KindExfiltration, facts{"pair_up": 300001, "pair_down": 75000}, nil, facts{"pair_up": 300000, "pair_down": 75001}},
		"exfiltration in parts": {vocabulary.KindExfiltration, facts{"pair_up": 30001, "pair_down": 7000, "pair_slow_opened": 10}, nil,
			facts{"pair_slow_opened": 9, "pair_down": 7501}},
	} {
		kind, technique := kindOf(sceneOf(tt.facts, tt.change))
		if kind != tt.kind || technique != techniques[kind] {
			t.Errorf("%s: kind %s (%s), want %s", name, kind, technique, tt.kind)
		}
		for fact, value := range tt.beyond {
			changed := maps.Clone(tt.facts)
			changed[fact] = value
			if kind, _ := kindOf(sceneOf(changed, tt.change)); kind == tt.kind {
				t.Errorf("%s: still %s with %s %v", name, kind, fact, value)
			}
		}
	}
}

// TestFactsOfKindsExist: a rule that uses a name that is not a feature never holds.
func TestFactsOfKindsExist(t *testing.T) {
	for _, name := range []string{"ports", "peers", "unanswered_share", "slow_ports", "slow_peers", "slow_unanswered", "slow_opened", "target_ports",
		"sources", "target_opened_burst", "pair_opened", "opened_burst", "packet_rate", "target_packet_rate", "target_unanswered", "target_opened",
		"pair_up", "pair_down", "pair_slow_opened", "pair_regularity", "pair_sameness", "service_up_size", "service_up_entropy", "service_up", "service_down"} {
		if features.Lookup(name) == nil {
			t.Errorf("feature %s does not exist", name)
		}
	}
}

// TestTunnelNeedsPayload: small packets of DNS and other services are not a tunnel.
func TestTunnelNeedsPayload(t *testing.T) {
	f := facts{"service_up_size": 9}
	small := func(s *scene) { servedOn(53)(s); s.ep.evidence = seenBy(100, 24, 1, 1) }
	source := func(s *scene) { servedOn(40000)(s); s.m.SrcPort = 53 }
	for name, tt := range map[string]struct {
		change func(s *scene)
		want   bool
	}{"DNS": {servedOn(53), true}, "response of DNS": {source, true}, "small": {small, false}, "other port": {servedOn(54), false}} {
		if got := sceneOf(f, tt.change).tunnel(); got != tt.want {
			t.Errorf("%s: tunnel is %v, want %v", name, got, tt.want)
		}
	}
}

// TestClientOfFloodedHost: a client of a host that others flood does not cause the flood,
// unless its episode already is one; a fast upload is not a flood either.
func TestClientOfFloodedHost(t *testing.T) {
	flooded := facts{"target_packet_rate": 10000, "packet_rate": 999, "target_unanswered": 900, "target_opened": 1000}
	if sceneOf(flooded, nil).packetFlood() {
		t.Error("a client is reported as the cause of a flood")
	}
	known := func(s *scene) { s.ep.alert.Kind = vocabulary.KindFlood }
	many := func(s *scene) { s.ep.evidence = seenBy(100, 0, 1, 3) }
	for _, change := range []func(*scene){known, many} {
		if !sceneOf(flooded, change).packetFlood() {
			t.Error("an episode of a flood is no longer one")
		}
	}
	upload := facts{"target_packet_rate": 5000, "packet_rate": 5000, "pair_up": 1e8, "pair_down": 1e4, "pair_opened": 9}
	if kind, _ := kindOf(sceneOf(upload, nil)); kind != vocabulary.KindExfiltration {
		t.Errorf("a fast upload is a %s", kind)
	}
	upload["pair_opened"] = 10
	if !sceneOf(upload, nil).packetFlood() {
		t.Error("many connections at this rate are not a flood")
	}
}

// TestKindsOfRandomFacts: any facts give a kind with its technique, and no facts give none.
func TestKindsOfRandomFacts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	seen := map[string]int{}
	for range 20000 {
		f := facts{}
		for i := range features.All() {
			f[features.All()[i].Name] = []float64{0, 1, 15, 40, 300, 1e6}[rnd.IntN(6)] * rnd.Float64()
		}
		s := sceneOf(f, func(s *scene) {
			s.m.Proto = []models.Proto{models.ProtoTCP, models.ProtoUDP, models.ProtoICMP}[rnd.IntN(3)]
			s.ep.evidence = seenBy(100, rnd.Uint64N(500), 1+rnd.IntN(20), 1+rnd.IntN(20))
		})
		kind, technique := kindOf(s)
		want, known := techniques[kind]
		if !known || technique != want {
			t.Fatalf("kind %q with technique %q", kind, technique)
		}
		seen[kind]++
	}
	if kind, _ := kindOf(sceneOf(facts{}, nil)); kind != vocabulary.KindUnusual {
		t.Errorf("no facts are a %s", kind)
	}
	if len(seen) < 4 {
		t.Errorf("only the kinds %v occurred", seen)
	}
}

// TestSeverity lists the points of each property, and expects that no property lowers the
// severity.
func TestSeverity(t *testing.T) {
	rank := map[models.Severity]int{models.SeverityLow: 0, models.SeverityMedium: 1, models.SeverityHigh: 2, models.SeverityCritical: 3}
	grade := func(level float64, count uint64, seconds float64, ports, sources int, kind string) models.Severity {
		e := seenBy(count, 0, ports, sources)
		return severity(&models.Alert{Count: count, LastTS: models.Timestamp(seconds * 1e9), Kind: kind}, &e, level)
	}
	for _, tt := range []struct {
		level          float64
		count          uint64
		seconds        float64
		ports, sources int
		kind           string
		want           models.Severity
	}{
		{4, 1, 0, 1, 1, vocabulary.KindUnusual, models.SeverityLow},
		{4.5, 1, 0, 1, 1, vocabulary.KindUnusual, models.SeverityLow},
		{4.49, 19, 59.9, 7, 7, vocabulary.KindUnusual, models.SeverityLow},
		{6, 1, 0, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4.5, 20, 0, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 1000, 0, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 20, 60, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 1, 60, 8, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 1000, 0, 1, 8, vocabulary.KindFlood, models.SeverityHigh},
		{6, 20, 0, 1, 1, vocabulary.KindBeacon, models.SeverityHigh},
		{6, 20, 0, 8, 1, vocabulary.KindPortScan, models.SeverityCritical},
		{6, 1000, 60, 8, 8, vocabulary.KindUnusual, models.SeverityCritical},
	} {
		if got := grade(tt.level, tt.count, tt.seconds, tt.ports, tt.sources, tt.kind); got != tt.want {
			t.Errorf("%+v is graded %s", tt, got)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		level, count, seconds, ports := 3+4*rnd.Float64(), rnd.Uint64N(1500), 120*rnd.Float64(), rnd.IntN(12)
		low := rank[grade(level, count, seconds, ports, 1, vocabulary.KindUnusual)]
		for name, high := range map[string]models.Severity{
			"level": grade(level+1, count, seconds, ports, 1, vocabulary.KindUnusual), "count": grade(level, count+500, seconds, ports, 1, vocabulary.KindUnusual),
			"duration": grade(level, count, seconds+60, ports, 1, vocabulary.KindUnusual), "ports": grade(level, count, seconds, ports+8, 1, vocabulary.KindUnusual),
			"sources": grade(level, count, seconds, ports, 9, vocabulary.KindUnusual), "kind": grade(level, count, seconds, ports, 1, vocabulary.KindTunnel),
		} {
			if rank[high] < low {
				t.Fatalf("a higher %s lowers the severity of level %v, %d packets, %v s, %d ports to %s", name, level, count, seconds, ports, high)
			}
		}
	}
}
