package backtest

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// described returns an alert with all texts and the lane of its model.
func described() *models.Alert {
	a := alertOf("a", "1", "2", "flood", 10, 20)
	a.Summary = "1 sends more than 2 answers"
	a.Reasons = []models.Reason{{Feature: "packet_rate", Value: 900, Typical: [2]float64{1, 20}, Share: 1, Text: "900 packets per second"}}
	a.Counterfactual = &models.Counterfactual{Score: 0.5, Changes: []models.Change{{Feature: "packet_rate", Value: 900, Limit: 40}}, Text: "at most 40 packets per second"}
	a.Model = models.ModelRef{Version: "1", Lane: 2, Partition: 2, Offset: 7}
	return a
}

// TestVerificationIgnoresTexts: an alert of an older version has other texts, or none, and no
// lane. That is not a difference; other values are.
func TestVerificationIgnoresTexts(t *testing.T) {
	old := described()
	old.Summary, old.Reasons[0].Text, old.Counterfactual.Text, old.Model.Lane = "much traffic", "", "", 0
	x := VerifiedVersion{kept: old}
	if x.compare(described()); !x.Reproduced || x.Fields == 0 {
		t.Errorf("differences in texts only: %+v", x.Differences)
	}
	for field, change := range map[string]func(a *models.Alert){
		"reasons":        func(a *models.Alert) { a.Reasons[0].Value++ },
		"counterfactual": func(a *models.Alert) { a.Counterfactual.Score = 0.4 },
		"model":          func(a *models.Alert) { a.Model.Offset++ },
		"score":          func(a *models.Alert) { a.Score = 0.8 },
	} {
		kept := described()
		change(kept)
		x := VerifiedVersion{kept: kept}
		if x.compare(described()); x.Reproduced || len(x.Differences) != 1 || x.Differences[0].Field != field {
			t.Errorf("%s: differences %+v", field, x.Differences)
		}
	}
}
