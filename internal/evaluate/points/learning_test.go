//go:build !race

// One goroutine and many points: slow with the race detector, without benefit.

package points

import (
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/hst"
)

// TestAttackIsNotLearned: ten windows of one attack point, alone or among benign points, do
// not make it typical.
func TestAttackIsNotLearned(t *testing.T) {
	attack := []float64{.03, .1, 9, 10, 100, 5e4}
	for name, every := range map[string]int{"alone": 1, "one of four": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(2) {
				d, b := detector(t, hst.ModeDefault, columns), newBenign(seed)
				before := quantile(feed(d, b, 3*window)[2*window:], .99)
				for i := range 10 * window * every {
					if i%every == 0 {
						d.ScoreLearn(attack)
					} else {
						d.ScoreLearn(b.next())
					}
				}
				score := d.Score(attack)
				after := quantile(feed(d, b, window), .99)
				t.Logf("attack %.2f, benign 99th percentile %.2f before, %.2f after", score, before, after)
				if score <= before || score <= after {
					t.Errorf("seed %d: after ten windows the attack scores %.2f, benign reach %.2f (99th percentile)", seed, score, after)
				}
			}
		})
	}
}

// driftWindows is the number of windows within which benign drift must be learned.
const driftWindows = 3

// TestDriftIsLearned: a few windows after a change of all columns, points are as rarely
// anomalous as before.
func TestDriftIsLearned(t *testing.T) {
	for seed := range uint64(3) {
		d, b := detector(t, hst.ModeDefault, columns), newBenign(seed)
		limit := quantile(feed(d, b, 4*window)[2*window:], .999)
		b.shift = 6
		at := share(feed(d, b, window/8), limit)
		feed(d, b, driftWindows*window-window/8)
		later := share(feed(d, b, window), limit)
		t.Logf("above the limit: %.3f at first, %.4f after %d windows", at, later, driftWindows)
		if at < .5 {
			t.Errorf("seed %d: only %.3f of the changed points are anomalous at first: the drift of this test is too small", seed, at)
		}
		if later > .005 {
			t.Errorf("seed %d: %.4f of the points still exceed the former 99.9th percentile", seed, later)
		}
	}
}

// TestSlowRamp: an attacker who departs from the typical range in small steps over twenty
// windows is anomalous at the end.
func TestSlowRamp(t *testing.T) {
	for seed := range uint64(3) {
		d, b := detector(t, hst.ModeDefault, columns), newBenign(seed)
		limit := quantile(feed(d, b, 4*window)[2*window:], .99)
		x := make([]float64, columns)
		var last []float64
		const steps = 20 * window
		for i := range steps {
			if i%50 != 0 {
				d.ScoreLearn(b.next())
				continue
			}
			copy(x, b.next())
			x[1] += 3 * float64(i) / steps // its unit is .1
			x[3] += 300 * float64(i) / steps
			if s, _ := d.ScoreLearn(x); i > steps*9/10 {
				last = append(last, s)
			}
		}
		t.Logf("at the end %.2f of its points exceed the 99th percentile of benign points", share(last, limit))
		if share(last, limit) < .5 {
			t.Errorf("seed %d: at the end only %.2f of its points alert", seed, share(last, limit))
		}
	}
}

// TestAttribution: if one column makes a point anomalous, it has the largest contribution.
func TestAttribution(t *testing.T) {
	first, trials := 0, 0
	out := make([]float64, columns)
	for seed := range uint64(4) {
		d, b := detector(t, hst.ModeDefault, columns), newBenign(seed)
		feed(d, b, 2*window)
		unit := .01
		for c := range columns {
			for i := range 60 {
				x := b.next()
				x[c] = unit * (12 + float64(i%7))
				if i%2 == 0 {
					x[c] = -x[c]
				}
				if c == 5 {
					x[c] *= 50
				}
				d.Attribute(x, out)
				if trials++; slices.Max(out) == out[c] {
					first++
				}
			}
			unit *= 10
		}
	}
	got := float64(first) / float64(trials)
	t.Logf("largest contribution in %.3f of %d points", got, trials)
	if got < .98 {
		t.Errorf("the column has the largest contribution in %.3f of %d points, want .98", got, trials)
	}
}
