package engine

import (
	"math"
	"math/rand/v2"

	"github.com/netlyra/netlyra/engine/features"
)

// learnRate is the long-term number of points per second that are learned from one host, at
// each scale. Without a limit a burst of a thousand packets would become the baseline.
const learnRate = 1.0

// earlyPoints is the number of learned points around which the rate falls from five times
// learnRate.
const earlyPoints = 200.0

// alarmedShare divides the rate of hosts with an open episode, so that their traffic becomes
// typical only in the long term.
const alarmedShare = 16

// learn learns the packet's evaluations, within the rates of its source and its destination.
// sum is the combined tail of the packet.
func (p *Pipeline) learn(v *features.View, sum float64, alarmed bool) {
	rate := float32(learnRate * (1 + 4*earlyPoints/(earlyPoints+float64(p.learned))))
	if alarmed || p.episodes.open(v.SourceKey, v.Meta.TS) {
		rate /= alarmedShare
	}
	coin := newCoin(p.cfg.Seed, p.seen)
	if coin.below(v.Share(features.PacketScale, rate)) {
		p.learnScale(v, features.PacketScale)
		if sum < anomalousSum || v.AllowAnomalous(features.PacketScale, anomalousEvery[features.PacketScale]) {
			p.final.add(sum)
		}
	}
	if v.Due[features.Conn] && coin.below(v.Share(features.ConnScale, rate)) {
		p.learnScale(v, features.ConnScale)
	}
	if (v.Due[features.Fanout] || v.Due[features.Target] || v.Due[features.Pair]) && coin.below(v.Share(features.HostScale, rate)) {
		p.learnScale(v, features.HostScale)
		if v.Due[features.Service] && p.tails[features.Service] < anomalousTail {
			v.LearnService()
		}
	}
}

// Tails from which a point is anomalous, for a group and for the combined tail. Anomalous
// points of one host are learned at intervals of anomalousEvery: otherwise a long attack would
// become typical within a minute, at a point per second.
const (
	anomalousTail = 2.5
	anomalousSum  = 4.5
)

// anomalousEvery is the minimum time between two anomalous points of one host, in nanoseconds,
// by scale: anomalies of a host last longer than those of a packet.
var anomalousEvery = [features.Scales]int64{2e9, 4e9, 20e9}

// learnScale learns the evaluations of a scale.
func (p *Pipeline) learnScale(v *features.View, s features.Scale) {
	asked, allowed := false, false
	for g := range features.Groups {
		if !v.Due[g] || g.Scale() != s {
			continue
		}
		if p.tails[g] >= anomalousTail {
			if !asked {
				asked, allowed = true, v.AllowAnomalous(s, anomalousEvery[s])
			}
			if !allowed {
				continue
			}
		}
		p.learned++
		p.scorers[g].learn()
	}
}

// coin is the random source of one packet. It depends only on the seed and on the number of
// the packet, so that a run can resume anywhere.
type coin struct{ state uint64 }

func newCoin(seed, packet uint64) coin { return coin{state: seed ^ packet*0x9e3779b97f4a7c15} }

// below returns true with probability share (splitmix64).
func (c *coin) below(share float32) bool {
	c.state += 0x9e3779b97f4a7c15
	return float32(spread(c.state)>>40) < share*(1<<24)
}

// loadFinalPrior adds samples of the combined tail of independent groups.
func (p *Pipeline) loadFinalPrior() {
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
