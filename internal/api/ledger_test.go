package api_test

import (
	"net/http"
	"testing"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

type fixedLedger struct{ all models.Ledger }

func (f fixedLedger) Ledger() models.Ledger { return f.all }

func seedLedger() fixedLedger {
	return fixedLedger{models.Ledger{
		TS: at(0), Since: at(-1e9), AddsUp: true,
		Checks: []models.LedgerCheck{
			{
				Name: "decode", Says: "frames captured = packets decoded + dropped by reason", Holds: true,
				In:  []models.LedgerTerm{{Name: vocabulary.TermIn, Stage: vocabulary.StageDecode, N: 120350}},
				Out: []models.LedgerTerm{{Name: vocabulary.TermOut, Stage: vocabulary.StageDecode, N: 120345}, {Name: vocabulary.TermDropped, Stage: vocabulary.StageDecode, N: 5, By: map[string]uint64{"truncated": 5}}},
			},
			{
				Name: "log", Says: "packets published = accepted by the model + held + missing + in flight", Holds: true, InFlight: 345,
				In:  []models.LedgerTerm{{Name: vocabulary.TermAcknowledged, Stage: vocabulary.StagePublish, N: 120301}, {Name: vocabulary.TermPending, Stage: vocabulary.StagePublish, N: 44}},
				Out: []models.LedgerTerm{{Name: vocabulary.TermAccepted, N: 120000}},
			},
		},
		Lanes:     []models.LedgerLane{{Instance: "sensor-1-4711", Packets: 120000, Cold: 256, Scored: 119744, Alerted: 412, Passed: 119332, Alerts: 3, Lag: 345, Holds: true}},
		Recorded:  []models.Progress{{Topic: models.TopicAlerts, Done: 3, End: 3}},
		Processes: []models.LedgerProcess{{Instance: "sensor-1-4711", Role: "up", Started: at(-1e9), TS: at(0), State: vocabulary.ProcessRunning}},
		Notes:     []string{}, Conditions: []vocabulary.Condition{},
	}}
}

// A ledger that does not balance is an answer like any other, not an error.
func TestLedgerThatDoesNotBalance(t *testing.T) {
	bad := seedLedger()
	bad.all.AddsUp = false
	bad.all.Checks[1].Holds, bad.all.Checks[1].InFlight, bad.all.Checks[1].Difference, bad.all.Checks[1].Finding = false, 0, 345, &vocabulary.Condition{
		Stage: vocabulary.CheckLog, Code: vocabulary.FindingLost, Severity: vocabulary.SeverityDegraded, Params: map[string]any{"count": 345}, Text: "345 are lost",
	}
	f := newFixture(t, func(_ *api.Config, d *api.Deps) { d.Ledger = bad })
	r := f.ask("GET", "/api/v1/ledger", "", false)
	if v := r.json(t); r.StatusCode != http.StatusOK || v["adds_up"] != false {
		t.Errorf("%d %v", r.StatusCode, v["adds_up"])
	}
	if r := f.ask("GET", "/api/v1/ledger?limit=1", "", true); r.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown parameter: %d", r.StatusCode)
	}
}
