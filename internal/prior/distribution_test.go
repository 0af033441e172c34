package prior

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
)

// of returns the distribution of values, one per subject and minute, each of which grew in
// several steps.
func of(rnd *rand.Rand, values []float64) *distribution {
	d := &distribution{}
	for _, v := range values {
		var p features.Peak
		for i := range 1 + rnd.IntN(3) {
			next := features.Peak{Minute: 7, Max: max(p.Max, float32(v*rnd.Float64()))}
			if i == 0 {
				next.Max = float32(v * rnd.Float64())
			}
			d.change(p, next)
			p = next
		}
		d.change(p, features.Peak{Minute: 7, Max: float32(v)})
	}
	return d
}

// TestExceeded compares with sorted values: at most the share exceeds the value, and the next
// smaller value is exceeded by more. Values count with a third of a percent of 1 + value.
func TestExceeded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, scale := range []float64{0.5, 3, 1e4, 1e8} {
		values := make([]float64, 3000)
		for i := range values {
			if values[i] = scale * rnd.ExpFloat64(); scale == 3 {
				values[i] = math.Floor(values[i]) // counts
			}
		}
		d := of(rnd, values)
		slices.Sort(values)
		if d.total != 3000 {
			t.Fatalf("%d values", d.total)
		}
		for _, level := range []float64{0.3, 1, 2, 2.7} {
			got := d.exceeded(math.Pow(10, -level))
			allowed := int(3000 * math.Pow(10, -level))
			if want := math.Log2(1 + values[len(values)-1-allowed]); math.Abs(got-want) > 1.0/binsPerLog {
				t.Errorf("scale %v, level %v: %v, want %v", scale, level, got, want)
			}
		}
	}
}

// TestMeasuredFollowsTheBuiltin: values that the built-in reference describes exactly are
// measured as it, also beyond the data; fewer than enough are not measured.
func TestMeasuredFollowsTheBuiltin(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	builtin := levelsOf(reference.Builtin().Values[features.HalfOpen])
	for _, n := range []int{enough - 1, enough, 3000, 200_000} {
		values := make([]float64, n)
		for i := range values {
			level := min(-math.Log10((float64(i)+0.5)/float64(n)), 4)
			values[i] = math.Exp2(builtin.at(level)) - 1
		}
		m, ok := of(rnd, values).measured(builtin)
		if ok != (n >= enough) {
			t.Fatalf("%d values: %v", n, ok)
		}
		for i := 1; ok && i < len(m); i++ {
			if math.Abs(m[i]-builtin[i]) > 0.2 {
				t.Errorf("%d values: log2 %v at level %d, want %v", n, m[i], i, builtin[i])
			}
		}
	}
}

// TestNeverStricter: whatever was measured, no value has a higher level by the result than by
// the built-in reference, up to level 6.
func TestNeverStricter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 3))
	for range 300 {
		b := features.Behavior(rnd.IntN(int(features.Behaviors)))
		builtin, result := reference.Builtin(), reference.Builtin()
		known := levelsOf(builtin.Values[b])
		var m levels
		for i := 1; i < len(m); i++ {
			m[i] = m[i-1] + rnd.ExpFloat64()*known[i]*rnd.Float64()
		}
		l := larger(known, m)
		result.Values[b] = l.values(builtin.Values[b])
		for x := 0.0; builtin.Level(b, x) < 6; x += 0.01 {
			if got, most := result.Level(b, x), builtin.Level(b, x); got > most+1e-9 {
				t.Fatalf("%v: built-in %v, measured %v, result %v: level %v at log2 %v, want at most %v",
					features.RowOf(b).Name, builtin.Values[b], m, result.Values[b], got, x, most)
			}
		}
	}
}

// TestStrictIsAscending: values that do not rise, such as those of a behavior that the network
// does not show, give a valid file.
func TestStrictIsAscending(t *testing.T) {
	for b := range features.Behaviors {
		known := levelsOf(reference.Builtin().Values[b])
		for _, m := range []levels{{}, {0, 1, 1, 1, 1}, {0, 0, 0, 30, 30}} {
			l := strict(known, m)
			values := l.values(reference.Builtin().Values[b])
			f := reference.File{Version: reference.FileVersion, Values: map[string][]float64{features.RowOf(b).Name: values[:]}}
			text, err := f.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := reference.Parse(text); err != nil {
				t.Errorf("%v: %v", m, err)
			}
		}
	}
}

// TestRoundUp: three digits, never below by more than single precision explains.
func TestRoundUp(t *testing.T) {
	for v, want := range map[float64]float64{
		0: 0, 2: 2, 1.9999998: 2, 2.0000002: 2, 1234.5: 1240, 0.12345: 0.124, 999.9: 1000, 1e6: 1e6, 123456789: 124000000, 4.5: 4.5, 9.9951: 10,
	} {
		if got := roundUp(v); math.Abs(got-want) > 1e-12*want {
			t.Errorf("%v: %v, want %v", v, got, want)
		}
	}
}
