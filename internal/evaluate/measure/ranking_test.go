package measure

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// samples pairs scores with labels written as a string of 0 and 1.
func samples(scores []float64, labels string) []Sample {
	out := make([]Sample, len(scores))
	for i, s := range scores {
		out[i] = Sample{s, labels[i] == '1'}
	}
	return out
}

// TestRank compares both figures with values computed by hand.
func TestRank(t *testing.T) {
	for _, c := range []struct {
		name    string
		scores  []float64
		labels  string
		roc, ap float64
	}{
		{"perfect", []float64{.9, .8, .2, .1}, "1100", 1, 1},
		{"reversed", []float64{.9, .8, .2, .1}, "0011", 0, (1./3 + 2./4) / 2},
		{"one pair of four wrong", []float64{.1, .4, .35, .8}, "0011", .75, (1 + 2./3) / 2},
		{"all tied", []float64{.5, .5, .5, .5}, "1000", .5, .25},
		// Above .5 one attack; at .5 an attack and two benign points; below one benign.
		// Pairs won: 3 + (1 + 2/2); thresholds: .9 → P 1, R ½; .5 → P ½, R 1.
		{"a tie in the middle", []float64{.9, .5, .5, .5, .1}, "11000", 5. / 6, .5*1 + .5*.5},
		{"attacks tied with benign at the top", []float64{1, 1, 1, 0}, "1100", .75, 2. / 3},
		{"order does not matter", []float64{.1, .5, .5, .9, .5}, "00110", 5. / 6, .75},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Rank(samples(c.scores, c.labels))
			if math.Abs(float64(r.ROCAUC)-c.roc) > 1e-12 || math.Abs(float64(r.AveragePrecision)-c.ap) > 1e-12 {
				t.Errorf("ROC-AUC %v, average precision %v; want %v, %v", r.ROCAUC, r.AveragePrecision, c.roc, c.ap)
			}
		})
	}
}

// TestRankPairs compares ROC-AUC with its definition over all pairs.
func TestRankPairs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		list := make([]Sample, 2+rnd.IntN(60))
		for i := range list {
			list[i] = Sample{float64(rnd.IntN(8)), rnd.IntN(3) == 0}
		}
		list[0].Attack, list[1].Attack = true, false
		won, pairs := 0.0, 0.0
		for _, a := range list {
			for _, b := range list {
				if !a.Attack || b.Attack {
					continue
				}
				pairs++
				switch {
				case a.Score > b.Score:
					won++
				case a.Score == b.Score:
					won += .5
				}
			}
		}
		if got := float64(Rank(list).ROCAUC); math.Abs(got-won/pairs) > 1e-12 {
			t.Fatalf("ROC-AUC %v, by pairs %v", got, won/pairs)
		}
	}
}

// TestRankNothing: with one class only, the figures are unknown and null in JSON.
func TestRankNothing(t *testing.T) {
	for _, labels := range []string{"", "11", "00"} {
		r := Rank(samples(make([]float64, len(labels)), labels))
		if r.ROCAUC.Known() || r.AveragePrecision.Known() {
			t.Errorf("%q: %v, %v", labels, r.ROCAUC, r.AveragePrecision)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]any
		if json.Unmarshal(b, &back) != nil || back["roc_auc"] != nil {
			t.Errorf("%s", b)
		}
	}
}

func TestSpread(t *testing.T) {
	s := SpreadOf([]Figure{.9, .92, Figure(math.NaN()), .94})
	if math.Abs(float64(s.Mean)-.92) > 1e-12 || math.Abs(float64(s.SD)-.02) > 1e-12 || s.Min != .9 || s.Max != .94 {
		t.Errorf("%+v", s)
	}
	if one := SpreadOf([]Figure{.5}); one.SD != 0 || one.Mean != .5 {
		t.Errorf("%+v", one)
	}
	if none := SpreadOf(nil); none.Mean.Known() || none.String() != "-" {
		t.Errorf("%+v", none)
	}
}
