package engine

import (
	"net/netip"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// budget limits the number of alerts per day (Config.AlertsPerDay). It is a token bucket of
// half of them that is refilled in event time, so that no more alerts than that begin in any
// 24 hours. Weak alerts may only use its upper half; the lower half is reserved for strong
// ones. Only alerts are withheld: scores and learning are not affected.
type budget struct {
	perDay   float64
	tokens   float64
	at       models.Timestamp
	withheld uint64 // number of alerts that were withheld
}

const (
	day = 24 * 3600e9
	// strongLevel is the level (−log10 of the tail) from which an alert may use the whole bucket.
	strongLevel = 5.0
)

func newBudget(perDay float64) budget { return budget{perDay: perDay, tokens: max(perDay/2, 1)} }

// allow takes a token for an alert of this level and reports whether there was one. The caller
// counts what is withheld.
func (b *budget) allow(ts models.Timestamp, level float64) bool {
	if b.perDay <= 0 {
		return true
	}
	room := max(b.perDay/2, 1)
	if dt := float64(ts - b.at); b.at != 0 && dt > 0 {
		b.tokens = min(b.tokens+max(b.perDay-room, b.perDay/2)*dt/day, room)
	}
	b.at = ts
	need := 1.0
	if level < strongLevel {
		need = max(room/2, 1)
	}
	if b.tokens < need {
		return false
	}
	b.tokens--
	return true
}

func (b *budget) fields(c *state.Codec) {
	c.F64(&b.tokens)
	c.I64((*int64)(&b.at))
	c.U64(&b.withheld)
}

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
func (p *Pipeline) stormEpisode(src netip.Addr, ts models.Timestamp, f finding) *episode {
	if ep := p.episodes.find(stormKey, ts); ep != nil {
		return ep
	}
	return p.begin(stormKey, src, ts, f, nil)
}
