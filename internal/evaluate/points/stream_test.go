package points

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/hst"
)

// benign generates points with six columns in three clusters. Units differ by powers of ten,
// and one column has a heavy tail.
type benign struct {
	rnd   *rand.Rand
	shift float64 // added to every column, in standard deviations
	x     []float64
}

const columns = 6

func newBenign(seed uint64) *benign {
	return &benign{rnd: rand.New(rand.NewPCG(seed, 1)), x: make([]float64, columns)}
}

func (b *benign) next() []float64 {
	cluster := float64(b.rnd.IntN(3))
	unit := 0.01
	for i := range b.x {
		b.x[i] = unit * (cluster*float64(i%3) + 0.4*(b.rnd.NormFloat64()+b.shift))
		unit *= 10
	}
	b.x[5] += unit * b.rnd.ExpFloat64() * b.rnd.ExpFloat64()
	return b.x
}

func detector(t *testing.T, mode hst.Mode, n int) Detector {
	t.Helper()
	d, err := New(DefaultConfig(mode, n))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// feed streams n benign points and returns their scores.
func feed(d Detector, b *benign, n int) (scores []float64) {
	for range n {
		if s, scored := d.ScoreLearn(b.next()); scored {
			scores = append(scores, s)
		}
	}
	return scores
}

// quantile returns a quantile of scores, which it sorts.
func quantile(scores []float64, q float64) float64 {
	slices.Sort(scores)
	return scores[int(q*float64(len(scores)-1))]
}

// share returns the share of scores above limit.
func share(scores []float64, limit float64) float64 {
	n := 0
	for _, s := range scores {
		if s > limit {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}

const window = 4096
