package prior

import (
	"math"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
)

// distribution counts subjects and minutes by the highest value that a behavior had in them.
// Values that differ by less than a third of a percent share a bin.
type distribution struct {
	counts [bins]uint32
	top    [bins]float32 // largest value in the bin
	total  uint64
}

const (
	binsPerLog = 256
	maxLog     = 32 // log2(1 + value); larger values count as this
	bins       = maxLog*binsPerLog + 1
)

func bin(value float32) int {
	return int(min(math.Log2(1+max(float64(value), 0)), maxLog) * binsPerLog)
}

// change counts the change of a peak: a peak of another minute is a new one.
func (d *distribution) change(before, after features.Peak) {
	if i := bin(before.Max); before.Minute == after.Minute && d.counts[i] > 0 {
		d.counts[i]--
		d.total--
	}
	i := bin(after.Max)
	d.counts[i]++
	d.total++
	d.top[i] = max(d.top[i], after.Max)
}

// exceeded returns the smallest log2(1 + value) that at most this share exceeds.
func (d *distribution) exceeded(share float64) float64 {
	allowed, above := share*float64(d.total)+1e-9, 0.0
	for i := bins - 1; i >= 0; i-- {
		if above += float64(d.counts[i]); above > allowed {
			return min(math.Log2(1+float64(d.top[i])), maxLog)
		}
	}
	return 0
}

const (
	// enough is the number of subjects and minutes from which a behavior counts as measured; the
	// engine uses what it has learned of a network from the same number on.
	enough = 200
	// rare is how many of them must exceed a value so that it is measured, not extrapolated.
	rare = 5
)

// levels are log2(1 + value) at level 0, where it is 0, to Levels.
type levels [reference.Levels + 1]float64

func levelsOf(values [reference.Levels]float64) (l levels) {
	for i, v := range values {
		l[i+1] = math.Log2(1 + v)
	}
	return l
}

// at interpolates at a level between 0 and Levels.
func (l *levels) at(level float64) float64 {
	i := min(int(level), reference.Levels-1)
	return l[i] + (level-float64(i))*(l[i+1]-l[i])
}

// measured returns what the distribution has at each level. Levels that are too rare for its
// size follow with the distances of the built-in reference. ok is false if there is not enough.
func (d *distribution) measured(builtin levels) (m levels, ok bool) {
	if d.total < enough {
		return m, false
	}
	known := min(math.Log10(float64(d.total)/rare), reference.Levels)
	last := d.exceeded(math.Pow(10, -known))
	for i := 1; i <= reference.Levels; i++ {
		if level := float64(i); level <= known {
			m[i] = d.exceeded(math.Pow(10, -level))
		} else {
			m[i] = last + builtin[i] - builtin.at(known)
		}
	}
	return m, true
}

// larger returns the larger of built-in and measured values. No value is more improbable by
// them than by the built-in ones, also beyond the last level, where the last step continues.
func larger(builtin, measured levels) (out levels) {
	const last = reference.Levels
	for i := range out {
		out[i] = max(builtin[i], measured[i])
	}
	out[last] = max(out[last], out[last-1]+builtin[last]-builtin[last-1])
	return out
}

// strict returns the measured values, made ascending: each step has at least a quarter of the
// built-in one, because a behavior that a network does not show has the value 0 at all levels.
func strict(builtin, measured levels) (out levels) {
	for i := 1; i <= reference.Levels; i++ {
		out[i] = max(measured[i], out[i-1]+(builtin[i]-builtin[i-1])/4)
	}
	return out
}
