package engine

import (
	"math"
	"math/rand/v2"

	"github.com/netlyra/netlyra/engine/features"
)

// teachRate is how many points a second one host may teach in the long run, at each
// scale. Without a limit a burst of a thousand packets would be what is usual.
const teachRate = 1.0

// early is how many points are learned up to five times as fast: a newcomer has much
// to learn.
const early = 200.0

// alarmedShare is by how much less hosts teach that an alert is open about: they are
// taken up only in the long run.
const alarmedShare = 16

// learn takes the packet's evaluations in, as far as its source and its destination
// may teach.
func (p *Pipeline) learn(v *features.View, odd float64, alarmed bool) {
	rate := float32(teachRate * (1 + 4*early/(early+float64(p.learned))))
	if alarmed || p.episodes.open(v.SourceKey, v.Meta.TS) {
		rate /= alarmedShare
	}
	coin := newCoin(p.cfg.Seed, p.seen)
	if coin.below(v.Share(features.PacketScale, rate)) {
		p.teach(v, features.PacketScale)
		if odd < oddFinal || v.MayTeachOdd(features.PacketScale, oddEvery[features.PacketScale]) {
			p.final.add(odd)
		}
	}
	if v.Due[features.Conn] && coin.below(v.Share(features.ConnScale, rate)) {
		p.teach(v, features.ConnScale)
	}
	if (v.Due[features.Fanout] || v.Due[features.Target] || v.Due[features.Pair]) && coin.below(v.Share(features.HostScale, rate)) {
		p.teach(v, features.HostScale)
		if v.Due[features.Service] && p.tails[features.Service] < oddTail {
			v.LearnService()
		}
	}
}

// What is odder than one in a few hundred is taken from one host but once in a while:
// an attack that lasts would else make itself usual within a minute, at a point a second.
const (
	oddTail  = 2.5
	oddFinal = 4.5
)

// oddEvery is the least time between two odd points of one host, in nanoseconds: what
// is odd about a host lasts longer than what is odd about a packet.
var oddEvery = [features.Scales]int64{2e9, 4e9, 20e9}

// teach takes the evaluations of a scale in.
func (p *Pipeline) teach(v *features.View, s features.Scale) {
	asked, may := false, false
	for g := range features.Groups {
		if !v.Due[g] || g.Scale() != s {
			continue
		}
		if p.tails[g] >= oddTail {
			if !asked {
				asked, may = true, v.MayTeachOdd(s, oddEvery[s])
			}
			if !may {
				continue
			}
		}
		p.learned++
		p.scorers[g].learn()
	}
}

// coin is the chance of one packet: the same in every run, whatever was before.
type coin struct{ state uint64 }

func newCoin(seed, packet uint64) coin { return coin{state: seed ^ packet*0x9e3779b97f4a7c15} }

// below is true with the probability share (splitmix64).
func (c *coin) below(share float32) bool {
	c.state += 0x9e3779b97f4a7c15
	z := c.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float32((z^z>>31)>>40) < share*(1<<24)
}

// believeFinal lays in how the groups' tails add up if they are independent.
func (p *Pipeline) believeFinal() {
	rnd := rand.New(rand.NewPCG(p.cfg.Seed, 0xf17a1))
	for range priorPoints / 2 {
		var top ranking
		for range features.Groups {
			top.add(-math.Log10(1 - rnd.Float64()))
		}
		p.final.add(top.sum())
	}
	p.final.fit()
}
