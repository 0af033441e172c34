package engine

import (
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

// allow takes a token for an alert of this level and reports whether there was one.
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
		b.withheld++
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
