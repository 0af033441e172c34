package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// repeated runs episodes of one subject that start at these seconds, each with its value, and
// returns the alerts by id and the number of episodes that raised one.
func repeated(t *testing.T, starts, values []float64) (alerts map[string]models.Alert, raised int) {
	t.Helper()
	alerts = map[string]models.Alert{}
	p, err := NewPipeline(DefaultConfig(), 0, func(a *models.Alert) { alerts[a.ID] = *a })
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range starts {
		ts := models.Timestamp(1e18) + models.Timestamp(at*1e9)
		p.expire(ts)
		f := finding{behavior: features.ProbedPorts, value: values[i], level: 4.5}
		ep, out := p.open(7, addr(10, 0, 0, 1), ts, f)
		if out == ordinary {
			continue
		}
		raised++
		ep.alert.Kind, ep.alert.Count = rules[f.behavior].kind, ep.alert.Count+10
		ep.gather(ts, f, 13)
		ep.anomalyTS = ts
		p.publish(ep)
	}
	return alerts, raised
}

func series(n int, at func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = at(i)
	}
	return out
}

// TestPatternContinuesItsAlert: the same pattern grows one alert, which says how often and how
// regularly it came back.
func TestPatternContinuesItsAlert(t *testing.T) {
	alerts, raised := repeated(t, series(5, func(i int) float64 { return 1200 * float64(i) }), series(5, func(int) float64 { return 20 }))
	if len(alerts) != 1 || raised != 5 {
		t.Fatalf("%d alerts of %d episodes, want 1 of 5", len(alerts), raised)
	}
	for _, a := range alerts {
		r := a.Recurrence
		if r == nil || r.Count != 5 || math.Abs(r.Every-1200) > 1 || !r.Regular || a.Count != 50 || r.First != a.TS {
			t.Errorf("alert %+v with recurrence %+v", a, r)
		}
	}
}

// TestPatternEnds: after more than a day it is a new alert, and another kind is one too.
func TestPatternEnds(t *testing.T) {
	alerts, _ := repeated(t, []float64{0, 1000, 1000 + 86401}, []float64{20, 20, 20})
	if len(alerts) != 2 {
		t.Errorf("%d alerts, want 2", len(alerts))
	}
}

// TestStablePatternBecomesOrdinary: after eight episodes of the same size there are no more; a
// larger one raises an alert again.
func TestStablePatternBecomesOrdinary(t *testing.T) {
	size := func(i int) float64 { return 20 + float64(i%3) }
	if _, raised := repeated(t, series(30, func(i int) float64 { return 1200 * float64(i) }), series(30, size)); raised != ordinaryAfter {
		t.Errorf("%d episodes raised an alert, want %d", raised, ordinaryAfter)
	}
	larger := series(30, size)
	larger[25] = 60
	if _, raised := repeated(t, series(30, func(i int) float64 { return 1200 * float64(i) }), larger); raised != ordinaryAfter+1 {
		t.Errorf("%d episodes raised an alert, want %d", raised, ordinaryAfter+1)
	}
}

// TestCreepingPatternStaysAnAlert: a pattern that grows by a twentieth each time is compared
// with its beginning.
func TestCreepingPatternStaysAnAlert(t *testing.T) {
	_, raised := repeated(t, series(40, func(i int) float64 { return 1200 * float64(i) }), series(40, func(i int) float64 { return 20 * math.Pow(1.05, float64(i)) }))
	if raised < 35 {
		t.Errorf("%d of 40 episodes raised an alert", raised)
	}
}

// TestPatternsAreBounded adds more patterns than fit, and restores them.
func TestPatternsAreBounded(t *testing.T) {
	p, rnd := newPatterns(), rand.New(rand.NewPCG(1, 1))
	for i := range maxPatterns + 100 {
		ts := models.Timestamp(i)
		p.add(rnd.Uint64(), &pattern{id: alertID(uint64(i), 0, ts), first: ts, last: ts, episodes: 1, size: rnd.Float64()})
	}
	if len(p.byKey) != maxPatterns {
		t.Fatalf("%d patterns, want %d", len(p.byKey), maxPatterns)
	}
	for _, x := range p.byKey {
		if x.last < 100 {
			t.Fatalf("the pattern of time %d is older than a hundred that were removed", x.last)
		}
	}
	w := state.Writer(nil)
	p.fields(w)
	got := newPatterns()
	r := state.Reader(w.Bytes())
	got.fields(r)
	if r.Err() != nil || len(r.Bytes()) > 0 {
		t.Fatalf("%v, %d bytes remain", r.Err(), len(r.Bytes()))
	}
	if d := cmp.Diff(p, got, cmp.AllowUnexported(patterns{}, pattern{})); d != "" {
		t.Error(d)
	}
}

// TestEvidenceSeriesIsBounded: a long series keeps its first and its newest points.
func TestEvidenceSeriesIsBounded(t *testing.T) {
	ep := &episode{}
	for i := range 500 {
		ep.gather(models.Timestamp(i), finding{behavior: features.ProbedPorts, value: float64(i)}, 13)
		s := ep.alert.Evidence.Series
		if len(s) > models.MaxEvidencePoints || s[0].Value != 0 || s[len(s)-1].Value != float64(i) {
			t.Fatalf("after %d points: %+v", i+1, s)
		}
	}
}

// TestRestoreForgets: a pipeline that restores a snapshot has nothing of what it processed
// after the snapshot was made.
func TestRestoreForgets(t *testing.T) {
	p, alerts := emitted(t, nil)
	run(p, calm(), 0)
	before := p.AppendState(nil)
	run(p, scanned(1), 0)
	opened(p, 99, p.eventTS, 5)
	if err := p.Restore(before); err != nil {
		t.Fatal(err)
	}
	if string(before) != string(p.AppendState(nil)) {
		t.Error("the restored state differs")
	}
	*alerts = nil
	p.Flush()
	if len(*alerts) > 0 {
		t.Errorf("alerts of the discarded packets: %+v", *alerts)
	}
}

// calm returns a minute of traffic of an office.
func calm() []models.PacketMeta {
	tr := newTraffic(3)
	tr.office(0, 60, 5)
	return tr.sorted()
}
