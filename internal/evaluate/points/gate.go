package points

import "math"

// gate decides what is learned. It follows a quantile of the scores of points that may
// move it, by small steps: a hundred points above it move it as far as they would all
// by themselves, and no further.
type gate struct {
	at       float64 // the quantile, in bits
	quantile float64
	step     float64
	leak     float64
	leaked   float64 // part of a point that may leak next
	rate     float64 // points that a cell gets back with each point of the stream
	cells    [gateCells]cell
	seen     uint64
}

// cell is a small region of the space out of which gated points came.
type cell struct {
	key    uint64
	credit float64
	last   uint64 // value of seen when credit was worked out
}

const (
	gateCells  = 1024
	cellCredit = 4 // points that a cell may give at once
)

// pass tells whether a point of this score, out of this cell, may be learned.
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

// counts tells whether the cell has not given all that it may.
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
