package engine

import "github.com/netlyra/netlyra/internal/models"

// link processes a message of the link layer, which has no features: its score is 0 and
// nothing is learned from it. It reports whether the warm-up is over.
func (p *Pipeline) link(m *models.PacketMeta) (scored bool) {
	p.expire(m.TS)
	if scored = p.seen > uint64(p.cfg.WarmupPackets); scored {
		p.scored++
		p.passed++
	}
	return scored
}
