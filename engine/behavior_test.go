package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestEveryBehaviorHasAKind expects a kind with an entry in the vocabulary, and a technique
// unless the kind is unusual.
func TestEveryBehaviorHasAKind(t *testing.T) {
	known := map[string]bool{}
	for _, k := range vocabulary.Kinds {
		known[k.Code] = true
		if _, ok := techniques[k.Code]; !ok {
			t.Errorf("kind %s has no entry in techniques", k.Code)
		}
	}
	for b, r := range rules {
		if !known[r.kind] {
			t.Errorf("%s has the unknown kind %q", featureName(features.Behavior(b)), r.kind)
		}
		if r.kind != vocabulary.KindUnusual && techniques[r.kind] == "" {
			t.Errorf("kind %s has no technique", r.kind)
		}
	}
}

// TestReferenceIsMonotonic: levels rise with the value, reach 1 to 4 at the values of the
// reference, and are finite for any value.
func TestReferenceIsMonotonic(t *testing.T) {
	r := reference.Builtin()
	for b := range features.Behaviors {
		for i, v := range r.Values[b] {
			if got := r.Level(b, math.Log2(1+v)); math.Abs(got-float64(i+1)) > 1e-9 {
				t.Errorf("%s: level %v at %v, want %d", featureName(b), got, v, i+1)
			}
		}
		last := -1.0
		for x := 0.0; x < 64; x += 0.01 {
			level := r.Level(b, x)
			if level < last || math.IsNaN(level) || math.IsInf(level, 0) {
				t.Fatalf("%s: level %v at 2^%v-1 after %v", featureName(b), level, x, last)
			}
			last = level
		}
	}
}

// TestLimitInverts: the level at a limit is the wanted one, and just below it is less.
func TestLimitInverts(t *testing.T) {
	b := newBehaviors(DefaultConfig())
	for of := range features.Behaviors {
		for _, want := range []float64{1.5, 4, 6} {
			limit := b.limit(of, want)
			if got := b.level(of, limit); got < want || got > want+1e-6 {
				t.Errorf("%s: level %v at the limit %v, want %v", featureName(of), got, limit, want)
			}
			if got := b.level(of, limit*(1-1e-6)-1e-9); got >= want {
				t.Errorf("%s: level %v below the limit", featureName(of), got)
			}
		}
	}
}

// learnValues learns values of a behavior, one per minute of as many subjects.
func learnValues(b *behaviors, of features.Behavior, values []float64) {
	for i, v := range values {
		peak := features.Peak{}
		b.learnPeak(&peak, models.Timestamp(1e18), finding{behavior: of, value: v})
		b.learnPeak(&peak, models.Timestamp(1e18+61e9)+models.Timestamp(i), finding{behavior: of})
	}
}

// TestNetworkOnlyRaisesLimits: whatever a network shows, no value is more improbable than by
// the reference; ordinary larger values raise the limit.
func TestNetworkOnlyRaisesLimits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, scale := range []float64{0, 0.5, 3, 40} {
		b := newBehaviors(DefaultConfig())
		var values []float64
		for range 5000 {
			values = append(values, scale*rnd.ExpFloat64())
		}
		learnValues(&b, features.ProbedPorts, values)
		for v := 0.0; v < 200; v += 0.5 {
			if got, most := b.level(features.ProbedPorts, v), b.limits.Level(features.ProbedPorts, math.Log2(1+v)); got > most+1e-9 {
				t.Fatalf("scale %v: level %v at %v, the reference has %v", scale, got, v, most)
			}
		}
		limit := b.limit(features.ProbedPorts, 4)
		if scale < 1 && limit > 13.1 || scale >= 40 && limit < 26 {
			t.Errorf("scale %v: limit %v", scale, limit)
		}
	}
}

// TestAttackIsNotLearned: a few subjects that show an improbable value for an hour do not raise
// the limit above it.
func TestAttackIsNotLearned(t *testing.T) {
	b := newBehaviors(DefaultConfig())
	learnValues(&b, features.ProbedPorts, make([]float64, 3000))
	for _, subjects := range []int{1, 2, 5} {
		peaks := make([]features.Peak, subjects)
		for minute := range 61 {
			for i := range peaks {
				b.learnPeak(&peaks[i], models.Timestamp(1e18+float64(minute)*60e9), finding{behavior: features.ProbedPorts, value: 100})
			}
		}
		if limit := b.limit(features.ProbedPorts, 4); limit > 100 {
			t.Errorf("limit %v after an hour of 100 ports a minute by %d subjects", limit, subjects)
		}
	}
}

// TestBehaviorsRoundTrip restores the learned distributions.
func TestBehaviorsRoundTrip(t *testing.T) {
	b := newBehaviors(DefaultConfig())
	rnd := rand.New(rand.NewPCG(1, 2))
	for of := range features.Behaviors {
		values := make([]float64, 300)
		for i := range values {
			values[i] = 10 * rnd.ExpFloat64()
		}
		learnValues(&b, of, values)
	}
	w := state.Writer(nil)
	b.fields(w)
	got := newBehaviors(DefaultConfig())
	r := state.Reader(w.Bytes())
	got.fields(r)
	if r.Err() != nil || len(r.Bytes()) > 0 {
		t.Fatalf("%v, %d bytes remain", r.Err(), len(r.Bytes()))
	}
	if got.seen != b.seen {
		t.Error("the restored distributions differ")
	}
}

// TestOddStepIsABet: with ordinary traffic, whose levels are exponential, the mean of 10^step
// is at most 1, so that the product over evaluations exceeds 1/α with a probability of at
// most α (Ville's inequality).
func TestOddStepIsABet(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 3))
	sum := 0.0
	const n = 1_000_000
	for range n {
		sum += math.Pow(10, oddStep(-math.Log10(1-rnd.Float64())))
	}
	if mean := sum / n; mean > 1.01 || mean < 0.8 {
		t.Errorf("mean bet %v, want at most 1", mean)
	}
}
