package measure

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Learner scores a point with the model of all earlier points, then learns it. scored is false
// while the model is untrained.
type Learner interface {
	ScoreLearn(x []float64) (score float64, scored bool)
}

// Order returns the row at each position of a stream: file order, or shuffled by a seed.
func (t *Table) Order(shuffled bool, seed uint64) []int {
	if shuffled {
		return rand.New(rand.NewPCG(seed, 0x6f72646572)).Perm(t.Rows())
	}
	order := make([]int, t.Rows())
	for i := range order {
		order[i] = i
	}
	return order
}

// Prequential streams the rows of t through l in that order and ranks their scores.
// The first skip points and those without a score are excluded. scores contains the score of
// each row of the table, or NaN if it was excluded.
func Prequential(ctx context.Context, l Learner, t *Table, order []int, skip int) (scores []float64, r Ranking, err error) {
	scores = make([]float64, t.Rows())
	list := make([]Sample, 0, len(order))
	for i, row := range order {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, r, ctx.Err()
		}
		score, scored := l.ScoreLearn(t.Row(row))
		if !scored || i < skip {
			scores[row] = math.NaN()
			continue
		}
		scores[row] = score
		list = append(list, Sample{score, t.Attack[row]})
	}
	return scores, Rank(list), nil
}

// PointsResult is the result of a table of points with several seeds.
type PointsResult struct {
	Table            string `json:"table"`
	Mode             string `json:"mode"`
	Order            string `json:"order"`
	Seeds            int    `json:"seeds"`
	Points           int    `json:"points"`
	Columns          int    `json:"columns"`
	Attacks          int    `json:"attacks"`
	Excluded         int    `json:"left_out"` // points of the first window, which are not measured
	ROCAUC           Spread `json:"roc_auc"`
	AveragePrecision Spread `json:"average_precision"`

	Runs []Ranking `json:"runs"` // one per seed, from 1
}

// Sum computes the spreads over the runs.
func (r *PointsResult) Sum() {
	roc, ap := make([]Figure, len(r.Runs)), make([]Figure, len(r.Runs))
	for i, run := range r.Runs {
		roc[i], ap[i] = run.ROCAUC, run.AveragePrecision
	}
	r.ROCAUC, r.AveragePrecision = SpreadOf(roc), SpreadOf(ap)
}

// String returns the result as text.
func (r *PointsResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d points of %d columns, %d of them attacks\n", r.Table, r.Points, r.Columns, r.Attacks)
	fmt.Fprintf(&b, "mode %s, order %s, first %d points excluded, mean ± sd of %d seeds\n", r.Mode, r.Order, r.Excluded, r.Seeds)
	fmt.Fprintf(&b, "ROC-AUC            %s\n", r.ROCAUC)
	fmt.Fprintf(&b, "average precision  %s\n", r.AveragePrecision)
	return b.String()
}
