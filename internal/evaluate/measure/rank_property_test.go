package measure

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomSamples draws samples of both classes, with many equal scores.
func randomSamples(rnd *rand.Rand) []Sample {
	list := make([]Sample, 2+rnd.IntN(80))
	for i := range list {
		list[i] = Sample{float64(rnd.IntN(12)) / 11, rnd.IntN(3) == 0}
	}
	list[0].Attack, list[1].Attack = true, false
	return list
}

// averagePrecision is the definition: for every distinct threshold, the gain of recall times
// the precision at that threshold.
func averagePrecision(list []Sample) (sum float64) {
	var thresholds []float64
	attacks := 0
	for _, s := range list {
		thresholds = append(thresholds, s.Score)
		if s.Attack {
			attacks++
		}
	}
	slices.Sort(thresholds)
	thresholds = slices.Compact(thresholds)
	recall := 0.0
	for _, at := range slices.Backward(thresholds) {
		hits, above := 0, 0
		for _, s := range list {
			if s.Score >= at {
				above++
				if s.Attack {
					hits++
				}
			}
		}
		next := float64(hits) / float64(attacks)
		sum += (next - recall) * float64(hits) / float64(above)
		recall = next
	}
	return sum
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) }

func TestAveragePrecisionIsTheDefinition(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 1))
	for i := range 300 {
		list := randomSamples(rnd)
		want := averagePrecision(list)
		if got := Rank(list).AveragePrecision; !near(float64(got), want) {
			t.Fatalf("samples %d: %v, want %v", i, got, want)
		}
	}
}

// TestRankInvariants: only the order of scores matters, and inverting it mirrors the ROC-AUC.
func TestRankInvariants(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 2))
	for i := range 300 {
		list := randomSamples(rnd)
		change := func(f func(Sample) Sample) Ranking {
			out := make([]Sample, len(list))
			for j, s := range list {
				out[j] = f(s)
			}
			return Rank(out)
		}
		want := change(func(s Sample) Sample { return s })
		if got := change(func(s Sample) Sample { return Sample{math.Exp(5*s.Score) - 100, s.Attack} }); got != want {
			t.Fatalf("samples %d: a monotonic change of scores gives %+v, want %+v", i, got, want)
		}
		rnd.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		if got := change(func(s Sample) Sample { return s }); got != want {
			t.Fatalf("samples %d: another order of samples gives %+v, want %+v", i, got, want)
		}
		inverted := change(func(s Sample) Sample { return Sample{-s.Score, s.Attack} })
		if !near(float64(inverted.ROCAUC+want.ROCAUC), 1) {
			t.Fatalf("samples %d: ROC-AUC %v, inverted %v", i, want.ROCAUC, inverted.ROCAUC)
		}
		swapped := change(func(s Sample) Sample { return Sample{-s.Score, !s.Attack} })
		if !near(float64(swapped.ROCAUC), float64(want.ROCAUC)) || swapped.Attacks != want.Benign || swapped.Benign != want.Attacks {
			t.Fatalf("samples %d: with classes swapped %+v, want that of %+v", i, swapped, want)
		}
		share := float64(want.Attacks) / float64(want.Attacks+want.Benign)
		if want.AveragePrecision <= 0 || want.AveragePrecision > 1 || want.ROCAUC < 0 || want.ROCAUC > 1 {
			t.Fatalf("samples %d: %+v is out of range", i, want)
		}
		if flat := change(func(s Sample) Sample { return Sample{0, s.Attack} }); !near(float64(flat.AveragePrecision), share) || flat.ROCAUC != 0.5 {
			t.Fatalf("samples %d: equal scores give %+v, want 0.5 and %v", i, flat, share)
		}
	}
}

// TestRaisingAnAttackNeverHurts raises the score of one attack.
func TestRaisingAnAttackNeverHurts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 3))
	for i := range 300 {
		list := randomSamples(rnd)
		before := Rank(slices.Clone(list))
		list[0].Score += rnd.Float64()
		after := Rank(list)
		if after.ROCAUC < before.ROCAUC-1e-12 {
			t.Fatalf("samples %d: ROC-AUC fell from %v to %v", i, before.ROCAUC, after.ROCAUC)
		}
	}
}

// TestFigureJSON: every finite figure survives JSON; the others become null.
func TestFigureJSON(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	values := []float64{0, 1, -1, 0.1, 1e-300, 1e300, math.MaxFloat64, math.SmallestNonzeroFloat64}
	for range 200 {
		values = append(values, rnd.NormFloat64()*math.Pow(10, float64(rnd.IntN(100)-50)))
	}
	for _, v := range values {
		b, err := json.Marshal(Figure(v))
		if err != nil {
			t.Fatal(err)
		}
		var f Figure
		if err := json.Unmarshal(b, &f); err != nil || float64(f) != v {
			t.Errorf("%v is %s in JSON, read as %v, %v", v, b, f, err)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		b, err := json.Marshal(Figure(v))
		if err != nil || string(b) != "null" {
			t.Errorf("%v is %s in JSON, %v", v, b, err)
		}
		f := Figure(5)
		if err := json.Unmarshal(b, &f); err != nil || f.Known() {
			t.Errorf("null is read as %v, %v", f, err)
		}
	}
	for _, text := range []string{`"1"`, `true`, `{}`, `[1]`} {
		var f Figure
		if err := json.Unmarshal([]byte(text), &f); err == nil {
			t.Errorf("%s is read as %v", text, f)
		}
	}
}

func TestFigureText(t *testing.T) {
	for _, tt := range []struct {
		f        Figure
		decimals int
		want     string
	}{
		{0, 0, "0"}, {0.5, 0, "0"}, {1.5, 0, "2"}, {0.99994, 4, "0.9999"}, {0.99996, 4, "1.0000"},
		{-0.004, 2, "-0.00"}, {1234567, 1, "1234567.0"}, {Figure(math.NaN()), 3, "-"}, {Figure(math.Inf(1)), 1, "+Inf"},
	} {
		if got := tt.f.Text(tt.decimals); got != tt.want {
			t.Errorf("%v with %d decimals is %q, want %q", float64(tt.f), tt.decimals, got, tt.want)
		}
	}
}

// TestSpreadProperties: a shift moves mean, minimum and maximum; a factor scales all; unknown
// runs have no effect.
func TestSpreadProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 5))
	unknown := Figure(math.NaN())
	for i := range 200 {
		runs := make([]Figure, 1+rnd.IntN(12))
		for j := range runs {
			runs[j] = Figure(rnd.NormFloat64())
		}
		s := SpreadOf(runs)
		if s.Min > s.Mean+1e-12 || s.Mean > s.Max+1e-12 || s.SD < 0 || float64(s.SD) > float64(s.Max-s.Min)+1e-12 {
			t.Fatalf("runs %d: %+v", i, s)
		}
		changed := []Figure{unknown}
		for _, r := range runs {
			changed = append(changed, 3*r+10, unknown)
		}
		c := SpreadOf(changed)
		for _, pair := range [][2]Figure{{c.Mean, 3*s.Mean + 10}, {c.SD, 3 * s.SD}, {c.Min, 3*s.Min + 10}, {c.Max, 3*s.Max + 10}} {
			if !near(float64(pair[0]), float64(pair[1])) {
				t.Fatalf("runs %d: %+v, changed %+v", i, s, c)
			}
		}
	}
	b, err := json.Marshal(SpreadOf([]Figure{unknown}))
	if err != nil || string(b) != `{"mean":null,"sd":null,"min":null,"max":null}` {
		t.Errorf("%s, %v", b, err)
	}
}
