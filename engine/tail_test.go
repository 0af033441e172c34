package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/internal/state"
)

// TestTailIsMonotonic: for any samples, a higher score never has a higher probability, and
// every value is finite and not negative.
func TestTailIsMonotonic(t *testing.T) {
	for name, draw := range map[string]func(rnd *rand.Rand) float64{
		"normal":      func(rnd *rand.Rand) float64 { return rnd.NormFloat64() },
		"exponential": func(rnd *rand.Rand) float64 { return 3*rnd.ExpFloat64() - 6 },
		"constant":    func(*rand.Rand) float64 { return 1.5 },
		"two places":  func(rnd *rand.Rand) float64 { return float64(rnd.IntN(2)) * 8 },
		"below":       func(*rand.Rand) float64 { return -1000 },
		"above":       func(*rand.Rand) float64 { return 1000 },
		"extremes":    func(rnd *rand.Rand) float64 { return []float64{math.Inf(1), math.Inf(-1), 0}[rnd.IntN(3)] },
	} {
		for _, n := range []int{0, 1, 10, 63, 64, 1000, tailKeep + 500} {
			rnd := rand.New(rand.NewPCG(uint64(n), 1))
			tail := newTail(rawLow, rawHigh)
			for range n {
				tail.add(draw(rnd))
			}
			tail.fit()
			last := 0.0
			for s := -20.0; s < 60; s += 0.02 {
				v := tail.of(s)
				if !(v >= last) || math.IsInf(v, 0) {
					t.Fatalf("%s, %d samples: %v at %v after %v", name, n, v, s, last)
				}
				last = v
			}
			if v := tail.of(math.NaN()); v != 0 {
				t.Errorf("%s, %d samples: %v for NaN, want 0", name, n, v)
			}
			if tail.gate < rawLow || tail.gate > rawHigh {
				t.Errorf("%s, %d samples: gate at %v", name, n, tail.gate)
			}
		}
	}
}

// TestTailIsCalibrated compares the estimate with the true probability of a distribution: to
// within a factor of two up to one sample in a thousand.
func TestTailIsCalibrated(t *testing.T) {
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		tail := newTail(rawLow, rawHigh)
		for range 15000 {
			tail.add(rnd.ExpFloat64() - 5)
		}
		tail.fit()
		for _, want := range []float64{0.1, 0.3, 0.5, 1, 1.5, 2, 3} { // −log10 of the probability
			score := want*math.Ln10 - 5
			if got := tail.of(score); math.Abs(got-want) > 0.3 {
				t.Errorf("seed %d: %v at %v, want %v", seed, got, score, want)
			}
		}
		share := math.Exp(-(tail.gate + 5))
		if share < 0.007 || share > 0.013 {
			t.Errorf("seed %d: %.4f of the samples exceed the gate, want 0.01", seed, share)
		}
	}
}

// TestTailForgets: after a change of the distribution, the estimate follows the new one.
func TestTailForgets(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 3))
	tail := newTail(rawLow, rawHigh)
	for range 2 * tailKeep {
		tail.add(rnd.NormFloat64() - 4)
	}
	before := tail.of(2)
	for range 8 * tailKeep {
		tail.add(rnd.NormFloat64() + 2)
	}
	if after := tail.of(2); before < 4 || after > 0.5 {
		t.Errorf("−log10 of the tail at 2 is %v before and %v after the change", before, after)
	}
	if tail.total > tailKeep+tailEvery {
		t.Errorf("%v samples are kept, want at most %d", tail.total, tailKeep)
	}
}

// TestTailRoundTrip: a restored tail has the same values and follows the same samples.
func TestTailRoundTrip(t *testing.T) {
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		a := newTail(0, finalTop)
		for range rnd.IntN(30000) {
			a.add(8 * rnd.ExpFloat64())
		}
		w := state.Writer(nil)
		a.fields(w)
		b := newTail(0, finalTop)
		r := state.Reader(w.Bytes())
		if b.fields(r); r.Err() != nil || len(r.Bytes()) > 0 {
			t.Fatalf("seed %d: %v, %d bytes remain", seed, r.Err(), len(r.Bytes()))
		}
		for i := range 200 {
			s := 30 * rnd.Float64()
			if a.of(s) != b.of(s) || a.gate != b.gate {
				t.Fatalf("seed %d, sample %d: %v and %v at %v", seed, i, a.of(s), b.of(s), s)
			}
			a.add(s)
			b.add(s)
		}
	}
}

