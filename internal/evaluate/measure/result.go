package measure

import (
	"math"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Result is the evaluation of a capture.
type Result struct {
	Packets int     `json:"packets"`
	Hours   float64 `json:"hours"` // from the first packet to the last
	Ranking
	Threshold float64 `json:"threshold"`
	Detection         // of all attacks combined

	FalseAlerts        int    `json:"false_alerts"`
	FalseAlertsPerHour Figure `json:"false_alerts_per_hour"`
	// BenignAbove is the share of benign packets that score Calibrated or more.
	BenignAbove Figure `json:"benign_above"`

	ByAttack []Attack `json:"by_attack"`
	Alerts   []Alert  `json:"alerts"`
}

// Detection is whether and how soon an attack was detected: by an alert that hits
// it, at the first packet after the attack's start that is above the threshold and
// belongs to the attack or starts such an alert.
type Detection struct {
	Detected     bool   `json:"detected"`
	AfterPackets Figure `json:"detected_after_packets"` // of the attack; the first counts as 1
	AfterSeconds Figure `json:"detected_after_seconds"` // event time
}

// Attack is the result for one attack.
type Attack struct {
	Name   string `json:"name"`
	Count  int    `json:"packets"`
	Above  int    `json:"packets_above"` // at or above the threshold
	ROCAUC Figure `json:"roc_auc"`       // of its packets against the benign ones
	Lasted Figure `json:"seconds"`       // from its first packet to its last
	Detection
}

// Alert is an alert with the attacks that it hits.
type Alert struct {
	Hit     bool     `json:"hit"`
	Attacks []string `json:"attacks"` // attacks that it hits; empty for a false alert
	models.Alert
}

// Result evaluates everything that was added.
func (c *Capture) Result() *Result {
	r := &Result{Packets: len(c.packets), Threshold: c.threshold, Hours: time.Duration(c.last - c.first).Hours(), Alerts: []Alert{}, ByAttack: []Attack{}}
	r.Ranking = Rank(c.samples(func(int16) bool { return true }))
	r.BenignAbove = c.benignAbove()
	hits := make([]bool, len(c.order)*len(c.names))
	for i, id := range c.order {
		a := c.alerts[id]
		out := Alert{Alert: a, Attacks: []string{}}
		for _, n := range c.hits(&a) {
			out.Hit, out.Attacks = true, append(out.Attacks, c.names[n])
			hits[i*len(c.names)+int(n)] = true
		}
		if !out.Hit {
			r.FalseAlerts++
		}
		r.Alerts = append(r.Alerts, out)
	}
	r.FalseAlertsPerHour = Figure(math.NaN())
	if r.Hours > 0 {
		r.FalseAlertsPerHour = Figure(float64(r.FalseAlerts) / r.Hours)
	}
	r.Detection = c.detection(r.Alerts, func(int16) bool { return true }, func(i int) bool { return r.Alerts[i].Hit })
	for n, name := range c.names {
		mine := func(attack int16) bool { return attack == int16(n) }
		a := Attack{Name: name, ROCAUC: Rank(c.samples(mine)).ROCAUC}
		a.Detection = c.detection(r.Alerts, mine, func(i int) bool { return hits[i*len(c.names)+n] })
		c.count(&a, mine)
		r.ByAttack = append(r.ByAttack, a)
	}
	return r
}

// samples returns the benign packets and those of the selected attacks.
func (c *Capture) samples(want func(attack int16) bool) []Sample {
	out := make([]Sample, 0, len(c.packets))
	for _, p := range c.packets {
		if p.attack < 0 || want(p.attack) {
			out = append(out, Sample{p.score, p.attack >= 0})
		}
	}
	return out
}

func (c *Capture) benignAbove() Figure {
	benign, above := 0, 0
	for _, p := range c.packets {
		if p.attack >= 0 {
			continue
		}
		benign++
		if p.score >= Calibrated {
			above++
		}
	}
	return Figure(float64(above) / float64(benign)) // 0/0 is NaN: nothing to measure
}

func (c *Capture) count(a *Attack, mine func(int16) bool) {
	var first, last models.Timestamp
	for _, p := range c.packets {
		if p.attack < 0 || !mine(p.attack) {
			continue
		}
		if a.Count++; a.Count == 1 {
			first, last = p.ts, p.ts
		}
		first, last = min(first, p.ts), max(last, p.ts)
		if p.score >= c.threshold {
			a.Above++
		}
	}
	a.Lasted = Figure(time.Duration(last - first).Seconds())
}

// detection determines when the attacks selected by mine were detected; hit
// selects the alerts about them.
func (c *Capture) detection(alerts []Alert, mine func(int16) bool, hit func(i int) bool) Detection {
	d := Detection{AfterPackets: Figure(math.NaN()), AfterSeconds: Figure(math.NaN())}
	first, at := models.Timestamp(math.MaxInt64), models.Timestamp(math.MaxInt64)
	for _, p := range c.packets {
		if p.attack >= 0 && mine(p.attack) {
			first = min(first, p.ts)
			if p.score >= c.threshold {
				at = min(at, p.ts)
			}
		}
	}
	for i := range alerts {
		if !hit(i) {
			continue
		}
		d.Detected = true
		if ts := alerts[i].TS; ts >= first {
			at = min(at, ts)
		}
	}
	if !d.Detected || at == math.MaxInt64 {
		return d
	}
	n := 0
	for _, p := range c.packets {
		if p.attack >= 0 && mine(p.attack) && p.ts <= at {
			n++
		}
	}
	d.AfterPackets, d.AfterSeconds = Figure(n), Figure(time.Duration(at-first).Seconds())
	return d
}
