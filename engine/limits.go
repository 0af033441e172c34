package engine

import (
	"math"
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

// strictness lowers the levels of behaviors so that ordinary traffic is expected to start at
// most Config.AlertsPerDay alerts. By the stated rate, a share of 10^−L of the values has the
// level L, so that the expected number of alerts is the number of values times 10^−L (a
// Bonferroni correction for the values of 24 hours). A network with more subjects therefore
// needs more evidence for an alert. Without a budget nothing is lowered.
type strictness struct {
	perDay float64          // the budget, 0 for none
	from   float64          // level from which an alert starts
	values float64          // number of values in span
	span   float64          // nanoseconds of event time
	at     models.Timestamp // event time of the newest value
	lower  float64          // levels to subtract
}

const (
	// A new network is assumed to have so many values in the first hour: a small office.
	strictnessValues = 600.0
	strictnessSpan   = 3600e9
	// strictnessKeep is the span in nanoseconds at which older values count half.
	strictnessKeep = 2 * day
	// strictnessPause is the longest pause between two values that counts: a capture of another
	// day does not make the network smaller.
	strictnessPause = 3600e9
)

func newStrictness(cfg Config) strictness {
	s := strictness{perDay: cfg.AlertsPerDay, from: cfg.Threshold * maxLevel, values: strictnessValues, span: strictnessSpan}
	s.update()
	return s
}

// count counts a value that was compared with its limit.
func (s *strictness) count(ts models.Timestamp) {
	if s.perDay <= 0 {
		return
	}
	switch {
	case ts > s.at:
		if s.at != 0 {
			s.span += min(float64(ts)-float64(s.at), strictnessPause)
		}
		s.at = ts
	case float64(s.at)-float64(ts) > strictnessPause: // the clock was set back, or one time was wrong
		s.at = ts
	}
	s.values++
	if s.span > strictnessKeep {
		s.values, s.span = s.values/2, s.span/2
	}
	s.update()
}

func (s *strictness) update() {
	if s.perDay <= 0 {
		return
	}
	s.lower = max(math.Log10(s.values/s.span*day/s.perDay)-s.from, 0)
}

func (s *strictness) fields(c *state.Codec) {
	c.F64(&s.values)
	c.F64(&s.span)
	c.I64((*int64)(&s.at))
	if c.Reading() {
		if !(s.values > 0 && s.span > 0) {
			s.values, s.span = strictnessValues, strictnessSpan
		}
		s.update()
	}
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
