package hours

import (
	"math"

	"github.com/netlyra/netlyra/internal/evaluate/measure"
)

// tail is the probability on each side of a 95 % interval, and deviations is how many standard
// deviations of a normal distribution that is.
const (
	tail       = 0.025
	deviations = 1.959964
)

// wilson returns the 95 % interval (E. B. Wilson, 1927) of a share of which k of n were
// observed. It is 0 to 1 for n = 0.
func wilson(k, n int) [2]measure.Figure {
	if n == 0 {
		return [2]measure.Figure{0, 1}
	}
	p, m, z2 := float64(k)/float64(n), float64(n), deviations*deviations
	middle := (p + z2/(2*m)) / (1 + z2/m)
	half := deviations / (1 + z2/m) * math.Sqrt(p*(1-p)/m+z2/(4*m*m))
	return [2]measure.Figure{measure.Figure(max(0, middle-half)), measure.Figure(min(1, middle+half))}
}

// poisson returns the exact 95 % interval (F. Garwood, 1936) of a rate of which k events were
// observed in a time.
func poisson(k int, time float64) [2]measure.Figure {
	lo := 0.0
	if k > 0 {
		lo = root(0, float64(k), func(rate float64) bool { return 1-atMost(k-1, rate) < tail })
	}
	hi := root(float64(k), 2*float64(k)+10, func(rate float64) bool { return atMost(k, rate) > tail })
	return [2]measure.Figure{measure.Figure(lo / time), measure.Figure(hi / time)}
}

// root returns where below changes from true to false.
func root(lo, hi float64, below func(float64) bool) float64 {
	for range 60 {
		if m := (lo + hi) / 2; below(m) {
			lo = m
		} else {
			hi = m
		}
	}
	return (lo + hi) / 2
}

// atMost returns the probability of at most k events with this mean.
func atMost(k int, mean float64) float64 {
	if mean == 0 {
		return 1
	}
	sum := 0.0
	for i := range k + 1 {
		l, _ := math.Lgamma(float64(i) + 1)
		sum += math.Exp(float64(i)*math.Log(mean) - mean - l)
	}
	return sum
}
