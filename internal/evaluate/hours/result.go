package hours

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/models"
)

// Result is the outcome of an experiment.
type Result struct {
	Config  Config   `json:"config"`
	Pool    int      `json:"pool"`             // benign captures to draw from
	Unread  []string `json:"unread,omitempty"` // captures without Ethernet frames, with the reason
	Benign  Benign   `json:"benign"`
	Hours   []Hour   `json:"hours"`
	Kinds   []Kind   `json:"kinds"`
	Groups  []Kind   `json:"groups"` // of kinds, see groupOf
	All     Kind     `json:"all"`
	Attacks []Attack `json:"attacks"`
}

// Benign sums the hours up. Rates are alerts an hour; intervals have a confidence of 95 % if
// alerts are independent of each other.
type Benign struct {
	Alerts       int               `json:"alerts"`
	PerHour      measure.Figure    `json:"alerts_per_hour"`
	Interval     [2]measure.Figure `json:"alerts_per_hour_95"`
	Worst        int               `json:"worst_hour"`
	Early        measure.Figure    `json:"first_ten_minutes_per_hour"` // alerts of the first ten minutes, at their rate an hour
	Packets      int               `json:"packets"`                    // scored
	Above        measure.Figure    `json:"above"`                      // share of scored packets at 0.8 or more
	KindOfAlerts map[string]int    `json:"kinds"`
}

// Hour is the ordinary traffic of one seed, without attacks.
type Hour struct {
	Seed     uint64       `json:"seed"`
	Captures int          `json:"captures"`
	Frames   int          `json:"frames"`
	Packets  int          `json:"packets"` // scored
	Above    int          `json:"above"`   // scored packets at measure.Calibrated or more
	Early    int          `json:"first_ten_minutes"`
	Alerts   []FalseAlert `json:"alerts"`
}

// FalseAlert is an alert about ordinary traffic.
type FalseAlert struct {
	Seconds  float64         `json:"seconds"` // since the start of the hour
	Kind     string          `json:"kind"`
	Severity models.Severity `json:"severity"`
	Score    float64         `json:"score"`
	Count    uint64          `json:"count"`
	Src      string          `json:"src_ip"`
	Dst      string          `json:"dst_ip"`
	Port     uint16          `json:"dst_port"`
	Proto    string          `json:"proto"`
	Summary  string          `json:"summary"`
}

// add counts a packet.
func (h *Hour) add(score float64, scored bool) {
	if !scored {
		return
	}
	h.Packets++
	if score >= measure.Calibrated {
		h.Above++
	}
}

// alerts notes the alerts of the hour, all of them false.
func (h *Hour) alerts(list []*models.Alert) {
	h.Alerts = make([]FalseAlert, 0, len(list))
	for _, a := range list {
		since := time.Duration(a.TS - hourBegins)
		if since < early {
			h.Early++
		}
		h.Alerts = append(h.Alerts, FalseAlert{
			Seconds: since.Seconds(), Kind: a.Kind, Severity: a.Severity, Score: a.Score, Count: a.Count,
			Src: a.SrcIP, Dst: a.DstIP, Port: a.DstPort, Proto: a.Proto, Summary: a.Summary,
		})
	}
}

// AttackRun is an attack in one hour.
type AttackRun struct {
	Seed    uint64         `json:"seed"`
	Found   bool           `json:"found"`   // an alert overlaps it in time and names one of its addresses
	Named   bool           `json:"named"`   // one of these alerts has a kind that fits
	Alerts  int            `json:"alerts"`  // these alerts
	Kinds   []string       `json:"kinds"`   // of these alerts
	Seconds measure.Figure `json:"seconds"` // from the attack's first frame to the start of the first of these alerts
	Packets measure.Figure `json:"packets"` // frames of the attack until then
	ROCAUC  measure.Figure `json:"roc_auc"` // of its frames against the packets of the hour up to its end
	Top     measure.Figure `json:"top"`     // highest score of its frames
}

// Attack is the capture of an attack in all hours.
type Attack struct {
	Name      string         `json:"name"`
	Kind      string         `json:"kind"`
	Attackers []string       `json:"attackers"` // of the index
	Frames    int            `json:"frames"`
	Packets   int            `json:"packets"` // decoded
	Lasts     measure.Figure `json:"lasts"`   // seconds
	Runs      []AttackRun    `json:"runs"`
	Sum       Kind           `json:"sum"`
}

