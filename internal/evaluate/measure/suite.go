package measure

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// Suite is the result of many generated captures: each kind of attack in benign
// traffic, several times, and benign traffic alone.
type Suite struct {
	Seeds       int      `json:"seeds"`
	Kinds       []Kind   `json:"kinds"`
	Benign      Kind     `json:"benign"` // captures without an attack
	Regressions []string `json:"regressions"`
}

// Kind summarizes the captures with one kind of attack.
type Kind struct {
	Name               string  `json:"name"`
	Captures           int     `json:"captures"`
	Detected           int     `json:"detected"`
	AfterPackets       Spread  `json:"detected_after_packets"` // of detected ones
	AfterSeconds       Spread  `json:"detected_after_seconds"`
	ROCAUC             Spread  `json:"roc_auc"`
	AveragePrecision   Spread  `json:"average_precision"`
	Hours              float64 `json:"hours"`
	FalseAlerts        int     `json:"false_alerts"`
	FalseAlertsPerHour Figure  `json:"false_alerts_per_hour"`
	BenignAbove        Figure  `json:"benign_above"` // share of all benign packets at Calibrated or more

	results []*Result
}

// KindOf summarizes results.
func KindOf(name string, results []*Result) Kind {
	k := Kind{Name: name, Captures: len(results), results: results}
	above, benign := 0.0, 0
	for _, r := range results {
		if r.Detected {
			k.Detected++
		}
		k.Hours += r.Hours
		k.FalseAlerts += r.FalseAlerts
		if r.BenignAbove.Known() {
			above += float64(r.BenignAbove) * float64(r.Benign)
			benign += r.Benign
		}
	}
	k.FalseAlertsPerHour = Figure(float64(k.FalseAlerts) / k.Hours)
	k.BenignAbove = Figure(above / float64(benign))
	k.AfterPackets = k.spread(func(r *Result) Figure { return r.AfterPackets })
	k.AfterSeconds = k.spread(func(r *Result) Figure { return r.AfterSeconds })
	k.ROCAUC = k.spread(func(r *Result) Figure { return r.ROCAUC })
	k.AveragePrecision = k.spread(func(r *Result) Figure { return r.AveragePrecision })
	return k
}

func (k *Kind) spread(of func(*Result) Figure) Spread {
	list := make([]Figure, len(k.results))
	for i, r := range k.results {
		list[i] = of(r)
	}
	return SpreadOf(list)
}

// All summarizes all captures of the suite.
func (s *Suite) All() Kind {
	all := append([]*Result(nil), s.Benign.results...)
	for _, k := range s.Kinds {
		all = append(all, k.results...)
	}
	return KindOf("all", all)
}

// String returns the suite as a table.
func (s *Suite) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ATTACK\tDETECTED\tPACKETS\tSECONDS\tROC-AUC\tAVG PRECISION\tFALSE/HOUR\tBENIGN ≥ 0.8")
	for _, k := range append(append([]Kind(nil), s.Kinds...), s.Benign, s.All()) {
		detected := "-"
		if k.ROCAUC.Mean.Known() && k.Name != "all" {
			detected = fmt.Sprintf("%d of %d", k.Detected, k.Captures)
		}
		row := []string{k.Name, detected, k.AfterPackets.Mean.Text(0), k.AfterSeconds.Mean.Text(2), k.ROCAUC.String(),
			k.AveragePrecision.String(), k.FalseAlertsPerHour.Text(2), scientific(k.BenignAbove)}
		if k.Name == "all" {
			row[2], row[3], row[4], row[5] = "", "", "", ""
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // writes to memory
	for _, r := range s.Regressions {
		fmt.Fprintln(&b, "below its floor:", r)
	}
	return b.String()
}

// atLeast and atMost are false for unknown figures.
func atLeast(v Figure, floor float64) bool { return v.Known() && float64(v) >= floor }
func atMost(v Figure, ceiling float64) bool {
	return v.Known() && float64(v) <= ceiling && !math.IsInf(float64(v), 0)
}
