package points

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/hst"
)

// TestScalePlacesSeenValues: for columns of any distribution, the values that were seen are
// between ¼ and ¾ in both scalings, the order is kept, and all places are finite.
func TestScalePlacesSeenValues(t *testing.T) {
	for name, draw := range map[string]func(rnd *rand.Rand) float64{
		"normal":   func(rnd *rand.Rand) float64 { return 1e6 + rnd.NormFloat64() },
		"heavy":    func(rnd *rand.Rand) float64 { return math.Exp(8 * rnd.NormFloat64()) },
		"mostly 0": func(rnd *rand.Rand) float64 { return float64(rnd.IntN(40) / 39 * rnd.IntN(1000)) },
		"constant": func(*rand.Rand) float64 { return -3 },
		"flags":    func(rnd *rand.Rand) float64 { return float64(rnd.IntN(2)) },
		"extreme":  func(rnd *rand.Rand) float64 { return []float64{-mostValue, 0, 1, mostValue}[rnd.IntN(4)] },
	} {
		for _, n := range []int{1, 2, 3, 10, 500} {
			rnd := rand.New(rand.NewPCG(uint64(n), 1))
			column := make([]float64, n)
			for i := range column {
				column[i] = draw(rnd)
			}
			slices.Sort(column)
			var s scale
			s.fit(column)
			last := s.place(column[0])
			for _, v := range column {
				p := s.place(v)
				for scaling := range scalings {
					if !(p[scaling] > 0.2499 && p[scaling] < 0.7501) || p[scaling] < last[scaling] {
						t.Fatalf("%s, %d values: %v is placed at %v after %v", name, n, v, p, last)
					}
				}
				last = p
			}
			for _, v := range []float64{-mostValue, -1, 0, 1e-300, mostValue} {
				for _, p := range s.place(v) {
					if math.IsNaN(p) || math.IsInf(p, 0) {
						t.Errorf("%s, %d values: %v is placed at %v", name, n, v, p)
					}
				}
			}
		}
	}
}

// TestScaleIgnoresUnits: a column in another unit is placed at the same places.
func TestScaleIgnoresUnits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	column := make([]float64, 200)
	for i := range column {
		column[i] = rnd.ExpFloat64()
	}
	slices.Sort(column)
	var a, b scale
	a.fit(column)
	other := slices.Clone(column)
	for i := range other {
		other[i] = 1000*other[i] - 7
	}
	b.fit(other)
	for range 100 {
		v := 10*rnd.Float64() - 2
		p, q := a.place(v), b.place(1000*v-7)
		for scaling := range scalings {
			if math.Abs(p[scaling]-q[scaling]) > 1e-6 {
				t.Errorf("%v is placed at %v, in the other unit at %v", v, p, q)
			}
		}
	}
}

// TestGateFollowsTheQuantile: of a stationary stream of distinct points, the configured share is
// above the gate, and of these the configured share is learned.
func TestGateFollowsTheQuantile(t *testing.T) {
	for _, quantile := range []float64{0.5, 0.9, 0.98} {
		for seed := range uint64(5) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			g := gate{at: 0, quantile: quantile, step: 0.02, leak: 0.1, rate: 1}
			above, learned, n := 0, 0, 0
			for i := range 60000 {
				score, before := rnd.NormFloat64(), g.at
				passed := g.pass(score, rnd.Uint64())
				if i < 10000 {
					continue // the gate approaches the quantile
				}
				n++
				if score > before {
					if above++; passed {
						learned++
					}
				} else if !passed {
					t.Fatalf("score %v is not above the gate at %v, but is not learned", score, before)
				}
			}
			if share := float64(above) / float64(n); math.Abs(share-(1-quantile)) > 0.3*(1-quantile) {
				t.Errorf("quantile %v, seed %d: %.4f of the points are above the gate", quantile, seed, share)
			}
			if share := float64(learned) / float64(above); math.Abs(share-0.1) > 0.02 {
				t.Errorf("quantile %v, seed %d: %.3f of the points above the gate are learned, want 0.1", quantile, seed, share)
			}
		}
	}
}

