package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/netlyra/netlyra/internal/backtest"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// errNotReproduced is the exit of a verification that failed; what differs has been
// printed.
var errNotReproduced = errors.New("the alert does not come out of its packets as it was kept")

// verify prints the alert and whether it comes out of the packets again.
func (c *explainCmd) verify(e *env) error {
	view := newProgressView(e.stderr)
	a, v, err := backtest.Verify(e.ctx, e.cfg, c.ID, settings.Options{Log: e.log, Progress: view})
	view.Close()
	if errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("neither %s nor topic %s has an alert %s", e.cfg.DBPath, e.cfg.KafkaTopicAlerts, c.ID)
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(struct {
			models.AlertDetail
			Verification *backtest.Verification `json:"verification"`
		}{a, v})
	} else if err = explain(e.stdout, &a); err == nil {
		err = printVerification(e.stdout, v)
	}
	if err == nil && !v.OK() {
		err = errNotReproduced
	}
	return err
}

// printVerification is the outcome for a person.
func printVerification(out io.Writer, v *backtest.Verification) error {
	w := &lines{w: out}
	w.printf("\nRead %d packets from %s.\n", v.Packets, v.Start)
	for _, p := range v.Start.Passed {
		w.printf("  passed over: %s\n", p)
	}
	for _, n := range v.Notes {
		w.printf("Note: %s.\n", n)
	}
	for i := range v.Versions {
		x := &v.Versions[i]
		if a := x.Kept(); x.Reproduced {
			w.printf("Reproduced as the %s has it, with %d packets: score %.4f, %d reasons, %s, %d fields in all.\n",
				x.Where, x.Count, a.Score, len(a.Reasons), counterfactualWord(a), x.Fields)
			continue
		}
		w.printf("NOT reproduced as the %s has it, with %d packets:\n", x.Where, x.Count)
		for _, d := range x.Differences {
			w.printf("  %s\n    kept        %s\n    reproduced  %s\n", d.Field, orNone(d.Kept), orNone(d.Reproduced))
		}
	}
	if !v.OK() {
		w.printf("The settings must be those that the engine had; 'netlyra config' prints the ones in use here.\n")
	}
	return w.err
}

func counterfactualWord(a *models.Alert) string {
	if a.Counterfactual == nil {
		return "no counterfactual"
	}
	return "counterfactual"
}

func orNone(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
