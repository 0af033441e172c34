package hst

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomConfig draws a small configuration of any mode.
func randomConfig(rnd *rand.Rand) Config {
	c := Config{Features: 1 + rnd.IntN(6), Trees: 1 + rnd.IntN(12), Depth: 1 + rnd.IntN(7), Window: 1 + rnd.IntN(60), Mode: Mode(rnd.IntN(int(modes))),
		SizeLimit: []float64{0, 0.02, 0.1, 0.5, 1}[rnd.IntN(5)], Seed: rnd.Uint64()}
	c.FirstWindow = 1 + rnd.IntN(c.Window)
	if c.Mode == ModeDefault {
		c.Keep = []float64{0, 0.5, 0.75, 0.95}[rnd.IntN(4)]
	}
	return c
}

// TestFixedLog compares with math.Log2: exact for powers of two, never above the true value,
// below it by less than 2^-15, and monotonic.
func TestFixedLog(t *testing.T) {
	for _, unit := range []uint32{1, 64} {
		last := uint32(0)
		for mass := uint32(0); mass < 3000*unit; mass += unit/8 + 1 {
			got := fixedLog(mass, unit)
			want := math.Log2(1+float64(mass)/float64(unit)) * logOne
			if float64(got) > want+1e-6 || float64(got) < want-2 || got < last {
				t.Fatalf("fixedLog(%d, %d) is %d after %d, want %v", mass, unit, got, last, want)
			}
			last = got
		}
		for k := range 25 {
			if got := fixedLog((1<<k-1)*unit, unit); got != uint32(k*logOne) {
				t.Errorf("fixedLog of 2^%d−1 points of unit %d is %d, want %d", k, unit, got, k*logOne)
			}
		}
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		mass := rnd.Uint32() >> rnd.IntN(32)
		if got, want := float64(fixedLog(mass, 1)), math.Log2(1+float64(mass))*logOne; got > want+1e-3 || got < want-2 {
			t.Fatalf("fixedLog(%d, 1) is %v, want %v", mass, got, want)
		}
	}
}

// TestQuantise: cells are monotonic in the value, cover the whole range, and values outside of
// it are in the cells at the ends.
func TestQuantise(t *testing.T) {
	for mode, ends := range map[Mode][2]float64{ModeDefault: {0, 1}, ModeRiver: {0, 1}, ModePaper: {-2, 3}} {
		s := spaceOf(mode)
		for v, want := range map[float64]uint16{
			ends[0]: 0, ends[1]: 65535, ends[0] - 1: 0, ends[1] + 1: 65535, math.Inf(-1): 0, math.Inf(1): 65535, math.NaN(): 0,
			-math.MaxFloat64: 0, math.MaxFloat64: 65535, (ends[0] + ends[1]) / 2: 32767,
		} {
			if got := s.quantise(v); got != want {
				t.Errorf("%v: cell of %v is %d, want %d", mode, v, got, want)
			}
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 20000 {
			a, b := 6*rnd.Float64()-2.5, 6*rnd.Float64()-2.5
			if a > b {
				a, b = b, a
			}
			if qa, qb := s.quantise(a), s.quantise(b); qa > qb {
				t.Fatalf("%v: cell %d of %v is after cell %d of %v", mode, qa, a, qb, b)
			}
		}
	}
}

// TestStructureIsValid walks all trees: features exist, and each threshold is within the range
// that the splits above it leave, so that no side of a split is empty by construction.
func TestStructureIsValid(t *testing.T) {
	for seed := range uint64(80) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		cfg := randomConfig(rnd)
		f := must(t, cfg)
		per := 1<<cfg.Depth - 1
		if len(f.inner) != per*cfg.Trees {
			t.Fatalf("%+v: %d nodes, want %d", cfg, len(f.inner), per*cfg.Trees)
		}
		for tree := range cfg.Trees {
			lo, hi := make([]int, cfg.Features), slices.Repeat([]int{65536}, cfg.Features)
			checkNode(t, cfg, f.inner[tree*per:(tree+1)*per], 0, lo, hi)
		}
		if again := must(t, cfg); !slices.Equal(f.inner, again.inner) {
			t.Fatalf("%+v: the structure is not reproducible", cfg)
		}
		other := cfg
		if other.Seed++; slices.Equal(f.inner, must(t, other).inner) && cfg.Mode != ModePaper {
			t.Fatalf("%+v: the next seed has the same structure", cfg)
		}
	}
}

