package points

import (
	"math"

	"github.com/netlyra/netlyra/engine/hst"
)

// classic is one forest as published, over values scaled by the range seen so far. The
// paper assumes known ranges; River leaves scaling to the user and recommends
// this method in its manual. A growing range shifts learned points, which is rare after
// the first windows.
type classic struct {
	forest    *hst.Forest
	low, high []float64
	place     []float64
}

func newClassic(cfg Config) (*classic, error) {
	f, err := hst.New(cfg.forest(cfg.Columns, cfg.Seed))
	if err != nil {
		return nil, err
	}
	n := cfg.Columns
	c := &classic{forest: f, low: make([]float64, n), high: make([]float64, n), place: make([]float64, n)}
	for i := range n {
		c.low[i], c.high[i] = math.Inf(1), math.Inf(-1)
	}
	return c, nil
}

func (c *classic) ScoreLearn(x []float64) (score float64, scored bool) {
	for i := range c.low {
		if v := at(x, i); v == v {
			c.low[i], c.high[i] = min(c.low[i], v), max(c.high[i], v)
		}
	}
	scored = c.forest.Ready()
	return c.forest.ScoreLearn(c.scaled(x)), scored
}

func (c *classic) Score(x []float64) float64 { return c.forest.Score(c.scaled(x)) }

func (c *classic) Attribute(x, out []float64) { c.forest.Attribute(c.scaled(x), out) }

// scaled returns x between 0 and 1; missing values and constant columns are in
// the middle.
func (c *classic) scaled(x []float64) []float64 {
	for i := range c.low {
		c.place[i] = 0.5
		if v := at(x, i); v == v && c.high[i] > c.low[i] {
			c.place[i] = (v - c.low[i]) / (c.high[i] - c.low[i])
		}
	}
	return c.place
}

// mostValue limits values, so that neither ranges nor their inverses overflow.
const mostValue = 1e100

// at returns column i of x within the limit; NaN if it is missing.
func at(x []float64, i int) float64 {
	if i >= len(x) || x[i] != x[i] {
		return math.NaN()
	}
	return min(max(x[i], -mostValue), mostValue)
}
