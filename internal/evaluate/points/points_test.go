package points

import (
	"math"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/hst"
)

var modes = []hst.Mode{hst.ModeDefault, hst.ModePaper, hst.ModeRiver}

// TestSameScores: the same seed and points give the same scores; another seed does not.
func TestSameScores(t *testing.T) {
	for _, mode := range modes {
		scores := func(seed uint64) []float64 {
			cfg := DefaultConfig(mode, columns)
			cfg.Seed = seed
			d, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			return feed(d, newBenign(5), 6000)
		}
		a := scores(1)
		if !slices.Equal(a, scores(1)) {
			t.Errorf("%v: two runs with the same seed differ", mode)
		}
		if slices.Equal(a, scores(2)) {
			t.Errorf("%v: another seed gives the same scores", mode)
		}
	}
}

// TestOutliersScoreHigher: in every mode a point far from all others scores higher than 99 %
// of them.
func TestOutliersScoreHigher(t *testing.T) {
	for _, mode := range modes {
		d, b := detector(t, mode, columns), newBenign(1)
		typical := feed(d, b, 3*window)
		if s, limit := d.Score([]float64{5, 50, 500, 5e3, 5e4, 5e7}), quantile(typical[window:], .99); !(s > limit) {
			t.Errorf("%v: scores %.3f, benign reach %.3f", mode, s, limit)
		}
	}
}

// TestHostileValues: scores and attributions are finite for every input.
func TestHostileValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, mode := range modes {
		d, b := detector(t, mode, columns), newBenign(2)
		hostile := [][]float64{
			{nan, nan, nan, nan, nan, nan}, {inf, inf, inf, inf, inf, inf}, {-inf, 0, inf, nan, 1, 2},
			{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 0, 0, 0}, nil, {1}, {1, 2, 3, 4, 5, 6, 7, 8},
		}
		out := make([]float64, columns)
		check := func(x []float64) {
			s, _ := d.ScoreLearn(x)
			d.Attribute(b.next(), out)
			for _, v := range append(out, s, d.Score(x)) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%v: %v gives %v", mode, x, v)
				}
			}
		}
		for i := range 3 * window {
			if i%7 == 0 {
				check(hostile[i/7%len(hostile)])
			} else {
				check(b.next())
			}
		}
	}
}

// TestConstantColumns: a constant column does not affect scores.
func TestConstantColumns(t *testing.T) {
	for _, mode := range modes {
		d := detector(t, mode, 2)
		for i := range 2 * window {
			d.ScoreLearn([]float64{7, float64(i % 10)})
		}
		typical, outlier := d.Score([]float64{7, 5}), d.Score([]float64{7, 500})
		if math.IsNaN(typical) || math.IsNaN(outlier) || mode == hst.ModeDefault && !(outlier > typical) {
			t.Errorf("%v: typical %v, outlier %v", mode, typical, outlier)
		}
	}
}

// TestNoAllocation: scoring, learning and renewing do not allocate.
func TestNoAllocation(t *testing.T) {
	for _, mode := range modes {
		d, b := detector(t, mode, columns), newBenign(3)
		feed(d, b, 2*window)
		if n := testing.AllocsPerRun(window, func() { d.ScoreLearn(b.next()) }); n != 0 {
			t.Errorf("%v: %v allocations per point", mode, n)
		}
		out := make([]float64, columns)
		if n := testing.AllocsPerRun(10, func() { d.Attribute(b.x, out) }); n != 0 {
			t.Errorf("%v: %v allocations per attribution", mode, n)
		}
	}
}

// TestViews: all columns are used equally often, and none twice in one view.
func TestViews(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 9, 10, 100} {
		cfg := DefaultConfig(hst.ModeDefault, n)
		views, err := newViews(cfg)
		if err != nil {
			t.Fatal(err)
		}
		seen := make([]int, n)
		for _, v := range views {
			for i, c := range v.columns {
				seen[c]++
				if slices.Contains(v.columns[:i], c) {
					t.Errorf("%d columns: a view uses column %d twice", n, c)
				}
			}
		}
		if slices.Max(seen)-slices.Min(seen) > scalings {
			t.Errorf("%d columns are used %v times", n, seen)
		}
	}
}

func TestInvalidConfig(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no columns":     func(c *Config) { c.Columns = 0 },
		"many columns":   func(c *Config) { c.Columns = 1000 },
		"no views":       func(c *Config) { c.Views = 0 },
		"empty views":    func(c *Config) { c.ViewSize = 0 },
		"first too late": func(c *Config) { c.First = c.Window + 1 },
		"deep":           func(c *Config) { c.Depth = 40 },
		"gate":           func(c *Config) { c.Gate = 1.5 },
		"leak":           func(c *Config) { c.Leak = math.NaN() },
		"mode":           func(c *Config) { c.Mode = 9 },
	} {
		c := DefaultConfig(hst.ModeDefault, 3)
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
