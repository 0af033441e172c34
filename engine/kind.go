package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// techniques are the MITRE ATT&CK techniques of the kinds.
var techniques = map[string]string{
	vocabulary.KindPortScan: "T1046", vocabulary.KindHostScan: "T1046", vocabulary.KindFlood: "T1498", vocabulary.KindBruteForce: "T1110",
	vocabulary.KindExfiltration: "T1048", vocabulary.KindBeacon: "T1071", vocabulary.KindTunnel: "T1572", vocabulary.KindUnusual: "",
}

// facts are the values of features by name.
type facts map[string]float64

// allFacts returns the values of all features at the current packet.
func (p *Pipeline) allFacts(v *features.View) facts {
	all := make(facts, len(features.All()))
	var values [features.MaxFeatures]float64
	for g := range features.Groups {
		v.Values(g, &values)
		for i, f := range features.Of(g) {
			all[f.Name] = values[i]
		}
	}
	return all
}

// scene is the basis for the kind of an episode: the episode, its current packet and the
// values of all features at that packet.
type scene struct {
	facts
	ep       *episode
	m        *models.PacketMeta
	interval float64 // mean time between the connections of the pair in seconds, 0 if there were too few
}

// kindRules are tried in order; the first that holds determines the kind. They classify what
// the trees found anomalous and never decide whether there is an alert.
var kindRules = []struct {
	kind string
	is   func(s scene) bool
}{
	{vocabulary.KindFlood, scene.datagramFlood},
	{vocabulary.KindFlood, scene.connectionFlood},
	{vocabulary.KindPortScan, scene.portScan},
	{vocabulary.KindHostScan, scene.hostScan},
	{vocabulary.KindTunnel, scene.tunnel},
	{vocabulary.KindBruteForce, scene.bruteForce},
	{vocabulary.KindBeacon, scene.beacon},
	{vocabulary.KindFlood, scene.packetFlood},
	{vocabulary.KindExfiltration, scene.exfiltration},
}

// kindOf returns the kind of an episode and its technique.
func kindOf(s scene) (kind, technique string) {
	for _, r := range kindRules {
		if r.is(s) {
			return r.kind, techniques[r.kind]
		}
	}
	return vocabulary.KindUnusual, ""
}

// datagramFlood holds for many large datagrams, whether answered or not, and for large
// datagrams to many ports with little in return. The probes of a scan are small.
func (s scene) datagramFlood() bool {
	datagrams := s.m.Proto == models.ProtoUDP || s.m.Proto == models.ProtoICMP || s.m.Proto == models.ProtoICMPv6
	if !datagrams || s.ep.evidence.size() < 200 || s.facts["pair_down"] >= s.facts["pair_up"] {
		return false
	}
	return s.facts["packet_rate"] >= 200 || s.facts["ports"] >= 12 && 4*s.facts["pair_down"] < s.facts["pair_up"]
}

// connectionFlood holds for many attempts at one service without payload, from one source or
// many.
func (s scene) connectionFlood() bool {
	idle := s.ep.evidence.size() < 4 && s.ep.evidence.ports.count() < 12
	crowd := s.facts["sources"] >= 30 && s.facts["target_opened_burst"] >= 30
	alone := s.facts["pair_opened"] >= 100 && s.facts["opened_burst"] >= 50
	return s.m.Proto == models.ProtoTCP && idle && (crowd || alone)
}

// portScan holds if one source tries many ports of few hosts, fast or slowly.
func (s scene) portScan() bool {
	fast := s.facts["ports"] >= 12 && s.facts["ports"] >= s.facts["peers"] && (s.facts["unanswered_share"] > 0.3 || s.facts["target_ports"] >= 12)
	slow := s.facts["slow_ports"] >= 12 && s.facts["slow_ports"] >= s.facts["slow_peers"] && s.facts["slow_unanswered"] > 0.4*s.facts["slow_opened"]
	return fast || slow
}

// hostScan holds if one source tries many hosts, most of which do not answer.
func (s scene) hostScan() bool {
	return s.facts["peers"] >= 12 && s.facts["unanswered_share"] > 0.4 ||
		s.facts["slow_peers"] >= 12 && s.facts["slow_unanswered"] > 0.4*s.facts["slow_opened"]
}

// tunnel holds if DNS or ICMP carries more, or more random, payload than typical.
func (s scene) tunnel() bool {
	dns := s.m.SrcPort == 53 || s.m.DstPort == 53
	icmp := s.m.Proto == models.ProtoICMP || s.m.Proto == models.ProtoICMPv6
	excess := max(s.facts["service_up_size"], s.facts["service_up_entropy"], s.facts["service_up"], s.facts["service_down"])
	return (dns || icmp) && excess >= 2 && s.ep.evidence.size() > 24
}

// logins are the ports of services with few connections after a login.
var logins = map[uint16]bool{21: true, 22: true, 23: true, 25: true, 110: true, 143: true, 389: true, 445: true, 1433: true, 3306: true,
	3389: true, 5432: true, 5900: true, 6379: true}

// bruteForce holds for many short connections that are answered and carry payload.
func (s scene) bruteForce() bool {
	if s.m.Proto != models.ProtoTCP || s.facts["unanswered_share"] > 0.5 || s.facts["pair_up"] < 1 || s.facts["pair_up"] > 20000 {
		return false
	}
	n, port := max(s.facts["pair_opened"], s.facts["pair_slow_opened"]/4), s.ep.alert.DstPort
	switch {
	case logins[port]:
		return n >= 8
	case port == 80 || port == 443:
		return n >= 60
	}
	return n >= 20
}

// beacon holds for small connections at regular intervals with similar amounts of payload.
func (s scene) beacon() bool {
	return s.facts["pair_regularity"] >= 2.2 && s.facts["pair_sameness"] >= 1.5 && s.facts["pair_up"] < 1e5
}

// packetFlood holds for more packets than one source normally sends, or more attempts than
// the destination answers. A fast upload over few TCP connections is not a flood, and a
// client of a flooded host does not cause it.
func (s scene) packetFlood() bool {
	upload := s.m.Proto == models.ProtoTCP && s.facts["pair_opened"] < 10 && s.exfiltration()
	bystander := s.ep.alert.Kind != vocabulary.KindFlood && s.ep.evidence.sources.count() == 1 && s.facts["packet_rate"] < 0.1*s.facts["target_packet_rate"]
	if upload || bystander {
		return false
	}
	return s.facts["target_packet_rate"] >= 200 &&
		(s.facts["target_unanswered"] > 0.5*s.facts["target_opened"] && s.facts["target_opened"] > 50 || s.facts["packet_rate"] > 2000)
}

// exfiltration holds if a large amount of payload is sent and far less is received.
func (s scene) exfiltration() bool {
	up := s.facts["pair_up"] * max(s.facts["pair_slow_opened"], 1)
	down := s.facts["pair_down"] * max(s.facts["pair_slow_opened"], 1)
	return up > 3e5 && up > 4*down
}
