package backtest

import (
	"errors"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/models"
)

func alertOf(id, src, dst, kind string, from, to models.Timestamp) *models.Alert {
	return &models.Alert{ID: id, SrcIP: src, DstIP: dst, Kind: kind, TS: from, LastTS: to, Score: 0.9, Count: 7}
}

func byID(list ...*models.Alert) map[string]*models.Alert {
	m := map[string]*models.Alert{}
	for _, a := range list {
		m[a.ID] = a
	}
	return m
}

func TestCompareRuns(t *testing.T) {
	same, stronger := alertOf("a", "1", "2", "flood", 10, 20), alertOf("b", "1", "3", "scan", 10, 20)
	higher := *stronger
	higher.Score, higher.Threshold = 0.95, 0.7
	lower := *same
	lower.Threshold, lower.Counterfactual = 0.7, &models.Counterfactual{}
	gone := alertOf("c", "4", "5", "scan", 10, 20)
	late := alertOf("d", "6", "7", "flood", 30, 40)
	early := alertOf("e", "6", "7", "flood", 25, 40)
	other := alertOf("f", "6", "8", "scan", 20, 90)
	come := alertOf("g", "9", "9", "scan", 1, 2)
	d := compareRuns(byID(same, stronger, gone, late), byID(&lower, &higher, early, other, come))
	ids := func(list []models.Alert) (out []string) {
		for _, a := range list {
			out = append(out, a.ID)
		}
		slices.Sort(out)
		return out
	}
	if got := ids(d.added); !slices.Equal(got, []string{"f", "g"}) {
		t.Errorf("added %v", got)
	}
	if got := ids(d.removed); !slices.Equal(got, []string{"c"}) {
		t.Errorf("removed %v", got)
	}
	if d.same != 1 || len(d.changed) != 2 {
		t.Fatalf("%d the same, changed %+v", d.same, d.changed)
	}
	sortChanges(d.changed)
	if c := d.changed[0]; c.After.ID != "b" || !slices.Equal(c.Fields, []string{"score"}) {
		t.Errorf("%v of %s changed, want only the score of b", c.Fields, c.After.ID)
	}
	if c := d.changed[1]; c.Before.ID != "d" || c.After.ID != "e" || !slices.Equal(c.Fields, []string{"id", "ts"}) {
		t.Errorf("%v of %s changed to %s, want d to change to e, which starts earlier", c.Fields, c.Before.ID, c.After.ID)
	}
}

func TestMostSimilarHasTheSameSourceAndTime(t *testing.T) {
	a := alertOf("a", "1", "2", "flood", 10, 20)
	for name, c := range map[string]struct {
		list []*models.Alert
		want int
	}{
		"no alerts":                        {nil, -1},
		"another source":                   {[]*models.Alert{alertOf("b", "9", "2", "flood", 10, 20)}, -1},
		"another time":                     {[]*models.Alert{alertOf("b", "1", "2", "flood", 21, 30)}, -1},
		"overlap of an instant":            {[]*models.Alert{alertOf("b", "1", "2", "flood", 20, 30)}, 0},
		"same destination":                 {[]*models.Alert{alertOf("b", "1", "3", "flood", 10, 20), alertOf("c", "1", "2", "scan", 19, 30)}, 1},
		"same kind":                        {[]*models.Alert{alertOf("b", "1", "3", "scan", 10, 20), alertOf("c", "1", "4", "flood", 19, 30)}, 1},
		"longest overlap of equal matches": {[]*models.Alert{alertOf("b", "1", "2", "flood", 15, 20), alertOf("c", "1", "2", "flood", 11, 30)}, 1},
	} {
		if got := mostSimilar(a, c.list); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestPriorFileKeepsTheModel: another reference needs no other checkpoint; the same values, read
// from a file twice, are no change.
func TestPriorFileKeepsTheModel(t *testing.T) {
	a, b := reference.Builtin(), reference.Builtin()
	present, changed := engine.DefaultConfig(), engine.DefaultConfig()
	present.Reference, changed.Reference = a, b
	r := &backtest{present: present, out: &Result{}}
	if err := r.compareWith(&changed); !errors.Is(err, errNothingToTry) {
		t.Errorf("equal references: %v", err)
	}
	b.Values[features.Calls][3]++
	changed.Reference = b
	if err := r.compareWith(&changed); err != nil || !sameModel(present, changed) {
		t.Errorf("other values: %v, same model %v", err, sameModel(present, changed))
	}
	changed.Reference = nil
	if err := r.compareWith(&changed); err != nil || !sameModel(present, changed) {
		t.Errorf("the built-in reference: %v", err)
	}
}
