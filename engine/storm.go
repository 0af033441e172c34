package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// storm limits the rate at which alerts begin, by a token bucket that is refilled in event
// time. When so many hosts are anomalous at once that it is empty, their packets grow one
// shared alert: a change of the network or a worm is one event, not hundreds.
type storm struct {
	tokens float64
	at     models.Timestamp
}

const (
	stormRoom  = 20.0 // size of the bucket, in alerts
	stormEvery = 10e9 // nanoseconds of event time per token
	stormKey   = 0x5704a11d00000001
)

func newStorm() storm { return storm{tokens: stormRoom} }

// allow takes a token and reports whether there was one.
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

// stormEpisode returns the shared episode and starts it if it is not open.
func (p *Pipeline) stormEpisode(v *features.View, g features.Group) *episode {
	if ep := p.episodes.find(stormKey, v.Meta.TS); ep != nil {
		return ep
	}
	return p.begin(stormKey, v.Source(), v, g)
}
