package engine

import (
	"math"

	"github.com/netlyra/netlyra/engine/internal/state"
)

// shown counts the values that this network has shown of a behavior, as log2(1 + value): one
// value per subject and minute. They revise the reference as in Bayesian estimation of a rate:
// the reference counts as shownPrior values.
type shown struct {
	above [shownBins]float32 // weight of all values from the lower edge of each bin on; the first is their total
}

const (
	shownBins  = 512
	shownWidth = float64(maxLogValue) / shownBins
	shownPrior = 2000.0
	shownKeep  = 20000 // weight at which all values count half
	// shownMargin of log2: a value exceeds what the network has shown only if it is larger by
	// about two fifths.
	shownMargin = 0.5
)

func shownBin(x float64) int { return int(min(max(x/shownWidth, 0), shownBins-1)) }

// add adds a value that counts as so many.
func (s *shown) add(x float64, weight float32) {
	for i := range shownBin(x) + 1 {
		s.above[i] += weight
	}
	if s.above[0] <= shownKeep {
		return
	}
	for i := range s.above {
		s.above[i] /= 2
	}
}

// revise returns −log10 of the probability that a value reaches x, if the reference alone gives
// level: never more than level, and less where the network has shown such values.
func (s *shown) revise(level, x float64) float64 {
	over := float64(s.above[shownBin(x-shownMargin)])
	if over == 0 {
		return level
	}
	p := (over + shownPrior*math.Pow(10, -level)) / (float64(s.above[0]) + shownPrior)
	return min(level, -math.Log10(p))
}

func (s *shown) fields(c *state.Codec) { c.F32s(s.above[:]) }
