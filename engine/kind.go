package engine

import (
	"github.com/netlyra/netlyra/internal/models"
)

// Kinds: what an episode looks like.
const (
	kindPortScan     = "port_scan"
	kindHostScan     = "host_scan"
	kindFlood        = "flood"
	kindBruteForce   = "brute_force"
	kindExfiltration = "exfiltration"
	kindBeacon       = "beacon"
	kindTunnel       = "tunnel"
	kindUnusual      = "unusual"
)

// techniques are the MITRE ATT&CK techniques that the kinds are evidence of.
var techniques = map[string]string{
	kindPortScan: "T1046", kindHostScan: "T1046", kindFlood: "T1498", kindBruteForce: "T1110",
	kindExfiltration: "T1048", kindBeacon: "T1071", kindTunnel: "T1572", kindUnusual: "",
}

// kindRules are tried in order; the first that holds names the episode. They name
// what the trees found odd and never decide whether there is an alert.
var kindRules = []struct {
	kind string
	is   func(f facts, ep *episode, m *models.PacketMeta) bool
}{
	{kindFlood, func(f facts, ep *episode, m *models.PacketMeta) bool {
		return m.Proto == models.ProtoUDP && f["mean_payload"] >= 200 && f["packet_rate"] >= 200 ||
			f["sources"] >= 50 && f["target_opened_burst"] >= 50 && f["target_unanswered"] > 0.5*f["target_opened"]
	}},
	{kindPortScan, func(f facts, ep *episode, _ *models.PacketMeta) bool {
		return f["ports"] >= 12 && f["ports"] >= f["peers"] && (f["unanswered_share"] > 0.3 || f["target_ports"] >= 12)
	}},
	{kindHostScan, func(f facts, ep *episode, _ *models.PacketMeta) bool {
		return f["peers"] >= 12 && f["unanswered_share"] > 0.4
	}},
	{kindTunnel, func(f facts, ep *episode, m *models.PacketMeta) bool {
		dns := m.Proto == models.ProtoUDP && (m.SrcPort == 53 || m.DstPort == 53)
		icmp := m.Proto == models.ProtoICMP || m.Proto == models.ProtoICMPv6
		return (dns || icmp) && (f["conn_packets"] > 20 || f["pair_payload_rate"] > 200) && f["conn_entropy"] > 3.5 && f["mean_payload"] > 64
	}},
	{kindBruteForce, func(f facts, ep *episode, m *models.PacketMeta) bool {
		return m.Proto == models.ProtoTCP && f["pair_opened"] >= 8 && f["pair_up"] < 5000 && f["pair_down"] < 5000 && f["pair_opened"] < 2000 && f["target_unanswered"] < 0.5*f["target_opened"]
	}},
	{kindFlood, func(f facts, ep *episode, _ *models.PacketMeta) bool {
		return f["target_packet_rate"] >= 200 && (f["target_unanswered"] > 0.5*f["target_opened"] && f["target_opened"] > 50 || f["packet_rate"] > 2000)
	}},
	{kindExfiltration, func(f facts, ep *episode, _ *models.PacketMeta) bool {
		return f["upload_share"] > 0.8 && f["slow_upload"] > 1e6
	}},
	{kindBeacon, func(f facts, ep *episode, _ *models.PacketMeta) bool {
		return f["pair_regularity"] > 0.85
	}},
}

// classify names an episode and its technique.
func classify(f facts, ep *episode, m *models.PacketMeta) (kind, technique string) {
	for _, r := range kindRules {
		if r.is(f, ep, m) {
			return r.kind, techniques[r.kind]
		}
	}
	return kindUnusual, ""
}
