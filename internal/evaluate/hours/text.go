package hours

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// String returns the result as tables. With Config.Verbose it contains each attack and each
// false alert.
func (r *Result) String() string {
	var b strings.Builder
	if r.Config.Verbose {
		r.hourText(&b)
		r.attackText(&b)
	}
	r.kindText(&b)
	r.benignText(&b)
	for _, u := range r.Unread {
		fmt.Fprintf(&b, "not read: %s\n", u)
	}
	return b.String()
}

// hourText writes each hour with its alerts.
func (r *Result) hourText(b io.Writer) {
	for _, h := range r.Hours {
		fmt.Fprintf(b, "hour of seed %d: %d captures, %d frames, %d alerts (%d in the first ten minutes), share ≥ 0.8 %.1e\n",
			h.Seed, h.Captures, h.Frames, len(h.Alerts), h.Early, float64(h.Above)/float64(max(h.Packets, 1)))
		w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		for _, a := range h.Alerts {
			at := time.Duration(a.Seconds * float64(time.Second)).Truncate(time.Second)
			fmt.Fprintf(w, "  %02d:%02d\t%s\t%s\t%.2f\t×%d\t%s → %s\t%d/%s\t%s\n", int(at.Minutes()), int(at.Seconds())%60,
				a.Kind, a.Severity, a.Score, a.Count, a.Src, a.Dst, a.Port, a.Proto, a.Summary)
		}
		_ = w.Flush()
		fmt.Fprintln(b)
	}
}

// attackText writes a line for each attack.
func (r *Result) attackText(b io.Writer) {
	if len(r.Attacks) == 0 {
		return
	}
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ATTACK\tKIND\tFOUND\tNAMED\tSECONDS\tPACKETS\tOF\tLASTS\tALERTS\tROC-AUC\tTOP\tALERT KINDS")
	for _, a := range r.Attacks {
		k := &a.Sum
		of := fmt.Sprint(a.Frames)
		if a.Packets == 0 {
			of += " (none decoded)"
		}
		fmt.Fprintf(w, "%.48s\t%s\t%d/%d\t%d\t%s\t%s\t%s\t%s s\t%s\t%s\t%s\t%s\n", a.Name, a.Kind, k.Found, k.Runs, k.Named,
			k.Seconds.Text(1), k.Packets.Text(0), of, a.Lasts.Text(0), alertText(k), k.ROCAUC.Text(3), k.Top.Text(2), a.kinds())
	}
	_ = w.Flush()
	fmt.Fprintln(b)
}

// kinds returns the kinds of the alerts with the number of runs that have each.
func (a *Attack) kinds() string {
	n := map[string]int{}
	for _, r := range a.Runs {
		for _, k := range r.Kinds {
			n[k]++
		}
	}
	return counts(n)
}

// counts lists the keys with their values.
func counts(n map[string]int) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(n)) {
		list = append(list, fmt.Sprintf("%s ×%d", k, n[k]))
	}
	return strings.Join(list, ", ")
}

// alertText returns the median of alerts, and the most if it is higher.
func alertText(k *Kind) string {
	if k.Found > 0 && float64(k.Most) > float64(k.Alerts) {
		return fmt.Sprintf("%s (≤ %d)", k.Alerts.Text(0), k.Most)
	}
	return k.Alerts.Text(0)
}

// kindText writes the table by kind.
func (r *Result) kindText(b io.Writer) {
	if len(r.Attacks) == 0 {
		return
	}
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tCAPTURES\tALWAYS FOUND\tFOUND\t95 %\tNAMED\tSECONDS\tPACKETS\tALERTS\tROC-AUC")
	for _, k := range slices.Concat(r.Kinds, r.Groups, []Kind{r.All}) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d of %d\t%.0f–%.0f %%\t%d\t%s\t%s\t%s\t%s\n", k.Kind, k.Captures, k.Always, k.Found, k.Runs,
			100*k.Interval[0], 100*k.Interval[1], k.Named, k.Seconds.Text(1), k.Packets.Text(0), alertText(&k), k.ROCAUC.Text(3))
	}
	_ = w.Flush()
	fmt.Fprintln(b)
}

// benignText writes the figures of the hours without attacks.
func (r *Result) benignText(b io.Writer) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	s := &r.Benign
	frames, lowest, highest := 0, 1.0, 0.0
	var each []string
	for _, h := range r.Hours {
		share := float64(h.Above) / float64(max(h.Packets, 1))
		frames, lowest, highest = frames+h.Frames, min(lowest, share), max(highest, share)
		each = append(each, fmt.Sprint(len(h.Alerts)))
	}
	n := len(r.Hours)
	fmt.Fprintf(w, "benign hours\t%d of %d captures (%d each, %d hosts, up to %d uses), %.0f frames/s\n", n, r.Pool,
		min(r.Config.Take, r.Pool), r.Config.Hosts, r.Config.Uses, float64(frames)/float64(n)/span.Seconds())
	fmt.Fprintf(w, "false alerts an hour\t%s (95 %%: %s–%s); by seed %s\n", s.PerHour.Text(1), s.Interval[0].Text(1), s.Interval[1].Text(1), strings.Join(each, " "))
	fmt.Fprintf(w, "at the rate of the first ten minutes\t%s an hour\n", s.Early.Text(1))
	fmt.Fprintf(w, "false alerts by kind\t%s\n", counts(s.KindOfAlerts))
	fmt.Fprintf(w, "share of packets ≥ 0.8\t%.1e (by seed %.1e to %.1e)\n", float64(s.Above), lowest, highest)
	_ = w.Flush()
}
