package points

import "math"

// gate decides which points are learned. It follows a quantile of the scores in small
// steps, so that a burst of points above it moves it only a little.
type gate struct {
	at       float64 // the quantile, in bits
	quantile float64
	step     float64
	leak     float64
	leaked   float64 // fraction of the next point that leaks
	rate     float64 // credit that a cell regains with each point of the stream
	cells    [gateCells]cell
	seen     uint64
}

// cell is a small region of the space with gated points.
type cell struct {
	key    uint64
	credit float64
	last   uint64 // value of seen when credit was updated
}

const (
	gateCells  = 1024
	cellCredit = 4 // maximum credit of a cell, in points
)

// pass reports whether a point with this score in this cell is learned.
func (g *gate) pass(score float64, key uint64) bool {
	g.seen++
	if score <= g.at {
		g.at -= g.step * (1 - g.quantile)
		return true
	}
	if !g.counts(key) {
		return false
	}
	g.at += g.step * g.quantile
	if g.leaked += g.leak; g.leaked < 1 {
		return false
	}
	g.leaked--
	return true
}

// counts reports whether the cell has credit left.
func (g *gate) counts(key uint64) bool {
	c := &g.cells[key%gateCells]
	if c.key != key {
		*c = cell{key: key, credit: cellCredit, last: g.seen}
	}
	c.credit = math.Min(cellCredit, c.credit+g.rate*float64(g.seen-c.last))
	c.last = g.seen
	if c.credit < 1 {
		return false
	}
	c.credit--
	return true
}