func checkNode(t *testing.T, cfg Config, inner []node, i int, lo, hi []int) {
	t.Helper()
	if i >= len(inner) {
		return
	}
	q, at := int(inner[i].feature()), int(inner[i].threshold())
	if q >= cfg.Features || at < lo[q] || at > hi[q] {
		t.Fatalf("%+v: node %d splits feature %d at %d, which has the range %d to %d", cfg, i, q, at, lo[q], hi[q])
	}
	before := hi[q]
	hi[q] = at
	checkNode(t, cfg, inner, 2*i+1, lo, hi)
	hi[q] = before
	before = lo[q]
	lo[q] = at
	checkNode(t, cfg, inner, 2*i+2, lo, hi)
	lo[q] = before
}

// TestScoresStayInRange checks the documented range of scores for random forests and points.
func TestScoresStayInRange(t *testing.T) {
	for seed := range uint64(80) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		cfg := randomConfig(rnd)
		f := must(t, cfg)
		for i, x := range points(rnd, 400, cfg.Features) {
			low, high := 0.0, 1.0
			switch {
			case !f.Ready():
				high = 0
			case cfg.Mode == ModeDefault:
				low, high = -float64(cfg.Depth)-0.01, math.Log2(float64(f.Size()+2))
			}
			if score := f.ScoreLearn(x); !(score >= low && score <= high) {
				t.Fatalf("%+v: score %d is %v, want %v to %v", cfg, i, score, low, high)
			}
		}
	}
}

// TestReadingChangesNothing: Score and Attribute do not change the state, and Learn is Score
// followed by LearnLast.
func TestReadingChangesNothing(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		cfg := randomConfig(rnd)
		a, b, c := must(t, cfg), must(t, cfg), must(t, cfg)
		out := make([]float64, cfg.Features)
		for i, x := range points(rnd, 200, cfg.Features) {
			a.Learn(x)
			for _, y := range points(rnd, rnd.IntN(3), cfg.Features) {
				b.Score(y)
				b.Attribute(y, out)
			}
			b.Learn(x)
			c.Score(x)
			c.Attribute(x, out) // it must keep the leaves that LearnLast counts
			c.LearnLast()
			if i%20 == 0 && (!bytes.Equal(a.AppendState(nil), b.AppendState(nil)) || !bytes.Equal(a.AppendState(nil), c.AppendState(nil))) {
				t.Fatalf("%+v: the states differ after %d points", cfg, i+1)
			}
		}
	}
}

// TestAttributeIsTheDefinition compares with a walk over the nodes.
func TestAttributeIsTheDefinition(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 6))
		cfg := randomConfig(rnd)
		f := must(t, cfg)
		p := newPlain(f, false)
		for _, x := range points(rnd, 200, cfg.Features) {
			f.Learn(x)
		}
		total, got := 1<<(f.cfg.Depth+1)-1, make([]float64, cfg.Features)
		for _, x := range points(rnd, 20, cfg.Features) {
			want := make([]float64, cfg.Features)
			for tree := range cfg.Trees {
				last, lastMass := -1, 0.0
				p.path(tree, x, func(i, k int) bool {
					mass := float64(f.mass[i]) / float64(f.unit)
					if last >= 0 {
						want[last] += -math.Log2((mass+0.5)/(lastMass+1)) - 1
					}
					if k < f.cfg.Depth {
						per := 1<<f.cfg.Depth - 1
						last, lastMass = int(f.inner[tree*per+i-tree*total].feature()), mass
					}
					return mass > f.limit()/float64(f.unit)
				})
			}
			f.Attribute(x, got)
			for i := range want {
				if f.Ready() && math.Abs(got[i]-want[i]) > 1e-6 {
					t.Fatalf("%+v: feature %d has %v bits, want %v", cfg, i, got[i], want[i])
				}
			}
		}
	}
}

// TestShortAndLongPoints: missing values are the lowest, excess ones have no effect.
func TestShortAndLongPoints(t *testing.T) {
	f := must(t, Config{Features: 3, Window: 50})
	rnd := rand.New(rand.NewPCG(1, 7))
	for range 200 {
		f.Learn([]float64{rnd.Float64(), rnd.Float64(), rnd.Float64()})
	}
	for range 100 {
		x := []float64{rnd.Float64(), rnd.Float64(), rnd.Float64()}
		if long := f.Score(append(slices.Clone(x), 5, -5)); long != f.Score(x) {
			t.Errorf("score %v with excess values, %v without", long, f.Score(x))
		}
		if short := f.Score(x[:1]); short != f.Score([]float64{x[0], math.Inf(-1), math.NaN()}) {
			t.Errorf("score %v without the last values, %v with the lowest", short, f.Score([]float64{x[0], 0, 0}))
		}
	}
	if f.Score(nil) != f.Score([]float64{0, 0, 0}) {
		t.Error("a point without values differs from the lowest one")
	}
}

