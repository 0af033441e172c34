package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPacketTailHoldsItsShare: whatever the levels claim, about one packet in ten thousand is
// at 4 or above, also where they are far too high, and in bursts.
func TestPacketTailHoldsItsShare(t *testing.T) {
	for name, draw := range map[string]func(rnd *rand.Rand, i int) float64{
		"as claimed": func(rnd *rand.Rand, _ int) float64 { return -math.Log10(1 - rnd.Float64()) },
		"too high":   func(rnd *rand.Rand, _ int) float64 { return -2 * math.Log10(1-rnd.Float64()) },
		"far too high": func(rnd *rand.Rand, _ int) float64 {
			return min(-4*math.Log10(1-rnd.Float64()), 11)
		},
		"bursts": func(rnd *rand.Rand, i int) float64 {
			if i%50_000 < 500 {
				return 8 + rnd.Float64()
			}
			return -math.Log10(1 - rnd.Float64())
		},
	} {
		p, rnd, above := newPacketTail(), rand.New(rand.NewPCG(1, 1)), 0
		const n = 300_000
		for i := range n {
			if p.calibrate(draw(rnd, i), true) >= 4 {
				above++
			}
		}
		if share := float64(above) / n; share > 3e-4 {
			t.Errorf("%s: a share of %.1e is at 4 or above", name, share)
		}
	}
}

// TestPacketTailKeepsOrder: at any moment a higher level stays the higher one.
func TestPacketTailKeepsOrder(t *testing.T) {
	p, rnd := newPacketTail(), rand.New(rand.NewPCG(2, 1))
	for range 50_000 {
		p.calibrate(rnd.ExpFloat64(), true)
	}
	last := -1.0
	for x := 0.0; x <= 12; x += 0.01 {
		got := p.calibrate(x, false)
		if got < last-1e-6 {
			t.Fatalf("level %v at %v, below %v before it", got, x, last)
		}
		last = got
	}
}
