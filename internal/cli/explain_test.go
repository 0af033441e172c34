package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestExplainPrintsTexts: texts of the alert are printed as they are, and rendered from the
// other fields for alerts of older versions, which have none.
func TestExplainPrintsTexts(t *testing.T) {
	a := models.AlertDetail{}
	a.Reasons = []models.Reason{{Feature: "unanswered", Value: 479, Typical: [2]float64{0, 5}, Share: 0.75}}
	a.Counterfactual = &models.Counterfactual{Score: 0.71, Changes: []models.Change{{Feature: "unanswered", Value: 479, Limit: 12}}}
	print := func() string {
		t.Helper()
		var out bytes.Buffer
		if err := explain(&out, &a); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	requireAll(t, print(), "75 %", "unanswered is 479 (typical: 0 to 5)", "(score 0.71) with unanswered of at most 12 instead of 479.")
	a.Reasons[0].Text = "479 connection attempts got no answer (typical: at most 5)"
	a.Counterfactual.Text = "The packet would score 0.71 with 12 attempts"
	text := print()
	requireAll(t, text, "75 %", a.Reasons[0].Text+"\n", a.Counterfactual.Text+".\n")
	if strings.Contains(text, "unanswered") {
		t.Errorf("printed the name of a feature beside its text:\n%s", text)
	}
	a.Counterfactual = nil
	requireAll(t, print(), "No change of these features alone")
}

// TestExplainPrintsEvidence: what raised the alert, how often it came back, and what to do.
func TestExplainPrintsEvidence(t *testing.T) {
	a := models.AlertDetail{}
	a.Kind = vocabulary.KindPortScan
	a.Evidence = &models.Evidence{Feature: "ports", Value: 12, Limit: 9, Series: []models.EvidencePoint{{Value: 9}, {TS: 1, Value: 12}}}
	a.Recurrence = &models.Recurrence{Count: 4, Every: 1200, Regular: true}
	var out bytes.Buffer
	if err := explain(&out, &a); err != nil {
		t.Fatal(err)
	}
	requireAll(t, out.String(), "12 ports, alert from 9; it was 9 at first\n", "4th time since 1970-01-01 00:00 UTC, about every 20 minutes\n",
		"\nNext steps: "+vocabulary.NextSteps(vocabulary.KindPortScan)+"\n")
	if strings.Contains(out.String(), "No change of these features") {
		t.Errorf("the limit of the evidence is contradicted:\n%s", out.String())
	}
}

// TestTailShowsEvidence: the line of an alert has its evidence and recurrence if there is any.
func TestTailShowsEvidence(t *testing.T) {
	line := func(value string) string {
		var f map[string]any
		if err := json.Unmarshal([]byte(value), &f); err != nil {
			t.Fatal(err)
		}
		return textLine("alerts", nil, f, []byte(value))
	}
	const start = `{"ts":"2026-01-29T12:00:00Z","severity":"high","score":0.97,"kind":"port_scan","count":412,"summary":"It scans."`
	if got, want := line(start+"}"), "2026-01-29T12:00:00Z high     0.97 port_scan        ×412 It scans."; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got := line(start + `,"evidence":{"feature":"ports","value":12,"limit":9,"level":6,"series":[]},"recurrence":{"count":2,"first":"2026-01-29T11:00:00Z","every_seconds":3600,"regular":false,"baseline":false}}`)
	if !strings.HasSuffix(got, "It scans. (Ports tried: 12 ports, alert from 9; 2nd time since 2026-01-29 11:00 UTC, on average every 60 minutes)") {
		t.Errorf("got %q", got)
	}
}

func requireAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}
