package measure

import (
	"cmp"
	"math"
	"slices"
)

// Sample is a scored point with its label.
type Sample struct {
	Score  float64 // higher is more anomalous
	Attack bool
}

// Ranking measures how well scores rank attacks above benign points. Both figures are NaN if
// one of the two classes is absent.
type Ranking struct {
	// ROCAUC is the probability that a random attack scores above a random benign
	// point; ties count half (Mann–Whitney).
	ROCAUC Figure `json:"roc_auc"`
	// AveragePrecision is Σ (recall_i − recall_{i−1})·precision_i over the thresholds
	// in descending order of scores; points with equal scores share one threshold.
	AveragePrecision Figure `json:"average_precision"`
	Attacks          int    `json:"attacks"`
	Benign           int    `json:"benign"`
}

// Rank computes both figures. It sorts samples by descending score. Scores must
// not be NaN.
func Rank(samples []Sample) Ranking {
	slices.SortFunc(samples, func(a, b Sample) int { return cmp.Compare(b.Score, a.Score) })
	attacks := 0
	for _, s := range samples {
		if s.Attack {
			attacks++
		}
	}
	r := Ranking{ROCAUC: Figure(math.NaN()), AveragePrecision: Figure(math.NaN()), Attacks: attacks, Benign: len(samples) - attacks}
	if r.Attacks == 0 || r.Benign == 0 {
		return r
	}
	// hits and misses are the attacks and benign points above the threshold; area counts
	// pairs in which the attack scores higher.
	hits, misses, area, precision := 0, 0, 0.0, 0.0
	for i := 0; i < len(samples); {
		h, m := 0, 0
		for score := samples[i].Score; i < len(samples) && samples[i].Score == score; i++ {
			if samples[i].Attack {
				h++
			} else {
				m++
			}
		}
		area += float64(m) * (float64(hits) + float64(h)/2)
		hits, misses = hits+h, misses+m
		precision += float64(h) * float64(hits) / float64(hits+misses)
	}
	r.ROCAUC = Figure(area / (float64(r.Attacks) * float64(r.Benign)))
	r.AveragePrecision = Figure(precision / float64(r.Attacks))
	return r
}
