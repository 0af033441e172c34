package engine

import (
	"math"
	"math/rand/v2"

	"github.com/netlyra/netlyra/engine/features"
)

// What one host may teach: about a point a second, a score of points at once. Without
// it a burst of a thousand packets would be what is usual.
const (
	teachRate  = 1.0
	teachBurst = 20
	// alarmedRate is for hosts that an alert is open about: they are taken up only in the long run.
	alarmedShare = 16
)

// learn takes the packet's evaluations in, if its source and its destination may
// still teach.
func (p *Pipeline) learn(v *features.View, highest float64, alarmed bool) {
	ts := int64(v.Meta.TS)
	if !v.SourceBudget().Take(ts, teachRate, teachBurst) || !v.TargetBudget().Take(ts, teachRate, teachBurst) {
		return
	}
	if alarmed || p.episodes.open(v.SourceKey, v.Meta.TS) {
		if p.episodes.held++; p.episodes.held%alarmedShare != 0 {
			return
		}
	}
	p.learned++
	for g := range features.Groups {
		if v.Due[g] {
			p.scorers[g].learn()
		}
	}
	p.final.add(highest)
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
