//go:build !race

// One goroutine and many points: slow with the race detector, without benefit.

package points

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/engine/hst"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
)

// source returns the next point of a synthetic table with the difficulties of real ones, and
// whether it is an attack. The point is valid until the next call.
type source func() (x []float64, attack bool)

// telemetry has nine columns of integers, not ordered by time: sums and differences of a few
// measurements, rare spikes a thousand times the typical value, and clusters of attacks that
// are 7 % of all points.
func telemetry(rnd *rand.Rand) source {
	levels := []float64{37, 37, 41, 43, 44, 45, 46, 49, 50, 53, 54, 55, 56}
	gaps := []float64{2, 2, 2, 8, 14, 22, 26}
	spike := func() float64 {
		switch u := rnd.Float64(); {
		case u < .002:
			return 1500 * rnd.NormFloat64()
		case u < .75:
			return 0
		}
		return 3 * rnd.NormFloat64()
	}
	x := make([]float64, 9)
	return func() ([]float64, bool) {
		x[0], x[1], x[3], x[5] = levels[rnd.IntN(len(levels))], spike(), spike(), 12*rnd.NormFloat64()
		x[2] = 76 + math.Abs(3*rnd.NormFloat64())
		if rnd.Float64() < .2 {
			x[2] += 15 + 5*rnd.NormFloat64()
		}
		x[4] = x[0] - gaps[rnd.IntN(len(gaps))] + 2*rnd.NormFloat64()
		u := rnd.Float64()
		switch {
		case u < .067:
			x[0] = 76 + 8*rnd.ExpFloat64()
			x[2], x[4] = x[0]+3+3*rnd.ExpFloat64(), -4+12*rnd.NormFloat64()
		case u < .07:
			x[1], x[4] = 60+300*rnd.ExpFloat64(), x[4]-10+15*rnd.NormFloat64()
		case u < .072:
			x[3], x[2] = 30+200*rnd.ExpFloat64(), x[2]+10
		}
		x[6], x[7] = x[2]-x[0], x[2]-x[4]
		x[8] = x[7] - x[6]
		for i := range x {
			x[i] = math.Round(x[i])
		}
		return x, u < .072
	}
}

// terrain has ten columns that drift slowly, and bursts of attacks that are low in the first
// column and slightly anomalous in four others.
func terrain(rnd *rand.Rand) source {
	height, far, left := 2850.0, 2300.0, 0
	x := make([]float64, 10)
	return func() ([]float64, bool) {
		height += 1.2*rnd.NormFloat64() + (2850-height)*2e-4
		far *= math.Exp(.002*rnd.NormFloat64() + (2300/far-1)*2e-4)
		if left--; left < 0 && rnd.Float64() < 2e-4 {
			left = 30 + rnd.IntN(100)
		}
		attack := left > 0 && rnd.Float64() < .7
		side, slope := 360*rnd.Float64(), math.Abs(12+7*rnd.NormFloat64())
		x[0], x[3], x[5], x[9] = height+120*rnd.NormFloat64(), 270*rnd.ExpFloat64(), far*(.2+1.6*rnd.Float64()), far*(.16+1.3*rnd.Float64())
		if attack {
			slope, side = math.Abs(18+9*rnd.NormFloat64()), math.Mod(857+80*rnd.NormFloat64(), 360)
			x[0], x[3], x[5], x[9] = 2223+100*rnd.NormFloat64(), 106*rnd.ExpFloat64(), 914+350*rnd.NormFloat64(), 859+500*rnd.NormFloat64()
		}
		x[1], x[2], x[4] = side, slope, x[3]*(.2+.1*rnd.NormFloat64())
		sin, cos := math.Sincos(side * math.Pi / 180)
		x[6] = min(254, 220+slope*(1.5*sin-.5)+5*rnd.NormFloat64())
		x[7] = min(254, 225-slope*.6*cos+5*rnd.NormFloat64())
		x[8] = min(254, max(0, 140-slope*1.7*sin+8*rnd.NormFloat64()))
		return x, attack
	}
}

// bursts has three columns and bursts of about a thousand nearly equal attacks, not far from
// the typical range.
func bursts(rnd *rand.Rand) source {
	left, at := 0, make([]float64, 3)
	x := make([]float64, 3)
	return func() ([]float64, bool) {
		if left--; left < 0 && rnd.Float64() < 3e-5 {
			left = 500 + rnd.IntN(1500)
			at[0], at[1], at[2] = 2*rnd.NormFloat64(), 9+rnd.Float64(), 8+rnd.Float64()
		}
		attack := left > 0 && rnd.Float64() < .8
		for i := range x {
			x[i] = 2*float64(rnd.IntN(3)) + rnd.NormFloat64()
			if attack {
				x[i] = at[i] + .02*rnd.NormFloat64()
			}
		}
		return x, attack
	}
}

// TestTables evaluates all tables with the default configuration, in file order.
func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		source func(*rand.Rand) source
		points int
		floor  float64 // of ROC-AUC; the log has the measured one
	}{
		"a fourteenth are attacks":         {telemetry, 49_000, .99},
		"drift, and attacks in bursts":     {terrain, 100_000, .96},
		"thousands of attacks in a series": {bursts, 150_000, .99},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := c.source(rand.New(rand.NewPCG(11, 3)))
			x, _ := next()
			d, list := detector(t, hst.ModeDefault, len(x)), []measure.Sample{}
			for i := range c.points {
				x, attack := next()
				if s, _ := d.ScoreLearn(x); i >= window {
					list = append(list, measure.Sample{Score: s, Attack: attack})
				}
			}
			r := measure.Rank(list)
			t.Logf("ROC-AUC %s, average precision %s, %d attacks", r.ROCAUC.Text(4), r.AveragePrecision.Text(3), r.Attacks)
			if !(float64(r.ROCAUC) >= c.floor) {
				t.Errorf("ROC-AUC %s, want %.2f", r.ROCAUC.Text(4), c.floor)
			}
		})
	}
}
