package engine

import (
	"math"
	"math/rand/v2"

	"github.com/netlyra/netlyra/engine/features"
)

// teachRate is how many points a second one host may teach in the long run, at each
// scale. Without a limit a burst of a thousand packets would be what is usual.
const teachRate = 1.0

// alarmedShare is by how much less hosts teach that an alert is open about: they are
// taken up only in the long run.
const alarmedShare = 16

// learn takes the packet's evaluations in, as far as its source and its destination
// may teach.
func (p *Pipeline) learn(v *features.View, highest float64, alarmed bool) {
	rate := float32(teachRate)
	if alarmed || p.episodes.open(v.SourceKey, v.Meta.TS) {
		rate /= alarmedShare
	}
	coin := newCoin(p.cfg.Seed, p.seen)
	p.teach(features.Packet, coin.below(v.Share(features.PacketScale, rate)))
	if coin.last {
		p.final.add(highest)
	}
	if v.Due[features.Conn] {
		p.teach(features.Conn, coin.below(v.Share(features.ConnScale, rate)))
	}
	if v.Due[features.Fanout] || v.Due[features.Target] || v.Due[features.Pair] {
		yes := coin.below(v.Share(features.HostScale, rate))
		for g := features.Fanout; g < features.Groups; g++ {
			p.teach(g, yes && v.Due[g])
		}
	}
}

func (p *Pipeline) teach(g features.Group, yes bool) {
	if yes {
		p.learned++
		p.scorers[g].learn()
	}
}

// coin is the chance of one packet: the same in every run, whatever was before.
type coin struct {
	state uint64
	last  bool
}

func newCoin(seed, packet uint64) coin { return coin{state: seed ^ packet*0x9e3779b97f4a7c15} }

// below is true with the probability share (splitmix64).
func (c *coin) below(share float32) bool {
	c.state += 0x9e3779b97f4a7c15
	z := c.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	c.last = float32((z^z>>31)>>40) < share*(1<<24)
	return c.last
}

// believeFinal lays in the distribution of the highest of the groups' tails, were
// they independent: what multiplicity alone does.
func (p *Pipeline) believeFinal() {
	rnd := rand.New(rand.NewPCG(p.cfg.Seed, 0xf17a1))
	for range priorPoints {
		highest := 0.0
		for range features.Groups {
			highest = max(highest, -math.Log10(1-rnd.Float64()))
		}
		p.final.add(highest)
	}
	p.final.fit()
}
