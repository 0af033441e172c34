package hst

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func must(t testing.TB, cfg Config) *Forest {
	t.Helper()
	f, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// hand is the worked example: one tree with splits at 0.5, 0.25 and 0.75.
func hand(t *testing.T, m Mode) *Forest {
	f := must(t, Config{Features: 1, Trees: 1, Depth: 2, Window: 4, Mode: m})
	for i, at := range []float64{.5, .25, .75} {
		f.inner[i] = node(f.space.quantise(at))
	}
	for _, x := range []float64{.1, .2, .3, .8} {
		f.Learn([]float64{x})
	}
	return f
}

func TestHandExample(t *testing.T) {
	for _, c := range []struct {
		mode Mode
		x, s float64
	}{
		{ModePaper, .1, .5}, {ModePaper, .3, .75}, {ModePaper, .6, 1}, {ModePaper, .8, .75},
		{ModeRiver, .1, 1 - 18.0/28}, {ModeRiver, .6, 1 - 6.0/28},
		{ModeDefault, .1, math.Log2(5) - math.Log2(3) - 2}, {ModeDefault, .6, math.Log2(5) - 2},
	} {
		f := hand(t, c.mode)
		if got := f.Score([]float64{c.x}); math.Abs(got-c.s) > 1e-4 {
			t.Errorf("%v: score of %v is %v, want %v", c.mode, c.x, got, c.s)
		}
		if want := "[4 3 1 2 1 0 1]"; fmt.Sprint(f.mass) != want {
			t.Errorf("masses %v, want %v", f.mass, want)
		}
	}
}

// TestEqualsPlain compares the flat, interleaved form with the walk over nodes.
func TestEqualsPlain(t *testing.T) {
	for _, mode := range []Mode{ModeDefault, ModePaper, ModeRiver} {
		for _, trees := range []int{1, 5, 7, 25} {
			for _, depth := range []int{1, 4, 8} {
				rnd := rand.New(rand.NewPCG(uint64(depth), uint64(trees)))
				f := must(t, Config{Features: 3, Trees: trees, Depth: depth, Window: 64, FirstWindow: 50, Mode: mode, Seed: 7})
				lazy, eager := newPlain(f, true), newPlain(f, false)
				for i, x := range points(rnd, 500, 3) {
					got, l, e := f.ScoreLearn(x), lazy.score(x), eager.score(x)
					if got != l || l != e {
						t.Fatalf("%v trees=%d depth=%d point %d: forest %v, lazy %v, eager %v", mode, trees, depth, i, got, l, e)
					}
					lazy.learn(x)
					eager.learn(x)
				}
			}
		}
	}
}

func BenchmarkScoreLearn(b *testing.B) {
	for _, c := range []struct{ trees, depth int }{{25, 8}, {50, 10}} {
		for _, d := range []int{6, 30} {
			b.Run(fmt.Sprintf("%dx%d/d=%d", c.trees, c.depth, d), func(b *testing.B) {
				f := must(b, Config{Features: d, Trees: c.trees, Depth: c.depth})
				ps := points(rand.New(rand.NewPCG(1, 2)), 4096, d)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					f.ScoreLearn(ps[i&4095])
				}
			})
		}
	}
}
