package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// storm bounds how many alerts can begin: a bucket that an alert takes from and that
// event time fills up again. Where so many hosts are odd at once that it is empty,
// telling of each would say less than telling of all: the network has changed, or
// many are under way together. What is odd then grows one alert about all of them.
type storm struct {
	tokens float64
	at     models.Timestamp
}

const (
	stormRoom  = 20.0 // alerts that may begin at once
	stormEvery = 10e9 // nanoseconds of event time until one more may
	stormKey   = 0x5704a11d00000001
)

func newStorm() storm { return storm{tokens: stormRoom} }

// allow takes an alert from the bucket, or tells that it is empty.
func (s *storm) allow(ts models.Timestamp) bool {
	if dt := float64(ts - s.at); s.at != 0 && dt > 0 {
		s.tokens = min(s.tokens+dt/stormEvery, stormRoom)
	}
	s.at = ts
	if s.tokens < 1 {
		return false
	}
	s.tokens--
	return true
}

func (s *storm) fields(c *state.Codec) {
	c.F64(&s.tokens)
	c.I64((*int64)(&s.at))
}

// stormy is the alert about all that are odd at once, begun where there is none.
func (p *Pipeline) stormy(v *features.View, g features.Group) *episode {
	if ep := p.episodes.find(stormKey, v.Meta.TS); ep != nil {
		return ep
	}
	return p.begin(stormKey, v.Source(), v, g)
}
