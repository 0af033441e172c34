package points

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/netlyra/netlyra/engine/hst"
)

// view is a set of trees over some of the columns, with one of the two scalings.
type view struct {
	columns []int
	scaling int // rangeScaling or asinhScaling
	forest  *hst.Forest
	point   []float64
}

// The two scalings.
const (
	rangeScaling = iota
	asinhScaling
	scalings
)

// newViews selects the columns of all views from a shuffled deck, so that all are
// used equally often and no view has a column twice.
func newViews(cfg Config) ([]*view, error) {
	rnd := rand.New(rand.NewPCG(cfg.Seed, 0x706f696e7473))
	size := min(cfg.ViewSize, cfg.Columns)
	var views []*view
	for scaling := range scalings {
		var deck []int
		for range cfg.Views {
			if len(deck) < size {
				deck = redeal(deck, cfg.Columns, rnd)
			}
			f, err := hst.New(cfg.forest(size, rnd.Uint64()))
			if err != nil {
				return nil, err
			}
			views = append(views, &view{columns: deck[:size:size], scaling: scaling, forest: f, point: make([]float64, size)})
			deck = deck[size:]
		}
	}
	return views, nil
}

// redeal appends a shuffled set of columns to the rest of the deck, with the columns of the
// rest at its end, so that the next columns are distinct.
func redeal(left []int, columns int, rnd *rand.Rand) []int {
	deck := append([]int(nil), left...)
	var late []int
	for _, c := range rnd.Perm(columns) {
		if slices.Contains(left, c) {
			late = append(late, c)
			continue
		}
		deck = append(deck, c)
	}
	return append(deck, late...)
}

// scale describes the distribution of a column's values.
type scale struct {
	median, spread float64 // spread: the interquartile range, or an approximation
	low, factor    [scalings]float64
}

// room is the margin at each end, as a share of the range of values.
const room = 0.5

// fit computes the scale from a column's values, which must be sorted.
func (s *scale) fit(sorted []float64) {
	n := len(sorted)
	at := func(q float64) float64 { return sorted[int(q*float64(n-1)+0.5)] }
	lo, hi := sorted[0], sorted[n-1]
	s.median, s.spread = at(0.5), 1
	for _, d := range []float64{at(0.75) - at(0.25), at(0.95) - at(0.05), (hi - lo) / 10} {
		if d > 0 {
			s.spread = d
			break
		}
	}
	s.spanOf(rangeScaling, lo, hi)
	s.spanOf(asinhScaling, s.asinh(lo), s.asinh(hi))
}

func (s *scale) spanOf(scaling int, lo, hi float64) {
	span := hi - lo
	if !(span > 0) {
		span = max(1, math.Abs(lo)*1e-9) // large enough that lo-room*span differs from lo
	}
	s.low[scaling], s.factor[scaling] = lo-room*span, 1/(span*(1+2*room))
}

func (s *scale) asinh(v float64) float64 { return math.Asinh((v - s.median) / s.spread) }

// place returns v in both scalings: values seen so far are between ¼ and ¾.
func (s *scale) place(v float64) (out [scalings]float64) {
	out[rangeScaling] = (v - s.low[rangeScaling]) * s.factor[rangeScaling]
	out[asinhScaling] = (s.asinh(v) - s.low[asinhScaling]) * s.factor[asinhScaling]
	return out
}
