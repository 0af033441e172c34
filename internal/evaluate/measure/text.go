package measure

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String returns the result as a table.
func (r *Result) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	row("packets", "%d in %.2f h, %d of them of attacks", r.Packets, r.Hours, r.Attacks)
	row("ROC-AUC", "%s", r.ROCAUC.Text(4))
	row("average precision", "%s", r.AveragePrecision.Text(4))
	row("detected", "%s", r.Detection)
	row("false alerts", "%d, %s an hour", r.FalseAlerts, r.FalseAlertsPerHour.Text(2))
	row("benign packets at 0.8 or above", "%s", scientific(r.BenignAbove))
	_ = w.Flush()
	if len(r.ByAttack) > 0 {
		fmt.Fprintln(w, "\nATTACK\tPACKETS\tLASTED\tABOVE\tROC-AUC\tDETECTED")
		for _, a := range r.ByAttack {
			fmt.Fprintf(w, "%s\t%d\t%s s\t%d\t%s\t%s\n", a.Name, a.Count, a.Lasted.Text(1), a.Above, a.ROCAUC.Text(4), a.Detection)
		}
		_ = w.Flush()
	}
	if len(r.Alerts) > 0 {
		fmt.Fprintln(w, "\nALERT\tSCORE\tCOUNT\tKIND\tSUMMARY")
		for _, a := range r.Alerts {
			verdict := "false"
			if a.Hit {
				verdict = "hit"
			}
			fmt.Fprintf(w, "%s\t%.3f\t%d\t%s\t%s\n", verdict, a.Score, a.Count, a.Kind, a.Summary)
		}
		_ = w.Flush()
	}
	return b.String()
}

// String returns "no", or when it was detected.
func (d Detection) String() string {
	switch {
	case !d.Detected:
		return "no"
	case !d.AfterPackets.Known():
		return "yes, by an alert that started before"
	}
	return fmt.Sprintf("after %s packets, %s s", d.AfterPackets.Text(0), d.AfterSeconds.Text(3))
}

func scientific(f Figure) string {
	if !f.Known() {
		return "-"
	}
	return fmt.Sprintf("%.1e", float64(f))
}
