package engine

import (
	"net/netip"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/link"
	"github.com/netlyra/netlyra/internal/models"
)

// watchLink passes a packet to the watcher of the link layer and grows the episodes of what it
// finds. It returns the highest score, and what became of the packet.
func (p *Pipeline) watchLink(m *models.PacketMeta, scored bool) (score float64, result outcome) {
	for _, x := range p.link.Observe(m) {
		f := finding{behavior: x.Behavior, value: x.Value, level: p.behave.level(x.Behavior, x.Value)}
		p.behave.learnPeak(x.Peak, m.TS, f)
		score = max(score, min(f.level/maxLevel, 1))
		if scored && f.level/maxLevel >= p.cfg.Threshold {
			result = max(result, p.alarmLink(m, x, f))
		}
	}
	return score, result
}

// alarmLink grows or starts the episode of a finding of the link layer.
func (p *Pipeline) alarmLink(m *models.PacketMeta, x link.Finding, f finding) outcome {
	ep, out := p.open(x.Subject^linkSalt, x.Src, m.TS, f)
	if ep == nil {
		return out
	}
	a := &ep.alert
	a.Count++
	a.LastTS = max(a.LastTS, m.TS)
	ep.anomalyTS = a.LastTS
	ep.evidence.packets++
	ep.evidence.sources.add(spread(hashMAC(m.HWAddr)))
	ep.evidence.peers.add(spread(features.HashAddr(m.Dst)))
	if f.level > ep.level {
		ep.level, a.Score = f.level, min(f.level/maxLevel, 1)
		p.describeLink(ep, m, x, f)
	}
	if p.shouldPublish(ep) {
		p.publish(ep)
	}
	return out
}

const linkSalt = 0x6c62272e07bb0142

// describeLink fills in the fields of the alert that refer to the current packet.
func (p *Pipeline) describeLink(ep *episode, m *models.PacketMeta, x link.Finding, f finding) {
	a := &ep.alert
	a.DstIP, a.Proto = addressText(x.Dst), m.Proto.String()
	a.SrcPort, a.DstPort, a.Conn = m.SrcPort, m.DstPort, m.Conn.String()
	row := features.RowOf(f.behavior)
	a.Features = map[string]float64{"entropy": float64(m.Entropy) / 100, "packet_rate": 0, "byte_rate": 0, row.Name: f.value}
	a.Reasons = []models.Reason{{Feature: row.Name, Value: f.value, Typical: [2]float64{0, p.behave.limit(f.behavior, 1.3)}, Share: 1}}
	describeReason(&a.Reasons[0], m.Proto)
	a.Counterfactual = p.counterfactual(f)
	describeCounterfactual(a.Counterfactual)
	ep.behavior, ep.group = f.behavior, features.Behavioral
	ep.gather(m.TS, f, p.behave.limit(f.behavior, p.cfg.Threshold*maxLevel))
	a.Kind = rules[f.behavior].kind
	a.Technique = techniques[a.Kind]
	a.Summary = sentence(scene{facts{}, ep, m, 0})
	a.Severity = severity(a, &ep.evidence, ep.level)
	a.Model = models.ModelRef{Version: Version, Lane: p.lane, Partition: p.lane, Offset: int64(p.seen) - 1}
}

// addressText is an address in an alert, "" if there is none.
func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

func hashMAC(m models.MAC) (h uint64) {
	for _, b := range m {
		h = h<<8 | uint64(b)
	}
	return h
}
