package engine

import (
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// budget holds back alerts where an operator has said how many a day are enough. It is
// a bucket of half a day's alerts that fills up in event time, so that no 24 hours
// begin more than the number given. Weak alerts may only take from its upper half:
// what is left is for those that are sure. Held back is the alert alone; scores,
// learning and the count of what was held back go on.
type budget struct {
	perDay float64
	tokens float64
	at     models.Timestamp
	held   uint64 // how often one was held back
}

const (
	day = 24 * 3600e9
	// sureLevel is −log10 of the tail from which an alert may empty the bucket.
	sureLevel = 5.0
)

func newBudget(perDay float64) budget { return budget{perDay: perDay, tokens: max(perDay/2, 1)} }

// allow takes an alert of this level from the bucket, or tells that it is held back.
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
	if level < sureLevel {
		need = max(room/2, 1)
	}
	if b.tokens < need {
		b.held++
		return false
	}
	b.tokens--
	return true
}

func (b *budget) fields(c *state.Codec) {
	c.F64(&b.tokens)
	c.I64((*int64)(&b.at))
	c.U64(&b.held)
}
