package features

import "math"

// Budget bounds how many points one host contributes to a model. It counts the points that
// the host offers; the count decays with a time constant of BudgetSpan.
type Budget struct {
	last  int64
	count float32
}

// BudgetSpan is the time constant of a Budget, in seconds.
const BudgetSpan = 10

// Share counts an offer and returns the share, 0…1, of the host's offers that should be
// learned for a long-term mean of rate points per second: 1 while there were few recent
// offers, less and less in a burst. Sampling a share, instead of the first offers, gives late
// packets of a burst the same chance as early ones.
func (b *Budget) Share(ts int64, rate float32) float32 {
	if dt := ts - b.last; dt > 0 {
		if dt > 20*BudgetSpan*second || b.last == 0 {
			b.count = 0
		} else if x := float32(dt) / float32(BudgetSpan*second); x < 1 {
			b.count *= 1 - x + x*x/2 - x*x*x/6
		} else {
			b.count *= float32(math.Exp(-float64(x)))
		}
		b.last = ts
	} else if dt < -backTolerance {
		b.last = ts
	}
	b.count++
	return min(1, rate*BudgetSpan/b.count)
}
