package hst

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

var allModes = []Mode{ModeDefault, ModePaper, ModeRiver}

// checkSums compares the masses of every tree with the number of learned points.
func checkSums(t *testing.T, f *Forest, n int) {
	t.Helper()
	d := f.cfg.Depth
	total, leaves := 1<<(d+1)-1, 1<<d
	for tr := range f.cfg.Trees {
		m := f.mass[tr*total : (tr+1)*total]
		all := uint32(0)
		for k, first := 0, 0; k <= d; k, first = k+1, 2*first+1 {
			sum := uint32(0)
			for i := first; i <= 2*first; i++ {
				sum += m[i]
				if k < d && m[i] != m[2*i+1]+m[2*i+2] {
					t.Fatalf("tree %d node %d: %d, children %d and %d", tr, i, m[i], m[2*i+1], m[2*i+2])
				}
			}
			if all += sum; int(sum) != n {
				t.Fatalf("tree %d depth %d: masses add up to %d, want %d", tr, k, sum, n)
			}
		}
		if int(all) != n*(d+1) {
			t.Fatalf("tree %d: all masses add up to %d, want %d", tr, all, n*(d+1))
		}
		running := uint32(0)
		for _, c := range f.count[tr*leaves : (tr+1)*leaves] {
			running += c
		}
		if int(running) != f.learned {
			t.Fatalf("tree %d: counts add up to %d, want %d", tr, running, f.learned)
		}
	}
}

func TestMassesAddUp(t *testing.T) {
	for _, mode := range allModes {
		rnd := rand.New(rand.NewPCG(3, uint64(mode)))
		f := must(t, Config{Features: 4, Depth: 6, Window: 100, FirstWindow: 30, Mode: mode})
		for i, x := range points(rnd, 500, 4) {
			f.Learn(x)
			want := 0
			if i+1 >= 30 {
				want = 30
			}
			if i+1 >= 130 {
				want = 100
			}
			checkSums(t, f, want)
		}
	}
}

func TestOrderWithinWindowDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rnd := rand.New(rand.NewPCG(seed, 1))
		cfg := Config{Features: 3, Trees: 5, Depth: 5, Window: 40, Seed: seed, Mode: allModes[rnd.IntN(3)]}
		a, _ := New(cfg)
		b, _ := New(cfg)
		ps := points(rnd, 40, 3)
		for _, x := range ps {
			a.Learn(x)
		}
		rnd.Shuffle(len(ps), func(i, j int) { ps[i], ps[j] = ps[j], ps[i] })
		for _, x := range ps {
			b.Learn(x)
		}
		for _, x := range points(rnd, 20, 3) {
			if sa, sb := a.Score(x), b.Score(x); sa != sb {
				t.Fatalf("%v and %v", sa, sb)
			}
		}
	})
}

// FuzzLazyPivot compares the lazy pivot, the eager pivot and the forest for any sequence of
// learning and scoring.
func FuzzLazyPivot(f *testing.F) {
	f.Add(uint64(1), []byte("some points, some scores"))
	f.Fuzz(func(t *testing.T, seed uint64, ops []byte) {
		cfg := Config{Features: 2, Trees: 6, Depth: 4, Window: 9, FirstWindow: 4, Seed: seed, Mode: allModes[seed%3]}
		forest := must(t, cfg)
		lazy, eager := newPlain(forest, true), newPlain(forest, false)
		for _, op := range ops {
			x := []float64{float64(op>>4) / 15, float64(op&15) / 15}
			if s, l, e := forest.Score(x), lazy.score(x), eager.score(x); s != l || l != e {
				t.Fatalf("forest %v, lazy %v, eager %v", s, l, e)
			}
			if op&1 == 0 {
				forest.Learn(x)
				lazy.learn(x)
				eager.learn(x)
			}
		}
	})
}

func TestIdenticalPointsScoreZero(t *testing.T) {
	f := must(t, Config{Features: 5, Mode: ModePaper, Window: 200})
	x := []float64{.1, .9, .5, 0, 1}
	for range 200 {
		f.Learn(x)
	}
	if s := f.Score(x); s != 0 {
		t.Errorf("score of the only point is %v, want exactly 0", s)
	}
}

func TestTwoWindowsForget(t *testing.T) {
	for _, mode := range allModes {
		a := must(t, Config{Features: 3, Window: 50, Mode: mode, Seed: 4})
		b := must(t, Config{Features: 3, Window: 50, Mode: mode, Seed: 4})
		rnd := rand.New(rand.NewPCG(1, 9))
		for _, x := range points(rnd, 75, 3) {
			a.Learn(x)
		}
		for i, x := range points(rnd, 100, 3) {
			a.Learn(x)
			if i >= 25 {
				b.Learn(x)
			}
		}
		// a's last full window is points 25…75 of the second kind; b's first the same
		for _, x := range points(rnd, 50, 3) {
			if sa, sb := a.Score(x), b.Score(x); sa != sb {
				t.Fatalf("%v: %v with the older points, %v without", mode, sa, sb)
			}
		}
	}
}

func TestKeepFades(t *testing.T) {
	f := must(t, Config{Features: 1, Window: 100, Keep: 0.5})
	for range 100 {
		f.Learn([]float64{.2})
	}
	old := f.Score([]float64{.2})
	last := old
	for w := range 12 {
		for range 100 {
			f.Learn([]float64{.8})
		}
		s := f.Score([]float64{.2})
		if s < last {
			t.Fatalf("window %d: a point that no longer occurs scores %v, before %v", w, s, last)
		}
		last = s
		if f.Size() < 100 || f.Size() > 200 {
			t.Fatalf("reference of %d points, want 100…200", f.Size())
		}
	}
	if last < old+5 {
		t.Errorf("after 12 windows the score rose only from %v to %v", old, last)
	}
}