func (a *Attack) describe(from *attack) {
	a.Name, a.Kind, a.Attackers = from.name, from.known.kind, from.known.attackers
	a.Frames, a.Packets = len(from.times), len(from.packets)
	a.Lasts = measure.Figure(time.Duration(from.end() - from.begin()).Seconds())
}

// Kind sums runs of attacks up. Medians are those of the runs in which the attack was found.
type Kind struct {
	Kind     string            `json:"kind"`
	Captures int               `json:"captures"`
	Always   int               `json:"found_in_every_hour"` // captures
	Runs     int               `json:"runs"`
	Found    int               `json:"found"`
	Interval [2]measure.Figure `json:"found_share_95"` // Wilson, as if runs were independent of each other
	Named    int               `json:"named"`
	Seconds  measure.Figure    `json:"seconds"` // median
	Packets  measure.Figure    `json:"packets"` // median
	Alerts   measure.Figure    `json:"alerts"`  // median
	Most     int               `json:"most_alerts"`
	ROCAUC   measure.Figure    `json:"roc_auc"` // mean
	Top      measure.Figure    `json:"top"`     // mean of the highest scores
}

// sumOf sums the runs of attacks up.
func sumOf(kind string, attacks []Attack) Kind {
	k := Kind{Kind: kind, Captures: len(attacks)}
	var seconds, packets, alerts []measure.Figure
	roc, top := 0.0, 0.0
	for _, a := range attacks {
		found := 0
		for _, r := range a.Runs {
			roc, top = roc+float64(r.ROCAUC), top+float64(r.Top)
			if !r.Found {
				continue
			}
			found++
			if r.Named {
				k.Named++
			}
			k.Most = max(k.Most, r.Alerts)
			seconds, packets, alerts = append(seconds, r.Seconds), append(packets, r.Packets), append(alerts, measure.Figure(r.Alerts))
		}
		if found == len(a.Runs) {
			k.Always++
		}
		k.Runs, k.Found = k.Runs+len(a.Runs), k.Found+found
	}
	k.Interval = wilson(k.Found, k.Runs)
	k.Seconds, k.Packets, k.Alerts = median(seconds), median(packets), median(alerts)
	k.ROCAUC, k.Top = measure.Figure(roc/float64(k.Runs)), measure.Figure(top/float64(k.Runs))
	return k
}

// median returns the upper median, NaN of nothing.
func median(of []measure.Figure) measure.Figure {
	if len(of) == 0 {
		return measure.Figure(math.NaN())
	}
	slices.Sort(of)
	return of[len(of)/2]
}

// sum computes the sums.
func (r *Result) sum() {
	slices.SortStableFunc(r.Attacks, func(a, b Attack) int { return strings.Compare(a.Kind, b.Kind) })
	for i := range r.Attacks {
		r.Attacks[i].Sum = sumOf(r.Attacks[i].Kind, r.Attacks[i:i+1])
	}
	for i := 0; i < len(r.Attacks); {
		j := i
		for j < len(r.Attacks) && r.Attacks[j].Kind == r.Attacks[i].Kind {
			j++
		}
		r.Kinds = append(r.Kinds, sumOf(r.Attacks[i].Kind, r.Attacks[i:j]))
		i = j
	}
	for _, g := range groups {
		of := slices.DeleteFunc(slices.Clone(r.Attacks), func(a Attack) bool { return groupOf(a.Kind) != g })
		if len(of) > 0 {
			r.Groups = append(r.Groups, sumOf(g, of))
		}
	}
	r.All = sumOf("all", r.Attacks)
	b, above, first := &r.Benign, 0, 0
	b.KindOfAlerts = map[string]int{}
	for _, h := range r.Hours {
		b.Alerts, b.Packets, b.Worst = b.Alerts+len(h.Alerts), b.Packets+h.Packets, max(b.Worst, len(h.Alerts))
		above, first = above+h.Above, first+h.Early
		for _, a := range h.Alerts {
			b.KindOfAlerts[a.Kind]++
		}
	}
	n := float64(len(r.Hours))
	b.PerHour, b.Interval = measure.Figure(float64(b.Alerts)/n), poisson(b.Alerts, n)
	b.Early = measure.Figure(float64(first) / n * float64(span) / float64(early))
	b.Above = measure.Figure(float64(above) / float64(b.Packets))
}
