package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/backtest"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/settings"
)

// noAddress is shown for a host of a protocol without addresses.
const noAddress = "no address"

// explainCmd prints why an alert was raised.
type explainCmd struct {
	ID             string `arg:"" help:"ID of the alert, from the dashboard, the API or tail."`
	Verify         bool   `help:"Replay the packets from the newest checkpoint before the alert and check that they raise the same alert."`
	Format         string `help:"Output format." enum:"text,json" default:"text"`
	config.Storage `embed:"" group:"Storage"`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Detect  `embed:"" group:"Detection"`
	config.Process `embed:"" group:"Process"`
}

// Run prints the alert.
func (c *explainCmd) Run(e *env) error {
	if c.Verify {
		return c.verify(e)
	}
	a, err := backtest.StoredAlert(e.ctx, e.cfg, c.ID, e.log)
	if errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("%s has no alert %s; 'netlyra tail alerts --from beginning' and the dashboard list the alerts", e.cfg.DBPath, c.ID)
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(a)
	}
	return explain(e.stdout, &a)
}

// explain prints the alert for people.
func explain(out io.Writer, a *models.AlertDetail) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\n\n", a.Summary)
	fmt.Fprintf(w, "kind\t%s\t%s\n", a.Kind, a.Technique)
	fmt.Fprintf(w, "severity\t%s\tscore %.2f, threshold %.2f\n", a.Severity, a.Score, a.Threshold)
	fmt.Fprintf(w, "episode\t%s to %s\t%d packets\n", a.TS, a.LastTS, a.Count)
	fmt.Fprintf(w, "packet\t%s:%d to %s:%d\t%s\n", cmp.Or(a.SrcIP, noAddress), a.SrcPort, cmp.Or(a.DstIP, noAddress), a.DstPort, a.Proto)
	if text := report.Evidence(a.Evidence); text != "" {
		fmt.Fprintf(w, "evidence\t%s\n", text)
	}
	if text := report.Recurrence(a.Recurrence); text != "" {
		fmt.Fprintf(w, "recurrence\t%s\n", text)
	}
	fmt.Fprintf(w, "model\tversion %s\tlane %d, after %d packets\n", a.Model.Version, a.Model.Partition, a.Model.Offset)
	fmt.Fprintf(w, "\nSHARE\tREASON\n")
	for i := range a.Reasons {
		fmt.Fprintf(w, "%.0f %%\t%s\n", 100*a.Reasons[i].Share, reasonText(&a.Reasons[i]))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := explainCounterfactual(out, a); err != nil {
		return err
	}
	return explainNextSteps(out, a.Kind)
}

// explainNextSteps prints what to do about an alert of this kind.
func explainNextSteps(out io.Writer, kind string) error {
	text := vocabulary.NextSteps(kind)
	if text == "" {
		return nil
	}
	_, err := fmt.Fprintf(out, "\nNext steps: %s\n", text)
	return err
}

// reasonText returns the text of a reason. Alerts of older versions have none.
func reasonText(r *models.Reason) string {
	if r.Text != "" {
		return r.Text
	}
	return fmt.Sprintf("%s is %.4g (typical: %.4g to %.4g)", r.Feature, r.Value, r.Typical[0], r.Typical[1])
}

// explainCounterfactual prints what would have prevented the alert. The evidence has its
// limit, so an alert with evidence needs no such sentence.
func explainCounterfactual(out io.Writer, a *models.AlertDetail) error {
	c := a.Counterfactual
	if c == nil && a.Evidence != nil {
		return nil
	}
	if c == nil {
		_, err := fmt.Fprintln(out, "\nNo change of these features alone would have prevented the alert.")
		return err
	}
	if c.Text != "" {
		_, err := fmt.Fprintf(out, "\n%s.\n", c.Text)
		return err
	}
	fmt.Fprintf(out, "\nNo alert would have been raised (score %.2f) with", c.Score)
	for i, ch := range c.Changes {
		bound, and := "at most", ""
		if ch.Limit > ch.Value {
			bound = "at least"
		}
		if i > 0 {
			and = " and"
		}
		fmt.Fprintf(out, "%s %s of %s %.4g instead of %.4g", and, ch.Feature, bound, ch.Limit, ch.Value)
	}
	_, err := fmt.Fprintln(out, ".")
	return err
}

// errNotReproduced is the error of a failed verification; the differences were printed.
var errNotReproduced = errors.New("the alert is not reproduced from its packets")

// verify prints the alert and whether its packets reproduce it.
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

// printVerification prints the result for people.
func printVerification(out io.Writer, v *backtest.Verification) error {
	w := &lines{w: out}
	w.printf("\nReplayed %d packets, starting at %s.\n", v.Packets, v.Start)
	for _, p := range v.Start.Passed {
		w.printf("  skipped: %s\n", p)
	}
	for _, n := range v.Notes {
		w.printf("Note: %s.\n", n)
	}
	for i := range v.Versions {
		x := &v.Versions[i]
		if a := x.Kept(); x.Reproduced {
			w.printf("Reproduced the version in the %s with %d packets: score %.4f, %d reasons, %s, %d fields.\n",
				x.Where, x.Count, a.Score, len(a.Reasons), counterfactualWord(a), x.Fields)
			continue
		}
		w.printf("NOT reproduced: the version in the %s with %d packets:\n", x.Where, x.Count)
		for _, d := range x.Differences {
			w.printf("  %s\n    stored      %s\n    reproduced  %s\n", d.Field, orNone(d.Kept), orNone(d.Reproduced))
		}
	}
	if !v.OK() {
		w.printf("The settings must be those of the engine at the time; 'netlyra config' prints the current ones.\n")
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
		return "(absent)"
	}
	return text
}
