package hours

import (
	"math"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/models"
)

// judge compares alerts and scores with an attack. scores are those of the attack's frames,
// rest those of the ordinary packets since its start.
func judge(alerts []*models.Alert, a *attack, b *background, scores, rest []float64) *AttackRun {
	none := measure.Figure(math.NaN())
	r := &AttackRun{Seed: b.hour.Seed, Kinds: []string{}, Seconds: none, Packets: none, Top: measure.Figure(slices.Max(scores))}
	who := a.ends.attackers(&a.known, b.ends)
	want := fits(a.known.kind)
	first := models.Timestamp(math.MaxInt64)
	for _, alert := range alerts {
		if alert.LastTS < a.begin() || alert.TS > a.end()+models.Timestamp(slack) || !who.named(alert) {
			continue
		}
		r.Found, r.Alerts = true, r.Alerts+1
		first = min(first, alert.TS)
		if !slices.Contains(r.Kinds, alert.Kind) {
			r.Kinds = append(r.Kinds, alert.Kind)
		}
		r.Named = r.Named || slices.Contains(want, alert.Kind)
	}
	if r.Found {
		r.Seconds = measure.Figure(max(0, time.Duration(first-a.begin()).Seconds()))
		n, _ := slices.BinarySearch(a.times, first+1)
		r.Packets = measure.Figure(max(1, n))
	}
	r.ROCAUC = auc(scores, b.before, rest)
	return r
}

// auc returns the probability that a random score of an attack is above a random one of
// ordinary traffic, which is given in two parts, the first ascending; ties count half. It sorts
// the others.
func auc(attack, sorted, rest []float64) measure.Figure {
	slices.Sort(attack)
	slices.Sort(rest)
	below := 0.0
	for i := 0; i < len(attack); {
		score, n := attack[i], 0
		for ; i < len(attack) && attack[i] == score; i++ {
			n++
		}
		for _, part := range [][]float64{sorted, rest} {
			lo, _ := slices.BinarySearch(part, score)
			hi, _ := slices.BinarySearch(part, math.Nextafter(score, 2))
			below += float64(n) * float64(lo+hi) / 2
		}
	}
	return measure.Figure(below / float64(len(attack)) / float64(len(sorted)+len(rest)))
}
