package api_test

import (
	"net/http"
	"testing"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/models"
)

type fixedLedger struct{ all models.Ledger }

func (f fixedLedger) Ledger() models.Ledger { return f.all }

func seedLedger() fixedLedger {
	return fixedLedger{models.Ledger{
		TS: at(0), Since: at(-1e9), AddsUp: true,
		Checks: []models.LedgerCheck{
			{
				Name: "decode", Says: "captured = decoded + skipped by reason", Holds: true,
				In:  []models.LedgerTerm{{Name: "came in", N: 120350}},
				Out: []models.LedgerTerm{{Name: "passed on", N: 120345}, {Name: "dropped", N: 5, By: map[string]uint64{"truncated": 5}}},
			},
			{
				Name: "log", Says: "packets published = taken in by the model + held + missing + in flight", Holds: true, InFlight: 345,
				In:  []models.LedgerTerm{{Name: "acknowledged by the broker", N: 120301}, {Name: "not yet acknowledged", N: 44}},
				Out: []models.LedgerTerm{{Name: "taken in", N: 120000}},
			},
		},
		Lanes:     []models.LedgerLane{{Instance: "sensor-1-4711", Packets: 120000, Cold: 256, Scored: 119744, Alerted: 412, Passed: 119332, Alerts: 3, Lag: 345, Holds: true}},
		Recorded:  []models.Progress{{Topic: models.TopicAlerts, Done: 3, End: 3}},
		Processes: []models.LedgerProcess{{Instance: "sensor-1-4711", Role: "up", Started: at(-1e9), TS: at(0), State: models.ProcessRuns}},
		Notes:     []string{},
	}}
}

// A ledger that does not add up is an answer like any other, not a failure to answer.
func TestLedgerThatDoesNotAddUp(t *testing.T) {
	bad := seedLedger()
	bad.all.AddsUp = false
	bad.all.Checks[1].Holds, bad.all.Checks[1].InFlight, bad.all.Checks[1].Difference, bad.all.Checks[1].Why = false, 0, 345, "345 went in and are nowhere"
	f := newFixture(t, func(_ *api.Config, d *api.Deps) { d.Ledger = bad })
	r := f.ask("GET", "/api/v1/ledger", "", false)
	if v := r.json(t); r.StatusCode != http.StatusOK || v["adds_up"] != false {
		t.Errorf("%d %v", r.StatusCode, v["adds_up"])
	}
	if r := f.ask("GET", "/api/v1/ledger?limit=1", "", true); r.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown parameter: %d", r.StatusCode)
	}
}