// TestQuantiles compares the quantiles with those of the sorted values, to within the width of
// a bin.
func TestQuantiles(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		var q quantiles
		power := 0.3 + 3*rnd.Float64()
		values := make([]float64, 1+rnd.IntN(quantileKeep-2))
		for i := range values {
			values[i] = math.Pow(rnd.Float64(), power)
			q.add(values[i])
		}
		slices.Sort(values)
		last := 0.0
		for i := range 21 {
			const width = 1.01 / (quantileBins - 1)
			p := float64(i) / 20
			got, at := q.at(p), p*float64(len(values))
			low, high := values[max(int(at)-1, 0)], values[min(int(at), len(values)-1)]
			if got < low-width || got > high+width {
				t.Errorf("seed %d, %d values: quantile %.2f is %v, want %v to %v", seed, len(values), p, got, low, high)
			}
			if got < last {
				t.Errorf("seed %d: quantile %.2f is below the one before", seed, p)
			}
			last = got
		}
	}
}

// TestQuantilesEdges: values outside of 0…1 count as the ends; without values the range is
// open to the top; after many values the counts do not overflow.
func TestQuantilesEdges(t *testing.T) {
	var q quantiles
	if q.at(0.05) != 1 || q.at(0.95) != 1 {
		t.Errorf("without values: %v to %v", q.at(0.05), q.at(0.95))
	}
	for range 50 {
		q.add(-5)
		q.add(math.Inf(-1))
		q.add(7)
		q.add(math.Inf(1))
	}
	if q.at(0.05) != 0 || q.at(0.95) != 1 {
		t.Errorf("values outside of the range: %v to %v", q.at(0.05), q.at(0.95))
	}
	for range 200_000 {
		q.add(0.5)
	}
	sum := uint32(0)
	for _, n := range q.bins {
		sum += uint32(n)
	}
	if sum != q.total || q.total >= quantileKeep || math.Abs(q.at(0.05)-0.5) > 0.02 || math.Abs(q.at(0.95)-0.5) > 0.02 {
		t.Errorf("%d values in bins, total %d, %v to %v", sum, q.total, q.at(0.05), q.at(0.95))
	}
}

// TestBitmapEstimates counts distinct items, each added several times.
func TestBitmapEstimates(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 10, 50, 100, 500, 1000, 2000} {
		var b bitmap
		for round := range 3 {
			rnd := rand.New(rand.NewPCG(1, 7)) // the same items in each round
			for range n {
				b.add(rnd.Uint64())
			}
			got, tolerance := b.count(), 0.12*float64(n)
			if n <= 3 {
				tolerance = 0
			}
			if math.Abs(float64(got-n)) > math.Ceil(tolerance) {
				t.Errorf("round %d: %d items are estimated as %d", round, n, got)
			}
		}
	}
	full := bitmap{}
	for i := range full {
		full[i] = math.MaxUint64
	}
	if n := full.count(); n < 5000 || n > 10000 {
		t.Errorf("a full bitmap is estimated as %d", n)
	}
}

// TestRankingKeepsTheHighest compares with sorting.
func TestRankingKeepsTheHighest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 6))
	for i := range 500 {
		var r ranking
		list, highest := make([]float64, rnd.IntN(8)), 0.0
		for j := range list {
			list[j] = float64(rnd.IntN(20)) / 2
			if top := r.add(list[j]); top != (list[j] > highest) {
				t.Fatalf("list %d: adding %v to %v: highest is %v", i, list[j], list[:j], top)
			}
			highest = max(highest, list[j])
		}
		sorted := append(slices.Clone(list), 0, 0, 0)
		slices.SortFunc(sorted, func(a, b float64) int { return int(2*b) - int(2*a) })
		if want := sorted[0] + sorted[1]/2 + sorted[2]/4; r.sum() != want {
			t.Fatalf("list %d: the sum of %v is %v, want %v", i, list, r.sum(), want)
		}
	}
}

// TestCoin: the share of heads is the requested one, coins of different packets and seeds are
// independent, and a coin is reproducible.
func TestCoin(t *testing.T) {
	const n = 20000
	for _, share := range []float32{0, 0.01, 0.25, 0.5, 0.9, 1} {
		heads, both, again := 0, 0, 0
		for packet := range uint64(n) {
			a, b, same := newCoin(1, packet), newCoin(2, packet), newCoin(1, packet)
			x, y := a.below(share), b.below(share)
			if x {
				heads++
			}
			if x && y {
				both++
			}
			if same.below(share) == x {
				again++
			}
		}
		p := float64(share)
		if math.Abs(float64(heads)/n-p) > 0.015 || math.Abs(float64(both)/n-p*p) > 0.015 || again != n {
			t.Errorf("share %v: %d heads, %d with another seed too, %d reproduced, of %d", share, heads, both, again, n)
		}
	}
	c, second := newCoin(1, 1), 0
	for range n {
		if c.below(0.5) {
			second++
		}
	}
	if second < n*48/100 || second > n*52/100 {
		t.Errorf("%d heads of %d with one coin", second, n)
	}
}
