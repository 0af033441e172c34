package features

import (
	"math"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// tally counts recent items and how many of them were new. all and fresh decay with each
// item, by half in tallyHalf items; kinds, the number of different items, decays 64 times
// as slowly.
type tally struct{ all, fresh, kinds float32 }

const tallyHalf = 1024

// tallyKeep is the factor by which a tally decays with one item.
var tallyKeep = float32(math.Exp2(-1.0 / tallyHalf))

// add counts an item with a weight of at most 1.
func (t *tally) add(isNew bool, weight float32) {
	gone := (1 - tallyKeep) * weight
	t.all, t.fresh, t.kinds = t.all*(1-gone)+weight, t.fresh*(1-gone), t.kinds*(1-gone/64)
	if isNew {
		t.fresh += weight
		t.kinds += weight
	}
}

// surprise is −log2 of the probability that the next item is new, in the process of Pitman
// and Yor ("The two-parameter Poisson-Dirichlet distribution", 1997) with discount and
// strength of a half.
func (t *tally) surprise() float32 {
	return float32(chordLog(float64((t.all + 0.5) / (t.fresh/2 + 0.5))))
}

// discounted is surprise, reduced if there are many different items already: one more of
// many clients is typical, a second client is not. few items reduce it to a quarter.
func (t *tally) discounted(few float32) float32 {
	open := few / (few + t.kinds)
	return t.surprise() * open * open
}

func (t *tally) fields(c *state.Codec) {
	c.F32(&t.all)
	c.F32(&t.fresh)
	c.F32(&t.kinds)
}

// census counts how often the network has a new pair, source or service.
type census struct{ pairs, sources, services tally }

// newCensus assumes that items are new at first, which is true at the start of a capture.
func newCensus() census {
	t := tally{all: 2, fresh: 2}
	return census{t, t, t}
}

func (s *census) fields(c *state.Codec) {
	s.pairs.fields(c)
	s.sources.fields(c)
	s.services.fields(c)
}

// Indexes of pair.novelties, in the order of the features.
const (
	newPair = iota
	newClient
	newSource
	newService
)

// countNovelty counts a connection in the census and, for the first of a pair, sets the
// novelties of the pair. Connections of a host that opens many at once weigh less.
func (e *Extractor) countNovelty(v *View, fresh bool) {
	p, s := v.pair, v.baseline()
	w := min(1, 4/max(v.source.opened[short4], 1))
	service := serviceKey(v.Meta.Proto, v.ServicePort())
	_, client := e.clients.get(mix(service, v.SourceKey))
	first := s.clients == tally{}
	if fresh && !isAnnouncement(v.Meta) {
		p.novelties[newPair] = e.census.pairs.discounted(200)
		if client {
			p.novelties[newClient] = s.clients.discounted(8)
		}
		if v.newSource {
			p.novelties[newSource] = e.census.sources.discounted(8)
		}
		if first && !isCommonService(v.Meta) {
			p.novelties[newService] = e.census.services.discounted(128)
		}
	}
	e.census.pairs.add(fresh, w)
	e.census.sources.add(v.newSource, w)
	e.census.services.add(first, w)
	s.clients.add(client, w)
}

// isCommonService reports whether the service occurs in almost every network, so that its
// first use is not a novelty.
func isCommonService(m *models.PacketMeta) bool {
	port := min(m.SrcPort, m.DstPort)
	switch port {
	case 53, 67, 68, 80, 123, 135, 137, 138, 139, 443, 445, 546, 547, 1900, 5353, 5355:
		return m.Proto == models.ProtoTCP || m.Proto == models.ProtoUDP
	}
	return m.Proto == models.ProtoICMP || m.Proto == models.ProtoICMPv6
}

// isAnnouncement reports whether the protocol announces or discovers hosts. First contacts of
// such protocols are not a novelty.
func isAnnouncement(m *models.PacketMeta) bool {
	switch min(m.SrcPort, m.DstPort) {
	case 67, 68, 137, 138, 520, 546, 547, 1900, 5353, 5355:
		return m.Proto == models.ProtoUDP
	}
	return false
}

// noveltyValues writes the novelties of the pair, which halve in ten minutes.
func (v *View) noveltyValues(out *[MaxFeatures]float64) {
	p := v.pair
	old := math.Exp2(-float64(p.age()) / float64(600*second))
	for i, n := range p.novelties {
		out[i] = float64(n) * old
	}
}
