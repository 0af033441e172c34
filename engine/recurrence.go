package engine

import (
	"maps"
	"math"
	"slices"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// A pattern is what one subject did in one kind of episode. When it comes back within
// patternMemory it continues its first alert. After ordinaryAfter episodes of about the same
// size it is ordinary and raises no alert any more. The size is compared with that of the
// first episodes, so that a pattern that grows slowly never becomes ordinary.
type pattern struct {
	id       string // of its alert
	first    models.Timestamp
	last     models.Timestamp // start of the newest episode
	packets  uint64           // of all ended episodes
	episodes uint64
	size     float64 // mean of log2(1 + value) over the first sizeFrom episodes
	gap      float64 // mean seconds between the starts of episodes
	spread   float64 // their mean deviation
}

const (
	patternMemory = models.Timestamp(24 * 3600e9)
	ordinaryAfter = 8
	sizeFrom      = 4
	sizeMargin    = 0.6 // of log2: a half more than at first
	maxPatterns   = 4096
)

// patterns are the newest patterns by subject and kind.
type patterns struct {
	byKey map[uint64]*pattern
}

func newPatterns() patterns { return patterns{map[uint64]*pattern{}} }

// patternKey identifies the pattern of a subject's kind of episode.
func patternKey(subject uint64, kind string) uint64 {
	h := subject
	for i := range len(kind) {
		h = (h ^ uint64(kind[i])) * 0x100000001b3
	}
	return h
}

// find returns the pattern that an episode which starts now continues, nil if there is none.
func (p *patterns) find(key uint64, ts models.Timestamp) *pattern {
	x := p.byKey[key]
	if x == nil || ts-x.last > patternMemory || ts < x.last-patternMemory {
		return nil
	}
	return x
}

// ordinary reports whether an episode of this value is no news.
func (x *pattern) ordinary(value float64) bool {
	return x.episodes >= ordinaryAfter && math.Log2(1+value) <= x.size+sizeMargin
}

// again counts the start of one more episode.
func (x *pattern) again(ts models.Timestamp) {
	gap := float64(ts-x.last) / 1e9
	w := 1 / float64(min(x.episodes, 20))
	if x.episodes > 1 {
		x.spread += (math.Abs(gap-x.gap) - x.spread) * w
	}
	x.gap += (gap - x.gap) * w
	x.last = ts
	x.episodes++
}

// recurrence describes a pattern in its alert.
func (x *pattern) recurrence(value float64) *models.Recurrence {
	return &models.Recurrence{Count: x.episodes, First: x.first, Every: x.gap,
		Regular: x.episodes >= 4 && x.spread < x.gap/4, Baseline: x.ordinary(value)}
}

// ended records an episode that has ended.
func (p *patterns) ended(ep *episode) {
	key := patternKey(ep.key, ep.alert.Kind)
	x := p.byKey[key]
	if x == nil || x.id != ep.alert.ID {
		first := ep.began
		x = &pattern{id: ep.alert.ID, first: ep.alert.TS, last: first, episodes: 1}
		if r := ep.alert.Recurrence; r != nil { // another kind of episode in the same alert
			x.episodes = r.Count
		}
		p.add(key, x)
	}
	x.packets = ep.alert.Count
	if n := float64(x.episodes); n <= sizeFrom && ep.alert.Evidence != nil {
		x.size += (math.Log2(1+ep.alert.Evidence.Value) - x.size) / n
	}
}

// add adds a pattern. A full table loses its oldest one.
func (p *patterns) add(key uint64, x *pattern) {
	if len(p.byKey) >= maxPatterns {
		oldest, found := uint64(0), false
		for k, y := range p.byKey {
			if o := p.byKey[oldest]; !found || y.last < o.last || y.last == o.last && k < oldest {
				oldest, found = k, true
			}
		}
		delete(p.byKey, oldest)
	}
	p.byKey[key] = x
}

func (p *patterns) fields(c *state.Codec) {
	n := c.Len(len(p.byKey), maxPatterns)
	if c.Reading() {
		p.byKey = map[uint64]*pattern{}
		for range n {
			var key uint64
			c.U64(&key)
			x := new(pattern)
			x.fields(c)
			p.byKey[key] = x
		}
		return
	}
	for _, key := range slices.Sorted(maps.Keys(p.byKey)) {
		c.U64(&key)
		p.byKey[key].fields(c)
	}
}

// maxIDBytes bounds the id of an alert in a snapshot.
const maxIDBytes = 64

func (x *pattern) fields(c *state.Codec) {
	id := []byte(x.id)
	c.Text(&id, maxIDBytes)
	x.id = string(id)
	c.I64((*int64)(&x.first))
	c.I64((*int64)(&x.last))
	c.U64(&x.packets)
	c.U64(&x.episodes)
	c.F64(&x.size)
	c.F64(&x.gap)
	c.F64(&x.spread)
}
