package backtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// randomAlerts returns alerts of a few sources and destinations at random times.
func randomAlerts(random *rand.Rand, prefix string) map[string]*models.Alert {
	m := map[string]*models.Alert{}
	for i := range random.IntN(12) {
		from := models.Timestamp(random.Int64N(100))
		id := fmt.Sprint(prefix, i)
		if random.IntN(2) == 0 {
			id = fmt.Sprint("shared", i)
		}
		m[id] = alertOf(id, fmt.Sprint(random.IntN(3)), fmt.Sprint(random.IntN(2)), []string{"scan", "flood"}[random.IntN(2)], from, from+models.Timestamp(random.Int64N(50)))
	}
	return m
}

// TestEveryAlertIsComparedOnce: each alert of both runs is in exactly one of added, removed,
// changed or unchanged, alerts of different sources are never one, and equal runs do not differ.
func TestEveryAlertIsComparedOnce(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		before, after := randomAlerts(random, "b"), randomAlerts(random, "a")
		d := compareRuns(before, after)
		left, right := len(d.removed)+len(d.changed)+d.same, len(d.added)+len(d.changed)+d.same
		if left != len(before) || right != len(after) {
			t.Fatalf("seed %d: %d of %d before, %d of %d after", seed, left, len(before), right, len(after))
		}
		olds, news := map[string]bool{}, map[string]bool{}
		for _, c := range d.changed {
			if olds[c.Before.ID] || news[c.After.ID] || len(c.Fields) == 0 {
				t.Fatalf("seed %d: %s is compared twice or has no difference", seed, c.Before.ID)
			}
			olds[c.Before.ID], news[c.After.ID] = true, true
			if c.Before.ID != c.After.ID && (c.Before.SrcIP != c.After.SrcIP || c.Before.LastTS < c.After.TS || c.After.LastTS < c.Before.TS) {
				t.Fatalf("seed %d: %+v and %+v are not the same incident", seed, c.Before, c.After)
			}
		}
		for _, r := range d.removed {
			for _, a := range d.added {
				if r.SrcIP == a.SrcIP && r.TS <= a.LastTS && a.TS <= r.LastTS {
					t.Fatalf("seed %d: removed %+v and added %+v are the same incident", seed, r, a)
				}
			}
		}
		if same := compareRuns(before, before); same.differences() != 0 || same.same != len(before) {
			t.Fatalf("seed %d: a run differs from itself: %+v", seed, same)
		}
	}
}

// TestOutcomeHasTheNewestVersions: within the span, the newest version of each alert, and the
// newest that was durable; alerts outside of the span are known only.
func TestOutcomeHasTheNewestVersions(t *testing.T) {
	o := newOutcome(100, 200)
	o.upTo = 50
	version := func(id string, last models.Timestamp, count uint64) *models.Alert {
		a := alertOf(id, "1", "2", "scan", 90, last)
		a.Count = count
		return a
	}
	o.emit(version("a", 99, 1), 10) // before the span
	o.emit(version("a", 100, 2), 20)
	o.emit(version("a", 150, 3), 50)
	o.emit(version("a", 200, 4), 51) // not durable
	o.emit(version("a", 201, 5), 52) // after the span
	o.emit(version("b", 99, 1), 11)
	o.emit(version("c", 150, 1), 60)
	if n, d := o.newest["a"], o.due["a"]; n == nil || n.Count != 4 || d == nil || d.Count != 3 {
		t.Errorf("newest %+v, due %+v", n, d)
	}
	if o.newest["b"] != nil || !o.known["b"] || o.newest["c"] == nil || o.due["c"] != nil {
		t.Errorf("newest %v, due %v, known %v", o.newest, o.due, o.known)
	}
}

// TestVerifiedVersions: a version is reproduced if every JSON field is equal; each difference
// has both values.
func TestVerifiedVersions(t *testing.T) {
	kept := alertOf("a", "1", "2", "scan", 10, 20)
	other := *kept
	other.Score, other.Kind = 0.5, "flood"
	for _, c := range []struct {
		name string
		got  *models.Alert
		want []string
	}{
		{"equal", alertOf("a", "1", "2", "scan", 10, 20), nil},
		{"not reproduced", nil, []string{"count"}},
		{"two fields", &other, []string{"kind", "score"}},
	} {
		x := VerifiedVersion{kept: kept}
		x.compare(c.got)
		var fields []string
		for _, d := range x.Differences {
			fields = append(fields, d.Field)
			if d.Kept == d.Reproduced || d.Kept == "" {
				t.Errorf("%s: %+v", c.name, d)
			}
		}
		if !slices.Equal(fields, c.want) || x.Reproduced != (c.want == nil) || x.Fields == 0 {
			t.Errorf("%s: %+v", c.name, x)
		}
		if v := (&Verification{Versions: []VerifiedVersion{{Reproduced: true}, x}}); v.OK() != x.Reproduced {
			t.Errorf("%s: OK is %v", c.name, v.OK())
		}
	}
}

// TestVerifierEnds once the largest wanted count was emitted, whatever the order of versions.
func TestVerifierEnds(t *testing.T) {
	w := &verifier{id: "a", wanted: map[uint64]*models.Alert{3: nil, 7: nil}, most: 7}
	for _, v := range []struct {
		id    string
		count uint64
		more  bool
	}{{"b", 9, true}, {"a", 2, true}, {"a", 3, true}, {"a", 6, true}, {"a", 8, false}} {
		a := alertOf(v.id, "1", "2", "scan", 1, 2)
		a.Count = v.count
		w.emit(a, 0)
		if w.more() != v.more {
			t.Errorf("after version %d of %s: more is %v", v.count, v.id, w.more())
		}
	}
	if w.wanted[3] == nil || w.wanted[7] != nil || len(w.wanted) != 2 {
		t.Errorf("got %v; version 7 was never emitted", w.wanted)
	}
}