// TestWindows follows the counts of a forest through its windows, and an early Pivot.
func TestWindows(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 8))
		cfg := randomConfig(rnd)
		f := must(t, cfg)
		windows, pending, need := uint64(0), 0, cfg.FirstWindow
		f.Pivot()
		for i, x := range points(rnd, 300, cfg.Features) {
			f.Learn(x)
			early := rnd.IntN(25) == 0
			if early {
				f.Pivot()
			}
			if pending++; pending >= need || early {
				windows, pending, need = windows+1, 0, cfg.Window
			}
			if f.Windows() != windows || f.Pending() != pending || f.Ready() != (windows > 0) {
				t.Fatalf("%+v: %d windows, %d pending, ready %v after %d points, want %d, %d", cfg, f.Windows(), f.Pending(), f.Ready(), i+1, windows, pending)
			}
			if limit := float64(cfg.Window)/(1-cfg.Keep) + 1; float64(f.Size()) > limit {
				t.Fatalf("%+v: the reference has %d points, want at most %v", cfg, f.Size(), limit)
			}
		}
	}
}

// TestKeptReferenceConverges: with a share of the reference kept, its size converges to that of
// the geometric series.
func TestKeptReferenceConverges(t *testing.T) {
	for _, keep := range []float64{0, 0.5, 0.75, 0.93, 0.95} {
		f := must(t, Config{Features: 2, Window: 64, Trees: 3, Depth: 5, Keep: keep})
		for _, x := range points(rand.New(rand.NewPCG(1, 9)), 64*150, 2) {
			f.Learn(x)
		}
		if want := 64 / (1 - keep); math.Abs(float64(f.Size())-want) > 0.06*want {
			t.Errorf("keep %v: the reference has %d points, want about %.0f", keep, f.Size(), want)
		}
	}
}

// TestModeNames: every mode is parsed from its name, and nothing else is.
func TestModeNames(t *testing.T) {
	for m := range modes {
		if got, err := ParseMode(m.String()); err != nil || got != m {
			t.Errorf("%v is parsed as %v, %v", m, got, err)
		}
	}
	for _, name := range []string{"", "Default", "paper ", "rivers", "0", modes.String()} {
		if m, err := ParseMode(name); err == nil {
			t.Errorf("%q is parsed as %v", name, m)
		}
	}
}

// TestSnapshotSize: runs of empty leaves are short, in an untrained forest and in one with few
// points.
func TestSnapshotSize(t *testing.T) {
	f := must(t, Config{Features: 5, Depth: 12, Trees: 10})
	if n := len(f.AppendState(nil)); n > 120 {
		t.Errorf("%d bytes for an untrained forest", n)
	}
	f.Learn([]float64{.1, .2, .3, .4, .5})
	if n := len(f.AppendState(nil)); n > 250 {
		t.Errorf("%d bytes for one point", n)
	}
}

// TestSnapshotsOfRandomForests restores random forests in the middle of a window: both continue
// with the same scores.
func TestSnapshotsOfRandomForests(t *testing.T) {
	for seed := range uint64(80) {
		rnd := rand.New(rand.NewPCG(seed, 10))
		cfg := randomConfig(rnd)
		a, b := must(t, cfg), must(t, cfg)
		b.Learn(make([]float64, cfg.Features)) // Restore replaces what was learned
		for _, x := range points(rnd, rnd.IntN(300), cfg.Features) {
			a.Learn(x)
		}
		if rest, err := b.Restore(a.AppendState(nil)); err != nil || len(rest) > 0 {
			t.Fatalf("%+v: %v, %d bytes remain", cfg, err, len(rest))
		}
		if fmt.Sprint(a.Windows(), a.Pending(), a.Size(), a.Ready()) != fmt.Sprint(b.Windows(), b.Pending(), b.Size(), b.Ready()) {
			t.Fatalf("%+v: %d windows, %d points of %d, %d", cfg, b.Windows(), b.Pending(), a.Windows(), a.Pending())
		}
		for i, x := range points(rnd, 150, cfg.Features) {
			if sa, sb := a.ScoreLearn(x), b.ScoreLearn(x); sa != sb {
				t.Fatalf("%+v: score %d is %v, restored %v", cfg, i, sa, sb)
			}
		}
	}
}
