package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// crowd shows ordinary values of one behavior for some days: each subject has one value a
// minute, whose level is exactly what the reference states. It returns the alerts a day.
func crowd(cfg Config, rnd *rand.Rand, subjects, days int) float64 {
	b, of, alerts := newBehaviors(cfg), features.ProbedPorts, 0
	var values [1000]float64 // by level in hundredths
	for i := range values {
		values[i] = valueAt(&b, of, float64(i)/100)
	}
	peaks := make([]features.Peak, subjects)
	for minute := range days * 24 * 60 {
		for i := range peaks {
			value := values[int(-100*math.Log10(1-rnd.Float64()))%len(values)]
			ts := models.Timestamp(1e18 + float64(minute)*60e9 + float64(i))
			b.learnPeak(&peaks[i], ts, finding{behavior: of, value: value})
			if value >= b.limits.Values[of][3] && b.level(of, value)/maxLevel >= cfg.Threshold {
				alerts++
			}
		}
	}
	return float64(alerts) / float64(days)
}

// valueAt returns the value that has the level by the reference.
func valueAt(b *behaviors, of features.Behavior, level float64) float64 {
	low, high := 0.0, 32.0
	for range 30 {
		if mid := (low + high) / 2; b.limits.Level(of, mid) < level {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Exp2(high) - 1
}

// TestBudgetSetsTheFalseAlarmRate: in networks of any size, ordinary traffic starts about as
// many alerts as the budget allows, or fewer; without a budget their number grows with the
// network.
func TestBudgetSetsTheFalseAlarmRate(t *testing.T) {
	sizes := []int{20, 200, 1000}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, subjects := range sizes {
		cfg := DefaultConfig()
		rnd := rand.New(rand.NewPCG(uint64(subjects), 7))
		if got, stated := crowd(cfg, rnd, subjects, 2), float64(subjects)*1440*1e-4; got > 1.5*stated+2 || got < stated/6-2 {
			t.Errorf("%d subjects without a budget: %.1f alerts a day, the stated rate gives %.1f", subjects, got, stated)
		}
		for _, perDay := range []float64{1, 4} {
			cfg.AlertsPerDay = perDay
			if got := crowd(cfg, rnd, subjects, 2); got > 2*perDay+2 {
				t.Errorf("%d subjects: %.1f alerts a day with a budget of %v", subjects, got, perDay)
			}
		}
	}
}

// TestSmallerBudgetIsStricter: a smaller budget or more values never make a level higher, and
// a budget that is larger than the expected number changes nothing.
func TestSmallerBudgetIsStricter(t *testing.T) {
	last := math.Inf(1)
	for _, perDay := range []float64{0, 1e6, 100, 10, 1, 0.1} {
		cfg := DefaultConfig()
		cfg.AlertsPerDay = perDay
		b := newBehaviors(cfg)
		level := b.level(features.ProbedPorts, 40)
		if level > last {
			t.Errorf("level %v with a budget of %v, above the %v of a larger one", level, perDay, last)
		}
		if perDay == 1e6 && b.strict.lower != 0 {
			t.Errorf("a budget of %v lowers levels by %v", perDay, b.strict.lower)
		}
		for i := range 100_000 {
			b.strict.count(models.Timestamp(1e18 + float64(i)*1e6))
		}
		if after := b.level(features.ProbedPorts, 40); after > level {
			t.Errorf("budget %v: level %v after many values, %v before", perDay, after, level)
		}
		last = level
	}
}

// TestStrictnessOfAnyTimes: times that jump by any amount leave the correction finite, and a
// single wrong time does not stop the clock.
func TestStrictnessOfAnyTimes(t *testing.T) {
	cfg := DefaultConfig()
	cfg.AlertsPerDay = 1
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		s := newStrictness(cfg)
		for range 2000 {
			s.count(models.Timestamp(rnd.Uint64() >> rnd.IntN(64)))
			if !(s.lower >= 0 && s.lower < 20) {
				t.Fatalf("seed %d: levels are lowered by %v", seed, s.lower)
			}
		}
		s = newStrictness(cfg)
		s.count(models.Timestamp(4e18))
		for i := range 3 * 24 * 60 {
			s.count(models.Timestamp(1e18 + float64(i)*60e9))
		}
		if s.lower > 1 {
			t.Fatalf("one value a minute lowers levels by %v after a wrong time", s.lower)
		}
	}
}

// TestStrictnessContinues restores the counts at any time: the levels remain the same.
func TestStrictnessContinues(t *testing.T) {
	cfg := DefaultConfig()
	cfg.AlertsPerDay = 2
	rnd := rand.New(rand.NewPCG(1, 11))
	s, ts := newStrictness(cfg), models.Timestamp(1e18)
	for range 3000 {
		ts += models.Timestamp(rnd.ExpFloat64() * 1e10)
		s.count(ts)
		w := state.Writer(nil)
		s.fields(w)
		again := newStrictness(cfg)
		r := state.Reader(w.Bytes())
		again.fields(r)
		if r.Err() != nil || len(r.Bytes()) > 0 || again != s {
			t.Fatalf("%v; %+v, want %+v", r.Err(), again, s)
		}
	}
}
