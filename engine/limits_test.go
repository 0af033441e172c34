package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// TestBudgetPerDay: for any number of alerts per day and any demand, no window of 24 hours
// has more alerts than configured, and each request is either allowed or withheld.
func TestBudgetPerDay(t *testing.T) {
	for _, perDay := range []float64{1, 2, 3, 7.5, 20, 100} {
		for seed := range uint64(20) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			b := newBudget(perDay)
			ts, asked := models.Timestamp(1e18), 0
			var allowed []models.Timestamp
			withheld := 0
			for range 1500 {
				ts += models.Timestamp(rnd.ExpFloat64() * day / (2 * perDay))
				level := 4 + 2*rnd.Float64()
				if asked++; b.allow(ts, level) {
					allowed = append(allowed, ts)
				} else {
					withheld++
				}
			}
			if withheld+len(allowed) != asked {
				t.Fatalf("%v per day, seed %d: %d allowed and %d withheld of %d", perDay, seed, len(allowed), withheld, asked)
			}
			for i := range allowed {
				n := 0
				for j := i; j < len(allowed) && allowed[j]-allowed[i] < day; j++ {
					n++
				}
				if n > int(math.Floor(max(perDay, 1))) {
					t.Fatalf("%v per day, seed %d: %d alerts in 24 hours", perDay, seed, n)
				}
			}
			if days := float64(ts-1e18) / day; float64(len(allowed)) < perDay*days/3 {
				t.Errorf("%v per day, seed %d: only %d alerts in %.0f days", perDay, seed, len(allowed), days)
			}
		}
	}
}

// TestBudgetReservesForStrong: weak alerts use the upper half of the bucket only; strong ones
// then have the lower half.
func TestBudgetReservesForStrong(t *testing.T) {
	for _, tt := range []struct {
		perDay       float64
		weak, strong int
	}{{1, 1, 0}, {2, 1, 0}, {4, 2, 0}, {8, 3, 1}, {20, 6, 4}, {100, 26, 24}} {
		b, weak, strong := newBudget(tt.perDay), 0, 0
		for range 200 {
			if b.allow(1e18, strongLevel-0.001) {
				weak++
			}
		}
		for range 200 {
			if b.allow(1e18, strongLevel) {
				strong++
			}
		}
		if weak != tt.weak || strong != tt.strong {
			t.Errorf("%v per day: %d weak and %d strong alerts at once, want %d and %d", tt.perDay, weak, strong, tt.weak, tt.strong)
		}
	}
}

// TestBudgetOff: without a limit nothing is withheld and nothing is counted.
func TestBudgetOff(t *testing.T) {
	for _, perDay := range []float64{0, -1} {
		b := newBudget(perDay)
		for i := range 1000 {
			if !b.allow(models.Timestamp(i), 0) {
				t.Fatalf("%v per day: alert %d withheld", perDay, i)
			}
		}
		if b.withheld != 0 {
			t.Errorf("%v per day: %d withheld", perDay, b.withheld)
		}
	}
}

// TestTimesOutOfOrder: event time that jumps back, and forward again, fills neither bucket
// above its size and never makes a number of tokens negative.
func TestTimesOutOfOrder(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		b, s := newBudget(10), newStorm()
		for range 500 {
			ts := models.Timestamp(rnd.Uint64() >> rnd.IntN(64))
			b.allow(ts, 10*rnd.Float64())
			s.allow(ts)
			if !(b.tokens >= 0 && b.tokens <= 5) || !(s.tokens >= 0 && s.tokens <= stormRoom) {
				t.Fatalf("seed %d: %v and %v tokens at %d", seed, b.tokens, s.tokens, ts)
			}
		}
	}
}

// TestStormRateIsBounded: for any arrivals no more alerts begin than the bucket holds and
// regains in that time.
func TestStormRateIsBounded(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		s, ts, began := newStorm(), models.Timestamp(1e18), 0
		for range 5000 {
			ts += models.Timestamp(rnd.ExpFloat64() * 2e9)
			if s.allow(ts) {
				began++
			}
		}
		if most := stormRoom + float64(ts-1e18)/stormEvery + 1; float64(began) > most {
			t.Errorf("seed %d: %d alerts began, want at most %.0f", seed, began, most)
		}
	}
}

// TestLimitsContinue restores both buckets at any time: the same alerts are allowed.
func TestLimitsContinue(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		b, s := newBudget(24), newStorm()
		b2, s2 := b, s
		ts := models.Timestamp(1e18)
		for i := range 400 {
			ts += models.Timestamp(rnd.ExpFloat64() * 1800e9)
			level := 3 + 4*rnd.Float64()
			if b.allow(ts, level) != b2.allow(ts, level) || s.allow(ts) != s2.allow(ts) {
				t.Fatalf("seed %d: request %d differs after a restart", seed, i)
			}
			w := state.Writer(nil)
			b2.fields(w)
			s2.fields(w)
			b2, s2 = newBudget(24), newStorm()
			r := state.Reader(w.Bytes())
			b2.fields(r)
			s2.fields(r)
			if r.Err() != nil || len(r.Bytes()) != 0 || b2 != b || s2 != s {
				t.Fatalf("seed %d: %v, %d bytes remain; %+v, %+v of %+v, %+v", seed, r.Err(), len(r.Bytes()), b2, s2, b, s)
			}
		}
	}
}
