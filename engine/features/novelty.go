package features

import (
	"math"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// tally is how many of the things counted of late were new: counts that fade with
// every further thing, by half in tallyHalf; that of the kinds met 64 times as slowly.
type tally struct{ all, fresh, kinds float32 }

const tallyHalf = 1024

// tallyKeep is what is left of a tally after one more thing.
var tallyKeep = float32(math.Exp2(-1.0 / tallyHalf))

// add counts a thing with a weight of at most 1.
func (t *tally) add(isNew bool, weight float32) {
	gone := (1 - tallyKeep) * weight
	t.all, t.fresh, t.kinds = t.all*(1-gone)+weight, t.fresh*(1-gone), t.kinds*(1-gone/64)
	if isNew {
		t.fresh += weight
		t.kinds += weight
	}
}

// surprise is how little a new thing was to be expected, in bits: −log2 of its
// probability in the process of Pitman and Yor ("The two-parameter Poisson-Dirichlet
// distribution", 1997) with discount and strength of a half.
func (t *tally) surprise() float32 {
	return float32(chordLog(float64((t.all + 0.5) / (t.fresh/2 + 0.5))))
}

// exclusive is surprise, told less where many different kinds were met: one more of
// many clients is ordinary, a second one is not. few is how many quarter it.
func (t *tally) exclusive(few float32) float32 {
	open := few / (few + t.kinds)
	return t.surprise() * open * open
}

func (t *tally) fields(c *state.Codec) {
	c.F32(&t.all)
	c.F32(&t.fresh)
	c.F32(&t.kinds)
}

// census is how often the network sees something for the first time.
type census struct{ pairs, sources, services tally }

// newCensus believes that half of all is new, as it is when one begins to look.
func newCensus() census {
	t := tally{all: 2, fresh: 2}
	return census{t, t, t}
}

func (s *census) fields(c *state.Codec) {
	s.pairs.fields(c)
	s.sources.fields(c)
	s.services.fields(c)
}

// The kinds of news of a pair.
const (
	newPair = iota
	newClient
	newSource
	newService
)

// count takes a connection into the census and notes of a pair's first how new it is.
// Hosts that open many at once count less for each.
func (e *Extractor) count(v *View, fresh bool) {
	p, s := v.pair, v.usual()
	w := min(1, 4/max(v.source.opened[short4], 1))
	service := serviceKey(v.Meta.Proto, v.ServicePort())
	_, client := e.clients.get(mix(service, v.SourceKey))
	first := s.clients == tally{}
	if fresh && !announces(v.Meta) {
		p.news[newPair] = e.census.pairs.exclusive(200)
		if client {
			p.news[newClient] = s.clients.exclusive(8)
		}
		if v.newSource {
			p.news[newSource] = e.census.sources.exclusive(8)
		}
		if first && !everyday(v.Meta) {
			p.news[newService] = e.census.services.exclusive(128)
		}
	}
	e.census.pairs.add(fresh, w)
	e.census.sources.add(v.newSource, w)
	e.census.services.add(first, w)
	s.clients.add(client, w)
}

// everyday tells of a service that turns up in any network sooner or later: its first
// use is no news.
func everyday(m *models.PacketMeta) bool {
	port := min(m.SrcPort, m.DstPort)
	switch port {
	case 53, 67, 68, 80, 123, 135, 137, 138, 139, 443, 445, 546, 547, 1900, 5353, 5355:
		return m.Proto == models.ProtoTCP || m.Proto == models.ProtoUDP
	}
	return m.Proto == models.ProtoICMP || m.Proto == models.ProtoICMPv6
}

// announces tells of protocols by which a host makes itself known to all of the network,
// sooner or later: that is never news.
func announces(m *models.PacketMeta) bool {
	switch min(m.SrcPort, m.DstPort) {
	case 67, 68, 137, 138, 520, 546, 547, 1900, 5353, 5355:
		return m.Proto == models.ProtoUDP
	}
	return false
}

// novelty is old news in ten minutes.
func (v *View) novelty(out *[MaxFeatures]float64) {
	p := v.pair
	old := math.Exp2(-float64(p.age()) / float64(600*second))
	for i, n := range p.news {
		out[i] = float64(n) * old
	}
}

// Alarmed notes that the packet's pair alarmed.
func (v *View) Alarmed() { v.pair.alarmedAt = int64(v.Meta.TS) }

// AlarmedWithin tells whether the packet's pair alarmed in the last span nanoseconds.
func (v *View) AlarmedWithin(span int64) bool {
	return near(int64(v.Meta.TS), v.pair.alarmedAt, span)
}

// PairSince is when the packet's pair was first seen.
func (v *View) PairSince() models.Timestamp { return models.Timestamp(v.pair.first) }

// Established tells whether the packet's connection went beyond an answered attempt.
func (v *View) Established() bool {
	c := v.conn
	return c.answered && c.packets[0]+c.packets[1] > 4
}
