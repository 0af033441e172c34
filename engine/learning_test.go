package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

const odd = models.FlagFIN | models.FlagURG | models.FlagPSH

// TestRepetitionIsNotLearned expects that an attack with identical packets over ten windows
// still scores above the 99th percentile of typical traffic.
func TestRepetitionIsNotLearned(t *testing.T) {
	tr := newTraffic(11)
	tr.office(0, 900, 10)
	evil := addr(10, 0, 0, 99)
	for i := range 10 * DefaultConfig().Window {
		tr.packet(400+float64(i)*.1, evil, addr(10, 0, 0, 10), 31000, 31337, models.ProtoTCP, odd, 1400)
	}
	list := tr.sorted()
	alerts := map[string]models.Alert{}
	scores := run(pipeline(t, alerts), list, 0)
	var benign, attack []float64
	for i := range list {
		if list[i].Src == evil {
			attack = append(attack, scores[i])
		} else if i > 1000 {
			benign = append(benign, scores[i])
		}
	}
	slices.Sort(benign)
	p99 := benign[len(benign)*99/100]
	last := attack[len(attack)-DefaultConfig().Window:]
	if low := slices.Min(last); low <= p99 {
		t.Errorf("minimum score of the last window is %v, 99th percentile of typical traffic %v", low, p99)
	}
	if len(alerts) == 0 {
		t.Error("no alert")
	}
}

// TestSlowRampAlerts expects an alert about a scan that starts with one port in ten seconds and
// grows by a tenth every 30 s.
func TestSlowRampAlerts(t *testing.T) {
	tr := newTraffic(12)
	tr.office(0, 2400, 5)
	evil, gap, port := addr(10, 0, 0, 99), 10.0, uint16(1)
	for at, next := 300.0, 330.0; at < 2400; at += gap {
		tr.packet(at, evil, addr(10, 0, 0, 10), 31000, port, models.ProtoTCP, models.FlagSYN, 0)
		tr.packet(at+.001, addr(10, 0, 0, 10), evil, port, 31000, models.ProtoTCP, models.FlagRST|models.FlagACK, 0)
		port += 3
		for ; at > next; next += 30 {
			gap *= .9
		}
	}
	alerts := map[string]models.Alert{}
	run(pipeline(t, alerts), tr.sorted(), 0)
	for _, a := range alerts {
		if a.SrcIP == evil.String() {
			return
		}
	}
	t.Errorf("%d alerts, but no alert about the scan", len(alerts))
}

// TestDriftIsLearned: from some time on the office also sends backups to a new server. After
// half an hour the backups raise no more alerts than other traffic.
func TestDriftIsLearned(t *testing.T) {
	tr := newTraffic(13)
	tr.office(0, 4500, 6)
	const begin = 900.0
	for h := range 6 {
		for at := begin + tr.rnd.ExpFloat64()*120; at < 4500; at += tr.rnd.ExpFloat64() * 120 {
			tr.request(at, addr(10, 0, 0, byte(10+h)), addr(10, 0, 0, 2), uint16(32768+tr.rnd.IntN(28000)), 8730, 100000+tr.rnd.IntN(200000), 2000)
		}
	}
	list := tr.sorted()
	scores := run(pipeline(t, map[string]models.Alert{}), list, 0)
	late, after := 0, 0
	for i, s := range scores {
		if at := float64(list[i].TS-1.7e18) / 1e9; at > begin+30*60 {
			after++
			if s >= .8 {
				late++
			}
		}
	}
	if share := float64(late) / float64(after); share > 3e-4 {
		t.Errorf("%d of %d packets still alert more than half an hour after the change", late, after)
	}
}

// TestExtremesAreNamed moves one feature of a typical point to the far end of its range and
// expects it to be the first reason.
func TestExtremesAreNamed(t *testing.T) {
	tr := newTraffic(14)
	tr.office(0, 900, 12)
	p := pipeline(t, map[string]models.Alert{})
	run(p, tr.sorted(), 0)
	rnd := rand.New(rand.NewPCG(1, 2))
	first, trials := 0, 0
	for g := range features.Groups {
		s := p.scorers[g]
		for range 100 {
			for i := range s.n { // an ordinary point
				s.point[i] = s.typical[i].at(0.1 + 0.8*rnd.Float64())
			}
			i := rnd.IntN(s.n)
			if s.typical[i].at(0.99) > 0.6 && s.typical[i].at(0.01) < 0.4 {
				continue // the ends of its range are ordinary
			}
			if s.point[i] = 1; s.typical[i].at(0.5) > 0.6 {
				s.point[i] = 0
			}
			trials++
			if r := s.reasons(); r[0].Feature == features.Of(g)[i].Name {
				first++
			}
		}
	}
	if share := float64(first) / float64(trials); share < .98 {
		t.Errorf("first in %d of %d trials, %.3f", first, trials, share)
	}
}

// TestCounterfactualHolds expects a counterfactual with a score below the threshold for alerts
// of a scan.
func TestCounterfactualHolds(t *testing.T) {
	told := 0
	p, err := NewPipeline(DefaultConfig(), 0, func(a *models.Alert) {
		c := a.Counterfactual
		if c == nil {
			return
		}
		told++
		if c.Score >= a.Threshold || len(c.Changes) == 0 {
			t.Errorf("%+v has a score above the threshold", c)
		}
		for _, x := range c.Changes {
			if x.Limit > x.Value {
				t.Errorf("%s is %v with limit %v, want a lower limit", x.Feature, x.Value, x.Limit)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	run(p, scanned(1), 0)
	if told == 0 {
		t.Error("no alert has a counterfactual")
	}
}

// TestBudget lets many sources scan one after another and expects no more alerts in a day than
// the budget.
func TestBudget(t *testing.T) {
	tr := newTraffic(15)
	tr.office(0, 900, 8)
	for i := range 12 {
		tr.scan(300+float64(i)*40, addr(10, 0, 0, byte(100+i)), addr(10, 0, 0, 10), 100, .02)
	}
	list := tr.sorted()
	count := func(perDay float64) int {
		cfg, alerts := DefaultConfig(), map[string]models.Alert{}
		cfg.AlertsPerDay = perDay
		p, err := NewPipeline(cfg, 0, func(a *models.Alert) { alerts[a.ID] = *a })
		if err != nil {
			t.Fatal(err)
		}
		run(p, list, 0)
		return len(alerts)
	}
	if all, some := count(0), count(6); all < 12 || some < 1 || some > 6 {
		t.Errorf("%d alerts without a budget and %d with one of 6 a day; want 12 or more, and 1 to 6", all, some)
	}
}
