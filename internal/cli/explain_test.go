package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
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

func requireAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}