// TestGateResistsRepetition: copies of one anomalous point move the gate as little as the
// configured rate allows, however many there are.
func TestGateResistsRepetition(t *testing.T) {
	for _, copies := range []int{10, 1000, 100000} {
		g := gate{at: 1, quantile: 0.98, step: 0.001, leak: 0.1, rate: 1.0 / 128}
		learned := 0
		for range copies {
			if g.pass(10, 42) {
				learned++
			}
		}
		counted := math.Min(float64(copies), cellCredit+float64(copies)/128+1)
		if moved := g.at - 1; moved > counted*g.step*g.quantile+1e-9 {
			t.Errorf("%d copies move the gate by %v, as %.0f points would", copies, moved, moved/(g.step*g.quantile))
		}
		if float64(learned) > counted*g.leak+1 {
			t.Errorf("%d of %d copies are learned", learned, copies)
		}
	}
}

// TestGateRegainsCredit: a cell that had no points for a while counts again.
func TestGateRegainsCredit(t *testing.T) {
	g := gate{at: 0, quantile: 0.9, step: 0.001, leak: 1, rate: 1.0 / 16}
	count := func(n int) (learned int) {
		for range n {
			if g.pass(5, 7) {
				learned++
			}
		}
		return learned
	}
	first := count(6)
	for range 16 * cellCredit {
		g.pass(-5, 9) // typical points
	}
	if again := count(6); first != cellCredit || again != cellCredit {
		t.Errorf("%d points counted at first and %d after a while, want %d each", first, again, cellCredit)
	}
}

// TestDeckUsesAllColumns: any number of consecutive hands has distinct columns in each, and all
// columns equally often.
func TestDeckUsesAllColumns(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		columns := 1 + rnd.IntN(20)
		size := 1 + rnd.IntN(columns)
		seen := make([]int, columns)
		var deck []int
		for range columns * 6 {
			if len(deck) < size {
				deck = redeal(deck, columns, rnd)
			}
			hand := deck[:size]
			for i, c := range hand {
				if slices.Contains(hand[:i], c) {
					t.Fatalf("%d of %d columns: %v has column %d twice", size, columns, hand, c)
				}
				seen[c]++
			}
			deck = deck[size:]
		}
		if slices.Max(seen)-slices.Min(seen) > 1 {
			t.Fatalf("%d of %d columns: used %v times", size, columns, seen)
		}
	}
}

// TestValuesOfPoints lists what a column of a point counts as.
func TestValuesOfPoints(t *testing.T) {
	x := []float64{1, math.NaN(), math.Inf(1), math.Inf(-1), 1e200, -1e200}
	for i, want := range []float64{1, math.NaN(), mostValue, -mostValue, mostValue, -mostValue, math.NaN(), math.NaN()} {
		if got := at(x, i); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("column %d of %v counts as %v, want %v", i, x, got, want)
		}
	}
}

// TestScoreDoesNotLearn: any number of calls of Score and Attribute in between leave the scores
// of ScoreLearn as they are, in every mode.
func TestScoreDoesNotLearn(t *testing.T) {
	for _, mode := range modes {
		cfg := DefaultConfig(mode, 3)
		cfg.Depth, cfg.Window = 5, 64
		if mode == hst.ModeDefault {
			cfg.First, cfg.Views = 16, 3
		}
		a, errA := New(cfg)
		b, errB := New(cfg)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		rnd, out := rand.New(rand.NewPCG(1, 5)), make([]float64, 3)
		point := func() []float64 { return []float64{rnd.NormFloat64(), 100 * rnd.ExpFloat64(), float64(rnd.IntN(3))} }
		for i := range 600 {
			x := point()
			for range rnd.IntN(3) {
				y := point()
				b.Score(y)
				b.Attribute(y, out)
			}
			sa, okA := a.ScoreLearn(x)
			sb, okB := b.ScoreLearn(x)
			if sa != sb || okA != okB {
				t.Fatalf("%v: score %d is %v (%v), with other points scored in between %v (%v)", mode, i, sa, okA, sb, okB)
			}
		}
	}
}