func TestDeterminism(t *testing.T) {
	for _, mode := range allModes {
		ps := points(rand.New(rand.NewPCG(1, 1)), 2000, 6)
		cfg := Config{Features: 6, Mode: mode, Seed: 11}
		a, b := must(t, cfg), must(t, cfg)
		cfg.Seed = 12
		c, differs := must(t, cfg), false
		for i, x := range ps {
			sa, sb, sc := a.ScoreLearn(x), b.ScoreLearn(x), c.ScoreLearn(x)
			if math.Float64bits(sa) != math.Float64bits(sb) {
				t.Fatalf("%v point %d: %v and %v", mode, i, sa, sb)
			}
			differs = differs || sa != sc
		}
		if !differs {
			t.Errorf("%v: another seed gives the same scores", mode)
		}
	}
}

func TestNoInputBreaksScores(t *testing.T) {
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 0, 1, -1, 2, math.Copysign(0, -1)}
	for _, mode := range allModes {
		rnd := rand.New(rand.NewPCG(1, 5))
		f := must(t, Config{Features: 3, Window: 60, Mode: mode})
		out := make([]float64, 3)
		for range 1000 {
			x := []float64{odd[rnd.IntN(len(odd))], odd[rnd.IntN(len(odd))], rnd.Float64()}[:rnd.IntN(4)]
			s := f.ScoreLearn(x)
			if math.IsNaN(s) || math.IsInf(s, 0) {
				t.Fatalf("%v: score of %v is %v", mode, x, s)
			}
			if mode != ModeDefault && (s < 0 || s > 1) {
				t.Fatalf("%v: score of %v is %v, want 0…1", mode, x, s)
			}
			f.Attribute(x, out)
			for _, v := range out {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%v: attribution of %v is %v", mode, x, out)
				}
			}
		}
		for _, p := range [][2]float64{{math.NaN(), -1e9}, {math.Inf(-1), -1e9}, {math.Inf(1), 1e9}} {
			a, b := f.Score([]float64{p[0], .5, .5}), f.Score([]float64{p[1], .5, .5})
			if a != b {
				t.Errorf("%v: %v scores %v, but %v scores %v", mode, p[0], a, p[1], b)
			}
		}
	}
}

func TestScoreBeforeFirstWindow(t *testing.T) {
	f := must(t, Config{Features: 1, Window: 100, FirstWindow: 50})
	for i := range 50 {
		if f.Ready() || f.Score([]float64{.5}) != 0 {
			t.Fatalf("after %d points: ready %v", i, f.Ready())
		}
		f.Learn([]float64{.5})
	}
	if !f.Ready() || f.Windows() != 1 || f.Size() != 50 {
		t.Errorf("after 50 points: ready %v, %d windows of %d points", f.Ready(), f.Windows(), f.Size())
	}
}

// TestAttributionFindsTheFeature: one feature of a typical point is made extreme.
func TestAttributionFindsTheFeature(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 1))
	right, trials := 0, 500
	for range trials / 50 {
		f := must(t, Config{Features: 6, Seed: rnd.Uint64(), SizeLimit: 0.02})
		draw := func() []float64 {
			x := make([]float64, 6)
			for i := range x {
				x[i] = min(max(.35+.08*rnd.NormFloat64(), 0), 1)
			}
			return x
		}
		for range 512 {
			f.Learn(draw())
		}
		out := make([]float64, 6)
		for range 50 {
			x, q := draw(), rnd.IntN(6)
			x[q] = .95 + .05*rnd.Float64()
			f.Attribute(x, out)
			best := 0
			for i, v := range out {
				if v > out[best] {
					best = i
				}
			}
			if best == q {
				right++
			}
		}
	}
	if share := float64(right) / float64(trials); share < .98 {
		t.Errorf("the changed feature was first in %v of trials, want 0.98", share)
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []Config{{}, {Features: 257}, {Features: 1, Depth: 16}, {Features: 1, Trees: -1}, {Features: 1, Window: 1 << 17},
		{Features: 1, Window: 10, FirstWindow: 11}, {Features: 1, SizeLimit: 2}, {Features: 1, SizeLimit: math.NaN()},
		{Features: 1, Keep: 1}, {Features: 1, Keep: .5, Mode: ModePaper}, {Features: 1, Mode: 9}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: Validate returned no error", c)
		}
	}
	for _, m := range allModes {
		if got, err := ParseMode(m.String()); got != m || err != nil {
			t.Errorf("%v: %v, %v", m, got, err)
		}
	}
	if _, err := ParseMode("fast"); err == nil {
		t.Error("ParseMode accepted mode fast")
	}
}

func TestNoAllocations(t *testing.T) {
	for _, mode := range allModes {
		f := must(t, Config{Features: 6, Mode: mode, Window: 64})
		ps := points(rand.New(rand.NewPCG(1, 1)), 512, 6)
		out, i := make([]float64, 6), 0
		if n := testing.AllocsPerRun(2000, func() { f.ScoreLearn(ps[i&511]); f.Attribute(ps[i&511], out); i++ }); n != 0 {
			t.Errorf("%v: %v allocations per point", mode, n)
		}
	}
}
